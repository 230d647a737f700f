package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/appeal"
	"tongban/internal/courier"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// kept is what the database holds, by what was written. A number counts how often.
type kept struct {
	Appeals map[string]string // text → id, number and person
	Words   map[string]int    // appeal, act and text of each line of history
	Trail   map[string]int    // object and act
	Letters map[string]int    // object and topic
	Inbox   map[string]int    // object and person
	Notices map[string]int    // id and number
	Keys    map[string]int    // idempotency keys that have an answer
	Numbers map[string]int
}

// read reads everything that this test's writers wrote.
func readKept(t *testing.T, s *store.Store) kept {
	t.Helper()
	k := kept{
		map[string]string{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{},
	}
	db := s.Read(t.Context())
	var appeals []appeal.Appeal
	var events []appeal.Event
	var letters []store.Letter
	var inbox []courier.Message
	var trail []struct{ Object, Act string }
	var notices []struct{ ID, Number string }
	var keys []string
	for _, err := range []error{
		db.Find(&appeals).Error, db.Find(&events).Error, db.Where("kind = ?", "appeal").Find(&letters).Error, db.Find(&inbox).Error,
		db.Table("trail").Select("object, act").Where("kind IN ?", []string{"appeal", "notice"}).Find(&trail).Error,
		db.Table("notices").Select("id, number").Find(&notices).Error,
		db.Table("idempotency").Where("answer IS NOT NULL").Pluck("idem_key", &keys).Error,
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range appeals {
		text := unseal(t, s, "appeals", a.ID, a.Text)
		if twin, twice := k.Appeals[text]; twice {
			t.Errorf("%s was kept twice: %s and %s", text, twin, a.ID)
		}
		k.Appeals[text] = a.ID + " " + a.Number + " " + a.Applicant
		k.Numbers[a.Number]++
	}
	for _, e := range events {
		k.Words[e.Appeal+" "+string(e.Act)+" "+unseal(t, s, "appeal_events", e.ID, e.Text)]++
	}
	for _, l := range letters {
		k.Letters[l.Object+" "+l.Topic]++
		if l.Status == store.LetterStuck {
			t.Errorf("a letter is stuck: %s", l.LastError)
		}
	}
	for _, m := range inbox {
		k.Inbox[m.Object+" "+m.Person]++
	}
	for _, r := range trail {
		k.Trail[r.Object+" "+r.Act]++
	}
	for _, n := range notices {
		k.Notices[n.ID+" "+n.Number]++
		k.Numbers[n.Number]++
	}
	for _, key := range keys {
		k.Keys[key]++
	}
	return k
}

func unseal(t *testing.T, s *store.Store, table, row string, sealed []byte) string {
	t.Helper()
	if len(sealed) == 0 {
		return ""
	}
	plain, err := s.Keys().Open(secret.Where{Table: table, Column: "text", Row: row}, sealed)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// wanted is what must be there once these deeds are done; who says whose id a writer has.
func wanted(deeds []*deed, persons map[*deed]string) kept {
	k := kept{
		map[string]string{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{},
	}
	for _, d := range deeds {
		made := d.told()
		k.Keys[d.key]++
		switch d.kind {
		case "submit":
			k.Appeals[d.words] = made.ID + " " + made.Number + " " + persons[d]
			k.Words[made.ID+" submit "]++
			k.Trail[made.ID+" appeal.submit"]++
			k.Letters[made.ID+" appeal.submit"]++
			k.Inbox[made.ID+" "+persons[d]]++
			k.Numbers[made.Number]++
		case "urge", "supplement":
			k.Words[d.appeal+" "+d.kind+" "+d.words]++
			k.Trail[d.appeal+" appeal."+d.kind]++
			k.Letters[d.appeal+" appeal."+d.kind]++
		case "notice":
			k.Notices[made.ID+" "+made.Number]++
			k.Trail[made.ID+" notice.make"]++
			k.Numbers[made.Number]++
		}
	}
	return k
}

// persons tells which resident did each deed.
func (c crew) persons(t *testing.T, s *store.Store) map[*deed]string {
	t.Helper()
	ids := map[*deed]string{}
	for _, w := range c {
		var id []string
		index := s.Keys().Index("wechat", fmt.Sprintf("demo-writer%d", w.number))
		if err := s.Read(t.Context()).Table("persons").Where("wechat_index = ?", index).Pluck("id", &id).Error; err != nil || len(id) != 1 {
			t.Fatalf("writer %d is registered as %v, %v", w.number, id, err)
		}
		for _, d := range w.deeds {
			ids[d] = id[0]
		}
	}
	return ids
}

// checkAcknowledged looks, straight after a kill and before anything is sent again, whether every acknowledged write is
// there. It answers how many letters the dead courier had in its hands.
func (c crew) checkAcknowledged(t *testing.T, in installation) (held int) {
	t.Helper()
	s := in.open(t)
	defer s.Close()
	var known []*deed
	for _, d := range c.all() {
		if d.final() {
			known = append(known, d)
		}
	}
	got, want := readKept(t, s), wanted(known, c.persons(t, s))
	want.Inbox = nil // letters may be under way
	for text, row := range want.Appeals {
		if got.Appeals[text] != row {
			t.Errorf("%s was acknowledged as %s, and is %q", text, row, got.Appeals[text])
		}
	}
	among(t, "history", want.Words, got.Words)
	among(t, "trail", want.Trail, got.Trail)
	among(t, "outbox", want.Letters, got.Letters)
	among(t, "notices", want.Notices, got.Notices)
	among(t, "keys", want.Keys, got.Keys)
	for number, times := range got.Numbers {
		if times != 1 {
			t.Errorf("%s was given %d times", number, times)
		}
	}
	return waiting(t, s, "status = ? AND lease_owner <> ? AND lease_until IS NOT NULL", store.LetterWaiting, "")
}

func among(t *testing.T, where string, want, got map[string]int) {
	t.Helper()
	for what, times := range want {
		if got[what] < times {
			t.Errorf("%s: %s is there %d times, want at least %d", where, what, got[what], times)
		}
	}
}

// checkAll compares exactly, once everything is final and delivered: nothing lost, nothing doubled, nothing else.
func (c crew) checkAll(t *testing.T, s *store.Store) {
	t.Helper()
	got, want := readKept(t, s), wanted(c.all(), c.persons(t, s))
	for key := range got.Keys { // the writers' first words about themselves have keys too
		if want.Keys[key] == 0 && got.Keys[key] == 1 {
			delete(got.Keys, key)
		}
	}
	var differ []string
	for line := range strings.Lines(cmp.Diff(want, got)) {
		if strings.HasPrefix(line, "-") || strings.HasPrefix(line, "+") {
			differ = append(differ, line)
		}
	}
	if n := len(differ); n > 0 {
		t.Errorf("%d differences (- wanted, + kept):\n%s", n, strings.Join(differ[:min(n, 40)], ""))
	}
}
