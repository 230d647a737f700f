// Package docket is what desks have in common whose rows go along a flow: an act on one row from the reading to the answer, what who
// comes too late is told, the lights, and the rows of an area that ended. What one desk alone knows stays with it: its rules, its
// columns, its history.
package docket

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Spine is what every such row has, as it was read.
type Spine struct {
	ID      string
	Village access.Area
	Status  flow.State
	Version int
	Light   workday.Light // as last announced; empty where no clock runs
}

// Row is a row of a desk's table.
type Row interface{ Spine() Spine }

// Docket (案卷) is one kind of row R, and S what a reader sees of one. Table has the columns id, status, version, updated_at, county,
// town and village; Grid says that it has one for the grid too.
type Docket[R Row, S any] struct {
	Store *store.Store
	Flow  *flow.Table
	Table string
	Grid  bool
	Keeps string       // a column that says of a row that is over that work is left, such as papers to be given back; empty where none is
	Late  *fault.Fault // what who comes too late is told

	Load   func(*gorm.DB, access.Actor, string) (*R, error) // the row with the id, among those that the actor sees
	Show   func(context.Context, *gorm.DB, *R, access.Actor) (S, error)
	Offers func(*R, access.Actor) []flow.Offer
}

// Find is the row with the id among those in view.
func (d *Docket[R, S]) Find(view *gorm.DB, id string) (*R, error) {
	var found []R
	if err := view.Where(d.Table+".id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.NotFound
	}
	return &found[0], nil
}

// Write does something to one row: it is found among those that the actor sees, and answered as it stands after. Who comes too late is
// told how it stands now.
func (d *Docket[R, S]) Write(ctx context.Context, actor access.Actor, id string, do func(*store.Tx, *R) error) (S, error) {
	var seen, none S
	err := d.Store.Write(ctx, actor, func(tx *store.Tx) error {
		row, err := d.Load(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if err := do(tx, row); err != nil {
			return err
		}
		if seen, err = d.Reread(ctx, tx, id); err != nil {
			return err
		}
		tx.Answer(seen)
		return nil
	})
	if err != nil {
		return none, d.Standing(ctx, actor, id, err)
	}
	return seen, nil
}

// Fresh: the row is as the client saw it; version is 0 when he did not say.
func (d *Docket[R, S]) Fresh(row *R, version int) error {
	if version != 0 && version != (*row).Spine().Version {
		return store.ErrLost
	}
	return nil
}

// Next asks the flow where the act leads, and then whether the row is as the client saw it.
func (d *Docket[R, S]) Next(row *R, version int, do flow.Act, by access.Role) (flow.State, error) {
	to, err := d.Flow.Next((*row).Spine().Status, do, by)
	if err != nil {
		return "", err
	}
	return to, d.Fresh(row, version)
}

// Move takes the row along the flow, if it still is as it was read. set are further columns, why is the reason for the trail.
func (d *Docket[R, S]) Move(tx *store.Tx, row *R, do flow.Act, set map[string]any, why string) (flow.State, error) {
	s := (*row).Spine()
	return tx.Move(d.Flow, store.Move{Table: d.Table, ID: s.ID, Area: s.Village, From: s.Status, Version: s.Version, Do: do, Set: set, Why: why})
}

// Raise changes columns where no act of the flow does, if the row still is as it was read. The version is raised as by an act.
func (d *Docket[R, S]) Raise(tx *store.Tx, row *R, set map[string]any) error {
	set["version"], set["updated_at"] = (*row).Spine().Version+1, tx.Now
	return d.Mark(tx, row, set)
}

// Mark is Raise for columns that nobody looks at: the version stays.
func (d *Docket[R, S]) Mark(tx *store.Tx, row *R, set map[string]any) error {
	s := (*row).Spine()
	done := tx.Table(d.Table).Where("id = ? AND status = ? AND version = ?", s.ID, string(s.Status), s.Version).UpdateColumns(set)
	if done.Error == nil && done.RowsAffected != 1 {
		return store.ErrLost
	}
	return done.Error
}

// Reread shows the row after the act, also to an actor who by his own act no longer sees it.
func (d *Docket[R, S]) Reread(ctx context.Context, tx *store.Tx, id string) (S, error) {
	var row R
	if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
		var none S
		return none, err
	}
	return d.Show(ctx, tx.DB, &row, tx.Actor)
}

// Standing adds to a conflict how the row stands now; other errors stay as they are. It is read after the roll-back, through the actor's
// own eyes: what he no longer sees is not there.
func (d *Docket[R, S]) Standing(ctx context.Context, actor access.Actor, id string, err error) error {
	known := fault.Of(err)
	if known.Kind != fault.Conflict || errors.Is(err, store.ErrInProgress) {
		return err
	}
	row, missing := d.Load(d.Store.Read(ctx), actor, id)
	if missing != nil {
		return missing
	}
	if errors.Is(err, store.ErrLost) || errors.Is(err, flow.NotNow) {
		known = d.Late.Because(err)
	}
	told, s := *known, (*row).Spine()
	told.Current = &fault.Current{Status: string(s.Status), Version: s.Version, Offers: d.Offers(row, actor)}
	return &told
}

// Sees makes a yes or no of the error with which a row was looked for.
func Sees(err error) (bool, error) {
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}
