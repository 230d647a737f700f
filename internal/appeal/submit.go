package appeal

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Submission is an appeal as handed in.
type Submission struct {
	Class       Class
	Category    string // optional, in plain words
	Text        string
	Place       string      // optional
	Village     access.Area // empty: the submitter's own
	Grid        access.Area // optional
	Urgency     Urgency     // empty: normal
	Emergency   bool        // the client asked whether somebody is in danger, and he is
	Identity    Identity
	Applicant   string // id of a registered resident; a clerk names him, nobody else does
	OnBehalf    string // id of the resident whom the submitter helps (亲友代办); empty: for himself
	AboutOffice string // optional: id of the office complained of
	AboutPerson string // optional: id of the staff member complained of
	Previous    string // optional: the concluded appeal that is opened again
	Attachments []string
}

// Receipt (回执) is what the petitioner gets: his appeal, and the code with which whoever holds the slip can follow it.
type Receipt struct {
	Appeal    Seen
	QueryCode string // six digits; told this once, only its MAC is kept
	Advice    string // what to do at once, when the text sounds like danger; else empty
}

// Submit hands an appeal in. A resident does it for himself, a clerk for a registered resident of his village (代为提交),
// a stranger anonymously (匿名): then no person is stored anywhere.
func (d *Desk) Submit(ctx context.Context, actor access.Actor, in Submission) (Receipt, error) {
	draft, err := d.draft(ctx, actor, in)
	if err != nil {
		return Receipt{}, err
	}
	text, err := docket.Typed("body.text", in.Text, shortestText, longestText)
	if err != nil {
		return Receipt{}, err
	}
	place, err := docket.Typed("body.place", in.Place, 0, 200)
	if err != nil {
		return Receipt{}, err
	}
	var done Receipt
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row := draft
		if row.Applicant != "" { // else his account could be closed meanwhile, and nobody would know of this appeal
			if err := account.Hold(tx, row.Applicant); err != nil {
				return err
			}
		}
		if err := account.StillHimself(tx); err != nil {
			return err
		}
		d.begin(tx, &row, text, place)
		if err := d.files.Attach(tx, kind, row.ID, in.Attachments); err != nil {
			return err
		}
		done = Receipt{Advice: advice(text)}
		if err := ration(tx, row.Village); err != nil {
			return err
		}
		if row.Number, err = tx.Number("SQ", row.Village); err != nil {
			return err
		}
		if done.QueryCode, row.QueryMAC, err = tx.QueryCode(row.Number); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := keepAbout(tx, &row); err != nil {
			return err
		}
		if err := handedInFor(tx, &row, in.OnBehalf); err != nil {
			return err
		}
		if err := d.keep(tx, row.ID, &Event{Version: row.Version, Act: submitAct, ToStatus: row.Status}, "", Detail{}); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "appeal.submit", Kind: kind, Object: row.ID, Area: row.Village, To: string(row.Status)})
		tx.Emit(store.Message{Topic: "appeal.submit", Kind: kind, Object: row.ID, Area: row.Village})
		if done.Appeal, err = d.whole(ctx, tx.DB, &row, actor); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	if err != nil {
		return Receipt{}, err
	}
	return done, nil
}

// What may be handed in in a day. A person's bound is far beyond anybody's need; anonymous appeals have no person, and one
// address stands for a whole village, so a flood of them stops at the village and at the county.
var (
	ofPerson  = store.Allowance{Kind: "appeal_person", Most: 60, Window: 24 * time.Hour}
	ofVillage = store.Allowance{Kind: "appeal_village", Most: 50, Window: 24 * time.Hour}
	ofCounty  = store.Allowance{Kind: "appeal_county", Most: 500, Window: 24 * time.Hour}
)

// ration counts an appeal in the commit that makes it. Clerks file for others, and answer for it.
func ration(tx *store.Tx, village access.Area) error {
	switch {
	case tx.Actor.Role == resident:
		return spend(tx.Try, ofPerson, tx.Actor.Person, ErrQuotaPerson)
	case tx.Actor.Signed():
		return nil
	}
	if err := spend(tx.Try, ofVillage, string(village), ErrQuotaVillage); err != nil {
		return err
	}
	return spend(tx.Try, ofCounty, string(village.County()), ErrQuotaVillage)
}

// spend takes one from an allowance, or refuses with the fault.
func spend(try func(store.Allowance, string) (time.Duration, error), from store.Allowance, subject string, over *fault.Fault) error {
	wait, err := try(from, subject)
	if err != nil || wait == 0 {
		return err
	}
	return over.After(wait)
}

// begin fills what the moment of submission decides: id, sealed texts, both clocks.
func (d *Desk) begin(tx *store.Tx, row *Appeal, text, place string) {
	keys := d.store.Keys()
	row.ID, row.Status, row.Version = tx.NewID(), Flow.Start, 1
	row.Text = keys.Seal(sealedText(row.ID), []byte(text))
	if place != "" {
		row.Place = keys.Seal(sealedPlace(row.ID), []byte(place))
	}
	limits := d.limits.clock(row.Class, row.Urgency)
	row.CreatedAt, row.UpdatedAt, row.StartedAt = tx.Now, tx.Now, tx.Now
	row.ContactBy = d.until(tx.Now, limits.Contact)
	due := d.calendar.Due(tx.Now, limits.Result)
	row.DueOn, row.DueProvisional, row.Light = due.On, due.Provisional, workday.Green
	warn, late := whole(d.calendar.Warning(tx.Now, due)), whole(due.Deadline())
	row.WarnAt, row.LateAt = &warn, &late
	if !due.At.IsZero() {
		at := whole(due.At)
		row.DueAt = &at
	}
}
