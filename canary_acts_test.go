//go:build !race

package main

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// handle is an appeal's way to its rating, with a canary in all that is said.
func (a *aviary) handle(t *testing.T, id string, c canary) {
	t.Helper()
	dispatcher, officer := a.staff["dispatcher"], a.staff["officer-liuquan"]
	office := dispatcher.get(t, "/offices?area="+liuquan+"&kind=township_centre").text(t, "items.0.id")
	for _, step := range []struct {
		who  caller
		act  string
		body map[string]any
	}{
		{dispatcher, "accept", map[string]any{}},
		{dispatcher, "note", map[string]any{"text": c.words()}},
		{dispatcher, "dispatch", map[string]any{"office": office}},
		{officer, "acknowledge", map[string]any{}},
		{officer, "contact", map[string]any{"how": "phone"}},
		{officer, "reply", map[string]any{"text": c.words(), "evidence": c.words()}},
		{a.resident, "rate", map[string]any{"level": 1, "solved": true, "text": c.words()}},
		{a.resident, "rate-again", map[string]any{"level": 4, "text": c.words()}},
	} {
		a.must(t, step.who, "/appeals/"+id+"/"+step.act, step.body)
		if step.act == "acknowledge" {
			a.must(t, officer, "/appeals/"+id+"/reveal-contact", map[string]any{"reason": "电话联系"}).is(t, "name", c.name, "phone", c.phone)
		}
	}
}

// apply is a case's way to its delivery, with a canary in all that is said.
func (a *aviary) apply(t *testing.T, c canary) {
	t.Helper()
	window, reviewer, decider := a.staff["window-hall"], a.staff["reviewer"], a.staff["decider"]
	id, _ := a.handIn(t)
	a.ids["case"] = []string{id}
	asked := a.must(t, window, "/cases/"+id+"/ask-correction", map[string]any{
		"defects": []map[string]any{{"material": "id_card", "reason": "illegible", "text": c.words()}},
	})
	until := asked.text(t, "updated_at")[:4]
	for _, step := range []struct {
		who  caller
		act  string
		body map[string]any
	}{
		{a.resident, "correct", map[string]any{"remedies": []map[string]any{{"defect": asked.text(t, "corrections.0.defects.0.id"), "text": c.words()}}}},
		{window, "accept", map[string]any{"note": c.words()}},
		{reviewer, "claim", map[string]any{}},
		{reviewer, "release", map[string]any{}},
		{reviewer, "review", map[string]any{}},
		{reviewer, "suspend", map[string]any{"procedure": "testing", "until_on": nextYear(until) + "-01-31", "text": c.words()}},
		{reviewer, "resume", map[string]any{"text": c.words()}},
		{decider, "extend", map[string]any{"days": 1, "approver": c.name, "text": c.words()}},
		{decider, "deny", map[string]any{"reason": "other", "text": c.words(), "remedies": c.words()}},
		{window, "deliver", map[string]any{"method": "post", "relation": "family", "receiver": c.name, "proof": c.words()}},
		{a.resident, "rate", map[string]any{"level": 5, "text": c.words()}},
		{a.resident, "rate-again", map[string]any{"level": 3, "text": c.words()}},
	} {
		if step.act == "extend" {
			a.consult(t, id, c)
		}
		done := a.must(t, step.who, "/cases/"+id+"/"+step.act, step.body)
		if step.act == "rate" {
			a.redress(t, done.text(t, "id"), c)
		}
	}
	a.grant(t, c)
	papers := a.resident.get(t, "/cases/"+id+"/documents")
	a.ids["receipt"] = []string{papers.text(t, "documents.0.id")}
	paper := papers.text(t, "documents.0.check_path")
	a.ids["document"] = []string{paper[strings.LastIndex(paper, "/")+1:]}
}

