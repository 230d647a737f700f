//go:build !race

package main

import (
	"strconv"
	"testing"
)

const whyOfOpinion = "what the offices of a case asked and said, for those offices"

func init() {
	for _, name := range []string{"listOpinions", "readOpinion", "giveOpinion", "askOpinionsCase", "remindOpinionCase", "withdrawOpinionCase"} {
		mayShow[name] = struct {
			fields []string
			why    string
		}{append([]string{"question"}, toldOfCase...), whyOfOpinion}
	}
	for _, name := range []string{"readCase", "extendCase", "denyCase", "deliverCase"} {
		told := mayShow[name]
		told.fields = append([]string{"question"}, told.fields...)
		mayShow[name] = told
	}
}

// consult asks two offices about the case, with a canary in all that is said: one answers, of the other it is taken back.
func (a *aviary) consult(t *testing.T, id string, c canary) {
	t.Helper()
	reviewer, civil := a.staff["reviewer"], a.staff["officer-civil"]
	offices := map[string]string{}
	for _, code := range []string{"civil-affairs", "water"} {
		offices[code] = a.officeOf(t, code)
	}
	asked := a.must(t, reviewer, "/cases/"+id+"/ask-opinions", map[string]any{
		"offices": []string{offices["civil-affairs"], offices["water"]}, "question": c.words(), "due_on": "2026-11-25",
	})
	first, second := asked.text(t, "opinions.0.id"), asked.text(t, "opinions.1.id")
	a.ids["opinion"] = []string{first}
	a.must(t, reviewer, "/cases/"+id+"/remind-opinion", map[string]any{"opinion": first})
	a.must(t, civil, "/opinions/"+first+"/give", map[string]any{"position": "disagree", "text": c.words()})
	a.must(t, reviewer, "/cases/"+id+"/withdraw-opinion", map[string]any{"opinion": second})
}

// officeOf is the id of an office of the demo county, by the name that its people have in their posts.
func (a *aviary) officeOf(t *testing.T, code string) string {
	t.Helper()
	names := map[string]string{"civil-affairs": "青禾县民政局", "water": "青禾县水利局"}
	page := a.stranger().get(t, "/offices?area=219901&kind=department")
	for i := range page.at(t, "items.#").(int) {
		if at := "items." + strconv.Itoa(i); page.text(t, at+".name") == names[code] {
			return page.text(t, at+".id")
		}
	}
	t.Fatalf("no office %s", code)
	return ""
}
