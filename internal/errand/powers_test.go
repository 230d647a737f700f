package errand

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/locker"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// every is an entrustment with all powers.
const every = "file,papers,correct,receive"

// correcting is a filed errand whose case waits for its correction, and granted one whose case was decided.
func (h *house) correcting() string {
	h.t.Helper()
	id := h.to(SentIn)
	c, window := h.row(id).CaseID, h.as("window-hall", access.Window)
	_, err := h.cases.Receive(h.t.Context(), window, c, casework.Plain{})
	must(h.t, err)
	_, err = h.cases.AskCorrection(h.t.Context(), window, c, casework.CorrectionRequest{Defects: []casework.Defect{{Material: "id_card", Reason: "illegible", Text: "请重新拍清楚。"}}})
	must(h.t, err)
	return id
}

// owing is a case that lies at the hall, and of which a paper is still to come.
func (h *house) owing() string {
	h.t.Helper()
	id := h.to(SentIn)
	c := h.row(id).CaseID
	_, err := h.cases.Receive(h.t.Context(), h.as("window-hall", access.Window), c, casework.Plain{})
	must(h.t, err)
	must(h.t, h.store.Write(h.t.Context(), h.clerk(), func(tx *store.Tx) error {
		return tx.Table("case_materials").Where("case_id = ? AND material = 'id_card'", c).UpdateColumn("state", string(casework.Deferred)).Error
	}))
	return id
}

func (h *house) granted() string { return h.to(ResultReceived) }

// lent is a paper of the locker that he agreed to.
func (h *house) lent() string {
	h.t.Helper()
	paper, err := h.locker.Put(h.t.Context(), h.clerk(), locker.Putting{
		Person: h.resident.Person, Kind: "id_card", Files: []string{h.photo()},
		Consent: account.Consent{TextVersion: "2026-01", How: account.Signed}, ConsentUntil: h.today().AddDays(20),
	})
	must(h.t, err)
	return paper.ID
}

// forHim is what a clerk does for the principal on his case: where it is done, by which powers, and how it is refused otherwise.
type forHim struct {
	name                     string
	at                       func() string
	does                     func(ctx context.Context, by access.Actor, c string) error
	powers                   []string
	agent, late, scope, over error
	dictated                 bool
}

func (h *house) forHim() []forHim {
	paper := h.lent()
	acts := []forHim{
		{name: "correct", at: h.correcting, powers: []string{MayCorrect}, does: func(ctx context.Context, by access.Actor, c string) error {
			_, err := h.cases.Correct(ctx, by, c, casework.Correction{Papers: []casework.Paper{{Material: "id_card"}}})
			return err
		}},
		{name: "a paper of the locker", at: h.correcting, powers: []string{MayHandle, MayCorrect}, does: func(ctx context.Context, by access.Actor, c string) error {
			_, err := h.cases.UsePaper(ctx, by, c, casework.Reuse{Material: "id_card", Paper: paper})
			return err
		}},
		{name: "supplement", at: h.owing, powers: []string{MayHandle, MayCorrect}, does: func(ctx context.Context, by access.Actor, c string) error {
			_, err := h.cases.SupplementPapers(ctx, by, c, casework.Supplement{Papers: []casework.Paper{{Material: "id_card"}}})
			return err
		}},
		{name: "withdraw", at: h.correcting, powers: []string{MayFile}, does: func(ctx context.Context, by access.Actor, c string) error {
			_, err := h.cases.Withdraw(ctx, by, c, casework.Saying{Text: "他说先不办了。"})
			return err
		}},
		{name: "discard", at: func() string { return h.to(Entrusted) }, powers: []string{MayFile}, does: func(ctx context.Context, by access.Actor, c string) error {
			_, err := h.cases.Discard(ctx, by, c, casework.Discarding{})
			return err
		}},
	}
	for i := range acts {
		a := &acts[i]
		a.agent, a.late, a.scope, a.over, a.dictated = ErrActAgent, ErrActLate, ErrActScope, ErrActOver, true
	}
	return append(acts, forHim{
		name: "deliver", at: h.granted, powers: []string{MayReceive}, agent: ErrReceiver, late: ErrReceiveLate, scope: ErrReceiveScope, over: ErrReceiveOver,
		does: func(ctx context.Context, by access.Actor, c string) error {
			_, err := h.cases.Deliver(ctx, by, c, casework.Delivery{Method: casework.ByClerk, Relation: "other", Receiver: "邻居", Proof: "签字"})
			return err
		},
	})
}

