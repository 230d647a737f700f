package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	platform "tongban/internal/county"
)

// The stages of a comparison: the county's list, what differs already, what is under way and not in the list.
const (
	stageList  = "list"
	stageOpen  = "open"
	stageCases = "cases"
	stageOver  = "over"
)

// bounds are what one part of a comparison may take: the round has its own end, and the county other things to do.
type bounds struct {
	asking  time.Duration // the list, and what is asked one by one
	pulling time.Duration // after it
	most    int           // asked one by one in a night
	inVain  int           // questions without an answer, one after another, after which the county is left alone for now
}

// nightly fits into the three quarters of a minute that a round has, with a rest for keeping what was found.
var nightly = bounds{asking: 18 * time.Second, pulling: 15 * time.Second, most: 2000, inVain: 10}

// questions are those of one part, and what was answered.
type questions struct {
	*reconciliation
	platform platform.Platform
	within   bounds
	theirs   []platform.Standing
	answered map[string]bool // by our number: listed, or asked about with an answer
	listed   map[string]bool
	tried    map[string]bool // without one
	early    bool            // there is time to try the list again
	calls    int
	vain     int
}

// list reads on in what changed. What fails for a moment is tried again in the first hours of the night. A list that cannot be read is left for
// the next comparison, and the rest is asked one by one; the error says so.
func (q *questions) list(ctx context.Context) error {
	for q.Stage == stageList {
		page, err := q.platform.Changed(ctx, q.Since, q.Upto)
		if err != nil && q.calls > 0 {
			return nil
		}
		if err != nil && errors.Is(err, platform.ErrAgain) && q.early {
			return err
		}
		if err != nil {
			q.Unlisted, q.Stage, q.Upto = true, stageOpen, ""
			return err
		}
		q.calls++
		q.theirs = append(q.theirs, page.List...)
		q.Listed += len(page.List)
		q.Skipped += page.Unread
		for _, s := range page.List {
			q.answered[s.Ref], q.listed[s.Ref] = true, true
		}
		if page.Next == "" || page.Next == q.Upto {
			q.Stage, page.Next = stageOpen, ""
		}
		q.Upto = page.Next
	}
	return nil
}

// oneByOne asks about the rest: first what differs already, then our cases from where the last night stopped, and round to there.
func (q *questions) oneByOne(ctx context.Context, open []differenceRow, cases map[string]Case) {
	if q.Stage == stageOpen {
		var refs []string
		for _, o := range open {
			if o.SeenAt.Before(q.BegunAt) {
				refs = append(refs, o.Ref)
			}
		}
		slices.Sort(refs)
		if q.ask(ctx, after(slices.Compact(refs), q.Upto)) {
			q.Stage, q.Upto = stageCases, ""
		}
	}
	if q.Stage == stageCases && q.ask(ctx, around(refsIn(cases), q.AskedFrom, q.Upto)) {
		q.Stage, q.Upto = stageOver, ""
	}
}

// ask goes through the numbers as far as it may. Without an answer about one, nothing is said of that case tonight.
func (q *questions) ask(ctx context.Context, refs []string) (through bool) {
	for _, ref := range refs {
		if !q.answered[ref] && !q.tried[ref] {
			if ctx.Err() != nil || q.Asked >= q.within.most || q.vain >= q.within.inVain {
				return false
			}
			s, err := q.platform.Standing(ctx, ref)
			if err != nil && ctx.Err() != nil && q.calls > 0 { // it had not its whole time
				return false
			}
			q.calls++
			q.Asked++
			q.note(ref, s, err)
		}
		q.Upto = ref
	}
	return true
}

func (q *questions) note(ref string, s platform.Standing, err error) {
	known := err == nil || errors.Is(err, platform.ErrNoCase)
	if !known {
		q.tried[ref] = true
		q.Skipped++
		q.vain++
		return
	}
	q.vain, q.answered[ref] = 0, true
	if err == nil {
		q.theirs = append(q.theirs, s)
	}
}

// settles says whether what was heard tells that the difference is gone. That the county has a case twice shows in its list alone: asked about the
// case it names one of them.
func (q *questions) settles(o differenceRow) bool {
	if o.Kind == platform.TwiceThere {
		return q.listed[o.Ref]
	}
	return q.answered[o.Ref]
}

// after are the sorted numbers beyond that one.
func after(refs []string, ref string) []string {
	i, found := slices.BinarySearch(refs, ref)
	if found {
		i++
	}
	return refs[i:]
}

// around are the sorted numbers beyond from, and then those before it; upto says how far one came, if at all.
func around(refs []string, from, upto string) []string {
	rest := after(refs, from)
	begin := refs[:len(refs)-len(rest)]
	switch {
	case upto == "":
		return slices.Concat(rest, begin)
	case upto > from:
		return slices.Concat(after(rest, upto), begin)
	}
	return after(begin, upto)
}

