package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// due are the numbers of a dry run that are not 0.
func (h *house) due(t *testing.T) map[string]int64 {
	t.Helper()
	list, err := h.Retention.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	due := map[string]int64{}
	for _, s := range list {
		if s.Due > 0 {
			due[s.Code] = s.Due
		}
		if (s.Due > 0) != (s.Oldest != nil) {
			t.Errorf("%s: %d are due, the oldest is %v", s.Code, s.Due, s.Oldest)
		}
	}
	return due
}

// giveUp does it now, and says what was done.
func (h *house) giveUp(t *testing.T) map[string]int64 {
	t.Helper()
	list, err := h.Retention.Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]int64{}
	for _, c := range list {
		if c.Rows > 0 {
			done[c.Code] = c.Rows
		}
	}
	return done
}

// dump is every row of every table.
func (h *house) dump(t *testing.T) map[string][]string {
	t.Helper()
	tables, err := h.Store.Read(t.Context()).Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		var rows []map[string]any
		if err := h.Store.Read(t.Context()).Table(table).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			all[table] = append(all[table], fmt.Sprint(row))
		}
		slices.Sort(all[table])
	}
	return all
}

func changed(before, after map[string][]string) (tables []string) {
	for table := range before {
		if !slices.Equal(before[table], after[table]) {
			tables = append(tables, table)
		}
	}
	slices.Sort(tables)
	return tables
}

