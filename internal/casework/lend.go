package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/locker"
	"tongban/internal/store"
)

// Papers from the locker (材料复用): a case takes copies of the pages, so that what was handed in stays what it was. Until it is handed in
// the paper must be good: consent, last day and owner are asked at the use, and once more at the submission.

// LentBy tells which locker lends papers. Call it while the program is put together.
func (d *Desk) LentBy(l *locker.Desk) { d.locker = l }

// Reuse takes a paper of the locker for one of the case's.
type Reuse struct {
	Version  int
	Material string // id, as the item names it
	Paper    string // id in the locker
	Copies   int    // how many are handed in; one if not said
}

// UsePaper hands in a paper from the locker, while the case is a draft or waits for its correction, or for one that was to come later: the
// applicant himself, or the clerk for him. Who only helps has no key to the locker. It is no act of the flow. A use that is refused is in the
// trail.
func (d *Desk) UsePaper(ctx context.Context, actor access.Actor, id string, in Reuse) (Seen, error) {
	row, err := d.load(d.store.Read(ctx), actor, id)
	if err != nil {
		return Seen{}, err
	}
	lending := locker.Lending{Paper: in.Paper, Person: row.Applicant, Case: row.ID, Material: in.Material}
	pages, err := d.locker.Pages(ctx, lending)
	if err != nil {
		return Seen{}, err
	}
	doubles, err := d.files.Again(ctx, pages)
	if err != nil {
		return Seen{}, err
	}
	var seen Seen
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := d.usePaper(tx, id, in, doubles); err != nil {
			return err
		}
		seen, err = d.docket.Reread(ctx, tx, id)
		tx.Answer(seen)
		return err
	})
	if err == nil {
		return seen, nil
	}
	d.files.Undo(ctx, doubles, err)
	if unkept := d.locker.Refused(ctx, actor, lending, err); unkept != nil {
		return Seen{}, unkept
	}
	return Seen{}, d.Standing(ctx, actor, id, err)
}

func (d *Desk) usePaper(tx *store.Tx, id string, in Reuse, doubles []file.Double) error {
	row, err := d.load(tx.DB, tx.Actor, id)
	if err != nil {
		return err
	}
	if err := tx.Actor.Must(resident, clerk); err != nil {
		return err
	}
	switch {
	case tx.Actor.Role == resident && row.Applicant != tx.Actor.Person:
		return fault.NotYours
	case row.Status != Draft && row.Status != Correcting && !slices.Contains(supplementable, row.Status):
		return flow.NotNow
	case in.Version != 0 && in.Version != row.Version:
		return store.ErrLost
	}
	stead, err := d.mayAct(tx, row, UsePaper, tx.When(nil))
	if err != nil {
		return err
	}
	m, err := d.material(tx, row, in.Material)
	if err != nil {
		return err
	}
	late := slices.Contains(supplementable, row.Status)
	if late && m.State != Deferred {
		return flow.NotNow
	}
	lending := locker.Lending{Paper: in.Paper, Person: row.Applicant, Case: row.ID, Material: in.Material}
	if err := d.locker.Lend(tx, lending); err != nil {
		return err
	}
	if len(doubles) == 0 { // it went while its pages were being looked for
		return locker.ErrRemoved
	}
	if err := d.lendTo(tx, row, m, in, doubles); err != nil {
		return err
	}
	if late {
		err = d.supplemented(tx, row, []string{m.Material}, stead)
	} else {
		err = d.docket.Raise(tx, row, map[string]any{})
	}
	if err != nil {
		return err
	}
	tx.Trail(store.Entry{Act: "case.use_paper", Kind: kind, Object: row.ID, Area: row.Village, From: in.Paper, To: in.Material, Fields: []string{"papers"}})
	return nil
}

// material is one of the papers that the case needs.
func (d *Desk) material(tx *store.Tx, row *Case, id string) (materialRow, error) {
	rows, err := d.materials(tx.DB, row.ID)
	if err != nil {
		return materialRow{}, err
	}
	at := slices.IndexFunc(rows, func(m materialRow) bool { return m.Material == id })
	if at < 0 {
		return materialRow{}, fault.Wrong("body.material", "这件办件不要这份材料")
	}
	return rows[at], nil
}

