package casework

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	platform "tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// statuses are how the inbox stands, by the county's act.
func (h *hall) statuses() map[string]string {
	h.t.Helper()
	var rows []platform.Kept
	must(h.t, h.store.Read(h.t.Context()).Omit("payload").Order("id").Find(&rows).Error)
	all := map[string]string{}
	for _, k := range rows {
		all[string(k.Act)] += string(k.Status) + " " + k.Why + ";"
	}
	return all
}

// hears carries an event in as the inbox does, and answers its outcome.
func (h *house) hears(e platform.Event) (o platform.Outcome) {
	h.t.Helper()
	if e.ID == "" {
		e.ID = "E"
	}
	must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) (err error) {
		tx.Actor = h.county()
		tx.Actor.Area = ""
		o, err = h.hear(tx, e)
		return err
	}))
	return o
}

// TestEveryRowOfTheCounty: each act of the county's in the flow table comes in as news, and leads where the table says, as of the county's moment.
func TestEveryRowOfTheCounty(t *testing.T) {
	t.Parallel()
	h := open(t)
	rows := 0
	for _, r := range Flow.Rows {
		if !slices.Contains(r.By, county) {
			continue
		}
		rows++
		id := h.ready(r, county)
		row := h.row(id)
		h.pass(50 * time.Hour)
		when := h.store.Clock().Now().Add(-time.Hour)
		e := platform.Event{Ref: row.number(), Number: "XZ1", Act: platform.Act(r.Do), At: when, Opinion: "县里的意见", Document: "示例〔2026〕1号"}
		e.Defects = []platform.Defect{{ID: "d1", Material: "居民身份证", Reason: "illegible", Text: "拍清楚些"}, {ID: "d2", Material: "别的材料", Reason: "x9", Text: "请补"}}
		e.Special, e.Result = "other", platform.Result{Name: "批复", Number: "1"}
		if o := h.hears(e); o.Status != platform.Applied {
			t.Errorf("%s in %s: %+v", r.Do, r.From, o)
			continue
		}
		after := h.row(id)
		if after.Status != r.To || after.Version != row.Version+1 || after.CountyNumber != "XZ1" {
			t.Errorf("%s in %s led to %s, %q", r.Do, r.From, after.Status, after.CountyNumber)
		}
		at := map[flow.Act]*time.Time{Receive: after.ReceivedAt, Accept: after.AcceptedAt, Grant: after.DecidedAt, Deny: after.DecidedAt, Deliver: after.DeliveredAt}[r.Do]
		if at != nil && !at.Equal(whole(when)) {
			t.Errorf("%s in %s is dated %s, the county did it %s", r.Do, r.From, at, when)
		}
		seen, err := h.Get(t.Context(), h.resident, id)
		must(t, err)
		last := seen.History[len(seen.History)-1]
		if tellings[r.Do].Spoken && last.Words == "" {
			t.Errorf("%s in %s tells the applicant nothing", r.Do, r.From)
		}
		if h.letters("case."+string(r.Do), id) == 0 {
			t.Errorf("%s in %s told nobody", r.Do, r.From)
		}
		if o := h.hears(e); r.From != r.To && o.Status == platform.Applied {
			t.Errorf("%s in %s was applied twice", r.Do, r.From)
		}
	}
	if rows != 19 {
		t.Errorf("the county has %d rows", rows)
	}
	h.sound()
}

// TestNewsOutOfTurn waits while it may still come to its turn, and is late otherwise; what the program did by itself is done.
func TestNewsOutOfTurn(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, c := range []struct {
		state flow.State
		act   platform.Act
		want  platform.Status
		why   string
	}{
		{Submitted, platform.Grant, platform.Waiting, "flow.not_now"},
		{Submitted, platform.Accept, platform.Waiting, "flow.not_now"},
		{Received, platform.Grant, platform.Waiting, "case.only_instant"},
		{Correcting, platform.Accept, platform.Waiting, "flow.not_now"},
		{Correcting, platform.Lapse, platform.Late, "case.never_lapses"},
		{Accepted, platform.AskCorrection, platform.Late, "flow.not_now"},
		{Reviewing, platform.Resume, platform.Waiting, "flow.not_now"},
		{Granted, platform.Deny, platform.Late, "flow.not_now"},
		{Withdrawn, platform.Grant, platform.Late, "flow.not_now"},
		{Draft, platform.Receive, platform.Unknown, "no_case"},
	} {
		id := h.to(c.state, h.file(claim))
		row := h.row(id)
		ref := row.number()
		if ref == "" {
			ref = "BJ0"
		}
		o := h.hears(platform.Event{Ref: ref, Act: c.act, At: h.store.Clock().Now()})
		if o.Status != c.want || o.Why != c.why || h.row(id).Version != row.Version {
			t.Errorf("%s in %s: %+v", c.act, c.state, o)
		}
	}
	if o := h.hears(platform.Event{Number: "XZ-none", Act: platform.Receive, At: h.store.Clock().Now()}); o.Status != platform.Waiting || o.Why != "no_case" {
		t.Errorf("a number that is not typed in yet: %+v", o)
	}
	id := h.to(Submitted, h.file(claim))
	h.rounds()
	if row := h.row(id); row.Status != Received || h.hears(platform.Event{Ref: row.number(), Act: platform.Receive, At: h.store.Clock().Now()}) != (platform.Outcome{Status: platform.Applied, Why: "done_already"}) {
		t.Errorf("what the round received: %s", row.Status)
	}
	typed := h.to(Submitted, h.file(claim))
	_, err := h.TypeCountyNumber(t.Context(), h.clerk(), typed, CountyNumber{Number: "XZ-typed"})
	must(t, err)
	if o := h.hears(platform.Event{Number: "XZ-typed", Act: platform.Receive, At: h.store.Clock().Now()}); o.Status != platform.Applied {
		t.Errorf("by the typed number: %+v", o)
	}
	h.sound()
}

