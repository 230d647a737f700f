package courier

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/county/standin"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// TestAChannelWithAPlanOfItsOwn: its waits count, its refusal ends the letter at once, and other channels keep their own.
func TestAChannelWithAPlanOfItsOwn(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	var failing error
	c.Handle("count", "*", counter(t, s))
	plan := func(err error, attempts int, age time.Duration) (time.Duration, bool) {
		return time.Hour * time.Duration(attempts), !errors.Is(err, errDown)
	}
	c.SendBy("county", "case.*", plan, time.Minute, func(ctx context.Context, _ store.Letter) error {
		if end, ok := ctx.Deadline(); !ok || time.Until(end) < 30*time.Second {
			t.Error("the attempt is cut short")
		}
		return failing
	})
	failing = errors.New("busy")
	id := emit(t, s, "case.submit", "o1")
	for attempts := 1; attempts < 4; attempts++ {
		pass(t, c)
		l := letter(t, s, id)
		if wait := l.NextAt.Sub(s.Clock().Now().Truncate(time.Second)); wait != time.Duration(attempts)*time.Hour || l.Status != store.LetterWaiting {
			t.Errorf("after %d attempts it waits %v and is %s", attempts, wait, l.Status)
		}
		s.Clock().Set(l.NextAt)
	}
	failing = errDown
	pass(t, c)
	wantStatus(t, s, id, store.LetterStuck)
	other := emit(t, s, "toy.make", "o2") // no business of the county's
	pass(t, c)
	wantStatus(t, s, other, store.LetterDone)
	failing = nil
	if _, err := NewLetters(s).Release(t.Context(), access.Actor{Person: "admin", Role: access.SystemAdmin, Area: "219901"}, id); err != nil {
		t.Fatal(err)
	}
	pass(t, c)
	wantStatus(t, s, id, store.LetterDone)
	if n := count(t, s, "effects"); n != 2 {
		t.Errorf("%d effects of two letters", n)
	}
}

// TestALetterOutlivesTheCountysOutage: three days less an hour without a county, then the letter arrives, once; what the county refuses is a
// person's at once, and stops no other letter.
func TestALetterOutlivesTheCountysOutage(t *testing.T) {
	s := storetest.Open(t)
	keys, err := county.ParseKeys("k1:0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := county.ReadMapping(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	fake := standin.New(keys, mapping, s.Clock())
	if err := fake.Play(standin.Script{Requests: []standin.Trouble{{Do: standin.Down, For: "71h"}, {Do: standin.Lost}}}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	client, err := county.NewClient(county.Options{URL: server.URL, Keys: keys, Mapping: mapping, Clock: s.Clock(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	c := calm(s, "a")
	c.SendBy("county", "case.*", county.Plan, county.Attempt, func(ctx context.Context, l store.Letter) error {
		submission := contract.Submission(l.Object, l.CreatedAt)
		if l.Object == "BJ2" {
			submission.Papers[0].SHA256 = ""
		}
		_, err := client.Submit(ctx, l.ID, submission)
		return err
	})
	good, bad := emit(t, s, "case.submit", "BJ1"), emit(t, s, "case.submit", "BJ2")
	begun, tries := s.Clock().Now(), 0
	for ; letter(t, s, good).Status == store.LetterWaiting && tries < 100; tries++ {
		pass(t, c)
		s.Clock().Set(later(s.Clock().Now(), letter(t, s, good).NextAt))
	}
	wantStatus(t, s, good, store.LetterDone)
	if took := s.Clock().Since(begun); took < 71*time.Hour || took > 84*time.Hour || tries > 50 || len(fake.Standings()) != 1 {
		t.Errorf("after %v and %d tries the county has %d cases", took, tries, len(fake.Standings()))
	}
	wantStatus(t, s, bad, store.LetterStuck)
	if l := letter(t, s, bad); l.Attempts != 1 || l.LastError != "county: county.needs_human" {
		t.Errorf("%d attempts, %q", l.Attempts, l.LastError)
	}
}
