package secret

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"
)

const (
	fileVersion   = 1
	signAlgorithm = "ed25519"
)

// keyFile is the key file's content; keys stand in it as base64.
type keyFile struct {
	Version int    `json:"version"`
	Hash    string `json:"hash,omitempty"` // of indexes and MACs; none is SHA-256
	Root    []byte `json:"root"`
	Data    keySet `json:"data"`
	Signing keySet `json:"signing"`
}

// keySet holds the keys of one use. Current names the one that seals or signs from now on.
type keySet struct {
	Current string     `json:"current"`
	Keys    []keyEntry `json:"keys"`
}

type keyEntry struct {
	ID        string `json:"id"` // stands in every sealed value or token made with the key
	Algorithm string `json:"algorithm"`
	Key       []byte `json:"key"` // for ed25519 the seed
	// Until is when another key became current in its place; zero for the current key, and for one that never was.
	Until time.Time `json:"until,omitzero"`
}

var idShape = regexp.MustCompile(`^[0-9a-z_-]{1,32}$`)

// readFile refuses what it does not know: a misspelt field must not quietly leave a key out.
func readFile(content []byte) (keyFile, error) {
	var f keyFile
	strict := json.NewDecoder(bytes.NewReader(content))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&f); err != nil {
		return keyFile{}, err
	}
	if _, err := strict.Token(); !errors.Is(err, io.EOF) {
		return keyFile{}, errors.New("more follows after the keys")
	}
	return f, nil
}

// keys checks the file and makes its keys ready for use. Its errors name keys by id, never by content.
func (f keyFile) keys() (*Keys, error) {
	if f.Version != fileVersion {
		return nil, fmt.Errorf("version %d is unknown, this program reads %d", f.Version, fileVersion)
	}
	if err := f.sound(); err != nil {
		return nil, err
	}
	hash, known := hashes[f.Hash]
	if !known {
		return nil, fmt.Errorf("hash %q is unknown", f.Hash)
	}
	r := &ring{file: f, hash: hash, data: map[string]dataKey{}, signing: map[string]ed25519.PrivateKey{}}
	for _, e := range f.Data.Keys {
		key, err := newDataKey(e)
		if err != nil {
			return nil, err
		}
		r.data[e.ID] = key
	}
	for _, e := range f.Signing.Keys {
		if e.Algorithm != signAlgorithm {
			return nil, fmt.Errorf("signing key %s: algorithm %q is unknown", e.ID, e.Algorithm)
		}
		r.signing[e.ID] = ed25519.NewKeyFromSeed(e.Key)
	}
	return &Keys{ring: func() *ring { return r }}, nil
}

// sound looks for keys that are short, are no random keys, or serve two uses.
func (f keyFile) sound() error {
	seen := [][]byte{}
	check := func(name string, key []byte, size int) error {
		switch {
		case len(key) != size:
			return fmt.Errorf("%s has %d bytes and must have %d", name, len(key), size)
		case bytes.Count(key, key[:1]) > size/2:
			return fmt.Errorf("%s is not random", name)
		case slices.ContainsFunc(seen, func(other []byte) bool { return bytes.Equal(other, key) }):
			return fmt.Errorf("%s serves twice", name)
		}
		seen = append(seen, key)
		return nil
	}
	if err := check("the root key", f.Root, keySize); err != nil {
		return err
	}
	for _, of := range []struct {
		use string
		keySet
	}{{"data", f.Data}, {"signing", f.Signing}} {
		ids := map[string]bool{}
		for _, e := range of.Keys {
			if !idShape.MatchString(e.ID) || ids[e.ID] {
				return fmt.Errorf("%s key id %q is malformed or stands twice", of.use, e.ID)
			}
			ids[e.ID] = true
			if err := check(of.use+" key "+e.ID, e.Key, sizeOf(e.Algorithm)); err != nil {
				return err
			}
		}
		if !ids[of.Current] {
			return fmt.Errorf("the current %s key is not among the keys", of.use)
		}
	}
	return nil
}

// keeps demands that whatever could be read with the keys of old can still be read with k.
func (k *Keys) keeps(old *Keys) error {
	mine, theirs := k.ring(), old.ring()
	if err := mine.sameHouse(theirs); err != nil {
		return err
	}
	for _, e := range theirs.file.Data.Keys {
		if !slices.ContainsFunc(mine.file.Data.Keys, func(m keyEntry) bool { return m.ID == e.ID && bytes.Equal(m.Key, e.Key) }) {
			return fmt.Errorf("data key %s would be lost with all that it sealed", e.ID)
		}
	}
	return nil
}

// sameHouse demands the same root and hash: with others no index is found and no MAC agrees.
func (r *ring) sameHouse(other *ring) error {
	if !bytes.Equal(r.file.Root, other.file.Root) || r.file.Hash != other.file.Hash {
		return errors.New("there are other keys already, and what they sealed would be lost")
	}
	return nil
}
