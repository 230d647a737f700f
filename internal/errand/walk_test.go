package errand

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

func TestTheFlowIsSoundAndEveryActHasAVerb(t *testing.T) {
	if err := Flow.Check(Verbs()); err != nil {
		t.Error(err)
	}
}

// ready prepares an errand for one row of the table.
func (h *house) ready(r flow.Row, role access.Role) string {
	h.t.Helper()
	id := h.to(r.From)
	switch {
	case r.Do == TakeResult: // as if the decision had come while it was paused
		must(h.t, h.do(Pause, h.clerk(), id))
		h.grant(id)
		must(h.t, h.do(GoOn, h.clerk(), id))
	case role == access.System && r.Do == Archive:
		h.pass(400 * 24 * time.Hour)
	}
	return id
}

func TestEveryRowByTheRightRole(t *testing.T) {
	t.Parallel()
	h := open(t)
	var calls storetest.Sample
	for _, r := range Flow.Rows {
		for _, role := range r.By {
			if !calls.Takes() {
				continue
			}
			id := h.ready(r, role)
			before := h.row(id)
			do := func() error { return h.do(r.Do, h.with(role, r.Do), id) }
			if r.Do == Stop && role == access.System { // it goes with its case alone
				want(t, do(), ErrNotYet)
				do = func() error { return h.endCase(id) }
			}
			if err := do(); err != nil {
				t.Errorf("%s in %s by %s: %v", r.Do, r.From, role, err)
				continue
			}
			if after := h.row(id); after.Status != r.To || after.Version != before.Version+1 {
				t.Errorf("%s in %s by %s led to %s (version %d to %d), not to %s", r.Do, r.From, role, after.Status, before.Version, after.Version, r.To)
			}
		}
	}
	h.sound()
}

func TestEveryWrongRoleAndState(t *testing.T) {
	t.Parallel()
	h := open(t)
	var calls storetest.Sample
	for _, state := range Flow.States {
		id := h.to(state.Name)
		before := h.row(id)
		for _, act := range Flow.Acts {
			for _, role := range append(access.Roles(), access.System) {
				_, refusal := Flow.Next(state.Name, act.Name, role)
				if refusal == nil || !calls.Takes() {
					continue
				}
				actor := h.with(role, act.Name)
				_, unseen := h.Get(t.Context(), actor, id)
				err := h.do(act.Name, actor, id)
				switch {
				case errors.Is(unseen, fault.NotFound):
					want(t, err, fault.NotFound)
				case errors.Is(refusal, flow.NotByYou):
					want(t, err, flow.NotByYou)
				default:
					want(t, err, ErrNotNow)
					if e := fault.Of(err); e.Current == nil || e.Current.Status != string(state.Name) || e.Current.Offers == nil {
						t.Errorf("%s by %s: a conflict without the present state", act.Name, role)
					}
				}
			}
		}
		if now := h.row(id); now.Version != before.Version || now.Status != before.Status {
			t.Errorf("a refused act changed the errand in %s", state.Name)
		}
	}
	h.sound()
}

