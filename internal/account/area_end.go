package account

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

func areaName(typed string) (string, error) {
	name, err := secret.CleanText(typed, 64)
	if err != nil {
		return "", fault.Wrong("body.name", "请写名称，最多 64 个字")
	}
	return name, nil
}

// keepChange writes down a change, in the trail too.
func keepChange(tx *store.Tx, c AreaChange, o Order) error {
	c.ID, c.Day, c.Document, c.Person, c.CreatedAt = tx.NewID(), o.Day, o.Document, tx.Actor.Person, tx.Now
	if c.Closes == nil { // nobody is to be carried
		c.CarriedAt = &tx.Now
	}
	object := c.New
	if c.Old != "" {
		object = c.Old
	}
	to := string(c.New)
	if c.Kind == AreaRenamed {
		to = ""
	}
	tx.Trail(store.Entry{Act: "area." + c.Kind, Kind: "area", Object: string(object), Area: wide(object), From: string(c.Old), To: to, Why: o.Document})
	return tx.Create(&c).Error
}

// closed are the codes of areas that ended.
const closed = "SELECT closes FROM area_changes WHERE closes IS NOT NULL"

// openArea is an area of the actor's county that has not ended.
func openArea(db *gorm.DB, actor access.Actor, code access.Area) (Area, error) {
	var list []Area
	if !actor.Area.Contains(code) {
		return Area{}, fault.NotFound
	}
	if err := forUpdate(db).Where("code = ?", code).Limit(1).Find(&list).Error; err != nil {
		return Area{}, err
	}
	if len(list) == 0 {
		return Area{}, fault.NotFound
	}
	var ended int64
	if err := db.Model(&AreaChange{}).Where("closes = ?", code).Count(&ended).Error; err != nil {
		return Area{}, err
	}
	if ended > 0 {
		return list[0], ErrAreaClosed
	}
	return list[0], nil
}

func newArea(tx *store.Tx, actor access.Actor, code access.Area, typed string) (Area, error) {
	name, err := areaName(typed)
	if err != nil {
		return Area{}, err
	}
	if code.Parent() == "" || !actor.Area.Contains(code) {
		return Area{}, fault.Wrong("body.code", "请写本县的乡镇、村或网格代码")
	}
	if _, err := openArea(tx.DB, actor, code.Parent()); err != nil {
		return Area{}, fault.Wrong("body.code", "上一级没有，或者已经撤并")
	}
	var known, siblings int64
	if err := tx.Model(&Area{}).Where("code = ?", code).Count(&known).Error; err != nil {
		return Area{}, err
	}
	if known > 0 {
		return Area{}, ErrAreaKnown
	}
	if err := tx.Model(&Area{}).Where("parent = ?", code.Parent()).Count(&siblings).Error; err != nil {
		return Area{}, err
	}
	a := Area{Code: code, Name: name, Level: code.Level(), Parent: code.Parent(), Sort: int(siblings) + 1}
	return a, tx.Create(&a).Error
}

// endVillage ends a village, its grids and their posts, and says where each grid goes on. Who lives there is carried over after.
func endVillage(tx *store.Tx, actor access.Actor, old, into access.Area, kind string, o Order) error {
	a, err := openArea(tx.DB, actor, old)
	if err != nil {
		return err
	}
	if a.Level != access.VillageLevel {
		return fault.NotFound
	}
	if err := keepChange(tx, AreaChange{Kind: kind, Old: old, New: into, Closes: &old}, o); err != nil {
		return err
	}
	var grids, there []Area
	if err := tx.Where("parent = ? AND code NOT IN ("+closed+")", old).Order("code").Find(&grids).Error; err != nil {
		return err
	}
	if err := tx.Where("parent = ?", into).Order("code").Find(&there).Error; err != nil {
		return err
	}
	next := 0
	for _, g := range there {
		next = max(next, int(g.Code[12]-'0')*10+int(g.Code[13]-'0'))
	}
	for _, g := range grids {
		if next++; next > 99 {
			return ErrGridsFull
		}
		to := access.Area(fmt.Sprintf("%s%02d", into, next))
		made := Area{Code: to, Name: g.Name, Level: access.GridLevel, Parent: into, Sort: next}
		if err := tx.Create(&made).Error; err != nil {
			return err
		}
		if err := keepChange(tx, AreaChange{Kind: kind, Old: g.Code, New: to, Closes: &g.Code}, o); err != nil {
			return err
		}
	}
	if err := moveOffices(tx, old, into); err != nil {
		return err
	}
	return endPosts(tx, append(pluck(grids, func(g Area) access.Area { return g.Code }), old))
}

// moveOffices lets the offices of an area that ended stand in the one after it.
func moveOffices(tx *store.Tx, old, into access.Area) error {
	var there []Office
	if err := tx.Where("area = ?", old).Order("id").Find(&there).Error; err != nil {
		return err
	}
	for _, o := range there {
		o.stand(into)
		set := map[string]any{"area": o.Area, "county": o.County, "town": o.Town, "village": o.Village, "updated_at": tx.Now}
		if err := tx.Table("offices").Where("id = ?", o.ID).UpdateColumns(set).Error; err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "office.carry", Kind: "office", Object: o.ID, Area: into, From: string(old), To: string(into)})
	}
	return nil
}

// endPosts ends what is held in these areas: from today on nobody acts there. Posts in the new area are given anew, since whom
// it needs is a decision of people.
func endPosts(tx *store.Tx, areas []access.Area) error {
	var held []Post
	yesterday := today(tx).AddDays(-1)
	err := tx.Where("area IN ? AND (valid_until IS NULL OR valid_until > ?)", areas, yesterday).Order("id").Find(&held).Error
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(held, perWrite) {
		ids := pluck(batch, func(p Post) string { return p.ID })
		if err := tx.Table("posts").Where("id IN ?", ids).UpdateColumns(map[string]any{"valid_until": yesterday, "updated_at": tx.Now}).Error; err != nil {
			return err
		}
	}
	for _, p := range held {
		tx.Trail(store.Entry{Act: "post.end", Kind: "post", Object: p.ID, Area: wide(p.Area), From: string(p.Role), Why: "区划变更"})
	}
	return nil
}
