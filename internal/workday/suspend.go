package workday

import (
	"slices"
	"time"

	"tongban/internal/clock"
)

// Span is a time [Start, End) in which the clock stands still, such as an expert review (特别程序, 行政许可法 45).
// One that has not ended yet is given the present moment as its End.
type Span struct{ Start, End time.Time }

// Suspend moves a due date by the working days that the spans cover wholly, each once, however much they overlap;
// a day covered in part counts as used. A due moment of running hours moves by the covered time itself.
func (c *Calendar) Suspend(due Due, spans ...Span) Due {
	if due.None() {
		return due
	}
	merged := merge(spans)
	if !due.At.IsZero() {
		for _, s := range merged {
			due.At = due.At.Add(s.End.Sub(s.Start))
		}
		due.On = clock.DateOf(due.At)
		return due
	}
	days, provisional := c.covered(merged)
	due.Provisional = due.Provisional || provisional
	return c.Extend(due, days)
}

// covered counts the working days that lie wholly in one of the merged spans.
func (c *Calendar) covered(merged []Span) (days int, provisional bool) {
	for _, s := range merged {
		day := clock.DateOf(s.Start)
		if day.Start().Before(s.Start) {
			day = day.AddDays(1)
		}
		for ; !day.End().After(s.End); day = day.AddDays(1) {
			provisional = provisional || c.open(day)
			if c.Working(day) {
				days++
			}
		}
	}
	return days, provisional
}

// merge joins spans that overlap or touch, in order; empty and backward ones fall out.
func merge(spans []Span) []Span {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return a.Start.Compare(b.Start) })
	var merged []Span
	for _, s := range sorted {
		last := len(merged) - 1
		switch {
		case !s.Start.Before(s.End):
		case last < 0 || merged[last].End.Before(s.Start):
			merged = append(merged, s)
		case merged[last].End.Before(s.End):
			merged[last].End = s.End
		}
	}
	return merged
}
