package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// The toys are a domain of nothing but HTTP: every kind of line, each with the least behind it.

type toy struct{ id, name, owner string }

type toyView struct {
	ID    string       `json:"id"`
	Name  string       `json:"name"`
	Made  time.Time    `json:"made"`
	Note  string       `json:"note,omitempty"`
	Plays []flow.Offer `json:"offers"`
}

func (v toyView) location() string { return "/toys/" + v.ID }

type toyIn struct {
	Body struct {
		Name  string            `json:"name" minLength:"2" maxLength:"8"`
		Kind  string            `json:"kind,omitempty" enum:"car,doll"`
		Code  string            `json:"code,omitempty" pattern:"^[A-Z]{3}$" patternDescription:"三个大写字母"`
		Count int32             `json:"count,omitempty" minimum:"0"`
		Price float64           `json:"price,omitempty"`
		New   bool              `json:"new,omitempty"`
		Born  clock.Date        `json:"born,omitzero"`
		At    time.Time         `json:"at,omitzero"`
		Parts []toyPart         `json:"parts,omitempty" maxItems:"3"`
		Notes map[string]string `json:"notes,omitempty"`
	}
}

type toyPart struct {
	Label string `json:"label"`
}

type toyID struct {
	ID ID `path:"id"`
}

type toyPlay struct {
	ID   ID `path:"id"`
	Body struct {
		How string `json:"how"`
	}
}

// shop is the toys' desk.
type shop struct {
	*Server
	played atomic.Int64 // how often a verb's function ran
}

var errToyTaken = fault.New(fault.Conflict, "toy.taken", "玩具被拿走了")

func (s *shop) make(ctx context.Context, in *toyIn) (*made[toyView], error) {
	actor := access.From(ctx)
	return created(ctx, s.view, func(ctx context.Context) (toy, error) {
		var t toy
		err := s.Store.Write(ctx, actor, func(tx *store.Tx) error {
			s.played.Add(1)
			t = toy{tx.NewID(), in.Body.Name, actor.Person}
			tx.Emit(store.Message{Topic: "toy.made", Kind: "toy", Object: t.id})
			tx.Answer(t)
			return nil
		})
		return t, err
	})
}

func (s *shop) play(ctx context.Context, in *toyPlay) (*reply[toyView], error) {
	return answer(ctx, s.view, func(ctx context.Context) (toy, error) {
		t := toy{string(in.ID), in.Body.How, ""}
		if in.Body.How == "near" {
			access.From(ctx).Scope()
		}
		if in.Body.How == "late" {
			return t, errToyTaken.Standing(fault.Current{Status: "taken", Version: 3, Offers: []flow.Offer{{Do: "wait", Label: "等"}}})
		}
		return t, s.Store.Write(ctx, access.From(ctx), func(tx *store.Tx) error {
			s.played.Add(1)
			tx.Answer(t)
			return nil
		})
	})
}

func (s *shop) view(t toy) toyView {
	return toyView{ID: t.id, Name: t.name, Made: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)}
}

func (s *shop) list(ctx context.Context, in *struct{ Paging }) (*reply[list[toyView]], error) {
	shelf := []toy{{"5", "五", ""}, {"4", "四", ""}, {"3", "三", ""}, {"2", "二", ""}, {"1", "一", ""}}
	find := func(after string, limit int) ([]toy, error) {
		for len(shelf) > 0 && after != "" && shelf[0].id >= after {
			shelf = shelf[1:]
		}
		return shelf[:min(limit, len(shelf))], nil
	}
	return paged(ctx, s.Server, in.Paging, find, func(t toy) string { return t.id }, s.view)
}

func (s *shop) read(_ context.Context, in *toyID) (*reply[toyView], error) {
	return show(s.view(toy{string(in.ID), "<b>&甲</b>", ""})), nil
}

func (s *shop) check(_ context.Context, in *toyIn) (*reply[toyView], error) {
	v := s.view(toy{"", in.Body.Name, ""})
	v.Note = in.Body.Born.String()
	return show(v), nil
}

func (s *shop) board(context.Context, *noInput) (*reply[list[toyView]], error) {
	out := list[toyView]{}
	for range 30 {
		out.Items = append(out.Items, s.view(toy{"1", "小汽车", ""}))
	}
	return show(out), nil
}

func (s *shop) photo(ctx context.Context, in *photo) (*made[toyView], error) {
	file, size, err := in.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil || int64(len(content)) != size {
		return nil, errors.New("the photo is not whole")
	}
	return created(ctx, s.view, func(ctx context.Context) (toy, error) {
		t := toy{id: "00000000-0000-7000-8000-000000000001", name: "photo"}
		return t, s.Store.Write(ctx, access.From(ctx), func(tx *store.Tx) error {
			s.played.Add(1)
			tx.Answer(t)
			return nil
		})
	})
}

func (s *shop) touch(ctx context.Context, in *toyID) (*reply[toyView], error) {
	return answer(ctx, s.view, func(context.Context) (toy, error) { return toy{id: string(in.ID)}, nil })
}