// deliver marks all letters as delivered, with a message to the petitioner of each appeal.
func (h *house) deliver(t *testing.T) {
	t.Helper()
	err := h.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		var letters []store.Letter
		if err := tx.Where("status = ?", store.LetterWaiting).Find(&letters).Error; err != nil {
			return err
		}
		for _, l := range letters {
			for _, row := range []struct {
				table string
				row   map[string]any
			}{
				{"deliveries", map[string]any{"letter": l.ID, "channel": "log", "done_at": tx.Now}},
				{"inbox", map[string]any{"id": tx.NewID(), "letter": l.ID, "person": h.actor(t, "zhang").Person, "kind": l.Kind, "object": l.Object, "text": "办好了", "created_at": tx.Now}},
			} {
				if err := tx.Table(row.table).Create(row.row).Error; err != nil {
					return err
				}
			}
		}
		return tx.Table("outbox").Where("status = ?", store.LetterWaiting).UpdateColumns(map[string]any{"status": store.LetterDone, "done_at": tx.Now}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRetentionDryRun: a dry run changes nothing; what is done afterwards is what it counted, and nothing else; done again it is nothing;
// what is open, or was told by somebody who is registered, stays.
func TestRetentionDryRun(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	h.tellMore(t, "zhang", "13800000001", xinglin+"02")
	h.token(t, "passer-by") // logged in once and told nothing
	h.must(t, "", 201, "POST", "/notices", `{"item_id":"`+pension+`","village":"`+xinglin+`","name":"王五"}`)
	h.must(t, "zhang", 201, "POST", "/me/helpers", `{"phone":"13911110000","scope":"all","valid_until":"2026-11-30","consent":{"text_version":"`+consentVersion+`"}}`)
	registered := h.must(t, "clerk-xinglin", 201, "POST", "/residents", `{"name":"王淑芬","phone":"13800001234","village":"`+xinglin+`",`+spoken+`}`)
	elder := read[map[string]any](t, registered)["id"].(string)
	h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+elder+"/bind-code", "")
	photo := func(who string) string {
		return read[fileView](t, h.upload(t, who, jpegOf(t, 64, 32))).ID
	}
	over, open := ordinary(), ordinary()
	over.photo, open.photo = photo("clerk-xinglin"), photo("clerk-xinglin")
	h.hand(t, over)
	h.hand(t, open)
	later := photo("zhang")
	h.must(t, "zhang", 200, "POST", "/appeals/"+over.id+"/supplement", `{"text":"今天又停水了。","attachments":["`+later+`"]}`)
	h.walk(t, over, "", way[appeal.Concluded]...)
	merged := h.walk(t, h.hand(t, ordinary()), open.id, way[appeal.Merged]...)
	handedInAgain := h.walk(t, h.hand(t, ordinary()), "", way[appeal.Concluded]...)
	h.must(t, "zhang", 201, "POST", "/appeals", `{"class":"consult","text":"水井又没有水了。","identity":"public","previous":"`+handedInAgain.id+`"}`)
	h.must(t, "zhang", 200, "POST", "/appeals/"+over.id+"/rate", `{"level":1}`)
	h.deliver(t)

	clean := func(when string) {
		t.Helper()
		if due := h.due(t); len(due) != 0 {
			t.Errorf("%s %v are due", when, due)
		}
		before := h.dump(t)
		if done := h.giveUp(t); len(done) != 0 {
			t.Errorf("%s %v were given up", when, done)
		}
		if tables := changed(before, h.dump(t)); len(tables) != 0 {
			t.Errorf("%s %v changed", when, tables)
		}
	}
	clean("at once")

	months := func(n int) { h.clock.Set(h.clock.Now().AddDate(0, n, 0)) }
	round := func(when string, codes string, touched ...string) map[string]int64 {
		t.Helper()
		before := h.dump(t)
		due := h.due(t)
		if tables := changed(before, h.dump(t)); len(tables) != 0 {
			t.Errorf("%s the dry run changed %v", when, tables)
		}
		if got := strings.Join(slices.Sorted(maps.Keys(due)), " "); got != codes {
			t.Errorf("%s %s are due, want %s", when, got, codes)
		}
		if done := h.giveUp(t); !maps.Equal(done, due) {
			t.Errorf("%s the dry run counted %v, given up were %v", when, due, done)
		}
		after := h.dump(t)
		if tables := changed(before, after); !slices.Equal(tables, append(touched, "trail", "trail_areas", "trail_heads")) {
			t.Errorf("%s %v changed, want %v", when, tables, touched)
		}
		clean(when + ", again,")
		return due
	}
	months(2)
	round("after two months", "acting.unanswered bind_code.over", "actings", "bind_codes")
	months(5)
	due := round("after seven months", "device.unused letter.delivered person.unnamed session.over", "deliveries", "devices", "outbox", "persons", "sessions")
	if due["person.unnamed"] != 1 {
		t.Errorf("%d persons without a name", due["person.unnamed"])
	}
	h.wantRows(t, 5, "outbox", "topic = 'appeal.submit'")
	h.wantRows(t, 0, "deliveries", "letter NOT IN (SELECT id FROM outbox)")
	months(6)
	round("after a year", "message.told notice.made session.over", "inbox", "notices", "sessions")
	h.wantRows(t, 0, "inbox", "object = ?", over.id)
	if h.rows(t, "inbox", "object = ?", open.id) == 0 {
		t.Error("messages about what is open went")
	}
	months(36)
	round("after three years", "rating.given", "ratings")
	months(24)
	round("after five years", "appeal.over photo.over", "appeals", "files")
	if swept, err := h.Files.Sweep(t.Context()); err != nil || swept.Stray != 2 {
		t.Errorf("%+v %v", swept, err)
	}
	h.wantRows(t, 1, "files", "id = ?", open.photo)
	h.wantRows(t, 1, "appeals", "id = ? AND applicant = '' AND place IS NULL AND query_mac = '' AND LENGTH(text) > 20", over.id)
	h.wantRows(t, 3, "appeals", "id IN ? AND applicant <> '' AND query_mac <> ''", []string{open.id, merged.id, handedInAgain.id})
	h.wantRows(t, 1, "ratings", "object = ? AND person = ''", over.id)

	// Who handled it still reads what was done; who handed it in is not told.
	seen := read[appealView](t, h.must(t, "officer-civil", 200, "GET", "/appeals/"+over.id, ""))
	if seen.Text == "" || seen.Petitioner != nil || len(seen.History) < 7 {
		t.Errorf("%+v", seen)
	}
	h.wantRows(t, 1, "persons", "id = ?", elder)
	if faults, err := h.Store.Fsck(t.Context(), appeal.Checks()); err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
	h.must(t, "zhang", 404, "GET", "/appeals/"+over.id, "")
	h.must(t, "zhang", 200, "GET", "/appeals/"+open.id, "")
}

// TestRetentionIsReadByTheSystemAdministrator.
func TestRetentionIsReadByTheSystemAdministrator(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.must(t, "", 201, "POST", "/notices", `{"item_id":"`+pension+`","village":"`+xinglin+`","name":"王五"}`)
	made := h.clock.Now()
	first := scenario{name: "the first", who: "system-admin", method: "GET", path: "/retention?limit=7", status: 200, saves: map[string]string{"next": "next"}, fields: map[string]any{
		"items.#": 7, "items.0.code": "session.over", "items.0.keep": "6m", "items.0.do": "delete", "items.0.since_text": "从失效时算起", "items.0.due": 0, "items.0.oldest": absent,
		"items.0.least": "6m", "items.0.basis": filled,
	}}
	notice := scenario{name: "the second", who: "system-admin", method: "GET", path: "/retention?limit=1&after={next}", status: 200, fields: map[string]any{
		"items.0.code": "notice.made", "items.0.due": 0,
	}}
	vars := h.play(t, nil, first, notice, scenario{name: "not for others", who: "audit-admin", method: "GET", path: "/retention", status: 403, code: "request.forbidden"})
	h.clock.Set(made.AddDate(1, 0, 0))
	h.play(t, vars, notice) // to the second: it is kept its whole year
	h.clock.Set(made.AddDate(1, 0, 0).Add(time.Second))
	notice.fields = map[string]any{"items.0.due": 1, "items.0.oldest": clock.DateOf(made).String(), "items.0.keep": "1y"}
	h.play(t, vars, notice)
	if done := h.giveUp(t); done["notice.made"] != 1 {
		t.Errorf("%v", done)
	}
	h.wantRows(t, 1, "trail", "act = 'retention.delete' AND kind = 'retention' AND object = 'notice.made' AND area = '0'")
	h.wantRows(t, 0, "notices", "1 = 1")
}
