package api

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"testing"

	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/flow"
)

// proof looks into an answer that was given as it should.
type proof func(*testing.T, *matrix, rule, cell, *httptest.ResponseRecorder)

// lists: of the things in each relation, exactly those stand in the list that the caller sees.
func lists(t *testing.T, m *matrix, r rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	var ids []string
	for _, item := range itemsOf(t, w) {
		ids = append(ids, item["id"].(string))
	}
	for _, rel := range relations[r.of] {
		id := m.object(r.of, rel, c.caller)
		if want := sees(r.of, c.caller.role, rel, m.state); slices.Contains(ids, id) != want {
			t.Errorf("%s: listed for %s what is %q: %t, want %t", r.of, c.caller.name, rel, !want, want)
		}
	}
}

// listsDifferences: of exactly the cases that the caller sees, and none of what only the county's platform knows, for nobody here is of the county's level.
func listsDifferences(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	var of []string
	for _, item := range itemsOf(t, w) {
		id, _ := item["case"].(string)
		of = append(of, id)
	}
	if slices.Contains(of, "") {
		t.Errorf("%s is told of what only the county knows", c.caller.name)
	}
	for _, rel := range relations[aCase] {
		if want := sees(aCase, c.caller.role, rel, m.state); slices.Contains(of, m.object(aCase, rel, c.caller)) != want {
			t.Errorf("%s is told of the difference %q: %t, want %t", c.caller.name, rel, !want, want)
		}
	}
}

// listsStuck: the one that is stuck.
func listsStuck(t *testing.T, _ *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	if items := itemsOf(t, w); len(items) != 1 || items[0]["status"] != "stuck" {
		t.Errorf("%s sees %v", c.caller.name, items)
	}
}

func itemsOf(t *testing.T, w *httptest.ResponseRecorder) (items []map[string]any) {
	t.Helper()
	var list struct{ Items []map[string]any }
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || list.Items == nil {
		t.Fatalf("no list: %s", w.Body)
	}
	return list.Items
}

// counts: as many as are listed and under way.
func counts(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	m.counted(t, c, w, "/appeals", appeal.Flow)
}

func (m *matrix) counted(t *testing.T, c cell, w *httptest.ResponseRecorder, path string, along *flow.Table) {
	t.Helper()
	sum := 0.0
	for _, item := range itemsOf(t, w) {
		sum += item["count"].(float64)
	}
	seen := slices.DeleteFunc(itemsOf(t, m.send(t, c.caller.name, "GET", base+path+"?limit=100", "")), func(item map[string]any) bool {
		return along.IsFinal(flow.State(item["status"].(string)))
	})
	if int(sum) != len(seen) {
		t.Errorf("%s counts %v in %s and is shown %d", c.caller.name, sum, path, len(seen))
	}
}

// countsCases: likewise.
func countsCases(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	m.counted(t, c, w, "/cases", casework.Flow)
}

// findsOne: whoever sees the resident finds him, and nobody else.
func findsOne(t *testing.T, m *matrix, r rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	var want []string
	if sees(r.of, c.caller.role, c.rel, m.state) {
		want = []string{m.object(aResident, c.rel, c.caller)}
	}
	var found []string
	for _, item := range itemsOf(t, w) {
		found = append(found, item["id"].(string))
	}
	if !slices.Equal(found, want) {
		t.Errorf("%s finds %v by the phone of %s, not %v", c.caller.name, found, c.rel, want)
	}
}

// isMe: everybody is told of himself.
func isMe(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	if me := read[meView](t, w); me.ID != m.actor(t, c.caller.name).Person {
		t.Errorf("%s is told that he is %s", c.caller.name, me.ID)
	}
}

// logsInAgain: the session has ended.
func logsInAgain(t *testing.T, m *matrix, _ rule, c cell, _ *httptest.ResponseRecorder) {
	t.Helper()
	if w := m.send(t, c.caller.name, "GET", base+"/me", ""); w.Code != 401 {
		t.Errorf("%s is still there after logging out: %d", c.caller.name, w.Code)
	}
	delete(m.logins, c.caller.name)
}