func TestOnlyALiveEntrustmentFiles(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Checked)
	row := h.row(id)
	want(t, h.do(File, h.deputy(), id), ErrNotAgent)
	_, err := h.cases.Submit(t.Context(), h.clerk(), row.CaseID, casework.Submission{Papers: h.papers(id)})
	want(t, err, ErrByErrand)
	_, err = h.cases.Submit(t.Context(), h.resident, row.CaseID, casework.Submission{Papers: h.papers(id)})
	want(t, err, ErrByErrand)
	_, err = h.Entrust(t.Context(), h.clerk(), h.entrustment(row.CaseID))
	want(t, err, ErrEntrusted)
	for _, c := range []struct {
		set map[string]any
		err error
	}{
		{map[string]any{"valid_from": h.today().AddDays(1)}, ErrTooEarly},
		{map[string]any{"valid_until": h.today().AddDays(-1)}, ErrExpired},
		{map[string]any{"powers": "papers,receive"}, ErrOutOfScope},
	} {
		h.set(id, c.set)
		want(t, h.do(File, h.clerk(), id), c.err)
		h.set(id, map[string]any{"valid_from": row.ValidFrom, "valid_until": row.ValidUntil, "powers": row.Powers})
	}
	if _, err = h.File(t.Context(), h.clerk(), id, Filing{}); !errors.Is(err, casework.ErrMaterials) {
		t.Errorf("it is filed without papers: %v", err)
	}
	filed, err := h.File(t.Context(), h.clerk(), id, Filing{Papers: h.papers(id)})
	must(t, err)
	if filed.QueryCode == "" || filed.Errand.CaseNumber == "" || filed.Errand.FiledBy == nil || filed.Errand.FiledFor == nil {
		t.Errorf("%+v", filed)
	}
	c, err := h.cases.Get(t.Context(), h.resident, row.CaseID)
	must(t, err)
	if c.Status == casework.Draft || c.FiledBy == nil || c.FiledBy.ID != h.clerk().Person {
		t.Errorf("%s, filed by %v", c.Status, c.FiledBy)
	}
	h.sound()
}

func TestTheIdentityIsCheckedFirst(t *testing.T) {
	t.Parallel()
	h := open(t)
	want(t, h.do(Check, h.clerk(), h.entrust().ID), ErrIdentity)
}

// A clerk submits no draft that nobody entrusted to him, and is not offered to; the applicant does it himself.
func TestNoClerkFilesUnentrusted(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.draft()
	seen, err := h.cases.Get(t.Context(), h.clerk(), c)
	must(t, err)
	submits := func(o flow.Offer) bool { return o.Do == casework.Submit }
	if slices.ContainsFunc(seen.Offers, submits) {
		t.Errorf("he is offered %+v", seen.Offers)
	}
	in := casework.Submission{}
	for _, m := range seen.Materials {
		if m.State != casework.LookedUp {
			in.Papers = append(in.Papers, casework.Paper{Material: m.ID})
		}
	}
	_, err = h.cases.Submit(t.Context(), h.clerk(), c, in)
	want(t, err, ErrUnentrusted)
	_, err = h.cases.Submit(t.Context(), h.clerk(), h.row(h.to(Revoked)).CaseID, in)
	want(t, err, ErrNoEntrustment)
	again := h.draft() // a new case is no way around a revocation
	_, err = h.cases.Submit(t.Context(), h.clerk(), again, in)
	want(t, err, ErrUnentrusted)
	seen, err = h.cases.Get(t.Context(), h.resident, again)
	must(t, err)
	if seen.Status != casework.Draft || !slices.ContainsFunc(seen.Offers, submits) {
		t.Errorf("the applicant finds it %s, and is offered %+v", seen.Status, seen.Offers)
	}
	_, err = h.cases.Submit(t.Context(), h.resident, again, in)
	must(t, err)
	h.sound()
}

// What was revoked lets no clerk file, and the applicant may.
func TestRevoked(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Checked)
	want(t, h.do(Revoke, h.clerk(), id), ErrSelfRevoke)
	must(t, h.do(Revoke, h.resident, id))
	in := casework.Submission{Papers: h.papers(id)}
	c := h.row(id).CaseID
	_, err := h.cases.Submit(t.Context(), h.clerk(), c, in)
	want(t, err, ErrNoEntrustment)
	again, err := h.Entrust(t.Context(), h.deputy(), h.entrustment(c))
	must(t, err)
	must(t, h.do(Revoke, h.clerk(), again.ID))
	_, err = h.Entrust(t.Context(), h.clerk(), Entrustment{Case: h.row(h.to(SentIn)).CaseID})
	want(t, err, ErrNotDraft)
	own, err := h.cases.Open(t.Context(), h.resident, casework.Opening{Item: enrolment})
	must(t, err)
	_, err = h.Entrust(t.Context(), h.clerk(), h.entrustment(own.ID)) // begun by herself: for the clerk it is not there
	if e := fault.Of(err); len(e.Fields) != 1 || e.Fields[0].Location != "body.case" {
		t.Errorf("told %v %+v", e, e.Fields)
	}
	receipt, err := h.cases.Submit(t.Context(), h.resident, c, in)
	must(t, err)
	if receipt.Case.FiledBy != nil || receipt.Case.ByAgent { // she did it herself
		t.Errorf("filed by %+v", receipt.Case.FiledBy)
	}
	_, err = h.cases.Get(t.Context(), h.clerk(), c)
	want(t, err, fault.NotFound)
	h.sound()
}

