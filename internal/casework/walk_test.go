package casework

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

func TestWhatTheApplicantIsToldHasWords(t *testing.T) {
	for act, told := range tellings {
		if act != remindAct && (told.Said == "" || actText(act) == "") { // that one is a letter alone
			t.Errorf("%s is shown to the applicant without words, or is no act", act)
		}
	}
}

// ready prepares a case for one row of the table, with what the verb demands beyond the row.
func (h *house) ready(r flow.Row, role access.Role) string {
	h.t.Helper()
	item := claim
	switch {
	case r.From == Received && (r.Do == Grant || r.Do == Deny):
		item = enrolment
	case r.Do == Lapse:
		item = legalAid
	}
	id := h.to(r.From, h.file(item))
	if role == system || r.Do == Lapse {
		h.pass(40 * 24 * time.Hour)
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
			if err := h.do(r.Do, h.with(role), id); err != nil {
				t.Errorf("%s in %s by %s: %s", r.Do, r.From, role, detailed(err))
				continue
			}
			after := h.row(id)
			if after.Status != r.To || after.Version != before.Version+1 {
				t.Errorf("%s in %s by %s led to %s (version %d to %d), not to %s", r.Do, r.From, role, after.Status, before.Version, after.Version, r.To)
			}
			if h.letters("case."+string(r.Do), id) == 0 {
				t.Errorf("%s in %s by %s told nobody", r.Do, r.From, role)
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
		item := claim
		if state.Name == Lapsed {
			item = legalAid
		}
		id := h.to(state.Name, h.file(item))
		before := h.row(id)
		for _, act := range Flow.Acts {
			for _, role := range append(access.Roles(), system, county) {
				if _, err := Flow.Next(state.Name, act.Name, role); err != nil && calls.Takes() {
					h.refused(act.Name, h.with(role), id, err)
				}
			}
		}
		if now := h.row(id); now.Version != before.Version || now.Status != before.Status || !now.UpdatedAt.Equal(before.UpdatedAt) {
			t.Errorf("a refused act changed the case in %s", state.Name)
		}
	}
	h.sound()
}

// refused: who does not see it finds nothing, who sees it gets the flow's own answer, with the standing on a conflict.
func (h *house) refused(do flow.Act, actor access.Actor, id string, expected error) {
	h.t.Helper()
	sees, err := h.CanSee(h.t.Context(), actor, id)
	must(h.t, err)
	err = h.do(do, actor, id)
	switch {
	case !sees:
		want(h.t, err, fault.NotFound)
	case errors.Is(expected, flow.NotByYou):
		want(h.t, err, flow.NotByYou)
	default:
		want(h.t, err, ErrNotNow)
		if e := fault.Of(err); e.Current == nil || e.Current.Status != string(h.row(id).Status) || e.Current.Offers == nil {
			h.t.Errorf("%s by %s: a conflict without the present state", do, actor.Role)
		}
	}
}

// Whoever is offered an act can do it, and whoever can do it is offered it.
func TestOffersAreKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	var calls storetest.Sample
	for _, r := range Flow.Rows {
		for _, role := range r.By {
			if !role.Staff() && role != resident || !calls.Takes() {
				continue
			}
			id := h.ready(r, role)
			seen, err := h.Get(t.Context(), h.with(role), id)
			must(t, err)
			if !slices.ContainsFunc(seen.Offers, func(o flow.Offer) bool { return o.Do == r.Do && o.Label != "" }) {
				t.Errorf("%s in %s is not offered to %s", r.Do, r.From, role)
			}
		}
	}
	committed, err := h.Get(t.Context(), h.decider(), h.to(Received, h.file(claim)))
	must(t, err)
	if len(committed.Offers) != 0 {
		t.Errorf("what is not instant is offered for decision: %v", committed.Offers)
	}
}
