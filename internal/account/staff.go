package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// ErrUsernameTaken refuses a second account of one name, in whichever of its forms it was typed.
var ErrUsernameTaken = fault.New(fault.Conflict, "staff.username_taken", "这个用户名已经有人用了，请换一个")

// Staff (工作人员) is an account as an administrator knows it.
type Staff struct {
	ID           string
	Username     string
	Name         string
	Area         access.Area // where he belongs: that of his first post
	Disabled     bool
	MustChange   bool // has a password that somebody else knows
	SecondFactor bool // logs in with a one-time code as well
	WeChat       bool // may log in by WeChat
	Posts        []Post
	Duties       map[string][]Duty // by post
	Version      int
	CreatedAt    time.Time
}

// StaffList lists the staff of the administrator's county, newest first; with a username, that one in any of its forms.
func (d *Desk) StaffList(ctx context.Context, actor access.Actor, username, after string, limit int) ([]Staff, error) {
	db := d.store.Read(ctx)
	query := seenBy(actor)(db).Where("kind = ?", staffKind)
	if username != "" {
		query = query.Where("username = ?", normalUsername(username))
	}
	var people []personRow
	if err := store.Page(query, after, limit).Find(&people).Error; err != nil {
		return nil, err
	}
	return d.staffViews(db, people)
}

// StaffMember is the one with that id, with the posts of all times; not of the actor's county is not there.
func (d *Desk) StaffMember(ctx context.Context, actor access.Actor, id string) (Staff, error) {
	db := d.store.Read(ctx)
	p, err := onePerson(seenBy(actor)(db).Where("id = ? AND kind = ?", id, staffKind))
	if err != nil {
		return Staff{}, err
	}
	return d.staffView(db, p)
}

func (d *Desk) staffView(db *gorm.DB, p personRow) (Staff, error) {
	list, err := d.staffViews(db, []personRow{p})
	if err != nil {
		return Staff{}, err
	}
	return list[0], nil
}

func (d *Desk) staffViews(db *gorm.DB, people []personRow) ([]Staff, error) {
	ids := pluck(people, func(p personRow) string { return p.ID })
	var posts []Post
	if err := db.Where("person IN ?", ids).Order("valid_from, id").Find(&posts).Error; err != nil {
		return nil, err
	}
	var guarded []string
	if err := db.Table("totp").Where("person IN ? AND confirmed_at IS NOT NULL", ids).Pluck("person", &guarded).Error; err != nil {
		return nil, err
	}
	carried, err := dutiesOf(db, posts)
	if err != nil {
		return nil, err
	}
	held, second := map[string][]Post{}, map[string]bool{}
	for _, post := range posts {
		held[post.Person] = append(held[post.Person], post)
	}
	for _, id := range guarded {
		second[id] = true
	}
	list := make([]Staff, 0, len(people))
	for _, p := range people {
		name, err := plainName(d.store.Keys(), unrecorded{}, p, "工作人员姓名")
		if err != nil {
			return nil, err
		}
		list = append(list, Staff{
			ID: p.ID, Username: *p.Username, Name: name, Area: p.area(), Disabled: p.DisabledAt != nil, MustChange: p.MustChange,
			SecondFactor: second[p.ID], WeChat: p.WechatIndex != nil, Posts: held[p.ID], Duties: carried, Version: p.Version, CreatedAt: p.CreatedAt,
		})
	}
	return list, nil
}

// Newcomer is what the administrator writes down for a new member of the staff.
type Newcomer struct {
	Username string
	Name     string
	Post     Term
}

// NewStaff is told once: the password is kept as its hash only, and is changed at the first log-in.
type NewStaff struct {
	Staff
	Password string
}

// CreateStaff (开账号) makes an account with its first post; whoever may give that post does it.
func (d *Desk) CreateStaff(ctx context.Context, actor access.Actor, n Newcomer) (NewStaff, error) {
	if err := mayGive(actor, n.Post.Role); err != nil {
		return NewStaff{}, err
	}
	username := normalUsername(n.Username)
	if username == "" {
		return NewStaff{}, fault.Wrong("body.username", "用户名要有 2 到 32 个字母、数字或 . _ -")
	}
	name, err := secret.ParseName(n.Name)
	if err != nil {
		return NewStaff{}, err
	}
	password := readable(random(24))
	hashed, err := d.hashed(ctx, password)
	if err != nil {
		return NewStaff{}, err
	}
	var done NewStaff
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p := personRow{
			ID: tx.NewID(), Kind: staffKind, Username: &username, Password: hashed, MustChange: true,
			Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now,
		}
		p.Name = name.Seal(d.store.Keys(), sealedAt("name", p.ID))
		post, err := n.Post.given(tx, actor, p.ID)
		if err != nil {
			return err
		}
		p.live(post.Area)
		if err := errors.Join(tx.Create(&p).Error, tx.Create(&post).Error, settle(tx, post.ID), assign(tx, post, n.Post.Duties)); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "staff.create", Kind: "person", Object: p.ID, Area: wide(post.Area), Fields: []string{"username", "name", "password"}})
		tx.Trail(store.Entry{Act: "post.give", Kind: "post", Object: post.ID, Area: wide(post.Area), To: string(post.Role)})
		view, err := d.staffView(tx.DB, p)
		done = NewStaff{Staff: view, Password: password}
		tx.Answer(done)
		return err
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return NewStaff{}, ErrUsernameTaken
	}
	return done, err
}

// staffOf is the member of the staff whose account or posts the actor changes: not himself, and nobody who acts beyond the
// actor's area, since whoever holds an account holds what it may do.
func staffOf(tx *store.Tx, actor access.Actor, id string) (p personRow, held []Post, err error) {
	if err := actor.Must(access.SystemAdmin, access.SecurityAdmin); err != nil {
		return p, nil, err
	}
	if p, err = onePerson(seenBy(actor)(tx.DB).Where("id = ? AND kind = ?", id, staffKind)); err != nil {
		return p, nil, err
	}
	if p.ID == actor.Person {
		return p, nil, ErrOwnPost
	}
	if err = tx.Where("person = ?", p.ID).Order("valid_from, id").Find(&held).Error; err != nil {
		return p, nil, err
	}
	beyond := func(post Post) bool { return !actor.Area.Contains(post.Area) }
	if slices.ContainsFunc(running(held, clock.DateOf(tx.Now)), beyond) {
		return p, nil, fault.NotYours
	}
	return p, held, nil
}

// running are the posts that are held on that day or will be.
func running(held []Post, day clock.Date) (list []Post) {
	for _, p := range held {
		if !p.over(day) {
			list = append(list, p)
		}
	}
	return list
}
