package notice

import (
	"errors"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// spent leaves an allowance with only so much of today.
func spent(t *testing.T, s *store.Store, a store.Allowance, subject string, left int) {
	t.Helper()
	err := s.Write(t.Context(), access.Stranger(), func(tx *store.Tx) error {
		return tx.Table("tries").Where("kind = ? AND subject = ?", a.Kind, subject).UpdateColumn("used", a.Most-left).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFloodOfNoticesEnds(t *testing.T) {
	d, s := open(t)
	in := func(village access.Area) error {
		_, err := d.Make(t.Context(), access.Stranger(), Request{ItemID: itemID, Village: village})
		return err
	}
	refused := func(err error) {
		t.Helper()
		if told := fault.Of(err); !errors.Is(err, ErrTooMany) || told.Wait != 24*time.Hour {
			t.Errorf("%v, wait %v", err, told.Wait)
		}
	}
	granted := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	const hewan access.Area = "219901101202"
	granted(in(xinglin))
	spent(t, s, ofVillage, string(xinglin), 1)
	granted(in(xinglin))
	refused(in(xinglin))
	granted(in(hewan))
	spent(t, s, ofCounty, "219901", 0)
	refused(in(hewan))
	s.Clock().Advance(24 * time.Hour)
	granted(in(xinglin))
	granted(in(hewan))
}
