//go:build !race

// The race detector makes the SQLite of pure Go many times slower, and has nothing to find in how a statement is planned.

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
	"tongban/internal/wechat/standin"
)

var growth = flag.Int("growth", baseGrowth, "how many appeals TestPlans fills in; above the base it also measures how times grow")
var onlyCases = flag.Bool("growth.cases", false, "beyond the first rows grow cases and what hangs on them, and nothing else")

const (
	baseGrowth = 20_000
	growBudget = 3.0 // performance: what takes so many times longer on many rows than on few is told at the head of the list
)

// tolerated are plans that look bad and are not: what is read or sorted is bounded by something else than the tables' size.
var tolerated = []struct{ call, statement, fault, why string }{
	{"start", "demo = ?", "sort", "the demo's staff, once"},
	{"who does what", "FROM `posts`", "sort", "the few people of one village"},
	{"", "FROM `consents`", "sort", "what one person agreed to"},
	{"", "FROM `actings`", "sort", "the relations of one person"},
	{"", "FROM `files`", "sort", "an object has at most six photos"},
	{"", "GROUP BY `object`", "sort", "at most fifty objects in one pass"},
	{"", "late_at <= ? ORDER BY late_at", "sort", "two lights, and only what became late since the last round"},
	{"", "warn_at <= ? AND late_at > ?", "sort", "only what turned amber since the last round"},
	{"looks at what is stuck", "status = ?", "sort", "few letters are stuck"},
	{"lists hers or his", "appeals.owner = ?", "sort", "one officer's own"},
	{"finds residents", "_index = ?", "sort", "one number belongs to few people"},
	{"resident counts", "GROUP BY", "sort", "one resident's own appeals"},
	{"resident", "r.helper = ?", "sort", "one resident's own appeals, and those of the few whom he helps"},
	{"follow-up", "appeals.status IN", "walk appeals", "MariaDB walks from the newest on: a page's rows of a whole county or town are found soon"},
	{"lists hers or his", "appeals.owner = ?", "walk appeals", "the same, for an officer whose appeals are among the newest"},
	{"audit-admin reads the trail", "ORDER BY id DESC LIMIT", "scan trail", "from the newest on, until a page of the county's rows is found: nearly all are"},
	{"audit-admin reads the trail", "ORDER BY id DESC LIMIT", "walk trail", "the same, from where the last page ended"},
	{"", "FROM `sessions` WHERE id < ?", "walk sessions", onceADay},
	{"", "FROM `actings` WHERE id < ?", "walk actings", onceADay},
	{"", "FROM `notices` WHERE id < ?", "walk notices", onceADay},
	{"", "FROM `appeals` WHERE (id < ?", "walk appeals", onceADay},
	{"", "FROM `files` WHERE id < ?", "walk files", onceADay},
	{"", "FROM `files` WHERE (id < ? AND kind = ?)", "walk files", onceADay},
	{"", "FROM `cases` WHERE (id < ? AND status IN", "walk cases", onceADay},
	{"", "FROM `cases` WHERE id < ? AND applied_at IS NULL", "walk cases", onceADay},
	{"", "FROM `case_deliveries` WHERE (id < ?", "walk case_deliveries", onceADay},
	{"", "FROM `case_deliveries` WHERE (id < ?", "scan case_deliveries", onceADay},
	{"", "FROM `case_documents` WHERE (id < ?", "walk case_documents", onceADay},
	{"", "FROM `case_documents` WHERE (id < ?", "scan case_documents", onceADay},
	{"", "FROM `ratings` WHERE (id < ?", "walk ratings", onceADay},
	{"", "FROM `outbox` WHERE (id < ?", "walk outbox", onceADay},
	{"", "FROM `inbox` WHERE (id < ?", "walk inbox", onceADay},
	{"", "FROM `devices` WHERE last_at < ?", "scan devices", onceADay},
	{"", "FROM `devices` WHERE last_at < ?", "walk devices", onceADay},
	{"", "FROM `bind_codes` WHERE (expires_at < ?", "walk bind_codes", onceADay},
	{"", "FROM `actings` WHERE id < ? AND status = ?", "scan actings", onceADay},
	{"", "FROM `persons` WHERE (county = '' AND kind = ?", "scan h", onceADay},
	{"", "FROM `households` WHERE (id < ? AND ended_at < ?)", "walk households", onceADay},
	{"", "FROM `corrections` WHERE id < ? AND status <> ?", "walk corrections", onceADay},
	{"", "FROM `county_events` WHERE id < ? AND settled_at", "walk county_events", onceADay},
	{"an account is closed", "DELETE FROM `wechat_pushes`", "scan wechat_pushes", "MariaDB reads the whole of a table that has one row"},
	{"", "FROM `wechat_pushes` WHERE id < ?", "walk wechat_pushes", onceADay},
	{"", "FROM `locker_papers` WHERE id < ?", "walk locker_papers", onceADay},
	{"", "FROM `locker_papers` WHERE id < ?", "scan locker_papers", onceADay},
	{"", "FROM `errands` WHERE (id < ?", "walk errands", onceADay},
	{"", "FROM `errands` WHERE (id < ?", "scan errands", onceADay},
	{"", "FROM `errand_papers` WHERE (id < ?", "walk errand_papers", onceADay},
	{"", "FROM `errand_papers` WHERE (id < ?", "scan errand_papers", onceADay},
	{"", "FROM `errand_papers` WHERE (id < ?", "scan e", onceADay},
	{"", "FROM `offline_acts` WHERE id < ?", "walk offline_acts", onceADay},
	{"", "FROM `offline_acts` WHERE id < ?", "scan offline_acts", onceADay},
	{"", "FROM `offline_acts` WHERE (id < ?", "walk offline_acts", onceADay},
	{"takes a ledger", "FROM `errands`", "walk errands", "ids grow with time: it walks the month that is asked for, and nearly all of it are the area's"},
	{"counts errands", "FROM `errands`", "walk errands", "the same"},
	{"clerk sends what was queued", "GROUP BY", "sort", "at most fifty lines of one clerk"},
	{"", "FROM `paper_kinds`", "scan paper_kinds", "the county's list of kinds, a dozen rows"},
	{"", "FROM `paper_kinds`", "walk paper_kinds", "the county's list of kinds, a dozen rows"},
	{"", "FROM `locker_pages`", "sort", "a paper has at most six pages"},
	{"", "FROM `household_members` WHERE id < ? AND open_person IS NULL", "sort", "only what is due"},
	{"", "DELETE FROM troubles WHERE letter IN", "scan troubles", "letters in trouble are few"},
	{"round of retention", "_at` LIMIT", "sort", "only what is due, for the command"},
	{"round of retention", "_at LIMIT", "sort", "only what is due, for the command"},
	{"", "FROM `bind_codes` WHERE (expires_at < ?", "scan bind_codes", onceADay},
	// The next two grow with what they count or sort; they are small while an area's open appeals are hundreds.
	{"counts", "GROUP BY", "sort", "counted per state, not shown in order"},
	{"", "FROM `case_defects`", "sort", "a case has few defects"},
	{"counts returns", "GROUP BY", "scan k", "a supervisor's figure of all corrections, asked for seldom"},
	{"queue by_hand", "case_handovers", "sort", "the few letters that wait for a person"},
	{"lists cases", "cases.status IN", "sort", "several states of one area or office at once: sorted among the rows of these states"},
	{"serves a client", "principal = ? AND agent = ?", "sort", "what one person entrusted to one clerk, and is not filed"},
	{"lists errands", "errands.status IN", "sort", "several states of one area at once: sorted among the rows of these states"},
	{"lists redresses", "redresses.status IN", "sort", "several states of one area or office at once: few are open"},
	{"lists", "appeals.status IN", "sort", "several states of one area at once: sorted among the rows of these states"},
}

