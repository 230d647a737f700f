package casework

import (
	"math/rand/v2"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

// Whatever people try, in whatever order and however late, with rounds between: each refusal is a promised one, and every
// history follows the table.
func TestWandering(t *testing.T) {
	t.Parallel()
	h := open(t)
	dice := rand.New(rand.NewPCG(7, 4))
	roles := []access.Role{resident, clerk, window, reviewer, decider, supervisor, system, county}
	items := []string{claim, enrolment, felling, legalAid, subsidy}
	ids := []string{}
	done, ends := 0, map[flow.State]int{}
	for i := range storetest.Rounds(2000) {
		if i%8 == 0 {
			ids = append(ids, h.file(items[dice.IntN(len(items))]))
		}
		id := ids[dice.IntN(len(ids))]
		state := h.row(id).Status
		act, role := Flow.Acts[dice.IntN(len(Flow.Acts))].Name, roles[dice.IntN(len(roles))]
		// Mostly something that the table has for the state, or nothing would ever get far.
		for range 200 {
			if r := Flow.Rows[dice.IntN(len(Flow.Rows))]; r.From == state && dice.IntN(5) > 0 {
				act, role = r.Do, r.By[dice.IntN(len(r.By))]
				break
			}
		}
		var err error
		switch {
		case (act == Withdraw || act == Discard) && dice.IntN(12) > 0: // or few would come to their end
			continue
		case state == Received && dice.IntN(6) == 0:
			_, err = h.PermitCorrection(t.Context(), h.supervisor(), id, Permission{Text: "窗口漏看了户口簿。"})
		default:
			err = h.do(act, h.with(role), id)
		}
		if err == nil {
			done++
		} else if fault.Of(err).Kind == fault.Broken {
			t.Fatalf("%s in %s: %v", act, state, err)
		}
		switch dice.IntN(20) {
		case 0:
			h.pass(time.Duration(dice.IntN(72)) * time.Hour)
		case 1:
			h.rounds()
		default:
			h.pass(time.Minute)
		}
	}
	for _, id := range ids {
		ends[h.row(id).Status]++
	}
	t.Logf("%d acts were done: %v", done, ends)
	if done < storetest.Rounds(300) || len(ends) < storetest.Rounds(8) {
		t.Errorf("only %d acts were done: this tests nothing", done)
	}
	h.sound()
}
