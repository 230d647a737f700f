package account

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Term is a post to be given: what the administrator chooses.
type Term struct {
	Role        access.Role
	Title       string // the county's own word for it
	Office      string // id
	Area        access.Area
	From, Until clock.Date // Until is the last day; none for an open term
	Duties      []string   // codes of what he does in it; may be none
}

// longestTitle in characters.
const longestTitle = 40

// roleLevels says where the two roles of the village stand; the other roles are held at any level.
var roleLevels = map[access.Role][]access.Level{
	access.Clerk:      {access.VillageLevel},
	access.GridWorker: {access.VillageLevel, access.GridLevel},
}

// misplaced says which part of a post at an office of the area place is wrong, and what; nothing when all is right. A county's
// file and an administrator's call are held to the same.
func misplaced(role access.Role, place, area access.Area, from, until clock.Date) (part, sentence string) {
	levels, bound := roleLevels[role]
	switch {
	case !role.Staff():
		return "role", "不是工作人员的角色"
	case !place.Contains(area):
		return "area", "不在这个机构所管的区划里"
	case bound && !slices.Contains(levels, area.Level()):
		return "area", "和角色对不上：村办事员管一个村，网格员管一个村或一个网格"
	case !until.IsZero() && until.Before(from):
		return "valid_until", "早于开始的日子"
	}
	return "", ""
}

// given makes the post, checked against offices of the actor's county and against the actor's own area: nobody gives more than
// he has.
func (t Term) given(tx *store.Tx, actor access.Actor, person string) (Post, error) {
	title, err := secret.CleanText(t.Title, longestTitle)
	if err != nil {
		return Post{}, fault.Wrong("body.post.title", "请写岗位名称，最多 40 个字")
	}
	if t.From.IsZero() {
		t.From = clock.DateOf(tx.Now)
	}
	if !actor.Area.Contains(t.Area) {
		return Post{}, fault.Wrong("body.post.area", "不在您管的区划里，请重新选择")
	}
	// The area before the office, as all do who hold both.
	if _, err := openArea(tx.DB, actor, t.Area); errors.Is(err, fault.NotFound) {
		return Post{}, fault.Wrong("body.post.area", "没有这个区划，请重新选择")
	} else if err != nil {
		return Post{}, err
	}
	office, err := openOffice(tx, t.Office)
	if errors.Is(err, ErrOfficeClosed) {
		return Post{}, fault.Wrong("body.post.office", "这个机构已经撤销，请重新选择")
	}
	if errors.Is(err, fault.NotFound) || err == nil && office.County != string(actor.Area.County()) {
		return Post{}, fault.Wrong("body.post.office", "没有这个机构，请重新选择")
	}
	if err != nil {
		return Post{}, err
	}
	if part, sentence := misplaced(t.Role, office.Area, t.Area, t.From, t.Until); part != "" {
		return Post{}, fault.Wrong("body.post."+part, sentence)
	}
	return Post{
		ID: tx.NewID(), Person: person, Role: t.Role, Title: title, Office: t.Office, Area: t.Area,
		ValidFrom: t.From, ValidUntil: t.Until, CreatedAt: tx.Now, UpdatedAt: tx.Now,
	}, nil
}

// GivePost (任岗) gives somebody one post more: 一肩挑.
func (d *Desk) GivePost(ctx context.Context, actor access.Actor, person string, t Term) (Staff, error) {
	return d.changePosts(ctx, actor, person, func(tx *store.Tx, held []Post) error {
		_, err := give(tx, actor, person, held, t)
		return err
	})
}

func give(tx *store.Tx, actor access.Actor, person string, held []Post, t Term) (Post, error) {
	if err := mayGive(actor, t.Role); err != nil {
		return Post{}, err
	}
	post, err := t.given(tx, actor, person)
	if err != nil {
		return post, err
	}
	if err := apart(held, post); err != nil {
		return post, err
	}
	before, err := again(tx, held, &post)
	if err != nil {
		return post, err
	}
	if err := errors.Join(settle(tx, post.ID), assign(tx, post, t.Duties)); err != nil {
		return post, err
	}
	tx.Trail(store.Entry{Act: "post.give", Kind: "post", Object: post.ID, Area: wide(post.Area), From: before, To: string(post.Role)})
	return post, nil
}

// again keeps the post; who held it before takes it up again, in the row that old acts name: then before is the term that is over,
// which stands in the trail from now on.
func again(tx *store.Tx, held []Post, post *Post) (before string, err error) {
	same := func(p Post) bool { return p.Role == post.Role && p.Office == post.Office && p.Area == post.Area }
	at := slices.IndexFunc(held, same)
	if at < 0 {
		return "", tx.Create(post).Error
	}
	old := held[at]
	if !old.over(clock.DateOf(tx.Now)) || !old.ValidUntil.Before(post.ValidFrom) {
		return "", ErrPostTaken
	}
	post.ID, post.CreatedAt = old.ID, old.CreatedAt
	done := tx.Table("posts").Where("id = ? AND updated_at = ?", old.ID, old.UpdatedAt).UpdateColumns(map[string]any{
		"title": post.Title, "valid_from": post.ValidFrom, "valid_until": post.ValidUntil, "updated_at": tx.Now,
	})
	if done.Error == nil && done.RowsAffected != 1 { // the county's file changed it at this moment
		return "", store.ErrLost
	}
	return old.ValidFrom.String() + "/" + old.ValidUntil.String(), done.Error
}

