package casework

import (
	"errors"
	"testing"
	"time"

	"tongban/internal/access"
	platform "tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/flow"
)

// seenAs is the case as the contract asks for it.
func (h *house) seenAs(id string) (c contract.Case) {
	h.t.Helper()
	row := h.row(id)
	c = contract.Case{State: platform.State(row.Status), Times: map[string]time.Time{}, Messages: map[platform.Act]int{}}
	for name, at := range map[string]*time.Time{
		"applied": row.AppliedAt, "received": row.ReceivedAt, "accepted": row.AcceptedAt, "decided": row.DecidedAt, "delivered": row.DeliveredAt,
	} {
		if at != nil {
			c.Times[name] = *at
		}
	}
	var events []Event
	must(h.t, h.store.Read(h.t.Context()).Where("case_id = ?", id).Order("version, id").Find(&events).Error)
	for _, e := range events {
		c.Acts = append(c.Acts, string(e.Act))
	}
	for _, act := range platform.Acts() {
		c.Messages[act] = h.letters("case."+string(act), id)
	}
	return c
}

// answered answers all that was asked of the applicant, in words.
func (h *house) answered(id string) error {
	seen, err := h.Get(h.t.Context(), h.clerk(), id)
	must(h.t, err)
	var all Correction
	if len(seen.Notices) > 0 {
		for _, f := range seen.Notices[len(seen.Notices)-1].Defects {
			all.Remedies = append(all.Remedies, Remedy{f.ID, "已经补好了"})
		}
		all.Papers = []Paper{{Material: h.first(id)}}
	}
	_, err = h.Correct(h.t.Context(), h.clerk(), id, all)
	return err
}

// TestTheDeskDecides: the desk of this program, where the county has no platform of its own, keeps the contract.
func TestTheDeskDecides(t *testing.T) {
	t.Parallel()
	h := open(t)
	contract.RunHall(t, contract.Hall{
		Submit:   func(*testing.T) string { return h.to(Submitted, h.file(claim)) },
		Correct:  func(_ *testing.T, id string) error { return h.answered(id) },
		Withdraw: func(_ *testing.T, id string) error { return h.do(Withdraw, h.clerk(), id) },
		Act: func(_ *testing.T, id string, act platform.Act) error {
			return h.do(flow.Act(act), h.officer(flow.Act(act)), id)
		},
		Stands:  func(_ *testing.T, id string) contract.Case { return h.seenAs(id) },
		Agrees:  func(*testing.T, string) {},
		Advance: h.pass,
	})
	h.sound()
}

// officer is who does the act at the county's hall.
func (h *house) officer(do flow.Act) access.Actor {
	if actor := h.usual(do); actor.Role != county {
		return actor
	}
	return h.system()
}

// TestThePlatformDecides: a county's platform, with letters, client and inbox between it and the case, keeps the same contract.
func TestThePlatformDecides(t *testing.T) {
	t.Parallel()
	h := connect(t)
	told := func(err error) error {
		for err == nil && h.carry() > 0 {
			h.pass(time.Minute)
		}
		return err
	}
	contract.RunHall(t, contract.Hall{
		Submit: func(t *testing.T) string {
			id := h.to(Submitted, h.file(claim))
			must(t, told(nil))
			return id
		},
		Correct:  func(_ *testing.T, id string) error { return told(h.answered(id)) },
		Withdraw: func(_ *testing.T, id string) error { return told(h.do(Withdraw, h.clerk(), id)) },
		Act: func(_ *testing.T, id string, act platform.Act) error {
			before := h.row(id).Version
			if err := h.Server.Act(h.numberOf(id), act); err != nil {
				return err
			}
			h.tellNews()
			if h.row(id).Version == before {
				return errors.New("the news changed nothing")
			}
			return nil
		},
		Stands: func(_ *testing.T, id string) contract.Case { return h.seenAs(id) },
		Agrees: func(t *testing.T, id string) {
			if here, there := h.row(id).Status, h.standings()[h.numberOf(id)]; platform.State(here) != there {
				t.Errorf("here it is %s, and there %s", here, there)
			}
		},
		Advance: h.pass,
	})
	h.sound()
}
