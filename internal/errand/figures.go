package errand

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
)

// Figure is what a ledger adds up to, for one office, village or month. Whatever is left out of the rate has its own line:
// Registered = Decided + Stopped + Open.
type Figure struct {
	Key        string // id of the office (empty before it is filed), code of the village, or the month as 2026-11
	Name       string
	Registered int
	Stopped    int     // ended without a result: terminated, or revoked before there was one
	Open       int     // neither decided nor ended
	Decided    int     // filed and decided; also when it was revoked with the result in hand
	AtOnce     int     // of the decided ones: the county never asked for a correction (一次提交通过)
	Workdays   *Spread // from filing to decision; nil when nothing was decided
	Minutes    *Spread // the same by the clock on the wall
}

// Spread is how long half and nine tenths of them waited at most: the smallest wait that so many did not exceed.
type Spread struct{ Median, P90 int }

// The ways to add up.
const (
	ByOffice  = "office"
	ByVillage = "village"
	ByMonth   = "month"
)

// mostMonths are asked for at once.
const mostMonths = 12

// FiguresOrder asks for the figures of the errands that were entrusted in these months.
type FiguresOrder struct {
	From, Through clock.Date // first days of months, both included
	Area          access.Area
	By            string
}

// fact is what the figures know of an errand.
type fact struct {
	ID          string
	Status      flow.State
	Village     access.Area
	CreatedAt   time.Time
	FiledAt     *time.Time
	ResultAt    *time.Time
	DecidedAt   *time.Time
	Office      string
	Corrections int
}

// stopped: it ended without its result. What was decided later, when the errand was over, is none of its doing.
func (f fact) stopped() bool { return slices.Contains(withoutResult, f.Status) && f.ResultAt == nil }

// decided: it was filed, and has its decision.
func (f fact) decided() bool { return !f.stopped() && f.FiledAt != nil && f.DecidedAt != nil }

// Figures adds up what a clerk sees of his village, and a supervisor of his area, in the order of the keys. It names nobody.
func (d *Desk) Figures(ctx context.Context, actor access.Actor, order FiguresOrder) ([]Figure, error) {
	if err := actor.Must(access.Clerk, access.Supervisor); err != nil {
		return nil, err
	}
	before := nextMonth(order.Through)
	switch months := (order.Through.Year-order.From.Year)*12 + int(order.Through.Month-order.From.Month) + 1; {
	case months < 1:
		return nil, fault.Wrong("query.through", "结束月份不能早于开始月份")
	case months > mostMonths:
		return nil, fault.Wrong("query.through", "一次最多统计 12 个月")
	}
	area, _, err := d.within(ctx, actor, order.Area)
	if err != nil {
		return nil, err
	}
	sums := tally{}
	for after := ""; ; {
		var rows []fact
		db := d.store.Read(ctx).Table("errands").Joins("LEFT JOIN cases c ON c.id = errands.case_id").
			Select("errands.id, errands.status, errands.village, errands.created_at, errands.filed_at, errands.result_at, c.decided_at, c.office, c.corrections")
		found := ofMonths(seenBy(actor)(db), area, order.From, before).Where("errands.id > ?", after)
		if err := found.Order("errands.id").Limit(perPiece).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			sums.add(d, keyOf(order.By, r), r)
		}
		if len(rows) < perPiece {
			break
		}
		after = rows[len(rows)-1].ID
	}
	return sums.figures(ctx, d, order.By, area)
}

func keyOf(by string, f fact) string {
	switch by {
	case ByOffice:
		if f.FiledAt == nil { // a draft knows its office already, which knows nothing of it
			return ""
		}
		return f.Office
	case ByVillage:
		return string(f.Village)
	}
	return monthOf(f.CreatedAt) // ByMonth
}

func monthOf(at time.Time) string { return clock.DateOf(at).String()[:len("2026-11")] }

// tally collects by key.
type tally map[string]*heap

type heap struct {
	Figure
	workdays, minutes []int
}

func (t tally) add(d *Desk, key string, f fact) {
	h := t[key]
	if h == nil {
		h = &heap{Figure: Figure{Key: key}}
		t[key] = h
	}
	h.Registered++
	switch {
	case f.stopped():
		h.Stopped++
	case !f.decided():
		h.Open++
	default:
		h.Decided++
		if f.Corrections == 0 {
			h.AtOnce++
		}
		h.workdays = append(h.workdays, d.cases.Workdays(*f.FiledAt, *f.DecidedAt))
		h.minutes = append(h.minutes, max(0, int(f.DecidedAt.Sub(*f.FiledAt)/time.Minute)))
	}
}

func (t tally) figures(ctx context.Context, d *Desk, by string, area access.Area) ([]Figure, error) {
	places, err := d.places(ctx, area)
	if err != nil {
		return nil, err
	}
	list := make([]Figure, 0, len(t))
	for _, h := range t {
		f := h.Figure
		f.Workdays, f.Minutes = spreadOf(h.workdays), spreadOf(h.minutes)
		switch by {
		case ByOffice:
			f.Name, err = places.office(ctx, f.Key)
		case ByVillage:
			f.Name, err = places.village(ctx, access.Area(f.Key))
		default:
			f.Name = f.Key
		}
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Figure) int { return cmp.Compare(a.Key, b.Key) })
	return list, nil
}

// spreadOf takes the nearest rank: a value that somebody really waited.
func spreadOf(waits []int) *Spread {
	if len(waits) == 0 {
		return nil
	}
	slices.Sort(waits)
	return &Spread{casework.Rank(waits, 50), casework.Rank(waits, 90)}
}
