package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
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

// reconciliation is one comparison. It is done in parts, each of which begins where the one before came to.
type reconciliation struct {
	ID         string `gorm:"primaryKey"`
	Since      time.Time
	BegunAt    time.Time
	FinishedAt time.Time // of the last part
	Listed     int       // cases that the county listed
	Asked      int       // cases that were asked about one by one
	Skipped    int       // answers that did not come or could not be read: of those cases nothing is known tonight
	Found      int       // differences, those that were pulled included
	Pulled     int
	Unlisted   bool // the county's list could not be read to its end: the next comparison reads it from the same moment
	Stage      string
	Upto       string // where the list goes on, or the number that was asked about last
	AskedFrom  string // the number that the comparison before had come to
}

func (reconciliation) TableName() string { return "case_reconciliations" }

const (
	nightFrom, nightTo = 1, 6 // o'clock
	listUntil          = 3    // then a list that keeps failing is left for another night
	tooLongAgo         = 36 * time.Hour
	overlap            = time.Hour // the county's clock may be another
)

// Reconcile compares in the night, or as soon as it can when a night was missed. For a round, which calls it again and again: each call does a part
// within its time, keeps what it found, and goes on where the last one came to. What is interrupted begins anew, and is kept or pulled once.
func (d *Desk) Reconcile(ctx context.Context) error { return d.reconcileWithin(ctx, nightly) }

func (d *Desk) reconcileWithin(ctx context.Context, within bounds) error {
	if d.platform == nil {
		return nil
	}
	r, due, err := d.tonight(ctx, whole(d.store.Clock().Now()), within)
	if err != nil || !due {
		return err
	}
	return d.reconcile(ctx, r, within)
}

// tonight is the comparison to begin or to go on with, if it is time.
func (d *Desk) tonight(ctx context.Context, now time.Time, within bounds) (r reconciliation, due bool, err error) {
	var last []reconciliation
	if err := d.store.Read(ctx).Order("id DESC").Limit(1).Find(&last).Error; err != nil {
		return r, false, err
	}
	if len(last) > 0 {
		r := last[0]
		long := now.Sub(r.BegunAt)
		if r.Stage != stageOver && r.Asked < within.most && long < (nightTo-nightFrom)*time.Hour && (atNight(now) || !atNight(r.BegunAt)) {
			return r, true, nil
		}
		return r.next(now), atNight(now) && r.BegunAt.Before(clock.DateOf(now).Start()) || long >= tooLongAgo, nil
	}
	var first []handoverRow
	err = d.store.Read(ctx).Select("made_at").Order("id").Limit(1).Find(&first).Error
	if err != nil || len(first) == 0 {
		return r, false, err
	}
	return reconciliation{Since: first[0].MadeAt.Add(-overlap), BegunAt: now, Stage: stageList}, atNight(now), nil
}

func atNight(t time.Time) bool {
	hour := t.In(clock.Shanghai).Hour()
	return hour >= nightFrom && hour < nightTo
}

// next is the comparison after this one. What this one did not come to is not passed over.
func (r reconciliation) next(now time.Time) reconciliation {
	following := reconciliation{Since: r.BegunAt.Add(-overlap), BegunAt: now, Stage: stageList, AskedFrom: r.AskedFrom}
	if r.Unlisted || r.Stage == stageList {
		following.Since = r.Since
	}
	switch {
	case r.Stage == stageOver:
		following.AskedFrom = ""
	case r.Stage == stageCases && r.Upto != "":
		following.AskedFrom = r.Upto
	}
	return following
}

