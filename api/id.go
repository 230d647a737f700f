package api

import (
	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/clock"
)

// ID is the id of a thing, in a path or a body: a UUID in its one written form. In a path, what has not this form names
// nothing and is answered 404.
type ID string

// Schema demands the form, which huma's own "uuid" does not: it takes braces, capitals and urn:uuid: as well.
func (ID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid", Pattern: uuidShape.String(), PatternDescription: "编号"}
}

// date documents clock.Date.
type date struct{}

func (date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{clock.Date{Year: 2026, Month: 11, Day: 23}.String()}}
}
