package api

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/audit"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/clock"
	"tongban/internal/courier"
	"tongban/internal/deputy"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/file"
	"tongban/internal/locker"
	"tongban/internal/notice"
	"tongban/internal/offline"
	"tongban/internal/rating"
	"tongban/internal/retention"
	"tongban/internal/rights"
	"tongban/internal/sms"
	smsstandin "tongban/internal/sms/standin"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
	"tongban/internal/wechat"
	"tongban/internal/wechat/standin"
)

// house is the whole API as it runs in the demo county: all desks, its staff, its catalogue, a stand-in for WeChat, and a
// clock that stands at storetest.Monday until a test moves it. Scenarios (scenario_test.go) are played in it.
type house struct {
	*Server
	http   http.Handler
	log    *bytes.Buffer
	clock  *clock.Clock
	wechat *standin.Server
	sms    *smsstandin.Server
	logins map[string]loggedIn
	phones int // WeChat codes used so far
}

// Places of the demo county.
const (
	xinglin  = "219901101201" // 杏林村, of 柳泉镇
	hewan    = "219901101202" // 河湾村, of the same town
	songling = "219901201201" // 松岭村, of another town
)

// villagers are residents who have told their name and village. Any other name that is no username of the county's
// staff is a resident who has just logged in for the first time.
var villagers = map[string]struct{ name, village string }{
	"zhang": {"张杏花", xinglin},
	"li":    {"李𠮷", xinglin},
	"wang":  {"王河清", hewan},
	"sun":   {"孙水生", hewan},
	"zhao":  {"赵长松", songling},
	"qian":  {"钱柏林", songling},
	"wu":    {"吴远行", xinglin},
}

// consentVersion is what everybody in the tests agreed to.
const consentVersion = "2026-01"

// openHouse builds a house of the test's own. A change may replace what the server stands on.
func openHouse(t testing.TB, change ...func(*Deps)) *house {
	t.Helper()
	return openHouseOn(t, demo.Open(t), change...)
}

// openHouseOn builds it on a store of the demo county that the test opened, such as a second one of the same database.
func openHouseOn(t testing.TB, s *store.Store, change ...func(*Deps)) *house {
	t.Helper()
	told := folder(t)
	h := &house{log: &bytes.Buffer{}, clock: s.Clock(), wechat: standin.New("wx-test", "test-secret"), logins: map[string]loggedIn{}}
	log := slog.New(slog.NewJSONHandler(h.log, nil))
	d := Deps{Store: s, Log: log, BaseURL: "http://tongban.test", Inbox: courier.NewInbox(s), Letters: courier.NewLetters(s), InFlight: 1000} // on whatever machine
	d.Accounts = account.New(s, account.Options{EasyPasswords: true, WeChat: h.dialWeChat(t, log), SMS: h.dialSMS(t, log)})
	d.Identify = d.Accounts.Identify
	d.Families = family.New(s, d.Accounts)
	d.Catalog = demo.Desk(s, log)
	d.Files = file.New(s, openFolder(t, s))
	d.Notices = notice.New(s, d.Catalog, d.Accounts)
	d.CodeOf = func(ctx context.Context, code string) (catalog.Code, error) {
		n, err := d.Notices.ByCode(ctx, code)
		return catalog.Code{Code: n.Code, Kind: notice.CodeKind, ID: n.ID, Village: n.Village.Code}, err
	}
	d.Cases = casework.New(s, told.days, told.cases, d.Files, d.Accounts, d.Catalog, d.Notices)
	d.Deputies = deputy.New(s, d.Accounts)
	d.Locker = locker.New(s, d.Files, d.Accounts, d.Families)
	d.Cases.LentBy(d.Locker)
	d.Errands = errand.New(s, told.cases, d.Files, d.Accounts, d.Families, d.Cases)
	d.Offline = offline.New(s, offline.UsualRules(), d.Files, d.Accounts)
	d.Appeals = appeal.New(s, told.days, told.appeals, d.Files, d.Accounts)
	d.Ratings = rating.New(s, told.days, told.ratings, d.Accounts, d.Appeals, d.Cases)
	d.Rights = rights.New(s, rights.Parts{People: d.Accounts, Families: d.Families, Appeals: d.Appeals, Cases: d.Cases, Errands: d.Errands, Locker: d.Locker, Ratings: d.Ratings, Files: d.Files, Trail: audit.New(s)})
	d.Rights.MessagesBy(d.Inbox.Copied)
	d.Rights.ForgottenBy(d.Inbox.Forget)
	d.Audit = audit.New(s, d.Appeals.HideTrail)
	d.County = openCounty(t, s, log)
	d.Retention = retention.New(s, told.keep, appeal.Disputes(), casework.Disputes())
	if err := d.Locker.Load(t.Context(), told.kinds); err != nil {
		t.Fatal(err)
	}
	if err := d.Catalog.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(&d)
	}
	server, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	for i := range server.list { // on a busy machine two hundred who come together wait longer than one may
		server.list[i].Time *= 30
	}
	h.Server, h.http = server, judged(t, server)
	return h
}

