package secret

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unique"

	"tongban/internal/fault"
)

// ErrReason is the fault of reading personal data without saying why.
var ErrReason = fault.New(fault.Invalid, "reveal.reason", "请写明查看个人信息的原因")

// Recorder writes down that personal data is being read. The running transaction is one: no trail row, no value.
type Recorder interface {
	// Read records that one field of one object is read: Read("person", id, "phone", "电话回访").
	Read(kind, object, field, reason string) error
}

// hidden holds a personal value and its mask, and lets only the mask be seen.
//
// Methods alone would not do: fmt skips them for unexported fields of an outer struct, for %p and %w, and prints the
// fields instead. A unique.Handle is a pointer to a string, into which fmt never looks, and it keeps == meaning "the same value".
type hidden struct {
	plain unique.Handle[string]
	mask  string
}

func hide(plain, mask string) hidden { return hidden{unique.Make(plain), mask} }

// mask leaves so many characters at head and tail and puts * for each of the others. It shows none of a text that is
// no longer than that.
func mask(text string, head, tail int) string {
	all := []rune(text)
	if len(all) <= head+tail {
		head, tail = 0, 0
	}
	return string(all[:head]) + strings.Repeat("*", len(all)-head-tail) + string(all[len(all)-tail:])
}

// value is the plain value; only this package may ask.
func (h hidden) value() string {
	if h.IsZero() {
		return ""
	}
	return h.plain.Value()
}

// IsZero reports whether there is no value.
func (h hidden) IsZero() bool { return h == hidden{} }

// Reveal is the only way out: it records who reads which field of which object and why, then answers the plain value.
// The arguments are Recorder.Read's. Without a reason, or when the record fails, there is no value.
func (h hidden) Reveal(rec Recorder, kind, object, field, reason string) (string, error) {
	if kind == "" || object == "" || field == "" {
		return "", errors.New("secret: a reveal needs kind, object and field")
	}
	if strings.TrimSpace(reason) == "" {
		return "", ErrReason
	}
	if rec == nil {
		return "", errors.New("secret: a reveal needs a recorder")
	}
	if err := rec.Read(kind, object, field, reason); err != nil {
		return "", err
	}
	return h.value(), nil
}

// Seal encrypts the value for its place; nil for no value.
func (h hidden) Seal(keys *Keys, where Where) []byte {
	if h.IsZero() {
		return nil
	}
	return keys.Seal(where, []byte(h.value()))
}

// open is the plain value that Seal made; "" where there is none.
func open(keys *Keys, where Where, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := keys.Open(where, sealed)
	return string(plain), err
}

// index is the blind index of the value; "" for no value.
func (h hidden) index(keys *Keys, kind string) string {
	if h.IsZero() {
		return ""
	}
	return keys.Index(kind, h.value())
}

// String is the mask, for people and for views.
func (h hidden) String() string { return h.mask }

// GoString is the mask too.
func (h hidden) GoString() string { return strconv.Quote(h.mask) }

// Format writes the mask for every verb.
func (h hidden) Format(to fmt.State, verb rune) {
	text := h.mask
	if verb == 'q' || verb == 'v' && to.Flag('#') {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(to, text)
}

// MarshalJSON writes the mask.
func (h hidden) MarshalJSON() ([]byte, error) { return json.Marshal(h.mask) }

// MarshalText writes the mask, for XML, YAML and the keys of maps.
func (h hidden) MarshalText() ([]byte, error) { return []byte(h.mask), nil }

// LogValue logs the mask.
func (h hidden) LogValue() slog.Value { return slog.StringValue(h.mask) }

// errPlainColumn keeps personal values out of plain columns.
var errPlainColumn = errors.New("secret: a personal value is stored by Seal and Index, never as it is")

// Value refuses: a forgotten Seal must fail at once and not store a plain or a masked value.
func (h hidden) Value() (driver.Value, error) { return nil, errPlainColumn }

// Scan refuses likewise.
func (h *hidden) Scan(any) error { return errPlainColumn }
