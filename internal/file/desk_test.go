package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

const village access.Area = "219901101201"

var (
	zhang = access.Actor{Person: "zhang", Role: access.Resident, Area: village}
	li    = access.Actor{Person: "li", Role: access.Resident, Area: village}
	clerk = access.Actor{Person: "chen", Post: "p1", Role: access.Clerk, Area: village}
	away  = access.Actor{Person: "zhao", Post: "p2", Role: access.Clerk, Area: "219901201201"}
)

// house is a desk over a fresh store and folder. Appeals are seen by zhang and by clerks of the village.
type house struct {
	*Desk
	store *store.Store
	dir   string
}

func open(t *testing.T) house {
	t.Helper()
	s := storetest.Open(t)
	folder, dir := openFolder(t, s.Clock())
	d := New(s, folder)
	d.SeenWith("appeal", func(_ context.Context, a access.Actor, object string) (bool, error) {
		switch object {
		case "broken":
			return false, errors.New("database is away")
		case "foreign":
			return false, fault.NotFound
		}
		return a.Person == zhang.Person || a.Role == access.Clerk && a.Area == village, nil
	})
	return house{d, s, dir}
}

func (h house) keep(t *testing.T, by access.Actor) *File {
	t.Helper()
	f, err := h.Keep(t.Context(), by, bytes.NewReader(asJPEG(t, quarters(16, 12))))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (h house) attach(by access.Actor, object string, ids ...string) error {
	return h.store.Write(context.Background(), by, func(tx *store.Tx) error { return h.Attach(tx, "appeal", object, ids) })
}

// sees reports whether the actor gets the photo, and that anything but NotFound is no answer for the others.
func (h house) sees(t *testing.T, by access.Actor, id string) bool {
	t.Helper()
	f, content, err := h.Open(t.Context(), by, id)
	if err != nil {
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", by.Person, err)
		}
		return false
	}
	defer content.Close()
	if read, err := io.ReadAll(content); err != nil || sum(read) != f.SHA256Stored || int64(len(read)) != f.Size {
		t.Errorf("the bytes are not those of the row: %v", err)
	}
	return true
}

func (h house) rows(t *testing.T) (n int64) {
	t.Helper()
	if err := h.store.Read(t.Context()).Model(&File{}).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestKeptPhotoIsItsSendersUntilAttached(t *testing.T) {
	h := open(t)
	f := h.keep(t, zhang)
	if f.Width != 16 || f.Height != 12 || f.Owner != "zhang" || f.Area != string(village) || f.SHA256Sent == f.SHA256Stored {
		t.Errorf("%+v", f)
	}
	var stored File
	if err := h.store.Read(t.Context()).Where("id = ?", f.ID).Take(&stored).Error; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*f, stored); diff != "" {
		t.Errorf("the row differs from what was told:\n%s", diff)
	}
	who := []access.Actor{zhang, li, clerk, away, access.Stranger(), access.Round(village)}
	for i, want := range []bool{true, false, false, false, false, false} {
		if got := h.sees(t, who[i], f.ID); got != want {
			t.Errorf("loose, %q %s: %v", who[i].Person, who[i].Role, got)
		}
	}
	if err := h.attach(zhang, "a1", f.ID); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, true, false, false, false} {
		if got := h.sees(t, who[i], f.ID); got != want {
			t.Errorf("attached, %q %s: %v", who[i].Person, who[i].Role, got)
		}
	}
	for _, id := range []string{"", "nobody", f.ID + " ", f.Name, "' OR 1=1 --", "\x00"} {
		if h.sees(t, zhang, id) {
			t.Errorf("%q was found", id)
		}
	}
}

// The sender of an attached photo has no right of his own to it any more.
func TestSenderSeesAnAttachedPhotoOnlyThroughItsObject(t *testing.T) {
	h := open(t)
	f := h.keep(t, li)
	if err := h.attach(li, "a1", f.ID); err != nil {
		t.Fatal(err)
	}
	if h.sees(t, li, f.ID) || !h.sees(t, clerk, f.ID) {
		t.Error("the object's desk decides, nobody else")
	}
}

