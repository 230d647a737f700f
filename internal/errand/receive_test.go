package errand

import (
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// TestWhoReceivesTheResult: the clerk takes the result for the principal as far as he was entrusted with it. Beyond that the principal takes it
// himself and signs, which whoever is at the counter writes down.
func TestWhoReceivesTheResult(t *testing.T) {
	t.Parallel()
	h := open(t)
	method := func(id string) (m string) {
		must(t, h.store.Read(t.Context()).Table("case_deliveries").Where("case_id = ?", h.row(id).CaseID).Pluck("method", &m).Error)
		return m
	}
	for name, c := range map[string]struct {
		set map[string]any
		by  access.Actor
		err error
	}{
		"he may":             {map[string]any{}, h.clerk(), nil},
		"on the last day":    {map[string]any{"valid_until": h.today()}, h.clerk(), nil},
		"not entrusted":      {map[string]any{"powers": "file,papers"}, h.clerk(), ErrReceiveScope},
		"after the last day": {map[string]any{"valid_until": h.today().AddDays(-1)}, h.clerk(), ErrReceiveLate},
		"another clerk":      {map[string]any{}, h.deputy(), ErrReceiver},
	} {
		t.Run(name, func(t *testing.T) {
			taken := h.to(Paused) // as if the decision had come while it was paused
			h.grant(taken)
			must(t, h.do(GoOn, h.clerk(), taken))
			h.set(taken, c.set)
			want(t, h.do(TakeResult, c.by, taken), c.err)

			handed := h.to(ResultReceived)
			h.set(handed, c.set)
			// by the clock of a phone that is five minutes slow
			slow := store.WithSaid(t.Context(), store.Said{At: h.row(handed).ResultAt.Add(-5 * time.Minute), Skew: 10 * time.Minute})
			_, err := h.HandOver(slow, c.by, handed, Handing{Relation: "family", Receiver: "田家人", Proof: "签字"})
			want(t, err, c.err)
			himself := h.to(ResultReceived)
			h.set(himself, c.set)
			_, err = h.HandOver(t.Context(), c.by, himself, Handing{Relation: casework.Self, Proof: "本人在窗口签字领取"})
			must(t, err)
			if c.err == nil {
				if a, b := method(handed), method(himself); a != casework.ByClerk || b != casework.ByClerk {
					t.Errorf("he brought them home, and they are delivered %s and %s", a, b)
				}
				return
			}
			if now := h.row(handed); now.Status != ResultReceived || now.HandedAt != nil || method(handed) != "" {
				t.Errorf("refused, and it is %s, delivered %q", now.Status, method(handed))
			}
			if m := method(himself); m != casework.InPerson {
				t.Errorf("he took it himself, and it is delivered %s", m)
			}
			delivered := h.to(ResultReceived) // the county has handed it to somebody already: nothing is received for anybody
			h.set(delivered, c.set)
			_, err = h.cases.Deliver(t.Context(), h.as("window-hall", access.Window), h.row(delivered).CaseID,
				casework.Delivery{Method: casework.InPerson, Relation: "family", Receiver: "田家人", Proof: "签字"})
			must(t, err)
			must(t, h.do(HandOver, c.by, delivered))
		})
	}
	for name, wants := range map[string]bool{"file,receive": true, "file": false} {
		id := h.to(SentIn)
		h.set(id, map[string]any{"powers": name})
		row := h.row(id)
		offered := false
		for _, o := range offers(&row, h.clerk()) {
			offered = offered || o.Do == TakeResult
		}
		if offered != wants {
			t.Errorf("with %s the result is offered: %t", name, offered)
		}
	}
	h.sound()
}

// TestWhoBringsTheResult: the villager is told that the clerk brings it only where the clerk may take it.
func TestWhoBringsTheResult(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(ResultReceived)
	for words, set := range map[string]map[string]any{
		"村办事员会送给您":  {"powers": "file,receive", "valid_until": h.today()},
		"请本人带证件领取":  {"powers": "file,papers"},
		"已有结果，请本人带": {"powers": "file,receive", "valid_until": h.today().AddDays(-1)},
	} {
		h.set(id, set)
		person, text, err := h.Told(t.Context(), store.Letter{Topic: "errand.take_result", Kind: kind, Object: id})
		must(t, err)
		if person != h.resident.Person || !strings.Contains(text, words) {
			t.Errorf("with %v he is told: %s", set, text)
		}
	}
}

// TestHandedOverBeforeTheProgramHeardOfIt: the clerk had the result in his hands before the program learned of the decision, or while the errand was paused.
func TestHandedOverBeforeTheProgramHeardOfIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Paused)
	h.pass(time.Hour)
	before := h.store.Clock().Now()
	h.pass(time.Hour)
	h.grant(id)
	h.pass(2 * time.Hour)
	handed := h.store.Clock().Now()
	h.pass(3 * time.Hour)
	must(t, h.do(GoOn, h.clerk(), id))
	if _, err := h.Rounds(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := h.row(id).Status; now != ResultReceived {
		t.Fatal(now)
	}
	over := func(at time.Time) error {
		_, err := h.HandOver(t.Context(), h.clerk(), id, Handing{Relation: casework.Self, At: &at, Proof: "签字"})
		return err
	}
	want(t, over(before), fault.BadField)
	must(t, over(handed))
	if at := h.row(id).HandedAt; at == nil || !at.Equal(handed.Truncate(time.Second)) {
		t.Errorf("handed over at %v", at)
	}
}
