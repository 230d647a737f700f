package casework

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/store"
)

// Nobody is asked beyond the limit, also on its last day; what is late already is asked for as long as it takes.
func TestAskingNearTheLimit(t *testing.T) {
	h := open(t)
	id := h.to(Reviewing, h.file(claim))
	row := h.row(id)
	due := row.dues().Binding().On
	ask := func(on clock.Date) error {
		return errOf(h.AskOpinions(t.Context(), h.reviewer(), id, Asking{Offices: []string{h.civil().Office}, Question: "是否属实，请核对。", DueOn: on}))
	}
	h.store.Clock().Set(due.Start())
	for _, days := range []int{0, 1, longestQuestion} {
		err := ask(due.AddDays(days))
		wrongField(t, err, "body.due_on")
		if err != nil && !strings.Contains(detailed(err), "今天是办理期限的最后一天") {
			t.Error(detailed(err))
		}
	}
	h.store.Clock().Set(due.End().Add(-time.Second))
	wrongField(t, ask(due.AddDays(1)), "body.due_on")
	h.store.Clock().Set(due.End())
	wrongField(t, ask(due.AddDays(1)), "body.due_on") // that is today
	wrongField(t, ask(due.AddDays(2+longestQuestion)), "body.due_on")
	must(t, ask(due.AddDays(1+longestQuestion)))
}

// A question is over at the end of its day in Shanghai, not at that of the day in UTC, nor at its beginning.
func TestWhenAnOpinionMayBeMissing(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	id := h.to(Reviewing, h.file(claim))
	q := h.ask(id, h.civil())[0]
	h.store.Clock().Set(q.DueOn.End())
	must(t, h.do(Grant, h.decider(), id))
	h.sound()
	for _, c := range []struct {
		ended time.Time
		wrong bool
	}{
		{q.DueOn.Start().Add(-time.Second), true}, {q.DueOn.Start(), true}, {q.DueOn.Start().Add(8 * time.Hour), true},
		{q.DueOn.End().Add(-time.Second), true}, {q.DueOn.End(), false},
	} {
		must(t, h.store.Write(ctx, h.system(), func(tx *store.Tx) error {
			return tx.Table("case_opinions").Where("id = ?", q.ID).UpdateColumn("ended_at", c.ended.UTC()).Error
		}))
		faults, err := h.store.Fsck(ctx, opinionChecks())
		must(t, err)
		if found := len(faults) == 1 && faults[0].Check == "opinions missing before their day was over"; found != c.wrong || !found && len(faults) > 0 {
			t.Errorf("over at %s of %s: %v", c.ended.UTC(), q.DueOn, faults)
		}
	}
}
