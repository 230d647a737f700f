package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// The kinds of change to an office.
const (
	OfficeMade    = "make"   // 设立
	OfficeChanged = "change" // 变更
	OfficeClosed  = "close"  // 撤销
)

// OfficeChange is a change to an office by call: append-only.
type OfficeChange struct {
	ID         string `gorm:"primaryKey"`
	Kind       string
	Office     string
	Closes     *string    // the office, where it ends: it ends once
	Name       string     // before the change, like what follows; of a new office as it was made
	OfficeKind OfficeKind // 机构类别
	Address    string
	Hours      string
	Phone      string
	Day        clock.Date // from when it holds
	Document   string     // 文号
	Person     string     // who wrote it down
	CreatedAt  time.Time
}

func (OfficeChange) TableName() string { return "office_changes" }

// closedOffices are the ids of offices that ended.
const closedOffices = "SELECT closes FROM office_changes WHERE closes IS NOT NULL"

// The faults of changes to offices.
var (
	ErrOfficeKnown  = fault.New(fault.Conflict, "office.known", "已经有这个机构代码了")
	ErrOfficeClosed = fault.New(fault.Conflict, "office.closed", "这个机构已经撤销")
	ErrOfficeInUse  = fault.New(fault.Conflict, "office.in_use", "这个机构还有岗位或没办完的事，不能撤销")
)

// OfficeAsked is an office as the administrator writes it down; Code and Area only for a new one.
type OfficeAsked struct {
	Code                        string
	Area                        access.Area
	Name, Address, Hours, Phone string
	Kind                        OfficeKind
}

// read checks what the county's file is checked for, too.
func (a OfficeAsked) read(o *Office) error {
	for _, part := range []struct {
		field, typed, wrong string
		most                int
		into                *string
		optional            bool
	}{
		{"body.name", a.Name, "请写名称，最多 64 个字", 64, &o.Name, false},
		{"body.address", a.Address, "地址最多 120 个字", 120, &o.Address, true},
		{"body.hours", a.Hours, "办公时间最多 120 个字", 120, &o.Hours, true},
		{"body.phone", a.Phone, "电话最多 32 个字", 32, &o.Phone, true},
	} {
		*part.into = ""
		if part.optional && strings.TrimSpace(part.typed) == "" {
			continue
		}
		text, err := secret.CleanText(part.typed, part.most)
		if err != nil {
			return fault.Wrong(part.field, part.wrong)
		}
		*part.into = text
	}
	levels, known := officeLevels[a.Kind]
	switch {
	case !known:
		return fault.Wrong("body.kind", "请选择机构类别")
	case !slices.Contains(levels, o.Area.Level()):
		return fault.Wrong("body.kind", "这一级没有这种机构")
	}
	o.Kind = a.Kind
	return nil
}

