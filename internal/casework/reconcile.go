package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	platform "tongban/internal/county"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Reconciliation (对账): once a night our cases at the county's platform are set against its own list. What it has decided and could not tell is
// pulled; what else differs is kept for the supervisors until it is gone.

// differenceRow is something that both sides see differently.
type differenceRow struct {
	ID          string  `gorm:"primaryKey"`
	OpenKey     *string // kind and number, as long as it lasts: each is kept once
	Kind        platform.Kind
	Ref         string
	CaseID      string // empty for what only the county knows
	OurState    platform.State
	TheirState  platform.State
	OurNumber   string
	TheirNumber string
	FoundAt     time.Time
	SeenAt      time.Time
	OverAt      *time.Time
	Pulled      bool // it was put right from the county's standing
}

func (differenceRow) TableName() string { return "case_differences" }

// reconciliation is one comparison.
type reconciliation struct {
	ID         string `gorm:"primaryKey"`
	Since      time.Time
	BegunAt    time.Time
	FinishedAt time.Time
	Listed     int // cases that the county listed
	Asked      int // cases that were asked about one by one
	Found      int // differences, those that were pulled included
	Pulled     int
}

func (reconciliation) TableName() string { return "case_reconciliations" }

const (
	nightFrom, nightTo = 1, 6 // o'clock
	tooLongAgo         = 36 * time.Hour
	overlap            = time.Hour // the county's clock may be another
	mostAsked          = 2000      // one by one, in a night
	perQuestion        = 100       // cases looked for in one statement
)

// Reconcile compares in the night, or as soon as it can when a night was missed. For a round: what is interrupted begins anew, and what was kept or pulled
// by then is kept and pulled once.
func (d *Desk) Reconcile(ctx context.Context) error {
	if d.platform == nil {
		return nil
	}
	now := whole(d.store.Clock().Now())
	since, due, err := d.reconcileSince(ctx, now)
	if err != nil || !due {
		return err
	}
	return d.reconcile(ctx, reconciliation{Since: since, BegunAt: now})
}

// reconcileSince is from when on changes are to be looked at, if it is time.
func (d *Desk) reconcileSince(ctx context.Context, now time.Time) (since time.Time, due bool, err error) {
	local := now.In(clock.Shanghai)
	night := local.Hour() >= nightFrom && local.Hour() < nightTo
	var last []reconciliation
	if err := d.store.Read(ctx).Order("id DESC").Limit(1).Find(&last).Error; err != nil {
		return since, false, err
	}
	if len(last) > 0 {
		begun := last[0].BegunAt
		due = night && begun.Before(clock.DateOf(now).Start()) || now.Sub(begun) >= tooLongAgo
		return begun.Add(-overlap), due, nil
	}
	var first []handoverRow
	err = d.store.Read(ctx).Select("made_at").Order("id").Limit(1).Find(&first).Error
	if err != nil || len(first) == 0 {
		return since, false, err
	}
	return first[0].MadeAt.Add(-overlap), night, nil
}

func (d *Desk) reconcile(ctx context.Context, r reconciliation) error {
	theirs, err := d.listThere(ctx, r.Since)
	if err != nil {
		return err
	}
	r.Listed = len(theirs)
	open, err := d.openDifferences(ctx)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, s := range theirs {
		listed[s.Ref] = true
	}
	wanted := refsOf(theirs)
	for _, o := range open {
		wanted = append(wanted, o.Ref)
	}
	cases, err := d.casesThere(ctx, wanted)
	if err != nil {
		return err
	}
	// What is not in the list has not changed there since; whether it is there at all is asked.
	for _, ref := range slices.Concat(refsIn(cases), wanted) {
		if listed[ref] || r.Asked >= mostAsked {
			continue
		}
		listed[ref] = true
		r.Asked++
		s, err := d.platform.Standing(ctx, ref)
		if errors.Is(err, platform.ErrNoCase) {
			continue
		}
		if err != nil {
			return err
		}
		theirs = append(theirs, s)
	}
	ours, theirs, err := d.comparable(ctx, cases, theirs, listed)
	if err != nil {
		return err
	}
	found := platform.Compare(ours, theirs)
	r.Found = len(found)
	pulled := map[string]bool{}
	for _, f := range found {
		if f.Kind != platform.BehindHere && f.Kind != platform.StateDiffers {
			continue
		}
		done, err := d.pull(ctx, cases[f.Ref].ID, f.Ref)
		if err != nil {
			return err
		}
		if pulled[f.Ref] = done; done {
			r.Pulled++
		}
	}
	return d.keepDifferences(ctx, r, open, found, cases, pulled)
}

