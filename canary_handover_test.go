//go:build !race

package main

import "testing"

// bring is an errand's way to a hand-over that is refused, and to the follow-up, with a canary in all that is said.
func (a *aviary) bring(t *testing.T, c canary) {
	t.Helper()
	clerk, window := a.staff["clerk-xinglin"], a.staff["window-hall"]
	var papers []map[string]any
	for _, m := range []string{"id_card", "hukou_book", "ss_card", "application_form"} {
		papers = append(papers, map[string]any{"material": m})
	}
	begun := a.must(t, clerk, "/cases", map[string]any{
		"item_id": claimItem, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": "ready"}, "applicant": a.ids["resident"][0], "papers": papers,
	})
	of := begun.text(t, "id")
	id := a.must(t, clerk, "/errands", map[string]any{
		"case": of, "scope": c.words(), "powers": []string{"file", "receive"}, "valid_until": nextYear(begun.text(t, "updated_at")[:4]) + "-01-31",
		"method": "fingerprint", "witnesses": []string{c.name, c.name + "家人"},
	}).text(t, "id")
	a.ids["errand"] = append(a.ids["errand"], id)
	for _, step := range []struct {
		who  caller
		path string
		body map[string]any
	}{
		{clerk, "/errands/" + id + "/identify", map[string]any{"how": "in_person", "document": "id_card"}},
		{clerk, "/errands/" + id + "/check", map[string]any{"text": c.words()}},
		{clerk, "/errands/" + id + "/file", map[string]any{}},
		{window, "/cases/" + of + "/receive", nil},
		{window, "/cases/" + of + "/accept", map[string]any{}},
		{a.staff["reviewer"], "/cases/" + of + "/review", map[string]any{}},
		{a.staff["decider"], "/cases/" + of + "/grant", map[string]any{"text": c.words()}},
		{clerk, "/errands/" + id + "/hand-over", map[string]any{
			"relation": "family", "receiver": c.name, "proof": c.words(), "refusal": map[string]any{"reason": c.words(), "witnesses": []string{c.name, c.name + "家人"}},
		}},
		{a.staff["supervisor"], "/errands/" + id + "/follow-up", map[string]any{"result": "discontent", "text": c.words()}},
	} {
		if step.body == nil {
			a.ask(t, step.who, "POST", base+step.path, "{}") // unless a round was faster
			continue
		}
		a.must(t, step.who, step.path, step.body)
	}
}
