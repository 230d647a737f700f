package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Seer says whether the actor may see the object, by the scope of the desk that owns it.
type Seer func(ctx context.Context, actor access.Actor, object string) (bool, error)

// Desk takes photos in and gives them out.
type Desk struct {
	store  *store.Store
	folder *Folder
	room   *Darkroom
	seers  map[string]Seer
	papers map[string]bool // kinds that may carry a PDF

	sweeping sync.Mutex
	swept    string // the inner folder up to which strays were looked for
}

// New is a desk over one folder.
func New(s *store.Store, folder *Folder) *Desk {
	return &Desk{store: s, folder: folder, room: NewDarkroom(), seers: map[string]Seer{}, papers: map[string]bool{}}
}

// SeenWith tells how to find out who may see objects of a kind, such as appeal. Call it while the program is put
// together, before it serves.
func (d *Desk) SeenWith(kind string, seer Seer) {
	if _, twice := d.seers[kind]; twice || kind == "" {
		panic("file: a kind needs exactly one seer: " + kind)
	}
	d.seers[kind] = seer
}

// TakesPDF tells which kinds may carry PDFs beside photos: papers of a case, and where they are lent from. Call it beside SeenWith.
func (d *Desk) TakesPDF(kind string) { d.papers[kind] = true }

// Keep takes in one photo or PDF of the actor. It belongs to nothing yet, only he sees it, and unless a desk attaches it
// within a day it is swept.
func (d *Desk) Keep(ctx context.Context, actor access.Actor, from io.Reader) (*File, error) {
	if err := d.mayTry(ctx, actor); err != nil {
		return nil, err
	}
	photo, err := d.room.Take(ctx, from)
	if err != nil {
		return nil, err
	}
	return d.keep(ctx, actor, photo, "", func(*store.Tx, *File) error { return nil })
}

// mayTry refuses before the work, and counts it.
func (d *Desk) mayTry(ctx context.Context, actor access.Actor) error {
	if !actor.Signed() {
		return fault.NeedLogin
	}
	if err := d.quota(d.store.Read(ctx), actor, d.store.Clock().Now()); err != nil {
		return err
	}
	wait, err := d.store.Try(ctx, attempts, actor.Person)
	if err == nil && wait > 0 {
		err = ErrTooMany.After(wait)
	}
	return err
}

// keep writes what was made of an upload, with what else belongs into its transaction. It was begun for that client, or is for whom the actor serves.
func (d *Desk) keep(ctx context.Context, actor access.Actor, photo *Photo, client string, with func(*store.Tx, *File) error) (*File, error) {
	name, err := d.folder.put(photo.Bytes, endingOf(photo.Media))
	if err != nil {
		return nil, err
	}
	var kept *File
	// The bytes stand before the row.
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := d.quota(tx.DB, actor, tx.Now); err != nil {
			return err
		}
		served, err := account.Client(tx.DB, actor)
		if err != nil {
			return err
		}
		kept = &File{
			ID: tx.NewID(), Owner: actor.Person, Client: cmp.Or(client, served), Area: string(actor.Area),
			SHA256Sent: photo.SHA256Sent, SHA256Stored: photo.SHA256Stored, Media: photo.Media, Pages: photo.Pages,
			Size: int64(len(photo.Bytes)), Width: photo.Width, Height: photo.Height, Name: name, CreatedAt: tx.Now,
		}
		if err := tx.Create(kept).Error; err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "file.keep", Kind: "file", Object: kept.ID, Area: actor.Area})
		if err := with(tx, kept); err != nil {
			return err
		}
		tx.Answer(kept)
		return nil
	})
	if err != nil {
		d.discard(ctx, name, err)
		return nil, err
	}
	return kept, nil
}

// attempts bounds the decoding that one person can ask for: a refused photo leaves no row to count.
var attempts = store.Allowance{Kind: "upload", Most: triesPerDay, Window: 24 * time.Hour}

// discard removes bytes whose row was refused for certain. After any other error they stay, for the sweep: the row may have
// been stored and only the answer lost.
func (d *Desk) discard(ctx context.Context, name string, err error) {
	if _, before := errors.AsType[*store.Replay](err); !before {
		if kind := fault.Of(err).Kind; kind == fault.Broken || kind == fault.Unavailable {
			return
		}
	}
	if rows, err := d.known(context.WithoutCancel(ctx), []string{name}); err == nil && !rows[name] {
		_ = d.folder.Delete(name) // else the sweep takes it
	}
}

// quota refuses more photos of one person than perDay between two midnights in Shanghai. A photo that was copied since counts once.
func (d *Desk) quota(db *gorm.DB, actor access.Actor, now time.Time) error {
	today := clock.DateOf(now)
	var sent int64
	err := db.Model(&File{}).Where("owner = ? AND created_at >= ?", actor.Person, today.Start().UTC()).Distinct("sha256_sent").Count(&sent).Error
	if err != nil {
		return err
	}
	if sent >= perDay {
		return ErrTooMany.After(today.End().Sub(now))
	}
	return nil
}

// Open answers a photo and its bytes: a loose one to its sender while he serves nobody else than when he sent it, an attached one to whoever may see what it belongs to.
// Unknown and not yours are the same answer. The caller closes the bytes.
func (d *Desk) Open(ctx context.Context, actor access.Actor, id string) (*File, io.ReadSeekCloser, error) {
	var found File
	err := d.store.Read(ctx).Where("id = ?", id).Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil, fault.NotFound
	}
	if err != nil {
		return nil, nil, err
	}
	switch seen, err := d.seenBy(ctx, actor, &found); {
	case err != nil && !errors.Is(err, fault.NotFound):
		return nil, nil, err
	case err != nil || !seen:
		return nil, nil, fault.NotFound
	}
	content, err := d.folder.Open(found.Name)
	if err != nil {
		return nil, nil, fmt.Errorf("file %s has a row and no bytes: %w", found.ID, err)
	}
	return &found, content, nil
}

func (d *Desk) seenBy(ctx context.Context, actor access.Actor, f *File) (bool, error) {
	if f.Object == "" {
		if !actor.Signed() || f.Owner != actor.Person {
			return false, nil
		}
		return true, account.Attends(d.store.Read(ctx), actor, f.Client)
	}
	seer, known := d.seers[f.Kind]
	if !known {
		return false, fmt.Errorf("file: nobody says who sees a %s", f.Kind)
	}
	return seer(ctx, actor, f.Object)
}
