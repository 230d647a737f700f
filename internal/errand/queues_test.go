package errand

import (
	"slices"
	"testing"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/fault"
	"tongban/internal/flow"
)

// TestWorkLists holds the work lists against errands that are made for them one by one: what is listed is what is counted.
func TestWorkLists(t *testing.T) {
	t.Parallel()
	h := open(t)
	at := map[flow.State]string{}
	for _, s := range Flow.States {
		at[s.Name] = h.to(s.Name)
	}
	correcting := h.to(SentIn)
	c := h.row(correcting).CaseID
	window := h.as("window-hall", access.Window)
	_, err := h.cases.Receive(t.Context(), window, c, casework.Plain{})
	must(t, err)
	_, err = h.cases.AskCorrection(t.Context(), window, c, casework.CorrectionRequest{Defects: []casework.Defect{{Material: h.papers(correcting)[0].Material, Reason: "illegible", Text: "请重新拍清楚。"}}})
	must(t, err)
	today, past := h.to(Entrusted), h.to(SentIn)
	h.set(today, map[string]any{"valid_until": h.today(), "agent": "deputy"})
	h.set(past, map[string]any{"valid_until": h.today().AddDays(-1)})
	h.set(at[Archived], map[string]any{"valid_until": h.today()})
	h.set(at[HandedOver], map[string]any{"valid_until": h.today().AddDays(-1)})

	held := h.identified().ID
	h.lend(held)
	must(t, h.do(Revoke, h.resident, held))

	running := []string{at[Entrusted], at[Checked], at[SentIn], at[Paused], at[ResultReceived], correcting, today, past}
	lists := map[string][]string{
		"to_collect": {at[Entrusted], correcting, today}, "to_file": {at[Checked]}, "to_hand_over": {at[ResultReceived]}, "to_return": {held}, "paused": {at[Paused]},
		"mine": slices.DeleteFunc(slices.Clone(running), func(id string) bool { return id == today }), "office": running, "due_today": {today}, "red": {past},
	}
	for who, names := range map[access.Role][]string{
		access.Clerk:      {"to_collect", "to_file", "to_hand_over", "to_return", "paused", "mine", "office", "due_today", "red"},
		access.Supervisor: {"to_return", "paused", "office", "due_today", "red"},
		access.Window:     {},
		access.Resident:   {},
	} {
		actor := h.with(who, Check)
		counts, err := h.Queues(t.Context(), actor)
		must(t, err)
		if len(counts) != len(names) {
			t.Errorf("%s has %+v", who, counts)
			continue
		}
		for i, q := range counts {
			page, err := h.List(t.Context(), actor, Filter{Queue: q.Queue, Limit: 101})
			must(t, err)
			var ids []string
			for _, s := range page {
				ids = append(ids, s.ID)
			}
			wanted := slices.Clone(lists[q.Queue])
			slices.Sort(ids)
			slices.Sort(wanted)
			if q.Queue != names[i] || q.Title == "" || q.N != int64(len(wanted)) || !slices.Equal(ids, wanted) {
				t.Errorf("%s: %s counts %d and lists %v, want %v", who, q.Queue, q.N, ids, wanted)
			}
		}
	}
	_, err = h.List(t.Context(), h.as("supervisor", access.Supervisor), Filter{Queue: "mine", Limit: 10})
	want(t, err, fault.BadField)
}
