package api

import (
	"strings"
	"testing"
)

// TestWhoDoesWhat plays the county's list of duties: it is read by anybody, given with a post, changed by the administrator, told to
// the clerk and, without his name, to the village.
func TestWhoDoesWhat(t *testing.T) {
	h := openHouse(t)
	clerk := h.actor(t, "clerk-hewan")
	vars := map[string]string{"clerk": clerk.Person, "post": clerk.Post, "hall": h.officeID(t, "county-hall")}
	set := func(name, who, body string, status int, code string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/posts/{post}/duties", body: body, status: status, code: code}
	}
	done := set("other duties", "system-admin", `{"duties":["disputes","appeals"]}`, 200, "")
	done.fields = map[string]any{"posts.0.duties.#": 2, "posts.0.duties.0.code": "appeals", "posts.0.duties.1.title": "调解员"}
	village := scenario{name: "the village reads it", method: "GET", path: "/areas/" + hewan + "/duties", status: 200, fields: map[string]any{
		"items.#": 2, "items.0.title": "帮办代办员", "items.0.role_name": "村办事员", "items.0.area": hewan, "items.0.duties.#": 2,
		"items.1.area": hewan + "01", "items.1.duties.0.text": "走访网格里的每一户，人口变动随时记",
	}}
	unknown := set("an unknown duty", "system-admin", `{"duties":["singing"]}`, 422, "request.invalid")
	unknown.at = "body.post.duties"
	h.play(t, vars,
		scenario{name: "the list", method: "GET", path: "/duties", status: 200, fields: map[string]any{"items.#": 13, "items.0.code": "assisted-filing", "items.0.roles.0": "clerk"}},
		scenario{name: "his own", who: "clerk-hewan", method: "GET", path: "/me", status: 200, fields: map[string]any{"posts.0.duties.#": 3, "posts.0.duties.0.text": "帮村民填表、交材料，跑腿代办县里乡里的事"}},
		unknown,
		set("of another role", "system-admin", `{"duties":["household-visits"]}`, 422, "request.invalid"),
		set("by the security administrator", "security-admin", `{"duties":[]}`, 403, "request.forbidden"),
		set("by himself", "clerk-hewan", `{"duties":[]}`, 403, "request.forbidden"),
		done, village,
		scenario{name: "with a new account", who: "system-admin", method: "POST", path: "/staff", status: 422, code: "request.invalid", at: "body.post.duties",
			body: `{"username":"new.one","name":"新来人","post":{"role":"window","title":"窗口","office":"{hall}","area":"219901","duties":["appeals"]}}`},
		scenario{name: "nowhere", method: "GET", path: "/areas/219901101299/duties", status: 404, code: "request.not_found"},
		scenario{name: "nobody does anything at the county", method: "GET", path: "/areas/219901/duties", status: 200, fields: map[string]any{"items.#": 0}},
	)
	told := h.send(t, "", "GET", base+"/areas/"+hewan+"/duties", "").Body.String()
	for _, secret := range []string{"江河清", "水映霞", "clerk-hewan", clerk.Person, clerk.Post} {
		if strings.Contains(told, secret) {
			t.Errorf("the village is told %q: %s", secret, told)
		}
	}
}
