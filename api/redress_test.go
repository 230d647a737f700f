package api

import (
	"testing"
	"time"

	"tongban/internal/casework"
	"tongban/internal/store"
)

// announced are the lights that rounds told of a redress, in order.
func (h *house) announced(t *testing.T, id string) (lights []string) {
	t.Helper()
	var rows []store.TrailRow
	if err := h.Store.Read(t.Context()).Where("act = ? AND object = ?", "redress.light", id).Order("id").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		body, err := r.Text()
		if err != nil {
			t.Fatal(err)
		}
		lights = append(lights, body.To)
	}
	return lights
}

func (h *house) ratingRounds(t *testing.T) {
	t.Helper()
	for range 2 { // the second finds nothing to tell
		if _, err := h.Ratings.Rounds(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAPoorRatingIsAnswered: a poor rating of a case has to be called back within a working day, corrected, answered and checked,
// by others than those who handled the case. The rater reads the answer on the case.
func TestAPoorRatingIsAnswered(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	m := filed()
	id := h.redress(t, m, "等了一上午没人理") // on a Monday morning
	vars := map[string]string{"id": id, "case": m.id}
	h.play(t, vars,
		scenario{name: "on the office's list", who: "window-hall", method: "GET", path: "/redresses?open=true", status: 200, fields: map[string]any{
			"items.#": 1, "items.0.id": id, "items.0.kind": "case", "items.0.object": "{case}", "items.0.number": filled, "items.0.level": 5, "items.0.status": "opened",
			"items.0.due_on": "2026-11-24", "items.0.text": "",
		}},
		scenario{name: "whom it was about sees it, and may do nothing", who: "window-hall", method: "GET", path: "/redresses/{id}", status: 200, fields: map[string]any{"text": "等了一上午没人理", "offers.#": 0}},
		scenario{name: "nor does he", who: "window-hall", method: "POST", path: "/redresses/{id}/confirm", body: `{"how":"phone","text":"我问过了，没有这回事。"}`, status: 403, code: "redress.own_handling"},
		scenario{name: "nor the decider", who: "decider", method: "POST", path: "/redresses/{id}/find-unfounded", body: `{"how":"phone","finding":"malicious","text":"我问过了，没有这回事。"}`, status: 403, code: "redress.own_handling"},
		scenario{name: "the rater is told nothing yet", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"rating.level": 5, "rating.answer": "", "rating.answered_at": absent}},
	)
	h.ratingRounds(t)
	h.clock.Advance(24 * time.Hour) // Tuesday is the last day
	h.ratingRounds(t)
	h.play(t, vars, scenario{name: "late soon", who: "supervisor", method: "GET", path: "/redresses?light=red", status: 200, fields: map[string]any{"items.#": 0}})
	h.clock.Advance(24 * time.Hour)
	h.ratingRounds(t)
	if got := h.announced(t, id); len(got) == 0 || got[len(got)-1] != "red" || len(got) > 2 {
		t.Errorf("the rounds announced %q", got)
	}
	h.play(t, vars,
		scenario{name: "late", who: "supervisor", method: "GET", path: "/redresses?light=red&open=true", status: 200, fields: map[string]any{"items.#": 1, "items.0.light": "red"}},
		scenario{name: "no way of calling back", who: "supervisor", method: "POST", path: "/redresses/{id}/confirm", body: `{"how":"telepathy","text":"回访核实了，确实没人理。"}`, status: 422, code: "request.invalid", at: "body.how"},
		scenario{name: "nothing to be corrected yet", who: "supervisor", method: "POST", path: "/redresses/{id}/correct", body: `{"text":"窗口加了一个人。"}`, status: 409, code: "redress.not_now"},
		scenario{name: "called back", who: "supervisor", method: "POST", path: "/redresses/{id}/confirm", body: `{"version":1,"how":"phone","text":"回访核实了，确实没人理。"}`, status: 200, fields: map[string]any{
			"status": "correcting", "finding": "true", "due_on": "2026-12-16", "light": "green", "contacted_at": filled, "history.0.code": "phone", "history.0.words": "回访核实了，确实没人理。",
		}},
		scenario{name: "an old version", who: "supervisor", method: "POST", path: "/redresses/{id}/correct", body: `{"version":1,"text":"窗口加了一个人。"}`, status: 409, code: "redress.not_now"},
		scenario{name: "corrected", who: "supervisor", method: "POST", path: "/redresses/{id}/correct", body: `{"text":"窗口加了一个人，叫号屏修好了。"}`, status: 200, fields: map[string]any{"status": "to_answer", "due_on": "2026-11-30", "corrected_at": filled}},
		scenario{name: "answered", who: "supervisor", method: "POST", path: "/redresses/{id}/answer", body: `{"text":"让您久等了，窗口已经加了一个人。"}`, status: 200, fields: map[string]any{"status": "answered", "answered_at": filled}},
		scenario{name: "he does not check his own answer", who: "supervisor", method: "POST", path: "/redresses/{id}/close", body: `{}`, status: 403, code: "redress.own_part"},
		scenario{name: "the rater reads it", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"rating.level": 5, "rating.text": "等了一上午没人理", "rating.answer": "让您久等了，窗口已经加了一个人。", "rating.answered_at": filled}},
		scenario{name: "not good enough", who: "follow-up-liuquan", method: "POST", path: "/redresses/{id}/reopen", body: `{"text":"叫号屏今天又坏了。"}`, status: 200, fields: map[string]any{
			"status": "opened", "finding": "", "contacted_at": absent, "corrected_at": absent, "answered_at": absent, "reopened_at": filled, "due_on": "2026-12-02",
		}},
		scenario{name: "nothing is corrected that was not found again", who: "supervisor", method: "POST", path: "/redresses/{id}/correct", body: `{"text":"叫号屏换了新的。"}`, status: 409, code: "redress.not_now"},
		scenario{name: "called back again", who: "supervisor", method: "POST", path: "/redresses/{id}/confirm", body: `{"how":"phone","text":"叫号屏确实又坏了。"}`, status: 200, fields: map[string]any{"status": "correcting", "finding": "true", "due_on": "2026-12-02"}},
		scenario{name: "corrected again", who: "supervisor", method: "POST", path: "/redresses/{id}/correct", body: `{"text":"叫号屏换了新的。"}`, status: 200, fields: map[string]any{"due_on": "2026-12-02"}},
		scenario{name: "answered again", who: "supervisor", method: "POST", path: "/redresses/{id}/answer", body: `{"text":"叫号屏也换了新的，请您放心。"}`, status: 200},
		scenario{name: "checked", who: "follow-up-liuquan", method: "POST", path: "/redresses/{id}/close", body: `{}`, status: 200, fields: map[string]any{"status": "closed", "closed_at": filled, "offers.#": 0}},
		scenario{name: "the last answer counts", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"rating.level": 5, "rating.answer": "叫号屏也换了新的，请您放心。"}},
		scenario{name: "off the list", who: "supervisor", method: "GET", path: "/redresses?open=true", status: 200, fields: map[string]any{"items.#": 0}},
	)
	h.clock.Advance(60 * 24 * time.Hour)
	before := len(h.announced(t, id))
	h.ratingRounds(t)
	if after := h.announced(t, id); len(after) != before {
		t.Errorf("the clock of a closed one runs on: %q", after)
	}
}

