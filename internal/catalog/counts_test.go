package catalog

import (
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func sql(t testing.TB, st *store.Store, statement string) {
	t.Helper()
	err := st.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Exec(statement).Error })
	if err != nil {
		t.Fatal(err)
	}
}

func TestScansAreAddedUpAndFlushed(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	mustPublish(t, d, twoItems(t))
	const code = "9N5A4GA8SG"
	monday := clock.DateOf(storetest.Monday)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				d.Scanned(code)
				d.Scanned("nobody printed this")
			}
		})
	}
	group.Wait()
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.Clock().Advance(24 * time.Hour)
	d.Scanned(code)
	d.Scanned("KBRX5D0YNV")
	for range 2 { // the second has nothing to write
		if err := d.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		code     string
		from, to clock.Date
		want     int64
	}{
		{code, monday, monday, 800}, {code, monday, monday.AddDays(1), 801}, {code, monday.AddDays(1), monday.AddDays(9), 1},
		{"KBRX5D0YNV", monday, monday.AddDays(1), 1}, {code, monday.AddDays(2), monday.AddDays(9), 0},
	} {
		if got, err := d.Scans(t.Context(), c.code, c.from, c.to); err != nil || got != c.want {
			t.Errorf("%s from %s to %s: %d scans, %v; want %d", c.code, c.from, c.to, got, err, c.want)
		}
	}
	if n := count(t, st, "scans"); n != 3 {
		t.Errorf("%d rows, want one for each code and day", n)
	}
}

func TestAFailedFlushKeepsTheCounts(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	mustPublish(t, d, twoItems(t))
	d.Scanned("9N5A4GA8SG")
	sql(t, st, "DROP TABLE scans") // the write fails, as on a full disk
	if err := d.Flush(t.Context()); err == nil {
		t.Fatal("the flush did not fail")
	}
	sql(t, st, "CREATE TABLE scans (code VARCHAR(12) NOT NULL, day DATE NOT NULL, scans BIGINT NOT NULL, PRIMARY KEY (code, day))")
	d.Scanned("9N5A4GA8SG")
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	monday := clock.DateOf(storetest.Monday)
	if got, err := d.Scans(t.Context(), "9N5A4GA8SG", monday, monday); err != nil || got != 2 {
		t.Errorf("%d scans, %v; want 2", got, err)
	}
}
