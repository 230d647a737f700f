package secret

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Load reads the key file. It refuses a file that anybody but its owner may touch, and keys that are short.
func Load(path string) (*Keys, error) {
	keys, _, err := load(path)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return keys, nil
}

// load answers which file it read, too.
func load(path string) (*Keys, fs.FileInfo, error) {
	file, err := os.Open(path) // the path is a setting of the operator
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if err := ownerOnly(info); err != nil {
		return nil, nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return nil, nil, err
	}
	f, err := readFile(content)
	if err != nil {
		return nil, nil, err
	}
	keys, err := f.keys()
	return keys, info, err
}

// ownerOnly demands mode 0600 or 0400. Windows has no such modes; there the folder's rights must do.
func ownerOnly(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("not a file")
	}
	if mode := info.Mode().Perm(); mode&^0o600 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("mode is %04o and must be 0600", mode)
	}
	return nil
}

// Save writes the key file: whole or not at all, for its owner only, and on the disk when Save returns.
// It refuses to replace keys by others that cannot open what those have sealed.
func (k *Keys) Save(path string) error {
	if err := k.save(path); err != nil {
		return fmt.Errorf("key file %s: %w", path, err)
	}
	return nil
}

func (k *Keys) save(path string) error {
	old, _, err := load(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return err
	}
	if !fresh {
		if err := k.keeps(old); err != nil {
			return err
		}
	}
	return k.put(path, fresh)
}

// put writes the file beside its place, and puts it there when it is on the disk.
func (k *Keys) put(path string, fresh bool) error {
	folder := filepath.Dir(path)
	written, err := k.write(folder)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(written) }() // gone already when it was renamed
	if err := place(written, path, fresh); err != nil {
		return err
	}
	return syncFolder(folder)
}

// write puts the keys into a new file of the folder and answers its path.
func (k *Keys) write(folder string) (path string, err error) {
	content, err := json.MarshalIndent(k.ring().file, "", "  ")
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(folder, ".keys-*") // mode 0600
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	if _, err := file.Write(append(content, '\n')); err != nil {
		return "", err
	}
	return file.Name(), file.Sync()
}

// place gives the written file its name. Of two programs that start in an empty folder at the same time only one may
// place its keys: a link, unlike a rename, fails where a file stands already.
func place(written, path string, fresh bool) error {
	if fresh {
		err := os.Link(written, path)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		// some file systems have no links: rename then
	}
	return os.Rename(written, path)
}

func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there
	}
	folder, err := os.Open(path) // the path is a setting of the operator
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