// Ending is how a post ends: its last day is yesterday when none is named, so that it ends at once.
type Ending struct {
	Last clock.Date
	Why  string
}

// EndPost (免岗) ends a post. Who acted in it acts in it no more five seconds after its last day.
func (d *Desk) EndPost(ctx context.Context, actor access.Actor, post string, e Ending) (Staff, error) {
	return d.changePost(ctx, actor, post, func(tx *store.Tx, held []Post, p Post) error { return end(tx, actor, held, p, e) })
}

// TransferPost (调岗) ends one post and gives another to the same person, in one act: the new one begins the day after.
func (d *Desk) TransferPost(ctx context.Context, actor access.Actor, post string, e Ending, t Term) (Staff, error) {
	return d.changePost(ctx, actor, post, func(tx *store.Tx, held []Post, p Post) error {
		if e.Last.IsZero() {
			e.Last = clock.DateOf(tx.Now).AddDays(-1)
		}
		if err := end(tx, actor, held, p, e); err != nil {
			return err
		}
		if t.From.IsZero() {
			t.From = e.Last.AddDays(1)
		}
		held = slices.DeleteFunc(slices.Clone(held), func(other Post) bool { return other.ID == p.ID })
		_, err := give(tx, actor, p.Person, held, t)
		return err
	})
}

func end(tx *store.Tx, actor access.Actor, held []Post, p Post, e Ending) error {
	if err := mayGive(actor, p.Role); err != nil {
		return err
	}
	why, err := whyOf(e.Why)
	if err != nil {
		return err
	}
	today := clock.DateOf(tx.Now)
	yesterday := today.AddDays(-1)
	if e.Last.IsZero() {
		e.Last = yesterday
	}
	switch {
	case p.over(today):
		return ErrPostEnded
	case e.Last.Before(yesterday):
		return fault.Wrong("body.last_day", "最后一天不能早于昨天")
	case !p.ValidUntil.IsZero() && p.ValidUntil.Before(e.Last): // that would be a new term, without what is asked of one
		return fault.Wrong("body.last_day", "最后一天不能晚于原来定的")
	}
	if err := notLast(tx, actor, []Post{p}, e.Last.AddDays(1)); err != nil {
		return err
	}
	done := tx.Table("posts").Where("id = ? AND updated_at = ?", p.ID, p.UpdatedAt).UpdateColumns(map[string]any{"valid_until": e.Last, "updated_at": tx.Now})
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected != 1 { // the county's file changed it at this moment
		return store.ErrLost
	}
	tx.Trail(store.Entry{Act: "post.end", Kind: "post", Object: p.ID, Area: wide(p.Area), From: string(p.Role), To: e.Last.String(), Why: why})
	return settle(tx, p.ID)
}

// notLast fails when these posts, ended before that day, would leave the county without an administrator of their kind: not on
// that day only, but on any day that they would have lasted. So two of them do not go one after the other by days that are set
// ahead. Whoever ends posts of administrators waits for the county's row, so that two who end the last two do not both succeed.
func notLast(tx *store.Tx, actor access.Actor, ending []Post, day clock.Date) error {
	for _, p := range ending {
		if !slices.Contains(administrators, p.Role) {
			continue
		}
		if err := tx.Table("areas").Where("code = ?", actor.Area.County()).UpdateColumn("sort", gorm.Expr("sort")).Error; err != nil {
			return err
		}
		others := tx.Model(&Post{}).Where("role = ? AND person <> ? AND valid_from <= ?", p.Role, p.Person, day).
			Where("area IN ?", []access.Area{p.Area, p.Area.Village(), p.Area.Town(), p.Area.County()}).
			Where("person NOT IN (SELECT id FROM persons WHERE disabled_at IS NOT NULL)")
		if p.ValidUntil.IsZero() {
			others = others.Where("valid_until IS NULL")
		} else {
			others = others.Where("(valid_until IS NULL OR valid_until >= ?)", p.ValidUntil)
		}
		var left int64
		if err := others.Count(&left).Error; err != nil {
			return err
		}
		if left == 0 {
			return ErrLastOne
		}
	}
	return nil
}

func (d *Desk) changePost(ctx context.Context, actor access.Actor, id string, change func(*store.Tx, []Post, Post) error) (Staff, error) {
	var list []Post
	if err := d.store.Read(ctx).Where("id = ?", id).Limit(1).Find(&list).Error; err != nil {
		return Staff{}, err
	}
	person := ""
	if len(list) == 1 {
		person = list[0].Person
	}
	return d.changePosts(ctx, actor, person, func(tx *store.Tx, held []Post) error {
		at := slices.IndexFunc(held, func(p Post) bool { return p.ID == id })
		if at < 0 {
			return fault.NotFound
		}
		return change(tx, held, held[at])
	})
}

// changePosts changes what somebody holds. His row's version goes up with it: of two changes at once one is told to look again.
func (d *Desk) changePosts(ctx context.Context, actor access.Actor, person string, change func(*store.Tx, []Post) error) (Staff, error) {
	var done Staff
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, held, err := staffOf(tx, actor, person)
		if err != nil {
			return err
		}
		if err := change(tx, held); err != nil {
			return err
		}
		if err := changePerson(tx, p, map[string]any{"version": p.Version + 1, "updated_at": tx.Now}); err != nil {
			return err
		}
		p.Version++
		done, err = d.staffView(tx.DB, p)
		tx.Answer(done)
		return err
	})
	d.standing.forget()
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return Staff{}, ErrPostTaken
	}
	return done, err
}
