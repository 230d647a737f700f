package appeal

import (
	"math/rand/v2"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store/storetest"
)

// Whatever people try, in whatever order and however late, with rounds between: each refusal is a promised one, and every
// history follows the table.
func TestWandering(t *testing.T) {
	t.Parallel()
	h := open_(t)
	h.master = h.submit().ID
	dice := rand.New(rand.NewPCG(7, 4))
	roles := []access.Role{resident, clerk, dispatcher, officer, followUp, supervisor, system}
	ids := []string{}
	done := 0
	for i := range storetest.Rounds(800) {
		if i%20 == 0 {
			ids = append(ids, h.file(), h.anonymous())
		}
		id := ids[dice.IntN(len(ids))]
		state := h.row(id).Status
		act, role := Flow.Acts[dice.IntN(len(Flow.Acts))].Name, roles[dice.IntN(len(roles))]
		// Mostly something that the table has for the state, or nothing would ever get far.
		for range 200 {
			if r := Flow.Rows[dice.IntN(len(Flow.Rows))]; r.From == state && dice.IntN(4) > 0 {
				act, role = r.Do, r.By[dice.IntN(len(r.By))]
				break
			}
		}
		err := h.do(act, h.with(role), id)
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
	t.Logf("%d acts were done", done)
	if done < storetest.Rounds(150) {
		t.Errorf("only %d acts were done: this tests nothing", done)
	}
	h.sound()
}
