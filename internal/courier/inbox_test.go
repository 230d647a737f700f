package courier

import (
	"context"
	"errors"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// deliverTo makes one message for each object, to the person that it names before the colon.
func deliverTo(t *testing.T, s *store.Store, people ...string) {
	t.Helper()
	c := calm(s, "a")
	c.Tell("toy", func(_ context.Context, l store.Letter) (string, string, error) {
		return l.Object, "编号 SQ101201261123001 的诉求已受理", nil
	})
	for _, person := range people {
		emit(t, s, "toy.make", person)
		pass(t, c)
		s.Clock().Advance(time.Minute)
	}
}

func TestEverybodyReadsHisOwnMessagesOnly(t *testing.T) {
	s := storetest.Open(t)
	deliverTo(t, s, resident.Person, "neighbour", resident.Person, "", resident.Person)
	desk := NewInbox(s)
	neighbour := access.Actor{Person: "neighbour", Role: access.Resident, Area: village}

	mine, err := desk.Messages(t.Context(), resident, "", 20)
	if err != nil || len(mine) != 3 {
		t.Fatalf("%d messages, %v", len(mine), err)
	}
	for i, m := range mine {
		if m.Person != resident.Person || m.Kind != "toy" || m.ReadAt != nil || m.Text == "" || i > 0 && m.ID >= mine[i-1].ID {
			t.Errorf("message %d: %+v", i, m)
		}
	}
	if older, err := desk.Messages(t.Context(), resident, mine[0].ID, 1); err != nil || len(older) != 1 || older[0].ID != mine[1].ID {
		t.Errorf("the next page: %v, %v", older, err)
	}
	theirs, err := desk.Messages(t.Context(), neighbour, "", 20)
	if err != nil || len(theirs) != 1 {
		t.Fatalf("the neighbour's: %v, %v", theirs, err)
	}
	if count(t, s, "inbox") != 4 {
		t.Error("a letter to nobody became a message")
	}

	for _, id := range []string{theirs[0].ID, "unknown", ""} {
		if _, err := desk.MarkRead(t.Context(), resident, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("marked %q: %v", id, err)
		}
	}
	if again, err := desk.Messages(t.Context(), neighbour, "", 20); err != nil || again[0].ReadAt != nil {
		t.Errorf("somebody else marked it: %v, %v", again, err)
	}
	if _, err := desk.Messages(t.Context(), access.Stranger(), "", 20); !errors.Is(err, fault.NeedLogin) {
		t.Errorf("a stranger lists: %v", err)
	}
	if _, err := desk.MarkRead(t.Context(), access.Stranger(), mine[0].ID); !errors.Is(err, fault.NeedLogin) {
		t.Errorf("a stranger marks: %v", err)
	}
}

func TestMarkingTwiceIsMarkingOnce(t *testing.T) {
	s := storetest.Open(t)
	deliverTo(t, s, resident.Person)
	desk := NewInbox(s)
	list, err := desk.Messages(t.Context(), resident, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	first, err := desk.MarkRead(t.Context(), resident, list[0].ID)
	if err != nil || first.ReadAt == nil || !first.ReadAt.Equal(s.Clock().Now().Truncate(time.Second)) {
		t.Fatalf("%+v, %v", first, err)
	}
	s.Clock().Advance(time.Hour)
	trail := count(t, s, "trail")
	second, err := desk.MarkRead(t.Context(), resident, list[0].ID)
	if err != nil || second.ReadAt == nil || !second.ReadAt.Equal(*first.ReadAt) || count(t, s, "trail") != trail {
		t.Errorf("the second time: %+v, %v", second, err)
	}
}

func TestTellingThatFailsIsRepeated(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	fails := true
	c.Tell("toy", func(ctx context.Context, l store.Letter) (string, string, error) {
		if fails {
			return "", "", errDown
		}
		return tellResident(ctx, l)
	})
	id := emit(t, s, "toy.make", "o1")
	pass(t, c)
	wantStatus(t, s, id, store.LetterWaiting)
	fails = false
	s.Clock().Advance(time.Minute)
	pass(t, c)
	wantStatus(t, s, id, store.LetterDone)
	if n := count(t, s, "inbox"); n != 1 {
		t.Errorf("%d messages", n)
	}
}

// A letter that was on its way when somebody closed his account makes no message, whatever desk it comes from, and is not tried again.
func TestWhoLeftIsToldNothing(t *testing.T) {
	s := storetest.Open(t)
	c := calm(s, "a")
	c.Tell("toy", func(_ context.Context, l store.Letter) (string, string, error) { return l.Object, "已受理", nil })
	down := true
	c.SilentTo(func(tx *store.Tx, person string) (bool, error) {
		if down {
			return false, errDown
		}
		return person == "left", nil
	})
	gone, here := emit(t, s, "toy.make", "left"), emit(t, s, "toy.make", "neighbour")
	pass(t, c)
	wantStatus(t, s, gone, store.LetterWaiting) // nobody is told while nobody knows
	if n := count(t, s, "inbox"); n != 0 {
		t.Errorf("%d messages", n)
	}
	down = false
	s.Clock().Advance(time.Minute)
	pass(t, c)
	wantStatus(t, s, gone, store.LetterDone)
	wantStatus(t, s, here, store.LetterDone)
	var told []string
	if err := s.Read(t.Context()).Model(&Message{}).Pluck("person", &told).Error; err != nil || len(told) != 1 || told[0] != "neighbour" {
		t.Errorf("told: %v, %v", told, err)
	}
}
