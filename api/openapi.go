package api

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/clock"
)

const (
	version      = "1.0" // of the contract, not of the program
	schemaPrefix = "#/components/schemas/"
)

// configure is huma without its DefaultConfig, which adds $schema to every answer and a page from a foreign host.
func configure() huma.Config {
	schemas := huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[clock.Date](), reflect.TypeFor[date]())
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "通办 tongban", Version: version, Description: introduction},
			Components: &huma.Components{
				Schemas:   schemas,
				Responses: map[string]*huma.Response{},
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "登录后得到的 access_token"},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": strict, "json": strict},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
	model := schemas.Schema(reflect.TypeFor[problem](), true, "")
	for _, status := range []int{400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503} {
		c.Components.Responses[problemName(status)] = problemResponse(status, model)
	}
	return c
}

var (
	pageSchema = &huma.Schema{Type: huma.TypeString}
	// pageContent is how a page tells a fault.
	pageContent = map[string]*huma.MediaType{"text/html": {Schema: pageSchema}}
)

const introduction = `让群众办事不出屯的接口。

JSON，UTF-8，字段用 snake_case；编号都是文字；时间是 RFC 3339（+08:00），日期写成 2026-11-23。没有外层信封。
列表是 {items, next}，用 limit 和 after 翻页。错误是 application/problem+json，code 供程序判断，title 和 message 给人看。
每个回答都有 X-Request-Id，报告问题时请附上。凡新建或推进事情的 POST 都要带 Idempotency-Key：同一编号同一内容重复提交，
得到与第一次完全相同的回答，事情只办一次。JSON 要求严格：区分大小写，不许重复、多余的字段。`

var problemWords = map[int]string{
	400: "内容无法读取，或缺少 Idempotency-Key", 401: "没有登录，或登录已失效", 403: "没有权限", 404: "没有，或不是您的",
	409: "现在的状态不允许，或被别人抢先", 413: "内容太大", 415: "不支持的内容格式", 422: "填写有误，或编号已用于别的内容",
	429: "太频繁，见 Retry-After", 500: "系统出了问题", 503: "暂时忙，见 Retry-After",
}

func problemName(status int) string { return "Problem" + strconv.Itoa(status) }

func problemResponse(status int, model *huma.Schema) *huma.Response {
	r := &huma.Response{Description: problemWords[status], Content: map[string]*huma.MediaType{problemType: {Schema: model}}}
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		r.Headers = map[string]*huma.Param{"Retry-After": {Description: "几秒后再试", Schema: &huma.Schema{Type: huma.TypeInteger}}}
	case http.StatusUnauthorized:
		r.Headers = map[string]*huma.Param{"WWW-Authenticate": {Schema: &huma.Schema{Type: huma.TypeString}}}
	}
	return r
}

// unrivalled are the classes of a POST that nobody outruns: it only asks, or only lets us know.
var unrivalled = []string{reads.Name, guesses.Name, pushes.Name}

// problems are the statuses that a route may answer besides success.
func (r *Route) problems() []int {
	codes := append([]int{400, 404, 422, 500, 503}, r.refusals...)
	if r.Method == http.MethodPost {
		codes = append(codes, 413, 415)
	}
	if r.Audience != open {
		codes = append(codes, 401, 403)
	}
	if r.Idempotent || r.Method == http.MethodDelete || r.Method == http.MethodPost && !slices.Contains(unrivalled, r.Class.Name) {
		codes = append(codes, 409) // whoever writes may be outrun
	}
	if r.Class.Name != free.Name {
		codes = append(codes, 429)
	}
	return codes
}

var audienceWords = map[Audience]string{
	open: "无需登录", optional: "登录与否均可", person: "需登录", resident: "群众登录", staff: "工作人员登录",
}

// operation is what the list says about a route, as huma and the document want it.
func (s *Server) operation(r *Route) *huma.Operation {
	op := &huma.Operation{
		OperationID:     r.Name,
		Method:          r.Method,
		Path:            r.Path,
		Summary:         r.Title,
		Description:     audienceWords[r.Audience] + "。",
		Tags:            []string{tagOf(r)},
		DefaultStatus:   r.Status,
		MaxBodyBytes:    -1, // the gate has read the body, within its own limit
		BodyReadTimeout: -1, // and a deadline now would cut a handler off that waits for its turn
		Metadata:        map[string]any{routeKey: r},
		Responses:       map[string]*huma.Response{strconv.Itoa(r.Status): {Description: "成功"}},
	}
	for _, status := range r.problems() {
		response := &huma.Response{Ref: "#/components/responses/" + problemName(status)}
		if r.Page {
			response = &huma.Response{Description: problemWords[status], Content: pageContent}
		}
		op.Responses[strconv.Itoa(status)] = response
	}
	switch r.Audience {
	case open:
	case optional:
		op.Security = []map[string][]string{{}, {"bearer": {}}}
	default:
		op.Security = []map[string][]string{{"bearer": {}}}
	}
	if r.Class.Name != free.Name {
		op.Description += fmt.Sprintf("频率 %s：每%s %d 次。", r.Class.Name, chinese(r.Class.Rate.Per), r.Class.Rate.Burst)
	}
	if few := r.strangers; few != nil {
		op.Description += fmt.Sprintf("未登录的 %s：每%s %d 次。", few.Name, chinese(few.Rate.Per), few.Rate.Burst)
	}
	if r.Idempotent {
		op.Description += "重复提交在" + chinese(r.Keep) + "内得到第一次的回答。"
	}
	switch {
	case r.Idempotent && r.Page:
		op.Description += "提交编号是表单里的 key。"
	case r.Idempotent:
		op.Parameters = append(op.Parameters, r.keyParam())
	}
	if r.Public {
		documentPublic(op)
	}
	if r.Page {
		op.Responses["303"] = &huma.Response{Description: "请看另一页"}
		op.Responses["304"] = &huma.Response{Description: "没有变化"}
	}
	return op
}

