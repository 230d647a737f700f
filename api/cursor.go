package api

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"slices"

	"tongban/internal/fault"
)

// Paging is the input of every list: embed it. (huma skips embedded types that are not exported.)
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"一页多少条"`
	After string `query:"after" maxLength:"400" doc:"上一页的 next"`
}

// list is one page. Next asks for the page after it, and is empty on the last.
type list[V any] struct {
	Items []V    `json:"items"`
	Next  string `json:"next" doc:"下一页的 after；空表示没有了"`
}

// paged answers one page of a list: find reads at most limit rows that come after the row with the id after, id names a
// row and view shows it.
func paged[T, V any](ctx context.Context, s *Server, in Paging, find func(after string, limit int) ([]T, error), id func(T) string, view func(T) V) (*reply[list[V]], error) {
	after, err := s.openCursor(ctx, in.After)
	if err != nil {
		return nil, err
	}
	rows, err := find(after, in.Limit+1) // the one too many tells whether there is more
	if err != nil {
		return nil, err
	}
	out := list[V]{Items: make([]V, 0, min(len(rows), in.Limit))}
	for i, row := range rows {
		if i == in.Limit {
			out.Next = s.cursor(ctx, id(rows[i-1]))
			break
		}
		out.Items = append(out.Items, view(row))
	}
	return show(out), nil
}

// portion finds the pages of a list that is in memory as a whole, in whatever order.
func portion[T any](all []T, id func(T) string) func(after string, limit int) ([]T, error) {
	return func(after string, limit int) ([]T, error) {
		rest := all
		if after != "" {
			at := slices.IndexFunc(all, func(v T) bool { return id(v) == after })
			if at < 0 { // it is gone since
				return nil, errCursor
			}
			rest = all[at+1:]
		}
		return rest[:min(limit, len(rest))], nil
	}
}

// macSize is enough of the MAC, in bytes, for something that opens no door: the scope is checked on every page.
const macSize = 16

// cursor signs where a page ended. It works for the same operation only, on the same thing, with the same conditions in the same
// order: elsewhere the place that it names means nothing.
func (s *Server) cursor(ctx context.Context, after string) string {
	return base64.RawURLEncoding.EncodeToString(append(s.cursorMAC(ctx, after), after...))
}

// openCursor is the id in a cursor of ours; none for the first page.
func (s *Server) openCursor(ctx context.Context, cursor string) (after string, err error) {
	if cursor == "" {
		return "", nil
	}
	bytes, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(bytes) < macSize {
		return "", errCursor
	}
	after = string(bytes[macSize:])
	if !hmac.Equal(bytes[:macSize], s.cursorMAC(ctx, after)) {
		return "", errCursor
	}
	return after, nil
}

var errCursor = fault.Wrong("query.after", "翻页位置不正确，或者换了条件、排序，请从第一页重新查看")

func (s *Server) cursorMAC(ctx context.Context, after string) []byte {
	c := callOf(ctx)
	return s.Store.Keys().MAC("cursor", []byte(c.route.Name), []byte(c.listed()), []byte(after))[:macSize:macSize]
}

// listed is the list that a call asks for, whichever page of it: its address without the place and the size of the page.
func (c *call) listed() string {
	if c.url == nil { // not over the network
		return ""
	}
	query := c.url.Query()
	query.Del("after")
	query.Del("limit")
	return c.url.Path + "?" + query.Encode()
}
