package county

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tongban/internal/store"
)

// Outcome is what the desk of cases did with an event.
type Outcome struct {
	Status Status // Applied, Late, Unknown, or Waiting: not yet, because something that comes before it is still missing
	Why    string // in a word, such as flow.not_now
}

// Apply does to our case what an event says, in the transaction that also marks the event; the actor is the county. It is called again when
// the transaction is, and after an error, of which nothing stays. What the case's flow does not allow is an outcome and no error.
type Apply func(tx *store.Tx, e Event) (Outcome, error)

// Register says who applies events; until somebody is registered they wait. Before the program serves.
func (d *Desk) Register(apply Apply) {
	if d.apply != nil {
		panic("county: registered twice")
	}
	d.apply = apply
}

// Find says which case of ours the county means by a number of its own: our number, or nothing as long as it is not just one.
type Find func(tx *store.Tx, number string) (ref string, err error)

// FindBy says who knows the county's numbers: news that names a case by nothing else then counts with the case's other news. Before the program serves.
func (d *Desk) FindBy(find Find) { d.find = find }

// sameCase narrows to the events of the row's case, by whichever number they name it.
func sameCase(db *gorm.DB, row Kept) *gorm.DB {
	switch {
	case row.Number == "":
		return db.Where("platform = ? AND ref = ?", row.Platform, row.Ref)
	case row.Ref == "":
		return db.Where("platform = ? AND ref = '' AND number = ?", row.Platform, row.Number)
	}
	return db.Where("platform = ? AND (ref = ? OR ref = '' AND number = ?)", row.Platform, row.Ref, row.Number)
}

// head says how far a case was applied.
type head struct {
	Platform string `gorm:"primaryKey"`
	Ref      string `gorm:"primaryKey"`
	Seq      int
	Touched  int
}

func (head) TableName() string { return "county_heads" }

// caseOf is by what a case's events belong together. Numbers of ours and of the county are kept apart.
func (k Kept) caseOf() string {
	if k.Ref != "" {
		return k.Ref
	}
	return "#" + k.Number
}

const (
	batch  = 200 // events looked at in one pass
	passes = 20
)

