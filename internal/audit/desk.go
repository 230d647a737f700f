// Package audit is the desk of the audit administrator (审计管理员): he reads the trail (留痕) of his area, and what he reads is
// trailed in turn. Nobody writes the trail here: store does, with each change.
package audit

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Hide keeps from the actor the rows of the trail about what he may not know of, such as an appeal that complains of him.
type Hide func(db *gorm.DB, actor access.Actor) *gorm.DB

// Desk is where the trail is read.
type Desk struct {
	store *store.Store
	hides []Hide
}

// New opens the desk.
func New(s *store.Store, hides ...Hide) *Desk { return &Desk{s, hides} }

// Filter narrows the trail; what is empty does not.
type Filter struct {
	From, To clock.Date // days, both included
	Person   string     // who acted
	Act      string     // such as appeal.dispatch
	Kind     string     // of the object
	Object   string
	Area     access.Area // and all below it
	After    string      // id
	Limit    int
}

// lists says, for the trail of the reading, what was asked for: ids, days and names of acts, never a personal value.
func (f Filter) said() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	if !f.From.IsZero() {
		add("from", f.From.String())
	}
	if !f.To.IsZero() {
		add("to", f.To.String())
	}
	add("person", f.Person)
	add("act", f.Act)
	add("kind", f.Kind)
	add("object", f.Object)
	add("area", string(f.Area))
	add("after", f.After)
	return strings.Join(parts, " ")
}

var errDays = fault.Wrong("query.to", "结束日期不能早于开始日期")

// Trail lists rows of the trail, the newest first. That they were read is a row itself.
func (d *Desk) Trail(ctx context.Context, actor access.Actor, f Filter) ([]store.TrailBody, error) {
	if err := actor.Must(access.AuditAdmin); err != nil {
		return nil, err
	}
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Before(f.From) {
		return nil, errDays
	}
	db := f.narrow(d.seenBy(actor)(d.store.Read(ctx).Model(&store.TrailRow{})))
	var rows []store.TrailRow
	if err := store.Page(db, f.After, f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]store.TrailBody, 0, len(rows))
	for _, r := range rows {
		body, err := r.Text()
		if err != nil {
			return nil, err
		}
		list = append(list, body)
	}
	err := d.store.Write(store.WithClaim(ctx, nil), actor, func(tx *store.Tx) error {
		tx.Trail(store.Entry{Act: "trail.read", Kind: "trail", Object: string(actor.Area), Area: actor.Area, Why: f.said()})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func (f Filter) narrow(db *gorm.DB) *gorm.DB {
	// Not by the chain's day: after a clock was set back, a chain goes on under the later one. Ids sort as the moments do.
	if !f.From.IsZero() {
		from := f.From.Start().UTC()
		db = db.Where("at >= ? AND id >= ?", from, store.FirstID(from))
	}
	if !f.To.IsZero() {
		until := f.To.End().UTC()
		db = db.Where("at < ? AND id < ?", until, store.FirstID(until))
	}
	for column, value := range map[string]string{"person": f.Person, "act": f.Act, "kind": f.Kind, "object": f.Object} {
		if value != "" {
			db = db.Where(column+" = ?", value)
		}
	}
	if f.Area != "" {
		db = within(db, f.Area)
	}
	return db
}

// Heads lists where the chains of the actor's area stand. It tells of nobody's acts and is not trailed: a reading that changed
// the heads could not be compared with the next.
func (d *Desk) Heads(ctx context.Context, actor access.Actor) ([]store.Head, error) {
	if err := actor.Must(access.AuditAdmin); err != nil {
		return nil, err
	}
	all, err := d.store.Heads(ctx)
	return slices.DeleteFunc(all, func(h store.Head) bool {
		return !actor.Area.Contains(access.Area(h.Area)) && !(h.Area == store.Nowhere && actor.Area.Level() == access.CountyLevel)
	}), err
}