// TestWhatAClerkDoesForSomebody: on a case that was entrusted a clerk does for the principal what the entrustment lets him, while it runs; where
// nothing was ever entrusted it is as before.
func TestWhatAClerkDoesForSomebody(t *testing.T) {
	t.Parallel()
	h := open(t)
	revoked := func(id string) { must(t, h.do(Revoke, h.resident, id)) }
	for _, a := range h.forHim() {
		others := ""
		for _, p := range Powers {
			if !slices.Contains(a.powers, p.Code) {
				others += "," + p.Code
			}
		}
		for name, c := range map[string]struct {
			before func(id string)
			by     access.Actor
			err    error
		}{
			"entrusted":                     {func(string) {}, h.clerk(), nil},
			"another clerk":                 {func(string) {}, h.deputy(), a.agent},
			"after the last day":            {func(id string) { h.set(id, map[string]any{"valid_until": h.today().AddDays(-1)}) }, h.clerk(), a.late},
			"before the first day":          {func(id string) { h.set(id, map[string]any{"valid_from": h.today().AddDays(1)}) }, h.clerk(), ErrTooEarly},
			"without the power":             {func(id string) { h.set(id, map[string]any{"powers": others[1:]}) }, h.clerk(), a.scope},
			"revoked":                       {revoked, h.clerk(), a.over},
			"revoked, another clerk":        {revoked, h.deputy(), a.over},
			"without an errand, by any one": {func(id string) { h.forget(id) }, h.deputy(), nil},
		} {
			id := a.at()
			h.set(id, map[string]any{"powers": every})
			before := h.row(id)
			c.before(id)
			if err := a.does(t.Context(), c.by, before.CaseID); !errors.Is(err, c.err) {
				t.Errorf("%s, %s: got %v, want %v", a.name, name, err, c.err)
			}
		}
	}
	for name, before := range map[string]func(string){
		"revoked": revoked, "another's": func(id string) { h.set(id, map[string]any{"agent": "somebody"}) },
		"not to be received": func(id string) { h.set(id, map[string]any{"powers": "file"}) },
	} {
		id := h.granted()
		before(id)
		if _, err := h.cases.Deliver(t.Context(), h.clerk(), h.row(id).CaseID, casework.Delivery{Method: casework.InPerson, Relation: casework.Self, Proof: "本人签字"}); err != nil {
			t.Errorf("%s: he took it himself: %v", name, err)
		}
	}
}

// TestWhatHeSaysHimself: the principal stands at the counter, is served and was looked at: the clerk writes down what he says, whatever became
// of the entrustment. Not in another sitting, not by what another clerk saw, and of what is queued in its own line alone.
func TestWhatHeSaysHimself(t *testing.T) {
	t.Parallel()
	h := open(t)
	served, alone := h.sits(h.resident.Person), h.sits("")
	line := func(ctx context.Context, name string) context.Context {
		return store.WithSaid(ctx, store.Said{Line: name})
	}
	for _, a := range h.forHim() {
		for name, c := range map[string]struct {
			looked, acts access.Actor
			in, then     context.Context
			said         bool
		}{
			"served and looked at":         {served, served, t.Context(), t.Context(), true},
			"looked at, served by nobody":  {alone, alone, t.Context(), t.Context(), false},
			"in another sitting":           {served, h.sits(h.resident.Person), t.Context(), t.Context(), false},
			"without a session":            {h.clerk(), h.clerk(), t.Context(), t.Context(), false},
			"what another clerk saw":       {served, h.deputy(), t.Context(), t.Context(), false},
			"in one line of the queue":     {h.clerk(), h.clerk(), line(t.Context(), "a-line"), line(t.Context(), "a-line"), true},
			"in another line of the queue": {h.clerk(), h.clerk(), line(t.Context(), "a-line"), line(t.Context(), "b-line"), false},
		} {
			id := a.at()
			must(t, h.do(Revoke, h.resident, id))
			_, err := h.Identify(c.in, c.looked, id, Identity{How: "in_person", Document: "id_card"})
			must(t, err)
			refused := a.over
			if c.said && a.dictated {
				refused = nil
			}
			if err := a.does(c.then, c.acts, h.row(id).CaseID); !errors.Is(err, refused) {
				t.Errorf("%s, %s: got %v, want %v", a.name, name, err, refused)
			}
			var rows int64
			must(t, h.store.Read(t.Context()).Model(&store.TrailRow{}).Where("act = 'errand.dictate' AND object = ?", id).Count(&rows).Error)
			if (rows == 1) != (c.said && a.dictated) {
				t.Errorf("%s, %s: %d rows in the trail", a.name, name, rows)
			}
		}
	}
	h.sound()
}

