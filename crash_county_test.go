package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/store"
)

// deadly is a county that has the program killed the first time that it is told something: before it did it, or after, and before the program hears of it.
type deadly struct {
	*standin.Server
	before bool
	once   sync.Once
	told   atomic.Int32  // how often
	done   chan struct{} // it is time to kill
	gone   chan struct{} // the program is gone
}

func (d *deadly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet { // what the program asks for by itself, and by night
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	d.told.Add(1)
	first := false
	d.once.Do(func() { first = true })
	if !first || d.done == nil {
		d.Server.ServeHTTP(w, r)
		return
	}
	if !d.before {
		d.Server.ServeHTTP(httptest.NewRecorder(), r)
	}
	close(d.done)
	<-d.gone
	panic(http.ErrAbortHandler)
}

const countyKey = "k1:0123456789abcdef0123456789abcdef"

// behindCounty installs the program with a county's platform; deadly says whether and when it kills.
func behindCounty(t *testing.T, d *deadly) installation {
	t.Helper()
	keys, err := county.ParseKeys(countyKey)
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := county.ReadMapping(os.DirFS("config/county"))
	if err != nil {
		t.Fatal(err)
	}
	d.Server = standin.New(keys, mapping, clock.System())
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	return install(t, "TONGBAN_REDIS", "", "TONGBAN_BASE_URL", "http://tongban.test", "TONGBAN_COUNTY_KEYS", countyKey, "TONGBAN_COUNTY_URL", server.URL)
}

// applies registers a resident, who hands a case in.
func applies(t *testing.T, p *child, code string) (id string) {
	t.Helper()
	someone := p.stranger()
	tokens := someone.post(t, "/login/wechat", 200, map[string]string{"code": code + ".1"})
	someone = someone.with(t, tokens)
	someone.post(t, "/me", 200, map[string]any{"name": "郑笔耕", "village": xinglin, "consent": map[string]string{"text_version": ofVillages}})
	someone = someone.with(t, someone.post(t, "/token", 200, map[string]any{"refresh_token": tokens.text(t, "refresh_token")}))
	id = someone.post(t, "/cases", 201, map[string]any{
		"item_id": claimItem, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": "ready"},
		"papers": []map[string]any{{"material": "id_card"}, {"material": "hukou_book"}, {"material": "ss_card"}, {"material": "application_form"}},
	}).text(t, "id")
	someone.post(t, "/cases/"+id+"/submit", 200, map[string]any{})
	return id
}

func caseRow(t *testing.T, s *store.Store, id string) (row casework.Case) {
	t.Helper()
	if err := s.Read(t.Context()).Where("id = ?", id).Take(&row).Error; err != nil {
		t.Fatal(err)
	}
	return row
}

// leaseOver is how long a letter lies that was claimed by who is dead, and some more.
const leaseOver = 4 * time.Minute

func within(limit time.Duration, is func() bool) bool {
	for end := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		if is() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// TestKilledWhileTelling: the program dies with a claimed letter in its hands, before the county did anything, and after it did and before the program could note so. It tells
// it again under the same key when the letter's lease is over: the county has the case once, and the case its number.
func TestKilledWhileTelling(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"before sending": true, "between send and mark": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &deadly{before: before, done: make(chan struct{}), gone: make(chan struct{})}
			in := behindCounty(t, d)
			p := in.child(t, "UTC")
			id := applies(t, p, "killed")
			select {
			case <-d.done:
			case <-time.After(patience):
				t.Fatal("the county was not told")
			}
			p.stillRuns(t)
			p.kill()
			close(d.gone)

			s := in.open(t)
			defer s.Close()
			there := 1
			if before {
				there = 0
			}
			if row := caseRow(t, s, id); row.CountyNumber != "" || len(d.Standings()) != there {
				t.Fatalf("the number is %q, the county has %d cases", row.CountyNumber, len(d.Standings()))
			}
			if n := waiting(t, s, "topic = ? AND status = ? AND lease_owner <> ? AND lease_until IS NOT NULL", casework.HandoverTopic, store.LetterWaiting, ""); n != 1 {
				t.Fatalf("%d letters to the county were claimed", n)
			}
			p = in.child(t, "UTC")
			within(leaseOver, func() bool { return caseRow(t, s, id).CountyNumber != "" })
			p.term(t)
			toldOnce(t, d, s, id, 2)
			in.must(t, "fsck")
			in.must(t, "audit", "verify")
		})
	}
}

// toldOnce demands that the county has the case once, and we its number and no letter more.
func toldOnce(t *testing.T, d *deadly, s *store.Store, id string, calls int32) {
	t.Helper()
	row := caseRow(t, s, id)
	if got := d.Standings(); len(got) != 1 || got[0].Number != row.CountyNumber || d.told.Load() != calls {
		t.Errorf("our number %q after %d calls, the county has %+v", row.CountyNumber, d.told.Load(), got)
	}
	var trail int64
	if err := s.Read(t.Context()).Table("trail").Where("object = ? AND act = ?", id, "case.hand_over").Count(&trail).Error; err != nil || trail != 1 {
		t.Errorf("the trail says %d times that the county was told, %v", trail, err)
	}
	if n := waiting(t, s, "topic = ? AND status <> ?", casework.HandoverTopic, store.LetterDone); n != 0 {
		t.Errorf("%d letters to the county are left", n)
	}
}

