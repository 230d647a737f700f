package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/store"
)

// Swept says what a sweep removed.
type Swept struct{ Loose, Stray int }

const (
	batch = 100 // rows in one transaction
	// With more than so many bytes and not one known name, this folder is not this database's.
	suspicious = 20
)

// Sweep removes photos that nobody attached within a day, and bytes as old that never got a row. The row always goes
// first: bytes without a row are litter, a row without bytes is a loss. A large folder takes several calls: the next goes on
// where one ran out of time and answered store.ErrMore.
func (d *Desk) Sweep(ctx context.Context) (Swept, error) {
	var swept Swept
	for {
		names, err := d.sweepRows(ctx)
		if err != nil {
			return swept, err
		}
		for _, name := range names {
			if err := d.folder.Delete(name); err != nil {
				return swept, err // a stray now; the next sweep takes it
			}
		}
		swept.Loose += len(names)
		if len(names) < batch {
			break
		}
	}
	if err := d.sweepUploads(ctx); err != nil {
		return swept, err
	}
	var err error
	swept.Stray, err = d.sweepStrays(ctx)
	return swept, err
}

// sweepRows deletes one batch of loose rows and answers the names of their bytes.
func (d *Desk) sweepRows(ctx context.Context) (names []string, err error) {
	err = d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		names = nil
		var loose []File
		err := tx.Where("object = ? AND created_at < ?", "", tx.Now.Add(-looseFor)).Order("created_at").Limit(batch).Find(&loose).Error
		if err != nil {
			return err
		}
		for _, f := range loose {
			// Somebody may be attaching it at this moment: then it stays.
			gone := tx.Where("id = ? AND object = ?", f.ID, "").Delete(&File{})
			if gone.Error != nil {
				return gone.Error
			}
			if gone.RowsAffected == 1 {
				names = append(names, f.Name)
				tx.Trail(store.Entry{Act: "file.sweep", Kind: "file", Object: f.ID, Area: access.Area(f.Area)})
			}
		}
		return nil
	})
	return names, err
}

// sweepUploads ends uploads of more than a day, whole or not; they are no photos, and are not counted. One transaction ends so many that
// their rows, with those of their pieces, are at most a batch: a large one goes in several, its own row last.
func (d *Desk) sweepUploads(ctx context.Context) error {
	for more := true; more; {
		var pieces []piece
		var err error
		if pieces, more, err = d.sweepSomeUploads(ctx); err != nil {
			return err
		}
		d.drop(pieces)
	}
	return nil
}

// sweepSomeUploads is one transaction of it, and says whether there may be more.
func (d *Desk) sweepSomeUploads(ctx context.Context) (pieces []piece, more bool, err error) {
	err = d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		left := batch
		pieces, more = nil, true
		var old []Upload
		if err := tx.Where("created_at < ?", tx.Now.Add(-looseFor)).Order("created_at, id").Limit(batch).Find(&old).Error; err != nil {
			return err
		}
		for _, u := range old {
			gone, err := sweepUpload(tx, &u, left)
			if err != nil {
				return err
			}
			pieces = append(pieces, gone...)
			if left -= len(gone) + 1; left <= 0 {
				return nil
			}
		}
		more = false
		return nil
	})
	return pieces, more, err
}

// sweepUpload removes at most so many rows of an upload that is over: first those of its pieces.
func sweepUpload(tx *store.Tx, u *Upload, most int) (gone []piece, err error) {
	// Held first: no piece is added meanwhile.
	if err := tx.Model(&Upload{}).Where("id = ?", u.ID).UpdateColumn("received", gorm.Expr("received")).Error; err != nil {
		return nil, err
	}
	if err := tx.Where("upload = ?", u.ID).Order("at").Limit(most).Find(&gone).Error; err != nil {
		return nil, err
	}
	if len(gone) > 0 {
		if err := tx.Where("upload = ? AND at <= ?", u.ID, gone[len(gone)-1].At).Delete(&piece{}).Error; err != nil {
			return nil, err
		}
	}
	if len(gone) == most {
		return gone, nil
	}
	if err := tx.Where("id = ?", u.ID).Delete(&Upload{}).Error; err != nil {
		return nil, err
	}
	if u.File == "" {
		tx.Trail(store.Entry{Act: "upload.sweep", Kind: "upload", Object: u.ID, Area: access.Area(u.Area)})
	}
	return gone, nil
}