// TestALineIsASittingForADay: what is sent in an old line is not what the principal says, and what was done in time counts by the time at which it
// was done.
func TestALineIsASittingForADay(t *testing.T) {
	t.Parallel()
	h := open(t)
	const line = "a-line"
	for _, a := range h.forHim() {
		h.store.Clock().Set(h.today().AddDays(1).Start().Add(9 * time.Hour))
		morning := h.store.Clock().Now()
		said := func(after time.Duration) store.Said {
			return store.Said{At: morning.Add(after), Skew: 10 * time.Minute, Line: line}
		}
		same := a.over // what is never dictated
		if a.dictated {
			same = nil
		}
		sent := map[string]struct {
			said store.Said
			err  error
		}{
			"without a time":                     {store.Said{Line: line}, a.over},
			"done before the revocation":         {said(time.Hour), nil},
			"done on the day of the check":       {said(3 * time.Hour), same},
			"done the day after":                 {said(24 * time.Hour), a.over},
			"in another line, before":            {store.Said{At: morning.Add(time.Hour), Line: "b-line"}, nil},
			"in another line, on the same day":   {store.Said{At: morning.Add(3 * time.Hour), Line: "b-line"}, a.over},
			"in another line, without any times": {store.Said{Line: "b-line"}, a.over},
		}
		ids := map[string]string{}
		for name := range sent {
			ids[name] = a.at()
			h.set(ids[name], map[string]any{"powers": every})
			_, err := h.Identify(store.WithSaid(t.Context(), store.Said{Line: line}), h.clerk(), ids[name], Identity{How: "in_person", Document: "id_card"})
			must(t, err)
		}
		h.pass(2 * time.Hour)
		for _, id := range ids {
			must(t, h.do(Revoke, h.resident, id))
		}
		h.pass(48 * time.Hour)
		for name, c := range sent {
			if err := a.does(store.WithSaid(t.Context(), c.said), h.clerk(), h.row(ids[name]).CaseID); !errors.Is(err, c.err) {
				t.Errorf("%s, %s: got %v, want %v", a.name, name, err, c.err)
			}
		}
	}
	h.sound()
}

// TestPapersAreCheckedOnTheDayOfTheCheck: so it is with the papers that the check of the identity lets be checked.
func TestPapersAreCheckedOnTheDayOfTheCheck(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.store.Clock().Set(h.today().AddDays(1).Start().Add(9 * time.Hour))
	morning := h.store.Clock().Now()
	in := func(s store.Said) context.Context {
		s.Line = "a-line"
		return store.WithSaid(t.Context(), s)
	}
	var ids []string
	for range 3 {
		id := h.entrust().ID
		_, err := h.Identify(in(store.Said{}), h.sits(""), id, Identity{How: "in_person", Document: "id_card"})
		must(t, err)
		ids = append(ids, id)
	}
	_, err := h.Check(in(store.Said{}), h.sits(""), ids[0], Said{})
	must(t, err)
	h.pass(48 * time.Hour)
	_, err = h.Check(in(store.Said{}), h.sits(""), ids[1], Said{})
	want(t, err, ErrIdentityOver)
	_, err = h.Check(in(store.Said{At: morning.Add(24 * time.Hour)}), h.sits(""), ids[1], Said{})
	want(t, err, ErrIdentityOver)
	_, err = h.Check(in(store.Said{At: morning.Add(time.Hour)}), h.sits(""), ids[2], Said{})
	must(t, err)
}

// sits is the clerk in a session that serves somebody, or nobody.
func (h *house) sits(client string) access.Actor {
	h.t.Helper()
	actor := h.clerk()
	actor.Session = storetest.Session(h.t, h.store, actor.Person, actor.Post, client)
	return actor
}

// forget takes the errand away, as if nothing had been entrusted.
func (h *house) forget(id string) {
	h.t.Helper()
	must(h.t, h.store.Write(h.t.Context(), access.Round(xinglin), func(tx *store.Tx) error {
		return tx.Table("errands").Where("id = ?", id).UpdateColumns(map[string]any{"case_id": tx.NewID(), "open_case": nil}).Error
	}))
}
