package casework

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	platform "tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/family"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// hall is the desk with a county's platform behind it that decides and fails by a script.
type hall struct {
	*house
	*standin.Server
	inbox *platform.Desk
	ears  string
}

func connect(t *testing.T) *hall { t.Helper(); return connectWithin(t, 0) }

// connectWithin gives up a call after so long; 0 for the product's own time.
func connectWithin(t *testing.T, patience time.Duration) *hall {
	t.Helper()
	h := open(t)
	keys, err := platform.ParseKeys("k1:0123456789abcdef0123456789abcdef")
	must(t, err)
	mapping, err := platform.ReadMapping(os.DirFS(countyFolder()))
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	c := &hall{house: h, Server: standin.New(keys, mapping, h.store.Clock())}
	server := httptest.NewServer(c.Server)
	t.Cleanup(server.Close)
	client, err := platform.NewClient(platform.Options{URL: server.URL, Keys: keys, Mapping: mapping, Clock: h.store.Clock(), Log: log, Patience: patience})
	must(t, err)
	c.inbox, err = platform.New(h.store, "county", keys, mapping, log)
	must(t, err)
	h.Connect(client, c.inbox)
	ears := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := c.inbox.Take(r.Context(), r.Header, platform.Message{Method: r.Method, Target: r.URL.RequestURI(), Body: body}); err != nil {
			w.WriteHeader(http.StatusConflict) // refused, whatever the reason
		}
	}))
	t.Cleanup(ears.Close)
	c.ears = ears.URL + "/callbacks"
	return c
}

// carry does what the courier does in one pass, and answers how many letters still wait.
func (h *hall) carry() (waiting int) {
	h.t.Helper()
	var letters []store.Letter
	must(h.t, h.store.Read(h.t.Context()).Where("topic = ? AND status = ?", HandoverTopic, store.LetterWaiting).Order("id").Find(&letters).Error)
	for _, l := range letters {
		if l.NextAt.After(h.store.Clock().Now()) {
			waiting++
			continue
		}
		set := map[string]any{"status": store.LetterDone, "done_at": h.store.Clock().Now()}
		if err := h.HandOver(h.t.Context(), l); err != nil {
			age := h.store.Clock().Since(l.CreatedAt)
			wait, again := HandoverPlan(err, l.Attempts+1, age)
			set = map[string]any{"attempts": l.Attempts + 1, "next_at": whole(h.store.Clock().Now().Add(wait)), "last_error": err.Error()[:min(200, len(err.Error()))]}
			if waiting++; !again {
				waiting--
				set["status"] = store.LetterStuck
			}
		}
		must(h.t, h.store.Write(h.t.Context(), h.system(), func(tx *store.Tx) error {
			if l.Attempts == 0 { // the log's
				if err := tx.Table("deliveries").Create(map[string]any{"letter": l.ID, "channel": "log", "done_at": tx.Now}).Error; err != nil {
					return err
				}
			}
			return tx.Table("outbox").Where("id = ?", l.ID).UpdateColumns(set).Error
		}))
	}
	return waiting
}

// tellNews delivers the county's news, and settles what waited.
func (h *hall) tellNews() {
	h.t.Helper()
	must(h.t, h.Server.Deliver(h.t.Context(), h.ears))
	must(h.t, h.inbox.Settle(h.t.Context()))
}

func (h *hall) countyDoes(id string, acts ...flow.Act) {
	h.t.Helper()
	for _, do := range acts {
		if err := h.Server.Act(h.numberOf(id), platform.Act(do)); err != nil {
			h.t.Fatalf("%s: %v", do, err)
		}
		h.tellNews()
	}
}

func (h *hall) numberOf(id string) string {
	row := h.row(id)
	return row.number()
}

func (h *hall) handings(id string) (list []string) {
	h.t.Helper()
	var rows []handoverRow
	must(h.t, h.store.Read(h.t.Context()).Where("case_id = ?", id).Order("nth").Find(&rows).Error)
	for _, r := range rows {
		list = append(list, r.Act+" "+r.Status)
	}
	return list
}

func (h *hall) standings() map[string]platform.State {
	all := map[string]platform.State{}
	for _, s := range h.Server.Standings() {
		all[s.Ref] = s.State
	}
	return all
}

// remedy answers all that the last correction misses, in words.
func (h *hall) remedy(id string) {
	h.t.Helper()
	seen, err := h.Get(h.t.Context(), h.clerk(), id)
	must(h.t, err)
	var remedies []Remedy
	for _, f := range seen.Notices[len(seen.Notices)-1].Defects {
		if f.Text == "" {
			h.t.Errorf("a defect without words: %+v", f)
		}
		remedies = append(remedies, Remedy{f.ID, "已经补好了"})
	}
	_, err = h.Correct(h.t.Context(), h.clerk(), id, Correction{Remedies: remedies})
	must(h.t, err)
}

