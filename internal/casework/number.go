package casework

import (
	"context"
	"errors"
	"regexp"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Handing over by hand (手工报送): without a connection to the county's platform, or where a handover did not get there, a clerk or the window
// types the case in at the county's own screen, and its number there in here.

// CountyNumber is what was read from the county's screen; or why there is none to read, of a case that was over before it got there.
type CountyNumber struct {
	Version int
	Number  string
	Because string
}

// numberShape is what the county's numbers look like, here and in its messages.
var numberShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{3,63}$`)

// TypeCountyNumber keeps the number, and takes the letters back whose business was done with it. It is no act of the flow. What is on its way
// by itself is not done a second time by hand, and a number that the county gave itself is not typed over.
func (d *Desk) TypeCountyNumber(ctx context.Context, actor access.Actor, id string, in CountyNumber) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, row *Case) error {
		if err := actor.Must(clerk, window); err != nil {
			return err
		}
		if in.Version != 0 && in.Version != row.Version {
			return store.ErrLost
		}
		if in.Because != "" {
			return d.withoutNumber(tx, row, in)
		}
		stuck, err := d.typeable(tx, row, in.Number)
		if err != nil {
			return err
		}
		typed := row.NumberTyped || row.CountyNumber == ""
		err = d.docket.Raise(tx, row, map[string]any{"county_number": in.Number, "number_key": in.Number, "number_typed": typed})
		if errors.Is(err, gorm.ErrDuplicatedKey) { // at the same moment
			return ErrNumberTaken
		}
		if err != nil {
			return err
		}
		if err := settled(tx, stuck, handoverByHand); err != nil {
			return err
		}
		if err := d.keep(tx, row.ID, &Event{Version: row.Version + 1, Act: numberAct, FromStatus: row.Status, ToStatus: row.Status}, in.Number, Detail{}); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "case.county_number", Kind: kind, Object: row.ID, Area: row.Village, Fields: []string{"county_number"}})
		return nil
	})
}

// typeable says whether a number may be typed in now, and what is done by it.
func (d *Desk) typeable(tx *store.Tx, row *Case, number string) (stuck []string, err error) {
	if row.AppliedAt == nil {
		return nil, ErrNotSubmitted
	}
	if stuck, err = stuckAlone(tx, row); err != nil {
		return nil, err
	}
	switch {
	case row.CountyNumber != "" && !row.NumberTyped && row.CountyNumber != number:
		return nil, ErrNumberGiven
	case !numberShape.MatchString(number) || d.personal(number):
		return nil, fault.Wrong("body.number", "请照县级平台上的办件编号填写：4 到 64 个字母、数字和 . _ : / -")
	}
	free, err := numberFree(tx, row, number)
	if err == nil && !free {
		err = ErrNumberTaken
	}
	return stuck, err
}

// stuckAlone are the handovers that need a person, unless something of the case is still on its way by itself.
func stuckAlone(tx *store.Tx, row *Case) (stuck []string, err error) {
	var waiting int64
	if err := tx.Model(&handoverRow{}).Where("case_id = ? AND status = ?", row.ID, handoverWaits).Count(&waiting).Error; err != nil {
		return nil, err
	}
	stuck, err = stuckOf(tx.DB, row.ID)
	if err == nil && int(waiting) > len(stuck) {
		err = ErrOnItsWay
	}
	return stuck, err
}

// withoutNumber settles what did not get to the county, and need not any more: the case is over, and nobody types it in there.
func (d *Desk) withoutNumber(tx *store.Tx, row *Case, in CountyNumber) error {
	text, err := docket.Typed("body.because", in.Because, shortestText, longestText)
	switch {
	case err != nil:
		return err
	case in.Number != "":
		return fault.Wrong("body.because", "填了编号，就不用写为什么没有编号")
	case !Flow.IsFinal(row.Status):
		return ErrNotOver
	}
	stuck, err := stuckAlone(tx, row)
	if err == nil && len(stuck) == 0 {
		err = ErrNoneStuck
	}
	if err != nil {
		return err
	}
	if err := d.docket.Raise(tx, row, map[string]any{}); err != nil {
		return err
	}
	if err := settled(tx, stuck, handoverNoNeed); err != nil {
		return err
	}
	if err := d.keep(tx, row.ID, &Event{Version: row.Version + 1, Act: noNeedAct, FromStatus: row.Status, ToStatus: row.Status}, text, Detail{}); err != nil {
		return err
	}
	tx.Trail(store.Entry{Act: "case.no_handover", Kind: kind, Object: row.ID, Area: row.Village, From: handoverWaits, To: handoverNoNeed})
	return nil
}

// numberFree: no other case of the county has the number. The column number_key, which is empty or the number, holds it for one of them: what
// the county itself gives twice is kept twice and is a difference for people.
func numberFree(tx *store.Tx, row *Case, number string) (bool, error) {
	var others int64
	err := tx.Model(&Case{}).Where("county_number = ? AND county = ? AND id <> ?", number, row.County, row.ID).Count(&others).Error
	return others == 0, err
}

// keepCountyNumber keeps the first number that the county gave the case, also in the place of one that somebody typed in; another one later is a
// difference for people.
func keepCountyNumber(tx *store.Tx, id, number string) error {
	if number == "" {
		return nil
	}
	var row Case
	if err := tx.Select("id", "village", "county", "county_number", "number_typed").Where("id = ?", id).Take(&row).Error; err != nil {
		return err
	}
	if row.CountyNumber != "" && !row.NumberTyped {
		return nil
	}
	set := map[string]any{"county_number": number, "number_typed": false}
	if row.CountyNumber != number {
		free, err := numberFree(tx, &row, number)
		if err != nil {
			return err
		}
		if set["number_key"] = nil; free {
			set["number_key"] = number
		}
	}
	if row.NumberTyped {
		tx.Trail(store.Entry{Act: "case.county_number", Kind: kind, Object: id, Area: row.Village, Why: whyGiven, Fields: []string{"county_number"}})
	}
	return tx.Table("cases").Where("id = ? AND (county_number = '' OR number_typed)", id).UpdateColumns(set).Error
}

// whyGiven stands in the trail where the county's number took the place of a typed one.
const whyGiven = "县级平台给了编号，代替手工填的"

// byCountyNumber are the cases with that number of the county's, two at most.
func byCountyNumber(tx *store.Tx, number string) (found []Case, err error) {
	if number == "" {
		return nil, nil
	}
	err = tx.Where("county_number = ?", number).Order("id").Limit(2).Find(&found).Error
	return found, err
}

// refBy is our number of the case with that number of the county's, if it is just one.
func refBy(tx *store.Tx, number string) (string, error) {
	found, err := byCountyNumber(tx, number)
	if err != nil || len(found) != 1 {
		return "", err
	}
	return found[0].number(), nil
}

// personal: somebody's id number or phone is no case's number.
func (d *Desk) personal(number string) bool {
	_, noID := secret.ParseIDNumber(number, clock.DateOf(d.store.Clock().Now()))
	_, noPhone := secret.ParsePhone(number)
	return noID == nil || noPhone == nil
}

// settled closes what was stuck, in one way or the other, and takes its letters back.
func settled(tx *store.Tx, stuck []string, how string) error {
	if len(stuck) == 0 {
		return nil
	}
	done := tx.Model(&handoverRow{}).Where("id IN ? AND status = ?", stuck, handoverWaits).
		UpdateColumns(map[string]any{"status": how, "content": nil, "settled_at": tx.Now, "settled_by": tx.Actor.Person})
	if done.Error != nil {
		return done.Error
	}
	return tx.TakeBack(handoverKind, stuck...)
}
