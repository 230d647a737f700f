package casework

import (
	"testing"

	platform "tongban/internal/county"
)

// TestStrangeCharacters of the county's are no reason to refuse what it did.
func TestStrangeCharacters(t *testing.T) {
	t.Parallel()
	h := open(t)
	for opinion, words := range map[string]string{
		"材料齐全\r准予办理":               "材料齐全\n准予办理",
		"材料齐全\r\n准予办理":             "材料齐全\n准予办理",
		"材料齐全\ufffe准予办理":           "材料齐全准予办理",
		"材料\U0001ffff齐全准予办理\ufdd0": "材料齐全准予办理",
		"\r": countySaysNothing, "\ufffe": countySaysNothing, "\u200b": countySaysNothing, "": countySaysNothing,
	} {
		id := h.to(Received, h.file(claim))
		row := h.row(id)
		if o := h.hears(platform.Event{Ref: row.number(), Act: platform.Refuse, At: h.store.Clock().Now(), Opinion: opinion}); o.Status != platform.Applied {
			t.Errorf("%q: %+v", opinion, o)
		}
		seen, err := h.Get(t.Context(), h.resident, id)
		must(t, err)
		if got := seen.History[len(seen.History)-1].Words; got != words {
			t.Errorf("%q is told as %q", opinion, got)
		}
	}
	id := h.to(Received, h.file(claim))
	row := h.row(id)
	e := platform.Event{Ref: row.number(), Act: platform.AskCorrection, At: h.store.Clock().Now(), Document: "\ufffe", Result: platform.Result{Name: "\r"}}
	e.Defects = []platform.Defect{{ID: "d1", Material: "别的\r材料", Reason: "x", Text: "请\ufffe补"}, {ID: "d2", Material: "\ufffe", Reason: "x", Text: "\r"}}
	if o := h.hears(e); o.Status != platform.Applied {
		t.Errorf("%+v", o)
	}
	seen, err := h.Get(t.Context(), h.clerk(), id)
	must(t, err)
	if d := seen.Notices[0].Defects; d[0].Text != "别的\n材料：请补" || d[1].Text != countySaysNothing {
		t.Errorf("%+v", d)
	}
	h.sound()
}
