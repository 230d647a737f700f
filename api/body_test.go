package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// withRoute is the context of a request to a route of that name.
func withRoute(t testing.TB, name string) context.Context {
	return context.WithValue(t.Context(), callKey{}, &call{route: &Route{Name: name}})
}

// idNumber must never come back in any form.
const idNumber = "110101199003070011"

func TestStrictJSON(t *testing.T) {
	st := openStand(t)
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, c := range []struct {
		name, body string
		status     int
		code       string
		place      string
	}{
		{"broken", `{"name":`, 400, "request.malformed", "body.name"},
		{"no JSON", `name=x`, 400, "request.malformed", "body"},
		{"empty", ``, 400, "request.malformed", "body"},
		{"trailing data", `{"name":"小车"}{}`, 400, "request.malformed", "body"},
		{"trailing garbage", `{"name":"小车"} x`, 400, "request.malformed", "body"},
		{"duplicate", `{"name":"小车","name":"大车"}`, 400, "request.malformed", "body.name"},
		{"duplicate by escape", `{"name":"小车","n\u0061me":"大车"}`, 400, "request.malformed", "body.name"},
		{"duplicate within", `{"name":"小车","parts":[{"label":"a","label":"b"}]}`, 400, "request.malformed", "body.parts[0].label"},
		{"NUL", `{"name":"小\u0000车"}`, 400, "request.malformed", "body.name"},
		{"control character", `{"name":"小\u001b车"}`, 400, "request.malformed", "body.name"},
		{"control character in a name", `{"na\u0007me":"小车"}`, 400, "request.malformed", "body"},
		{"bad UTF-8", "{\"name\":\"\xff\xfe车\"}", 400, "request.malformed", "body"},
		{"lone surrogate", `{"name":"\ud842"}`, 400, "request.malformed", "body.name"},
		{"byte order mark", "\ufeff{\"name\":\"小车\"}", 400, "request.malformed", "body"},
		{"too deep", `{"name":"小车","notes":` + deep(20) + `}`, 400, "request.malformed", "body"},
		{"far too deep", deep(30000), 400, "request.malformed", "body"},
		{"as deep as allowed", `{"name":"小车","notes":` + deep(19) + `}`, 422, "request.invalid", "body.notes"},
		{"other case", `{"NAME":"小车"}`, 422, "request.invalid", ""},
		{"undeclared", `{"name":"小车","role":"system_admin"}`, 422, "request.invalid", "body.role"},
		{"undeclared within", `{"name":"小车","parts":[{"label":"a","x":1}]}`, 422, "request.invalid", "body.parts[0].x"},
		{"missing", `{}`, 422, "request.invalid", "body.name"},
		{"missing within", `{"name":"小车","parts":[{}]}`, 422, "request.invalid", "body.parts[0].label"},
		{"a list instead", `[]`, 422, "request.invalid", "body"},
		{"null", `null`, 422, "request.invalid", "body"},
		{"null for a name", `{"name":null}`, 422, "request.invalid", "body.name"},
		{"number for text", `{"name":7}`, 422, "request.invalid", "body.name"},
		{"text for number", `{"name":"小车","count":"7"}`, 422, "request.invalid", "body.count"},
		{"half for a whole", `{"name":"小车","count":1.5}`, 422, "request.invalid", "body.count"},
		{"negative", `{"name":"小车","count":-1}`, 422, "request.invalid", "body.count"},
		{"over 32 bits", `{"name":"小车","count":4294967296}`, 422, "request.invalid", "body.count"},
		{"over everything", `{"name":"小车","price":1e999}`, 400, "request.malformed", "body.price"},
		{"text for yes or no", `{"name":"小车","new":"true"}`, 422, "request.invalid", "body.new"},
		{"too short", `{"name":"车"}`, 422, "request.invalid", "body.name"},
		{"too long, in runes", `{"name":"𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷"}`, 422, "request.invalid", "body.name"},
		{"unknown word", `{"name":"小车","kind":"ship"}`, 422, "request.invalid", "body.kind"},
		{"pattern", `{"name":"小车","code":"abc"}`, 422, "request.invalid", "body.code"},
		{"no such day", `{"name":"小车","born":"2026-02-30"}`, 422, "request.invalid", "body.born"},
		{"empty day", `{"name":"小车","born":""}`, 422, "request.invalid", "body.born"},
		{"no such time", `{"name":"小车","at":"2026-11-23 08:30"}`, 422, "request.invalid", "body.at"},
		{"too many", `{"name":"小车","parts":[{"label":"a"},{"label":"a"},{"label":"a"},{"label":"a"}]}`, 422, "request.invalid", "body.parts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st.t = t
			w := st.send("POST", "/api/v1/toys/check", c.body, "Content-Type", "application/json")
			place := st.refused(w, c.status, c.code)
			if c.place != "" && place != c.place {
				t.Errorf("at %q, want %q: %s", place, c.place, w.Body)
			}
			for _, e := range problemOf(t, w).Errors {
				if r := []rune(e.Message); len(r) == 0 || r[0] < 0x2e80 {
					t.Errorf("message %q is not Chinese", e.Message)
				}
			}
		})
	}
}

