//go:build !race

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/store"
)

// provoke has everything refused that can be, with canaries in path, query, headers and body.
func (a *aviary) provoke(t *testing.T) {
	t.Helper()
	c := canaryOf(1)
	query := "?" + url.Values{"q": {c.name}, "phone": {c.phone}, "after": {c.number}, "village": {c.number}, c.name: {c.number}}.Encode()
	bodies := []string{
		fmt.Sprintf(`{"name":%q,"phone":%q,"id_number":%q,%q:%q}`, c.name, c.phone, c.number, c.name, c.number),
		fmt.Sprintf(`{"name":["%s"],"phone":%s,"id_number":{"%s":1},"village":"%s","text":%s,"reason":"x"}`, c.name, c.phone, c.name, c.number, c.number[:17]),
		fmt.Sprintf(`{"name":"%s","phone":"%s`, c.name, c.phone),
		fmt.Sprintf(`"%s %s %s"`, c.name, c.phone, c.number),
	}
	refused := 0
	who := a.callers()
	for n, name := range []string{"nobody", "resident", "clerk-xinglin", "dispatcher", "system-admin"} {
		for at, r := range a.routes {
			for which, canary := range []string{url.PathEscape(c.name), c.phone, c.number} {
				path := hole.ReplaceAllString(r.Path, canary)
				// Without a hole once is enough; acts are counted more strictly than reading.
				if (path == r.Path || r.Method != http.MethodGet) && which != (at+n)%3 {
					continue
				}
				if name == "nobody" {
					who[name] = a.visitor()
				}
				body := ""
				if r.Method != http.MethodGet {
					body = bodies[n%len(bodies)]
				}
				if r.Name == "logout" {
					continue
				}
				got := a.ask(t, who[name], r.Method, path+query, body,
					"Idempotency-Key", c.number, "User-Agent", c.phone, "Referer", "https://example.cn/"+c.phone, "X-Real-IP", c.phone, "Accept", "text/html")
				if got.status >= 400 {
					refused++
				}
			}
		}
		for _, path := range []string{"/" + url.PathEscape(c.name), base + "/" + c.number, "/q/" + c.phone, base + "/residents/" + c.phone + "/" + c.number} {
			a.ask(t, who[name], http.MethodGet, path, "")
			a.ask(t, who[name], http.MethodPatch, path, bodies[0])
		}
	}
	forged := caller{serving: a.serving, token: c.number + "." + c.phone + "." + c.number}
	a.ask(t, forged, http.MethodGet, base+"/me", "")
	// The same person twice, and a number that is not right.
	again := map[string]any{"name": c.name, "phone": c.phone, "id_number": c.number, "village": hewan, "consent": map[string]string{"text_version": ofVillages, "how": "signed"}}
	for _, change := range []string{"", "id_number", "phone"} {
		if change != "" {
			again[change] = c.number[:16] + "99"
		}
		text, err := json.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.ask(t, a.staff["clerk-hewan"], http.MethodPost, base+"/residents", string(text)); got.status < 400 {
			t.Errorf("%s: %d %s", text, got.status, got.body)
		}
	}
	if refused < 300 {
		t.Errorf("only %d requests were refused", refused)
	}
}

// dawdle makes statements that hold canaries slow, and then fail: what the log says of them must not hold the values.
func (a *aviary) dawdle(t *testing.T) {
	t.Helper()
	s := a.in.open(t)
	defer s.Close()
	slow := "CREATE TRIGGER canary_slow BEFORE INSERT ON persons FOR EACH ROW SET @canary = SLEEP(0.7)"
	fail := "CREATE TRIGGER canary_fail BEFORE INSERT ON persons FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'"
	if s.Engine() == "sqlite" {
		slow = "CREATE TRIGGER canary_slow BEFORE INSERT ON persons BEGIN " + counting(a.slowly(t, s)) + "; END"
		fail = "CREATE TRIGGER canary_fail BEFORE INSERT ON persons BEGIN SELECT RAISE(ABORT, 'no'); END"
	}
	for n, step := range []struct {
		make, drop, said string
		fine             bool
	}{{slow, "DROP TRIGGER canary_slow", "slow statement", true}, {fail, "DROP TRIGGER canary_fail", "statement failed", false}} {
		a.sql(t, s, step.make)
		c := canaryOf(canaries + 1 + n)
		text, err := json.Marshal(map[string]any{
			"name": c.name, "phone": c.phone, "id_number": c.number, "village": songling, "consent": map[string]string{"text_version": ofVillages, "how": "signed"},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := a.ask(t, a.staff["clerk-songling"], http.MethodPost, base+"/residents", string(text))
		if (got.status == 201) != step.fine {
			t.Errorf("%s: %d %s", step.said, got.status, got.body)
		}
		a.sql(t, s, step.drop)
		if !regexp.MustCompile(`"` + step.said + `","sql":"INSERT INTO .persons`).MatchString(a.log.String()) {
			t.Errorf("the log says nothing of a %s", step.said)
		}
	}
}

// counting keeps SQLite busy, which has no sleep.
func counting(rows int) string {
	return fmt.Sprintf("SELECT max(x) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < %d) SELECT x FROM c)", rows)
}

// slowly is how far this machine counts in some time that is surely noticed, and that a request has.
func (a *aviary) slowly(t *testing.T, s *store.Store) (rows int) {
	t.Helper()
	took := func() time.Duration {
		began, last := time.Now(), 0
		if err := s.Read(t.Context()).Raw(counting(rows)).Row().Scan(&last); err != nil || last != rows {
			t.Fatal(last, err)
		}
		return time.Since(began)
	}
	for rows = 250_000; min(took(), took()) < 700*time.Millisecond; rows *= 2 {
	}
	return rows * 3 / 2
}

func (a *aviary) sql(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	if err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Exec(statement).Error }); err != nil {
		t.Fatal(err)
	}
}
