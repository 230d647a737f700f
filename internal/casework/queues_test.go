package casework

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Every list's count is what the list holds, for each role and in one statement that reads cases.
func TestQueuesCountInOneStatement(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.shanghai("2026-11-23 09:00")
	for state := range ways {
		if state != Lapsed {
			h.to(state, h.file(claim))
		}
	}
	for _, state := range []flow.State{Draft, Correcting, Received} {
		h.to(state, h.own(claim))
	}
	h.to(Received, h.file(enrolment))
	h.mustClaim(h.reviewer(), h.to(Accepted, h.file(claim)))
	h.mustClaim(h.decider(), h.to(Reviewing, h.file(claim)))
	h.mustClaim(h.window(), h.to(Received, h.file(claim)))
	h.ask(h.to(Reviewing, h.file(claim)), h.civil())
	b, boss, desk := h.colleague("reviewer-2", reviewer), h.colleague("decider-2", decider), h.colleague("window-2", window)
	h.standIn(h.reviewer(), b, 30)
	h.standIn(h.decider(), boss, 30)
	h.standIn(h.window(), desk, 30)
	actors := []access.Actor{h.resident, h.clerk(), h.window(), h.reviewer(), b, h.decider(), boss, desk, h.supervisor()}
	filled := map[string]bool{}
	for _, moment := range []string{"2026-11-30 10:00", "2026-12-07 10:00", "2026-12-08 10:00"} {
		h.shanghai(moment)
		for _, actor := range actors {
			statements := h.casesRead(func() {
				counts, err := h.Queues(ctx, actor)
				must(t, err)
				for _, c := range counts {
					list, err := h.List(context.WithValue(ctx, quiet{}, true), actor, Filter{Queue: c.Queue, Limit: 100})
					must(t, err)
					if int(c.N) != len(list) || c.Title == "" {
						t.Errorf("%s: %s %q counts %d and lists %d at %s", actor.Role, c.Queue, c.Title, c.N, len(list), moment)
					}
					if c.N > 0 {
						filled[string(actor.Role)+" "+c.Queue] = true
					}
				}
			})
			if statements != 1 {
				t.Errorf("%s: %d statements read cases", actor.Role, statements)
			}
		}
	}
	for _, q := range queues.Queues {
		for _, role := range q.By {
			if !filled[string(role)+" "+q.Name] && q.Name != "by_hand" {
				t.Errorf("%s: %s was always empty, so the test proves nothing of it", role, q.Name)
			}
		}
	}
	for _, role := range []access.Role{access.Officer, access.AuditAdmin} {
		if counts, err := h.Queues(ctx, in(role, "219901", "")); err != nil || len(counts) != 0 {
			t.Errorf("%s has %v %v", role, counts, err)
		}
	}
}

type quiet struct{}

// casesRead counts the statements on cases that run meanwhile, but for those that are marked as quiet.
func (h *house) casesRead(do func()) int {
	h.t.Helper()
	var n atomic.Int32
	callbacks := h.store.Read(h.t.Context()).Callback()
	note := func(db *gorm.DB) {
		if !db.DryRun && db.Statement.Context.Value(quiet{}) == nil && strings.Contains(db.Statement.SQL.String(), "FROM `cases`") {
			n.Add(1)
		}
	}
	must(h.t, errors.Join(callbacks.Query().After("*").Register("test:hall", note), callbacks.Row().After("*").Register("test:hall", note)))
	do()
	must(h.t, errors.Join(callbacks.Query().Remove("test:hall"), callbacks.Row().Remove("test:hall")))
	return int(n.Load())
}

func TestCompletenessAtAGlance(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	glance := func(id string) Completeness {
		t.Helper()
		view, err := h.Get(ctx, h.clerk(), id)
		must(t, err)
		list, err := h.List(ctx, h.clerk(), Filter{Limit: 100})
		must(t, err)
		at := slices.IndexFunc(list, func(s Seen) bool { return s.ID == id })
		if at < 0 || list[at].Papers != view.Papers {
			t.Errorf("the row says otherwise than the case: %+v", view.Papers)
		}
		c := view.Papers
		if c.Required != c.Present+c.Missing+c.Deferred+c.LookedUp {
			t.Errorf("the parts are not the whole: %+v", c)
		}
		return c
	}
	id := h.file(claim)
	if c := glance(id); c.Present != 0 || c.Missing == 0 || c.Complete() || !c.RecheckOn.IsZero() {
		t.Errorf("a draft without papers: %+v", c)
	}
	h.to(Accepted, id)
	if c := glance(id); !c.Complete() || c.Present == 0 || !c.RecheckOn.IsZero() {
		t.Errorf("with all papers: %+v", c)
	}
	must(t, h.store.Write(ctx, h.system(), func(tx *store.Tx) error {
		return tx.Table("case_materials").Where("case_id = ? AND material = ?", id, h.first(id)).
			UpdateColumns(map[string]any{"state": string(Deferred), "necessity": "deferrable"}).Error
	}))
	row := h.row(id)
	if c := glance(id); c.Deferred != 1 || c.Complete() || c.Recheck != RecheckDeferred || c.RecheckOn != row.dues().Binding().On {
		t.Errorf("with one deferred: %+v", c)
	}
	must(t, h.do(Review, h.reviewer(), id))
	must(t, h.do(Suspend, h.reviewer(), id))
	today := clock.DateOf(h.store.Clock().Now())
	if c := glance(id); c.Recheck != RecheckProcedure || c.RecheckOn != today.AddDays(7) {
		t.Errorf("under a special procedure: %+v", c)
	}
	aid := h.to(Correcting, h.file(legalAid))
	if c := glance(aid); c.Recheck != RecheckCorrection || c.RecheckOn != h.row(aid).CorrectOn {
		t.Errorf("waiting for a correction: %+v", c)
	}
	must(t, h.do(Resume, h.reviewer(), id))
	must(t, errOf(h.Grant(ctx, h.decider(), id, Granting{Waived: "系统里已经查到这份材料。"})))
	if c := glance(id); !c.RecheckOn.IsZero() {
		t.Errorf("decided: %+v", c)
	}
}