// entrust is an errand's way to its end, with a canary in all that is said.
func (a *aviary) entrust(t *testing.T, c canary) {
	t.Helper()
	clerk := a.staff["clerk-xinglin"]
	begun := a.must(t, clerk, "/cases", map[string]any{
		"item_id": claimItem, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": "ready"}, "applicant": a.ids["resident"][0],
	})
	id := a.must(t, clerk, "/errands", map[string]any{
		"case": begun.text(t, "id"), "scope": c.words(), "powers": []string{"file"}, "valid_until": nextYear(begun.text(t, "updated_at")[:4]) + "-01-31",
		"relation": "family", "entruster": c.name, "method": "fingerprint", "witnesses": []string{c.name, c.name + "家人"},
	}).text(t, "id")
	a.ids["errand"] = []string{id}
	paper := ""
	for _, step := range []struct {
		act  string
		body map[string]any
	}{
		{"identify", map[string]any{"how": "in_person", "document": "id_card"}},
		{"take-papers", map[string]any{"name": c.name + "的户口簿", "form": "original", "count": 1, "signer": c.name, "signature": "signed"}},
		{"return-papers", map[string]any{"count": 1, "signer": c.name, "signature": "signed"}},
		{"visit", map[string]any{"text": c.words()}},
		{"check", map[string]any{"text": c.words()}},
		{"terminate", map[string]any{"reason": "other", "text": c.words()}},
	} {
		if step.act == "return-papers" {
			step.body["paper"] = paper
		}
		done := a.must(t, clerk, "/errands/"+id+"/"+step.act, step.body)
		if step.act == "take-papers" {
			paper = done.text(t, "papers.0.id")
		}
	}
	watched := a.staff["supervisor"].get(t, "/errands/"+id)
	for _, field := range []string{"entruster", "witnesses.0", "witnesses.1", "papers.0.signer", "papers.1.signer"} {
		if name := watched.text(t, field); name == "" || strings.Contains(name, c.name) {
			t.Errorf("a supervisor reads %q as %s of an errand", name, field)
		}
	}
	a.ledgers(t, clerk)
}

// grant is another case's, of which a paper is still to come.
func (a *aviary) grant(t *testing.T, c canary) {
	t.Helper()
	id, _ := a.handInWith(t, "making", "id_card", "hukou_book", "application_form")
	a.must(t, a.staff["window-hall"], "/cases/"+id+"/accept", map[string]any{})
	a.must(t, a.staff["reviewer"], "/cases/"+id+"/review", map[string]any{})
	a.must(t, a.staff["decider"], "/cases/"+id+"/grant", map[string]any{"text": c.words(), "deferred_waived": c.words()})
}

// handIn submits a case of the resident's; it is received.
func (a *aviary) handIn(t *testing.T) (id, number string) {
	t.Helper()
	return a.handInWith(t, "ready", "id_card", "hukou_book", "ss_card", "application_form")
}

func (a *aviary) handInWith(t *testing.T, card string, materials ...string) (id, number string) {
	t.Helper()
	var papers []map[string]any
	for _, m := range materials {
		papers = append(papers, map[string]any{"material": m})
	}
	begun := a.must(t, a.resident, "/cases", map[string]any{
		"item_id": claimItem, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": card}, "papers": papers,
	})
	id = begun.text(t, "id")
	number = a.must(t, a.resident, "/cases/"+id+"/submit", map[string]any{}).text(t, "number")
	a.ask(t, a.staff["window-hall"], http.MethodPost, base+"/cases/"+id+"/receive", "{}") // unless a round was faster
	return id, number
}

func nextYear(year string) string {
	n, _ := strconv.Atoi(year)
	return strconv.Itoa(n + 1)
}

// lock keeps a paper of the resident's, with a photo, and takes it for a case of his.
func (a *aviary) lock(t *testing.T) {
	t.Helper()
	var photo, body bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "photo.jpg")
	if err == nil {
		_, err = part.Write(photo.Bytes())
	}
	if err := errors.Join(err, form.Close()); err != nil {
		t.Fatal(err)
	}
	kept := a.ask(t, a.resident, http.MethodPost, base+"/files", body.String(), "Content-Type", form.FormDataContentType())
	if kept.status != http.StatusCreated {
		t.Fatalf("a photo: %d %s", kept.status, kept.body)
	}
	until := nextYear(kept.header.Get("Date")[12:16]) + "-01-31"
	paper := a.must(t, a.resident, "/me/locker", map[string]any{
		"kind": "id_card", "files": []string{kept.text(t, "id")}, "consent_until": until, "consent": map[string]string{"text_version": ofVillages},
	}).text(t, "id")
	a.ids["locker"] = []string{paper}
	a.ids["upload"] = []string{a.must(t, a.resident, "/uploads", map[string]any{"size": 10, "sha256": strings.Repeat("a", 64)}).text(t, "id")}
	begun := a.must(t, a.resident, "/cases", map[string]any{
		"item_id": claimItem, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": "ready"},
	}).text(t, "id")
	a.must(t, a.resident, "/cases/"+begun+"/use-paper", map[string]any{"material": "id_card", "locker_paper": paper})
}
