package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Double is a photo of which the bytes were written a second time, for a row of its own that does not stand yet.
type Double struct {
	of   File
	name string
}

// Again writes the bytes of photos once more, before the transaction that wants them: what a paper was copied for stays whole when the
// original goes. Bytes that are not those of the row are refused. Ask it only for photos that the actor was found to see.
func (d *Desk) Again(ctx context.Context, photos []File) (list []Double, err error) {
	for _, f := range photos {
		name, err := d.again(f)
		if err != nil {
			d.Undo(ctx, list, err)
			return nil, err
		}
		list = append(list, Double{f, name})
	}
	return list, nil
}

func (d *Desk) again(f File) (string, error) {
	from, err := d.folder.Open(f.Name)
	if err != nil {
		return "", fmt.Errorf("file %s has a row and no bytes: %w", f.ID, err)
	}
	defer from.Close()
	bytes, err := io.ReadAll(io.LimitReader(from, f.Size+1))
	if err != nil {
		return "", err
	}
	if sum := sha256.Sum256(bytes); hex.EncodeToString(sum[:]) != f.SHA256Stored {
		return "", fmt.Errorf("file %s has other bytes than its row says", f.ID)
	}
	return d.folder.put(bytes, endingOf(f.Media))
}

// Undo removes the bytes of doubles whose transaction was refused with err; where that is not certain they stay, for the sweep.
func (d *Desk) Undo(ctx context.Context, list []Double, err error) {
	for _, double := range list {
		d.discard(ctx, double.name, err)
	}
}

// AttachDoubles gives doubles to an object of a kind, in their order, behind what it has, of which the first so many do not count. Sender,
// digests and the day of upload are those of the original.
func (d *Desk) AttachDoubles(tx *store.Tx, kind, object string, first int, list []Double) (made []File, err error) {
	if d.seers[kind] == nil || object == "" {
		return nil, fmt.Errorf("file: cannot attach to %q", kind)
	}
	had, err := roomFor(tx, kind, object, first, len(list))
	if err != nil {
		return nil, err
	}
	for i, double := range list {
		f := double.of
		f.ID, f.Name, f.Kind, f.Object, f.Place = tx.NewID(), double.name, kind, object, had+i
		if err := tx.Create(&f).Error; err != nil {
			return nil, err
		}
		tx.Trail(store.Entry{Act: "file.copy", Kind: "file", Object: f.ID, Area: tx.Actor.Area, From: double.of.ID, To: kind + ":" + object})
		made = append(made, f)
	}
	return made, nil
}

// Release lets go of all photos of an object: nobody sees them any more, and the sweep takes them when they are a day old.
func (d *Desk) Release(tx *store.Tx, kind, object string) error {
	return release(tx.Model(&File{}).Where("kind = ? AND object = ?", kind, object))
}

func release(photos *gorm.DB) error {
	return photos.Updates(map[string]any{"kind": "", "object": "", "owner": ""}).Error
}