// TestTheCountyHears of a case, of its correction and of its withdrawal, each once; the clerk's call does not touch the county.
func TestTheCountyHears(t *testing.T) {
	t.Parallel()
	h := connect(t)
	id := h.to(Submitted, h.file(claim))
	if h.Calls() != 0 {
		t.Fatal("the clerk's call went to the county")
	}
	seen, err := h.Get(t.Context(), h.clerk(), id)
	must(t, err)
	if seen.Handing != HandingWaits || seen.CountyNo != "" {
		t.Errorf("%q, %q", seen.Handing, seen.CountyNo)
	}
	h.carry()
	seen, err = h.Get(t.Context(), h.clerk(), id)
	must(t, err)
	if seen.Handing != HandingSent || seen.CountyNo != "XZ00000001" || len(h.Server.Standings()) != 1 || h.Server.Standings()[0].Ref != seen.Number {
		t.Errorf("%q, %q, %+v", seen.Handing, seen.CountyNo, h.Server.Standings())
	}
	h.countyDoes(id, Receive, AskCorrection)
	if h.row(id).Status != Correcting {
		t.Fatalf("it is %s", h.row(id).Status)
	}
	h.remedy(id)
	h.carry()
	if got := h.standings()[seen.Number]; got != platform.Received {
		t.Errorf("after the correction the county has it as %s", got)
	}
	h.countyDoes(id, Accept)
	_, err = h.Withdraw(t.Context(), h.clerk(), id, Saying{Text: "先不办了，明年再办。"})
	must(t, err)
	h.carry()
	if got := h.standings()[seen.Number]; got != platform.Withdrawn {
		t.Errorf("after the withdrawal the county has it as %s", got)
	}
	if got := h.handings(id); !slices.Equal(got, []string{"submit sent", "correct sent", "withdraw sent"}) {
		t.Errorf("%v", got)
	}
	calls := h.Calls()
	h.carry()
	if h.Calls() != calls {
		t.Error("something was told again")
	}
	h.sound()
}

// TestTheFirstGoesFirst: a withdrawal that finds the submission still on its way waits for it.
func TestTheFirstGoesFirst(t *testing.T) {
	t.Parallel()
	h := connect(t)
	must(t, h.Play(standin.Script{Requests: []standin.Trouble{{Do: standin.Fail, Status: 503}}}))
	id := h.to(Withdrawn, h.file(claim))
	for h.carry() > 0 {
		h.pass(time.Minute)
	}
	if got := h.standings()[h.numberOf(id)]; got != platform.Withdrawn || h.Calls() != 3 {
		t.Errorf("%s after %d calls", got, h.Calls())
	}
	h.sound()
}

// TestWhatTheCountyNeverHeardOf is not withdrawn there: a case from before it had a platform.
func TestWhatTheCountyNeverHeardOf(t *testing.T) {
	t.Parallel()
	h := connect(t)
	to := h.Desk.platform
	h.Desk.platform = nil
	id := h.to(Submitted, h.file(claim))
	h.Desk.platform = to
	must(t, h.do(Withdraw, h.clerk(), id))
	h.carry()
	if got := h.handings(id); len(got) != 0 || h.Calls() != 0 {
		t.Errorf("%v, %d calls", got, h.Calls())
	}
	h.sound()
}

