package file

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/store"
)

func TestSweepTakesOnlyWhatIsLooseForADay(t *testing.T) {
	h := open(t)
	attached, loose := h.keep(t, zhang), h.keep(t, zhang)
	if err := h.attach(zhang, "a1", attached.ID); err != nil {
		t.Fatal(err)
	}
	stray, err := h.folder.put([]byte("no row"), jpgEnding)
	if err != nil {
		t.Fatal(err)
	}
	h.store.Clock().Advance(looseFor)
	young := h.keep(t, zhang)
	if swept, err := h.Sweep(t.Context()); err != nil || swept != (Swept{}) {
		t.Fatalf("on the stroke of a day: %+v, %v", swept, err)
	}
	h.store.Clock().Advance(time.Second)
	swept, err := h.Sweep(t.Context())
	if err != nil || swept != (Swept{Loose: 1, Stray: 1}) {
		t.Fatalf("%+v, %v", swept, err)
	}
	if h.sees(t, zhang, loose.ID) || !h.sees(t, zhang, attached.ID) || !h.sees(t, zhang, young.ID) {
		t.Error("the wrong one went")
	}
	if found := everything(t, h.dir); len(found) != 2 || strings.Contains(strings.Join(found, " "), stray) {
		t.Errorf("left: %v", found)
	}
	if faults, err := h.Check(t.Context()); err != nil || len(faults) != 0 {
		t.Errorf("%v, %v", faults, err)
	}
	var trailed int64
	if err := h.store.Read(t.Context()).Table("trail").Where("act = ? AND object = ? AND area = ?", "file.sweep", loose.ID, string(village)).Count(&trailed).Error; err != nil || trailed != 1 {
		t.Errorf("%d trail rows, %v", trailed, err)
	}
}

// More rows than one transaction takes.
func TestSweepGoesOnUntilAllIsGone(t *testing.T) {
	h := open(t)
	kept := h.keep(t, zhang)
	if err := h.attach(zhang, "a1", kept.ID); err != nil {
		t.Fatal(err)
	}
	const many = 2*batch + 5
	err := h.store.Write(t.Context(), zhang, func(tx *store.Tx) error {
		var rows []File
		for range many {
			name, err := h.folder.put([]byte("x"), jpgEnding)
			if err != nil {
				return err
			}
			rows = append(rows, File{ID: tx.NewID(), Owner: "zhang", Name: name, CreatedAt: tx.Now})
		}
		return tx.CreateInBatches(&rows, 50).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	h.store.Clock().Advance(looseFor + time.Second)
	if swept, err := h.Sweep(t.Context()); err != nil || swept != (Swept{Loose: many}) {
		t.Errorf("%+v, %v", swept, err)
	}
	if found := everything(t, h.dir); len(found) != 1 || h.rows(t) != 1 {
		t.Errorf("%d files and %d rows are left", len(found), h.rows(t))
	}
}

// A program started on an empty database must not empty the folder of the old one.
func TestSweepLeavesTheFolderOfAnotherDatabaseAlone(t *testing.T) {
	h := open(t)
	for range suspicious + 1 {
		if _, err := h.folder.put([]byte("of another database"), jpgEnding); err != nil {
			t.Fatal(err)
		}
	}
	h.store.Clock().Advance(48 * time.Hour)
	if swept, err := h.Sweep(t.Context()); err == nil || swept != (Swept{}) {
		t.Errorf("%+v, %v", swept, err)
	}
	if found := everything(t, h.dir); len(found) != suspicious+1 {
		t.Errorf("%d are left", len(found))
	}
}

func TestCheckNamesWhatIsLost(t *testing.T) {
	h := open(t)
	whole, gone, cut := h.keep(t, zhang), h.keep(t, zhang), h.keep(t, zhang)
	if err := h.folder.Delete(gone.Name); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(h.dir, place(cut.Name)), 10); err != nil {
		t.Fatal(err)
	}
	faults, err := h.Check(t.Context())
	told := strings.Join(faults, "\n")
	if err != nil || len(faults) != 2 || !strings.Contains(told, gone.ID) || !strings.Contains(told, cut.ID) || strings.Contains(told, whole.ID) {
		t.Errorf("%s, %v", told, err)
	}
}

// Uploads of many pieces: no transaction of the sweep deletes more than a batch, and nothing is left.
func TestASweepOfUploadsTakesABatchAtATime(t *testing.T) {
	h := open(t)
	sizes := []int{batch, batch - 1, mostSplit, 0, 1}
	for _, pieces := range sizes {
		u := h.begin(t, make([]byte, 1000))
		err := h.store.Write(t.Context(), zhang, func(tx *store.Tx) error {
			for i := range pieces {
				name, err := h.folder.put([]byte("x"), partEnding)
				if err != nil {
					return err
				}
				if err := tx.Create(&piece{u.ID, int64(i), 1, name}).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	h.store.Clock().Advance(looseFor + time.Second)
	rows := func() (n int64) {
		for _, table := range []string{"uploads", "upload_pieces"} {
			var some int64
			if err := h.store.Read(t.Context()).Table(table).Count(&some).Error; err != nil {
				t.Fatal(err)
			}
			n += some
		}
		return n
	}
	rounds := 0
	for more := true; more && rounds < 20; rounds++ {
		before := rows()
		var pieces []piece
		var err error
		if pieces, more, err = h.sweepSomeUploads(t.Context()); err != nil {
			t.Fatal(err)
		}
		if gone := before - rows(); gone > batch {
			t.Errorf("%d rows went in one transaction", gone)
		}
		h.drop(pieces)
	}
	if found := everything(t, h.dir); len(found) != 0 || rows() != 0 || rounds < 5 {
		t.Errorf("after %d rounds %d files and %d rows are left", rounds, len(found), rows())
	}
}

// hurried is a context whose time is over when it was asked a few times. The database asks as well, from goroutines of its own.
type hurried struct {
	context.Context
	left atomic.Int64
}

func (h *hurried) Err() error {
	if h.left.Add(-1) < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// A folder that is too large for one round: what was done is kept, and the next one goes on behind it.
func TestASweepThatRunsOutOfTimeGoesOn(t *testing.T) {
	h := open(t)
	const known, strays = 150, 40
	var rows []File
	for range known {
		name, err := h.folder.put([]byte("x"), jpgEnding)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, File{Owner: "zhang", Object: "a1", Name: name})
	}
	err := h.store.Write(t.Context(), zhang, func(tx *store.Tx) error {
		for i := range rows {
			rows[i].ID, rows[i].CreatedAt = tx.NewID(), tx.Now
		}
		return tx.CreateInBatches(&rows, 50).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	for range strays {
		if _, err := h.folder.put([]byte("no row"), jpgEnding); err != nil {
			t.Fatal(err)
		}
	}
	h.store.Clock().Advance(looseFor + time.Second)
	rounds, gone := 0, 0
	for err = store.ErrMore; errors.Is(err, store.ErrMore) && rounds < 100; rounds++ {
		var swept Swept
		soon := &hurried{Context: t.Context()}
		soon.left.Store(100)
		swept, err = h.Sweep(soon)
		gone += swept.Stray
	}
	if err != nil || rounds < 2 || gone != strays {
		t.Errorf("after %d rounds %d of %d strays are gone: %v", rounds, gone, strays, err)
	}
	if found := everything(t, h.dir); len(found) != known {
		t.Errorf("%d are left", len(found))
	}
}
