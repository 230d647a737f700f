package api

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/casework"
	"tongban/internal/offline"
	"tongban/internal/store/storetest"
)

// TestWhatWasSentAloneIsNotDoneAgain: a clerk's calls came through, but not their answers. The phone queues them under the same keys, with
// what it knows: acts by their keys and photos by their digests. What was done by itself is told as done, and the rest goes on from there.
func TestWhatWasSentAloneIsNotDoneAgain(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	zhang, card := h.actor(t, "zhang").Person, jpegOf(t, 24, 16)
	line := errandLine("alone-then-queued", zhang, h.claimPapers(t), digestOf(card))
	sent := func(status, i int, path, body string) *httptest.ResponseRecorder {
		return h.must(t, "clerk-xinglin", status, "POST", path, body, keyHeader, line[i].Key)
	}
	notice := read[madeNotice](t, sent(201, 0, "/notices", string(line[0].Body)))
	_, code, _ := strings.Cut(notice.URL, "/q/")
	opened := read[CaseView](t, sent(201, 1, "/cases", `{"applicant": "`+zhang+`", "notice_code":"`+code+`"}`))
	h.upload(t, "clerk-xinglin", card) // twice: the phone had no answer to the first
	page := read[fileView](t, h.upload(t, "clerk-xinglin", card)).ID
	sent(200, 2, "/cases/"+opened.ID+"/edit", strings.ReplaceAll(string(line[2].Body), byPhoto+digestOf(card), page))
	entrustment := read[ErrandView](t, sent(201, 3, "/errands", `{"case":"`+opened.ID+`",`+entrusted+`}`))
	h.wantRows(t, 3, "offline_acts", "seq = 0")

	answers := h.takeAll(t, "clerk-xinglin", line...)
	wantOutcomes(t, answers, "same same same same created created created created")
	if n, c, e := answers[0].Done, answers[1].Done, answers[3].Done; n.ID != notice.ID || n.QueryCode != notice.QueryCode || n.URL != notice.URL || c.ID != opened.ID || e.ID != entrustment.ID || e.Number != entrustment.Number {
		t.Errorf("told %+v, %+v and %+v", n, c, e)
	}
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", line...), strings.TrimSpace(strings.Repeat("same ", 8)))
	for _, table := range []string{"notices", "cases", "errands"} {
		h.wantRows(t, 1, table, "1 = 1")
	}
	h.wantRows(t, 8, "offline_acts", "1 = 1")
	h.wantRows(t, 0, "offline_acts", "seq = 0")
	if faults, err := h.Store.Fsck(t.Context(), offline.Checks()); err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
}

// TestWhatWasDoneAloneKeepsItsTime: a notice that was made by itself in the morning comes queued in the evening, and what followed it at once is
// not too early.
func TestWhatWasDoneAloneKeepsItsTime(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	line := plainLine("alone-in-the-morning", h.actor(t, "zhang").Person, h.claimPapers(t))[:2]
	morning := h.clock.Now()
	line[0].DoneAt, line[1].DoneAt = at(morning), at(morning.Add(10*time.Minute))
	h.must(t, "clerk-xinglin", 201, "POST", "/notices", string(line[0].Body), keyHeader, line[0].Key)
	h.clock.Advance(9 * time.Hour)
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", line...), "same created")
}

// TestACallRetriedAloneKeepsItsTime: the first try did not arrive, a later one did; the phone says when it was first done.
func TestACallRetriedAloneKeepsItsTime(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	zhang := h.actor(t, "zhang").Person
	body := `{"item_id":"` + claim + `","answers":` + caseAnswers[claim] + `,"applicant":"` + zhang + `"}`
	line := queueUp("retried-alone", [3]string{"openCase", "", body}, [3]string{"makeNotice", "", `{"item_id":"` + claim + `","village":"` + xinglin + `","answers":` + caseAnswers[claim] + `}`})
	first := h.clock.Now()
	line[0].DoneAt, line[1].DoneAt = at(first), at(first.Add(5*time.Minute))
	h.clock.Advance(time.Hour)
	h.must(t, "clerk-xinglin", 201, "POST", "/cases", body, keyHeader, line[0].Key)
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", line...), "same created")
}