// TestThreeDaysDown: the county is away for longer than letters are carried. Nobody's call is slower, and each case is on the list of those that
// need a person; one is typed in by hand, and nothing is told twice.
func TestThreeDaysDown(t *testing.T) {
	t.Parallel()
	h := connect(t)
	must(t, h.Play(standin.Script{Requests: []standin.Trouble{{Do: standin.Down, For: "300h"}}}))
	id, other := h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim))
	_, err := h.TypeCountyNumber(t.Context(), h.clerk(), id, CountyNumber{Number: "XZ2026-1"})
	want(t, err, ErrOnItsWay)
	for h.carry() > 0 {
		h.pass(30 * time.Minute)
	}
	list := func(h *hall) (ids []string) {
		seen, err := h.List(t.Context(), h.clerk(), Filter{Queue: "by_hand", Limit: 10})
		must(t, err)
		for _, s := range seen {
			ids = append(ids, s.ID)
		}
		return ids
	}
	if got := list(h); !slices.Equal(got, []string{other, id}) {
		t.Fatalf("the list for people is %v", got)
	}
	seen, err := h.Get(t.Context(), h.clerk(), id)
	must(t, err)
	if seen.Handing != HandingStuck {
		t.Errorf("%q", seen.Handing)
	}
	for name, number := range map[string]string{"nothing": "", "words": "编号一", "an id number": "11010519491231002X", "a phone": "13800138000", "too long": strings.Repeat("1", 65)} {
		_, err := h.TypeCountyNumber(t.Context(), h.clerk(), id, CountyNumber{Number: number})
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	seen, err = h.TypeCountyNumber(t.Context(), h.window(), id, CountyNumber{Version: seen.Version, Number: "XZ2026-1"})
	must(t, err)
	if seen.CountyNo != "XZ2026-1" || seen.Handing != HandingByHand || !slices.Equal(list(h), []string{other}) {
		t.Errorf("%q, %q, left %v", seen.CountyNo, seen.Handing, list(h))
	}
	late := h.to(Submitted, h.file(claim)) // and taken back: both are one person's affair
	must(t, h.do(Withdraw, h.clerk(), late))
	for h.carry() > 0 {
		h.pass(30 * time.Minute)
	}
	_, err = h.TypeCountyNumber(t.Context(), h.clerk(), late, CountyNumber{Number: "XZ2026-9"})
	must(t, err)
	if got := h.handings(late); !slices.Equal(got, []string{"submit by_hand", "withdraw by_hand"}) {
		t.Errorf("%v", got)
	}
	seen, err = h.TypeCountyNumber(t.Context(), h.clerk(), id, CountyNumber{Number: "XZ2026-2"}) // it was a slip of the pen
	must(t, err)
	if seen.CountyNo != "XZ2026-2" {
		t.Errorf("%q", seen.CountyNo)
	}
	h.pass(300 * time.Hour)
	h.carry()
	if len(h.Server.Standings()) != 0 {
		t.Errorf("told by itself after a person did it: %+v", h.Server.Standings())
	}
	h.sound()
}

// TestWithoutAPlatform a number is simply typed in, by whom it concerns.
func TestWithoutAPlatform(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Submitted, h.file(claim))
	_, err := h.TypeCountyNumber(t.Context(), h.clerk(), h.file(claim), CountyNumber{Number: "XZ1-1"})
	want(t, err, ErrNotSubmitted)
	for _, who := range []string{"reviewer", "supervisor"} {
		_, err := h.TypeCountyNumber(t.Context(), h.as(who, map[string]access.Role{"reviewer": reviewer, "supervisor": supervisor}[who]), id, CountyNumber{Number: "XZ1-1"})
		if err == nil {
			t.Errorf("%s typed a number in", who)
		}
	}
	seen, err := h.TypeCountyNumber(t.Context(), h.clerk(), id, CountyNumber{Number: "XZ1-1"})
	must(t, err)
	if seen.CountyNo != "XZ1-1" || seen.Handing != "" || seen.History[len(seen.History)-1].Words != "XZ1-1" {
		t.Errorf("%+v", seen)
	}
	h.sound()
}

// TestATroubledCounty: whatever goes wrong on the way, each case is at the county once, and nothing was told beside it.
func TestATroubledCounty(t *testing.T) {
	t.Parallel()
	h := connectWithin(t, 500*time.Millisecond)
	var script standin.Script
	for _, do := range []string{standin.Lost, standin.Reset, standin.Slow, standin.Fail, standin.Lost, standin.Down, standin.Lost} {
		script.Requests = append(script.Requests, standin.Trouble{Skip: 1, Times: 2, Do: do, Status: 429, RetryAfter: "600", For: "2s"})
	}
	must(t, h.Play(script))
	var ids []string
	for range 8 {
		ids = append(ids, h.to(Submitted, h.file(claim)))
	}
	for passes := 0; h.carry() > 0; passes++ {
		if h.pass(10 * time.Minute); passes > 500 {
			t.Fatal("letters go on waiting")
		}
	}
	numbers := map[string]bool{}
	for _, id := range ids {
		row := h.row(id)
		numbers[row.CountyNumber] = row.CountyNumber != ""
		if !slices.Equal(h.handings(id), []string{"submit sent"}) {
			t.Errorf("%s: %v", row.number(), h.handings(id))
		}
	}
	if len(numbers) != len(ids) || len(h.Server.Standings()) != len(ids) {
		t.Errorf("%d numbers, %d cases at the county", len(numbers), len(h.Server.Standings()))
	}
	h.sound()
	var left []string
	must(t, h.store.Read(t.Context()).Raw("SELECT id FROM case_handovers WHERE content IS NOT NULL").Scan(&left).Error)
	if len(left) > 0 {
		t.Errorf("%d contents are kept after they were told", len(left))
	}
	if printed := fmt.Sprintf("%+v", person{"示例人", "1", "2"}.party()); strings.Contains(printed, "示例人") {
		t.Error("a party prints its name")
	}
}