func (h *house) dialWeChat(t testing.TB, log *slog.Logger) account.WeChat {
	t.Helper()
	server := httptest.NewServer(h.wechat)
	t.Cleanup(server.Close)
	client, err := wechat.New(server.URL, "wx-test", "test-secret", h.clock, log)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (h *house) dialSMS(t testing.TB, log *slog.Logger) account.SMS {
	t.Helper()
	key := strings.Repeat("k", sms.ShortestKey)
	h.sms = smsstandin.New(key, func(sms.Message) {})
	server := httptest.NewServer(h.sms)
	t.Cleanup(server.Close)
	client, err := sms.New(server.URL, key, h.clock, log)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func openFolder(t testing.TB, s *store.Store) *file.Folder {
	t.Helper()
	folder, err := file.OpenFolder(t.TempDir(), s.Clock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	return folder
}

// openNext is the program's next start on a database, or another replica: it reads the county's folder again, and nothing comes of it.
func openNext(t testing.TB, o store.Options, change ...func(*Deps)) *house {
	t.Helper()
	h := openHouseOn(t, storetest.Again(t, o), change...)
	if done, err := h.Accounts.Load(t.Context(), access.Round(""), account.Source{FS: demoCounty, Demo: true}); err != nil || done != (account.Loaded{}) {
		t.Fatalf("loaded again: %+v, %v", done, err) // what was changed since by a call stays as it is
	}
	if err := h.Accounts.SetDemoPasswords(t.Context()); err != nil {
		t.Fatal(err)
	}
	source, err := catalogtest.Source(t.Context(), h.Accounts, demoCounty)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := h.Catalog.Publish(t.Context(), access.Round(""), source); err != nil || len(done.Added) > 0 {
		t.Fatalf("published again: %v, %v", done.Added, err)
	}
	return h
}

// send sends a request as somebody; headers are name, value pairs.
func (h *house) send(t testing.TB, who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", bearer(h.token(t, who)))
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.do(t, r)
}

func (h *house) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.http.ServeHTTP(w, r)
	if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" || w.Header().Get(requestIDHeader) == "" {
		t.Errorf("%s %s: headers %v", r.Method, r.URL.Path, w.Header())
	}
	return w
}

// loggedIn is somebody's session.
type loggedIn struct {
	tokens tokensView
	until  time.Time
}

// token logs somebody in when he has no token that is good now. Who is a username of the county's staff, with the role
// to act in after a colon if it is not his first one (clerk-xinglin:grid_worker), or a villager.
func (h *house) token(t testing.TB, who string) string {
	t.Helper()
	now := h.clock.Now()
	if session, ok := h.logins[who]; ok && now.Before(session.until) {
		return session.tokens.AccessToken
	}
	username, role, _ := strings.Cut(who, ":")
	path, body := "/api/v1/login/wechat", map[string]string{"code": h.code(who)}
	if h.isStaff(t, username) {
		path, body = "/api/v1/login/password", map[string]string{
			"username": username, "password": account.DemoPassword(h.Store.Keys()), "device": "device of " + username,
		}
	}
	tokens := h.login(t, path, body)
	if role != "" {
		tokens = h.switchTo(t, tokens, access.Role(role))
	}
	h.logins[who] = loggedIn{tokens, now.Add(time.Duration(tokens.ExpiresIn)*time.Second - time.Minute)}
	if v, ok := villagers[who]; ok {
		h.introduce(t, who, v.name, v.village)
	}
	return tokens.AccessToken
}

// code is a fresh WeChat code of somebody's phone.
func (h *house) code(who string) string {
	h.phones++
	return who + "." + strings.Repeat("x", h.phones)
}

func (h *house) isStaff(t testing.TB, username string) bool {
	t.Helper()
	accounts, err := h.Accounts.DemoAccounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		if a.Username == username {
			return true
		}
	}
	return false
}

func (h *house) login(t testing.TB, path string, body any, headers ...string) tokensView {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	w := h.send(t, "", "POST", path, string(text), headers...)
	if w.Code != http.StatusOK {
		t.Fatalf("log-in: %d %s", w.Code, w.Body)
	}
	return read[tokensView](t, w)
}

func (h *house) switchTo(t testing.TB, from tokensView, role access.Role) tokensView {
	t.Helper()
	for _, p := range from.Posts {
		if p.Role == role {
			return h.login(t, "/api/v1/session/post", map[string]string{"post": p.ID}, "Authorization", bearer(from.AccessToken))
		}
	}
	t.Fatalf("no post as %s among %v", role, from.Posts)
	return tokensView{}
}

// introduce tells name and village; a second time it changes nothing.
func (h *house) introduce(t testing.TB, who, name, village string) {
	t.Helper()
	body := `{"name":"` + name + `","village":"` + village + `","consent":{"text_version":"` + consentVersion + `"}}`
	if w := h.send(t, who, "POST", "/api/v1/me", body, keyHeader, uuid.NewString()); w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", who, w.Code, w.Body)
	}
}

// actor is somebody as the desks know him.
func (h *house) actor(t testing.TB, who string) access.Actor {
	t.Helper()
	actor, err := h.Accounts.Identify(context.Background(), h.token(t, who))
	if err != nil {
		t.Fatal(err)
	}
	return actor
}

// read reads an answer.
func read[V any](t testing.TB, w *httptest.ResponseRecorder) V {
	t.Helper()
	var v V
	if err := decode(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return v
}

// keysOf lists an object's names in order.
func keysOf(object any) []string {
	names, _ := object.(map[string]any)
	return slices.Sorted(maps.Keys(names))
}

// standinFailure is what WeChat answers once instead of a person.
func standinFailure(code int) standin.Failure { return standin.Failure{Code: code} }
