// Package file takes photos and PDFs in (上传), in one call or in pieces: checks them, keeps them in a folder, and shows each only to
// those who may see what it belongs to.
//
// A photo as a phone sends it is never kept and never served. It is decoded under limits, turned upright and written anew as a
// JPEG without metadata, so no hostile bytes and no GPS position survive. A PDF cannot be made anew: it is kept as it was sent once
// it was looked through (pdf.go), and only handed out to be saved.
package file

import (
	"time"

	"tongban/internal/fault"
)

const (
	maxSent     = 10 << 20 // bytes of one upload
	perObject   = 6        // photos that one thing may carry
	perDay      = 60       // photos that one person may send in a day
	triesPerDay = 120      // uploads that one person may try in a day, good or bad
	looseFor    = 24 * time.Hour
	longestSide = 2560 // pixels of a kept photo: a page of print stays readable
)

var (
	ErrTooLarge      = fault.New(fault.TooLarge, "file.too_large", "照片太大，每张不能超过 10 MB")
	ErrUnsupported   = fault.New(fault.Unsupported, "file.unsupported", "只能上传照片（JPG、PNG 或 WebP），办件材料也可以是 PDF")
	ErrTooManyPixels = fault.New(fault.Invalid, "file.too_many_pixels", "照片的尺寸太大，请用手机直接拍照后上传")
	ErrDamaged       = fault.New(fault.Invalid, "file.damaged", "照片或文件打不开，可能没有传完，请重新上传")
	ErrTooMany       = fault.New(fault.TooMany, "file.too_many", "您今天上传的照片太多了，请明天再传")
)

// File is one kept photo or PDF, a row of files. It belongs to nothing (loose) until a desk attaches it to an object.
type File struct {
	ID           string `gorm:"primaryKey"`
	Owner        string // id of the person who sent it
	Kind, Object string // what it is attached to, such as appeal and an id; empty while loose
	Client       string // id of whom its sender's session served then, while it is loose; empty: nobody
	Area         string // of the sender's post or village: the chain of its trail
	SHA256Sent   string `gorm:"column:sha256_sent"`   // hex, of what the phone sent; of a photo we did not keep that
	SHA256Stored string `gorm:"column:sha256_stored"` // hex, of what we serve
	Size         int64  // bytes that we serve
	Width        int    // pixels, upright
	Height       int
	Name         string // in the folder; random, unrelated to the id
	Media        string // JPEG or PDF
	Pages        int    // of a PDF
	Place        int    // among what its object carries, from 0
	CreatedAt    time.Time
}

func (File) TableName() string { return "files" }

// Unowned are the same photos without who sent them, which would be a way to the name behind a matter; never nil.
func Unowned(photos []File) []File {
	list := append([]File{}, photos...)
	for i := range list {
		list[i].Owner = ""
	}
	return list
}

// Ending is that of its name when it is saved.
func (f *File) Ending() string { return endingOf(f.Media) }
