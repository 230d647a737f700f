package errand

import (
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/store"
)

// atRead runs something once, after the transactions under way read the table next.
func (h *house) atRead(table string, do func()) {
	h.t.Helper()
	var armed atomic.Bool
	armed.Store(true)
	must(h.t, h.store.Write(h.t.Context(), access.Round(xinglin), func(tx *store.Tx) error {
		return tx.Callback().Query().After("*").Replace("test:"+table, func(db *gorm.DB) {
			if db.Statement.Table == table && armed.CompareAndSwap(true, false) {
				do()
			}
		})
	}))
}

// TestADecisionWhileItIsTakenUpAgain: the county decides at each moment of the resuming, and the result is always found: by the decision
// itself, or by the next round.
func TestADecisionWhileItIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	window, decider := h.as("window-hall", access.Window), h.as("decider", access.Decider)
	for _, table := range []string{"errands", "cases"} {
		id := h.to(Paused)
		c := h.row(id).CaseID
		_, err := h.cases.Receive(t.Context(), window, c, casework.Plain{})
		must(t, err)
		granted := make(chan error, 1)
		h.atRead(table, func() {
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, err := h.cases.Grant(t.Context(), decider, c, casework.Granting{})
				granted <- err
			}()
			select {
			case <-done:
			case <-time.After(300 * time.Millisecond): // it waits for the resuming
			}
		})
		must(t, h.do(GoOn, h.clerk(), id))
		must(t, <-granted)
		_, err = h.Rounds(t.Context())
		must(t, err)
		if now := h.row(id); now.Status != ResultReceived || now.ResultAt == nil {
			t.Errorf("granted when the resuming had read %s, and the errand is %s", table, now.Status)
		}
	}
	h.sound()
}
