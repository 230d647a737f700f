package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"

	"github.com/emmansun/gmsm/sm4"

	"tongban/internal/fault"
)

// ErrUnreadable is the fault of a sealed value that does not open: changed, moved, or sealed with a key that we lack.
var ErrUnreadable = fault.New(fault.Broken, "secret.unreadable", "这份资料读不出来，请联系管理员")

// Where says where a sealed value stands. The value opens nowhere else: copied to another row or column it is refused.
type Where struct{ Table, Column, Row string }

// method is one way of sealing. Its tag stands in front of every sealed value, so that values of several methods can
// stand in one column while they are sealed anew (SM4 beside AES).
type method struct {
	tag  byte
	name string // in the key file
	size int    // of its key, in bytes
	of   func(key []byte) (cipher.Block, error)
}

var (
	aesGCM = method{tag: 1, name: "aes-256-gcm", size: keySize, of: aes.NewCipher}
	sm4GCM = method{tag: 2, name: "sm4-gcm", size: sm4.BlockSize, of: sm4.NewCipher} // GB/T 32907, whose key is one block long
)

var methods = []method{aesGCM, sm4GCM}

func (m method) aead(key []byte) (cipher.AEAD, error) {
	block, err := m.of(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// methodOf is the method by its name in the key file.
func methodOf(name string) (method, bool) {
	at := slices.IndexFunc(methods, func(m method) bool { return m.name == name })
	if at < 0 {
		return method{}, false
	}
	return methods[at], true
}

// dataKey is a data key ready for use.
type dataKey struct {
	method method
	aead   cipher.AEAD
}

func newDataKey(e keyEntry) (dataKey, error) {
	m, known := methodOf(e.Algorithm)
	if !known {
		return dataKey{}, fmt.Errorf("data key %s: algorithm %q is unknown", e.ID, e.Algorithm)
	}
	aead, err := m.aead(e.Key)
	return dataKey{m, aead}, err
}

// A sealed value is: tag (1 byte), length of the key id (1), key id, nonce, cipher text with its check.
// Tag and key id are bound in by the cipher as well.

// Seal encrypts the value for its place with the current data key. The same value never looks the same twice.
// It panics on a place that names no row: that is a mistake in the program.
func (k *Keys) Seal(where Where, plain []byte) []byte {
	if !where.whole() {
		panic("secret: a sealed value needs table, column and row")
	}
	r := k.ring()
	id := r.file.Data.Current
	key, head := r.data[id], r.head(id)
	nonce := random(key.aead.NonceSize())
	return key.aead.Seal(slices.Concat(head, nonce), nonce, plain, bound(head, where))
}

// Open decrypts what Seal made for the same place, with whichever data key it was sealed. Anything else is ErrUnreadable.
func (k *Keys) Open(where Where, sealed []byte) ([]byte, error) {
	if !where.whole() {
		return nil, ErrUnreadable.Because(errors.New("the place is not whole"))
	}
	if len(sealed) < 2 || len(sealed) < 2+int(sealed[1]) {
		return nil, ErrUnreadable.Because(errors.New("cut off"))
	}
	head, rest := sealed[:2+int(sealed[1])], sealed[2+int(sealed[1]):]
	r := k.ring()
	key, held := r.data[string(head[2:])]
	if !held && k.renewed(r) { // another replica has the new key already
		key, held = k.ring().data[string(head[2:])]
	}
	if !held || key.method.tag != head[0] {
		return nil, ErrUnreadable.Because(errors.New("sealed with a key that is not held"))
	}
	if len(rest) < key.aead.NonceSize() {
		return nil, ErrUnreadable.Because(errors.New("cut off"))
	}
	nonce, text := rest[:key.aead.NonceSize()], rest[key.aead.NonceSize():]
	plain, err := key.aead.Open(nil, nonce, text, bound(head, where))
	if err != nil {
		return nil, ErrUnreadable.Because(errors.New("changed, or moved from another place"))
	}
	return plain, nil
}

// head is how every value sealed with the data key begins.
func (r *ring) head(id string) []byte {
	return append([]byte{r.data[id].method.tag, byte(len(id))}, id...)
}

// Fresh reports whether the value is sealed with the current data key.
func (k *Keys) Fresh(sealed []byte) bool {
	r := k.ring()
	return bytes.HasPrefix(sealed, r.head(r.file.Data.Current))
}

// Head is how every value sealed with the data key begins, and no other; ok is false when the key is not held.
func (k *Keys) Head(id string) (head []byte, ok bool) {
	r := k.ring()
	_, held := r.data[id]
	return r.head(id), held
}

func (w Where) whole() bool { return w.Table != "" && w.Column != "" && w.Row != "" }

// bound is what the cipher authenticates beside the value: method, key id and place, each with its length.
func bound(head []byte, where Where) []byte {
	return framed(framed(framed(framed(nil, head), where.Table), where.Column), where.Row)
}
