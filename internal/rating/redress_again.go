package rating

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/flow"
	"tongban/internal/workday"
)

// work are the acts that the check is about.
var work = []flow.Act{Confirm, Unfounded, Correct, Answer}

// hadPart says whether the person ever did any of the work on the redress.
func hadPart(db *gorm.DB, redress, person string) (bool, error) {
	var n int64
	err := db.Model(&RedressEvent{}).Where("redress = ? AND act IN ? AND actor = ?", redress, work, person).Count(&n).Error
	return n > 0, err
}

// checked are the acts of the check, which are not for whoever had a part in the work.
func checked(do flow.Act) bool { return do == Reopen || do == Close }

// clockFor are the columns of the clock once an act is done. What is done again runs on one clock from the first reopening on,
// which no later act and no later reopening starts anew: else a redress could be stretched for ever. Whoever is told of that
// clock again after a check is told of its light again.
func (d *Desk) clockFor(row *Redress, do flow.Act, to flow.State, now time.Time) map[string]any {
	switch again := row.ReopenedAt != nil; {
	case do == Reopen && again:
		set := d.clockOf(d.rules.Again, *row.ReopenedAt, now)
		set["light"] = string(workday.Green)
		return set
	case do == Reopen:
		return d.clockOf(d.rules.Again, now, now)
	case again && doneAgain(to):
		return map[string]any{}
	}
	return d.clockOf(d.rules.limit(to, false), now, now)
}

// doneAgain are the states whose work a reopening starts anew.
func doneAgain(s flow.State) bool {
	return slices.Contains([]flow.State{Opened, Correcting, ToAnswer}, s)
}
