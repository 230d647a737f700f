package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"tongban/internal/fault"
)

var errContentType = fault.New(fault.Unsupported, "request.unsupported_type", "不支持这种格式的内容")

// checkAddress refuses text in path and query that is no text. In a path it names nothing.
func checkAddress(c *gin.Context, r *Route) error {
	for _, p := range c.Params {
		if unreadable(p.Value) {
			return fault.NotFound
		}
	}
	if c.Request.URL.RawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return malformed("query", "网址中的查询条件无法读取")
	}
	for name, values := range query {
		place := harmless("query." + name)
		if len(values) > 1 && !r.Page { // a form on a page may have several ticks of one name
			return fault.Wrong(place, "同一项写了两次")
		}
		if unreadable(name) || slices.ContainsFunc(values, unreadable) {
			return fault.Wrong(place, "含有不能使用的字符")
		}
	}
	return nil
}

func unreadable(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, forbidden)
}

// drained is how much of a refused body is read and thrown away; the server's time-outs bound how long.
const drained = 16 << 20

// drain reads what a refused client is still sending. Most phones write everything before they read: closed on, they would see
// a broken network and no answer.
func drain(r *http.Request, body io.Reader) {
	if r.Method == http.MethodPost && r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, body, drained)
	}
}

// receive takes the body in, within its limit, and answers the digest of its content. What is read here whole is handed
// on to huma from memory: MaxBytesReader must stand before any parsing, and the digest needs every byte.
func (s *Server) receive(ctx context.Context, c *gin.Context, r *Route, who string) (digest [sha256.Size]byte, err error) {
	if r.Method != http.MethodPost {
		return digest, nil
	}
	if c.Request.ContentLength > r.BodyLimit {
		return digest, errTooLarge
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, r.BodyLimit)
	switch r.Content {
	case formOfOwn, ownBody:
		return digest, nil
	case oneFile:
		return s.receivePhoto(ctx, c, r, who)
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return digest, cutOff(err)
	}
	if err := checkBody(c, r, body); err != nil {
		return digest, err
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	return sha256.Sum256(body), nil
}

func checkBody(c *gin.Context, r *Route, body []byte) error {
	if len(body) == 0 {
		if r.Content == jsonBody && !r.optionalBody {
			return malformed("body", "请填写内容")
		}
		return nil
	}
	if kind, params := contentType(c); kind != "application/json" || !strings.EqualFold(params["charset"], "utf-8") && params["charset"] != "" {
		return errContentType.With("请用 application/json")
	}
	c.Request.Header.Set("Content-Type", "application/json") // however it was written: huma looks it up letter by letter
	if err := checkJSON(body); err != nil {
		return err
	}
	if r.Content == nothing && string(bytes.Join(bytes.Fields(body), nil)) != "{}" {
		return fault.Wrong("body", "这一步不需要填写内容")
	}
	return nil
}

func contentType(c *gin.Context) (kind string, params map[string]string) {
	if encoding := c.GetHeader("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return "", nil
	}
	if given := c.Request.Header.Values("Content-Type"); len(given) == 1 {
		kind, params, _ = mime.ParseMediaType(given[0])
	}
	return kind, params
}

// cutOff tells what went wrong with a body that could not be read to its end: it is too large, the line or the machine
// failed, or else it is not what was announced.
func cutOff(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge.Because(err)
	}
	_, line := errors.AsType[*net.OpError](err)
	_, system := errors.AsType[syscall.Errno](err)
	switch {
	case line, errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.Canceled):
		return fault.Busy.Because(err)
	case system:
		return err
	}
	return malformed("body", "内容没有传完")
}
