package casework

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Opening is a case as it is begun.
type Opening struct {
	Item      string              // id; empty with a notice
	Notice    string              // the code on a one-time notice: the case gets its item, version and answers
	Answers   map[string][]string // question → options chosen; with a notice only where they differ from it
	Applicant string              // id of a registered resident; a clerk names him, nobody else does
	OnBehalf  string              // id of the resident whom the actor helps (亲友代办); empty: for himself
	Papers    []Paper             // those at hand
}

// drafts is how many cases a resident may begin in a day; clerks work for others, and answer for it.
var drafts = store.Allowance{Kind: "case_person", Most: 60, Window: 24 * time.Hour}

// Open begins a case as a draft, which only the applicant's side sees: a resident for himself or for whom he helps, a clerk for
// a registered resident of his village. The version of the item stays the case's own to the end.
func (d *Desk) Open(ctx context.Context, actor access.Actor, in Opening) (Seen, error) {
	if err := actor.Must(resident, clerk); err != nil {
		return Seen{}, err
	}
	c := Case{Status: Flow.Start, Version: 1, Light: workday.Green}
	if err := d.applicant(ctx, actor, &c, in); err != nil {
		return Seen{}, err
	}
	item, answers, err := d.asked(ctx, &c, in)
	if err != nil {
		return Seen{}, err
	}
	list, err := d.needed(item, actor, answers)
	if err != nil {
		return Seen{}, err
	}
	c.describe(item)
	var seen Seen
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row := c
		if err := account.Hold(tx, row.Applicant); err != nil { // else his account could be closed meanwhile
			return err
		}
		if err := account.StillHimself(tx); err != nil {
			return err
		}
		if row.Office, err = d.officeOf(ctx, item, row.Village); err != nil {
			return err
		}
		row.ID, row.CreatedAt, row.UpdatedAt = tx.NewID(), tx.Now, tx.Now
		if row.Answers, err = d.sealAnswers(row.ID, answers); err != nil {
			return err
		}
		if row.Helper != "" {
			if row.Acting, err = family.ActsFor(tx, row.Applicant, row.Village); err != nil {
				return err
			}
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := d.listPapers(tx, &row, list, nil, in.Papers); err != nil {
			return err
		}
		if err := d.keep(tx, row.ID, &Event{Version: 1, Act: openAct, ToStatus: row.Status}, "", Detail{}); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "case.open", Kind: kind, Object: row.ID, Area: row.Village, To: string(row.Status)})
		if actor.Role == resident {
			if wait, err := tx.Try(drafts, actor.Person); err != nil || wait > 0 {
				return errors.Join(err, over(wait))
			}
		}
		if seen, err = d.whole(ctx, tx.DB, &row, actor); err != nil {
			return err
		}
		// Last, since most cases of a county lie at one office.
		if err := account.OpenOffices(tx, row.Office); errors.Is(err, account.ErrOfficeClosed) {
			return store.ErrAgain // it closed meanwhile: another one is chosen
		} else if err != nil {
			return err
		}
		tx.Answer(seen)
		return nil
	})
	return seen, err
}

func over(wait time.Duration) error {
	if wait > 0 {
		return ErrQuota.After(wait)
	}
	return nil
}

// asked finds the item and the answers to its questions: those of the notice, where one was brought, unless they are given anew.
func (d *Desk) asked(ctx context.Context, c *Case, in Opening) (*catalog.Item, map[string][]string, error) {
	if in.Notice == "" {
		guide, err := d.items.Guide(in.Item)
		if errors.Is(err, catalog.ErrItemUnknown) {
			return nil, nil, fault.Wrong("body.item_id", catalog.ErrItemUnknown.Title)
		} else if err != nil {
			return nil, nil, err
		}
		return guide.Item, catalog.Tidy(in.Answers), nil
	}
	brought, err := d.notices.ByCode(ctx, in.Notice)
	if fault.Of(err).Kind == fault.Missing {
		return nil, nil, ErrNoNotice.Because(err)
	} else if err != nil {
		return nil, nil, err
	}
	if in.Item != "" && in.Item != brought.List.Item.ID {
		return nil, nil, fault.Wrong("body.item_id", "告知单是另一个事项的")
	}
	c.Notice = brought.ID
	answers := brought.Answers
	if in.Answers != nil {
		answers = catalog.Tidy(in.Answers)
	}
	return brought.List.Item, answers, nil
}

// needed is the list of papers, if the item can be applied for in this way at all.
func (d *Desk) needed(item *catalog.Item, actor access.Actor, answers map[string][]string) (catalog.Checklist, error) {
	list, err := item.Prune(answers, nil)
	switch {
	case err != nil:
		return list, err
	case item.InPerson == catalog.Full:
		return list, ErrInPerson
	case actor.Role == clerk && item.ClerkCanFile == catalog.None:
		return list, ErrClerkCannot
	case !list.Eligible:
		return list, ErrNotEligible.With("%s", list.Reason)
	}
	return list, nil
}