// TestKilledAfterMark: the program dies when the case knows that the county has it, and before the letter is closed. The letter comes back, and nobody is told again. Where
// the kill came too late for that, the letter's mark is taken away, as if it had not: the two are commits of their own.
func TestKilledAfterMark(t *testing.T) {
	t.Parallel()
	d := &deadly{}
	in := behindCounty(t, d)
	p := in.child(t, "UTC")
	s := in.open(t)
	defer s.Close()
	id := applies(t, p, "marked")
	for end := time.Now().Add(patience); caseRow(t, s, id).CountyNumber == "" && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	p.stillRuns(t)
	p.kill()
	var letter store.Letter
	if err := s.Read(t.Context()).Where("topic = ?", casework.HandoverTopic).Take(&letter).Error; err != nil {
		t.Fatal(err)
	}
	if letter.Status == store.LetterDone {
		err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
			if err := tx.Exec("DELETE FROM deliveries WHERE letter = ? AND channel = 'county'", letter.ID).Error; err != nil {
				return err
			}
			return tx.Table("outbox").Where("id = ?", letter.ID).UpdateColumns(map[string]any{"status": store.LetterWaiting, "done_at": nil}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	p = in.child(t, "UTC")
	within(leaseOver, func() bool { return waiting(t, s, "status = ?", store.LetterWaiting) == 0 })
	p.term(t)
	toldOnce(t, d, s, id, 1)
	in.must(t, "fsck")
	in.must(t, "audit", "verify")
}

// TestKilledWhileHearing: the program dies again and again while the county tells its news: some of it is kept and not applied, some applied and not
// answered, which the county then tells once more. Each case ends where the county decided it, every act once.
func TestKilledWhileHearing(t *testing.T) {
	t.Parallel()
	d := &deadly{}
	in := behindCounty(t, d)
	p := in.child(t, "UTC")
	s := in.open(t)
	defer s.Close()
	acts := []county.Act{county.Receive, county.Accept, county.Review, county.Suspend, county.Resume, county.Grant, county.Deliver}
	if err := d.Play(standin.Script{Decisions: [][]county.Act{acts}}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for n := range 4 {
		ids = append(ids, applies(t, p, fmt.Sprintf("heard%d", n)))
	}
	if !within(patience, func() bool {
		return len(d.Standings()) == len(ids) && waiting(t, s, "topic = ? AND status = ?", casework.HandoverTopic, store.LetterWaiting) == 0
	}) {
		t.Fatal("the county was not told")
	}
	for d.Work() > 0 {
	}
	kept := func(where string, values ...any) (n int64) {
		if err := s.Read(t.Context()).Table("county_events").Where(where, values...).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		return n
	}
	all, cut, between := int64(len(ids)*len(acts)), 0, int64(0)
	for kills := 0; kills < 3 && d.Waiting() > 0; kills++ {
		at := min(kept("1 = 1")+1+rand.N(all/2), all)
		told := make(chan error)
		go func() { told <- d.Deliver(t.Context(), p.url+base+"/county/callbacks") }()
		for end := time.Now().Add(patience); kept("1 = 1") < at && time.Now().Before(end); {
		}
		p.stillRuns(t)
		p.kill()
		if err := <-told; err != nil {
			cut++
		}
		between += kept("status = ?", county.Waiting)
		in.must(t, "fsck")
		p = in.child(t, "UTC")
	}
	if !within(patience, func() bool { return d.Deliver(t.Context(), p.url+base+"/county/callbacks") == nil }) {
		t.Error("the rest of the news is not taken")
	}
	done := within(leaseOver, func() bool { return kept("status = ?", county.Waiting) == 0 })
	p.term(t)
	if !done || kept("status = ?", county.Applied) != all || cut == 0 {
		t.Errorf("%d of %d pieces of news are applied, %d kills met the county telling", kept("status = ?", county.Applied), all, cut)
	}
	want := []string{"open", "submit"}
	for _, act := range acts {
		want = append(want, string(act))
	}
	for _, id := range ids {
		var got []string
		err := s.Read(t.Context()).Table("case_events").Where("case_id = ?", id).Order("version, id").Pluck("act", &got).Error
		if row := caseRow(t, s, id); err != nil || row.Status != casework.Delivered || !slices.Equal(got, want) {
			t.Errorf("the case is %s after %v, %v", row.Status, got, err)
		}
	}
	t.Logf("%d kills met the county telling, %d pieces of news were kept and not applied at a kill", cut, between)
	in.must(t, "fsck")
	in.must(t, "audit", "verify")
}
