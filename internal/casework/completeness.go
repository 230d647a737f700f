package casework

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
)

// Holder is the colleague who has a case in hand.
type Holder struct {
	ID, Name string
	Since    time.Time
	Mine     bool // the reader himself
}

// holders are who has these cases in hand, by case; staff alone are told.
func (d *Desk) holders(ctx context.Context, actor access.Actor, rows ...*Case) (map[string]*Holder, error) {
	var ids []string
	for _, c := range rows {
		if c.Holder != "" && actor.Role.Staff() {
			ids = append(ids, c.Holder)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	names, err := d.people.StaffNames(ctx, ids...)
	if err != nil {
		return nil, err
	}
	found := map[string]*Holder{}
	for _, c := range rows {
		if c.Holder != "" && c.HeldAt != nil {
			found[c.ID] = &Holder{c.Holder, names[c.Holder], *c.HeldAt, c.Holder == actor.Person}
		}
	}
	return found, nil
}

// glance is what a list shows of a case beside its row.
func (d *Desk) glance(ctx context.Context, db *gorm.DB, c *Case, s *Seen, actor access.Actor) error {
	holders, err := d.holders(ctx, actor, c)
	if err != nil {
		return err
	}
	papers, err := d.completeness(db, c)
	s.Holder, s.Papers = holders[c.ID], papers[c.ID]
	return err
}

// Why a case is to be looked at again on its recheck day.
const (
	RecheckCorrection = "correction" // 补正到期
	RecheckProcedure  = "procedure"  // 特别程序预计结束
	RecheckDeferred   = "deferred"   // 容缺后补的材料到决定的期限还要补齐
	RecheckExpiry     = "expiry"     // 复用的材料那天过后就失效
)

// Completeness is how complete the papers of a case are, at a glance. Optional ones do not count: Required is the sum of the
// other four.
type Completeness struct {
	Required, Present, Missing, Deferred, LookedUp int

	RecheckOn clock.Date // the first day on which somebody must look at it again; none where nothing is awaited
	Recheck   string     // why
}

// Complete says whether nothing is missing or yet to come.
func (c Completeness) Complete() bool { return c.Missing == 0 && c.Deferred == 0 }

// recheck keeps the earlier day.
func (c *Completeness) recheck(on clock.Date, why string) {
	if !on.IsZero() && (c.RecheckOn.IsZero() || on.Before(c.RecheckOn)) {
		c.RecheckOn, c.Recheck = on, why
	}
}

// completeness is that of several cases, by case: one look at the papers, and one at the procedures of those under one.
func (d *Desk) completeness(db *gorm.DB, rows ...*Case) (map[string]Completeness, error) {
	found := map[string]Completeness{}
	if len(rows) == 0 {
		return found, nil
	}
	ids := make([]string, 0, len(rows))
	var suspended []string
	for _, c := range rows {
		ids = append(ids, c.ID)
		if c.Status == Suspended {
			suspended = append(suspended, c.ID)
		}
	}
	var papers []struct {
		CaseID     string
		State      MaterialState
		ValidUntil clock.Date
	}
	err := db.Table("case_materials").Select("case_materials.case_id, case_materials.state, locker_papers.valid_until").
		Joins("LEFT JOIN locker_papers ON locker_papers.id = case_materials.locker_paper").
		Where("case_materials.case_id IN ? AND case_materials.necessity <> ?", ids, "optional").Find(&papers).Error
	if err != nil {
		return nil, err
	}
	expiry := map[string]clock.Date{}
	for _, p := range papers {
		c := found[p.CaseID]
		c.Required++
		switch p.State {
		case Given:
			c.Present++
		case Missing:
			c.Missing++
		case Deferred:
			c.Deferred++
		case LookedUp:
			c.LookedUp++
		}
		if first := expiry[p.CaseID]; !p.ValidUntil.IsZero() && (first.IsZero() || p.ValidUntil.Before(first)) {
			expiry[p.CaseID] = p.ValidUntil
		}
		found[p.CaseID] = c
	}
	until, err := procedureEnds(db, suspended)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		c := found[row.ID]
		if row.undecided() {
			c.recheck(expiry[row.ID], RecheckExpiry)
		}
		switch {
		case row.Status == Correcting:
			c.recheck(row.CorrectOn, RecheckCorrection)
		case row.Status == Suspended:
			c.recheck(until[row.ID], RecheckProcedure)
		case c.Deferred > 0 && row.undecided():
			c.recheck(row.dues().Binding().On, RecheckDeferred)
		}
		found[row.ID] = c
	}
	return found, nil
}

// undecided: it is handed in, and its papers still count.
func (c *Case) undecided() bool {
	return slices.Contains(beforeDecision, c.Status)
}

// procedureEnds are until when the special procedures under way will probably last.
func procedureEnds(db *gorm.DB, ids []string) (map[string]clock.Date, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var periods []periodRow
	err := db.Where("case_id IN ? AND kind = ? AND ended_at IS NULL", ids, suspension).Find(&periods).Error
	ends := map[string]clock.Date{}
	for _, p := range periods {
		ends[p.CaseID] = p.UntilOn
	}
	return ends, err
}
