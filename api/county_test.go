package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongban/internal/county"
	"tongban/internal/store"
)

const countyKey = "k1:0123456789abcdef0123456789abcdef"

func countyKeys(t testing.TB) county.Keys {
	t.Helper()
	keys, err := county.ParseKeys(countyKey)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func openCounty(t testing.TB, s *store.Store, log *slog.Logger) *county.Desk {
	t.Helper()
	mapping, err := county.ReadMapping(demoCounty)
	if err != nil {
		t.Fatal(err)
	}
	d, err := county.New(s, "county", countyKeys(t), mapping, log)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	callbackPath = base + "/county/callbacks"
	countyNews   = `{"up_pro_process":{"row_guid":"E1","apply_guid":"BJ1","project_no":"N1","event_name":"2","event_seq":"3","event_end_time":"2026-11-23 09:00:00","handle_explain":"王桂兰的材料齐全"}}`
)

// forge puts a well-formed signature on a request that is none.
func forge(h *house, r *http.Request) {
	r.Header.Set(county.KeyHeader, "k1")
	r.Header.Set(county.TimestampHeader, strconv.FormatInt(h.clock.Now().Unix(), 10))
	r.Header.Set(county.NonceHeader, strings.Repeat("n", 20)+strconv.Itoa(len(h.log.Bytes())))
	r.Header.Set(county.SignatureHeader, strings.Repeat("0", 64))
}

// tellsTheNews: the administrator sees what the county said, and none of its words.
func tellsTheNews(t *testing.T, m *matrix, _ rule, _ cell, w *httptest.ResponseRecorder) {
	t.Helper()
	if strings.Contains(w.Body.String(), "王桂兰") || len(itemsOf(t, w)) != 1 {
		t.Errorf("%s", w.Body)
	}
}

// callback sends the county's news, signed for that target and by that clock.
func (h *house) callback(t testing.TB, target, body string, at time.Time) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", target, strings.NewReader(body))
	for name, values := range countyKeys(t).Sign(at, county.Message{Method: "POST", Target: target, Body: []byte(body)}) {
		r.Header[name] = values
	}
	r.Header.Set("Content-Type", "application/json")
	return h.do(t, r)
}

func TestCountyCallbacks(t *testing.T) {
	h := openHouse(t)
	now := h.clock.Now()
	first := h.callback(t, callbackPath, countyNews, now)
	kept := read[keptView](t, first)
	if first.Code != 200 || kept.EventID != "E1" || kept.ID == "" {
		t.Fatalf("%d %s", first.Code, first.Body)
	}
	h.clock.Advance(time.Minute)
	if again := h.callback(t, callbackPath, countyNews, now); again.Code != 200 || again.Body.String() != first.Body.String() {
		t.Errorf("the same event: %d %s, first %s", again.Code, again.Body, first.Body)
	}
	other := strings.Replace(countyNews, "齐全", "不齐", 1)
	strange := strings.NewReplacer(`"E1"`, `"E2"`, `"event_name":"2"`, `"event_name":"77"`).Replace(countyNews)
	for name, c := range map[string]struct {
		w      *httptest.ResponseRecorder
		status int
		code   string
	}{
		"another content":      {h.callback(t, callbackPath, other, now), 409, "county.event_differs"},
		"an hour ago":          {h.callback(t, callbackPath, countyNews, now.Add(-time.Hour)), 401, "county.stale"},
		"with a query":         {h.callback(t, callbackPath+"?a=1", strange, now), 200, ""}, // it is signed as well
		"nothing of an event":  {h.callback(t, callbackPath, `{"up_pro_process":{}}`, now), 422, "county.unreadable"},
		"a name twice":         {h.callback(t, callbackPath, `{"up_pro_process":{"row_guid":"E3","row_guid":"E4"}}`, now), 400, "request.malformed"},
		"unsigned":             {h.send(t, "", "POST", callbackPath, countyNews), 401, "county.signature"},
		"a person's token":     {h.send(t, "system-admin", "POST", callbackPath, countyNews), 401, "county.signature"},
		"no JSON":              {h.send(t, "", "POST", callbackPath, "x", "Content-Type", "text/plain"), 415, "request.unsupported_type"},
		"nothing":              {h.send(t, "", "POST", callbackPath, ""), 400, "request.malformed"},
		"far too much":         {h.callback(t, callbackPath, `{"a":"`+strings.Repeat("x", bodyLimit)+`"}`, now), 413, "request.too_large"},
		"another method":       {h.send(t, "", "GET", callbackPath, ""), 405, "request.method_not_allowed"},
		"somebody of the hall": {h.send(t, "decider", "GET", base+"/county/events", ""), 403, "request.forbidden"},
		"nobody":               {h.send(t, "", "GET", base+"/county/events", ""), 401, "token.missing"},
	} {
		if c.w.Code != c.status || c.code != "" && problemOf(t, c.w).Code != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, c.w.Code, c.w.Body, c.status, c.code)
		}
	}

	replayed := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", callbackPath, strings.NewReader(strange))
		r.Header.Set("Content-Type", "application/json")
		m := county.Message{Method: "POST", Target: callbackPath, Body: []byte(strange)}
		r.Header.Set(county.KeyHeader, "k1")
		r.Header.Set(county.TimestampHeader, fmt.Sprint(now.Unix()))
		r.Header.Set(county.NonceHeader, "nonce-of-a-replay")
		r.Header.Set(county.SignatureHeader, countyKeys(t)[0].Signature(fmt.Sprint(now.Unix()), "nonce-of-a-replay", m))
		return h.do(t, r)
	}
	if w := replayed(); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := replayed(); w.Code != 409 || problemOf(t, w).Code != "county.replayed" {
		t.Errorf("%d %s", w.Code, w.Body)
	}

	all := read[list[countyEventView]](t, h.send(t, "system-admin", "GET", base+"/county/events", "")).Items
	if len(all) != 2 || all[1].Status != county.Waiting || all[1].Act != county.Accept || all[1].Ref != "BJ1" || all[0].Status != county.Unknown || all[0].Raw != "77" {
		t.Errorf("%+v", all)
	}
	if some := read[list[countyEventView]](t, h.send(t, "system-admin", "GET", base+"/county/events?status=unknown&limit=1", "")).Items; len(some) != 1 || some[0].EventID != "E2" {
		t.Errorf("%+v", some)
	}
	if text := h.log.String(); strings.Contains(text, "王桂兰") || strings.Contains(text, "0123456789abcdef0") {
		t.Error("the log tells the county's words, or its key")
	}
}

// TestCountyIsOffWithoutSettings: whatever is sent there, there is nothing.
func TestCountyIsOffWithoutSettings(t *testing.T) {
	h := openHouse(t, func(d *Deps) { d.County = nil })
	now := h.clock.Now()
	for name, w := range map[string]*httptest.ResponseRecorder{
		"signed": h.callback(t, callbackPath, countyNews, now), "nothing": h.send(t, "", "POST", callbackPath, ""),
		"no JSON": h.send(t, "", "POST", callbackPath, "x", "Content-Type", "text/plain"), "the list": h.send(t, "system-admin", "GET", base+"/county/events", ""),
	} {
		if w.Code != 404 || problemOf(t, w).Code != "request.not_found" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