// listThere reads the county's list of what changed, whole.
func (d *Desk) listThere(ctx context.Context, since time.Time) (list []platform.Standing, err error) {
	for after := ""; ; {
		page, err := d.platform.Changed(ctx, since, after)
		if err != nil {
			return nil, err
		}
		list = append(list, page.List...)
		if page.Next == "" || page.Next == after {
			return list, nil
		}
		after = page.Next
	}
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

// underWay are the states in which the county has still something to do.
var underWay = append(slices.Clone(beforeDecision), Granted, Denied)

// casesThere are our cases, by number, of which the county has heard by itself: all that are under way, and those asked for.
func (d *Desk) casesThere(ctx context.Context, wanted []string) (map[string]Case, error) {
	counties, err := d.people.Areas(ctx, "")
	if err != nil {
		return nil, err
	}
	found := map[string]Case{}
	collect := func(query *gorm.DB) error {
		var rows []Case
		err := query.Select("id, number, status, county_number, county, version").
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

// comparable leaves out on both sides what is still on its way to the county, what was not asked about, and on theirs what is ours and never was handed over by us.
func (d *Desk) comparable(ctx context.Context, cases map[string]Case, theirs []platform.Standing, asked map[string]bool) (ours, there []platform.Standing, err error) {
	var waiting []string
	err = d.store.Read(ctx).Model(&handoverRow{}).Where("status = ?", handoverWaits).Distinct("case_id").Pluck("case_id", &waiting).Error
	if err != nil {
		return nil, nil, err
	}
	counts, err := d.news.Reachings(ctx, refsIn(cases)...)
	if err != nil {
		return nil, nil, err
	}
	left := map[string]bool{}
	for ref, c := range cases {
		if slices.Contains(waiting, c.ID) || !asked[ref] {
			left[ref] = true
			continue
		}
		ours = append(ours, platform.Standing{Ref: ref, Number: c.CountyNumber, State: stateThere(c.Status), Seq: counts[ref]})
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

// stateThere is ours in the county's words, which know no filing away.
func stateThere(s flow.State) platform.State {
	if s == Concluded {
		return platform.Delivered
	}
	return platform.State(s)
}

// pull brings a case to how it stands at the county, asked afresh, if acts of the county lead there and need no words of the county's. Older news are late from then on.
func (d *Desk) pull(ctx context.Context, id, ref string) (done bool, err error) {
	s, err := d.platform.Standing(ctx, ref)
	if errors.Is(err, platform.ErrNoCase) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = d.store.Write(ctx, access.Actor{Role: county}, func(tx *store.Tx) error {
		done = false
		var row Case
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return err
		}
		var waiting int64
		if err := tx.Model(&handoverRow{}).Where("case_id = ? AND status = ?", id, handoverWaits).Count(&waiting).Error; err != nil || waiting > 0 {
			return err
		}
		way, leads := wayTo(&row, flow.State(s.State))
		if !leads {
			return nil
		}
		for _, do := range way {
			e := platform.Event{Ref: ref, Number: s.Number, Act: platform.Act(do), At: s.At, Opinion: pulledWords}
			if err := d.asCounty(tx, &row, s.At, do, func(s *step) error { return s.hearing(e) }); err != nil {
				return err
			}
		}
		tx.Trail(store.Entry{Act: "case.pull", Kind: kind, Object: id, Area: row.Village, From: string(row.Status), To: string(s.State)})
		done = true
		if err := keepCountyNumber(tx, &row, s.Number); err != nil {
			return err
		}
		return d.reached(tx, s)
	})
	if err != nil && store.Passed(err) { // somebody was faster, or a verb refuses: it stays a difference
		return false, nil
	}
	return done && err == nil, err
}

const pulledWords = "对账时按县级平台的状态补记，详情请向办理单位询问。"

// wayTo are the fewest acts of the county that lead from how the case stands to a state of the county's; none where it stands there already.
func wayTo(c *Case, to flow.State) (way []flow.Act, leads bool) {
	from := c.Status
	if stateThere(from) == platform.State(to) {
		return nil, true
	}
	ways := map[flow.State][]flow.Act{from: {}}
	for queue := []flow.State{from}; len(queue) > 0; queue = queue[1:] {
		for _, r := range Flow.Rows {
			_, seen := ways[r.To]
			atOnce := r.From == Received && (r.Do == Grant || r.Do == Deny)
			if r.From != queue[0] || seen || !slices.Contains(r.By, county) || r.Do == AskCorrection || atOnce && (c.CaseType != catalog.Instant || c.TwoPersons) {
				continue
			}
			ways[r.To] = append(slices.Clone(ways[r.From]), r.Do)
			if r.To == to {
				return ways[r.To], true
			}
			queue = append(queue, r.To)
		}
	}
	return nil, false
}

func (d *Desk) openDifferences(ctx context.Context) (rows []differenceRow, err error) {
	err = d.store.Read(ctx).Where("over_at IS NULL").Order("id").Find(&rows).Error
	return rows, err
}

// keepDifferences writes the night's result: what is new, what still differs, what is gone.
func (d *Desk) keepDifferences(ctx context.Context, r reconciliation, open []differenceRow, found []platform.Difference, cases map[string]Case, pulled map[string]bool) error {
	return d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		still := map[string]bool{}
		for _, f := range found {
			row := differenceRow{
				Kind: f.Kind, Ref: f.Ref, CaseID: cases[f.Ref].ID, OurState: f.Ours.State, TheirState: f.Theirs.State, OurNumber: f.Ours.Number,
				TheirNumber: f.Theirs.Number, FoundAt: tx.Now, SeenAt: tx.Now,
			}
			if err := keepDifference(tx, row, open, pulled[f.Ref]); err != nil {
				return err
			}
			still[openKey(f.Kind, f.Ref)] = true
		}
		for _, o := range open {
			if still[openKey(o.Kind, o.Ref)] {
				continue
			}
			if err := tx.Model(&differenceRow{}).Where("id = ?", o.ID).UpdateColumns(map[string]any{"over_at": tx.Now, "open_key": nil}).Error; err != nil {
				return err
			}
		}
		r.ID, r.FinishedAt = tx.NewID(), tx.Now
		tx.Trail(store.Entry{Act: "case.reconcile", Kind: "case_reconciliation", Object: r.ID})
		return tx.Create(&r).Error
	})
}

func openKey(kind platform.Kind, ref string) string { return string(kind) + " " + ref }

func keepDifference(tx *store.Tx, row differenceRow, open []differenceRow, pulled bool) error {
	key := openKey(row.Kind, row.Ref)
	over := map[string]any{"seen_at": tx.Now, "our_state": row.OurState, "their_state": row.TheirState, "our_number": row.OurNumber, "their_number": row.TheirNumber}
	if row.OpenKey, row.Pulled = &key, pulled; pulled {
		row.OpenKey, row.OverAt = nil, &tx.Now
		over["open_key"], over["over_at"], over["pulled"] = nil, tx.Now, true
	}
	if i := slices.IndexFunc(open, func(o differenceRow) bool { return o.Kind == row.Kind && o.Ref == row.Ref }); i >= 0 {
		return tx.Model(&differenceRow{}).Where("id = ?", open[i].ID).UpdateColumns(over).Error
	}
	row.ID = tx.NewID()
	return tx.Create(&row).Error
}

// Difference is one as a supervisor sees it.
type Difference struct {
	ID          string
	Kind        platform.Kind
	Ref         string // our number
	Case        string // id; empty for what only the county knows
	OurState    string
	TheirState  string // empty for one that nobody here understands
	OurNumber   string // the county's number as we know it
	TheirNumber string
	FoundAt     time.Time
	SeenAt      time.Time
}

// Differences lists what the last nights found and is not put right, newest first: to a supervisor those of his area, and at the county's level those of which
// only the county knows.
func (d *Desk) Differences(ctx context.Context, actor access.Actor, after string, limit int) ([]Difference, error) {
	if err := actor.Must(supervisor); err != nil {
		return nil, err
	}
	db := d.store.Read(ctx)
	mine := d.seenBy(actor)(db.Session(&gorm.Session{NewDB: true}).Model(&Case{}).Select("1")).Where("cases.id = case_differences.case_id")
	db = db.Where("over_at IS NULL")
	if actor.Area.Level() == access.CountyLevel {
		db = db.Where("(EXISTS (?) OR case_id = '')", mine)
	} else {
		db = db.Where("EXISTS (?)", mine)
	}
	var rows []differenceRow
	if err := store.Page(db, after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]Difference, 0, len(rows))
	for _, r := range rows {
		list = append(list, Difference{
			r.ID, r.Kind, r.Ref, r.CaseID, string(r.OurState), string(r.TheirState), r.OurNumber, r.TheirNumber, r.FoundAt, r.SeenAt,
		})
	}
	return list, nil
}
