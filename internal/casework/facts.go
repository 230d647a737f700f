package casework

import (
	"time"

	"gorm.io/gorm"

	"tongban/internal/clock"
	"tongban/internal/flow"
)

// Fact is what a ledger says of a case: how it stands, never what is in it.
type Fact struct {
	ID          string
	Number      *string
	Status      flow.State
	Outcome     flow.State // of the decision; empty while there is none
	Office      string
	Corrections int
	DecidedAt   *time.Time
}

// StatusText is the decision in words, for it stays when the case goes on; else how the case stands.
func (f Fact) StatusText() string {
	if f.Outcome != "" {
		return Flow.Text(f.Outcome)
	}
	return Flow.Text(f.Status)
}

// Facts of several cases, for a desk that has already decided who may know them; who is not there is left out.
func Facts(db *gorm.DB, ids ...string) (map[string]Fact, error) {
	var list []Fact
	err := db.Table("cases").Select("cases.id, cases.number, cases.status, o.outcome, cases.office, cases.corrections, cases.decided_at").
		Joins("LEFT JOIN case_decisions o ON o.case_id = cases.id").Where("cases.id IN ?", ids).Find(&list).Error
	facts := make(map[string]Fact, len(list))
	for _, f := range list {
		facts[f.ID] = f
	}
	return facts, err
}

// Workdays is how many working days somebody waited between two moments: those after the day of the first, up to and including
// that of the second; 0 when it was done the same day.
func (d *Desk) Workdays(from, to time.Time) int {
	n, _ := d.calendar.Count(clock.DateOf(from), clock.DateOf(to))
	return max(n, 0)
}
