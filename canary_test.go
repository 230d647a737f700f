//go:build !race

// The race detector makes the SQLite of pure Go many times slower, and has nothing to find in what is written down.

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"tongban/internal/account"
	"tongban/internal/cache/cachetest"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// aviary is a house full of canaries: a program at debug level that serves, and all that it ever said.
type aviary struct {
	*serving
	in       installation
	search   search
	routes   []route
	good     map[string]int // answers of a route that succeeded
	staff    map[string]caller
	resident caller
	ids      map[string][]string // by the name of the parameter in a path
	visitors int
	// ofThisMonth is the query for figures, which have data then.
	ofThisMonth string
	// asked are all requests, limited those of them that came to no handler.
	asked, limited int
}

type route struct {
	Method, Path, Name string
	shape              *regexp.Regexp
}

var hole = regexp.MustCompile(`\{[a-z_]+\}`)

// canaries is how many residents are made of them.
const canaries = 200

// TestNoCanaryIsSeen has 200 residents whose every field is a canary, and looks for them wherever a program leaves something.
func TestNoCanaryIsSeen(t *testing.T) {
	t.Parallel()
	a := openAviary(t)
	a.fill(t)
	a.readEverything(t)
	a.provoke(t)
	a.dawdle(t)
	a.command(t)

	s := a.in.open(t)
	defer s.Close()
	client := a.redis(t)
	a.lookAround(t, s, client)
	for _, found := range a.search.found {
		t.Error(found)
	}
	a.lookedEverywhere(t)
	a.plant(t, s, client)
}

func openAviary(t *testing.T) *aviary {
	t.Helper()
	in, _ := rehearsal(t)
	in = in.with("TONGBAN_LOG_LEVEL", "debug", "TONGBAN_METRICS_LISTEN", "127.0.0.1:0", "TONGBAN_TRUSTED_PROXIES", "127.0.0.1", "TONGBAN_COUNTY_KEYS", canaryCountyKey, "TONGBAN_COUNTY_URL", "http://127.0.0.1:9")
	in = in.with("TONGBAN_REGISTERS_URL", canaryRegisters(t), "TONGBAN_REGISTERS_KEYS", canaryRegistersKey)
	if in["TONGBAN_REDIS"] == "" {
		in["TONGBAN_REDIS"] = cachetest.Redis(t)
	}
	a := &aviary{in: in, good: map[string]int{}, staff: map[string]caller{}, ids: map[string][]string{}}
	if err := json.Unmarshal([]byte(in.must(t, "routes", "--json")), &a.routes); err != nil {
		t.Fatal(err)
	}
	for n, r := range a.routes {
		a.routes[n].shape = regexp.MustCompile("^" + hole.ReplaceAllString(r.Path, `[^/]+`) + "$")
	}
	a.serving = in.serve(t)
	password := in.givePasswords(t)
	s := in.open(t)
	defer s.Close()
	accounts, err := account.New(s, account.Options{}).DemoAccounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range accounts {
		nobody := a.visitor()
		a.staff[who.Username] = nobody.with(t, nobody.post(t, "/login/password", 200, map[string]string{"username": who.Username, "password": password}))
	}
	return a
}

// visitor is somebody whom nobody knows, each from an address of his own: few log-ins and guesses come from one.
func (a *aviary) visitor() caller {
	a.visitors++
	c := a.stranger()
	c.from = fmt.Sprintf("10.0.%d.%d", a.visitors/250, a.visitors%250+1)
	return c
}

// routeOf is the route that an address meets.
func (a *aviary) routeOf(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	for _, r := range a.routes {
		if r.Method == method && r.shape.MatchString(path) {
			return r.Name
		}
	}
	return "nowhere"
}

