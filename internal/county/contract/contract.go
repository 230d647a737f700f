// Package contract is what must hold whoever decides on cases, as two suites of tests. RunHall looks from the case: the desk of this program passes it, and so
// does a platform elsewhere with letters, client and inbox in between. Run looks at the wire: what every adapter of county.Platform must do in addition, because
// it asks somebody else (docs/decisions/0044).
package contract

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/county"
)

// House is a fresh platform without cases, seen from both sides.
type House struct {
	Platform county.Platform
	// Act lets the county do something to a case; it must be allowed.
	Act func(t *testing.T, ref string, act county.Act)
	// Events are what the county told since the last call, as they came in, whole.
	Events func(t *testing.T) []county.Event
	// Advance moves the clock of both sides.
	Advance func(d time.Duration)
	Now     func() time.Time
}

// Submission is one that every platform takes, of an invented person.
func Submission(ref string, at time.Time) county.Submission {
	return county.Submission{
		Ref: ref, Item: county.Item{CatalogCode: "000114004000", TaskCode: "11210000MB1234567A2000114004000", Name: "城乡居民养老待遇申领", Version: 3},
		CaseType: "committed", Channel: "computer", Summary: "养老待遇申领", Area: "219901101201", Office: "示例村便民服务站", AppliedAt: at,
		Applicant: county.Party{
			Kind: "person", Name: county.Revealed("示例人"), IDType: "id_card", IDNumber: county.Revealed("110101190001010015"), Phone: county.Revealed("13800000000"),
		},
		Papers: []county.Paper{{ID: "p1", Name: "居民身份证", Form: "electronic", Copies: 1, File: "p1.jpg", SHA256: Digest("p1")}},
	}
}

// Digest is a digest of nothing in particular.
func Digest(of string) string { return fmt.Sprintf("%064x", []byte(of)) }