// lendTo puts copies of the pages in the place of what a draft, or the answer under way, had; what was handed in before stays beside them.
func (d *Desk) lendTo(tx *store.Tx, row *Case, m materialRow, in Reuse, doubles []file.Double) error {
	if in.Copies < 0 || in.Copies > mostCopies {
		return fault.Wrong("body.copies", fmt.Sprintf("份数为 1 到 %d", mostCopies))
	}
	answering := row.Corrections
	first, err := d.handedInBefore(tx, row, m, answering)
	if err != nil {
		return err
	}
	if err := d.files.Renew(tx, materialKind, m.ID, first, nil); err != nil {
		return err
	}
	if _, err := d.files.AttachDoubles(tx, materialKind, m.ID, first, doubles); err != nil {
		return file.Located(err, "body.paper")
	}
	return tx.Table("case_materials").Where("id = ?", m.ID).UpdateColumns(map[string]any{
		"state": string(Given), "taken_as": AsElectronic, "copies": max(in.Copies, 1), "changed_in": answering, "changed_at": tx.Now, "locker_paper": in.Paper, "photos_before": first,
	}).Error
}

// lentFor are the materials which the locker lent in answer to that correction.
func (d *Desk) lentFor(tx *store.Tx, row *Case, correction int) (list []string, err error) {
	err = tx.Model(&materialRow{}).Where("case_id = ? AND changed_in = ? AND locker_paper <> ''", row.ID, correction).Pluck("material", &list).Error
	return list, err
}

// overPaper is a paper of the locker that stands in the way of handing a case in.
type overPaper struct {
	error
	lending locker.Lending
	why     *fault.Fault
}

func (o overPaper) Unwrap() error { return o.error }

// stillLent refuses to hand in what rests on a paper of the locker that is no longer good, or no longer agreed to.
func (d *Desk) stillLent(tx *store.Tx, row *Case, which func(materialRow) bool) error {
	rows, err := d.materials(tx.DB, row.ID)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(m materialRow) bool { return m.LockerPaper == "" || !which(m) })
	if len(rows) == 0 {
		return nil
	}
	var papers []string
	for _, m := range rows {
		papers = append(papers, m.LockerPaper)
	}
	over, err := d.locker.Over(tx, papers...)
	if err != nil {
		return err
	}
	var wrong []fault.Field
	var first overPaper
	for _, m := range rows {
		why := over[m.LockerPaper]
		if why == nil {
			continue
		}
		if wrong == nil {
			first = overPaper{lending: locker.Lending{Paper: m.LockerPaper, Person: row.Applicant, Case: row.ID, Material: m.Material}, why: why}
		}
		wrong = append(wrong, fault.Field{Location: "body.papers." + m.Material, Message: why.Title})
	}
	if wrong == nil {
		return nil
	}
	first.error = ErrLentOver.At(wrong...)
	return first
}

// RefusedPaper keeps in the trail that a case was not handed in for the sake of a paper of the locker: for whoever hands cases in in a
// transaction of his own, after its roll-back.
func (d *Desk) RefusedPaper(ctx context.Context, actor access.Actor, err error) error {
	var over overPaper
	if !errors.As(err, &over) {
		return err
	}
	if unkept := d.locker.Refused(ctx, actor, over.lending, over.why); unkept != nil {
		return unkept
	}
	return over.error
}

// Keeping puts a paper of a case into the locker of its applicant.
type Keeping struct {
	Material     string
	ValidUntil   clock.Date
	Consent      account.Consent
	ConsentUntil clock.Date
}

// KeepPaper puts copies of the photos of a case's paper into the locker, with the applicant's consent: he himself, or the clerk for him.
func (d *Desk) KeepPaper(ctx context.Context, actor access.Actor, id string, in Keeping) (locker.Paper, error) {
	db := d.store.Read(ctx)
	row, err := d.load(db, actor, id)
	if err != nil {
		return locker.Paper{}, err
	}
	if err := actor.Must(resident, clerk); err != nil {
		return locker.Paper{}, err
	}
	if actor.Role == resident && row.Applicant != actor.Person {
		return locker.Paper{}, fault.NotYours
	}
	rows, err := d.materials(db, row.ID)
	if err != nil {
		return locker.Paper{}, err
	}
	at := slices.IndexFunc(rows, func(m materialRow) bool { return m.Material == in.Material })
	if at < 0 {
		return locker.Paper{}, fault.Wrong("body.material", "这件办件没有这份材料")
	}
	of, err := d.locker.KindFor(ctx, in.Material)
	if err != nil {
		return locker.Paper{}, err
	}
	photos, err := d.files.Attached(db, materialKind, rows[at].ID)
	if err != nil {
		return locker.Paper{}, err
	}
	put := locker.Putting{Person: row.Applicant, Kind: of, ValidUntil: in.ValidUntil, Consent: in.Consent, ConsentUntil: in.ConsentUntil}
	return d.locker.PutFrom(ctx, actor, put, row.ID, rows[at].lastHandedIn(photos[rows[at].ID]))
}
