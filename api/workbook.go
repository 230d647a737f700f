package api

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"tongban/internal/fault"
	xlsx "tongban/internal/sheet"
)

// book is a workbook as it goes out.
type book struct {
	name  string // of the file, without its ending
	pages []xlsx.Page
}

// errPrinting asks to wait: as many workbooks are put together as may be at once.
var errPrinting = fault.New(fault.Unavailable, "workbook.busy", "现在正在制表的人多，请过一会儿再导出")

// printers bound how many workbooks are put together at once: one may be a county's month, held in memory as a whole until it goes out.
type printers chan struct{}

const (
	mostPrinting = 2
	printerTurn  = 500 * time.Millisecond // how long somebody waits for a seat
	printerAgain = 5 * time.Second        // when it is worth asking again
)

// enter waits a moment for a seat; leave gives it back.
func (p printers) enter(ctx context.Context) (leave func(), err error) {
	wait := time.NewTimer(printerTurn)
	defer wait.Stop()
	select {
	case p <- struct{}{}:
		return func() { <-p }, nil
	case <-wait.C:
		return nil, errPrinting.After(printerAgain)
	case <-ctx.Done():
		return nil, errPrinting.Because(ctx.Err())
	}
}

// workbook is a POST that answers a table for Excel. It stores nothing but that it was asked for. Nothing is asked of the desk, and no
// allowance is spent, before there is a seat.
func workbook[I any](seats printers, path, name, title string, who Audience, class Class, h func(context.Context, *I) (book, error), more ...option) Route {
	r := line(http.MethodPost, base+path, name, title, who, class)
	typed(&r, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		leave, err := seats.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
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