// Run tests an adapter that asks somebody else; open makes a house of the test's own.
func Run(t *testing.T, open func(t *testing.T) House) {
	for name, test := range map[string]func(*testing.T, House){
		"a case is handed over once, whatever is sent again":          submitsOnce,
		"a key belongs to one content":                                keysDoNotMix,
		"a case that nobody knows":                                    unknownCases,
		"what proves nothing is not taken":                            refusesPapersWithoutDigest,
		"the main line, and its news in order":                        mainLine,
		"defects are named, answered one by one, and only asked once": corrections,
		"a case is taken back until it is decided":                    withdrawals,
		"the list of changes misses nothing":                          changes,
		"a case ends once":                                            endings,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// must is a call that has to succeed.
func must(t *testing.T, s county.Standing, err error) county.Standing {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h House) submit(t *testing.T, ref string) county.Standing {
	t.Helper()
	s, err := h.Platform.Submit(t.Context(), "key-"+ref, Submission(ref, h.Now()))
	return must(t, s, err)
}

func (h House) standing(t *testing.T, ref string) county.Standing {
	t.Helper()
	s, err := h.Platform.Standing(t.Context(), ref)
	return must(t, s, err)
}

func submitsOnce(t *testing.T, h House) {
	first := h.submit(t, "BJ1")
	if first.Ref != "BJ1" || first.Number == "" || first.State != county.Submitted && first.State != county.Received || first.At.IsZero() {
		t.Fatalf("%+v", first)
	}
	for range 3 {
		s, err := h.Platform.Submit(t.Context(), "key-BJ1", Submission("BJ1", h.Now()))
		if again := must(t, s, err); again.Number != first.Number {
			t.Errorf("a second case: %+v after %+v", again, first)
		}
	}
	if _, err := h.Platform.Submit(t.Context(), "another key", Submission("BJ1", h.Now())); !errors.Is(err, county.ErrHuman) {
		t.Errorf("the same number under another key: %v", err)
	}
	if other := h.submit(t, "BJ2"); other.Number == first.Number {
		t.Error("two cases have one number")
	}
}

func keysDoNotMix(t *testing.T, h House) {
	h.submit(t, "BJ1")
	if _, err := h.Platform.Submit(t.Context(), "key-BJ1", Submission("BJ2", h.Now())); !errors.Is(err, county.ErrHuman) {
		t.Errorf("a used key with another case: %v", err)
	}
	if _, err := h.Platform.Standing(t.Context(), "BJ2"); !errors.Is(err, county.ErrNoCase) {
		t.Errorf("the other case is there: %v", err)
	}
}

func unknownCases(t *testing.T, h House) {
	if _, err := h.Platform.Standing(t.Context(), "BJ404"); !errors.Is(err, county.ErrNoCase) {
		t.Errorf("standing: %v", err)
	}
	_, err := h.Platform.Correct(t.Context(), "k1", county.Correction{Ref: "BJ404", At: h.Now(), Answers: []county.Answer{{Defect: "d", Text: "补了"}}})
	if !errors.Is(err, county.ErrHuman) {
		t.Errorf("correct: %v", err)
	}
	if _, err := h.Platform.Withdraw(t.Context(), "k2", county.Withdrawal{Ref: "BJ404", At: h.Now(), Reason: "不办了"}); !errors.Is(err, county.ErrHuman) {
		t.Errorf("withdraw: %v", err)
	}
}

func refusesPapersWithoutDigest(t *testing.T, h House) {
	for name, spoil := range map[string]func(*county.Submission){
		"no digest":    func(s *county.Submission) { s.Papers[0].SHA256 = "" },
		"half a one":   func(s *county.Submission) { s.Papers[0].SHA256 = s.Papers[0].SHA256[:32] },
		"no paper id":  func(s *county.Submission) { s.Papers[0].ID = "" },
		"no applicant": func(s *county.Submission) { s.Applicant.Name = county.Private{} },
		"no number":    func(s *county.Submission) { s.Ref = "" },
		"no time":      func(s *county.Submission) { s.AppliedAt = time.Time{} },
	} {
		s := Submission("BJ1", h.Now())
		spoil(&s)
		if _, err := h.Platform.Submit(t.Context(), "key of "+name, s); !errors.Is(err, county.ErrHuman) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Platform.Standing(t.Context(), "BJ1"); !errors.Is(err, county.ErrNoCase) {
		t.Errorf("a case was made of it: %v", err)
	}
}

// received brings a case to where the window has it: a platform may receive by itself.
func (h House) received(t *testing.T, ref string) {
	t.Helper()
	if h.submit(t, ref).State == county.Submitted {
		h.Act(t, ref, county.Receive)
	}
}

func mainLine(t *testing.T, h House) {
	h.received(t, "BJ1")
	for _, step := range []struct {
		act county.Act
		to  county.State
	}{
		{county.Accept, county.Accepted}, {county.Review, county.Reviewing}, {county.Suspend, county.Suspended}, {county.Resume, county.Reviewing},
		{county.Extend, county.Reviewing}, {county.Grant, county.Granted}, {county.Deliver, county.Delivered},
	} {
		before := h.standing(t, "BJ1")
		h.Advance(time.Hour)
		h.Act(t, "BJ1", step.act)
		now := h.standing(t, "BJ1")
		if now.State != step.to || now.Number != before.Number || !now.At.After(before.At) || now.Seq > 0 && now.Seq <= before.Seq {
			t.Errorf("after %s: %+v, before %+v", step.act, now, before)
		}
	}
	checkNews(t, h.Events(t), "BJ1", county.Accept, county.Review, county.Suspend, county.Resume, county.Extend, county.Grant, county.Deliver)
}

// checkNews demands these acts in this order, receiving aside, each told once and counted upwards.
func checkNews(t *testing.T, events []county.Event, ref string, want ...county.Act) {
	t.Helper()
	var got []county.Act
	ids, last := map[string]bool{}, county.Event{}
	for _, e := range events {
		if e.Ref != ref {
			continue
		}
		if e.ID == "" || ids[e.ID] || e.At.Before(last.At) || e.Seq > 0 && e.Seq <= last.Seq || e.Number == "" {
			t.Errorf("%+v after %+v", e, last)
		}
		ids[e.ID], last = true, e
		if e.Act == county.Grant && reflect.ValueOf(e.Result).IsZero() {
			t.Error("granted what?")
		}
		if (e.Act == county.Suspend || e.Act == county.Extend) && e.Special == "" {
			t.Errorf("%s of which kind?", e.Act)
		}
		if e.Act != county.Receive {
			got = append(got, e.Act)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the county told %v, and did %v", got, want)
	}
}

func corrections(t *testing.T, h House) {
	h.received(t, "BJ1")
	early := county.Correction{Ref: "BJ1", At: h.Now(), Answers: []county.Answer{{Defect: "none", Text: "补了"}}}
	if _, err := h.Platform.Correct(t.Context(), "early", early); !errors.Is(err, county.ErrHuman) {
		t.Errorf("corrected without being asked: %v", err)
	}
	h.Act(t, "BJ1", county.AskCorrection)
	var defects []county.Defect
	for _, e := range h.Events(t) {
		if e.Act == county.AskCorrection {
			defects = e.Defects
		}
	}
	if len(defects) == 0 || strings.TrimSpace(defects[0].Text) == "" || defects[0].Reason == "" {
		t.Fatalf("asked for a correction of what? %+v", defects)
	}
	if got := h.standing(t, "BJ1").State; got != county.Correcting {
		t.Errorf("the case is %s", got)
	}
	beside := county.Correction{Ref: "BJ1", At: h.Now(), Answers: []county.Answer{{Defect: "another", Text: "补了"}}}
	if _, err := h.Platform.Correct(t.Context(), "beside", beside); !errors.Is(err, county.ErrHuman) {
		t.Errorf("a defect stayed unanswered: %v", err)
	}
	whole := county.Correction{Ref: "BJ1", At: h.Now()}
	for i, d := range defects {
		whole.Papers = append(whole.Papers, county.Paper{ID: fmt.Sprintf("c%d", i), Name: d.Material, Form: "electronic", Copies: 1, SHA256: Digest(d.ID), Defect: d.ID})
	}
	for range 2 { // sent again it is one correction
		s, err := h.Platform.Correct(t.Context(), "whole", whole)
		if got := must(t, s, err); got.State != county.Received {
			t.Errorf("after the correction: %+v", got)
		}
	}
	h.Act(t, "BJ1", county.Accept)
	h.Act(t, "BJ1", county.Review)
	if _, err := h.Platform.Correct(t.Context(), "late", whole); !errors.Is(err, county.ErrHuman) {
		t.Errorf("corrected once more: %v", err)
	}
	if got := h.standing(t, "BJ1").State; got != county.Reviewing {
		t.Errorf("the case is %s", got)
	}
}

func withdrawals(t *testing.T, h House) {
	for ref, acts := range map[string][]county.Act{"BJ1": nil, "BJ2": {county.Accept}, "BJ3": {county.Accept, county.Review, county.Suspend}, "BJ4": {county.AskCorrection}} {
		h.received(t, ref)
		for _, act := range acts {
			h.Act(t, ref, act)
		}
		for range 2 {
			s, err := h.Platform.Withdraw(t.Context(), "withdraw "+ref, county.Withdrawal{Ref: ref, At: h.Now(), Reason: "不办了"})
			if got := must(t, s, err); got.State != county.Withdrawn {
				t.Errorf("%s after %v: %+v", ref, acts, got)
			}
		}
	}
	h.received(t, "BJ5")
	for _, act := range []county.Act{county.Accept, county.Review, county.Grant} {
		h.Act(t, "BJ5", act)
	}
	if _, err := h.Platform.Withdraw(t.Context(), "too late", county.Withdrawal{Ref: "BJ5", At: h.Now(), Reason: "不办了"}); !errors.Is(err, county.ErrHuman) {
		t.Errorf("what was granted was taken back: %v", err)
	}
	if got := h.standing(t, "BJ5").State; got != county.Granted {
		t.Errorf("the case is %s", got)
	}
}

// changed reads the whole list, and calls between after each page.
func (h House) changed(t *testing.T, since time.Time, between func()) map[string]county.Standing {
	t.Helper()
	found, after := map[string]county.Standing{}, ""
	for pages := 0; ; pages++ {
		page, err := h.Platform.Changed(t.Context(), since, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.List {
			found[s.Ref] = s
		}
		if page.Next == "" {
			return found
		}
		if after = page.Next; pages > 100 {
			t.Fatal("the list has no end")
		}
		between()
	}
}

func changes(t *testing.T, h House) {
	begun := h.Now()
	const many = 120
	var refs []string
	for i := range many {
		ref := fmt.Sprintf("BJ%03d", i)
		refs = append(refs, ref)
		h.received(t, ref)
	}
	nothing := func() {}
	if got := h.changed(t, begun, nothing); len(got) != many {
		t.Errorf("%d of %d cases are listed", len(got), many)
	}
	h.Advance(time.Hour)
	later := h.Now()
	if got := h.changed(t, later, nothing); len(got) != 0 {
		t.Errorf("%d cases changed in no time", len(got))
	}
	h.Act(t, refs[7], county.Accept)
	if got := h.changed(t, later, nothing); len(got) != 1 || got[refs[7]] != h.standing(t, refs[7]) {
		t.Errorf("one change: %+v", got)
	}
	next := 20
	got := h.changed(t, begun, func() { // what changes while somebody reads comes with its old or new state, and never not at all
		h.Act(t, refs[next], county.Accept)
		next++
	})
	if len(got) != many {
		t.Errorf("%d of %d cases are listed while they change", len(got), many)
	}
}

func endings(t *testing.T, h House) {
	for ref, end := range map[string]struct {
		acts []county.Act
		at   county.State
	}{
		"BJ1": {[]county.Act{county.Refuse}, county.Refused}, "BJ2": {[]county.Act{county.Dismiss}, county.NotRequired},
		"BJ3": {[]county.Act{county.Accept, county.Review, county.Deny}, county.Denied}, "BJ4": {[]county.Act{county.Accept, county.Terminate}, county.Terminated},
		"BJ5": {[]county.Act{county.AskCorrection, county.Lapse}, county.Lapsed}, "BJ6": {[]county.Act{county.Grant}, county.Granted},
	} {
		h.received(t, ref)
		for _, act := range end.acts {
			h.Act(t, ref, act)
		}
		if got := h.standing(t, ref).State; got != end.at {
			t.Errorf("%s is %s, not %s", ref, got, end.at)
		}
		checkNews(t, h.Events(t), ref, end.acts...)
	}
}
