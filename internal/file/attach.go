package file

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// field is where every call that takes photos names them.
const field = "body.attachments"

// Attach gives loose photos of the transaction's own actor to an object of a kind, for good. A photo that is unknown,
// somebody else's or attached already is one and the same field error, and nothing is attached; nor while a clerk serves another one than when
// he sent it.
func (d *Desk) Attach(tx *store.Tx, kind, object string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if d.seers[kind] == nil || object == "" {
		return fmt.Errorf("file: cannot attach to %q", kind)
	}
	if !tx.Actor.Signed() {
		return fault.Wrong(field, "请先登录，再上传照片")
	}
	ids = once(ids)
	had, err := roomFor(tx, kind, object, 0, len(ids))
	if err != nil {
		return err
	}
	if err := d.onlyPhotos(tx, kind, ids); err != nil {
		return err
	}
	if err := attends(tx, ids); err != nil {
		return err
	}
	for i, id := range ids {
		if err := give(tx, kind, object, id, had+i); err != nil {
			return err
		}
	}
	return nil
}

// attends refuses loose photos that the actor sent for another one than whom he serves.
func attends(tx *store.Tx, ids []string) error {
	var clients []string
	err := tx.Model(&File{}).Where("id IN ? AND owner = ? AND object = ? AND client <> ?", ids, tx.Actor.Person, "", "").Distinct().Pluck("client", &clients).Error
	if err != nil {
		return err
	}
	for _, client := range clients {
		if err := account.Attends(tx.DB, tx.Actor, client); err != nil {
			return err
		}
	}
	return nil
}

// give makes a loose photo of the actor's one of the object's, which says from then on whose it is.
func give(tx *store.Tx, kind, object, id string, place int) error {
	given := tx.Model(&File{}).Where("id = ? AND owner = ? AND object = ?", id, tx.Actor.Person, "").
		Updates(map[string]any{"kind": kind, "object": object, "place": place, "client": ""})
	if given.Error != nil {
		return given.Error
	}
	if given.RowsAffected != 1 {
		return fault.Wrong(field, "有照片找不到或已经用过，请重新上传")
	}
	tx.Trail(store.Entry{Act: "file.attach", Kind: "file", Object: id, Area: tx.Actor.Area, To: kind + ":" + object})
	return nil
}

// Renew makes these photos, in this order, all that an object has behind its first so many, which stay and do not count: loose ones of the
// actor's, and those that lie there already, whoever sent them. What lies there and is not named is let go.
func (d *Desk) Renew(tx *store.Tx, kind, object string, first int, ids []string) error {
	if d.seers[kind] == nil || object == "" {
		return fmt.Errorf("file: cannot attach to %q", kind)
	}
	if len(ids) > 0 && !tx.Actor.Signed() {
		return fault.Wrong(field, "请先登录，再上传照片")
	}
	ids = once(ids)
	if len(ids) > perObject {
		return tooMany()
	}
	all, err := d.Attached(tx.DB, kind, object)
	if err != nil {
		return err
	}
	behind := all[object][min(first, len(all[object])):]
	here := func(id string) bool { return slices.ContainsFunc(behind, func(f File) bool { return f.ID == id }) }
	for _, f := range behind {
		if slices.Contains(ids, f.ID) {
			continue
		}
		if err := release(tx.Model(&File{}).Where("id = ? AND kind = ? AND object = ?", f.ID, kind, object)); err != nil {
			return err
		}
	}
	if fresh := slices.DeleteFunc(slices.Clone(ids), here); len(fresh) > 0 {
		if err := d.onlyPhotos(tx, kind, fresh); err != nil {
			return err
		}
		if err := attends(tx, fresh); err != nil {
			return err
		}
	}
	for i, id := range ids {
		if !here(id) {
			err = give(tx, kind, object, id, first+i)
		} else {
			err = tx.Model(&File{}).Where("id = ? AND kind = ? AND object = ?", id, kind, object).UpdateColumn("place", first+i).Error
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Located says at which field of the caller's own a photo was refused.
func Located(err error, field string) error {
	if told := fault.Of(err); len(told.Fields) == 1 {
		return fault.Wrong(field, told.Fields[0].Message)
	}
	return err
}

// once keeps the order in which the pages were named, and each page once.
func once(ids []string) (list []string) {
	for _, id := range ids {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// onlyPhotos refuses a PDF where only photos belong.
func (d *Desk) onlyPhotos(tx *store.Tx, kind string, ids []string) error {
	if d.papers[kind] {
		return nil
	}
	var n int64
	if err := tx.Model(&File{}).Where("id IN ? AND owner = ? AND media <> ?", ids, tx.Actor.Person, JPEG).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return fault.Wrong(field, "这里只能附照片，PDF 只能作为办件的材料")
	}
	return nil
}

// roomFor refuses more photos than one thing may carry beside its first so many, and answers how many it has.
func roomFor(tx *store.Tx, kind, object string, first, n int) (had int, err error) {
	var rows int64
	if err := tx.Model(&File{}).Where("kind = ? AND object = ?", kind, object).Count(&rows).Error; err != nil {
		return 0, err
	}
	if int(rows)-first+n > perObject {
		return 0, tooMany()
	}
	return int(rows), nil
}

func tooMany() error { return fault.Wrong(field, fmt.Sprintf("照片最多 %d 张", perObject)) }

// Attached lists the photos of each object in their order. Ask it only for objects that the actor was found to see.
func (d *Desk) Attached(db *gorm.DB, kind string, objects ...string) (map[string][]File, error) {
	var rows []File
	if err := db.Where("kind = ? AND object IN ?", kind, objects).Order("place, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	byObject := make(map[string][]File, len(objects))
	for _, row := range rows {
		byObject[row.Object] = append(byObject[row.Object], row)
	}
	return byObject, nil
}
