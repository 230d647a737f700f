package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tongban/internal/casework"
	"tongban/internal/offline"
)

func at(t time.Time) *time.Time { return &t }

// TestAQueuedActHasItsOwnTime: what was done yesterday and sent today is in the histories as received today, with the clerk's own time beside it.
func TestAQueuedActHasItsOwnTime(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	card := jpegOf(t, 24, 16)
	h.upload(t, "clerk-xinglin", card)
	line := errandLine("said", h.actor(t, "zhang").Person, h.claimPapers(t), digestOf(card))
	now := h.clock.Now().Truncate(time.Second)
	yesterday := func(i int) time.Time { return now.Add(-26*time.Hour + time.Duration(i)*time.Minute) }
	for i := range line {
		line[i].DoneAt = at(yesterday(i))
	}
	line = append(line, queued{Key: key("said-9"), Line: line[0].Line, Seq: 9, Act: "visitErrand", On: "act:" + line[3].Key, Body: []byte(`{"text":"上门看望"}`), DoneAt: at(yesterday(9))})
	done := h.takeAll(t, "clerk-xinglin", line...)
	wantOutcomes(t, done, strings.TrimSpace(strings.Repeat("created ", 9)))

	c := read[CaseView](t, h.must(t, "clerk-xinglin", http.StatusOK, "GET", "/cases/"+done[1].Done.ID, ""))
	e := read[ErrandView](t, h.must(t, "zhang", http.StatusOK, "GET", "/errands/"+done[3].Done.ID, ""))
	if !c.CreatedAt.Equal(now) || !e.CreatedAt.Equal(now) || e.FiledAt == nil || !e.FiledAt.Equal(now) {
		t.Errorf("the law counts from %v, %v, %v, and not from the receipt", c.CreatedAt, e.CreatedAt, e.FiledAt)
	}
	same := func(what string, got time.Time, said *time.Time, i int) {
		t.Helper()
		if !got.Equal(now) || said == nil || !said.Equal(yesterday(i)) {
			t.Errorf("%s is dated %v, done at %v", what, got, said)
		}
	}
	same("the opening", c.History[0].At, c.History[0].DoneAt, 1)
	for i, act := range []int{3, 4, 5, 6, 7, 9} { // the ninth is said to have been done later
		same("what was done on the errand", e.History[i].At, e.History[i].DoneAt, act)
	}
	same("the paper", e.Papers[0].At, e.Papers[0].DoneAt, 5)
	for _, happened := range c.History {
		if happened.Act == casework.Submit {
			same("the submission", happened.At, happened.DoneAt, 7)
		}
	}

	// a visit that is told by itself has its time in the same place, and only its words in its words
	before := yesterday(300)
	told := read[ErrandView](t, h.must(t, "clerk-xinglin", http.StatusOK, "POST", "/errands/"+e.ID+"/visit", `{"text":"再次上门","at":"`+before.Format(time.RFC3339)+`"}`))
	if v := told.History[len(told.History)-1]; v.Words != "再次上门" || v.DoneAt == nil || !v.DoneAt.Equal(before) {
		t.Errorf("the visit is %+v", v)
	}

	// the hand-over and the delivery are dated as the clerk says
	m := &matter{by: "clerk-xinglin", whose: "zhang", item: claim, id: c.ID}
	h.walkCase(t, m, casework.Receive, casework.Accept, casework.Review, casework.Grant)
	h.clock.Advance(50 * time.Hour)
	home := h.clock.Now().Add(-30 * time.Hour).Truncate(time.Second)
	hand := queued{Key: key("said-10"), Line: line[0].Line, Seq: 10, Act: "handOverErrand", On: e.ID, Body: []byte(`{"relation":"self","proof":"本人签字"}`), DoneAt: &home}
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", hand), "created")
	e = read[ErrandView](t, h.must(t, "zhang", http.StatusOK, "GET", "/errands/"+e.ID, ""))
	c = read[CaseView](t, h.must(t, "zhang", http.StatusOK, "GET", "/cases/"+c.ID, ""))
	if e.HandedAt == nil || !e.HandedAt.Equal(home) || c.DeliveredAt == nil || !c.DeliveredAt.Equal(home) {
		t.Errorf("handed over at %v, delivered at %v, want %v", e.HandedAt, c.DeliveredAt, home)
	}

	h.clock.Advance(60 * 24 * time.Hour) // what was done once is not judged again
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", line...), strings.TrimSpace(strings.Repeat("same ", 9)))
	hand.DoneAt = at(home.Add(time.Hour))
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", hand), "invalid:idempotency.other_content")
}