// TestTheCountyExtends until the day that it names, once.
func TestTheCountyExtends(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Reviewing, h.file(claim))
	row := h.row(id)
	due := row.dues().Binding()
	until := due.On.AddDays(9)
	e := platform.Event{Ref: row.number(), Act: platform.Extend, At: h.store.Clock().Now(), Special: "extension", Until: until.Start()}
	if o := h.hears(e); o.Status != platform.Applied {
		t.Fatalf("%+v", o)
	}
	after := h.row(id)
	if got := after.dues().Binding().On; got.Before(until) || until.AddDays(4).Before(got) {
		t.Errorf("due on %s, the county said until %s", got, until)
	}
	if o := h.hears(e); o.Status != platform.Late || o.Why != "case.extended" {
		t.Errorf("twice: %+v", o)
	}
	h.sound()
}

// TestSilenceAndNewsRace: at the end of the five days the round, the county's news and the applicant come at once; one of them wins, each time.
func TestSilenceAndNewsRace(t *testing.T) {
	h := open(t)
	ends := map[string]int{}
	for n := range *raceRounds {
		id := h.to(Received, h.file(claim))
		row := h.row(id)
		h.store.Clock().Set(row.NoticeOn.End())
		e := platform.Event{ID: fmt.Sprint("E", n), Ref: row.number(), Act: platform.AskCorrection, At: h.store.Clock().Now(), Defects: []platform.Defect{{ID: "d", Material: "居民身份证", Reason: "missing", Text: "请补交"}}}
		if n%2 == 1 {
			e.Act = platform.Refuse
		}
		var told platform.Outcome
		var won [2]error
		start := make(chan struct{})
		var running sync.WaitGroup
		rivals := []func(){func() {
			<-start
			_, won[0] = h.Accept(t.Context(), h.system(), id, Acceptance{Version: row.Version})
		}, func() {
			<-start
			won[1] = h.store.Write(t.Context(), h.county(), func(tx *store.Tx) (err error) {
				told, err = h.hear(tx, e)
				return err
			})
		}}
		if n/2%2 == 0 { // who is ready last is the first, as a rule
			slices.Reverse(rivals)
		}
		running.Go(rivals[0])
		running.Go(rivals[1])
		close(start)
		running.Wait()
		after := h.row(id)
		heard := won[1] == nil && told.Status == platform.Applied
		if (won[0] == nil) == heard || after.Version != row.Version+1 || after.Deemed == heard {
			t.Errorf("the round: %v, the county: %+v %v; it is %s", won[0], told, won[1], after.Status)
		}
		ends[string(after.Status)]++
		if !heard { // the inbox comes back to it, and finds it late
			if o := h.hears(e); o.Status != platform.Late {
				t.Errorf("afterwards: %+v", o)
			}
		}
	}
	t.Log(ends)
	h.sound()
}

// TestATalkativeCounty tells everything twice, out of order, forged and stale: each case ends where the county decided it, every act once.
func TestATalkativeCounty(t *testing.T) {
	t.Parallel()
	h := connect(t)
	script := standin.Script{Decisions: [][]platform.Act{
		{platform.Receive, platform.Accept, platform.Review, platform.Grant, platform.Deliver},
		{platform.Receive, platform.Accept, platform.Review, platform.Suspend, platform.Resume, platform.Deny},
		{platform.Receive, platform.AskCorrection},
		{platform.Receive, platform.Refuse},
	}}
	for _, do := range []string{standin.Doubled, standin.Replayed, standin.Forged, standin.Stale, standin.Unknown, standin.Reordered, standin.Delayed, standin.Reordered} {
		script.Callbacks = append(script.Callbacks, standin.Trouble{Skip: 2, Times: 2, Do: do})
	}
	must(t, h.Play(script))
	var ids []string
	for range 12 {
		ids = append(ids, h.to(Submitted, h.file(claim)))
	}
	for h.carry() > 0 {
		h.pass(time.Minute)
	}
	for h.Work() > 0 {
		h.pass(time.Minute)
	}
	h.tellNews()
	for range 3 {
		h.pass(6 * time.Hour)
		must(t, h.inbox.Settle(t.Context()))
	}
	ends := []flow.State{Delivered, Denied, Correcting, Refused}
	for i, id := range ids {
		row := h.row(id)
		var acts int64
		must(t, h.store.Read(t.Context()).Model(&Event{}).Where("case_id = ? AND role = ?", id, county).Count(&acts).Error)
		if row.Status != ends[i%4] || int(acts) != len(script.Decisions[i%4]) {
			t.Errorf("case %d is %s after %d acts of the county", i, row.Status, acts)
		}
	}
	t.Log(h.statuses())
	h.sound()
}