// sweepStrays removes the bytes of more than a day that have no row, one inner folder after the other.
func (d *Desk) sweepStrays(ctx context.Context) (gone int, err error) {
	before := d.store.Clock().Now().Add(-looseFor)
	if err := d.folder.tidy(before); err != nil {
		return 0, err
	}
	if err := d.ours(ctx, before); err != nil {
		return 0, err
	}
	d.sweeping.Lock()
	defer d.sweeping.Unlock()
	err = d.folder.walk(d.swept, func(inner string) error {
		n, err := d.sweepFolder(ctx, inner, before)
		if gone += n; err == nil {
			d.swept = inner
		}
		return err
	})
	switch {
	case err == nil:
		d.swept = "" // once round
	case ctx.Err() != nil:
		err = store.ErrMore
	}
	return gone, err
}

func (d *Desk) sweepFolder(ctx context.Context, inner string, before time.Time) (gone int, err error) {
	names, err := d.folder.old(inner, before)
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(names, batch) {
		if err := ctx.Err(); err != nil {
			return gone, err
		}
		rows, err := d.known(ctx, some)
		if err != nil {
			return gone, err
		}
		for _, name := range some {
			if rows[name] {
				continue
			}
			if err := d.folder.Delete(name); err != nil {
				return gone, err
			}
			gone++
		}
	}
	return gone, nil
}

var errEnough = errors.New("file: seen enough")

// ours fails when the folder looks like another database's: of the newest rows none has its bytes here, and yet there are many.
func (d *Desk) ours(ctx context.Context, before time.Time) error {
	var newest []string
	err := d.store.Read(ctx).Model(&File{}).Where("id < ?", store.FirstID(before)).Order("id DESC").Limit(suspicious).Pluck("name", &newest).Error
	if err != nil {
		return err
	}
	for _, name := range newest {
		if _, err := d.folder.Size(name); err == nil {
			return nil
		}
	}
	seen := 0
	err = d.folder.walk("", func(inner string) error {
		names, err := d.folder.old(inner, before)
		if seen += len(names); err == nil && seen > suspicious {
			err = errEnough
		}
		return err
	})
	if errors.Is(err, errEnough) {
		return errors.New("file: none of the photos in the folder has a row: is this the folder of this database?")
	}
	return err
}

func (d *Desk) known(ctx context.Context, names []string) (map[string]bool, error) {
	var rows []string
	if len(names) > 0 {
		if err := d.store.Read(ctx).Model(&File{}).Where("name IN ?", names).Pluck("name", &rows).Error; err != nil {
			return nil, err
		}
	}
	var pieces []string
	if len(names) > 0 {
		if err := d.store.Read(ctx).Model(&piece{}).Where("name IN ?", names).Pluck("name", &pieces).Error; err != nil {
			return nil, err
		}
	}
	rows = append(rows, pieces...)
	set := make(map[string]bool, len(rows))
	for _, name := range rows {
		set[name] = true
	}
	return set, nil
}

// Check looks for rows whose bytes are missing or of another size, and answers one line for each: for fsck.
func (d *Desk) Check(ctx context.Context) (faults []string, err error) {
	for after := ""; ; {
		var rows []File
		err := d.store.Read(ctx).Select("id, name, size").Where("id > ?", after).Order("id").Limit(batch).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, f := range rows {
			switch size, err := d.folder.Size(f.Name); {
			case errors.Is(err, fs.ErrNotExist):
				faults = append(faults, fmt.Sprintf("file %s has no bytes", f.ID))
			case err != nil:
				return nil, err
			case size != f.Size:
				faults = append(faults, fmt.Sprintf("file %s has %d bytes, want %d", f.ID, size, f.Size))
			}
		}
		if len(rows) < batch {
			return faults, nil
		}
		after = rows[len(rows)-1].ID
	}
}