// TestAWrongRatingIsMarked: what was rated by mistake keeps its stars and gets a finding, and the rater an answer. A good rating opens
// nothing, and no rating is none.
func TestAWrongRatingIsMarked(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	m := filed()
	id := h.redress(t, m, "按错了")
	good := h.walkCase(t, h.draft(t, filed()), casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Grant)
	h.must(t, "zhang", 200, "POST", "/cases/"+good.id+"/rate", `{"level":3}`)
	silent := h.walkCase(t, h.draft(t, filed()), casework.Submit, casework.Receive, casework.Accept, casework.Review, casework.Grant)
	h.play(t, map[string]string{"id": id, "case": m.id, "silent": silent.id},
		scenario{name: "only the poor one", who: "supervisor", method: "GET", path: "/redresses", status: 200, fields: map[string]any{"items.#": 1, "items.0.id": id}},
		scenario{name: "true is no such finding", who: "supervisor", method: "POST", path: "/redresses/{id}/find-unfounded", body: `{"how":"visit","finding":"true","text":"上门问过了。"}`, status: 422, code: "request.invalid", at: "body.finding"},
		scenario{name: "by mistake", who: "supervisor", method: "POST", path: "/redresses/{id}/find-unfounded", body: `{"how":"visit","finding":"mistaken","text":"上门问过了，是点错了。"}`, status: 200, fields: map[string]any{"status": "to_answer", "finding": "mistaken"}},
		scenario{name: "answered all the same", who: "supervisor", method: "POST", path: "/redresses/{id}/answer", body: `{"text":"您说是点错了，我们记下来了。"}`, status: 200},
		scenario{name: "the stars stay", who: "zhang", method: "GET", path: "/cases/{case}", status: 200, fields: map[string]any{"rating.level": 5, "rating.answer": "您说是点错了，我们记下来了。"}},
	)
	h.clock.Advance(31 * 24 * time.Hour)
	h.ratingRounds(t)
	h.play(t, map[string]string{"silent": silent.id},
		scenario{name: "nothing is never praise", who: "zhang", method: "GET", path: "/cases/{silent}", status: 200, fields: map[string]any{"rating": absent}},
		scenario{name: "and too late to rate", who: "zhang", method: "POST", path: "/cases/{silent}/rate", body: `{"level":5}`, status: 409, code: "case.rating_over"},
	)
}