func TestSeerThatFails(t *testing.T) {
	h := open(t)
	broken, foreign, orphan := h.keep(t, zhang), h.keep(t, zhang), h.keep(t, zhang)
	for object, f := range map[string]*File{"broken": broken, "foreign": foreign, "a1": orphan} {
		if err := h.attach(zhang, object, f.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := h.Open(t.Context(), zhang, broken.ID); err == nil || errors.Is(err, fault.NotFound) {
		t.Errorf("an error of the seer became %v", err)
	}
	if h.sees(t, zhang, foreign.ID) {
		t.Error("a seer's not found was overheard")
	}
	if err := h.folder.Delete(orphan.Name); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Open(t.Context(), zhang, orphan.ID); fault.Of(err).Kind != fault.Broken {
		t.Errorf("lost bytes: %v", err)
	}
}

func TestStrangersSendNothing(t *testing.T) {
	h := open(t)
	if _, err := h.Keep(t.Context(), access.Stranger(), bytes.NewReader(asJPEG(t, quarters(4, 4)))); !errors.Is(err, fault.NeedLogin) {
		t.Errorf("got %v", err)
	}
	if _, err := h.Keep(t.Context(), zhang, bytes.NewReader(sample(t, "script.svg"))); !errors.Is(err, ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	if found := everything(t, h.dir); len(found) != 0 || h.rows(t) != 0 {
		t.Errorf("refused uploads left %v", found)
	}
}

func TestAttachTakesOnlyLooseOwnPhotos(t *testing.T) {
	h := open(t)
	mine, also, theirs, used := h.keep(t, zhang), h.keep(t, zhang), h.keep(t, li), h.keep(t, zhang)
	if err := h.attach(zhang, "a1", used.ID); err != nil {
		t.Fatal(err)
	}
	var many []string
	for range perObject + 1 {
		many = append(many, h.keep(t, zhang).ID)
	}
	cases := []struct {
		name string
		by   access.Actor
		ids  []string
	}{
		{"unknown", zhang, []string{mine.ID, "01935000-0000-7000-8000-000000000000"}},
		{"somebody else's", zhang, []string{mine.ID, theirs.ID}},
		{"attached already", zhang, []string{mine.ID, used.ID}},
		{"empty id", zhang, []string{mine.ID, ""}},
		{"seven", zhang, many},
		{"a stranger", access.Stranger(), []string{mine.ID}},
	}
	for _, c := range cases {
		err := h.attach(c.by, "a2", c.ids...)
		told := fault.Of(err)
		if !errors.Is(err, fault.BadField) || len(told.Fields) != 1 || told.Fields[0].Location != field {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if got, err := h.Attached(h.store.Read(t.Context()), "appeal", "a2"); err != nil || len(got) != 0 {
		t.Fatalf("a refused attachment left %v, %v", got, err)
	}
	if err := h.attach(zhang, "a2"); err != nil {
		t.Errorf("nothing to attach: %v", err)
	}
	if err := h.attach(zhang, "a2", mine.ID, also.ID, mine.ID); err != nil {
		t.Fatalf("the same photo twice is one photo: %v", err)
	}
	// Six in all, however many calls brought them.
	if err := h.attach(zhang, "a2", many[:5]...); !errors.Is(err, fault.BadField) {
		t.Errorf("two and five: %v", err)
	}
	if err := h.attach(zhang, "a2", many[:4]...); err != nil {
		t.Errorf("two and four: %v", err)
	}
	got, err := h.Attached(h.store.Read(t.Context()), "appeal", "a1", "a2", "a3")
	if err != nil || len(got["a1"]) != 1 || len(got["a2"]) != perObject || len(got["a3"]) != 0 || got["a1"][0].ID != used.ID {
		t.Errorf("%v, %v", got, err)
	}
	if err := h.store.Write(t.Context(), zhang, func(tx *store.Tx) error { return h.Attach(tx, "visit", "v1", many[5:6]) }); err == nil || errors.Is(err, fault.BadField) {
		t.Errorf("a kind that nobody watches: %v", err)
	}
}

func TestOneOfManyAttaches(t *testing.T) {
	h := open(t)
	f := h.keep(t, zhang)
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			switch err := h.attach(zhang, fmt.Sprintf("a%d", i), f.ID); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, fault.BadField) && !errors.Is(err, fault.Busy):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d appeals got the same photo", won.Load())
	}
}

func TestQuotaIsADaysInShanghai(t *testing.T) {
	h := open(t)
	for i := range perDay - 1 {
		for _, copied := range []string{"", "-copy"} { // which nobody sent
			row := File{ID: fmt.Sprint("f", i, copied), Owner: "zhang", Name: fmt.Sprint("n", i, copied), SHA256Sent: fmt.Sprint("digest", i), CreatedAt: h.store.Clock().Now()}
			if err := h.store.Write(t.Context(), zhang, func(tx *store.Tx) error { return tx.Create(&row).Error }); err != nil {
				t.Fatal(err)
			}
		}
	}
	last := h.keep(t, zhang)
	_, err := h.Keep(t.Context(), zhang, bytes.NewReader(asJPEG(t, quarters(4, 4))))
	if told := fault.Of(err); !errors.Is(err, ErrTooMany) || told.Wait != 15*time.Hour {
		t.Errorf("%v, wait %v", err, told.Wait) // it is nine in the morning
	}
	if found := everything(t, h.dir); len(found) != 1 {
		t.Errorf("refused after %s, and kept %v", last.Name, found)
	}
	h.keep(t, li)
	h.store.Clock().Set(clock.DateOf(storetest.Monday).End())
	h.keep(t, zhang)
}

// A repeated key is answered from the first time. Bytes whose row failed for reasons unknown are swept later; a row never
// lacks bytes.
func TestRepeatedUploadIsOneRow(t *testing.T) {
	h := open(t)
	claim := func(view func(any) (store.Answer, error)) context.Context {
		return store.WithClaim(t.Context(), &store.Claim{Caller: "zhang", Key: "k-12345678", Operation: "keepFile", Hash: "h", Keep: 48 * time.Hour, View: view})
	}
	sent := asJPEG(t, quarters(16, 12))
	fails := errors.New("no view")
	if _, err := h.Keep(claim(func(any) (store.Answer, error) { return store.Answer{}, fails }), zhang, bytes.NewReader(sent)); !errors.Is(err, fails) {
		t.Fatal(err)
	}
	if h.rows(t) != 0 || len(everything(t, h.dir)) != 1 {
		t.Fatalf("%d rows, %v", h.rows(t), everything(t, h.dir))
	}
	view := func(v any) (store.Answer, error) { return store.Answer{Body: []byte(`"` + v.(*File).ID + `"`)}, nil }
	f, err := h.Keep(claim(view), zhang, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Keep(claim(view), zhang, bytes.NewReader(sent))
	replay, ok := errors.AsType[*store.Replay](err)
	if again != nil || !ok || string(replay.Body) != `"`+f.ID+`"` || h.rows(t) != 1 {
		t.Fatalf("%v, %v, %d rows", again, err, h.rows(t))
	}
	if err := h.attach(zhang, "a1", f.ID); err != nil {
		t.Fatal(err)
	}
	h.store.Clock().Advance(looseFor + time.Second)
	if swept, err := h.Sweep(t.Context()); err != nil || swept != (Swept{Stray: 1}) {
		t.Errorf("%+v, %v", swept, err)
	}
	if !h.sees(t, zhang, f.ID) {
		t.Error("the attached photo was swept")
	}
}

func TestPhotoWithoutBytesIsNeverARow(t *testing.T) {
	h := open(t)
	if err := os.RemoveAll(filepath.Join(h.dir, half)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Keep(t.Context(), zhang, bytes.NewReader(asJPEG(t, quarters(4, 4)))); fault.Of(err).Kind != fault.Broken || h.rows(t) != 0 {
		t.Errorf("%v, %d rows", err, h.rows(t))
	}
}
