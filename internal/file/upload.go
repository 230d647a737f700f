package file

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Uploads in pieces (断点续传): a village's line breaks before ten megabytes are through. The sender says how long the file is and what its
// digest is, sends pieces one after the other, and after a break asks how far it came. How far is in the database, the pieces are whole
// files in the folder, so that a restart or another replica changes nothing. What is whole goes the way of every upload.

const (
	mostOpen  = 12        // uploads under way for one person: the pages of two papers
	mostPiece = 512 << 10 // bytes of one piece
	mostSplit = 200       // pieces of one upload: who sends single bytes is no sender
)

var (
	ErrUploads   = fault.New(fault.Invalid, "file.too_many_uploads", "没有传完的文件太多了，请先传完或者放弃")
	ErrOffset    = fault.New(fault.Conflict, "file.other_offset", "这一段接不上，请先查询已经传到哪里，再接着传")
	ErrNotWhole  = fault.New(fault.Conflict, "file.not_whole", "还没有传完，请接着传")
	ErrDigest    = fault.New(fault.Invalid, "file.digest_differs", "传来的文件和开始时报的校验值不一样，请重新上传")
	ErrUploaded  = fault.New(fault.Conflict, "file.uploaded_already", "这个文件已经传完了")
	errPieceSize = fault.Wrong("body.file", "每一段最多 512 KB，不能是空的，也不能超过开始时报的长度")
)

// Upload is one that comes in pieces, a row of uploads.
type Upload struct {
	ID        string `gorm:"primaryKey"`
	Owner     string
	Client    string // as of a File
	Area      string
	SHA256    string `gorm:"column:sha256"` // hex, as announced
	Size      int64  // bytes, as announced
	Received  int64  // bytes so far
	File      string // what became of it; empty while it is under way
	CreatedAt time.Time
}

func (Upload) TableName() string { return "uploads" }

// Until is when it is given up, whole or not.
func (u *Upload) Until() time.Time { return u.CreatedAt.Add(looseFor) }

// piece is a row of upload_pieces.
type piece struct {
	Upload string `gorm:"primaryKey"`
	At     int64  `gorm:"primaryKey"`
	Size   int64
	Name   string
}

func (piece) TableName() string { return "upload_pieces" }

// Announce begins the upload of a file of size bytes with that digest, in hex.
func (d *Desk) Announce(ctx context.Context, actor access.Actor, size int64, digest string) (*Upload, error) {
	switch raw, err := hex.DecodeString(digest); {
	case !actor.Signed():
		return nil, fault.NeedLogin
	case size > maxSent:
		return nil, ErrTooLarge
	case size < 1:
		return nil, fault.Wrong("body.size", "请填文件的长度（字节）")
	case err != nil || len(raw) != 32:
		return nil, fault.Wrong("body.sha256", "请填 64 位十六进制的 SHA-256")
	default:
		digest = hex.EncodeToString(raw)
	}
	var u Upload
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := d.quota(tx.DB, actor, tx.Now); err != nil {
			return err
		}
		var open int64
		if err := tx.Model(&Upload{}).Where("owner = ? AND file = '' AND created_at >= ?", actor.Person, tx.Now.Add(-looseFor)).Count(&open).Error; err != nil {
			return err
		}
		if open >= mostOpen {
			return ErrUploads
		}
		client, err := account.Client(tx.DB, actor)
		if err != nil {
			return err
		}
		u = Upload{ID: tx.NewID(), Owner: actor.Person, Client: client, Area: string(actor.Area), SHA256: digest, Size: size, CreatedAt: tx.Now}
		if err := tx.Create(&u).Error; err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "upload.begin", Kind: "upload", Object: u.ID, Area: actor.Area})
		tx.Answer(&u)
		return nil
	})
	return &u, err
}

