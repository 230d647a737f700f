package errand

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// TestOriginalsGoOverWithTheVillage: a village is merged while originals of an errand that is over are still there: the next one gives them back.
func TestOriginalsGoOverWithTheVillage(t *testing.T) {
	t.Parallel()
	h := open(t)
	over, held := h.to(Revoked), h.identified().ID
	paper := h.lend(held)
	must(t, h.do(Revoke, h.resident, held))
	const hewan access.Area = "219901101202"
	for n := 1; n > 0; {
		var err error
		n, err = h.docket.Carry(t.Context(), xinglin, hewan)
		must(t, err)
	}
	if h.row(over).Village != xinglin {
		t.Error("what is over, and holds nothing, stays filed where it was")
	}
	next := h.as("clerk-hewan", access.Clerk)
	page, err := h.List(t.Context(), next, Filter{Queue: "to_return", Limit: 10})
	if err != nil || len(page) != 1 || page[0].ID != held {
		t.Errorf("%d are to be given back: %v", len(page), err)
	}
	_, err = h.ReturnPapers(t.Context(), next, held, Return{Paper: paper, Count: 2, Signer: "田家人", Signature: signed})
	if must(t, err); h.row(held).OriginalsHeld {
		t.Error("all are back, and the errand says that it holds some")
	}
}

// TestOriginalsAreNotForgotten: whichever way an errand goes, the originals stand on the list until the last one is back, and before nothing
// is archived, by the clerk or by the program.
func TestOriginalsAreNotForgotten(t *testing.T) {
	t.Parallel()
	h := open(t)
	listed := func(id string) bool {
		t.Helper()
		page, err := h.List(t.Context(), h.deputy(), Filter{Queue: "to_return", Limit: 101})
		must(t, err)
		return slices.ContainsFunc(page, func(s Seen) bool { return s.ID == id && s.OriginalsHeld })
	}
	offered := func(id string, do flow.Act) bool {
		t.Helper()
		seen, err := h.Get(t.Context(), h.clerk(), id)
		must(t, err)
		return slices.ContainsFunc(seen.Offers, func(o flow.Offer) bool { return o.Do == do })
	}
	ways := map[flow.State]func(id string){
		Revoked: func(id string) { must(t, h.do(Revoke, h.resident, id)) },
		Stopped: func(id string) { must(t, h.endCase(id)) },
		HandedOver: func(id string) {
			must(t, h.do(Check, h.clerk(), id))
			must(t, h.do(File, h.clerk(), id))
			h.grant(id)
			must(t, h.do(HandOver, h.clerk(), id))
		},
	}
	for to, way := range ways {
		id := h.identified().ID
		_, err := h.TakePapers(t.Context(), h.clerk(), id, Papers{Name: "照片", Form: "copy", Count: 1, Signer: "田家人", Signature: signed})
		must(t, err)
		if listed(id) || !offered(id, Stop) {
			t.Errorf("%s: a copy waits to go back", to)
		}
		paper := h.lend(id)
		if offered(id, Stop) {
			t.Errorf("%s: with originals here its end is offered", to)
		}
		way(id)
		h.giveBack(id, paper)
		if now := h.row(id).Status; now != to || !listed(id) {
			t.Errorf("%s (%s): one of two originals is here, and on the list: %t", now, to, listed(id))
		}
		if to == HandedOver {
			want(t, h.do(Archive, h.clerk(), id), ErrPapersOut)
			h.pass(400 * 24 * time.Hour)
			if n, err := h.Rounds(t.Context()); err != nil || n != 0 || offered(id, Archive) {
				t.Errorf("a round archives %d (%v), and it is offered: %t", n, err, offered(id, Archive))
			}
		}
		h.giveBack(id, paper)
		if listed(id) {
			t.Errorf("%s: all went back, and it is on the list", to)
		}
		if n, err := h.Rounds(t.Context()); to == HandedOver && (err != nil || n != 1 || h.row(id).Status != Archived) {
			t.Errorf("all went back, and a round archives %d, %v", n, err)
		}
	}
	h.sound()
}
