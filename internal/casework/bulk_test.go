package casework

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"tongban/internal/fault"
	"tongban/internal/store"
)

// keyed is a call under an Idempotency-Key, as the API makes it; answers to it are kept as JSON.
func keyed(ctx context.Context, caller, key, hash string) context.Context {
	return store.WithClaim(ctx, &store.Claim{
		Caller: caller, Key: key, Operation: "grantInstantCases", Hash: hash, Keep: 24 * time.Hour,
		View: func(v any) (store.Answer, error) {
			body, err := json.Marshal(v)
			return store.Answer{Body: body}, err
		},
	})
}

func chosen(ids ...string) (list []Chosen) {
	for _, id := range ids {
		list = append(list, Chosen{ID: id})
	}
	return list
}

// Each case is answered by itself: what cannot be granted keeps no other from it.
func TestManyInstantCasesAtOnce(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	good, moved, slow, held := h.to(Received, h.file(enrolment)), h.to(Received, h.file(enrolment)), h.to(Received, h.file(claim)), h.to(Received, h.file(enrolment))
	old, reviewed, two := h.to(Withdrawn, h.file(enrolment)), h.to(Reviewing, h.file(enrolment)), h.to(Received, h.file(enrolment))
	h.set(two, map[string]any{"two_persons": true})
	h.mustClaim(h.window(), held)
	in := InstantGranting{Cases: chosen(good, moved, slow, held, old, reviewed, two, "01932f00-0000-7000-8000-00000000dead"), Text: "符合条件。"}
	in.Cases[1].Version = 1
	lines, err := h.GrantInstant(ctx, h.decider(), in)
	must(t, err)
	expected := []struct{ outcome, code string }{
		{BulkDone, ""}, {BulkConflict, ErrNotNow.Code}, {BulkConflict, ErrOnlyInstant.Code}, {BulkConflict, ErrClaimed.Code}, {BulkConflict, ErrNotNow.Code},
		{BulkConflict, ErrOnlyInstant.Code}, {BulkRefused, ErrTwoPersons.Code}, {BulkRefused, fault.NotFound.Code},
	}
	for i, e := range expected {
		l := lines[i]
		if l.ID != in.Cases[i].ID || l.Outcome != e.outcome || l.Code != e.code || (l.Code == "") != (l.Message == "") {
			t.Errorf("%d: %+v, want %v", i, l, e)
		}
		if row := l.Outcome == BulkConflict; row && (l.Status != h.row(l.ID).Status || l.Version != h.row(l.ID).Version) {
			t.Errorf("%d: a conflict without how it stands: %+v", i, l)
		}
	}
	if row := h.row(good); row.Status != Granted || row.Decider != h.decider().Person || row.AcceptedAt == nil || lines[0].Version != row.Version {
		t.Errorf("granted: %+v", row)
	}
	for name, wrong := range map[string]InstantGranting{
		"body.cases": {}, "body.cases.1.id": {Cases: chosen(good, good)}, "body.text": {Cases: chosen(good), Text: "\x00"},
	} {
		_, err := h.GrantInstant(ctx, h.decider(), wrong)
		wrongField(t, err, name)
	}
	_, err = h.GrantInstant(ctx, h.decider(), InstantGranting{Cases: make([]Chosen, mostAtOnce+1)})
	wrongField(t, err, "body.cases")
	_, err = h.GrantInstant(ctx, h.window(), in)
	want(t, err, fault.NotYours)
	h.sound()
}