// MakeOffice (设立机构) makes an office in an area of the administrator's county.
func (d *Desk) MakeOffice(ctx context.Context, actor access.Actor, a OfficeAsked, order Order) (Office, error) {
	return d.changingOffice(ctx, actor, "", order, func(tx *store.Tx, _ Office) (Office, string, error) {
		if !codeShape.MatchString(a.Code) {
			return Office{}, "", fault.Wrong("body.code", "代码用小写字母开头，只有小写字母、数字和 -，2 到 32 个")
		}
		if _, err := openArea(tx.DB, actor, a.Area); errors.Is(err, fault.NotFound) || errors.Is(err, ErrAreaClosed) {
			return Office{}, "", fault.Wrong("body.area", "请选择本县的县、乡镇或村")
		} else if err != nil {
			return Office{}, "", err
		}
		made := Office{ID: tx.NewID(), Code: a.Code, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		made.stand(a.Area)
		if err := a.read(&made); err != nil {
			return Office{}, "", err
		}
		return made, OfficeMade, tx.Create(&made).Error
	})
}

func (o *Office) stand(area access.Area) {
	o.Area, o.County, o.Town, o.Village = area, string(area.County()), string(area.Town()), string(area.Village())
}

// ChangeOffice (变更机构) replaces all that can be said of it, but for its code and its area.
func (d *Desk) ChangeOffice(ctx context.Context, actor access.Actor, id string, a OfficeAsked, order Order) (Office, error) {
	return d.changingOffice(ctx, actor, id, order, func(tx *store.Tx, o Office) (Office, string, error) {
		if err := a.read(&o); err != nil {
			return o, "", err
		}
		o.UpdatedAt = tx.Now
		return o, OfficeChanged, tx.Table("offices").Where("id = ?", o.ID).UpdateColumns(map[string]any{
			"name": o.Name, "kind": o.Kind, "address": o.Address, "hours": o.Hours, "phone": o.Phone, "updated_at": tx.Now,
		}).Error
	})
}

// CloseOffice (撤销机构) ends an office where nobody holds a post any more and nothing is under way. It stays known by its id.
func (d *Desk) CloseOffice(ctx context.Context, actor access.Actor, id string, order Order) (Office, error) {
	return d.changingOffice(ctx, actor, id, order, func(tx *store.Tx, o Office) (Office, string, error) {
		return o, OfficeClosed, d.unused(tx, o)
	})
}

// OfficeUse tells what another desk still has at an office: how many, and the public numbers of some.
type OfficeUse func(db *gorm.DB, office string) (n int64, some []string, err error)

// OfficesUsedBy registers another desk's, with the word for what it has. Call it while the program is put together.
func (d *Desk) OfficesUsedBy(what string, u OfficeUse) { d.uses = append(d.uses, officeUse{what, u}) }

type officeUse struct {
	what string
	of   OfficeUse
}

// named is how many posts and things a refusal names.
const named = 5

func (d *Desk) unused(tx *store.Tx, o Office) error {
	var posts []Post
	err := tx.Where("office = ? AND (valid_until IS NULL OR valid_until >= ?)", o.ID, today(tx)).Order("id").Find(&posts).Error
	if err != nil {
		return err
	}
	var left []string
	if n := len(posts); n > 0 {
		titles := pluck(posts[:min(n, named)], func(p Post) string { return p.Title })
		left = append(left, fmt.Sprintf("还有 %d 个岗位：%s", n, strings.Join(titles, "、")))
	}
	for _, use := range d.uses {
		n, some, err := use.of(tx.DB, o.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			left = append(left, fmt.Sprintf("还有 %d 件没办完的%s：%s", n, use.what, strings.Join(some[:min(len(some), named)], "、")))
		}
	}
	if len(left) > 0 {
		return ErrOfficeInUse.With("%s", strings.Join(left, "；"))
	}
	return nil
}

// changingOffice is what all changes have in common: who, from when, by which document, and a row of the history.
func (d *Desk) changingOffice(ctx context.Context, actor access.Actor, id string, order Order, change func(*store.Tx, Office) (Office, string, error)) (done Office, err error) {
	if id != "" { // offices are known to everybody
		if _, err := d.Office(ctx, id); err != nil {
			return Office{}, err
		}
	}
	if err := actor.Must(access.SystemAdmin); err != nil {
		return Office{}, err
	}
	if order, err = order.read(clock.DateOf(d.now())); err != nil {
		return Office{}, err
	}
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		var before Office
		if id != "" {
			if before, err = openOffice(tx, id); err != nil {
				return err
			}
			if !actor.Area.Contains(before.Area) {
				return fault.NotFound
			}
		}
		after, kind, err := change(tx, before)
		if err != nil {
			return err
		}
		if id == "" {
			before = after
		}
		c := OfficeChange{
			ID: tx.NewID(), Kind: kind, Office: after.ID, Name: before.Name, OfficeKind: before.Kind, Address: before.Address, Hours: before.Hours, Phone: before.Phone,
			Day: order.Day, Document: order.Document, Person: tx.Actor.Person, CreatedAt: tx.Now,
		}
		if kind == OfficeClosed {
			c.Closes = &after.ID
		}
		tx.Trail(store.Entry{Act: "office." + kind, Kind: "office", Object: after.ID, Area: after.Area, Why: order.Document})
		done = after
		tx.Answer(done)
		return tx.Create(&c).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return Office{}, ErrOfficeKnown
	}
	return done, err
}

// openOffice is an office that has not ended, locked until the commit: who gives it something to do, or ends it, waits for the other.
func openOffice(tx *store.Tx, id string) (Office, error) {
	var list []Office
	if err := forUpdate(tx.DB).Where("id = ?", id).Limit(1).Find(&list).Error; err != nil {
		return Office{}, err
	}
	if len(list) == 0 {
		return Office{}, fault.NotFound
	}
	var ended int64
	if err := tx.Model(&OfficeChange{}).Where("closes = ?", id).Count(&ended).Error; err != nil {
		return Office{}, err
	}
	if ended > 0 {
		return list[0], ErrOfficeClosed
	}
	return list[0], nil
}

// OpenOffices fails when one of the offices has ended. For another desk's transaction that gives them something to do.
func OpenOffices(tx *store.Tx, ids ...string) error {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		if _, err := openOffice(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// OfficeClosedOn is the day from which the office is no more; none while it stands.
func (d *Desk) OfficeClosedOn(ctx context.Context, id string) (clock.Date, error) {
	var list []OfficeChange
	err := d.store.Read(ctx).Where("closes = ?", id).Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return clock.Date{}, err
	}
	return list[0].Day, nil
}

// OfficeHistory lists what calls changed of an office, the newest first.
func (d *Desk) OfficeHistory(ctx context.Context, id, after string, limit int) ([]OfficeChange, error) {
	if _, err := d.Office(ctx, id); err != nil {
		return nil, err
	}
	var list []OfficeChange
	err := store.Page(d.store.Read(ctx).Where("office = ?", id), after, limit).Find(&list).Error
	return list, err
}

// OfficesMark differs after every change to any office.
func (d *Desk) OfficesMark(ctx context.Context) (string, error) {
	return markOf(d.store.Read(ctx), &OfficeChange{})
}
