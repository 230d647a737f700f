package api

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/store"
)

// TestCarryingThatIsCutOff: the program dies in the middle of carrying a village's people over. Whole batches are over by then; the next
// start carries the rest, and nobody twice.
func TestCarryingThatIsCutOff(t *testing.T) {
	t.Parallel()
	s, options := demo.Fresh(t)
	h := openHouseOn(t, s)
	clerk := h.actor(t, "clerk-hewan")
	const people = 230 // more than two batches
	var ids []string
	for i := range people {
		h.clock.Advance(time.Second) // they are carried in the order of their ids
		r, err := h.Accounts.RegisterResident(context.WithoutCancel(t.Context()), clerk, account.Registration{
			Name: "老人", Village: hewan, Grid: hewan + access.Area(fmt.Sprintf("0%d", i%2+1)), Consent: account.Consent{TextVersion: consentVersion, How: account.Spoken},
		})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	appeals := map[string]*subject{}
	h.tellMore(t, "wang", "13800000003", hewan+"02")
	for _, grid := range []string{"01", "02"} {
		a := h.hand(t, &subject{by: "clerk-hewan", whose: "wang", grid: hewan + grid, identity: "public", office: "water", officer: "officer-water"})
		appeals[a.id] = a
	}
	h.stopAt(t, ids[people-20])
	h.must(t, "system-admin", 200, "POST", "/areas/"+hewan+"/merge", `{"into":"`+xinglin+`",`+byDocument+`}`)
	over := h.rows(t, "persons", "id IN ? AND village = ?", ids, xinglin)
	if over < 50 || over == people {
		t.Fatalf("%d of %d are over: it was not cut off in the middle", over, people)
	}
	h.wantRows(t, over, "trail", "act = 'person.carry' AND object IN ?", ids)
	for range 3 { // the round tries again, and again
		if err := h.Accounts.CarryAreas(t.Context()); err == nil {
			t.Fatal("it went on, though a statement failed")
		}
	}
	h.wantRows(t, over, "persons", "id IN ? AND village = ?", ids, xinglin)
	h.wantRows(t, over, "trail", "act = 'person.carry' AND object IN ?", ids)

	// The next start, on the same database.
	h.goOn(t)
	next := openNext(t, options)
	for range 2 { // the second time there is nothing left
		if err := next.Accounts.CarryAreas(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	next.wantRows(t, 0, "persons", "village = ?", hewan)
	next.wantRows(t, people, "persons", "id IN ? AND village = ? AND version = 2 AND grid LIKE ?", ids, xinglin, xinglin+"%")
	next.wantRows(t, people, "trail", "act = 'person.carry' AND object IN ?", ids)
	next.wantRows(t, int64(len(appeals)), "trail", "act = 'appeal.carry'")
	next.wantRows(t, 0, "appeals", "village = ?", hewan)
	for id := range appeals {
		next.wantRows(t, 1, "appeals", "id = ? AND village = ? AND grid LIKE ?", id, xinglin, xinglin+"%")
	}
	next.wantRows(t, 0, "area_changes", "carried_at IS NULL")
	next.wantRows(t, 3, "area_changes", "closes IS NOT NULL")
	if _, err := next.Store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// stopAt makes the database refuse to move that person.
func (h *house) stopAt(t *testing.T, person string) {
	t.Helper()
	statement := "CREATE TRIGGER stop_carrying BEFORE UPDATE ON persons FOR EACH ROW WHEN NEW.id = '" + person + "' BEGIN SELECT RAISE(ABORT, 'stop'); END"
	if h.Store.Engine() == "mysql" {
		statement = "CREATE TRIGGER stop_carrying BEFORE UPDATE ON persons FOR EACH ROW" +
			" IF NEW.id = '" + person + "' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'stop'; END IF"
	}
	h.exec(t, statement)
}

func (h *house) goOn(t *testing.T) {
	t.Helper()
	h.exec(t, "DROP TRIGGER stop_carrying")
}

func (h *house) exec(t *testing.T, statement string) {
	t.Helper()
	if err := h.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Exec(statement).Error }); err != nil {
		t.Fatal(err)
	}
}
