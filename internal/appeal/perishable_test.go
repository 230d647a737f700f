package appeal

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"tongban/internal/clock"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// TestTheNamelessAreNotSquared: whether an appeal was handed in again is not looked for among all that nobody put his name to. No time is
// measured: a server tells how many rows it read, which with 400 of them would be 160,000, and SQLite how it goes about it.
func TestTheNamelessAreNotSquared(t *testing.T) {
	t.Parallel()
	h := open_(t)
	const many = 400
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
		rows := make([]Appeal, many)
		for i := range rows {
			rows[i] = Appeal{
				ID: tx.NewID(), Number: fmt.Sprintf("SQ%018d", i), QueryMAC: "-", Version: 1, Class: Consult, Text: []byte("-"), Identity: Anonymous, Status: Concluded,
				County: xinglin.County(), Town: xinglin.Town(), Village: xinglin, DueOn: clock.DateOf(tx.Now), ContactBy: tx.Now, StartedAt: tx.Now, CreatedAt: tx.Now, UpdatedAt: tx.Now,
			}
		}
		return tx.CreateInBatches(rows, 100).Error
	}))
	must(t, h.store.Read(t.Context()).Connection(func(db *gorm.DB) error {
		if storetest.OnMySQL() {
			must(t, db.Exec("FLUSH STATUS").Error)
		}
		var free int64
		must(t, db.Table("appeals").Where("NOT "+Disputes()[kind]("appeals.id")).Count(&free).Error)
		if free != many {
			t.Errorf("%d of %d are under no dispute", free, many)
		}
		if storetest.OnMySQL() {
			fewRead(t, db, 20*many)
			return nil
		}
		var steps []struct{ Opcode string }
		must(t, db.Raw("EXPLAIN SELECT 1 FROM appeals WHERE NOT "+Disputes()[kind]("appeals.id")).Scan(&steps).Error)
		if !skipsNobody(steps) {
			t.Errorf("who is nobody is looked for: %v", steps)
		}
		return nil
	}))
}

// fewRead: the session's statements since the last FLUSH STATUS read so many rows at the most.
func fewRead(t *testing.T, db *gorm.DB, most int) {
	t.Helper()
	var read []struct {
		Name  string `gorm:"column:Variable_name"`
		Value int
	}
	must(t, db.Raw("SHOW SESSION STATUS LIKE 'Handler_read%'").Scan(&read).Error)
	sum := 0
	for _, r := range read {
		sum += r.Value
	}
	if sum == 0 || sum > most {
		t.Errorf("%d rows were read: %v", sum, read)
	}
}

// skipsNobody: before an index is sought SQLite asks whether there is anybody to look for.
func skipsNobody(steps []struct{ Opcode string }) bool {
	for i := range steps {
		if steps[i].Opcode == "IsNull" && slices.ContainsFunc(steps[i:min(i+3, len(steps))], func(s struct{ Opcode string }) bool { return strings.HasPrefix(s.Opcode, "Seek") }) {
			return true
		}
	}
	return false
}