// describe copies the item's facts.
func (c *Case) describe(item *catalog.Item) {
	c.Item, c.ItemVersion, c.ItemName, c.CaseType, c.TwoPersons = item.ID, item.Version, item.Name, item.CaseType, item.TwoPersons
	if item.LegalLimit != nil {
		c.LegalValue, c.LegalUnit = item.LegalLimit.Value, item.LegalLimit.Unit
	}
	c.PromisedValue, c.PromisedUnit = item.PromisedLimit.Value, item.PromisedLimit.Unit
}

// officeOf is where the item is handled for people of the village: what towns and villages decide (行使层级 5, 6) at the town's
// centre, what only the police take at the police station, all else in the county's hall.
func (d *Desk) officeOf(ctx context.Context, item *catalog.Item, village access.Area) (string, error) {
	at := []account.OfficeKind{account.CountyHall}
	switch {
	case item.Level == "5" || item.Level == "6":
		at = append([]account.OfficeKind{account.TownshipCentre}, at...)
	case slices.Equal(item.Offices, []catalog.PlaceKind{catalog.PlaceKind(account.PoliceStation)}):
		at = append([]account.OfficeKind{account.PoliceStation}, at...)
	}
	for _, kind := range at {
		offices, err := d.people.OfficesFor(ctx, village, kind)
		if err != nil {
			return "", err
		}
		if len(offices) > 0 {
			return offices[0].ID, nil
		}
	}
	return "", ErrNoOffice
}

func (d *Desk) sealAnswers(id string, answers map[string][]string) ([]byte, error) {
	text, err := json.Marshal(answers)
	return d.store.Keys().Seal(sealedAnswers(id), text), err
}

// openAnswers are none once their time is over.
func (d *Desk) openAnswers(c *Case) (answers map[string][]string, err error) {
	if len(c.Answers) == 0 {
		return map[string][]string{}, nil
	}
	text, err := d.store.Keys().Open(sealedAnswers(c.ID), c.Answers)
	if err == nil {
		err = json.Unmarshal(text, &answers)
	}
	return answers, err
}

// Editing changes a draft; what is nil stays as it is.
type Editing struct {
	Version  int
	Answers  map[string][]string
	Papers   []Paper
	OnBehalf string
}

// Edit keeps a draft as far as it is filled in. It is no act of the flow, and a draft has no history but its beginning.
func (d *Desk) Edit(ctx context.Context, actor access.Actor, id string, in Editing) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, row *Case) error {
		if err := actor.Must(resident, clerk); err != nil {
			return err
		}
		switch {
		case row.Status != Draft:
			return flow.NotNow
		case in.Version != 0 && in.Version != row.Version:
			return store.ErrLost
		}
		if err := d.Behalf(tx, row, in.OnBehalf); err != nil {
			return err
		}
		set := map[string]any{}
		if err := d.answerAnew(ctx, tx, row, in, set); err != nil {
			return err
		}
		if err := d.docket.Raise(tx, row, set); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "case.edit", Kind: kind, Object: row.ID, Area: row.Village, Fields: edited(in)})
		return nil
	})
}

// answerAnew prunes the list of papers again when the answers changed: a paper that stays on it stays as it is.
func (d *Desk) answerAnew(ctx context.Context, tx *store.Tx, row *Case, in Editing, set map[string]any) error {
	if in.Answers == nil {
		return d.hand(tx, row, in.Papers, 0)
	}
	item, err := d.items.Version(ctx, row.Item, row.ItemVersion)
	if err != nil {
		return err
	}
	answers := catalog.Tidy(in.Answers)
	list, err := d.needed(item, tx.Actor, answers)
	if err != nil {
		return err
	}
	if set["answers"], err = d.sealAnswers(row.ID, answers); err != nil {
		return err
	}
	old, err := d.materials(tx.DB, row.ID)
	if err != nil {
		return err
	}
	return d.listPapers(tx, row, list, old, in.Papers)
}

func edited(in Editing) (fields []string) {
	if in.Answers != nil {
		fields = append(fields, "answers")
	}
	if len(in.Papers) > 0 {
		fields = append(fields, "papers")
	}
	return fields
}

// Discarding gives a draft up.
type Discarding struct {
	Version  int
	OnBehalf string
}

// Discard (删稿) ends a draft.
func (d *Desk) Discard(ctx context.Context, actor access.Actor, id string, in Discarding) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Discard, func(s *step) error {
		if err := d.Behalf(s.tx, s.row, in.OnBehalf); err != nil {
			return err
		}
		return s.mayAct(Discard, s.tx.When(nil))
	})
}