func TestGoodJSON(t *testing.T) {
	st := openStand(t)
	for body, want := range map[string]string{
		`{"name":"𠮷家","born":"1940-06-01"}`:                                `"name":"𠮷家","made":"2026-11-23T09:00:00+08:00","note":"1940-06-01","offers":[]`,
		` {"name":"<a>&\n","count":0,"new":false,"kind":"car"} `:           `"name":"<a>&\n"`,
		`{"name":"小车","notes":{"a":"b"},"at":"2026-11-23T08:30:00+08:00"}`: `"name":"小车"`,
	} {
		if w := st.send("POST", "/api/v1/toys/check", body); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

func TestValuesAreNeverEchoed(t *testing.T) {
	st := openStand(t)
	for _, body := range []string{
		`{"name":"` + idNumber + `"}`,
		`{"name":` + idNumber + `}`,
		`{"name":{"id_number":"` + idNumber + `"}}`,
		`{"name":"小车","kind":"` + idNumber + `"}`,
		`{"name":"小车","code":"` + idNumber + `"}`,
		`{"name":"小车","count":` + idNumber + `}`,
		`{"name":"小车","born":"` + idNumber + `"}`,
		`{"name":"小车","at":"` + idNumber + `"}`,
		`{"name":"小车","new":"` + idNumber + `"}`,
		`{"name":"小车","` + idNumber + `":1}`,
		`{"name":"小车","id` + idNumber + `":1}`,
		`{"name":"小车","notes":{"` + idNumber + `":7}}`,
		`{"name":"小车","notes":{"张三":7}}`,
		`{"` + idNumber + `":1,"` + idNumber + `":2}`,
		`{"name":"` + idNumber + `"`,
		`["` + idNumber + `"]`,
		`"` + idNumber + `"`,
		idNumber,
	} {
		w := st.send("POST", "/api/v1/toys/check", body)
		if w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s: %d", body, w.Code)
		}
		if text := w.Body.String(); strings.Contains(text, idNumber[:8]) || strings.Contains(text, "张三") {
			t.Errorf("%s came back: %s", body, text)
		}
	}
	st.send("GET", "/api/v1/toys?limit="+idNumber, "")
	st.send("GET", "/api/v1/toys/"+idNumber, "", "Authorization", bearer(idNumber), "Referer", "https://x/"+idNumber, requestIDHeader, idNumber+"?")
	if strings.Contains(st.log.String(), idNumber) {
		t.Errorf("the log holds it: %s", st.log)
	}
}

func TestFieldsAreBounded(t *testing.T) {
	st := openStand(t)
	var body strings.Builder
	body.WriteString(`{"name":"小车"`)
	for i := range 5000 {
		fmt.Fprintf(&body, `,"x%d":1`, i)
	}
	w := st.send("POST", "/api/v1/toys/check", body.String()+"}")
	st.refused(w, 422, "request.invalid")
	if n := len(problemOf(t, w).Errors); n != maxFields {
		t.Errorf("%d fields told", n)
	}
}

func TestBodyLimits(t *testing.T) {
	st := openStand(t)
	st.refused(st.send("POST", "/api/v1/toys/check", `{"name":"`+strings.Repeat("车", bodyLimit/3)+`"}`), 413, "request.too_large")
	r := newUnsized("POST", "/api/v1/toys/check", `{"name":"`+strings.Repeat("车", bodyLimit)+`"}`)
	st.refused(st.do(r), 413, "request.too_large")
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "application/problem+json", "multipart/form-data; boundary=x", "", "nonsense;;"} {
		st.refused(st.send("POST", "/api/v1/toys/check", `{"name":"小车"}`, "Content-Type", kind), 415, "request.unsupported_type")
	}
	st.refused(st.send("POST", "/api/v1/toys/check", `{"name":"小车"}`, "Content-Encoding", "gzip"), 415, "request.unsupported_type")
	for _, kind := range []string{"application/json; charset=UTF-8", "Application/JSON", "APPLICATION/json ; Charset=utf-8"} {
		if w := st.send("POST", "/api/v1/toys/check", `{"name":"小车"}`, "Content-Type", kind, "Accept", "text/xml;q"); w.Code != 200 {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
}

// A phone that writes everything before it reads hears why it was refused, whatever the reason.
func TestARefusedClientIsReadToItsEnd(t *testing.T) {
	st := openStand(t)
	for name, headers := range map[string][]string{
		"a bad token": {"Authorization", bearer("guess"), keyHeader, someKey},
		"no key":      {"Authorization", bearer("zhang")},
	} {
		r := newUnsized("POST", "/api/v1/toys/"+someID+"/play", strings.Repeat("x", 9<<20))
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		body := r.Body
		if w := st.do(r); w.Code < 400 {
			t.Fatalf("%s: %d", name, w.Code)
		}
		if n, err := body.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%s: the client is still sending: %d %v", name, n, err)
		}
	}
}

func TestActWithoutContent(t *testing.T) {
	st := openStand(t)
	touch := func(body string) *stand {
		w := st.send("POST", "/api/v1/toys/"+someID+"/touch", body, "Authorization", bearer("zhang"), keyHeader, someKey)
		st.refused(w, 422, "request.invalid")
		return st
	}
	touch(`{"status":"granted"}`)
	touch(`[]`)
	// the toy's verb forgets to write: that is our mistake, not a success that is never stored
	for _, body := range []string{"", "{}", " { } "} {
		w := st.send("POST", "/api/v1/toys/"+someID+"/touch", body, "Authorization", bearer("zhang"), keyHeader, someKey)
		st.refused(w, 500, "request.internal")
	}
}

func TestProblemShape(t *testing.T) {
	st := openStand(t)
	w := st.send("POST", "/api/v1/toys/"+someID+"/play", `{"how":"late"}`, "Authorization", bearer("wang"), keyHeader, someKey)
	st.refused(w, 409, "toy.taken")
	var p struct {
		Type, Title, Code string
		Current           struct {
			Status  string
			Version int
			Offers  []struct{ Do, Label string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Type != "/docs#toy.taken" || p.Title != "玩具被拿走了" || p.Current.Status != "taken" || p.Current.Version != 3 || p.Current.Offers[0].Label != "等" {
		t.Errorf("%+v", p)
	}
}