// Upload is how far the actor's own upload has come. While he serves another one than when he began it, it rests.
func (d *Desk) Upload(ctx context.Context, actor access.Actor, id string) (*Upload, error) {
	return ownUpload(d.store.Read(ctx), actor, id, d.store.Clock().Now())
}

func ownUpload(db *gorm.DB, actor access.Actor, id string, now time.Time) (*Upload, error) {
	var rows []Upload
	err := db.Where("id = ? AND owner = ? AND created_at >= ?", id, actor.Person, now.Add(-looseFor)).Limit(1).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || !actor.Signed() {
		return nil, fault.NotFound
	}
	return &rows[0], account.Attends(db, actor, rows[0].Client)
}

// Add takes the piece that begins at that byte. It fits where the last one ended and nowhere else.
func (d *Desk) Add(ctx context.Context, actor access.Actor, id string, at int64, content []byte) (*Upload, error) {
	u, err := d.Upload(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := u.takes(at, int64(len(content))); err != nil {
		return nil, err // before the bytes are written
	}
	name, err := d.folder.put(content, partEnding)
	if err != nil {
		return nil, err
	}
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if u, err = ownUpload(tx.DB, actor, id, tx.Now); err != nil {
			return err
		}
		size := int64(len(content))
		if err := u.takes(at, size); err != nil {
			return err
		}
		var pieces int64
		if err := tx.Model(&piece{}).Where("upload = ?", id).Count(&pieces).Error; err != nil {
			return err
		}
		if pieces >= mostSplit {
			return fault.Wrong("body.file", fmt.Sprintf("一个文件最多分 %d 段", mostSplit))
		}
		moved := tx.Model(&Upload{}).Where("id = ? AND received = ? AND file = ''", id, at).UpdateColumn("received", at+size)
		if moved.Error != nil {
			return moved.Error
		}
		if moved.RowsAffected != 1 {
			return ErrOffset
		}
		u.Received = at + size
		if err := tx.Create(&piece{id, at, size, name}).Error; err != nil {
			return err
		}
		tx.Answer(u)
		return nil
	})
	if err != nil {
		d.discard(ctx, name, err)
		return nil, err
	}
	return u, nil
}

// takes says why a piece of so many bytes does not fit there.
func (u *Upload) takes(at, size int64) error {
	switch {
	case u.File != "":
		return ErrUploaded
	case size < 1 || size > mostPiece || at+size > u.Size:
		return errPieceSize
	case at != u.Received:
		return ErrOffset
	}
	return nil
}

