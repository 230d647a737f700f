// Package secret guards personal data (个人信息): the program's keys, sealing at rest, blind look-up, and the types
// IDNumber, Phone and Name, which show themselves masked wherever they are printed, logged or encoded.
//
// A value comes in by its Parse function, rests sealed (Seal, OpenPhone …), is found again by its Index, and comes out
// only by Reveal, which first writes into the trail who read what, and why (PIPL 6, 51; GB/T 35273 5.4, 7.2).
package secret

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/emmansun/gmsm/sm3"
)

// keySize is the size of the root, of an AES-256 key and of the seed of Ed25519, in bytes.
const keySize = 32

// Cipher is the family of algorithms that new keys are made for.
type Cipher string

// The families. SM (国密) is for installations that are examined by GB/T 39786.
const (
	AES Cipher = "aes" // AES-256-GCM, HMAC-SHA-256
	SM  Cipher = "sm"  // SM4-GCM, HMAC-SM3
)

// families say what a family seals with, and by which name its hash stands in the key file: files older than SM3 name none.
var families = map[Cipher]struct {
	method method
	hash   string
}{AES: {aesGCM, ""}, SM: {sm4GCM, "sm3"}}

// hashes of indexes and MACs. An installation keeps the one that it was made with: by another no stored index is found.
var hashes = map[string]func() hash.Hash{"": sha256.New, "sm3": sm3.New}

// Keys are the program's keys: a root from which the keys for indexes and MACs are derived, the data keys that seal, and
// the signing keys of tokens. Several data and signing keys may be held, so that keys can be changed while serving:
// one of each is current, all others still open and verify.
//
// The ring is behind a function because fmt prints fields, even unexported and nested ones, but looks into no function.
type Keys struct {
	ring func() *ring
	look func() error // at the key file, when it is followed; else nil
}

type ring struct {
	file    keyFile
	hash    func() hash.Hash
	data    map[string]dataKey
	signing map[string]ed25519.PrivateKey
}

// Make makes fresh random keys for AES and SHA-256.
func Make() (*Keys, error) { return MakeFor(AES) }

// MakeFor makes fresh random keys for the algorithms of the family.
func MakeFor(c Cipher) (*Keys, error) {
	family, known := families[c]
	if !known {
		return nil, fmt.Errorf("secret: unknown cipher %q", c)
	}
	return keyFile{
		Version: fileVersion,
		Hash:    family.hash,
		Root:    random(keySize),
		Data:    freshSet(family.method.name),
		Signing: freshSet(signAlgorithm),
	}.keys()
}

// random never fails: crypto/rand ends the program rather than give weak bytes.
func random(n int) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes)
	return bytes
}

func freshSet(algorithm string) keySet {
	entry := freshEntry(algorithm)
	return keySet{Current: entry.ID, Keys: []keyEntry{entry}}
}

func freshEntry(algorithm string) keyEntry {
	return keyEntry{ID: hex.EncodeToString(random(4)), Algorithm: algorithm, Key: random(sizeOf(algorithm))}
}

// sizeOf is how many bytes a key of the algorithm has.
func sizeOf(algorithm string) int {
	if m, known := methodOf(algorithm); known {
		return m.size
	}
	return keySize
}

// Index is the blind index of a value: 64 hex digits by which equal values of one kind are found without storing them.
// It cannot be reckoned without the root key, unlike a plain hash, whose few possible phone numbers are soon tried.
func (k *Keys) Index(kind, value string) string {
	if kind == "" {
		panic("secret: an index needs a kind")
	}
	return hex.EncodeToString(k.mac("tongban index", []byte(kind), []byte(value)))
}

// MAC is the HMAC (SHA-256, or SM3 in an installation made for it) of the parts under a key of that purpose alone ("trail", "query_code", "cursor", "refresh").
// Compare MACs with hmac.Equal.
func (k *Keys) MAC(purpose string, parts ...[]byte) []byte {
	if purpose == "" {
		panic("secret: a MAC needs a purpose")
	}
	return k.mac("tongban mac "+purpose, parts...)
}

// mac puts the length before each part: ("ab","c") and ("a","bc") are different messages.
func (k *Keys) mac(use string, parts ...[]byte) []byte {
	r := k.ring()
	key, err := hkdf.Expand(r.hash, r.file.Root, use, keySize)
	if err != nil {
		panic(err) // only for a length beyond 255 hashes
	}
	sum := hmac.New(r.hash, key)
	for _, part := range parts {
		sum.Write(framed(nil, part))
	}
	return sum.Sum(nil)
}

// framed appends the part with its length (8 bytes, big-endian) before it.
func framed[P ~string | ~[]byte](to []byte, part P) []byte {
	return append(binary.BigEndian.AppendUint64(to, uint64(len(part))), part...)
}

// Signing is the current key for signing tokens, with its kid.
func (k *Keys) Signing() (kid string, key ed25519.PrivateKey) {
	r := k.ring()
	return r.file.Signing.Current, r.signing[r.file.Signing.Current]
}

// Verifier is the public key of the kid. Of a kid that is not known the key file is looked at: another replica may sign with
// a new key already.
func (k *Keys) Verifier(kid string) (public ed25519.PublicKey, held bool) {
	r := k.ring()
	key, held := r.signing[kid]
	if !held && k.renewed(r) {
		key, held = k.ring().signing[kid]
	}
	if !held {
		return nil, false
	}
	return key.Public().(ed25519.PublicKey), true
}

// Verifying are the public keys by kid: the current one, and those whose tokens still live.
func (k *Keys) Verifying() map[string]ed25519.PublicKey {
	public := map[string]ed25519.PublicKey{}
	for kid, key := range k.ring().signing {
		public[kid] = key.Public().(ed25519.PublicKey)
	}
	return public
}
