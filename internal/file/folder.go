package file

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"time"

	"tongban/internal/clock"
)

// Folder keeps the bytes. Everything goes through os.Root, so neither a name nor a link leads out of it. Names are
// random, in two levels of 256 folders each. What stands under its name is whole: it is written and synced elsewhere first.
type Folder struct {
	root  *os.Root
	clock *clock.Clock
}

const half = "unfinished" // where bytes are written before they get their name

var nameShape = regexp.MustCompile(`^[0-9a-f]{32}\.(jpg|pdf|part)$`)

// The endings of names: photos, PDFs, and pieces of uploads that are not whole yet.
const (
	jpgEnding  = ".jpg"
	pdfEnding  = ".pdf"
	partEnding = ".part"
)

func endingOf(media string) string {
	if media == PDF {
		return pdfEnding
	}
	return jpgEnding
}

// OpenFolder opens the folder at path, and makes it if it is not there.
func OpenFolder(path string, c *clock.Clock) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	if err := root.MkdirAll(half, 0o700); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &Folder{root, c}, nil
}

// Close ends the use of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// put keeps bytes for good and answers their new name. When it returns, a power cut loses nothing.
func (f *Folder) put(content []byte, ending string) (name string, err error) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	name = hex.EncodeToString(random[:]) + ending
	temporary := path.Join(half, name)
	if err := f.write(temporary, content); err != nil {
		_ = f.root.Remove(temporary) // else the sweep takes it
		return "", err
	}
	at := place(name)
	if err := f.root.MkdirAll(path.Dir(at), 0o700); err != nil {
		return "", err
	}
	if err := f.root.Rename(temporary, at); err != nil {
		return "", err
	}
	// The folders above may be new, or just made by somebody who has not synced them yet.
	inner := path.Dir(at)
	return name, errors.Join(f.sync(inner), f.sync(path.Dir(inner)), f.sync("."))
}

func (f *Folder) write(at string, content []byte) (err error) {
	file, err := f.root.OpenFile(at, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(content); err != nil {
		return err
	}
	// The sweep goes by the program's clock, so the file's age does too.
	if err := f.root.Chtimes(at, f.clock.Now(), f.clock.Now()); err != nil {
		return err
	}
	return file.Sync()
}

func (f *Folder) sync(dir string) error {
	opened, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}

// place of a name: ab/cd/abcd….jpg.
func place(name string) string { return path.Join(name[:2], name[2:4], name) }

func checked(name string) (string, error) {
	if !nameShape.MatchString(name) {
		return "", fmt.Errorf("file: malformed name: %w", fs.ErrInvalid)
	}
	return place(name), nil
}

// Open opens the bytes for reading.
func (f *Folder) Open(name string) (io.ReadSeekCloser, error) {
	at, err := checked(name)
	if err != nil {
		return nil, err
	}
	return f.root.Open(at)
}

// Size of the bytes.
func (f *Folder) Size(name string) (int64, error) {
	at, err := checked(name)
	if err != nil {
		return 0, err
	}
	info, err := f.root.Stat(at)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Delete removes the bytes; absent ones are no error.
func (f *Folder) Delete(name string) error {
	at, err := checked(name)
	if err != nil {
		return err
	}
	if err := f.root.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// tidy removes what was begun before the moment and never got its name.
func (f *Folder) tidy(before time.Time) error {
	return f.older(half, before, func(name string) error { return f.root.Remove(path.Join(half, name)) })
}

// walk visits the inner folders behind one of them, in their order.
func (f *Folder) walk(after string, visit func(inner string) error) error {
	outer, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, o := range outer {
		if !o.IsDir() || len(o.Name()) != 2 || o.Name()+"/~" < after {
			continue
		}
		inner, err := fs.ReadDir(f.root.FS(), o.Name())
		if err != nil {
			return err
		}
		for _, i := range inner {
			if at := path.Join(o.Name(), i.Name()); i.IsDir() && at > after {
				if err := visit(at); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// old lists the names of bytes in an inner folder that were written before the moment. What is not ours is left alone.
func (f *Folder) old(inner string, before time.Time) (names []string, err error) {
	err = f.older(inner, before, func(name string) error {
		if nameShape.MatchString(name) && path.Join(inner, name) == place(name) {
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func (f *Folder) older(dir string, before time.Time, visit func(name string) error) error {
	entries, err := fs.ReadDir(f.root.FS(), dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // somebody else swept it
		}
		if err != nil {
			return err
		}
		if entry.IsDir() || !info.ModTime().Before(before) {
			continue
		}
		if err := visit(entry.Name()); err != nil {
			return err
		}
	}
	return nil
}
