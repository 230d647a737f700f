package appeal

import (
	"slices"
	"testing"
	"time"

	"tongban/internal/fault"
	"tongban/internal/flow"
)

// Whoever had a hand in the handling does not judge it, in whichever post.
func TestFollowUpByAnotherPerson(t *testing.T) {
	h := open_(t)
	same := h.followUp()
	same.Person = h.officer().Person // 一肩挑: officer and follow-up in one
	id := h.to(Replied, h.submit().ID)
	want(t, h.do(StartFollowUp, same, id), ErrOwnHandling)
	seen, err := h.Get(t.Context(), same, id)
	must(t, err)
	if len(seen.Offers) != 0 {
		t.Errorf("the handler is offered %v", seen.Offers)
	}
	must(t, h.do(StartFollowUp, h.followUp(), id))
	for _, do := range []flow.Act{Attempt, Conclude, Redo} {
		want(t, h.do(do, same, id), ErrOwnHandling)
	}
	must(t, h.do(Conclude, h.followUp(), id))

	// Whoever only noted for the office had a hand in it too; who answered at once as well.
	noted := h.to(Dispatched, h.submit().ID)
	noter := h.officer()
	noter.Person = "second-officer"
	must(t, h.do(Note, noter, noted))
	for _, do := range []flow.Act{Acknowledge, Contact, Reply} {
		must(t, h.do(do, h.officer(), noted))
	}
	same.Person = noter.Person
	want(t, h.do(StartFollowUp, same, noted), ErrOwnHandling)
	answered := h.to(Accepted, h.submit().ID)
	must(t, h.do(Answer, h.dispatcher(), answered))
	same.Person = h.dispatcher().Person
	want(t, h.do(StartFollowUp, same, answered), ErrOwnHandling)
	h.sound()
}

func TestAnonymousIsNotFollowedUp(t *testing.T) {
	h := open_(t)
	id := h.anonymousReplied()
	want(t, h.do(StartFollowUp, h.followUp(), id), ErrNoFollowUp)
	list, err := h.List(t.Context(), h.followUp(), Filter{Queue: "to_follow_up", Limit: 10})
	must(t, err)
	if len(list) != 0 {
		t.Error("an anonymous appeal is on the follow-up's list")
	}
	_, err = h.Contact(t.Context(), h.officer(), h.to(Acknowledged, h.submit().ID), FirstContact{How: "none"})
	wrongField(t, err, "body.how")
	_, err = h.Contact(t.Context(), h.officer(), h.to(Acknowledged, h.anonymous()), FirstContact{How: "phone"})
	wrongField(t, err, "body.how")
}

func TestContactIsRecordedAsItWas(t *testing.T) {
	h := open_(t)
	id := h.to(Acknowledged, h.submit().ID)
	dispatched := h.store.Clock().Now()
	h.pass(3 * time.Hour)
	at := func(when time.Time) error {
		_, err := h.Contact(t.Context(), h.officer(), id, FirstContact{How: "visit", At: &when})
		return err
	}
	wrongField(t, at(dispatched.Add(-time.Second)), "body.at")
	wrongField(t, at(h.store.Clock().Now().Add(time.Minute)), "body.at")
	must(t, at(dispatched.Add(time.Hour)))
	row := h.row(id)
	if row.ContactedAt == nil || !row.ContactedAt.Equal(dispatched.Add(time.Hour)) {
		t.Errorf("contacted at %v", row.ContactedAt)
	}
}

func TestReplyNeedsEvidence(t *testing.T) {
	h := open_(t)
	id := h.to(Handling, h.submit().ID)
	_, err := h.Reply(t.Context(), h.officer(), id, Response{Text: "水泵已经换好了。"})
	wrongField(t, err, "body.evidence")
	must(t, h.do(Reply, h.officer(), id))
	mine, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	theirs, err := h.Get(t.Context(), h.dispatcher(), id)
	must(t, err)
	said := func(s Seen, text string) bool {
		return slices.ContainsFunc(s.History, func(e Happening) bool { return e.Words == text })
	}
	if !said(mine, "水泵已经换好了。") || said(mine, "现场试水正常。") || !said(theirs, "现场试水正常。") {
		t.Error("reply and evidence are not shown to whom they are meant for")
	}
}

func TestRedoHasANewClock(t *testing.T) {
	h := open_(t)
	id := h.to(FollowingUp, h.submit().ID)
	_, err := h.Redo(t.Context(), h.followUp(), id, Redoing{Office: h.office("water"), Text: "还是没有水，请重办。"})
	wrongField(t, err, "body.office")
	for round := 1; round <= 3; round++ {
		h.shanghai("2026-12-0" + string(rune('0'+round)) + " 10:00")
		must(t, h.do(Redo, h.followUp(), id))
		row := h.row(id)
		if row.Redos != round || row.Status != Handling || row.RepliedAt != nil || row.LateAt == nil || !row.StartedAt.Equal(row.UpdatedAt) {
			t.Errorf("redo %d: %d, %s", round, row.Redos, row.Status)
		}
		supervised := 0
		if round > 2 {
			supervised = 1
		}
		if row.Supervisions != supervised {
			t.Errorf("redo %d: supervised %d times", round, row.Supervisions)
		}
		must(t, h.do(Reply, h.officer(), id))
		must(t, h.do(StartFollowUp, h.followUp(), id))
	}
	seen, err := h.Get(t.Context(), h.supervisor(), id)
	must(t, err)
	i := slices.IndexFunc(seen.History, func(e Happening) bool { return e.Act == Supervise })
	if i < 1 || seen.History[i-1].Act != Redo || seen.History[i].Detail.Number != 1 || seen.SuperviseOn.IsZero() {
		t.Error("above the limit there is no numbered supervision after the redo")
	}
	h.sound()
}

// What the dispatcher answered himself is redone by an office that he names then.
func TestRedoOfAnInstantAnswer(t *testing.T) {
	h := open_(t)
	id := h.to(Accepted, h.submit().ID)
	must(t, h.do(Answer, h.dispatcher(), id))
	must(t, h.do(StartFollowUp, h.followUp(), id))
	must(t, h.do(Redo, h.followUp(), id))
	want(t, h.do(Reply, h.officer(), id), fault.NotFound) // nobody's yet: he has not been called
	must(t, h.do(Reassign, h.dispatcher(), id))
	must(t, h.do(Acknowledge, h.officer(), id))
	_, err := h.Answer(t.Context(), h.dispatcher(), h.to(Accepted, h.submit(func(s *Submission) { s.Class = Help }).ID), InstantAnswer{Text: "水泵正在修，明天恢复。"})
	want(t, err, ErrOnlyConsult)
}

func TestConclusionNeedsWhatThePetitionerSays(t *testing.T) {
	h := open_(t)
	id := h.to(FollowingUp, h.submit().ID)
	conclude := func(solved *bool) (Seen, error) {
		return h.Conclude(t.Context(), h.followUp(), id, Conclusion{Solved: solved})
	}
	_, err := conclude(nil)
	wrongField(t, err, "body.solved")
	for range 3 {
		must(t, h.do(Attempt, h.followUp(), id))
	}
	seen, err := conclude(nil)
	must(t, err)
	if seen.Solved != nil {
		t.Error("nobody said so")
	}
	id, no := h.to(FollowingUp, h.submit().ID), false
	seen, err = conclude(&no)
	must(t, err)
	if seen.Solved == nil || *seen.Solved {
		t.Error("unsolved was not kept")
	}
}