// Settle applies what waits and is due, in each case the lower numbers first. The program's round calls it; what came in a moment ago is
// settled by Take already.
func (d *Desk) Settle(ctx context.Context) error {
	if d == nil || d.apply == nil {
		return nil
	}
	for range passes {
		var due []Kept
		err := d.store.Read(ctx).Omit("payload").Where("platform = ? AND status = ? AND next_at <= ?", d.platform, Waiting, d.store.Clock().Now()).
			Order("next_at, id").Limit(batch).Find(&due).Error
		if err != nil || len(due) == 0 {
			return err
		}
		slices.SortStableFunc(due, func(a, b Kept) int {
			return cmp.Or(cmp.Compare(a.caseOf(), b.caseOf()), cmp.Compare(a.Seq, b.Seq))
		})
		for _, row := range due {
			if err := d.settle(ctx, row.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// settleSoon tries at once what just came in, and what waited for it. Whatever goes wrong, the event is kept and the round comes back to it.
func (d *Desk) settleSoon(ctx context.Context, row Kept) {
	if d.apply == nil {
		return
	}
	err := d.settle(ctx, row.ID)
	if err == nil { // by now it may be known which case it is about
		err = d.store.Read(ctx).Omit("payload").Where("id = ?", row.ID).Take(&row).Error
	}
	if err == nil {
		err = d.settleWoken(ctx, row)
	}
	if err != nil {
		d.log.WarnContext(ctx, "an event of the county waits", "id", row.ID, "error", err)
	}
}

// settleWoken settles the case's other events as long as one makes way for the next.
func (d *Desk) settleWoken(ctx context.Context, row Kept) error {
	for range passes {
		var next Kept
		err := sameCase(d.store.Read(ctx).Omit("payload"), row).Where("status = ? AND next_at <= ?", Waiting, d.store.Clock().Now()).
			Order("seq, id").Take(&next).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := d.settle(ctx, next.ID); err != nil {
			return err
		}
	}
	return nil
}

// settle applies one event in one transaction. A failure of the applying is kept as one more try, and stops no other event.
func (d *Desk) settle(ctx context.Context, id string) error {
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		var row Kept
		err := tx.Where("id = ? AND status = ?", id, Waiting).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil // another replica was here
		}
		if err != nil {
			return err
		}
		return d.decide(tx, row)
	})
	if err == nil {
		return nil
	}
	d.log.WarnContext(ctx, "an event of the county could not be applied", "id", id, "error", err)
	return d.store.Write(ctx, actor, func(tx *store.Tx) error { return postpone(tx, id, "failed") })
}

func (d *Desk) decide(tx *store.Tx, row Kept) error {
	if err := d.findCase(tx, &row); err != nil {
		return err
	}
	reached, err := d.lockHead(tx, row)
	if err != nil {
		return err
	}
	outcome := Outcome{Late, "newer_applied"}
	if row.Seq == 0 || row.Seq > reached {
		if outcome, err = d.ask(tx, row); err != nil {
			return err
		}
	}
	switch outcome.Status {
	case Waiting:
		return postpone(tx, row.ID, outcome.Why)
	case Applied:
		if err := d.moveHead(tx, row); err != nil {
			return err
		}
	case Late, Unknown:
	default:
		return errors.New("county: an outcome that is none")
	}
	done := tx.Model(&Kept{}).Where("id = ? AND status = ?", row.ID, Waiting).
		UpdateColumns(map[string]any{"ref": row.Ref, "status": outcome.Status, "why": cut(outcome.Why), "settled_at": tx.Now, "tries": gorm.Expr("tries + 1")})
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected != 1 {
		return store.ErrLost
	}
	tx.Trail(store.Entry{Act: "county_event.settle", Kind: "county_event", Object: row.ID, From: string(Waiting), To: string(outcome.Status), Why: outcome.Why})
	return nil
}

// findCase looks for the case of news that names only the county's number. As long as it waits that is not kept: the number may have been typed wrongly.
func (d *Desk) findCase(tx *store.Tx, row *Kept) (err error) {
	if row.Ref == "" && row.Number != "" && d.find != nil {
		row.Ref, err = d.find(tx, row.Number)
	}
	return err
}

func (d *Desk) ask(tx *store.Tx, row Kept) (Outcome, error) {
	e, problem, err := d.open(row)
	switch {
	case err != nil:
		return Outcome{}, err
	case problem != "": // the mapping was changed meanwhile
		return Outcome{Unknown, problem}, nil
	}
	e.Ref = row.Ref
	return d.apply(tx, e)
}

// lockHead holds the case's events apart from each other, and answers how far they were applied.
func (d *Desk) lockHead(tx *store.Tx, row Kept) (int, error) {
	h := head{Platform: d.platform, Ref: row.caseOf()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&h).Error; err != nil {
		return 0, err
	}
	mine := tx.Model(&head{}).Where("platform = ? AND ref = ?", h.Platform, h.Ref)
	if err := mine.Session(&gorm.Session{}).UpdateColumn("touched", gorm.Expr("touched + 1")).Error; err != nil {
		return 0, err
	}
	known := []string{h.Ref} // and what was applied while only the county's number was known
	if row.Number != "" {
		known = append(known, "#"+row.Number)
	}
	var seq int
	err := tx.Model(&head{}).Where("platform = ? AND ref IN ?", h.Platform, known).Select("MAX(seq)").Scan(&seq).Error
	return seq, err
}

// Reached tells the inbox that a case was brought to how it stands at the county by asking (Platform.Standing): news up to that count is late
// from now on. For the desk of cases, in the transaction that does so.
func (d *Desk) Reached(tx *store.Tx, s Standing) error {
	row := d.about(s)
	if _, err := d.lockHead(tx, row); err != nil {
		return err
	}
	return d.moveHead(tx, row)
}

func (d *Desk) about(s Standing) Kept {
	return Kept{Platform: d.platform, Ref: s.Ref, Number: s.Number, Seq: s.Seq}
}

// Counted keeps the case's news apart from what the transaction does, and answers how far it was applied; 0 when nothing counted was.
func (d *Desk) Counted(tx *store.Tx, s Standing) (int, error) {
	if d == nil {
		return 0, nil
	}
	return d.lockHead(tx, d.about(s))
}

// Heard are the acts of the case of which the county's news was applied.
func (d *Desk) Heard(tx *store.Tx, s Standing) (acts []Act, err error) {
	err = sameCase(tx.Model(&Kept{}), d.about(s)).Where("status = ?", Applied).Pluck("act", &acts).Error
	return acts, err
}

// Reachings are how far cases were applied, by our number; those of which nothing counted was applied are left out.
func (d *Desk) Reachings(ctx context.Context, refs ...string) (map[string]int, error) {
	reached := map[string]int{}
	if d == nil {
		return reached, nil
	}
	for part := range slices.Chunk(refs, batch) {
		var heads []head
		if err := d.store.Read(ctx).Where("platform = ? AND ref IN ?", d.platform, part).Find(&heads).Error; err != nil {
			return nil, err
		}
		for _, h := range heads {
			reached[h.Ref] = h.Seq
		}
	}
	return reached, nil
}

// moveHead also wakes the case's events that wait for something before them.
func (d *Desk) moveHead(tx *store.Tx, row Kept) error {
	err := tx.Model(&head{}).Where("platform = ? AND ref = ? AND seq < ?", d.platform, row.caseOf(), row.Seq).UpdateColumn("seq", row.Seq).Error
	if err != nil {
		return err
	}
	return sameCase(tx.Model(&Kept{}), row).Where("status = ? AND id <> ?", Waiting, row.ID).UpdateColumn("next_at", tx.Now).Error
}

// postpone leaves the event waiting for longer and longer, up to six hours; it is never given up, and its list is read by people.
func postpone(tx *store.Tx, id, why string) error {
	var row Kept
	err := tx.Omit("payload").Where("id = ? AND status = ?", id, Waiting).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, wait := Try(ErrAgain, row.Tries+1, 0, 0)
	return tx.Model(&Kept{}).Where("id = ? AND status = ?", id, Waiting).
		UpdateColumns(map[string]any{"tries": row.Tries + 1, "why": cut(why), "next_at": tx.Now.Add(wait).Truncate(time.Second)}).Error
}

// cut keeps a word within its column.
func cut(why string) string { return why[:min(len(why), 64)] }

// Reread looks at what was not understood with the mapping of today: a county that completes its exchange.yaml gets the events
// applied that waited for it. The program calls it at its start.
func (d *Desk) Reread(ctx context.Context) error {
	if d == nil {
		return nil
	}
	for after := ""; ; {
		var rows []Kept
		err := d.store.Read(ctx).Where("platform = ? AND status = ? AND tries = 0 AND id > ?", d.platform, Unknown, after).Order("id").Limit(batch).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if err := d.reread(ctx, row); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].ID
	}
}

func (d *Desk) reread(ctx context.Context, row Kept) error {
	e, problem, err := d.open(row)
	if err != nil || problem != "" {
		return nil // it stays what it is
	}
	return d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row.fill(e, "")
		done := tx.Model(&Kept{}).Where("id = ? AND status = ?", row.ID, Unknown).UpdateColumns(map[string]any{
			"ref": row.Ref, "number": row.Number, "act": row.Act, "raw": row.Raw, "seq": row.Seq, "at": row.At,
			"status": Waiting, "why": "", "next_at": tx.Now, "settled_at": nil,
		})
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error
		}
		tx.Trail(store.Entry{Act: "county_event.reread", Kind: "county_event", Object: row.ID, From: string(Unknown), To: string(Waiting)})
		return nil
	})
}
