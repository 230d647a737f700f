package county

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// Private is a personal value on its way out: it was revealed with a reason before, and shows only stars to whatever prints, logs or
// encodes it on the way. Only this package reads it, when it writes the request.
type Private struct{ plain unique.Handle[string] }

// Revealed wraps a value that has been revealed.
func Revealed(plain string) Private {
	if plain == "" {
		return Private{}
	}
	return Private{unique.Make(plain)}
}

const stars = "***"

func (p Private) value() string {
	if p == (Private{}) {
		return ""
	}
	return p.plain.Value()
}

// String shows nothing.
func (p Private) String() string { return stars }

// Format shows nothing, whatever the verb.
func (p Private) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, stars) }

// MarshalText shows nothing, in JSON too.
func (p Private) MarshalText() ([]byte, error) { return []byte(stars), nil }

// LogValue shows nothing.
func (p Private) LogValue() slog.Value { return slog.StringValue(stars) }
