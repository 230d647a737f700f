package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Perishable (到期清理) is one class of what a desk keeps about people, and how it is given up when its time is over (PIPL 19). The desk
// knows the rows and the SQL; when their time is over is the county's rule (internal/retention).
type Perishable struct {
	Code  string   // such as notice.made; what rules and trail call it
	Table string   // whose rows go or are cleared
	Keys  []string // its primary key; rows are taken in the order of the first column
	Since string   // from which moment the time counts, in the rules' word: made, over, used, done, concluded
	At    string   // the column that tells how old a row is

	// Due narrows the table to the rows whose moment lies before that one, and that were not cleared yet.
	Due func(db *gorm.DB, before time.Time) *gorm.DB
	// Set is what is cleared of a row; without it the whole row goes.
	Set map[string]any
	// With are rows of other tables that go together with a row; they name it by the first key.
	With []Part
	// About names what a row may be about, by kind and column: while that is under dispute, the row stays.
	About []Part
	// ToldBy is another class whose rows tell whether these are due: that one is kept at least as long, and is given up first.
	ToldBy string
}

// Part is a column of a table, or of a kind of thing.
type Part struct{ Of, Column string }

// Dispute is a condition, in SQL, on the column with a thing's id: it is under dispute.
type Dispute func(column string) string

// Deletes: whole rows go.
func (p Perishable) Deletes() bool { return p.Set == nil }

// FirstID is below every id that is made at the moment or later, and above all that were made earlier.
func FirstID(at time.Time) string {
	ms := uint64(at.UnixMilli())
	return fmt.Sprintf("%08x-%04x-7000-8000-000000000000", ms>>16, ms&0xffff)
}