func TestTheDecisionBringsTheResult(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(SentIn)
	want(t, h.do(TakeResult, h.clerk(), id), ErrNoResult)
	h.grant(id)
	seen, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	last := seen.History[len(seen.History)-1]
	if seen.Status != ResultReceived || last.Act != TakeResult || last.Role != access.System || seen.ResultAt == nil {
		t.Errorf("%s %+v", seen.Status, last)
	}
	must(t, h.do(HandOver, h.clerk(), id))
	h.pass(400 * 24 * time.Hour)
	paused := h.to(Paused)
	h.grant(paused)
	must(t, h.do(GoOn, h.clerk(), paused))
	if n, err := h.Rounds(t.Context()); err != nil || n != 2 {
		t.Errorf("%d %v", n, err)
	}
	if a, b := h.row(id).Status, h.row(paused).Status; a != Archived || b != ResultReceived {
		t.Errorf("%s %s", a, b)
	}
	h.sound()
}

func TestPapersGoBackBeforeItEnds(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.identified().ID
	seen, err := h.TakePapers(t.Context(), h.clerk(), id, Papers{Name: "户口簿", Form: original, Count: 2, Signer: "田顺", Signature: fingerprint})
	must(t, err)
	want(t, h.do(Stop, h.clerk(), id), ErrPapersOut)
	back := Return{Paper: seen.Papers[0].ID, Count: 3, Signer: "田顺", Signature: signed}
	_, err = h.ReturnPapers(t.Context(), h.clerk(), id, back)
	want(t, err, ErrTooMany)
	for range 2 {
		back.Count = 1
		seen, err = h.ReturnPapers(t.Context(), h.clerk(), id, back)
		must(t, err)
	}
	must(t, h.do(Stop, h.clerk(), id))
	if len(seen.Papers) != 3 || seen.Papers[2].Name != "户口簿" || seen.Papers[2].Returns != seen.Papers[0].ID {
		t.Errorf("%+v", seen.Papers)
	}
	_, err = h.TakePapers(t.Context(), h.clerk(), id, Papers{Name: "户口簿", Form: original, Count: 1, Signer: "田顺", Signature: signed})
	want(t, err, ErrNotNow)
	h.sound()
}

func TestWhatIsNotSignedIsNotEntrusted(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.draft()
	for field, spoil := range map[string]func(*Entrustment){
		"body.scope":       func(e *Entrustment) { e.Scope = "" },
		"body.powers":      func(e *Entrustment) { e.Powers = nil },
		"body.valid_until": func(e *Entrustment) { e.Until = h.today().AddDays(-1) },
		"body.witnesses":   func(e *Entrustment) { e.Witnesses = []string{"王见证", "王见证"} },
		"body.attachments": func(e *Entrustment) { e.Method = signed },
		"body.entruster":   func(e *Entrustment) { e.Relation = "guardian" },
	} {
		in := h.entrustment(c)
		spoil(&in)
		_, err := h.Entrust(t.Context(), h.clerk(), in)
		if e, ok := errors.AsType[*fault.Error](err); !ok || len(e.Fields) == 0 || e.Fields[0].Location != field {
			t.Errorf("got %v, want a fault of %s", err, field)
		}
	}
	_, err := h.Entrust(t.Context(), h.resident, h.entrustment(c))
	want(t, err, fault.NotYours)
}
