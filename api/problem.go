package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

const problemType = "application/problem+json"

// problem is how every fault leaves the house (RFC 9457). title, detail and message are for people, code is for programs.
type problem struct {
	Type      string    `json:"type" format:"uri-reference" doc:"这种错误的说明"`
	Title     string    `json:"title" doc:"给人看的一句话"`
	Status    int       `json:"status" doc:"HTTP 状态码"`
	Code      string    `json:"code" doc:"给程序判断用，不会改变"`
	Detail    string    `json:"detail,omitempty" doc:"这一次的具体情况"`
	Errors    []wrong   `json:"errors,omitempty" doc:"哪几项有误"`
	RequestID string    `json:"request_id" doc:"报告问题时请附上"`
	Current   *standing `json:"current,omitempty" doc:"这件事现在的状态（409）"`
}

// wrong is one wrong field; the value is never repeated.
type wrong struct {
	Location string `json:"location" doc:"例如 body.text、query.limit"`
	Message  string `json:"message"`
}

// standing tells the loser of a race how the thing stands now.
type standing struct {
	Status  string       `json:"status"`
	Version int          `json:"version"`
	Offers  []flow.Offer `json:"offers"`
}

func (p *problem) Error() string             { return p.Code }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return problemType }

var (
	errWrongMethod = fault.New(fault.Unsupported, "request.method_not_allowed", "这个地址不支持这样的操作")
	errTooLarge    = fault.New(fault.TooLarge, "request.too_large", "提交的内容太大")
)

// Status is the HTTP status of a fault.
func Status(f *fault.Fault) int {
	if f == errWrongMethod {
		return http.StatusMethodNotAllowed
	}
	switch f.Kind {
	case fault.Malformed:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Missing:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Unsupported:
		return http.StatusUnsupportedMediaType
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// promised turns any error into one of ours. What is foreign becomes request.internal, and its text goes to the log only.
func promised(err error) *fault.Error {
	e := fault.Of(err)
	if e.Fault != fault.Internal {
		return e
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge.Because(err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || store.Unavailable(err) {
		return fault.Busy.Because(err)
	}
	return e
}

// explain makes the problem of err, sets the headers that belong to it and leaves the fault for the request's log line.
func explain(c *gin.Context, err error) *problem {
	e := promised(err)
	c.Set(faultKey, e)
	p := &problem{
		Type:      "/docs#" + e.Code,
		Title:     e.Title,
		Status:    Status(e.Fault),
		Code:      e.Code,
		Detail:    e.Detail,
		RequestID: c.Writer.Header().Get(requestIDHeader),
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, wrong{f.Location, f.Message})
	}
	if now := e.Current; now != nil {
		offers, _ := now.Offers.([]flow.Offer)
		p.Current = &standing{now.Status, now.Version, offers}
	}
	for _, of := range []string{"ETag", "Location", "Content-Encoding"} { // of the answer that did not come about
		c.Writer.Header().Del(of)
	}
	c.Header("Cache-Control", "no-store")
	switch e.Kind {
	case fault.TooMany, fault.Unavailable:
		c.Header("Retry-After", seconds(max(e.Wait, time.Second)))
	case fault.Unauthenticated:
		c.Header("WWW-Authenticate", "Bearer")
	default:
		if e.Wait > 0 {
			c.Header("Retry-After", seconds(e.Wait))
		}
	}
	return p
}

func seconds(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }

// refuse answers with the problem of err: to a browser that asked for a page in the page's own words, else as JSON.
func (s *Server) refuse(c *gin.Context, err error) {
	p := explain(c, err)
	c.Abort()
	if s.Sorry != nil && s.wantsPage(c) {
		s.Sorry(c.Writer, c.Request, p.Status, promised(err))
		return
	}
	body, err := encode(p)
	if err != nil { // a problem holds texts and numbers only
		panic(fmt.Errorf("api: encode a problem: %w", err))
	}
	guardHeaders(c.Writer.Header(), nil, s.https()) // whatever the answer would have been: nobody keeps a problem
	c.Header("Content-Type", problemType)
	c.Status(p.Status)
	_, _ = c.Writer.Write(body) // a client that went away needs no answer
}

// wantsPage reports whether a person looks at this, and not a program.
func (s *Server) wantsPage(c *gin.Context) bool {
	if r := s.routeOf(c); r != nil {
		return r.Page
	}
	return strings.Contains(c.GetHeader("Accept"), "text/html") && !strings.HasPrefix(c.Request.URL.Path, base+"/")
}

// fromHuma is where huma reports what a handler returned, or what it found wrong by itself.
func fromHuma(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
	return explain(humagin.Unwrap(ctx), understand(status, message, errs))
}

// maxFields bounds the wrong fields told at once.
const maxFields = 20

func understand(status int, message string, errs []error) error {
	if status == http.StatusInternalServerError && len(errs) == 1 {
		return errs[0]
	}
	var fields []fault.Field
	for _, err := range errs {
		d, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			continue
		}
		if strings.HasPrefix(d.Location, "path.") {
			return fault.NotFound // an address that cannot be names nothing
		}
		if len(fields) < maxFields {
			fields = append(fields, field(d))
		}
	}
	switch status {
	case http.StatusUnprocessableEntity:
		return fault.BadField.At(fields...)
	case http.StatusBadRequest:
		return errMalformed.At(fields...)
	case http.StatusUnsupportedMediaType:
		return errContentType
	}
	return fmt.Errorf("huma answered %d: %s", status, message)
}

// field tells place and rule of what huma found. Its value, and any text of huma that is not one of our own, stay here.
func field(d *huma.ErrorDetail) fault.Field {
	place := d.Location
	message, member, found := strings.Cut(d.Message, below)
	if found && member != "" {
		place += "." + member
	}
	if first, _ := utf8.DecodeRuneInString(message); !unicode.Is(unicode.Han, first) {
		if message = hardCoded[d.Message]; message == "" {
			message = "填写的内容有误"
		}
	}
	return fault.Field{Location: harmless(place), Message: message}
}
