package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tongban/internal/access"
	"tongban/internal/catalog"
	platform "tongban/internal/county"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// pullAll pulls what the county's acts lead to, as long as there is time; the rest stays a difference. So does what cannot be pulled: one bad case
// does not keep the others.
func (d *Desk) pullAll(ctx context.Context, found []platform.Difference, cases map[string]Case) (pulled map[string]bool, failed error) {
	pulled = map[string]bool{}
	for _, f := range found {
		if f.Kind != platform.BehindHere && f.Kind != platform.StateDiffers || ctx.Err() != nil {
			continue
		}
		done, err := d.pull(ctx, cases[f.Ref].ID, f.Ref)
		if err != nil && ctx.Err() == nil {
			failed = errors.Join(failed, fmt.Errorf("casework: %s is not pulled: %w", f.Ref, err))
		}
		if done {
			pulled[f.Ref] = true
		}
	}
	return pulled, failed
}

// pull brings a case to how it stands at the county, asked afresh, if acts of the county lead there, need no words of the county's, and are all that
// happened there. Older news are late from then on.
func (d *Desk) pull(ctx context.Context, id, ref string) (done bool, err error) {
	s, err := d.platform.Standing(ctx, ref)
	if err != nil { // the client has told why
		return false, nil // it stays a difference
	}
	err = d.store.Write(ctx, access.Actor{Role: county}, func(tx *store.Tx) error {
		done = false
		applied, err := d.news.Counted(tx, s)
		if err != nil {
			return err
		}
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
		if all, err := d.allOf(tx, &row, s, applied, len(way)); err != nil || !all {
			return err
		}
		for _, do := range way {
			e := platform.Event{Ref: ref, Number: s.Number, Act: platform.Act(do), At: s.At, Opinion: pulledWords}
			if err := d.asCounty(tx, &row, s.At, do, func(s *step) error { return s.hearing(e) }); err != nil {
				return err
			}
		}
		tx.Trail(store.Entry{Act: "case.pull", Kind: kind, Object: id, Area: row.Village, From: string(row.Status), To: string(s.State)})
		done = true
		if err := keepCountyNumber(tx, row.ID, s.Number); err != nil {
			return err
		}
		if err := tx.Model(&Case{}).Where("id = ?", id).UpdateColumn("counted_version", row.Version).Error; err != nil {
			return err
		}
		return d.reached(tx, s)
	})
	if err != nil && store.Passed(err) { // somebody was faster, or a verb refuses: it stays a difference
		return false, nil
	}
	return done && err == nil, err
}

// allOf: the way is all that the county did and we have not heard. An extension, or a suspension that is over, is not seen in the state: its news is
// waited for, since pulling would make it late, and its days would be lost. What was done here, and not yet told by the county, it counts too.
func (d *Desk) allOf(tx *store.Tx, row *Case, s platform.Standing, applied, way int) (bool, error) {
	if s.Seq == 0 || d.news == nil { // the county does not count
		return true, nil
	}
	own, theirs, err := d.sinceCounted(tx, row, s)
	if err != nil {
		return false, err
	}
	if applied > 0 {
		return s.Seq-applied == way+own, nil
	}
	var letters int64 // nothing that it counted was heard: it counts from our letters on
	err = tx.Model(&handoverRow{}).Where("case_id = ? AND (nth = 1 OR NOT ahead)", row.ID).Count(&letters).Error
	return s.Seq-int(letters)-theirs == way+own, err
}

// sinceCounted are the acts that the county counts and whose count we have not heard: own were done here, theirs are all of the county's.
func (d *Desk) sinceCounted(tx *store.Tx, row *Case, s platform.Standing) (own, theirs int, err error) {
	heard, err := d.news.Heard(tx, s)
	if err != nil {
		return 0, 0, err
	}
	var letter handoverRow // the last one: after an earlier one the county asked again, and was heard
	if err := tx.Select("act", "ahead").Where("case_id = ?", row.ID).Order("nth DESC").Limit(1).Find(&letter).Error; err != nil {
		return 0, 0, err
	}
	var acts []Event
	if err := tx.Select("version", "act", "role").Where("case_id = ?", row.ID).Order("version, id").Find(&acts).Error; err != nil {
		return 0, 0, err
	}
	for _, e := range acts {
		switch {
		case e.Role == county:
			own, theirs = 0, theirs+1
		case e.Version <= row.CountedVersion:
		case (e.Act == Receive || e.Act == Accept) && !slices.Contains(heard, platform.Act(e.Act)), e.Act == Correct && letter.Act == toldCorrect && letter.Ahead,
			e.Act == Deliver && s.State == platform.Delivered && !slices.Contains(heard, platform.Deliver):
			own++
		}
	}
	return own, theirs, nil
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
