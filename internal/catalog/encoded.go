package catalog

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
)

// Encoded is an answer as it goes over the wire: encoded once, sent many times. Plain and Gzip are two representations of
// one thing, so each has its own strong ETag (RFC 9110, 8.8.3.3), quotes included.
type Encoded struct {
	Plain    []byte
	Gzip     []byte
	ETag     string
	GzipETag string
}

// Packer compresses one answer after the other with one writer: a new writer for each costs near a megabyte.
type Packer struct {
	out    bytes.Buffer
	writer *gzip.Writer
}

// NewPacker makes a packer. It is not for use by several goroutines at once.
func NewPacker() *Packer {
	writer, err := gzip.NewWriterLevel(nil, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a valid constant
	}
	return &Packer{writer: writer}
}

// Pack compresses plain, which the Encoded keeps.
func (p *Packer) Pack(plain []byte) (Encoded, error) {
	p.out.Reset()
	p.writer.Reset(&p.out)
	if _, err := p.writer.Write(plain); err != nil {
		return Encoded{}, err
	}
	if err := p.writer.Close(); err != nil {
		return Encoded{}, err
	}
	sum := sha256.Sum256(plain)
	tag := base64.RawURLEncoding.EncodeToString(sum[:18])
	return Encoded{Plain: plain, Gzip: bytes.Clone(p.out.Bytes()), ETag: `"` + tag + `"`, GzipETag: `"` + tag + `-gzip"`}, nil
}