// TestWhatWasQueuedIsNotDoneAgainAlone: the other way round. The call by itself is answered as if it had been the first, as long as such
// answers are kept, and then told that it was done.
func TestWhatWasQueuedIsNotDoneAgainAlone(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	zhang, li := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	line := plainLine("queued-then-alone", zhang, h.claimPapers(t))
	done := h.takeAll(t, "clerk-xinglin", line...)
	wantOutcomes(t, done, strings.TrimSpace(strings.Repeat("created ", 7)))
	_, code, _ := strings.Cut(done[0].Done.URL, "/q/")
	alone := func(status, i int, path, body string) *httptest.ResponseRecorder {
		return h.must(t, "clerk-xinglin", status, "POST", path, body, keyHeader, line[i].Key)
	}
	open := `{"notice_code":"` + code + `","applicant":"` + zhang + `"}`
	at := "/cases/" + done[1].Done.ID
	if n := read[madeNotice](t, alone(201, 0, "/notices", string(line[0].Body))); n.ID != done[0].Done.ID || n.QueryCode != done[0].Done.QueryCode {
		t.Errorf("the notice is %s", n.ID)
	}
	w := alone(201, 1, "/cases", open)
	if c := read[CaseView](t, w); c.ID != done[1].Done.ID || c.Status != casework.Draft || w.Header().Get("Location") != base+at {
		t.Errorf("the case is %s, %s, at %s", c.ID, c.Status, w.Header().Get("Location"))
	}
	filing := "/errands/" + done[3].Done.ID + "/file"
	if e := read[filedView](t, alone(200, 6, filing, string(line[6].Body))); e.QueryCode != done[6].Done.QueryCode || e.CaseNumber != done[6].Done.CaseNumber {
		t.Errorf("filed as %s", e.CaseNumber)
	}
	for i, c := range []struct{ path, body string }{
		{"/cases", strings.Replace(open, zhang, li, 1)}, {filing, `{}`}, {"/errands", `{"case":"` + done[1].Done.ID + `",` + entrusted + `}`},
	} {
		if p := problemOf(t, alone(422, []int{1, 6, 1}[i], c.path, c.body)); p.Code != "idempotency.other_content" {
			t.Errorf("%s: %s", c.path, p.Code)
		}
	}
	h.clock.Advance(25 * time.Hour)
	for swept := range 2 { // whether or not the old keys were swept
		if p := problemOf(t, alone(409, 1, "/cases", open)); p.Code != "offline.done_before" {
			t.Errorf("after a day, %d: %s", swept, p.Code)
		}
		if p := problemOf(t, alone(422, 1, "/cases", strings.Replace(open, zhang, li, 1))); p.Code != "idempotency.other_content" {
			t.Errorf("after a day, %d: %s", swept, p.Code)
		}
		if _, err := h.Store.SweepClaims(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.wantRows(t, 1, "cases", "1 = 1")
	h.wantRows(t, 1, "notices", "1 = 1")
}

// TestACallAloneIsKnownForEver: the phone had no network for weeks after the call whose answer was lost.
func TestACallAloneIsKnownForEver(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	zhang, li := h.actor(t, "zhang").Person, h.actor(t, "li").Person
	body := func(who string) string {
		return `{"item_id":"` + claim + `","answers":` + caseAnswers[claim] + `,"applicant":"` + who + `"}`
	}
	act := queueUp("alone-for-ever", [3]string{"openCase", "", body(zhang)})
	opened := read[CaseView](t, h.must(t, "clerk-xinglin", 201, "POST", "/cases", body(zhang), keyHeader, act[0].Key))
	other := queueUp("alone-for-ever", [3]string{"openCase", "", body(li)})
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", other...), "invalid:idempotency.other_content")
	h.clock.Advance(40 * 24 * time.Hour)
	if _, err := h.Store.SweepClaims(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", other...), "invalid:idempotency.other_content")
	taken := queueUp("alone-in-a-place", [3]string{"openCase", "", body(li)})
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", taken...), "created")
	misplaced := act[0]
	misplaced.Line = taken[0].Line
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", misplaced), "invalid:offline.place_taken")
	answers := h.takeAll(t, "clerk-xinglin", act...)
	wantOutcomes(t, answers, "same")
	if answers[0].Done.ID != opened.ID {
		t.Errorf("told %+v", answers[0].Done)
	}
	wantOutcomes(t, h.takeAll(t, "deputy-xinglin", act...), "created") // the keys of another clerk are her own
	h.wantRows(t, 3, "cases", "1 = 1")
}

// TestBothWaysAtOnce: two phones of a clerk, one with a line and one that sends its queue, at the same moment.
func TestBothWaysAtOnce(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	zhang, token := h.actor(t, "zhang").Person, h.token(t, "clerk-xinglin")
	post := func(path, body, key string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", base+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", bearer(token))
		r.Header.Set(keyHeader, key)
		w := httptest.NewRecorder()
		h.http.ServeHTTP(w, r)
		return w
	}
	rounds := storetest.Rounds(12)
	for i := range rounds {
		acts := queueUp(fmt.Sprintf("at-once-%d", i),
			[3]string{"openCase", "", `{"item_id":"` + claim + `","answers":` + caseAnswers[claim] + `,"applicant":"` + zhang + `"}`},
			[3]string{"makeNotice", "", `{"item_id":"` + claim + `","village":"` + xinglin + `"}`})
		var alone, queued [2]*httptest.ResponseRecorder
		var running sync.WaitGroup
		for j := range 2 {
			running.Go(func() { alone[j] = post([]string{"/cases", "/notices"}[j], string(acts[j].Body), acts[j].Key) })
			running.Go(func() { queued[j] = post("/offline", batchOf(t, acts), "") })
		}
		running.Wait()
		again := read[takenView](t, post("/offline", batchOf(t, acts), "")).Acts
		if got := outcomes(again); got != "same same" {
			t.Errorf("afterwards: %s", got)
			continue
		}
		for j := range 2 {
			var made struct{ ID string }
			if err := json.Unmarshal(alone[j].Body.Bytes(), &made); err != nil || alone[j].Code != 201 && alone[j].Code != 503 && !strings.Contains(alone[j].Body.String(), "idempotency.in_progress") {
				t.Errorf("by itself: %d %s", alone[j].Code, alone[j].Body)
			} else if alone[j].Code == 201 && made.ID != again[j].Done.ID {
				t.Errorf("by itself it made %s, queued %s", made.ID, again[j].Done.ID)
			}
			for k, a := range read[takenView](t, queued[j]).Acts {
				if a.Result != offline.Waits && (a.Done == nil || a.Done.ID != again[k].Done.ID) {
					t.Errorf("queued: %s", outcomes([]queuedView{a}))
				}
			}
		}
	}
	h.wantRows(t, int64(rounds), "cases", "1 = 1")
	h.wantRows(t, int64(rounds), "notices", "1 = 1")
}
