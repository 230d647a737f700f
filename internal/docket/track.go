package docket

import (
	"time"

	"tongban/internal/clock"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

// Tracked is how a matter stands, for whoever holds the slip with number and query code. It holds no personal data.
type Tracked struct {
	Number      string
	Status      flow.State
	StatusText  string
	DueOn       clock.Date // of the earlier limit; zero before one is counted, and where there is none
	DueAt       *time.Time
	CorrectOn   clock.Date // his own last day, while he is to correct something
	Provisional bool       // of the day that counts now
	Light       workday.Light
	Stands      bool        // no limit is told: none runs that he waits for
	Closed      bool        // nothing comes any more
	History     []Milestone // oldest first
}

// Milestone is something that happened, in the program's own words, never in anybody's.
type Milestone struct {
	At   time.Time
	Text string
}
