package county_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/county"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func TestEventsWaitForADesk(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	kept := d.told(t, event(2, county.Receive))
	if kept.Status != county.Waiting || kept.Ref != "BJ1" || kept.Act != county.Receive || kept.Seq != 2 || kept.ReceivedAt.IsZero() {
		t.Errorf("%+v", kept)
	}
	if err := d.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	if now := d.kept(t)["E2-receive"]; now.Status != county.Waiting || now.Tries != 0 {
		t.Errorf("%+v", now)
	}
	if d.count(t, "trail") != 1 {
		t.Error("keeping left no row of the trail")
	}
	// A desk comes, and what waited is applied.
	toys(t, d.store, "BJ1")
	d.Register(play)
	if err := d.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	if status, acts := d.status(t, "BJ1"); status != "received" || len(acts) != 1 {
		t.Error(status, acts)
	}
	if now := d.kept(t)["E2-receive"]; now.Status != county.Applied || now.SettledAt == nil {
		t.Errorf("%+v", now)
	}
}

// TestWhatProvesNothingChangesNothing: no row of any table after a message that is unsigned, changed, old, replayed or unreadable.
func TestWhatProvesNothingChangesNothing(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	m := d.message(t, event(2, county.Receive))
	now := d.store.Clock().Now()
	sign := func(m county.Message) http.Header { return d.keys.Sign(now, m) }
	changed := county.Message{Method: m.Method, Target: m.Target, Body: []byte(strings.Replace(string(m.Body), "BJ1", "BJ2", 1))}
	unreadable := county.Message{Method: "POST", Target: target, Body: []byte(`{"up_pro_process":{}}`)}
	for name, c := range map[string]struct {
		header http.Header
		m      county.Message
		want   *fault.Fault
	}{
		"unsigned":           {http.Header{}, m, county.ErrSignature},
		"changed":            {sign(m), changed, county.ErrSignature},
		"for another path":   {sign(county.Message{Method: "POST", Target: "/cases", Body: m.Body}), m, county.ErrSignature},
		"with a strange key": {keysOf(t, "k3").Sign(now, m), m, county.ErrSignature},
		"too old":            {d.keys.Sign(now.Add(-county.Window-time.Second), m), m, county.ErrStale},
		"of the future":      {d.keys.Sign(now.Add(county.Window+time.Second), m), m, county.ErrStale},
		"unreadable":         {sign(unreadable), unreadable, county.ErrUnreadable},
	} {
		if _, err := d.Take(t.Context(), c.header, c.m); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, table := range []string{"county_events", "county_nonces", "county_heads", "trail", "outbox"} {
		if n := d.count(t, table); n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
	header := sign(m)
	if _, err := d.Take(t.Context(), header, m); err != nil {
		t.Fatal(err)
	}
	trail := d.count(t, "trail")
	for range 3 {
		if _, err := d.Take(t.Context(), header, m); !errors.Is(err, county.ErrReplayed) {
			t.Errorf("replayed: %v", err)
		}
	}
	if d.count(t, "county_events") != 1 || d.count(t, "county_nonces") != 1 || d.count(t, "trail") != trail {
		t.Error("a replay left something")
	}
	// The other key in rotation is good, and a switched-off inbox is not there.
	other := d.message(t, event(3, county.Accept))
	if _, err := d.Take(t.Context(), keysOf(t, "k2").Sign(now, other), other); err != nil {
		t.Error(err)
	}
	var off *county.Desk
	if _, err := off.Take(t.Context(), header, m); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if off.Settle(t.Context()) != nil || off.SweepNonces(t.Context()) != nil || off.Reread(t.Context()) != nil {
		t.Error("a switched-off inbox has rounds")
	}
}

// TestNoncesOutliveTheirWindow: whenever a replay comes, either its time or its nonce gives it away.
func TestNoncesOutliveTheirWindow(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	for i, signedAhead := range []time.Duration{-county.Window, 0, county.Window} {
		begun := storetest.Monday.AddDate(0, 0, i)
		d.store.Clock().Set(begun)
		m := d.message(t, event(2, county.Receive))
		header := d.keys.Sign(d.store.Clock().Now().Add(signedAhead), m)
		if _, err := d.Take(t.Context(), header, m); err != nil {
			t.Fatal(err)
		}
		for range 13 {
			d.store.Clock().Advance(50 * time.Second)
			if err := d.SweepNonces(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Take(t.Context(), header, m); !errors.Is(err, county.ErrReplayed) && !errors.Is(err, county.ErrStale) {
				t.Errorf("after %v: %v", d.store.Clock().Since(begun), err)
			}
		}
		if d.count(t, "county_nonces") != 0 {
			t.Error("nonces are kept for ever")
		}
	}
}

func TestTheSameEventIsAnsweredTheSame(t *testing.T) {
	s, o := storetest.Fresh(t)
	toys(t, s, "BJ1")
	replicas := []*tray{openTray(t, s), openTray(t, storetest.Again(t, o))}
	for _, d := range replicas {
		d.Register(play)
	}
	first := replicas[0].told(t, event(2, county.Receive))
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			again, err := replicas[i%2].tell(t, event(2, county.Receive))
			if err != nil || again.ID != first.ID || again.EventID != first.EventID || !again.ReceivedAt.Equal(first.ReceivedAt) {
				t.Errorf("%s, %v", again.ID, err)
			}
		})
	}
	group.Wait()
	if status, acts := replicas[1].status(t, "BJ1"); status != "received" || len(acts) != 1 {
		t.Error(status, acts)
	}
	if replicas[0].count(t, "county_events") != 1 {
		t.Error("kept twice")
	}
	// Written in another order and with spaces it is the same; with another content it is not.
	m := replicas[0].message(t, event(2, county.Receive))
	m.Body = []byte(" " + strings.Replace(string(m.Body), ",", " ,\n", 1))
	if again, err := replicas[0].Take(t.Context(), replicas[0].keys.Sign(s.Clock().Now(), m), m); err != nil || again.ID != first.ID {
		t.Errorf("%s, %v", again.ID, err)
	}
	other := event(2, county.Receive)
	other.Opinion = "另一个意见"
	if _, err := replicas[0].tell(t, other); !errors.Is(err, county.ErrDiffers) {
		t.Error(err)
	}
}

