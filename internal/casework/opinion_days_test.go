package casework

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/clock"
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