// TestBackAfterDays: a county that was away for seventy hours, and decides at once when it is back. Nobody had to look, and each case ends once; meanwhile silence did
// not stop, and nobody's call waited.
func TestBackAfterDays(t *testing.T) {
	t.Parallel()
	h := connect(t)
	script := standin.Script{
		Requests:  []standin.Trouble{{Do: standin.Down, For: "70h"}, {Do: standin.Fail, Status: 500}, {Do: standin.Lost}, {Do: standin.Fail, Status: 429, RetryAfter: "3600"}},
		Callbacks: []standin.Trouble{{Do: standin.Doubled}, {Do: standin.Reordered}, {Do: standin.Forged}, {Skip: 2, Do: standin.Delayed}, {Do: standin.Replayed}},
	}
	must(t, h.Play(script))
	ids := []string{h.to(Submitted, h.file(claim)), h.to(Submitted, h.file(claim)), h.to(Submitted, h.own(claim)), h.to(Withdrawn, h.file(claim))}
	for passes := 0; h.carry() > 0; passes++ {
		h.rounds()
		if h.pass(20 * time.Minute); passes > 500 {
			t.Fatal("letters go on waiting")
		}
	}
	for h.Work() > 0 {
		h.pass(time.Minute)
	}
	h.tellNews()
	h.pass(6 * time.Hour)
	must(t, h.inbox.Settle(t.Context()))
	for i, id := range ids {
		want := []flow.State{Granted, Granted, Granted, Withdrawn}[i]
		if row := h.row(id); row.Status != want || h.standings()[row.number()] != platform.State(want) || i < 3 && h.letters("case.grant", id) != 1 {
			t.Errorf("case %d is %s here and %s there", i, row.Status, h.standings()[row.number()])
		}
	}
	if len(h.Server.Standings()) != len(ids) {
		t.Errorf("%d cases at the county", len(h.Server.Standings()))
	}
	var stuck int64
	must(t, h.store.Read(t.Context()).Table("outbox").Where("status = 'stuck'").Count(&stuck).Error)
	if stuck > 0 {
		t.Errorf("%d letters need a person", stuck)
	}
	h.sound()
}

// TestWhatTheResidentHandsInHerself: a clerk drafted it, and she or her helper hands it in. No clerk has filed it, the village sees it no longer than
// others of that kind, its supervisor does, and the county is told so.
func TestWhatTheResidentHandsInHerself(t *testing.T) {
	t.Parallel()
	h := connect(t)
	h.help(family.ScopeAll, "2026-12-31")
	for name, c := range map[string]struct {
		by       access.Actor
		onBehalf string
		channel  string
		clerks   bool
		helper   string
	}{
		"the clerk":  {h.clerk(), "", "window", true, ""},
		"she":        {h.resident, "", "computer", false, ""},
		"her helper": {h.other, h.resident.Person, "computer", false, h.other.Person},
	} {
		id := h.file(claim)
		_, err := h.Submit(t.Context(), c.by, id, Submission{Papers: h.allPapers(id), OnBehalf: c.onBehalf})
		must(t, err)
		seen, err := h.Get(t.Context(), h.resident, id)
		must(t, err)
		if (seen.FiledBy != nil) != c.clerks || seen.ByAgent != c.clerks || h.row(id).Helper != c.helper {
			t.Errorf("%s: filed by %+v, helper %q", name, seen.FiledBy, h.row(id).Helper)
		}
		for who, sees := range map[access.Role]bool{clerk: c.clerks, supervisor: true} {
			if got, err := h.CanSee(t.Context(), h.with(who), id); err != nil || got != sees {
				t.Errorf("%s: a %s sees it: %t, %v", name, who, got, err)
			}
		}
		var told sheet
		var row handoverRow
		must(t, h.store.Read(t.Context()).Where("case_id = ?", id).Take(&row).Error)
		content, err := h.Desk.store.Keys().Open(sealedHandover(row.ID), row.Content)
		must(t, err)
		must(t, json.Unmarshal(content, &told))
		if told.Channel != c.channel || (told.Agent.Name != "") == (name == "she") {
			t.Errorf("%s: the county is told %q, agent %+v", name, told.Channel, told.Agent)
		}
	}
	var uses int64
	must(t, h.store.Read(t.Context()).Model(&store.TrailRow{}).Where("act = 'acting.use' AND person = ?", h.other.Person).Count(&uses).Error)
	if uses != 1 {
		t.Errorf("that the helper acted stands %d times in the trail, want once", uses)
	}
	h.sound()
}
