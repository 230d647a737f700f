package account

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// The kinds of change to a division.
const (
	AreaMade    = "make"   // 设立
	AreaRenamed = "rename" // 更名
	AreaMerged  = "merge"  // 撤并
	AreaMoved   = "move"   // 划转
)

// AreaChange is a change to a division: append-only, but for the mark that everybody was carried over.
type AreaChange struct {
	ID        string `gorm:"primaryKey"`
	Kind      string
	Old       access.Area // empty for a new one
	New       access.Area
	Closes    *access.Area // the old one, where it ends: an area ends once
	Name      string       // before a rename
	Day       clock.Date   // from when it holds
	Document  string       // 文号
	Person    string       // who wrote it down
	CreatedAt time.Time
	CarriedAt *time.Time // those who lived there are in the new one; nil while some are not
}

func (AreaChange) TableName() string { return "area_changes" }

// The faults of changes to divisions.
var (
	ErrAreaKnown  = fault.New(fault.Conflict, "area.known", "已经有这个区划代码了")
	ErrAreaClosed = fault.New(fault.Conflict, "area.closed", "这个区划已经撤并或划转，请查看它并到了哪里")
	ErrGridsFull  = fault.New(fault.Conflict, "area.grids_full", "合并后的网格超过 99 个，请先整理网格")
)

// Order is a decision on a division: from which day, and by which document.
type Order struct {
	Day      clock.Date
	Document string
}

func (o Order) read(today clock.Date) (Order, error) {
	document, err := secret.CleanText(o.Document, 60)
	switch {
	case err != nil:
		return o, fault.Wrong("body.document", "请写明文号，最多 60 个字")
	case o.Day.IsZero() || today.Before(o.Day):
		return o, fault.Wrong("body.day", "请写明从哪天起；还没到的日子，到了那天再办")
	}
	o.Document = document
	return o, nil
}

// MakeArea (设立) makes a town, village or grid under an area of the administrator's county.
func (d *Desk) MakeArea(ctx context.Context, actor access.Actor, code access.Area, name string, o Order) (Area, error) {
	return d.changing(ctx, actor, "", o, func(tx *store.Tx, o Order) (Area, error) {
		a, err := newArea(tx, actor, code, name)
		if err == nil {
			err = keepChange(tx, AreaChange{Kind: AreaMade, New: code}, o)
		}
		return a, err
	})
}

// RenameArea (更名) changes nothing but the name.
func (d *Desk) RenameArea(ctx context.Context, actor access.Actor, code access.Area, name string, o Order) (Area, error) {
	return d.changing(ctx, actor, code, o, func(tx *store.Tx, o Order) (Area, error) {
		a, err := openArea(tx.DB, actor, code)
		if err != nil {
			return a, err
		}
		was := a.Name
		if a.Name, err = areaName(name); err != nil {
			return a, err
		}
		if err := tx.Table("areas").Where("code = ?", code).UpdateColumn("name", a.Name).Error; err != nil {
			return a, err
		}
		return a, keepChange(tx, AreaChange{Kind: AreaRenamed, Old: code, New: code, Name: was}, o)
	})
}

// MergeVillage (撤并) ends a village in another one.
func (d *Desk) MergeVillage(ctx context.Context, actor access.Actor, code, into access.Area, o Order) (Area, error) {
	a, err := d.changing(ctx, actor, code, o, func(tx *store.Tx, o Order) (Area, error) {
		if _, err := openArea(tx.DB, actor, code); err != nil {
			return Area{}, err
		}
		to, err := openArea(tx.DB, actor, into)
		if errors.Is(err, fault.NotFound) || err == nil && (to.Level != access.VillageLevel || into == code) {
			return to, fault.Wrong("body.into", "请选择并入本县的哪个村")
		}
		if err != nil {
			return to, err
		}
		return to, endVillage(tx, actor, code, into, AreaMerged, o)
	})
	return d.carryNow(ctx, a, err)
}

// MoveVillage (划转) gives a village the code that it has under another town.
func (d *Desk) MoveVillage(ctx context.Context, actor access.Actor, code, to access.Area, o Order) (Area, error) {
	a, err := d.changing(ctx, actor, code, o, func(tx *store.Tx, o Order) (Area, error) {
		old, err := openArea(tx.DB, actor, code)
		if err != nil {
			return old, err
		}
		if to.Level() != access.VillageLevel || to.Town() == code.Town() {
			return old, fault.Wrong("body.to", "请写另一个乡镇下的 12 位村码")
		}
		moved, err := newArea(tx, actor, to, old.Name)
		if err != nil {
			return moved, err
		}
		return moved, endVillage(tx, actor, code, to, AreaMoved, o)
	})
	return d.carryNow(ctx, a, err)
}

// changing is what all changes have in common: who, from when, by which document.
func (d *Desk) changing(ctx context.Context, actor access.Actor, code access.Area, o Order, change func(*store.Tx, Order) (Area, error)) (done Area, err error) {
	if code != "" { // divisions are known to everybody: what is not there is not there for anybody
		if _, err := d.Area(ctx, code); err != nil {
			return Area{}, err
		}
	}
	if err := actor.Must(access.SystemAdmin); err != nil {
		return Area{}, err
	}
	if o, err = o.read(clock.DateOf(d.now())); err != nil {
		return Area{}, err
	}
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if done, err = change(tx, o); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return Area{}, ErrAreaKnown // somebody else was first
	}
	if err == nil {
		_ = d.NoticeAreas(ctx) // else a round does, in a few seconds
	}
	d.standing.forget()
	return done, err
}
