//go:build !race

package main

import (
	"testing"

	"github.com/google/uuid"
)

// queue sends a visit, a refused act and an unknown one as a phone queued them, with a canary in all that is said.
func (a *aviary) queue(t *testing.T, c canary) {
	t.Helper()
	begun, line := uuid.NewString(), uuid.NewString()
	acts := []map[string]any{
		{"key": begun, "line": line, "seq": 1, "act": "openCase", "body": map[string]any{
			"item_id": claimItem, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": "ready"}, "applicant": a.ids["resident"][0],
		}},
		{"key": uuid.NewString(), "line": line, "seq": 2, "act": "entrustErrand", "body": map[string]any{
			"case": "act:" + begun, "scope": c.words(), "powers": []string{"file"}, "valid_until": "2999-01-31",
			"relation": "family", "entruster": c.name, "method": "fingerprint", "witnesses": []string{c.name, c.name + "家人"},
		}},
		{"key": uuid.NewString(), "line": line, "seq": 3, "act": "withdrawCase", "on": "act:" + begun, "body": map[string]any{"text": c.words(), c.name: c.number}},
		{"key": uuid.NewString(), "line": uuid.NewString(), "seq": 1, "act": c.name, "on": c.phone, "body": map[string]any{c.number: c.words()}},
	}
	done := a.must(t, a.staff["clerk-xinglin"], "/offline", map[string]any{"acts": acts})
	for i, want := range []string{"created", "created", "invalid", "invalid"} {
		if got := done.text(t, "acts."+string(rune('0'+i))+".result"); got != want {
			t.Errorf("queued act %d came out as %s: %s", i, got, done.body)
		}
	}
}