// TestOneEventAmongMany: simultaneous first deliveries on two replicas are one event and one act.
func TestOneEventAmongMany(t *testing.T) {
	s, o := storetest.Fresh(t)
	toys(t, s, "BJ1")
	replicas := []*tray{openTray(t, s), openTray(t, storetest.Again(t, o))}
	for _, d := range replicas {
		d.Register(play)
	}
	line := []county.Event{event(2, county.Receive), event(3, county.Accept), event(4, county.Review), event(5, county.Grant)}
	var group sync.WaitGroup
	for i := range 24 {
		group.Go(func() {
			if _, err := replicas[i%2].tell(t, line[i%4]); err != nil && !errors.Is(err, fault.Busy) {
				t.Errorf("%v", err)
			}
		})
	}
	group.Wait()
	for range 4 { // whoever lost a race comes back
		s.Clock().Advance(6 * time.Hour)
		if err := replicas[0].Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if status, acts := replicas[0].status(t, "BJ1"); status != "granted" || !slices.Equal(acts, []string{"receive", "accept", "review", "grant"}) {
		t.Error(status, acts)
	}
}

// TestAnyOrderEndsTheSame: all orders of four events, each told twice, end at the same state with each act once.
func TestAnyOrderEndsTheSame(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	var refs []string
	orders := permutations([]int{0, 1, 2, 3})
	for i := range orders {
		refs = append(refs, fmt.Sprintf("BJ%d", i))
	}
	toys(t, d.store, refs...)
	d.Register(play)
	acts := []county.Act{county.Receive, county.Accept, county.Review, county.Grant}
	for i, order := range orders {
		for range 2 {
			for _, at := range order {
				e := event(at+2, acts[at])
				e.Ref, e.ID = refs[i], fmt.Sprintf("%s-%d", refs[i], at)
				d.told(t, e)
			}
		}
		if status, done := d.status(t, refs[i]); status != "granted" || !slices.Equal(done, []string{"receive", "accept", "review", "grant"}) {
			t.Errorf("%v: %s %v", order, status, done)
		}
	}
	if faults, err := d.store.Fsck(t.Context(), county.Checks()); err != nil || len(faults) > 0 {
		t.Errorf("fsck: %v, %v", faults, err)
	}
	var left int64
	if err := d.store.Read(t.Context()).Table("county_events").Where("status <> ?", county.Applied).Count(&left).Error; err != nil || left != 0 {
		t.Errorf("%d events are not applied, %v", left, err)
	}
}

func permutations(of []int) (all [][]int) {
	if len(of) == 1 {
		return [][]int{of}
	}
	for i, first := range of {
		rest := slices.Delete(slices.Clone(of), i, i+1)
		for _, p := range permutations(rest) {
			all = append(all, append([]int{first}, p...))
		}
	}
	return all
}

// TestLateNewsNeverMovesACaseBack: what is overtaken is kept, and applied neither then nor later.
func TestLateNewsNeverMovesACaseBack(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	toys(t, d.store, "BJ1")
	d.Register(play)
	for _, e := range []county.Event{event(2, county.Receive), event(3, county.Accept), event(4, county.Review), event(5, county.Suspend), event(7, county.Resume)} {
		d.told(t, e)
	}
	// It would fit the state, and yet it was before the resumption.
	if kept := d.told(t, event(6, county.Suspend)); kept.Status != county.Waiting {
		t.Errorf("%+v", kept)
	}
	if now := d.kept(t)["E6-suspend"]; now.Status != county.Late || now.Why != "newer_applied" {
		t.Errorf("%+v", now)
	}
	d.store.Clock().Advance(100 * time.Hour)
	if err := d.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	if status, acts := d.status(t, "BJ1"); status != "reviewing" || len(acts) != 5 {
		t.Error(status, acts)
	}
}

// TestNewsBehindAFreshLookIsLate: a case that was brought up to date by asking is not moved back by what was on its way.
func TestNewsBehindAFreshLookIsLate(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	toys(t, d.store, "BJ1")
	d.told(t, event(2, county.Receive))
	err := d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		if err := tx.Exec("UPDATE toys SET status = 'received' WHERE ref = 'BJ1'").Error; err != nil {
			return err
		}
		return d.Reached(tx, county.Standing{Ref: "BJ1", Number: "N1", State: county.Received, Seq: 3})
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Register(play)
	d.told(t, event(3, county.Accept))
	if err := d.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, k := range d.kept(t) {
		if k.Status != county.Late {
			t.Errorf("%s is %s", id, k.Status)
		}
	}
	d.told(t, event(4, county.Accept))
	if status, acts := d.status(t, "BJ1"); status != "accepted" || len(acts) != 1 {
		t.Error(status, acts)
	}
}

func TestStrangeNewsIsKeptAndNotApplied(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	toys(t, d.store, "BJ1")
	d.Register(play)
	strange := event(2, "")
	strange.ID, strange.Raw = "E-strange", "88"
	d.told(t, strange)
	personal := event(2, "")
	personal.ID, personal.Raw = "E-personal", "110101190001010015"
	d.told(t, personal)
	nobody := event(2, county.Receive)
	nobody.ID, nobody.Ref = "E-nobody", "BJ404"
	d.told(t, nobody)
	kept := d.kept(t)
	if k := kept["E-strange"]; k.Status != county.Unknown || k.Why != "unknown_act" || k.Raw != "88" || k.Act != "" {
		t.Errorf("%+v", k)
	}
	if k := kept["E-personal"]; k.Status != county.Unknown || k.Raw != "" {
		t.Errorf("%+v", k)
	}
	if k := kept["E-nobody"]; k.Status != county.Unknown || k.Why != "no_case" {
		t.Errorf("%+v", k)
	}
	if status, acts := d.status(t, "BJ1"); status != "submitted" || len(acts) != 0 {
		t.Error(status, acts)
	}
	// The county completes its mapping: then the event is understood, and applied.
	if err := d.Reread(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k := d.kept(t)["E-strange"]; k.Status != county.Unknown {
		t.Errorf("guessed at: %+v", k)
	}
	better, err := county.New(d.store, "county", d.keys, completed(t), quiet)
	if err != nil {
		t.Fatal(err)
	}
	better.Register(play)
	if err := errors.Join(better.Reread(t.Context()), better.Settle(t.Context())); err != nil {
		t.Fatal(err)
	}
	if k := d.kept(t)["E-strange"]; k.Status != county.Applied || k.Act != county.Receive {
		t.Errorf("%+v", k)
	}
	if k := d.kept(t)["E-nobody"]; k.Status != county.Unknown {
		t.Errorf("%+v", k)
	}
	if status, _ := d.status(t, "BJ1"); status != "received" {
		t.Error(status)
	}
}

// TestTroubleWithACaseStopsNothingElse: an error of the applying leaves nothing of itself, is tried again, and the county is answered.
func TestTroubleWithACaseStopsNothingElse(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	toys(t, d.store, "BJ1", "BJ2")
	broken := true
	d.Register(func(tx *store.Tx, e county.Event) (county.Outcome, error) {
		outcome, err := play(tx, e)
		if e.Ref == "BJ1" && broken && err == nil {
			err = errors.New("out of order")
		}
		return outcome, err
	})
	d.told(t, event(2, county.Receive))
	other := event(2, county.Receive)
	other.ID, other.Ref = "E-other", "BJ2"
	d.told(t, other)
	if status, acts := d.status(t, "BJ1"); status != "submitted" || len(acts) != 0 {
		t.Errorf("half applied: %s %v", status, acts)
	}
	if status, _ := d.status(t, "BJ2"); status != "received" {
		t.Error(status)
	}
	if k := d.kept(t)["E2-receive"]; k.Status != county.Waiting || k.Tries != 1 || k.Why != "failed" || !k.NextAt.After(d.store.Clock().Now()) {
		t.Errorf("%+v", k)
	}
	broken = false
	d.store.Clock().Advance(time.Hour)
	if err := d.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	if status, acts := d.status(t, "BJ1"); status != "received" || len(acts) != 1 {
		t.Error(status, acts)
	}
}

func TestTheInboxIsForTheCountysAdministrator(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	d.told(t, event(2, county.Receive))
	for _, role := range append(access.Roles(), access.System, access.County, "") {
		list, err := d.Events(t.Context(), access.Actor{Person: "p", Role: role, Area: "219901"}, "", "", 10)
		if (role == access.SystemAdmin) != (err == nil && len(list) == 1) || err != nil && !errors.Is(err, fault.NotYours) {
			t.Errorf("%s: %d, %v", role, len(list), err)
		}
	}
	if list, err := d.Events(t.Context(), access.Actor{Person: "p", Role: access.SystemAdmin, Area: "219901101"}, "", "", 10); err != nil || len(list) != 0 {
		t.Errorf("a town's: %v %v", list, err)
	}
	if list, err := d.Events(t.Context(), admin, county.Applied, "", 10); err != nil || len(list) != 0 {
		t.Errorf("by status: %v %v", list, err)
	}
	list, err := d.Events(context.Background(), admin, county.Waiting, "", 10)
	if err != nil || len(list) != 1 || list[0].Payload != nil {
		t.Fatalf("%v %v", list, err)
	}
	// What may be personal rests sealed.
	var row struct{ Payload []byte }
	if err := d.store.Read(t.Context()).Table("county_events").Select("payload").Scan(&row).Error; err != nil || len(row.Payload) == 0 || strings.Contains(string(row.Payload), "王桂兰") {
		t.Errorf("%q %v", row.Payload, err)
	}
}

// TestFsckFindsWhatMustNotBe: each check sees its own fault.
func TestFsckFindsWhatMustNotBe(t *testing.T) {
	d := openTray(t, storetest.Open(t))
	toys(t, d.store, "BJ1")
	d.Register(play)
	d.told(t, event(2, county.Receive))
	for check, sql := range map[string]string{
		"news applied beyond its case's count": "UPDATE county_heads SET seq = 1",
		"news in a status that there is not":   "UPDATE county_events SET status = 'lost'",
		"news settled at no time":              "UPDATE county_events SET settled_at = NULL",
		"news without trail":                   "UPDATE county_events SET id = 'another'",
	} {
		undone := errors.New("undone")
		err := d.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
			if err := tx.Exec(sql).Error; err != nil {
				return err
			}
			for _, c := range county.Checks() {
				var n int64
				if err := tx.Raw(c.Count).Scan(&n).Error; err != nil {
					return err
				}
				if (n > 0) != (c.Name == check) {
					t.Errorf("%s: %q found %d", check, c.Name, n)
				}
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Errorf("%s: %v", check, err)
		}
	}
}