func (s *shop) drop(context.Context, *toyID) error { return nil }

// break answers as a foreign error, a late one, a panic, or the address that was seen.
func (s *shop) broken(c *gin.Context) error {
	switch c.Param("how") {
	case "panic":
		panic("the toy of 110101199003070011 broke")
	case "slow":
		<-c.Request.Context().Done()
		return c.Request.Context().Err()
	case "half":
		_, _ = c.Writer.WriteString("half")
		panic("the toy broke in the middle")
	case "address":
		c.Header("Content-Type", "text/html")
		_, _ = c.Writer.WriteString(addressOf(c.Request.Context()))
		return nil
	}
	return errors.New("sql: duplicate entry '110101199003070011'")
}

func soon(r *Route) { r.Time = 20 * time.Millisecond }

func (s *shop) routes() []Route {
	return append(s.Server.routes(),
		get("/toys", "listToys", "玩具", open, reads, s.list),
		get("/toys/board", "readBoard", "布告", open, reads, s.board, public),
		get("/toys/{id}", "readToy", "一个玩具", person, reads, s.read),
		create("/toys", "makeToy", "做玩具", optional, writes, s.make, keep(48*time.Hour)),
		create("/gifts", "makeGift", "做礼物", open, writes, s.make),
		act("/toys/{id}/play", "playToy", "玩", staff, writes, s.play),
		act("/toys/{id}/touch", "touchToy", "摸", resident, writes, s.touch),
		ask("/toys/check", "checkToy", "查", open, guesses, s.check),
		remove("/toys/{id}", "dropToy", "扔", person, writes, s.drop),
		upload("/photos", "uploadPhoto", "照片", person, uploads, s.photo),
		raw("GET", "/broken/{how}", "breakToy", "坏", open, free, s.broken, html, soon),
	)
}

// stand is a server of toys for one test.
type stand struct {
	*shop
	t    testing.TB
	http http.Handler
	log  *bytes.Buffer
}

// people maps each token to whom it belongs.
var people = map[string]access.Actor{
	"zhang": {Person: "00000000-0000-7000-8000-00000000000a", Role: access.Resident, Area: "219901101201"},
	"li":    {Person: "00000000-0000-7000-8000-00000000000b", Role: access.Resident, Area: "219901101201"},
	"wang":  {Person: "00000000-0000-7000-8000-00000000000c", Role: access.Clerk, Post: "p", Area: "219901101201"},
	"lost":  {Person: "00000000-0000-7000-8000-00000000000d", Role: access.Clerk, Post: "q"},
}

func openStand(t testing.TB, change ...func(*Deps)) *stand {
	t.Helper()
	st := &stand{t: t, log: &bytes.Buffer{}}
	d := Deps{
		Store: storetest.Open(t),
		Log:   slog.New(slog.NewJSONHandler(st.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Identify: func(_ context.Context, bearer string) (access.Actor, error) {
			if bearer == "database-down" {
				return access.Stranger(), errors.New("connection refused")
			}
			actor, ok := people[bearer]
			if !ok {
				return actor, account.ErrToken
			}
			return actor, nil
		},
	}
	for _, c := range change {
		c(&d)
	}
	s, err := assemble(d, func(s *Server) []Route {
		st.shop = &shop{Server: s}
		return st.routes()
	})
	if err != nil {
		t.Fatal(err)
	}
	st.http = judged(t, s)
	return st
}

// send sends a request; headers are name, value pairs.
func (st *stand) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	st.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return st.do(r)
}

func (st *stand) do(r *http.Request) *httptest.ResponseRecorder {
	st.t.Helper()
	w := httptest.NewRecorder()
	st.http.ServeHTTP(w, r)
	return w
}

// problemOf reads a problem and checks what every problem has.
func problemOf(t testing.TB, w *httptest.ResponseRecorder) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%d %s is no problem: %v", w.Code, w.Body, err)
	}
	if got := w.Header().Get("Content-Type"); got != problemType {
		t.Errorf("a problem came as %q", got)
	}
	if p.Status != w.Code || p.Title == "" || p.RequestID == "" || p.RequestID != w.Header().Get(requestIDHeader) {
		t.Errorf("%d answered with %+v", w.Code, p)
	}
	return p
}

// refused demands a status and a code, and tells the first wrong field's place.
func (st *stand) refused(w *httptest.ResponseRecorder, status int, code string) (place string) {
	st.t.Helper()
	p := problemOf(st.t, w)
	if w.Code != status || p.Code != code {
		st.t.Errorf("want %d %s, got %d %s", status, code, w.Code, w.Body)
	}
	if len(p.Errors) > 0 {
		place = p.Errors[0].Location
	}
	return place
}

const (
	someKey = "0d7d3a52-3c5e-4a0e-9c41-7b3a4cf7f001"
	someID  = "00000000-0000-7000-8000-0000000000ff"
)

func bearer(token string) string { return "Bearer " + token }

// form is the body of an upload.
func form(t testing.TB, name string, content []byte) (body string, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(name, "IMG_001.jpg")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}
