package api

import (
	"strings"
	"testing"
	"time"
)

// TestBusinessWithoutLeavingTheVillage is what the newspaper told of: somebody of seventy, without a phone, claims a pension. She has the
// notice on paper; the clerk scans it, is entrusted, takes her papers and files; the county grants it in minutes; the result is handed over
// at her door against her signature; she rates it. Every time and every document is looked at, and nothing is asked twice.
func TestBusinessWithoutLeavingTheVillage(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	made := read[madeNotice](t, h.must(t, "", 201, "POST", "/notices",
		`{"item_id":"`+claim+`","village":"`+xinglin+`","name":"罗玉珍","answers":{"age":"yes","other":"none","years":"full","card":"ready"}}`))
	vars := map[string]string{
		"code": made.URL[strings.LastIndex(made.URL, "/")+1:], "sheet": strings.TrimPrefix(made.URL, h.BaseURL),
		"card": h.keep(t, "clerk-xinglin"), "shown": h.keep(t, "clerk-xinglin"), "book": h.keep(t, "clerk-xinglin"), "form": h.keep(t, "clerk-xinglin"), "receipt": h.keep(t, "clerk-xinglin"),
	}
	by := func(who, name, path, body string, fields map[string]any) scenario {
		return scenario{name: name, who: who, method: "POST", path: path, body: body, status: 200, fields: fields}
	}
	clerk := func(name, path, body string, fields map[string]any) scenario {
		return by("clerk-xinglin", name, path, body, fields)
	}
	get := func(name, who, path string, fields map[string]any) scenario {
		return scenario{name: name, who: who, method: "GET", path: path, status: 200, fields: fields}
	}

	vars = h.play(t, vars,
		scenario{name: "the paper in her hand is the page", method: "GET", path: ".{sheet}", status: 200},
		scenario{name: "she is registered without a phone", who: "clerk-xinglin", method: "POST", path: "/residents", status: 201,
			body:   `{"name":"罗玉珍","id_number":"219901195603100023","village":"` + xinglin + `","consent":{"text_version":"` + consentVersion + `","how":"fingerprint"}}`,
			fields: map[string]any{"name": "罗玉珍", "id_number": "**************0023", "phone": ""}, saves: map[string]string{"her": "id"}},
		scenario{name: "the clerk scans the notice", who: "clerk-xinglin", method: "POST", path: "/cases", status: 201,
			body: `{"notice_code":"{code}","applicant":"{her}"}`, saves: map[string]string{"case": "id"},
			fields: map[string]any{"status": "draft", "item_id": claim, "notice": made.ID, "outdated": false, "applicant.name": "罗**", "papers.#": 4, "papers.0.state": "missing"}},
		scenario{name: "she entrusts him by fingerprint", who: "clerk-xinglin", method: "POST", path: "/errands", status: 201,
			body: `{"case":"{case}",` + entrusted + `}`, saves: map[string]string{"errand": "id"},
			fields: map[string]any{"status": "entrusted", "created_at": "2026-11-23T09:00:00+08:00", "witnesses.#": 2, "filed_by.role": absent}},
		scenario{name: "nobody files past the entrustment", who: "clerk-xinglin", method: "POST", path: "/cases/{case}/submit", body: `{}`, status: 409, code: "errand.file_only"},
		clerk("he looks at her card", "/errands/{errand}/identify", `{"how":"home_visit","document":"id_card"}`, map[string]any{"identity_at": "2026-11-23T09:00:00+08:00"}),
		clerk("takes the card, which she signs for", "/errands/{errand}/take-papers", `{"name":"居民身份证","form":"original","count":1,"signer":"罗玉珍","signature":"fingerprint","attachments":["{shown}"]}`, map[string]any{"papers.#": 1, "papers.0.count": 1}),
		clerk("and photographs it for the case", "/cases/{case}/edit", `{"papers":[{"material":"id_card","files":["{card}"]},{"material":"hukou_book","files":["{book}"]},{"material":"ss_card"},{"material":"application_form","files":["{form}"]}]}`, map[string]any{"papers.0.state": "given", "papers.3.state": "given"}),
		scenario{name: "with her word it is kept for the next time", who: "clerk-xinglin", method: "POST", path: "/cases/{case}/keep-paper", status: 201,
			body: `{"material":"id_card","consent_until":"2027-11-22",` + spoken + `}`, saves: map[string]string{"kept": "id"}, fields: map[string]any{"from_case": "{case}", "refused": ""}},
	)
	h.clock.Advance(12 * time.Minute)
	vars = h.play(t, vars,
		scenario{name: "the card goes back", who: "clerk-xinglin", method: "GET", path: "/errands/{errand}", status: 200, saves: map[string]string{"slip": "papers.0.id"}},
		clerk("into her hand", "/errands/{errand}/return-papers", `{"paper":"{slip}","count":1,"signer":"罗玉珍","signature":"fingerprint"}`, map[string]any{"papers.#": 2, "papers.1.returns": "{slip}"}),
		clerk("the papers are right", "/errands/{errand}/check", `{}`, map[string]any{"status": "checked"}),
		scenario{name: "filed: the case is with the county in the same breath", who: "clerk-xinglin", method: "POST", path: "/errands/{errand}/file", body: `{}`, status: 200,
			fields: map[string]any{"status": "filed", "filed_at": "2026-11-23T09:12:00+08:00", "case_number": like(`^BJ101201261123\d{4}$`), "query_code": like(`^\d{6}$`), "filed_by.name": filled, "filed_for.name": "罗**"},
			saves:  map[string]string{"number": "case_number", "query": "query_code"}},
	)
	h.caseRounds(t)
	h.clock.Advance(3 * time.Minute)
	vars = h.play(t, vars,
		get("the window sees who filed for whom", "window-hall", "/cases/{case}", map[string]any{"status": "received", "by_agent": true, "filed_by.name": filled, "applicant.name": "罗**",
			"applied_at": "2026-11-23T09:12:00+08:00", "received_at": "2026-11-23T09:12:00+08:00"}),
		by("window-hall", "accepted", "/cases/{case}/accept", `{}`, map[string]any{"accepted_at": "2026-11-23T09:15:00+08:00", "due_on": "2026-12-07", "light": "green"}),
		by("reviewer", "reviewed", "/cases/{case}/review", `{}`, map[string]any{"status": "reviewing"}),
	)
	h.clock.Advance(4 * time.Minute)
	vars = h.play(t, vars,
		scenario{name: "who reviewed does not decide", who: "reviewer", method: "POST", path: "/cases/{case}/grant", body: `{}`, status: 403, code: "flow.not_by_you"},
		by("decider", "granted, nineteen minutes after she put her finger on the paper", "/cases/{case}/grant", `{"text":"符合条件，从下个月起发放。"}`,
			map[string]any{"status": "granted", "decided_at": "2026-11-23T09:19:00+08:00", "deliver_on": "2026-12-07"}),
		get("the clerk's errand knows it at once", "clerk-xinglin", "/errands/{errand}", map[string]any{"status": "result_received", "result_at": "2026-11-23T09:19:00+08:00"}),
		by("", "whoever holds the slip knows it too", "/track", `{"number":"{number}","query_code":"{query}"}`, map[string]any{"kind": "case", "status": "granted", "history.#": 5}),
	)
	h.clock.Advance(2 * time.Hour)
	vars = h.play(t, vars,
		clerk("at her door", "/errands/{errand}/visit", `{"text":"把决定书送到家里，念给她听。"}`, map[string]any{"status": "result_received"}),
		clerk("she signs for it", "/errands/{errand}/hand-over", `{"relation":"self","proof":"按手印","attachments":["{receipt}"]}`, map[string]any{"status": "handed_over", "handed_at": "2026-11-23T11:19:00+08:00", "receiver_relation": "self"}),
		get("and the case is delivered", "clerk-xinglin", "/cases/{case}", map[string]any{"status": "delivered", "delivered_at": "2026-11-23T11:19:00+08:00", "delivery.receiver": "本人"}),
		scenario{name: "she says how it was", who: "clerk-xinglin", method: "POST", path: "/cases/{case}/rate", body: `{"level":1,"consent":"spoken","text":"没出村就办成了。"}`, status: 200, fields: map[string]any{"stars": 5}},
		clerk("filed away", "/errands/{errand}/archive", `{}`, map[string]any{"status": "archived"}),
		get("everything that was done is told in its order", "clerk-xinglin", "/errands/{errand}", map[string]any{"history.#": 10, "history.0.act": "entrust", "history.5.act": "file", "history.9.act": "archive"}),
		scenario{name: "who brought it does not ask how it was", who: "clerk-xinglin", method: "POST", path: "/errands/{errand}/follow-up", body: `{"result":"content"}`, status: 403, code: "errand.follow_up_own"},
		by("deputy-xinglin", "another clerk does", "/errands/{errand}/follow-up", `{"result":"content","text":"说没出村就办成了。"}`, map[string]any{"status": "archived", "follow_up": "content", "history.10.act": "follow_up", "history.10.words": "说没出村就办成了。"}),
		scenario{name: "not to the neighbour", who: "li", method: "GET", path: "/errands/{errand}", status: 404, code: "request.not_found"},
	)
	h.paperTrail(t, vars["case"], "receipt 2026-11-23T09:12:00+08:00", "acceptance 2026-11-23T09:15:00+08:00", "grant 2026-11-23T09:19:00+08:00", "delivery 2026-11-23T11:19:00+08:00")

	// Months later she needs something else: her card is there already.
	h.clock.Advance(90 * 24 * time.Hour)
	h.play(t, vars,
		scenario{name: "the next case", who: "clerk-xinglin", method: "POST", path: "/cases", status: 201, saves: map[string]string{"next": "id"},
			body: `{"item_id":"` + pension + `","answers":` + caseAnswers[pension] + `,"applicant":"{her}"}`},
		clerk("asks for no card", "/cases/{next}/use-paper", `{"material":"id_card","locker_paper":"{kept}"}`, map[string]any{"papers.0.material": "id_card", "papers.0.state": "given", "papers.0.files.#": 1}),
	)
}