// reconcile does a part, and keeps it.
func (d *Desk) reconcile(ctx context.Context, r reconciliation, within bounds) error {
	open, err := d.openDifferences(ctx)
	if err != nil {
		return err
	}
	asking, enough := context.WithTimeout(ctx, within.asking)
	defer enough()
	q := &questions{reconciliation: &r, platform: d.platform, within: within, answered: map[string]bool{}, listed: map[string]bool{}, tried: map[string]bool{}}
	q.early = d.store.Clock().Now().In(clock.Shanghai).Hour() < listUntil
	unread := q.list(asking)
	if unread != nil && q.Stage == stageList {
		return unread
	}
	wanted := refsOf(q.theirs)
	for _, o := range open {
		wanted = append(wanted, o.Ref)
	}
	cases, err := d.casesThere(ctx, wanted)
	if err != nil {
		return err
	}
	if q.oneByOne(asking, open, cases); ctx.Err() != nil {
		return ctx.Err()
	}
	if unread != nil && len(q.answered) == 0 { // it answers nothing at all
		return unread
	}
	ours, theirs, err := d.comparable(ctx, cases, q.theirs, q.answered)
	if err != nil {
		return err
	}
	found := platform.Compare(ours, theirs)
	pulling, enough := context.WithTimeout(ctx, within.pulling)
	defer enough()
	pulled, failed := d.pullAll(pulling, found, cases)
	return errors.Join(d.keepDifferences(ctx, r, open, found, cases, pulled, q), failed)
}

// underWay are the states in which the county has still something to do.
var underWay = append(slices.Clone(beforeDecision), Granted, Denied)

// stateThere is ours in the county's words, which know no filing away.
func stateThere(s flow.State) platform.State {
	if s == Concluded {
		return platform.Delivered
	}
	return platform.State(s)
}

func (d *Desk) openDifferences(ctx context.Context) (rows []differenceRow, err error) {
	err = d.store.Read(ctx).Where("over_at IS NULL").Order("id").Find(&rows).Error
	return rows, err
}

// keepDifferences writes the part's result: what is new, what still differs, what is gone. Of what has no answer nothing is gone.
func (d *Desk) keepDifferences(ctx context.Context, r reconciliation, open []differenceRow, found []platform.Difference, cases map[string]Case, pulled map[string]bool, q *questions) error {
	tonight, still := map[string]bool{}, map[string]bool{}
	for _, o := range open {
		tonight[openKey(o.Kind, o.Ref)] = !o.SeenAt.Before(r.BegunAt)
	}
	for _, f := range found {
		if still[openKey(f.Kind, f.Ref)] = true; !tonight[openKey(f.Kind, f.Ref)] {
			r.Found++
		}
	}
	r.Pulled += len(pulled)
	return d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		for _, f := range found {
			row := differenceRow{
				Kind: f.Kind, Ref: f.Ref, CaseID: cases[f.Ref].ID, OurState: f.Ours.State, TheirState: f.Theirs.State, OurNumber: f.Ours.Number,
				TheirNumber: f.Theirs.Number, FoundAt: tx.Now, SeenAt: tx.Now,
			}
			done := pulled[f.Ref] && (f.Kind == platform.BehindHere || f.Kind == platform.StateDiffers) // a wrong number is for people
			if err := keepDifference(tx, row, open, done); err != nil {
				return err
			}
		}
		for _, o := range open {
			if still[openKey(o.Kind, o.Ref)] || !q.settles(o) {
				continue
			}
			if err := tx.Model(&differenceRow{}).Where("id = ?", o.ID).UpdateColumns(map[string]any{"over_at": tx.Now, "open_key": nil}).Error; err != nil {
				return err
			}
		}
		return keepPart(tx, r)
	})
}

func keepPart(tx *store.Tx, r reconciliation) error {
	first := r.ID == ""
	if r.FinishedAt = tx.Now; first {
		r.ID = tx.NewID()
	}
	tx.Trail(store.Entry{Act: "case.reconcile", Kind: "case_reconciliation", Object: r.ID})
	if first {
		return tx.Create(&r).Error
	}
	return tx.Model(&reconciliation{}).Where("id = ?", r.ID).UpdateColumns(map[string]any{
		"finished_at": r.FinishedAt, "listed": r.Listed, "asked": r.Asked, "skipped": r.Skipped, "found": r.Found, "pulled": r.Pulled, "stage": r.Stage, "upto": r.Upto, "unlisted": r.Unlisted,
	}).Error
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
