package page

import (
	"net/url"
	"slices"
	"testing"
)

// TestLinesSayWhatIsMadeOnce: a page's line in the list of routes is idempotent if, and only if, its form leaves a claim in the store.
func TestLinesSayWhatIsMadeOnce(t *testing.T) {
	h := open(t)
	forms := map[string]struct {
		path string
		form url.Values
	}{
		"showList":    {"/items/" + pension, url.Values{"a.who": {"self"}}},
		"writeNotice": {noticePath, answered(h)},
		"showTrack":   {"/track", slipForm(h)},
	}
	claims := func() (n int64) {
		must(t, h.store.Read(t.Context()).Table("idempotency").Count(&n).Error)
		return n
	}
	var makes []string
	for _, r := range h.Routes() {
		if r.Method == "GET" {
			if r.Idempotent {
				t.Errorf("%s reads by GET and asks for a key", r.Name)
			}
			continue
		}
		f, known := forms[r.Name]
		if !known {
			t.Fatalf("nobody says what %s takes", r.Name)
		}
		before := claims()
		h.post(f.path, f.form, r.Status)
		h.post(f.path, f.form, r.Status)
		if left := claims() - before; left > 1 || (left == 1) != r.Idempotent {
			t.Errorf("%s: declared %v, and the form sent twice left %d claims", r.Name, r.Idempotent, left)
		}
		if r.Idempotent {
			makes = append(makes, r.Name)
		}
	}
	if !slices.Equal(makes, []string{"writeNotice"}) {
		t.Errorf("made once: %v", makes)
	}
}

func slipForm(h *house) url.Values {
	slip := h.appeal()
	return url.Values{"number": {slip.Appeal.Number}, "query_code": {slip.QueryCode}}
}
