package workday

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What a county sees must not depend on where its server stands, nor on the zone a moment was written in.
func TestTheHostsZoneChangesNothing(t *testing.T) {
	home := time.Local
	t.Cleanup(func() { time.Local = home })

	// everything counts in every way from moments seen in the zone at.
	everything := func(at *time.Location) []any {
		c := county(t)
		var seen []any
		for _, text := range []string{"2026-02-13 00:00", "2026-02-13 07:59", "2026-09-18 23:59", "2026-12-21 08:00"} {
			start := moment(t, text).In(at)
			for _, limit := range []Limit{{20, Workdays}, {7, CalendarDays}, {24, Hours}} {
				due := c.Due(start, limit)
				moved := c.Suspend(due, Span{start.Add(30 * time.Hour), start.Add(150 * time.Hour)})
				received, _ := c.Received(start, OfficeHours{Open: 9 * time.Hour, Close: 17 * time.Hour})
				seen = append(seen, due, moved, due.Deadline().Unix(), c.Warning(start, due).Unix(), received.Unix(),
					c.Light(start, due, start.Add(60*time.Hour)))
			}
		}
		return seen
	}
	want := everything(time.UTC)
	for _, name := range []string{"Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu", "Asia/Shanghai"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		time.Local = zone
		if diff := cmp.Diff(want, everything(zone)); diff != "" {
			t.Errorf("a host in %s: %s", name, diff)
		}
		if diff := cmp.Diff(want, everything(time.UTC)); diff != "" {
			t.Errorf("a host in %s, moments in UTC: %s", name, diff)
		}
	}
}
