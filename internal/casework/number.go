package casework

import (
	"context"
	"regexp"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Handing over by hand (手工报送): without a connection to the county's platform, or where a handover did not get there, a clerk or the window
// types the case in at the county's own screen, and its number there in here.

// CountyNumber is what was read from the county's screen.
type CountyNumber struct {
	Version int
	Number  string
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
		stuck, err := d.typeable(tx, row, in.Number)
		if err != nil {
			return err
		}
		if err := d.docket.Raise(tx, row, map[string]any{"county_number": in.Number}); err != nil {
			return err
		}
		if err := byHand(tx, stuck); err != nil {
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
	var rows []handoverRow
	if err := tx.Select("id", "nth", "act", "status").Where("case_id = ?", row.ID).Order("nth").Find(&rows).Error; err != nil {
		return nil, err
	}
	if stuck, err = stuckOf(tx.DB, row.ID); err != nil {
		return nil, err
	}
	waiting, given := 0, false
	for _, h := range rows {
		if h.Status == handoverWaits {
			waiting++
		}
		given = given || h.Status == handoverSent
	}
	switch {
	case waiting > len(stuck):
		return nil, ErrOnItsWay
	case given && row.CountyNumber != "" && row.CountyNumber != number:
		return nil, ErrNumberGiven
	case !numberShape.MatchString(number) || d.personal(number):
		return nil, fault.Wrong("body.number", "请照县级平台上的办件编号填写：4 到 64 个字母、数字和 . _ : / -")
	}
	return stuck, nil
}

// personal: somebody's id number or phone is no case's number.
func (d *Desk) personal(number string) bool {
	_, noID := secret.ParseIDNumber(number, clock.DateOf(d.store.Clock().Now()))
	_, noPhone := secret.ParsePhone(number)
	return noID == nil || noPhone == nil
}

// byHand settles what was stuck, and takes its letters back.
func byHand(tx *store.Tx, stuck []string) error {
	if len(stuck) == 0 {
		return nil
	}
	done := tx.Model(&handoverRow{}).Where("id IN ? AND status = ?", stuck, handoverWaits).
		UpdateColumns(map[string]any{"status": handoverByHand, "content": nil, "settled_at": tx.Now, "settled_by": tx.Actor.Person})
	if done.Error != nil {
		return done.Error
	}
	return tx.TakeBack(handoverKind, stuck...)
}
