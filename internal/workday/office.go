package workday

import (
	"time"

	"tongban/internal/clock"
)

// OfficeHours of a county by the wall clock in Shanghai, as time since midnight: {8*time.Hour, 17*time.Hour}.
// Zero OfficeHours are none: everything counts from the moment it came.
type OfficeHours struct{ Open, Close time.Duration }

// Received is the moment from which something that came at the moment came counts as received: at once within office
// hours, else at the next opening, so that an evening or a day off counts as the next working day.
func (c *Calendar) Received(came time.Time, hours OfficeHours) (at time.Time, provisional bool) {
	if hours == (OfficeHours{}) {
		return came, false
	}
	today := clock.DateOf(came)
	day, provisional := c.Next(today)
	if day == today && !came.Before(wall(today, hours.Close)) {
		var open bool
		day, open = c.Add(today, 1)
		provisional = provisional || open
	}
	if opening := wall(day, hours.Open); came.Before(opening) {
		return opening.UTC(), provisional
	}
	return came, provisional
}

// wall is the moment at which clocks on the wall show since on that day.
func wall(day clock.Date, since time.Duration) time.Time {
	return time.Date(day.Year, day.Month, day.Day, 0, 0, int(since/time.Second), 0, clock.Shanghai)
}