// onceADay: what is older than its term is given up, or was cleared before; it is read from the oldest on, and nobody waits for it.
const onceADay = "retention, once a day"

// TestPlans fills a database and asks it how it would find what each call of the product asks for: by an index, in the
// index's own order. A plan that reads a whole table, or sorts before it shows a page, is slow on the day when the table is large.
func TestPlans(t *testing.T) {
	t.Parallel()
	s, options := storetest.Fresh(t)
	heard := record(t, s)
	var h *house
	if err := heard.during("start", func() (err error) { h, err = openPlans(t, s); return err }); err != nil {
		t.Fatal(err)
	}
	actors := h.staff(t)
	options.Patient = true
	patient := storetest.Again(t, options)
	c := &crowd{store: patient}
	var leads []lead
	for _, who := range []string{"officer-civil", "officer-housing", "officer-water", "officer-liuquan", "officer-shiqiao"} {
		leads = append(leads, lead{actors[who].Office, actors[who].Person})
	}
	c.begin(leads, actors["clerk-xinglin"].Person)
	calendar, err := readCalendar(os.DirFS("config/county"))
	if err != nil {
		t.Fatal(err)
	}
	c.hall = lead{actors["window-hall"].Office, actors["window-hall"].Person}
	c.reviewerPost = actors["reviewer"].Post
	c.reviewer, c.decider, c.mark = actors["reviewer"].Person, actors["decider"].Person, casework.MarkOf(calendar)
	actors["resident"] = access.Actor{Person: c.resident, Role: access.Resident, Area: xinglin}
	began := time.Now()
	c.grow(t, 0, min(*growth, baseGrowth))
	t.Logf("filled in %v", time.Since(began))

	// The test's clock stands: what is far down is half a year old.
	deep := c.key('a', 0, 0, c.month)
	often := slices.Concat(h.sweeps(), h.lookUps(c, actors, deep), h.lists(actors, deep), h.caseCalls(actors, deep), h.offlineCalls(c, actors), h.hallCalls(actors), h.ledgerCalls(actors), h.redressCalls(actors, deep), h.opinionCalls(actors, deep), h.errandCalls(actors, deep))
	for _, call := range slices.Concat(h.acts(t, c, actors), []call{h.caseLife(t, actors), h.errandLife(actors), h.lookUpLife(actors), {"delivery", h.delivery}}, often) {
		if err := heard.during(call.name, func() error { return call.do(t.Context()) }); err != nil {
			t.Errorf("%s: %v", call.name, err)
		}
	}
	if s.Engine() == "sqlite" { // which has no statistics in the field; the others keep them by themselves
		judge(t, s, heard.list, "as it grew")
	}
	analyze(t, patient)
	judge(t, storetest.Again(t, options), heard.list, "with statistics")
	if *growth > baseGrowth {
		before := timed(t, often)
		c.grow(t, baseGrowth, *growth)
		if s.Engine() != "sqlite" { // there the shares are those of the first rows
			analyze(t, patient)
		}
		judge(t, storetest.Again(t, options), heard.list, "grown")
		compare(t, before, timed(t, often))
	}
}