// paperTrail demands the documents of a case, each as its kind and time, each genuine by its code, and each printed as its hash says.
func (h *house) paperTrail(t *testing.T, id string, want ...string) {
	t.Helper()
	seen := map[string]bool{}
	var got []string
	for _, d := range read[caseDocumentsView](t, h.must(t, "clerk-xinglin", 200, "GET", "/cases/"+id+"/documents", "")).Documents {
		got = append(got, string(d.Kind)+" "+d.MadeAt.Format(time.RFC3339))
		if page := h.send(t, "", "GET", d.Check, ""); page.Code != 200 || !strings.Contains(page.Body.String(), d.Number) || !strings.Contains(page.Body.String(), d.Hash[:16]) {
			t.Errorf("%s is not told to be genuine: %d %s", d.Title, page.Code, page.Body)
		}
		first, again := h.printed(t, id, d.ID), h.printed(t, id, d.ID)
		if first != again || seen[first] || seen[d.Number] {
			t.Errorf("%s is printed differently, or like another", d.Title)
		}
		seen[first], seen[d.Number] = true, true
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the documents are\n%s", strings.Join(got, "\n"))
	}
}

// printed is the digest of a document as it is printed.
func (h *house) printed(t *testing.T, id, document string) string {
	t.Helper()
	return digestOf(h.must(t, "clerk-xinglin", 200, "GET", "/cases/"+id+"/documents.html?document="+document, "").Body.Bytes())
}