// Finish puts the pieces together, holds them against the announced digest, and makes of them what Keep makes. What turns out to be
// another file, or none that is taken, is given up: its sender begins anew. What our own folder cannot read now stays.
func (d *Desk) Finish(ctx context.Context, actor access.Actor, id string) (*File, error) {
	u, err := d.Upload(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	switch {
	case u.File != "":
		return nil, ErrUploaded
	case u.Received != u.Size:
		return nil, ErrNotWhole
	}
	if err := d.mayTry(ctx, actor); err != nil {
		return nil, err
	}
	pieces, err := piecesOf(d.store.Read(ctx), id)
	if err != nil {
		return nil, err
	}
	photo, err := d.room.Take(ctx, &joined{folder: d.folder, pieces: pieces})
	if err == nil && photo.SHA256Sent != u.SHA256 {
		err = ErrDigest
	}
	if err != nil {
		// Another call may have ended it meanwhile and taken the pieces away: then they say nothing.
		if now, gone := d.Upload(ctx, actor, id); gone != nil {
			return nil, gone
		} else if now.File != "" {
			return nil, ErrUploaded
		}
		if kind := fault.Of(err).Kind; kind != fault.Unavailable && kind != fault.Broken {
			err = errors.Join(err, d.giveUp(ctx, actor, id))
		}
		return nil, err
	}
	kept, err := d.keep(ctx, actor, photo, u.Client, func(tx *store.Tx, f *File) error {
		done := tx.Model(&Upload{}).Where("id = ? AND owner = ? AND file = '' AND received = size", id, actor.Person).UpdateColumn("file", f.ID)
		if done.Error == nil && done.RowsAffected != 1 {
			return ErrUploaded
		}
		if done.Error != nil {
			return done.Error
		}
		return tx.Where("upload = ?", id).Delete(&piece{}).Error
	})
	if err == nil {
		d.drop(pieces)
	}
	return kept, err
}

// Abandon gives an upload up that its sender does not want any more.
func (d *Desk) Abandon(ctx context.Context, actor access.Actor, id string) error {
	if _, err := d.Upload(ctx, actor, id); err != nil {
		return err
	}
	return d.giveUp(ctx, actor, id)
}

func (d *Desk) giveUp(ctx context.Context, actor access.Actor, id string) error {
	var pieces []piece
	err := d.store.Write(store.WithClaim(ctx, nil), actor, func(tx *store.Tx) (err error) {
		// Held: what was made into a file meanwhile stays as it is.
		held := tx.Model(&Upload{}).Where("id = ? AND file = ''", id).UpdateColumn("received", gorm.Expr("received"))
		if pieces = nil; held.Error != nil || held.RowsAffected == 0 {
			return held.Error
		}
		if pieces, err = endUpload(tx, id); err == nil {
			tx.Trail(store.Entry{Act: "upload.give_up", Kind: "upload", Object: id, Area: actor.Area})
		}
		return err
	})
	if err == nil {
		d.drop(pieces)
	}
	return err
}

// endUpload removes the rows of an upload and answers its pieces, whose bytes go after the commit.
func endUpload(tx *store.Tx, id string) ([]piece, error) {
	if err := tx.Where("id = ?", id).Delete(&Upload{}).Error; err != nil { // held first: no piece is added meanwhile
		return nil, err
	}
	pieces, err := piecesOf(tx.DB, id)
	if err != nil {
		return nil, err
	}
	return pieces, tx.Where("upload = ?", id).Delete(&piece{}).Error
}

func piecesOf(db *gorm.DB, id string) (list []piece, err error) {
	err = db.Where("upload = ?", id).Order("at").Find(&list).Error
	return list, err
}

// drop removes the bytes of pieces that have no rows any more; what is left of them the sweep takes.
func (d *Desk) drop(pieces []piece) {
	for _, p := range pieces {
		_ = d.folder.Delete(p.Name)
	}
}

// joined reads pieces one after the other. A hole in them is an error, and like all of its errors our own: fault.Internal.
type joined struct {
	folder *Folder
	pieces []piece
	at     int64
	open   *bytes.Reader
}

func (j *joined) Read(into []byte) (n int, err error) {
	if j.open == nil {
		if len(j.pieces) == 0 {
			return 0, io.EOF
		}
		next := j.pieces[0]
		if next.At != j.at {
			return 0, fault.Internal.Because(fmt.Errorf("file: a hole in upload %s at %d", next.Upload, j.at))
		}
		content, err := j.read(next)
		if err != nil {
			return 0, fault.Internal.Because(err)
		}
		j.open, j.at, j.pieces = bytes.NewReader(content), next.At+next.Size, j.pieces[1:]
	}
	n, err = j.open.Read(into)
	if errors.Is(err, io.EOF) {
		j.open, err = nil, nil
		if n == 0 {
			return j.Read(into)
		}
	}
	return n, err
}

func (j *joined) read(p piece) ([]byte, error) {
	from, err := j.folder.Open(p.Name)
	if err != nil {
		return nil, fmt.Errorf("a piece of upload %s has a row and no bytes: %w", p.Upload, err)
	}
	defer from.Close()
	content, err := io.ReadAll(io.LimitReader(from, p.Size+1))
	if err == nil && int64(len(content)) != p.Size {
		err = fmt.Errorf("a piece of upload %s has %d bytes, want %d", p.Upload, len(content), p.Size)
	}
	return content, err
}
