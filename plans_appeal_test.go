//go:build !race

package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/clock"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/workday"
)

// weights say how many of a hundred are what.
type weights[T any] []struct {
	of   int
	what T
}

func (w weights[T]) pick(r *rand.Rand) T {
	n := r.IntN(100)
	for _, e := range w {
		if n -= e.of; n < 0 {
			return e.what
		}
	}
	return w[len(w)-1].what
}

var (
	openStates = weights[flow.State]{
		{5, appeal.Submitted}, {5, appeal.Accepted}, {10, appeal.Dispatched}, {2, appeal.SendBackAsked}, {10, appeal.Acknowledged},
		{35, appeal.Handling}, {3, appeal.Shelved}, {15, appeal.Replied}, {10, appeal.FollowingUp}, {5, appeal.Concluded},
	}
	oldStates = weights[flow.State]{
		{1, appeal.Shelved}, {3, appeal.Declined}, {3, appeal.Diverted}, {2, appeal.Merged}, {2, appeal.Withdrawn}, {89, appeal.Concluded},
	}
	endedStates  = oldStates[1:]
	classWeights = weights[appeal.Class]{
		{20, appeal.Consult}, {40, appeal.Help}, {25, appeal.Complaint}, {5, appeal.Report}, {10, appeal.Suggestion},
	}
	identityWeights = weights[appeal.Identity]{
		{30, appeal.Public}, {50, appeal.ToHandler}, {10, appeal.DispatcherOnly}, {10, appeal.Anonymous},
	}
	lightWeights = weights[workday.Light]{{80, workday.Green}, {10, workday.Amber}, {10, workday.Red}}
)

// appeal makes row i. The last three weeks' are mostly open, older ones mostly concluded; whatever is due has been done,
// but for a few.
func (c *crowd) appeal(r *rand.Rand, i int) appeal.Appeal {
	at := c.at(i)
	village := c.village(i)
	a := appeal.Appeal{
		ID: c.key('a', i, 0, at), Number: fmt.Sprintf("SQ%018d", i), QueryMAC: "-", Version: 3, Class: classWeights.pick(r), Urgency: appeal.Normal,
		County: village.County(), Town: village.Town(), Village: village, Grid: c.grid(i), Identity: identityWeights.pick(r), Applicant: c.person(i),
		ContactBy: at.Add(24 * time.Hour), DueOn: clock.DateOf(at).AddDays(7), StartedAt: at, Light: lightWeights.pick(r), CreatedAt: at, UpdatedAt: at,
	}
	a.Text = c.store.Keys().Seal(secret.Where{Table: "appeals", Column: "text", Row: a.ID}, []byte("村口的路灯有两盏不亮了，晚上走路看不见。"))
	switch {
	case c.past():
		a.Status = endedStates.pick(r)
	case monday.Sub(at) < 3*7*24*time.Hour:
		a.Status = openStates.pick(r)
	default:
		a.Status = oldStates.pick(r)
	}
	d, isDue := c.dues[i]
	if isDue {
		a.Status, a.Light = d.status, d.light
	}
	c.whose(&a, r, i)
	c.handled(&a, i)
	a.WarnAt, a.LateAt, a.NextAt = clockOf(a.Status, a.Light, r)
	if isDue {
		a.WarnAt, a.LateAt, a.NextAt, a.DueProvisional = d.at(d.warn), d.at(d.late), nil, d.year
		if d.next {
			past := monday.Add(-time.Minute)
			a.NextAt, a.RepliedAt, a.Identity = &past, &past, appeal.ToHandler
		}
	}
	return a
}

func (d due) at(from time.Duration) *time.Time {
	if from == 0 {
		return nil
	}
	at := monday.Add(from)
	return &at
}

// whose is who asks, and of whom he complains.
func (c *crowd) whose(a *appeal.Appeal, r *rand.Rand, i int) {
	switch {
	case i%60 == 0 && i < 6000:
		a.Applicant, a.Identity = c.resident, appeal.Public
	case a.Identity == appeal.Anonymous:
		a.Applicant = ""
	case r.IntN(100) < 15 && a.Village == xinglin:
		a.Agent = c.clerk
	case r.IntN(100) < 15:
		a.Agent = "clerk of " + string(a.Village)
	}
	if r.IntN(100) < 2 {
		a.AboutOffice = c.leads[r.IntN(len(c.leads))].office
	}
}

// handled is who has it, from the dispatch on.
func (c *crowd) handled(a *appeal.Appeal, i int) {
	switch a.Status {
	case appeal.Submitted, appeal.Accepted, appeal.Declined, appeal.Diverted, appeal.Merged, appeal.Withdrawn:
		return
	}
	to := lead{fmt.Sprintf("office %d of %s", i%20, a.County), fmt.Sprintf("officer %d of %s", i%20, a.County)}
	if a.County == access.Area(xinglin).County() {
		to = c.leads[i%len(c.leads)]
	}
	a.Office, a.DispatchedAt = to.office, &a.CreatedAt
	if a.Status != appeal.Dispatched && a.Status != appeal.SendBackAsked {
		a.Owner, a.AcknowledgedAt = to.person, &a.CreatedAt
	}
	switch a.Status {
	case appeal.Replied, appeal.FollowingUp, appeal.Concluded:
		a.RepliedAt = &a.CreatedAt
	}
}

// clockOf is when something is to happen with an appeal that nobody is late with telling.
func clockOf(status flow.State, light workday.Light, r *rand.Rand) (warn, late, next *time.Time) {
	in := func(hours int) *time.Time {
		at := monday.Add(time.Duration(hours)*time.Hour + time.Duration(r.IntN(3600))*time.Second)
		return &at
	}
	switch status {
	case appeal.Shelved, appeal.Replied, appeal.FollowingUp:
		return nil, nil, in(24 + r.IntN(100))
	case appeal.Submitted, appeal.Accepted, appeal.Dispatched, appeal.SendBackAsked, appeal.Acknowledged, appeal.Handling:
	default:
		return nil, nil, nil
	}
	switch light {
	case workday.Red:
		return in(-100), in(-48), nil
	case workday.Amber:
		return in(-20), in(48), nil
	}
	return in(48), in(96), nil
}