// A call that broke off half-way is repeated with its key: what was done is answered as done, and done once.
func TestManyAtOnceGoOnWhereTheyBrokeOff(t *testing.T) {
	h := open(t)
	var ids []string
	for range 4 {
		ids = append(ids, h.to(Received, h.file(enrolment)))
	}
	in := InstantGranting{Cases: chosen(ids...)}
	call := func() ([]BulkLine, error) {
		return h.GrantInstant(keyed(t.Context(), h.decider().Person, "bulk-key-1", "hash"), h.decider(), in)
	}
	for _, c := range in.Cases[:2] { // as far as the first call came
		_, err := h.grantOne(keyed(t.Context(), h.decider().Person, "bulk-key-1", "hash"), h.decider(), c, "")
		must(t, err)
	}
	var results [3][]BulkLine
	var running sync.WaitGroup
	for i := range results {
		running.Go(func() {
			lines, err := call()
			if replay, ok := errors.AsType[*store.Replay](err); ok {
				err = json.Unmarshal(replay.Body, &lines)
			}
			if err != nil {
				t.Error(detailed(err))
			}
			results[i] = lines
		})
	}
	running.Wait()
	for i, lines := range results {
		if len(lines) != 4 || slices.ContainsFunc(lines, func(l BulkLine) bool { return l.Outcome != BulkDone }) || !reflect.DeepEqual(lines, results[0]) {
			t.Errorf("%d: %+v", i, lines)
		}
	}
	for _, id := range ids {
		if n := h.letters("case.grant", id); n != 1 || h.row(id).Status != Granted {
			t.Errorf("%s was granted %d times", id, n)
		}
	}
	// the key with another content is refused, before anything is done
	other := h.to(Received, h.file(enrolment))
	_, err := h.GrantInstant(keyed(t.Context(), h.decider().Person, "bulk-key-1", "another hash"), h.decider(), InstantGranting{Cases: chosen(ids[0], other)})
	want(t, err, store.ErrOtherContent)
	if h.row(other).Status != Received {
		t.Error("something was done")
	}
	h.sound()
}

// What a line was told it is told again, although the reason for it is gone: the first call broke off, and a colleague gave the case back since.
func TestARefusedLineIsKept(t *testing.T) {
	h := open(t)
	held, free := h.to(Received, h.file(enrolment)), h.to(Received, h.file(enrolment))
	h.mustClaim(h.window(), held)
	in := InstantGranting{Cases: chosen(held, free)}
	ctx := keyed(t.Context(), h.decider().Person, "bulk-key-1", "hash")
	must(t, h.beginBulk(ctx, h.decider()))
	first, err := h.grantOne(ctx, h.decider(), in.Cases[0], "") // as far as the first call came
	must(t, err)
	_, err = h.Release(t.Context(), h.window(), held, Releasing{})
	must(t, err)

	other := h.to(Received, h.file(enrolment))
	_, err = h.GrantInstant(keyed(t.Context(), h.decider().Person, "bulk-key-1", "another hash"), h.decider(), InstantGranting{Cases: chosen(other)})
	want(t, err, store.ErrOtherContent)
	if h.row(other).Status != Received {
		t.Error("under the key of a call that is not whole yet something else was done")
	}

	var results [5][]BulkLine
	var running sync.WaitGroup
	for i := range results {
		running.Go(func() {
			lines, err := h.GrantInstant(keyed(t.Context(), h.decider().Person, "bulk-key-1", "hash"), h.decider(), in)
			if replay, ok := errors.AsType[*store.Replay](err); ok {
				err = json.Unmarshal(replay.Body, &lines)
			}
			if err != nil {
				t.Error(detailed(err))
			}
			results[i] = lines
		})
	}
	running.Wait()
	for i, lines := range results {
		if len(lines) != 2 || lines[0] != first || lines[0].Code != ErrClaimed.Code || lines[1].Outcome != BulkDone {
			t.Errorf("%d: %+v, and first %+v", i, lines, first)
		}
	}
	if h.row(held).Status != Received || h.row(free).Status != Granted {
		t.Errorf("they are %s and %s", h.row(held).Status, h.row(free).Status)
	}
	again, err := h.GrantInstant(keyed(t.Context(), h.decider().Person, "bulk-key-2", "hash"), h.decider(), in)
	must(t, err)
	if again[0].Outcome != BulkDone { // another call is another question
		t.Errorf("%+v", again[0])
	}
	h.sound()
}
