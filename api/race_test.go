package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/appeal"
)

// rush sends requests at the same moment.
func (h *house) rush(t *testing.T, n int, path, token string, content func(i int) (key, body string)) []*httptest.ResponseRecorder {
	t.Helper()
	answers := make([]*httptest.ResponseRecorder, n)
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range n {
		key, body := content(i)
		r := httptest.NewRequest(http.MethodPost, base+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(keyHeader, key)
		if token != "" {
			r.Header.Set("Authorization", bearer(token))
		}
		answers[i] = httptest.NewRecorder()
		running.Go(func() {
			<-start
			h.http.ServeHTTP(answers[i], r)
		})
	}
	close(start)
	running.Wait()
	return answers
}

// rows counts the rows of a table that meet a condition.
func (h *house) rows(t *testing.T, table, condition string, args ...any) (n int64) {
	t.Helper()
	if err := h.Store.Read(t.Context()).Table(table).Where(condition, args...).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func (h *house) wantRows(t *testing.T, want int64, table, condition string, args ...any) {
	t.Helper()
	if n := h.rows(t, table, condition, args...); n != want {
		t.Errorf("%d rows of %s where %s %v, want %d", n, table, condition, args, want)
	}
}

// TestOneDispatchWins: of 200 at once one is done, and the others are told how the appeal stands then.
func TestOneDispatchWins(t *testing.T) {
	h, _ := openWalk(t)
	s := h.at(t, appeal.Accepted, "")
	before := h.stands(t, s)
	body := h.bodyOf(t, appeal.Dispatch, s, "")
	seenVersion := atVersion(fmt.Sprint(before.Version), body)
	won := 0
	for i, w := range h.rush(t, 200, verbPath(appeal.Dispatch, s.id), h.token(t, "dispatcher"), func(i int) (string, string) {
		if i%2 == 0 { // half of them say which version they saw
			return uuid.NewString(), seenVersion
		}
		return uuid.NewString(), body
	}) {
		if w.Code == http.StatusOK {
			won++
			continue
		}
		p := problemOf(t, w)
		if w.Code != http.StatusConflict || p.Code != stale.code {
			t.Errorf("sender %d: %d %s", i, w.Code, w.Body)
		} else if now := p.Current; now == nil || now.Status != string(appeal.Dispatched) || now.Version != before.Version+1 || len(now.Offers) == 0 {
			t.Errorf("sender %d is not told how it stands: %s", i, w.Body)
		}
	}
	if won != 1 {
		t.Errorf("%d of 200 were told that they dispatched it", won)
	}
	if after := h.stands(t, s); after.Status != appeal.Dispatched || after.Version != before.Version+1 {
		t.Errorf("%s, version %d", after.Status, after.Version)
	}
	h.wantRows(t, 1, "appeal_events", "appeal = ? AND act = ?", s.id, "dispatch")
	h.wantRows(t, 1, "outbox", "object = ? AND topic = ?", s.id, "appeal.dispatch")
	h.wantRows(t, 1, "trail", "object = ? AND act = ?", s.id, "appeal.dispatch")
	h.wantRows(t, 1, "idempotency", "operation = ?", "dispatchAppeal")
}

// TestOneKeyAHundredTimes: however often the same thing is sent at once, it is made once, and all get its one answer.
func TestOneKeyAHundredTimes(t *testing.T) {
	h := openFull(t)
	for _, c := range []struct{ who, path, table, body string }{
		{"zhang", "/appeals", "appeals", `{"class":"help","text":"村口的路灯坏了一个月。","identity":"public"}`},
		{"zhang", "/cases", "cases", `{"item_id":"` + claim + `","answers":` + caseAnswers[claim] + `}`},
		{"", "/notices", "notices", `{"item_id":"` + pension + `","village":"` + xinglin + `","name":"张杏花"}`},
	} {
		token, key := "", uuid.NewString()
		if c.who != "" {
			token = h.token(t, c.who)
		}
		answers := h.rush(t, 100, c.path, token, func(int) (string, string) { return key, c.body })
		for i, w := range answers {
			if w.Code != http.StatusCreated || w.Body.String() != answers[0].Body.String() || w.Header().Get("Location") != answers[0].Header().Get("Location") {
				t.Fatalf("%s: answer %d: %d %s, not %s", c.path, i, w.Code, w.Body, answers[0].Body)
			}
		}
		h.wantRows(t, 1, c.table, "1 = 1")
		h.wantRows(t, 1, "idempotency", "idem_key = ?", key)
	}
	h.wantRows(t, 1, "outbox", "topic = ?", "appeal.submit")
	h.wantRows(t, 1, "trail", "act = ?", "notice.make")
}

// TestStrangersWithOneKey: two people who are not logged in and happen to send the same key never see each other's notice or appeal. Who sends
// the very same content too is answered as the first was: nobody can tell him from the first who asks again.
func TestStrangersWithOneKey(t *testing.T) {
	h := openFull(t)
	anonymous := func(text string) string {
		return `{"class":"report","text":"` + text + `","identity":"none","village":"` + xinglin + `"}`
	}
	for _, c := range []struct {
		path, table string
		bodies      []string
	}{
		{"/notices", "notices", []string{
			`{"item_id":"` + pension + `","village":"` + xinglin + `","name":"张杏花"}`,
			`{"item_id":"` + pension + `","village":"` + xinglin + `","name":"李河清"}`,
		}},
		{"/appeals", "appeals", []string{anonymous("有人夜里往河沟倒废油。"), anonymous("有人在河滩上挖沙。")}},
	} {
		t.Run(c.table, func(t *testing.T) { h.strangersWithOneKey(t, c.path, c.table, c.bodies) })
	}
}

func (h *house) strangersWithOneKey(t *testing.T, path, table string, bodies []string) {
	t.Helper()
	key := uuid.NewString()
	first := h.must(t, "", http.StatusCreated, "POST", path, bodies[0], keyHeader, key)
	made := read[map[string]any](t, first)
	secrets := []string{first.Header().Get("Location")}
	for _, name := range []string{"id", "number", "query_code", "url", "name"} {
		if text, _ := made[name].(string); text != "" {
			secrets = append(secrets, text)
		}
	}
	if len(secrets) < 4 {
		t.Fatalf("the first is told %v only", secrets)
	}
	second := h.send(t, "", "POST", base+path, bodies[1], keyHeader, key)
	if second.Code != http.StatusUnprocessableEntity || problemOf(t, second).Code != "idempotency.other_content" {
		t.Errorf("the second: %d %s", second.Code, second.Body)
	}
	for _, foreign := range secrets {
		if strings.Contains(second.Body.String(), foreign) || strings.Contains(second.Header().Get("Location"), foreign) {
			t.Errorf("the second stranger sees what the first one made: %s", second.Body)
		}
	}
	again := h.send(t, "", "POST", base+path, bodies[0], keyHeader, key)
	if again.Code != http.StatusCreated || again.Body.String() != first.Body.String() || again.Header().Get("Location") != secrets[0] {
		t.Errorf("the first one again, or who sends the same: %d %s", again.Code, again.Body)
	}
	h.wantRows(t, 1, table, "1 = 1")

	// and when they send at once: one of the two makes it
	key = uuid.NewString()
	told := map[string]int{}
	for i, w := range h.rush(t, 100, path, "", func(i int) (string, string) { return key, bodies[i%2] }) {
		switch {
		case w.Code == http.StatusCreated:
			told[w.Body.String()]++
			told[bodies[i%2]]++
		case w.Code != http.StatusUnprocessableEntity || problemOf(t, w).Code != "idempotency.other_content":
			t.Errorf("sender %d: %d %s", i, w.Code, w.Body)
		}
	}
	if len(told) != 2 {
		t.Errorf("more than one content or answer got through: %v", told)
	}
	for _, n := range told {
		if n != 50 {
			t.Errorf("%d of the 50 with the winner's content got the answer", n)
		}
	}
	h.wantRows(t, 2, table, "1 = 1")
}