// TestTimesThatCannotBe are refused, and leave nothing; a phone's clock may be wrong by some minutes.
func TestTimesThatCannotBe(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	rules := offline.UsualRules()
	skew, oldest := time.Duration(rules.Skew.Minutes)*time.Minute, time.Duration(rules.Oldest.Days)*24*time.Hour
	now := h.clock.Now()
	begin := func(line string, at time.Time) queued {
		act := queueUp(line, [3]string{"openCase", "", `{"item_id":"` + claim + `","answers":` + caseAnswers[claim] + `,"applicant":"` + h.actor(t, "zhang").Person + `"}`})[0]
		act.DoneAt = &at
		return act
	}
	next := func(line, on string, at time.Time) queued {
		act := queueUp(line, [3]string{}, [3]string{"editCase", on, `{"papers":[{"material":"id_card"}]}`})[1]
		act.DoneAt = &at
		return act
	}
	refused := func(act queued, why string) {
		t.Helper()
		answers := h.takeAll(t, "clerk-xinglin", act)
		wantOutcomes(t, answers, "invalid:request.invalid")
		if p := answers[0].Problem; p == nil || len(p.Errors) != 1 || p.Errors[0].Location != "done_at" || !strings.Contains(p.Errors[0].Message, why) {
			t.Errorf("told %+v", p)
		}
	}
	refused(begin("too-early", now.Add(skew+time.Minute)), "还没有到")
	refused(begin("too-old", now.Add(-oldest-time.Minute)), "30 天")
	h.wantRows(t, 0, "offline_acts", "1 = 1")

	fast := h.takeAll(t, "clerk-xinglin", begin("fast-clock", now.Add(skew-time.Minute)))
	wantOutcomes(t, fast, "created")
	h.wantRows(t, 1, "offline_acts", "said_at IS NULL")
	old := now.Add(-oldest + skew)
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", begin("rather-old", old), next("rather-old", "act:rather-old-1", old.Add(-skew/2))), "created created")
	monday := now.Add(-20 * time.Hour)
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", begin("monday", monday)), "created")
	refused(next("monday", "act:monday-1", monday.Add(-skew-time.Minute)), "前面的一步")

	// another line, on a thing that was begun by itself, or by an act that is not named
	alone := read[CaseView](t, h.must(t, "clerk-xinglin", 201, "POST", "/cases", string(begin("", now).Body))).ID
	over := queueUp("on-another", [3]string{"discardCase", alone, `{}`})[0]
	over.DoneAt = at(now.Add(-skew - time.Minute))
	refused(over, "这件事的开始")
	over.DoneAt = at(now.Add(-skew / 2))
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", over), "created")
	reference := queueUp("by-its-key", [3]string{"editCase", "act:monday-1", `{"papers":[{"material":"id_card"}]}`})[0]
	reference.DoneAt = at(monday.Add(-2 * time.Hour))
	refused(reference, "前面的一步")
	reference.DoneAt = at(monday.Add(time.Hour))
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", reference), "created")
}

// TestPhotosThatAreNotHere are asked for, however the act names them; a photo that is used is no photo to wait for.
func TestPhotosThatAreNotHere(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	draft := h.enrol(t, "clerk-xinglin", h.actor(t, "zhang").Person)
	edit := func(line, photo string) queued {
		return queueUp(line, [3]string{"editCase", draft, `{"papers":[{"material":"id_card","files":["` + photo + `"]}]}`})[0]
	}
	asked := func(act queued, photo string) {
		t.Helper()
		answers := h.takeAll(t, "clerk-xinglin", act)
		wantOutcomes(t, answers, "waits:photos")
		if m := answers[0].Missing; len(m) != 1 || m[0] != photo {
			t.Errorf("asked for %v", m)
		}
	}
	asked(edit("never-uploaded", someID), someID)
	hers := read[fileView](t, h.upload(t, "deputy-xinglin", jpegOf(t, 16, 16))).ID
	asked(edit("somebody-elses", hers), hers)
	swept := jpegOf(t, 24, 16)
	id := read[fileView](t, h.upload(t, "clerk-xinglin", swept)).ID
	h.clock.Advance(25 * time.Hour)
	if _, err := h.Files.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked(edit("swept", id), id)
	asked(edit("swept", byPhoto+digestOf(swept)), digestOf(swept))
	h.upload(t, "clerk-xinglin", swept)
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", edit("swept", byPhoto+digestOf(swept))), "created") // nothing was kept of the other wording
	used := read[fileView](t, h.upload(t, "clerk-xinglin", jpegOf(t, 40, 16))).ID
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", edit("used", used)), "created")
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", edit("the-same-again", used)), "created")
	other := queueUp("of-another", [3]string{"editCase", h.enrol(t, "clerk-xinglin", h.actor(t, "zhang").Person), `{"papers":[{"material":"id_card","files":["` + used + `"]}]}`})[0]
	wantOutcomes(t, h.takeAll(t, "clerk-xinglin", other), "invalid:request.invalid")
	for i, never := range []string{"abc", "", "SHA256:" + digestOf(swept), strings.ToUpper(used)} { // no upload can bring it
		wantOutcomes(t, h.takeAll(t, "clerk-xinglin", edit(fmt.Sprint("no-id-", i), never)), "invalid:request.invalid")
	}
}
