package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"
)

// Use is what a key is for.
type Use string

// The uses of keys that change; the root never does, since every stored index hangs on it.
const (
	Data    Use = "data"
	Signing Use = "signing"
)

// The faults of a change that is not made.
var (
	ErrNoKey   = errors.New("no such key")
	ErrCurrent = errors.New("the key is the current one: rotate first")
	ErrResting = errors.New("the key was current until lately, and what was made with it may be on its way")
)

// KeyInfo describes a key without showing it.
type KeyInfo struct {
	ID        string
	Use       Use
	Algorithm string
	Current   bool
	Until     time.Time // when another became current in its place; zero when it is current, or never was
}

// List describes the keys that are held, in the order of the file.
func (k *Keys) List() []KeyInfo {
	f := k.ring().file
	var list []KeyInfo
	for _, use := range []Use{Data, Signing} {
		set := f.set(use)
		for _, e := range set.Keys {
			list = append(list, KeyInfo{e.ID, use, e.Algorithm, e.ID == set.Current, e.Until})
		}
	}
	return list
}

// Add puts a fresh key into the file at path without using it yet: other machines can be given the file first.
// The cipher says what a data key is for.
func Add(path string, use Use, c Cipher) (id string, err error) {
	family, known := families[c]
	if !known {
		return "", fmt.Errorf("secret: unknown cipher %q", c)
	}
	err = change(path, func(f *keyFile) error {
		entry := freshEntry(signAlgorithm)
		if use == Data {
			entry = freshEntry(family.method.name)
		}
		for _, twin := range []Use{Data, Signing} {
			if _, err := f.set(twin).find(entry.ID); err == nil {
				return fmt.Errorf("key id %s came up twice: try again", entry.ID)
			}
		}
		id = entry.ID
		set := f.set(use)
		set.Keys = append(set.Keys, entry)
		return nil
	})
	return id, err
}

// Switch makes a key of the file at path the current one from now on. The one before it still opens and verifies.
func Switch(path, id string, now time.Time) error {
	return change(path, func(f *keyFile) error {
		set, at, err := f.find(id)
		if err != nil || set.Current == id {
			return err
		}
		last, err := set.find(set.Current)
		if err != nil {
			return err
		}
		set.Keys[last].Until, set.Keys[at].Until = now.UTC().Truncate(time.Second), time.Time{}
		set.Current = id
		return nil
	})
}

// Retire takes a key out of the file at path for ever, once it has not been current for as long as rest. It does not know
// whether anything is still sealed with it: ask before.
func Retire(path, id string, now time.Time, rest time.Duration) error {
	return change(path, func(f *keyFile) error {
		set, at, err := f.find(id)
		switch {
		case err != nil:
			return err
		case set.Current == id:
			return ErrCurrent
		case now.Sub(set.Keys[at].Until) < rest:
			return fmt.Errorf("%w: wait until %s", ErrResting, set.Keys[at].Until.Add(rest).Format(time.RFC3339))
		}
		set.Keys = slices.Delete(set.Keys, at, at+1)
		return nil
	})
}

// change reads the file, changes it, and puts the changed one in its place. Of two changes at once one is refused: the
// second would write over the first one's key, with which something may be sealed already.
func change(path string, how func(*keyFile) error) (err error) {
	lock := path + ".lock"
	held, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL, 0o600) // the path is a setting of the operator
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the keys are being changed; if nobody does, a change was cut off: remove %s", lock)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close(), os.Remove(lock)) }()

	keys, err := Load(path)
	if err != nil {
		return err
	}
	f := keys.ring().file.clone()
	if err := how(&f); err != nil {
		return err
	}
	changed, err := f.keys()
	if err != nil {
		return err
	}
	return changed.put(path, false)
}

func (f keyFile) clone() keyFile {
	f.Data.Keys, f.Signing.Keys = slices.Clone(f.Data.Keys), slices.Clone(f.Signing.Keys)
	return f
}

func (f *keyFile) set(use Use) *keySet {
	if use == Data {
		return &f.Data
	}
	return &f.Signing
}

// find is where the key stands.
func (f *keyFile) find(id string) (set *keySet, at int, err error) {
	for _, use := range []Use{Data, Signing} {
		set := f.set(use)
		if at, err := set.find(id); err == nil {
			return set, at, nil
		}
	}
	return nil, 0, ErrNoKey
}

func (s *keySet) find(id string) (at int, err error) {
	if at = slices.IndexFunc(s.Keys, func(e keyEntry) bool { return e.ID == id }); at < 0 {
		return 0, ErrNoKey
	}
	return at, nil
}