func refsOf(list []platform.Standing) (refs []string) {
	for _, s := range list {
		refs = append(refs, s.Ref)
	}
	return refs
}

func refsIn(cases map[string]Case) (refs []string) {
	for ref := range cases {
		refs = append(refs, ref)
	}
	slices.Sort(refs)
	return refs
}

// perQuestion cases are looked for in one statement.
const perQuestion = 100

// casesThere are our cases, by number, of which the county has heard by itself: all that are under way, and those asked for.
func (d *Desk) casesThere(ctx context.Context, wanted []string) (map[string]Case, error) {
	counties, err := d.people.Areas(ctx, "")
	if err != nil {
		return nil, err
	}
	found := map[string]Case{}
	collect := func(query *gorm.DB) error {
		var rows []Case
		err := query.Select("id, number, status, county_number, county, version, corrections").
			Where("EXISTS (SELECT 1 FROM case_handovers h WHERE h.case_id = cases.id AND h.nth = 1 AND h.status = 'sent')").Find(&rows).Error
		for _, c := range rows {
			found[c.number()] = c
		}
		return err
	}
	for _, c := range counties {
		if err := collect(d.store.Read(ctx).Where("county = ? AND status IN ?", c.Code, underWay)); err != nil {
			return nil, err
		}
	}
	for refs := range slices.Chunk(wanted, perQuestion) {
		if err := collect(d.store.Read(ctx).Where("number IN ?", refs)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// comparable leaves out on both sides what is still on its way to the county, what has no answer, and on theirs what is ours and never was handed over by us.
// What is on its way counts as without an answer from then on.
func (d *Desk) comparable(ctx context.Context, cases map[string]Case, theirs []platform.Standing, answered map[string]bool) (ours, there []platform.Standing, err error) {
	var waiting []string
	err = d.store.Read(ctx).Model(&handoverRow{}).Where("status = ?", handoverWaits).Distinct("case_id").Pluck("case_id", &waiting).Error
	if err != nil {
		return nil, nil, err
	}
	left := map[string]bool{}
	for ref, c := range cases {
		if slices.Contains(waiting, c.ID) {
			delete(answered, ref)
		}
		left[ref] = !answered[ref]
	}
	refs := slices.DeleteFunc(refsIn(cases), func(ref string) bool { return left[ref] })
	counts, err := d.news.Reachings(ctx, refs...)
	if err != nil {
		return nil, nil, err
	}
	untold, err := d.untold(ctx, cases, refs)
	if err != nil {
		return nil, nil, err
	}
	for _, ref := range refs {
		c := cases[ref]
		ours = append(ours, platform.Standing{Ref: ref, Number: c.CountyNumber, State: stateThere(c.Status), Seq: counts[ref], Untold: untold[c.ID]})
	}
	var strangers []string
	for _, s := range theirs {
		if _, known := cases[s.Ref]; !known {
			strangers = append(strangers, s.Ref)
		}
	}
	for refs := range slices.Chunk(strangers, perQuestion) {
		var known []string
		if err := d.store.Read(ctx).Model(&Case{}).Where("number IN ?", refs).Pluck("number", &known).Error; err != nil {
			return nil, nil, err
		}
		for _, ref := range known {
			left[ref] = true
		}
	}
	there = slices.DeleteFunc(theirs, func(s platform.Standing) bool { return left[s.Ref] })
	return ours, there, nil
}

// untold are, by case, how the county has it as long as it has not come to what was done here and is told to nobody: the program's own receipt, and
// the delivery of what the county decided.
func (d *Desk) untold(ctx context.Context, cases map[string]Case, refs []string) (map[string]platform.State, error) {
	before := map[string]platform.State{}
	for refs := range slices.Chunk(refs, perQuestion) {
		var received, delivered []string
		for _, ref := range refs {
			switch c := cases[ref]; {
			case c.Status == Received && c.Corrections == 0:
				received = append(received, c.ID)
			case c.Status == Delivered || c.Status == Concluded:
				delivered = append(delivered, c.ID)
			}
		}
		var acts []Event
		err := d.store.Read(ctx).Select("case_id", "act").Where("case_id IN ? AND act = ? AND role = ?", received, Receive, system).Find(&acts).Error
		if err != nil {
			return nil, err
		}
		for _, e := range acts {
			before[e.CaseID] = platform.Submitted
		}
		var decisions []decisionRow
		if err := d.store.Read(ctx).Select("case_id", "outcome").Where("case_id IN ?", delivered).Find(&decisions).Error; err != nil {
			return nil, err
		}
		for _, r := range decisions {
			before[r.CaseID] = platform.State(r.Outcome)
		}
	}
	return before, nil
}
