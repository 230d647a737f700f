package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// browser is a client that gives up.
func browser() *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
}

// caller is somebody who asks the program: nobody in particular, until he logs in.
type caller struct {
	*serving
	token string
	from  string // address as a trusted proxy tells it; empty for our own
}

func (s *serving) stranger() caller { return caller{serving: s} }

// answer is what a caller got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request, with the key as its Idempotency-Key unless that is empty.
func (c caller) send(method, path, kind string, body []byte, key string) (answer, error) {
	r, err := http.NewRequest(method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, value := range map[string]string{"Content-Type": kind, "Idempotency-Key": key, "X-Forwarded-For": c.from} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	got, err := c.web.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, got.Header, text}, err
}

const base = "/api/v1"

// get reads a path of the API, or a page when the path begins with a dot: "./q/…".
func (c caller) get(t *testing.T, path string) answer {
	t.Helper()
	return c.settled(t, http.MethodGet, path, "", nil, "", http.StatusOK)
}

// post does something that must succeed with this status.
func (c caller) post(t *testing.T, path string, status int, body any) answer {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return c.settled(t, http.MethodPost, path, "application/json", text, uuid.NewString(), status)
}

func (c caller) settled(t *testing.T, method, path, kind string, body []byte, key string, status int) answer {
	t.Helper()
	whole, ok := strings.CutPrefix(path, ".")
	if !ok {
		whole = base + path
	}
	got, err := c.send(method, whole, kind, body, key)
	if err != nil {
		t.Fatal(err)
	}
	if got.status != status {
		t.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
	}
	return got
}

// with is the same caller with the token of an answer to a log-in.
func (c caller) with(t *testing.T, tokens answer) caller {
	t.Helper()
	c.token = tokens.text(t, "access_token")
	return c
}

// at finds a value by names and indexes with dots between them; # is how many there are.
func (a answer) at(t *testing.T, path string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			if step == "#" {
				return len(in)
			}
			if n, err := strconv.Atoi(step); err == nil && n < len(in) {
				v = in[n]
				continue
			}
			v = nil
		default:
			t.Fatalf("nothing at %s of %s", path, a.body)
		}
	}
	return v
}

// text is a value that must be there.
func (a answer) text(t *testing.T, path string) string {
	t.Helper()
	v := a.at(t, path)
	if v == nil || v == "" {
		t.Fatalf("nothing at %s of %s", path, a.body)
	}
	return fmt.Sprint(v)
}

// is demands values: path, wanted value pairs.
func (a answer) is(t *testing.T, pairs ...any) answer {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := a.at(t, pairs[i].(string)); fmt.Sprint(got) != fmt.Sprint(pairs[i+1]) {
			t.Errorf("%s is %v, want %v: %s", pairs[i], got, pairs[i+1], a.body)
		}
	}
	return a
}