func chinese(d time.Duration) string {
	if d >= 24*time.Hour {
		return strconv.Itoa(int(d/(24*time.Hour))) + "天"
	}
	return strconv.Itoa(int(d/time.Minute)) + "分钟"
}

func tagOf(r *Route) string {
	below, found := strings.CutPrefix(r.Path, base+"/")
	switch {
	case found:
		tag, _, _ := strings.Cut(below, "/")
		return tag
	case r.Page:
		return "pages"
	}
	return "operation"
}

func (r *Route) keyParam() *huma.Param {
	p := &huma.Param{
		Name: keyHeader, In: "header", Required: true, Description: "这一次提交的编号，重试时不变",
		Schema: &huma.Schema{Type: huma.TypeString, Pattern: keyShape.String()},
	}
	switch r.Audience {
	case open:
		p.Schema.Format, p.Description = "uuid", p.Description+"；须是随机的 UUID"
	case optional:
		p.Description += "；未登录时须是随机的 UUID"
	}
	return p
}

func documentPublic(op *huma.Operation) {
	etag := map[string]*huma.Param{"ETag": {Description: "内容的指纹", Schema: &huma.Schema{Type: huma.TypeString}}}
	op.Responses["200"].Headers = etag
	op.Responses["304"] = &huma.Response{Description: "没有变化", Headers: etag}
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "If-None-Match", In: "header", Description: "上次的 ETag", Schema: &huma.Schema{Type: huma.TypeString},
	})
}

// gives documents the JSON answer of a raw route.
func gives[V any](op *huma.Operation, schemas huma.Registry) {
	answers(op, "application/json", schemas.Schema(reflect.TypeFor[V](), true, ""))
}

// html documents a raw route that answers a page.
func html(op *huma.Operation, _ huma.Registry) { answers(op, "text/html", pageSchema) }

// documentSheets may be narrowed to one document.
func documentSheets(op *huma.Operation, registry huma.Registry) {
	html(op, registry)
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "document", In: "query", Description: "只要这一份", Schema: &huma.Schema{Type: huma.TypeString},
	})
}

func documentSpec(op *huma.Operation, _ huma.Registry) {
	answers(op, "application/json", &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true})
}

// answers documents the answer of a raw route, and the parameters in its path.
func answers(op *huma.Operation, kind string, schema *huma.Schema) {
	op.Responses[strconv.Itoa(op.DefaultStatus)].Content = map[string]*huma.MediaType{kind: {Schema: schema}}
	for step := range strings.SplitSeq(op.Path, "/") {
		if name, ok := strings.CutPrefix(step, "{"); ok {
			op.Parameters = append(op.Parameters, &huma.Param{
				Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
			})
		}
	}
}

// document is the API's document as it is served.
type document struct{ json, html []byte }

// describe makes it: when it is first asked for, as most starts never hear of it.
func (s *Server) describe() (doc document, err error) {
	if doc.json, err = s.huma.OpenAPI().MarshalJSON(); err != nil {
		return doc, fmt.Errorf("api: document: %w", err)
	}
	doc.html, err = s.docsPage()
	return doc, err
}

// Document is the OpenAPI document as YAML, the text of docs/openapi.yaml. Nobody who serves asks for it.
func (s *Server) Document() ([]byte, error) { return s.huma.OpenAPI().YAML() }

func (s *Server) readSpec(c *gin.Context) error {
	doc, err := s.spec()
	if err != nil {
		return err
	}
	return writePublic(c, "application/json", doc.json)
}

func (s *Server) readDocs(c *gin.Context) error {
	doc, err := s.spec()
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", docsPolicy)
	return writePublic(c, "text/html; charset=utf-8", doc.html)
}

// writePublic is the answer of a raw public route.
func writePublic(c *gin.Context, kind string, body []byte) error {
	k := keepable(body, c.Request.Header)
	c.Header("ETag", k.etag)
	if k.encoding != "" {
		c.Header("Content-Encoding", k.encoding)
	}
	if k.body != nil {
		c.Header("Content-Type", kind)
	}
	c.Status(k.status)
	_, _ = c.Writer.Write(k.body) // a client that went away needs no answer
	return nil
}
