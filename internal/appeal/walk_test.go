package appeal

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

func TestFlowIsSoundAndEveryActHasAVerb(t *testing.T) {
	if err := Flow.Check(Verbs()); err != nil {
		t.Error(err)
	}
	for _, a := range Flow.Acts {
		if told, found := tellings[a.Name]; found && told.Said == "" {
			t.Errorf("%s is shown to the petitioner without words", a.Name)
		}
	}
}

// ready prepares an appeal for one row of the table, with what the verb demands beyond the row.
func (h *house) ready(r flow.Row, role access.Role) string {
	h.t.Helper()
	if r.From == Replied && r.Do == Conclude {
		return h.anonymousReplied()
	}
	id := h.to(r.From, h.file())
	switch {
	case role != system:
	case r.Do == Conclude:
		for range 3 {
			must(h.t, h.do(Attempt, h.followUp(), id))
		}
	case r.Do == Escalate:
		h.pass(31 * 24 * time.Hour)
	case r.Do == StartFollowUp, r.Do == Resume:
		h.pass(8 * 24 * time.Hour)
	}
	return id
}

// unseen: what is not dispatched yet is not there for an officer, though the table lets officers note in every open state.
func unseen(r flow.Row, role access.Role) bool {
	return role == officer && (r.From == Submitted || r.From == Accepted)
}

func (h *house) anonymousReplied() string {
	id := h.to(Acknowledged, h.anonymous())
	_, err := h.Contact(h.t.Context(), h.officer(), id, FirstContact{How: "none"})
	must(h.t, err)
	must(h.t, h.do(Reply, h.officer(), id))
	return id
}

func TestEveryRowByTheRightRole(t *testing.T) {
	t.Parallel()
	h := open_(t)
	h.master = h.submit().ID
	standing := []flow.State{Shelved, Replied, FollowingUp} // their clock stands: there is nothing to escalate
	var calls storetest.Sample
	for _, r := range Flow.Rows {
		for _, role := range r.By {
			if !calls.Takes() {
				continue
			}
			id := h.ready(r, role)
			before := h.row(id)
			err := h.do(r.Do, h.with(role), id)
			if unseen(r, role) {
				want(t, err, fault.NotFound)
				continue
			}
			if r.Do == Escalate && slices.Contains(standing, r.From) {
				want(t, err, ErrTooEarly)
				continue
			}
			if err != nil {
				t.Errorf("%s in %s by %s: %s", r.Do, r.From, role, detailed(err))
				continue
			}
			after := h.row(id)
			if after.Status != r.To || after.Version != before.Version+1 {
				t.Errorf("%s in %s by %s led to %s (version %d to %d), not to %s", r.Do, r.From, role, after.Status, before.Version, after.Version, r.To)
			}
			if h.letters("appeal."+string(r.Do), id) == 0 {
				t.Errorf("%s in %s by %s told nobody", r.Do, r.From, role)
			}
		}
	}
	h.sound()
}

func TestEveryWrongRoleAndState(t *testing.T) {
	t.Parallel()
	h := open_(t)
	h.master = h.submit().ID
	var calls storetest.Sample
	for _, state := range Flow.States {
		id := h.to(state.Name, h.file())
		before := h.row(id)
		for _, act := range Flow.Acts {
			for _, role := range append(access.Roles(), system, access.County) {
				if !inTable(role) && state.Name != Handling {
					continue // to whom no row belongs nothing is visible in any state: one will do
				}
				if _, err := Flow.Next(state.Name, act.Name, role); err != nil && calls.Takes() {
					h.refused(act.Name, h.with(role), id, err)
				}
			}
		}
		if now := h.row(id); now.Version != before.Version || now.Status != before.Status || !now.UpdatedAt.Equal(before.UpdatedAt) {
			t.Errorf("a refused act changed the appeal in %s", state.Name)
		}
	}
	h.sound()
}

func inTable(role access.Role) bool {
	return slices.ContainsFunc(Flow.Rows, func(r flow.Row) bool { return slices.Contains(r.By, role) })
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

// Whoever is offered an act can do it.
func TestOffersAreKept(t *testing.T) {
	t.Parallel()
	h := open_(t)
	h.master = h.submit().ID
	var calls storetest.Sample
	for _, r := range Flow.Rows {
		for _, role := range r.By {
			if role == system || unseen(r, role) || !calls.Takes() {
				continue
			}
			id := h.to(r.From, h.file())
			seen, err := h.Get(t.Context(), h.with(role), id)
			must(t, err)
			if !slices.ContainsFunc(seen.Offers, func(o flow.Offer) bool { return o.Do == r.Do && o.Label != "" }) {
				t.Errorf("%s in %s is not offered to %s", r.Do, r.From, role)
			}
		}
	}
}
