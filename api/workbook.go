package api

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	xlsx "tongban/internal/sheet"
)

// book is a workbook as it goes out.
type book struct {
	name  string // of the file, without its ending
	pages []xlsx.Page
}

// workbook is a POST that answers a table for Excel. It stores nothing but that it was asked for.
func workbook[I any](path, name, title string, who Audience, class Class, h func(context.Context, *I) (book, error), more ...option) Route {
	r := line(http.MethodPost, base+path, name, title, who, class)
	typed(&r, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		b, err := h(ctx, in)
		if err != nil {
			return nil, err
		}
		var file bytes.Buffer // whole before the first byte goes out: half a workbook opens in no program
		if err := xlsx.Write(&file, b.pages...); err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(answer huma.Context) {
			c := humagin.Unwrap(answer)
			header := c.Writer.Header()
			header["Content-Disposition"] = []string{"attachment; filename*=UTF-8''" + url.PathEscape(b.name) + ".xlsx"}
			header["Content-Length"] = []string{strconv.Itoa(file.Len())}
			c.Data(http.StatusOK, xlsx.Type, file.Bytes())
		}}, nil
	})
	r.document = func(op *huma.Operation, _ huma.Registry) {
		op.Responses["200"].Content = map[string]*huma.MediaType{xlsx.Type: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
	}
	return r.with(more)
}
