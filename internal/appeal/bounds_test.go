package appeal

import (
	"testing"
	"time"

	"tongban/internal/fault"
	"tongban/internal/flow"
)

func TestUrgingAndSupplementingOfADayAreBounded(t *testing.T) {
	h := open_(t)
	for _, c := range []struct {
		do    flow.Act
		most  int
		fault error
	}{{Urge, 3, ErrUrgedEnough}, {Supplement, 20, ErrSupplementedEnough}} {
		h.shanghai(map[flow.Act]string{Urge: "2026-11-24 21:00", Supplement: "2026-11-26 21:00"}[c.do])
		id, another := h.file(), h.file()
		for i := range c.most {
			if i%2 == 0 {
				must(t, h.do(c.do, h.resident, id))
			} else {
				must(t, h.do(c.do, h.clerk(), id))
			}
		}
		err := h.do(c.do, h.resident, id)
		want(t, err, c.fault)
		if wait := fault.Of(err).Wait; wait != 3*time.Hour {
			t.Errorf("%s: wait %v", c.do, wait)
		}
		want(t, h.do(c.do, h.clerk(), id), c.fault)
		must(t, h.do(c.do, h.resident, another))
		h.pass(3 * time.Hour) // midnight in Shanghai
		must(t, h.do(c.do, h.resident, id))
	}
	h.sound()
}

func TestSupervisorsUrgeAsTheySeeFit(t *testing.T) {
	h := open_(t)
	id := h.file()
	for range mostUrges + 2 {
		must(t, h.do(Urge, h.supervisor(), id))
	}
	for range mostUrges {
		must(t, h.do(Urge, h.resident, id))
	}
	want(t, h.do(Urge, h.resident, id), ErrUrgedEnough)
	must(t, h.do(Urge, h.supervisor(), id))
}

// The office has neither name nor phone of whoever asked for secrecy: that it called him is not so.
func TestWaysOfContact(t *testing.T) {
	h := open_(t)
	for identity, ways := range map[Identity]map[string]bool{
		Public:         {"phone": true, "visit": true, "wechat": true, "meeting": true},
		ToHandler:      {"phone": true, "visit": true, "wechat": true, "meeting": true},
		DispatcherOnly: {"through_dispatcher": true, "meeting": true},
		Anonymous:      {"none": true},
	} {
		for _, way := range ContactWays {
			id := ""
			if identity == Anonymous {
				id = h.anonymous()
			} else {
				id = h.submit(func(s *Submission) { s.Identity = identity }).ID
			}
			_, err := h.Contact(t.Context(), h.officer(), h.to(Acknowledged, id), FirstContact{How: way.Code})
			if ways[way.Code] {
				must(t, err)
				continue
			}
			wrongField(t, err, "body.how")
			if row := h.row(id); row.ContactedAt != nil || row.Status != Acknowledged {
				t.Errorf("%s by %s stopped the contact clock", identity, way.Code)
			}
		}
	}
}
