package county_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/store/storetest"
)

// platform is a server that answers what the test wants, and keeps what it was asked.
type platform struct {
	client  *county.Client
	log     *bytes.Buffer
	request *http.Request
	body    string
	status  int
	answer  string
}

func openPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{log: &bytes.Buffer{}, status: 200}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p.request, p.body = r, string(body)
		if _, err := keysOf(t, "k1").Verify(r.Header, county.Message{Method: r.Method, Target: r.RequestURI, Body: body}); err != nil {
			t.Errorf("%s %s: %v", r.Method, r.RequestURI, err)
		}
		w.WriteHeader(p.status)
		_, _ = io.WriteString(w, p.answer)
	}))
	t.Cleanup(server.Close)
	var err error
	p.client, err = county.NewClient(county.Options{
		URL: server.URL + "/gov/v1", Keys: keysOf(t, "k1"), Mapping: mapping(t), Clock: clock.At(storetest.Monday), Log: slog.New(slog.NewJSONHandler(p.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const standing = `{"up_pro_process":{"apply_guid":"BJ1","project_no":"N1","project_status":"1","event_seq":2,"event_end_time":"2026-11-23 09:00:00"}}`

func TestRequestsAreWhatTheDocumentSays(t *testing.T) {
	p := openPlatform(t)
	p.answer = standing
	ctx := t.Context()
	for name, c := range map[string]struct {
		call   func() (county.Standing, error)
		line   string
		key    string
		within []string
	}{
		"submit": {
			func() (county.Standing, error) {
				return p.client.Submit(ctx, "letter-1", contract.Submission("BJ1", storetest.Monday))
			}, "POST /gov/v1/cases", "letter-1",
			[]string{`"row_guid":"BJ1"`, `"applyer_name":"示例人"`, `"applyer_page_code":"110101190001010015"`, `"project_type":"2"`, `"apply_date":"2026-11-23 09:00:00"`, `"file_sha256":"` + contract.Digest("p1")},
		},
		"correct": {
			func() (county.Standing, error) {
				return p.client.Correct(ctx, "letter-2", county.Correction{Ref: "BJ1", Number: "N1", At: storetest.Monday, Answers: []county.Answer{{Defect: "d1", Text: "补好了"}}})
			}, "POST /gov/v1/cases/BJ1/corrections", "letter-2", []string{`"up_pro_correction":[{"answer_text":"补好了","row_guid":"d1"}]`, `"project_no":"N1"`},
		},
		"withdraw": {
			func() (county.Standing, error) {
				return p.client.Withdraw(ctx, "letter-3", county.Withdrawal{Ref: "BJ1", At: storetest.Monday, Reason: "不办了"})
			}, "POST /gov/v1/cases/BJ1/withdrawal", "letter-3", []string{`"remark":"不办了"`},
		},
		"ask": {func() (county.Standing, error) { return p.client.Standing(ctx, "BJ1") }, "GET /gov/v1/cases/BJ1", "", nil},
	} {
		got, err := c.call()
		want := county.Standing{Ref: "BJ1", Number: "N1", State: county.Received, Raw: "1", Seq: 2, At: storetest.Monday.UTC()}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if line := p.request.Method + " " + p.request.RequestURI; line != c.line || p.request.Header.Get(county.KeyOfActHeader) != c.key {
			t.Errorf("%s: %s with the key %q", name, line, p.request.Header.Get(county.KeyOfActHeader))
		}
		for _, part := range c.within {
			if !strings.Contains(p.body, part) {
				t.Errorf("%s: %s is not in %s", name, part, p.body)
			}
		}
	}
	p.answer = `{"up_pro_process":[],"next":"7"}`
	page, err := p.client.Changed(ctx, storetest.Monday, "a b&c")
	if err != nil || page.Next != "7" || page.List != nil || p.request.RequestURI != "/gov/v1/cases?after=a+b%26c&since=2026-11-23T01%3A00%3A00Z" {
		t.Errorf("%+v, %v, %s", page, err, p.request.RequestURI)
	}
}

// TestStrangeAnswersAreForPeople: whatever cannot be understood is not guessed at, and not asked for again and again.
func TestStrangeAnswersAreForPeople(t *testing.T) {
	p := openPlatform(t)
	submit := func() (county.Standing, error) {
		return p.client.Submit(t.Context(), "letter-1", contract.Submission("BJ1", storetest.Monday))
	}
	for name, answer := range map[string]string{
		"nothing": "", "a page": "<html>110101190001010015</html>", "an empty object": "{}", "a list": "[]", "another case": strings.Replace(standing, "BJ1", "BJ2", 1),
		"no state": strings.Replace(standing, `"project_status":"1",`, "", 1), "no time": strings.Replace(standing, "2026-11-23 09:00:00", "昨天", 1),
		"a name twice": strings.Replace(standing, `"project_no"`, `"project_no":"N0","project_no"`, 1), "too long": `{"x":"` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		p.answer = answer
		if got, err := submit(); !errors.Is(err, county.ErrHuman) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	p.answer = strings.Replace(standing, `"project_status":"1"`, `"project_status":"88"`, 1)
	if got, err := submit(); err != nil || got.State != "" || got.Raw != "88" {
		t.Errorf("a state that nobody knows: %+v, %v", got, err)
	}
	p.status, p.answer = 422, `{"code":"item_closed","detail":"示例人的事项停办"}`
	if _, err := submit(); !errors.Is(err, county.ErrHuman) || !strings.Contains(err.Error(), "status 422 item_closed") || strings.Contains(err.Error(), "示例人") {
		t.Errorf("%v", err)
	}
	p.status, p.answer = 400, `{"code":"110101190001010015"}`
	if _, err := submit(); !errors.Is(err, county.ErrHuman) || strings.Contains(err.Error(), "1101") {
		t.Errorf("%v", err)
	}
	for _, private := range []string{"示例人", "110101190001010015", "13800000000", "停办", "k1k1k1"} {
		if strings.Contains(p.log.String(), private) {
			t.Errorf("the log tells %s", private)
		}
	}
	if printed := fmt.Sprintf("%+v", p.client); strings.Contains(printed, "k1k1k1") {
		t.Error("the client prints its key")
	}
}

func TestClientsAreCheckedWhenMade(t *testing.T) {
	good := county.Options{URL: "https://county.example.cn", Keys: keysOf(t, "k1"), Mapping: mapping(t), Clock: clock.At(time.Time{}), Log: quiet}
	if _, err := county.NewClient(good); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*county.Options){
		"plain http elsewhere": func(o *county.Options) { o.URL = "http://county.example.cn" },
		"with a password":      func(o *county.Options) { o.URL = "https://a:b@county.example.cn" },
		"with a query":         func(o *county.Options) { o.URL = "https://county.example.cn/?a=1" },
		"no keys":              func(o *county.Options) { o.Keys = nil },
		"no mapping":           func(o *county.Options) { o.Mapping = nil },
	} {
		o := good
		spoil(&o)
		if _, err := county.NewClient(o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestARowThatCannotBeRead is counted, and the rows beside it are read.
func TestARowThatCannotBeRead(t *testing.T) {
	p := openPlatform(t)
	row := `{"apply_guid":"BJ%d","project_no":"N1","project_status":"1","event_seq":2,"event_end_time":"2026-11-23 09:00:00"}`
	p.answer = fmt.Sprintf(`{"up_pro_process":[`+row+`,{"apply_guid":"BJ2","project_status":"1","event_end_time":"gestern"},{"apply_guid":["BJ4"]},`+row+`],"next":"7"}`, 1, 3)
	changes, err := p.client.Changed(t.Context(), storetest.Monday, "")
	if err != nil || len(changes.List) != 2 || changes.List[1].Ref != "BJ3" || changes.Unread != 2 || changes.Next != "7" {
		t.Errorf("%+v, %v", changes, err)
	}
}