// openPlans builds the program's house on the store.
func openPlans(t *testing.T, s *store.Store) (*house, error) {
	weChat := httptest.NewServer(standin.New("wx-test", "test-secret"))
	t.Cleanup(weChat.Close)
	settings, err := config.Load(installation{
		"TONGBAN_DATA": t.TempDir(), "TONGBAN_WECHAT_URL": weChat.URL, "TONGBAN_WECHAT_APPID": "wx-test", "TONGBAN_WECHAT_SECRET": "test-secret",
	}.getenv)
	if err != nil {
		return nil, err
	}
	p := program{settings, slog.New(slog.DiscardHandler), io.Discard}
	h, err := p.build(t.Context(), s)
	t.Cleanup(func() {
		_ = h.folder.Close()
		_ = h.cache.Close()
	})
	return h, err
}

// judge asks for the plan of each statement and reports those that grow.
func judge(t *testing.T, s *store.Store, list []statement, when string) {
	t.Helper()
	pool, err := s.Read(t.Context()).DB()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string][]string{}
	var order []string
	for _, st := range list {
		plan, err := explain(pool, s.Engine(), st)
		if err != nil {
			t.Errorf("%s: %s: %v", st.call, st.sql, err)
			continue
		}
		for _, fault := range append(faultsOf(s.Engine(), plan), pastHistory(st, plan)...) {
			if tolerable(st, fault) {
				continue
			}
			text := fmt.Sprintf("%s: %s\n%s%s", when, fault, st.sql, written(plan))
			if told[text] == nil {
				order = append(order, text)
			}
			told[text] = append(told[text], st.call)
		}
	}
	for _, text := range order {
		t.Errorf("%s\n%s", strings.Join(told[text], "; "), text)
	}
	t.Logf("%s: %d statements explained", when, len(list))
}

func tolerable(s statement, fault string) bool {
	for _, e := range tolerated {
		if strings.Contains(s.call, e.call) && strings.Contains(s.sql, e.statement) && fault == e.fault {
			return true
		}
	}
	return false
}

// analyze makes the database count what it has; on SQLite nobody does so in the field.
func analyze(t *testing.T, s *store.Store) {
	t.Helper()
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		if s.Engine() == "sqlite" {
			return tx.Exec("ANALYZE").Error
		}
		tables, err := tx.Migrator().GetTables()
		if err != nil {
			return err
		}
		return tx.Exec("ANALYZE TABLE " + strings.Join(tables, ", ")).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// timed is the median of a few runs of each call.
func timed(t *testing.T, calls []call) map[string]time.Duration {
	t.Helper()
	took := map[string]time.Duration{}
	for _, c := range calls {
		var all []time.Duration
		for range 5 {
			began := time.Now()
			if err := c.do(context.WithoutCancel(t.Context())); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			all = append(all, time.Since(began))
		}
		slices.Sort(all)
		if took[c.name] = all[len(all)/2]; took[c.name] > time.Second { // whoever waits for hours sees what he waits for
			t.Logf("%v: %s", took[c.name].Round(time.Millisecond), c.name)
		}
	}
	return took
}

// compare prints how much longer each call takes on many rows than on few, the worst first. It fails nothing: times do
// not belong into a test's verdict.
func compare(t *testing.T, few, many map[string]time.Duration) {
	t.Helper()
	ratio := func(name string) float64 { return float64(many[name]) / float64(few[name]) }
	var names []string
	over := 0
	for name := range many {
		names = append(names, name)
		if ratio(name) > growBudget {
			over++
		}
	}
	slices.SortFunc(names, func(a, b string) int { return -int(ratio(a)*1000) + int(ratio(b)*1000) })
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%7.2f× %10v %10v  %s\n", ratio(name), few[name].Round(time.Microsecond), many[name].Round(time.Microsecond), name)
	}
	t.Logf("times at %d and at %d appeals; %d of %d calls are over the budget of %.0f×\n%s", baseGrowth, *growth, over, len(names), growBudget, b.String())
}
