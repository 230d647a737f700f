package account

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// Post (岗位) is a role at an office, for an area and a term. The title is the county's own word for it.
type Post struct {
	ID         string `gorm:"primaryKey"`
	Person     string
	Role       access.Role
	Title      string
	Office     string // id
	Area       access.Area
	ValidFrom  clock.Date
	ValidUntil clock.Date // the last day; none for an open term
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (Post) TableName() string { return "posts" }

// On reports whether the post is held on that day.
func (p Post) On(day clock.Date) bool {
	return p.ID != "" && !day.Before(p.ValidFrom) && (p.ValidUntil.IsZero() || !p.ValidUntil.Before(day))
}

// calledPost marks a post that was given or ended by a call. The county's staff.csv is read at every start, and must not undo it.
type calledPost struct {
	Post string `gorm:"primaryKey"`
}

func (calledPost) TableName() string { return "called_posts" }

// settle marks the post.
func settle(tx *store.Tx, post string) error {
	var n int64
	if err := tx.Model(&calledPost{}).Where("post = ?", post).Count(&n).Error; err != nil || n > 0 {
		return err
	}
	return tx.Create(&calledPost{post}).Error
}

// Actor is the person acting in this post.
func (p Post) Actor(session string) access.Actor {
	return access.Actor{Person: p.Person, Post: p.ID, Role: p.Role, Office: p.Office, Area: p.Area, Session: session}
}

// postsOn lists the posts that a person holds on a day, the oldest first: the first one is acted in unless another is chosen.
func postsOn(db *gorm.DB, person string, day clock.Date) ([]Post, error) {
	var held []Post
	err := db.Where("person = ? AND valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)", person, day, day).
		Order("valid_from, id").Find(&held).Error
	return held, err
}

// VillageClerks lists the posts of village clerks that are held today, by area.
func (d *Desk) VillageClerks(ctx context.Context) ([]Post, error) {
	var held []Post
	day := clock.DateOf(d.now())
	err := d.store.Read(ctx).Joins("JOIN persons ON persons.id = posts.person AND persons.disabled_at IS NULL").
		Where("role = ? AND valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)", access.Clerk, day, day).
		Order("posts.area, valid_from, posts.id").Find(&held).Error
	return held, err
}

// chosen is the post with that id among those held, else the first; the zero Post when there is none.
func chosen(held []Post, id string) Post {
	for _, p := range held {
		if p.ID == id {
			return p
		}
	}
	if len(held) == 0 {
		return Post{}
	}
	return held[0]
}
