package main

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tongban/internal/store"
)

var crashRounds = flag.Int("crash.rounds", 3, "how often TestCrash kills the program")

const (
	writers = 16
	// perRound bounds what one writer does before the kill: fewer than a person may do in a minute, and than he may hand
	// in in a day. Each round has new people.
	perRound = 60
	// extraRounds are added when kills came after the writing, or none has met the courier with a letter in its hands.
	extraRounds = 10
)

// TestCrash kills the program, again and again, in the middle of sixteen people's writing. Whatever was acknowledged is
// there at once; whatever was not is sent again with its key, and is there once in the end. The same for every message
// that the courier had claimed and not delivered.
func TestCrash(t *testing.T) {
	t.Parallel()
	// Each writer has an address of his own, as behind a proxy: the limits of one address are not what is tried here.
	// The base URL is the tokens' issuer, and must outlive a port.
	in := install(t, "TONGBAN_TRUSTED_PROXIES", "127.0.0.1", "TONGBAN_REDIS", "", "TONGBAN_BASE_URL", "http://tongban.test")
	var everybody crew
	held, struck := 0, 0
	for round := 0; (struck < *crashRounds || held == 0) && round < *crashRounds+extraRounds; round++ {
		p := in.child(t, "UTC")
		people := hire(round)
		everybody = append(everybody, people...)
		everybody.face(t, p)
		everybody.settle(t)
		writing := make(chan struct{})
		go func() {
			defer close(writing)
			people.each(func(w *writer) { w.work(t) })
		}()
		time.Sleep(200*time.Millisecond + rand.N(1300*time.Millisecond))
		p.stillRuns(t)
		p.kill()
		<-writing
		if people.cut() > 0 {
			struck++
		}
		held += everybody.checkAcknowledged(t, in)
		in.must(t, "fsck")
		in.must(t, "audit", "verify")
	}
	if struck < *crashRounds {
		t.Errorf("%d kills struck in the middle of writing, want %d", struck, *crashRounds)
	}
	if held == 0 {
		t.Error("no kill met the courier between claim and delivery")
	}

	p := in.child(t, "UTC")
	everybody.face(t, p)
	everybody.settle(t)
	everybody.repeat(t)
	everybody.track(t)
	s := in.open(t)
	defer s.Close()
	// A letter that was claimed by who is dead comes back when its lease is over: half a minute.
	if !within(leaseOver, func() bool { return waiting(t, s, "status = ?", store.LetterWaiting) == 0 }) {
		t.Error("letters are still waiting")
	}
	p.term(t)
	everybody.checkAll(t, s)
	for _, command := range []string{"fsck", "audit verify"} {
		in.must(t, strings.Fields(command)...)
	}
	t.Logf("%d writes, %d of them unknown and %d under way at a kill, %d letters held at a kill", everybody.count(), everybody.lost(), everybody.cut(), held)
}

// waiting counts letters of the outbox.
func waiting(t *testing.T, s *store.Store, condition string, args ...any) int {
	t.Helper()
	var n int64
	if err := s.Read(t.Context()).Model(&store.Letter{}).Where(condition, args...).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return int(n)
}
