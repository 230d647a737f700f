package page

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/notice"
	"tongban/internal/store"
	"tongban/internal/workday"
)

const (
	xinglin access.Area = "219901101201"
	pension string      = "01932f00-4c00-7000-8000-000000000001" // asks five questions
	base    string      = "https://example.test"
)

// house is the demo county with all its pages, on a mux instead of the api.
type house struct {
	*Pages
	t        testing.TB
	store    *store.Store
	source   catalog.Source
	mux      *http.ServeMux
	location string // of the last answer
}

var demo = catalogtest.Of(os.DirFS(filepath.Join("..", "..", "config", "county")))

func open(t testing.TB) *house {
	t.Helper()
	s, folder := demo.Open(t), demo.FS
	accounts := account.New(s, account.Options{EasyPasswords: true})
	source, err := catalogtest.Source(t.Context(), accounts, folder)
	must(t, err)
	items := demo.Items(t, s)

	limits, err := appeal.ReadLimits(folder)
	must(t, err)
	holidays, err := folder.Open("holidays.csv")
	must(t, err)
	defer holidays.Close()
	calendar, err := workday.ReadCalendar(holidays)
	must(t, err)
	photos, err := file.OpenFolder(t.TempDir(), s.Clock())
	must(t, err)
	t.Cleanup(func() { must(t, photos.Close()) })

	rules, err := casework.ReadRules(folder)
	must(t, err)

	notices, files := notice.New(s, items, accounts), file.New(s, photos)
	h := &house{t: t, store: s, source: source, mux: http.NewServeMux(), Pages: New(Deps{
		Catalog: items, Accounts: accounts, Notices: notices, Cases: casework.New(s, calendar, rules, files, accounts, items, notices),
		Appeals: appeal.New(s, calendar, limits, files, accounts), BaseURL: base, Status: statusOf,
	})}
	for _, r := range h.Routes() {
		path := r.Path
		if path == "/" {
			path = "/{$}"
		}
		h.mux.HandleFunc(r.Method+" "+path, r.Handler)
	}
	return h
}

// statusOf stands for the api's map, which stands after this package.
func statusOf(f *fault.Fault) int {
	return map[fault.Kind]int{
		fault.Malformed: 400, fault.Missing: 404, fault.Conflict: 409, fault.TooLarge: 413, fault.Invalid: 422, fault.TooMany: 429,
		fault.Broken: 500, fault.Unavailable: 503,
	}[f.Kind]
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// publish publishes the county again with the text of its first item changed.
func (h *house) publish(change func(string) string) error {
	folder := fstest.MapFS{}
	err := fs.WalkDir(h.source.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(h.source.FS, name)
		if strings.Contains(string(text), "id: "+pension) {
			text = []byte(change(string(text)))
		}
		folder[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		return err
	}
	_, err = h.Catalog.Publish(h.t.Context(), access.Round(""), catalog.Source{FS: folder, Places: h.source.Places, Demo: true})
	return err
}

// ask sends a request, and demands what holds for every page.
func (h *house) ask(r *http.Request, status int) string {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	if w.Code != status {
		h.t.Fatalf("%s %s: status %d, want %d\n%s", r.Method, r.URL, w.Code, status, w.Body)
	}
	h.location = w.Header().Get("Location")
	body := io.Reader(w.Body)
	if w.Header().Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(w.Body)
		must(h.t, err)
		body = unpacked
	}
	text, err := io.ReadAll(body)
	must(h.t, err)
	if status != http.StatusNotModified {
		checkPage(h.t, w.Header(), string(text))
	}
	return string(text)
}

func (h *house) get(path string) string {
	h.t.Helper()
	return h.ask(httptest.NewRequest("GET", path, nil), 200)
}

func (h *house) post(path string, form url.Values, status int) string {
	h.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.ask(r, status)
}

// list sends the form of an item's guide, filled in like this.
func (h *house) list(item, filled string) string {
	h.t.Helper()
	form, err := url.ParseQuery(filled)
	must(h.t, err)
	return h.post("/items/"+item, form, 200)
}

// field is the value of a form field in a page.
func field(t testing.TB, page, name string) string {
	t.Helper()
	_, after, found := strings.Cut(page, `name="`+name+`" value="`)
	value, _, closed := strings.Cut(after, `"`)
	if !found || !closed {
		t.Fatalf("the page has no field %s", name)
	}
	return value
}

func wantText(t testing.TB, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
}
