package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Duty (职责) is one thing that the people of a village do, in the county's own words. The list stands in duties.yaml.
type Duty struct {
	Code   string `gorm:"primaryKey"`
	Title  string // what the county calls who does it (四员, 网格长); may be empty
	Text   string
	Roles  string // that may carry it, with commas
	Sort   int
	Listed bool // in the file: only such are given
}

func (Duty) TableName() string { return "duties" }

// CarriedBy are the roles that may carry it.
func (t Duty) CarriedBy() (roles []access.Role) {
	for _, role := range strings.Split(t.Roles, ",") {
		roles = append(roles, access.Role(role))
	}
	return roles
}

type postDuty struct {
	Post string `gorm:"primaryKey"`
	Duty string `gorm:"primaryKey"`
}

func (postDuty) TableName() string { return "post_duties" }

// mostDuties of one post; longestDuty in characters.
const (
	mostDuties  = 30
	longestDuty = 60
)

// Duties is the county's list.
func (d *Desk) Duties(ctx context.Context) (list []Duty, err error) {
	err = d.store.Read(ctx).Where("listed = ?", true).Order("sort, code").Find(&list).Error
	return list, err
}

// AreaDuty is who does what in an area, without saying his name.
type AreaDuty struct {
	Post   Post
	Duties []Duty
}

// AreaDuties lists, for everybody to read, the posts that are held today in an area, or in a grid of it, with what their holders
// do. Posts without duties, and those of disabled accounts, are left out.
func (d *Desk) AreaDuties(ctx context.Context, area access.Area) ([]AreaDuty, error) {
	if _, err := d.Area(ctx, area); err != nil {
		return nil, err
	}
	db, today := d.store.Read(ctx), clock.DateOf(d.now())
	var posts []Post
	err := db.Where("(area = ? OR area IN (SELECT code FROM areas WHERE parent = ? AND level = ?))", area, area, access.GridLevel).
		Where("valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)", today, today).
		Where("EXISTS (SELECT 1 FROM persons WHERE persons.id = posts.person AND persons.disabled_at IS NULL)").
		Order("area, valid_from, id").Find(&posts).Error
	if err != nil {
		return nil, err
	}
	carried, err := dutiesOf(db, posts)
	if err != nil {
		return nil, err
	}
	var list []AreaDuty
	for _, p := range posts {
		if len(carried[p.ID]) > 0 {
			list = append(list, AreaDuty{p, carried[p.ID]})
		}
	}
	return list, nil
}

// dutiesOf are the duties of each post, in the county's order.
func dutiesOf(db *gorm.DB, posts []Post) (map[string][]Duty, error) {
	var rows []postDuty
	if err := db.Where("post IN ?", pluck(posts, func(p Post) string { return p.ID })).Find(&rows).Error; err != nil {
		return nil, err
	}
	var list []Duty
	if err := db.Where("code IN ?", pluck(rows, func(r postDuty) string { return r.Duty })).Order("sort, code").Find(&list).Error; err != nil {
		return nil, err
	}
	of := map[string][]Duty{}
	for _, duty := range list {
		for _, r := range rows {
			if r.Duty == duty.Code {
				of[r.Post] = append(of[r.Post], duty)
			}
		}
	}
	return of, nil
}

// unfit says what is wrong with duties for a post of that role; nothing when all is right. A county's file and an
// administrator's call are held to the same.
func unfit(role access.Role, codes []string, known map[string]Duty) string {
	if len(codes) > mostDuties {
		return "一个岗位的职责太多了"
	}
	for i, code := range codes {
		duty, found := known[code]
		shown := code
		if !codeShape.MatchString(code) { // nobody knows what somebody has put here
			shown = fmt.Sprintf("第 %d 个代码", i+1)
		}
		switch {
		case !found || !duty.Listed:
			return "没有这项职责：" + shown
		case !slices.Contains(duty.CarriedBy(), role):
			return "这个角色不承担 " + shown + "（" + duty.Text + "）"
		case slices.Contains(codes[:i], code):
			return shown + " 写了两次"
		}
	}
	return ""
}

func knownDuties(db *gorm.DB) (map[string]Duty, error) {
	var list []Duty
	if err := db.Find(&list).Error; err != nil {
		return nil, err
	}
	known := map[string]Duty{}
	for _, duty := range list {
		known[duty.Code] = duty
	}
	return known, nil
}

// assign gives a post these duties and no others.
func assign(tx *store.Tx, p Post, codes []string) error {
	known, err := knownDuties(tx.DB)
	if err != nil {
		return err
	}
	if sentence := unfit(p.Role, codes, known); sentence != "" {
		return fault.Wrong("body.post.duties", sentence)
	}
	if err := tx.Where("post = ?", p.ID).Delete(&postDuty{}).Error; err != nil {
		return err
	}
	return create(tx, dutyRows(p.ID, codes))
}

func dutyRows(post string, codes []string) (rows []postDuty) {
	for _, code := range codes {
		rows = append(rows, postDuty{post, code})
	}
	return rows
}

// SetDuties (定职责) says what somebody does in his post from now on; whoever may give that post says it.
func (d *Desk) SetDuties(ctx context.Context, actor access.Actor, post string, codes []string) (Staff, error) {
	return d.changePost(ctx, actor, post, func(tx *store.Tx, _ []Post, p Post) error {
		if err := mayGive(actor, p.Role); err != nil {
			return err
		}
		if p.over(today(tx)) {
			return ErrPostEnded
		}
		if err := assign(tx, p, codes); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "post.duties", Kind: "post", Object: p.ID, Area: wide(p.Area), To: string(p.Role), Fields: []string{"duties"}})
		return settle(tx, p.ID)
	})
}
