package errand

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// TestFollowedUp: after the hand-over somebody without a hand in it asks how it was. The errand stays as it is, and its parties read what was said.
func TestFollowedUp(t *testing.T) {
	t.Parallel()
	h := open(t)
	how := FollowUp{Result: "content", Text: "说办得快，没跑路。"}
	by := func(actor access.Actor, id string, in FollowUp) (Seen, error) {
		return h.FollowUp(t.Context(), actor, id, in)
	}
	for _, s := range Flow.States {
		id := h.to(s.Name)
		before := h.row(id)
		seen, err := by(h.as("supervisor", access.Supervisor), id, how)
		if !slices.Contains(afterwards, s.Name) {
			want(t, err, ErrNotNow)
			continue
		}
		must(t, err)
		last := seen.History[len(seen.History)-1]
		if seen.Status != s.Name || seen.Version != before.Version+1 || seen.FollowUp != "content" || seen.FollowedUpAt == nil || last.Text != "回访" || last.Words != how.Text || last.Code != "content" {
			t.Errorf("in %s: %+v, %+v", s.Name, seen, last)
		}
	}
	id := h.to(HandedOver)
	_, err := by(h.clerk(), id, how)
	want(t, err, ErrOwnErrand)
	_, err = by(h.resident, id, how)
	want(t, err, fault.NotYours)
	_, err = by(h.with(access.Window, ""), id, how)
	want(t, err, fault.NotFound)
	_, err = by(h.deputy(), id, FollowUp{Result: discontent, Text: "不"})
	want(t, err, fault.BadField)
	_, err = by(h.deputy(), id, FollowUp{Result: "true"})
	want(t, err, fault.BadField)
	_, err = by(h.deputy(), id, FollowUp{Result: "unreached"})
	must(t, err)
	said := store.WithSaid(t.Context(), store.Said{At: h.store.Clock().Now().Add(-time.Minute), Skew: 10 * time.Minute})
	_, err = h.FollowUp(said, h.deputy(), id, FollowUp{Result: discontent, Text: "说等得太久了。"}) // once more: to ask is no hand in it
	must(t, err)
	seen, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	last := seen.History[len(seen.History)-1]
	if seen.FollowUp != discontent || last.Words != "说等得太久了。" || last.DoneAt == nil || last.Stead {
		t.Errorf("%+v", last)
	}
	var kept []Event
	must(t, h.store.Read(t.Context()).Where("errand_id = ? AND act = ?", id, followUpAct).Find(&kept).Error)
	for _, e := range kept {
		if bytes.Contains(e.Text, []byte("太久")) {
			t.Error("the words lie open in the table")
		}
	}

	// whoever brought it for the agent does not ask either
	id = h.to(ResultReceived)
	_, err = h.HandOver(t.Context(), h.deputy(), id, Handing{Relation: casework.Self, Proof: "本人签字"})
	must(t, err)
	_, err = by(h.deputy(), id, how)
	want(t, err, ErrOwnErrand)
	h.sound()
}

// TestRefused: who should receive the result does not sign. It is left before two witnesses, the case is delivered as left, and nobody is said to have
// signed; whether a fee was paid and its receipt given stands beside it.
func TestRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(ResultReceived)
	in := Handing{Relation: "family", Receiver: "田家人", Fee: "receipt_given"}
	for field, bad := range map[string]Handing{
		"body.refusal.reason":    {Refusal: &Refusal{Reason: "不", Witnesses: []string{"王见证", "李见证"}}},
		"body.refusal.witnesses": {Refusal: &Refusal{Reason: "说不认这个结果。", Witnesses: []string{"王见证", "王见证"}}},
		"body.fee":               {Proof: "签字", Fee: "cash"},
		"body.proof":             {},
	} {
		bad.Relation, bad.Receiver = in.Relation, in.Receiver
		_, err := h.HandOver(t.Context(), h.clerk(), id, bad)
		want(t, err, fault.BadField)
		if got := fault.Of(err).Fields; len(got) != 1 || got[0].Location != field {
			t.Errorf("refused for %v, not for %s", got, field)
		}
	}
	in.Refusal = &Refusal{Reason: "说不认这个结果。", Witnesses: []string{"王见证", "李见证"}}
	seen, err := h.HandOver(t.Context(), h.clerk(), id, in)
	must(t, err)
	if seen.Status != HandedOver || seen.Refusal != in.Refusal.Reason || !slices.Equal(seen.RefusalWitnesses, in.Refusal.Witnesses) || seen.Fee != in.Fee {
		t.Errorf("%+v", seen)
	}
	watched, err := h.Get(t.Context(), h.as("supervisor", access.Supervisor), id)
	must(t, err)
	if watched.Refusal == "" || len(watched.RefusalWitnesses) != 2 || strings.Contains(watched.RefusalWitnesses[0], "见证") {
		t.Errorf("a supervisor reads %q before %v", watched.Refusal, watched.RefusalWitnesses)
	}
	c, err := h.cases.Get(t.Context(), h.resident, h.row(id).CaseID)
	must(t, err)
	if c.Delivery == nil || c.Delivery.Method != casework.LeftThere || !strings.Contains(c.Delivery.Proof, seen.Number) {
		t.Errorf("delivered as %+v", c.Delivery)
	}
	row := h.row(id)
	if bytes.Contains(row.Refusal, []byte("不认")) || bytes.Contains(row.RefusalWitnessOne, []byte("见证")) {
		t.Error("it lies open in the table")
	}
	_, text, err := h.Told(t.Context(), store.Letter{Topic: kind + "." + string(HandOver), Kind: kind, Object: id})
	must(t, err)
	if !strings.Contains(text, leftThere) {
		t.Errorf("he is told %q", text)
	}
	l, err := h.Ledger(t.Context(), h.clerk(), LedgerOrder{Month: november})
	must(t, err)
	if cells := l.Pages()[0].Rows[0]; !strings.HasSuffix(cells[21], "（拒收，留置送达）") {
		t.Errorf("the ledger says %q", cells[21])
	}
	h.sound()
}
