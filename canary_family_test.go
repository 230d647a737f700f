//go:build !race

package main

import "testing"

// settle makes a household of canaries, two of whom told when they were born, and one of them another's guardian.
func (a *aviary) settle(t *testing.T, clerk caller) {
	t.Helper()
	consent := map[string]string{"text_version": ofVillages, "how": "signed"}
	var people []string
	for n := range 2 {
		c := canaryOf(canaries + 10 + n)
		people = append(people, a.must(t, clerk, "/residents", map[string]any{
			"name": c.name, "phone": c.phone, "birth_date": bornStem, "village": xinglin, "consent": consent,
		}).text(t, "id"))
	}
	made := a.must(t, clerk, "/households", map[string]any{"number": "7", "head": people[0]}).text(t, "id")
	a.must(t, clerk, "/households/"+made+"/add", map[string]any{"person": people[1], "relation": "51"})
	a.ids["household"] = []string{made}
	a.ids["resident"] = append(a.ids["resident"], people...)
	a.must(t, clerk, "/residents/"+people[1]+"/guardians", map[string]any{
		"guardian": people[0], "relation": "child", "proof": "court", "birth_date": bornStem, "valid_until": "2027-01-31", "consent": consent,
	})
}