// ask sends something and looks at the whole answer.
func (a *aviary) ask(t *testing.T, who caller, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, a.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	if who.token != "" {
		r.Header.Set("Authorization", "Bearer "+who.token)
	}
	if who.from != "" {
		r.Header.Set("X-Forwarded-For", who.from)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := a.web.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(got.Body); err != nil {
		t.Fatal(err)
	}
	name := a.routeOf(method, path)
	shown := unpacked(t, text.Bytes())
	if got.StatusCode < 300 {
		a.good[name]++
		if may, ok := mayShow[name]; ok && json.Valid(shown) {
			shown = without(t, shown, may.fields)
		} else if ok && slices.Contains(may.fields, searchBox) {
			shown = bytes.ReplaceAll(shown, []byte(r.URL.Query().Get("q")), nil)
		} else if ok && slices.Contains(may.fields, ownValues) {
			shown = withoutOwn(shown, name)
		}
	}
	if got.StatusCode == http.StatusTooManyRequests {
		a.limited++
	}
	a.asked++
	a.search.look(fmt.Sprintf("answer of %s, %d", name, got.StatusCode), shown)
	a.search.look("headers of answers", fmt.Append(nil, got.Header))
	return answer{got.StatusCode, got.Header, text.Bytes()}
}

// must is ask for what has to succeed.
func (a *aviary) must(t *testing.T, who caller, path string, body map[string]any) answer {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	got := a.ask(t, who, http.MethodPost, base+path, string(text))
	for got.status == http.StatusTooManyRequests {
		time.Sleep(time.Second)
		got = a.ask(t, who, http.MethodPost, base+path, string(text))
	}
	if got.status >= 300 {
		t.Fatalf("POST %s: %d %s", path, got.status, got.body)
	}
	return got
}

// fill registers the canaries and hands in an appeal for each, with everything that they have in its words; one of them has
// WeChat and rates, and strangers have notices made in canaries' names. Two texts are no resident's field and rest as they are: an
// appeal's category, and the reason that a member of the staff gives for a reveal, which the trail holds.
func (a *aviary) fill(t *testing.T) {
	t.Helper()
	clerks := map[string]caller{xinglin: a.staff["clerk-xinglin"], hewan: a.staff["clerk-hewan"], songling: a.staff["clerk-songling"]}
	villages := []string{xinglin, hewan, songling}
	for n := range canaries {
		c, village := canaryOf(n), villages[n%len(villages)]
		made := a.must(t, clerks[village], "/residents", map[string]any{
			"name": c.name, "phone": c.phone, "id_number": c.number, "village": village,
			"consent": map[string]string{"text_version": ofVillages, "how": "signed"},
		}).is(t, "name", c.name)
		id := made.text(t, "id")
		a.ids["resident"] = append(a.ids["resident"], id)
		handed := a.must(t, clerks[village], "/appeals", map[string]any{
			"class": "help", "text": c.words(), "place": c.name + "家门口，电话" + c.phone, "identity": "to_handler", "applicant": id,
		})
		a.ids["appeal"] = append(a.ids["appeal"], handed.text(t, "id"))
	}
	a.settle(t, clerks[xinglin])
	own := canaryOf(canaries)
	nobody := a.visitor()
	tokens := a.must(t, nobody, "/login/wechat", map[string]any{"code": "canary.1"})
	a.resident = nobody.with(t, tokens)
	a.must(t, a.resident, "/me", map[string]any{
		"name": own.name, "phone": own.phone, "village": xinglin, "consent": map[string]string{"text_version": ofVillages},
	})
	a.resident = nobody.with(t, a.must(t, nobody, "/token", map[string]any{"refresh_token": tokens.text(t, "refresh_token")}))
	a.must(t, a.visitor(), "/login/wechat", map[string]any{"code": "canary.2"})
	receipt := a.must(t, a.resident, "/appeals", map[string]any{"class": "consult", "text": own.words(), "identity": "to_handler"})
	mine := receipt.text(t, "id")
	a.ids["appeal"] = append(a.ids["appeal"], mine)
	a.handle(t, mine, own)
	a.hearNews(t, own)
	a.apply(t, own)
	a.lock(t)
	a.lookUp(t)
	a.entrust(t, own)
	a.bring(t, own)
	a.queue(t, own)
	item := nobody.get(t, "/codes/"+onTheWall).text(t, "id")
	slip := a.must(t, nobody, "/notices", map[string]any{"item_id": item, "village": xinglin, "name": own.name, "answers": map[string]string{"who": "self"}})
	a.ids["item"], a.ids["notice"], a.ids["code"] = []string{item}, []string{slip.text(t, "number") + "?query_code=" + slip.text(t, "query_code")}, []string{onTheWall}
	a.ids["paper"], a.ids["area"] = []string{"states.md"}, []string{xinglin}
	a.ids["office"] = []string{a.stranger().get(t, "/offices?area="+xinglin).text(t, "items.0.id")}
	a.ids["staff"] = []string{a.staff["system-admin"].get(t, "/staff").text(t, "items.0.id")}
	url := slip.text(t, "url")
	a.ids["code"] = append(a.ids["code"], url[strings.LastIndex(url, "/")+1:])
	for _, search := range []map[string]any{{"phone": canaryOf(0).phone}, {"id_number": canaryOf(0).number}} {
		a.must(t, clerks[xinglin], "/residents/find", search).is(t, "items.0.name", canaryOf(0).name)
	}
	a.must(t, clerks[xinglin], "/residents/"+a.ids["resident"][0]+"/export", map[string]any{"reason": "老人要核对登记"})
	if err := await(func() bool { return a.resident.get(t, "/me/messages").at(t, "items.#").(int) > 0 }); err != nil {
		t.Fatal("no message came")
	}
	a.ids["message"] = []string{a.resident.get(t, "/me/messages").text(t, "items.0.id")}
}

// callers are everybody whom a route may know.
func (a *aviary) callers() map[string]caller {
	all := map[string]caller{"resident": a.resident, "nobody": a.visitor()}
	for name, c := range a.staff {
		all[name] = c
	}
	return all
}

// fills are the addresses of a route: what it is about, of every kind that there is, at most two of each.
func (a *aviary) fills(r route) (paths []string) {
	if !hole.MatchString(r.Path) {
		return []string{r.Path, r.Path + "?limit=100", r.Path + "?area=" + liuquan, r.Path + a.ofThisMonth}
	}
	for _, kind := range []string{"resident", "appeal", "item", "notice", "code", "paper", "message", "area", "office", "staff", "household", "case", "document", "locker", "errand", "redress", "upload", "opinion"} {
		ids := a.ids[kind]
		for _, id := range slices.Compact([]string{ids[0], ids[len(ids)-1]}) {
			paths = append(paths, hole.ReplaceAllString(strings.ReplaceAll(r.Path, "{document}", a.ids["receipt"][0]), id))
		}
	}
	return paths
}

// readEverything asks every GET route as everybody.
func (a *aviary) readEverything(t *testing.T) {
	t.Helper()
	for _, c := range a.callers() {
		for _, r := range a.routes {
			if r.Method == http.MethodGet {
				for _, path := range a.fills(r) {
					c.from = a.visitor().from // few guesses come from one address
					a.ask(t, c, http.MethodGet, path, "")
				}
			}
		}
	}
	for _, r := range a.routes {
		// There is no photo, since photos are no text, and the other answers WeChat alone.
		if r.Method == http.MethodGet && a.good[r.Name] == 0 && r.Name != "readPhoto" && r.Name != "greetPush" {
			t.Errorf("nobody got an answer from %s", r.Name)
		}
	}
}

// command looks at what the sub-commands print.
func (a *aviary) command(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{{"fsck"}, {"audit", "verify"}, {"audit", "export"}, {"keys", "list"}, {"reseal"}, {"retention"}, {"routes"}} {
		a.search.look("sub-commands", []byte(a.in.must(t, args...)))
	}
}

func (a *aviary) redis(t *testing.T) *redis.Client {
	t.Helper()
	at, err := url.Parse(a.in["TONGBAN_REDIS"])
	if err != nil {
		t.Fatal(err)
	}
	at.RawQuery = ""
	options, err := redis.ParseURL(at.String())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// lookAround looks at all that rests: logs, files, tables, a dump, Redis.
func (a *aviary) lookAround(t *testing.T, s *store.Store, client *redis.Client) {
	t.Helper()
	a.search.look("log", []byte(a.log.String()))
	a.search.look("output", []byte(a.out.String()))
	a.search.look("metrics", []byte(a.metrics(t)))
	a.search.folder(t, a.in["TONGBAN_DATA"])
	a.search.tables(t, s)
	if !storetest.OnMySQL() {
		a.search.dump(t, filepath.Join(a.in["TONGBAN_DATA"], "tongban.db"))
	}
	a.search.redis(t, client)
}

// lookedEverywhere shows that the places were not empty.
func (a *aviary) lookedEverywhere(t *testing.T) {
	t.Helper()
	least := map[string]int{
		"log": 100_000, "output": 10, "sub-commands": 100_000, "metrics": 10_000, "redis keys": 10, "redis values": 10, "file keys.json": 100, "headers of answers": 10_000,
		"table persons": 50_000, "table appeals": 50_000, "table case_events": 1000, "table errand_papers": 500, "table idempotency": 50_000, "table trail": 50_000, "table outbox": 1000,
	}
	if !storetest.OnMySQL() {
		least["file tongban.db"], least["file tongban.db-wal"], least["dump"] = 4096, 4096, 500_000
	}
	for place, n := range least {
		if a.search.looked[place] < n {
			t.Errorf("%s: only %d bytes were looked at", place, a.search.looked[place])
		}
	}
	if a.asked < 3000 || a.limited > a.asked/40 {
		t.Errorf("of %d requests %d came too often to be looked at", a.asked, a.limited)
	}
	for name := range mayShow {
		if a.good[name] == 0 {
			t.Errorf("%s may show something, and was not asked", name)
		}
	}
}

// plant leaves a canary in each place in turn: the search must find every one.
func (a *aviary) plant(t *testing.T, s *store.Store, client *redis.Client) {
	t.Helper()
	c := canaryOf(2)
	for _, p := range []struct {
		place string
		leave func()
	}{
		{"log", func() { fmt.Fprintf(a.log, `{"msg":"registered","name":"%s"}`, c.name) }},
		{"output", func() { fmt.Fprintln(a.out, url.QueryEscape(c.name)) }},
		{"file note.txt", func() {
			if err := os.WriteFile(filepath.Join(a.in["TONGBAN_DATA"], "note.txt"), []byte(c.number), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"redis keys", func() { noFault(t, client.Set(t.Context(), "rate:"+c.phone, 1, time.Minute).Err()) }},
		{"redis values", func() { noFault(t, client.HSet(t.Context(), "canary:test", "who", c.number).Err()) }},
		{"table appeals", func() { a.sql(t, s, "UPDATE appeals SET category = '"+c.name+"' WHERE id = '"+a.ids["appeal"][1]+"'") }},
		{"table persons", func() { a.sql(t, s, "UPDATE persons SET phone = '"+c.phone+"' WHERE id = '"+a.ids["resident"][0]+"'") }},
	} {
		a.search = search{}
		p.leave()
		a.lookAround(t, s, client)
		if !slices.ContainsFunc(a.search.found, func(f string) bool { return strings.HasPrefix(f, p.place+": ") }) {
			t.Errorf("a canary planted in %s is not found: %q", p.place, a.search.found)
		}
	}
	if !storetest.OnMySQL() { // by now the tables' canaries are in the write-ahead log and in a dump, too
		for _, place := range []string{"file tongban.db-wal", "dump"} {
			if !slices.ContainsFunc(a.search.found, func(f string) bool { return strings.HasPrefix(f, place+": ") }) {
				t.Errorf("%s holds a canary, and it is not found", place)
			}
		}
	}
	noFault(t, client.Del(t.Context(), "rate:"+c.phone, "canary:test").Err())
	a.search = search{}
	// Its category is a name now.
	if got := a.ask(t, a.staff["dispatcher"], http.MethodGet, base+"/appeals/"+a.ids["appeal"][1], ""); len(a.search.found) == 0 {
		t.Errorf("an answer holds a canary, and it is not found: %d %s", got.status, got.body)
	}
}
