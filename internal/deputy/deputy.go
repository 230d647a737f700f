// Package deputy is who stands in for whom (AB岗): whoever handles cases at an office and is away names a colleague in the same
// role at the same office, with the first day and the last; a village's clerk another clerk of his village. The deputy acts in his own post and in his own name; what is new
// to him is what the other has in hand. A right that he does not hold himself he does not get.
package deputy

import (
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
)

// Roles are those in which somebody may be stood in for.
var Roles = []access.Role{access.Window, access.Reviewer, access.Decider, access.Clerk}

// longest is for how many days somebody may be stood in for at a time [policy]: who is away longer is replaced in his post.
const longest = 92

// Deputy is a row of deputies: person is stood in for in his post, from the first day to the last, or until it was ended.
type Deputy struct {
	ID         string `gorm:"primaryKey"`
	Person     string
	Post       string
	Deputy     string
	DeputyPost string
	Office     string
	Role       access.Role
	FirstOn    clock.Date
	LastOn     clock.Date
	NamedAt    time.Time
	EndedAt    *time.Time // ended before its last day
}

func (Deputy) TableName() string { return "deputies" }

// On says whether he stands in on that day.
func (d Deputy) On(day clock.Date) bool {
	return d.EndedAt == nil && !day.Before(d.FirstOn) && !d.LastOn.Before(day)
}

// Seen is a deputy as his colleagues know him.
type Seen struct {
	Deputy
	PersonName, DeputyName string
	Now                    bool // he stands in today
}

// Colleague is who may be named.
type Colleague struct{ Person, Name, Title string }
