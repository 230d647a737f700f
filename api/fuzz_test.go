package api

import (
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

// FuzzJSON: what the check lets through, encoding/json and ours understand alike.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"name":"小车","parts":[{"label":"a"}]}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "{\"a\":\"\xff\"}", `{"a":"\u0000"}`, `[[[[]]]]`,
		`{} {}`, `"\ud842\udfb7"`, `"\ud842"`, `1e999`, `-0`, ` null `, ``, "\ufeff1", `{"110101199003070011":1`, `{"00000000"000000000`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := checkJSON(body); err != nil {
			for _, field := range promised(err).Fields {
				if harmless(field.Location) != field.Location || field.Location == "" {
					t.Errorf("place %q", field.Location)
				}
			}
			return
		}
		var theirs, ours any
		if err := json.Unmarshal(body, &theirs); err != nil {
			if strings.Contains(err.Error(), "cannot unmarshal number") {
				return // over every range: refused by both, but not by syntax
			}
			t.Fatalf("let through %q: %v", body, err)
		}
		if err := decode(body, &ours); err != nil || !reflect.DeepEqual(theirs, ours) {
			t.Errorf("%q: %v and %v, %v", body, theirs, ours, err)
		}
	})
}

// FuzzCursor: only our own cursors open.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "AAAA", strings.Repeat("A", 60), "中文", "=", "_-_-"} {
		f.Add(seed)
	}
	st := openStand(f)
	ctx := withRoute(f, "listToys")
	f.Fuzz(func(t *testing.T, text string) {
		if after, err := st.openCursor(ctx, text); err == nil && text != "" {
			t.Errorf("%q opened as %q", text, after)
		}
		if after, err := st.openCursor(ctx, st.cursor(ctx, text)); err != nil || after != text && text != "" {
			t.Errorf("%q came back as %q, %v", text, after, err)
		}
	})
}

// FuzzForwarded: whatever a client writes, an untrusted peer is counted by its own address.
func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{"203.0.113.5", "a, b", "::1", "%00", strings.Repeat("1.1.1.1,", 50)} {
		f.Add(seed)
	}
	st := openStand(f)
	f.Fuzz(func(t *testing.T, forwarded string) {
		r := httptest.NewRequest("GET", "/broken/address", nil)
		r.Header["X-Forwarded-For"] = []string{forwarded}
		w := httptest.NewRecorder()
		st.http.ServeHTTP(w, r)
		if w.Body.String() != "192.0.2.1" {
			t.Errorf("%q made %s", forwarded, w.Body)
		}
	})
}
