package file

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func keyed(t *testing.T, hash string) context.Context {
	return store.WithClaim(t.Context(), &store.Claim{
		Caller: "zhang", Key: "k-12345678", Operation: "keepFile", Hash: hash, Keep: time.Hour,
		View: func(any) (store.Answer, error) { return store.Answer{Body: []byte(`{}`)}, nil },
	})
}

// Twenty-five taps on one button, all at once, leave one photo and no litter; nor does a key that came with another photo.
func TestRepetitionsLeaveNoBytes(t *testing.T) {
	h := open(t)
	sent := asJPEG(t, quarters(16, 12))
	var all sync.WaitGroup
	for range 25 {
		ctx := keyed(t, "h")
		all.Go(func() {
			_, err := h.Keep(ctx, zhang, bytes.NewReader(sent))
			if _, before := errors.AsType[*store.Replay](err); err != nil && !before && fault.Of(err).Kind != fault.Unavailable {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := h.Keep(keyed(t, "other"), zhang, bytes.NewReader(sent)); !errors.Is(err, store.ErrOtherContent) {
		t.Error(err)
	}
	if found := everything(t, h.dir); len(found) != 1 || h.rows(t) != 1 {
		t.Errorf("%d rows, %v", h.rows(t), found)
	}
}

// Photos that are refused cost as much as good ones, so they are counted too.
func TestTriesOfADayAreBounded(t *testing.T) {
	h := open(t)
	bad := sample(t, "script.svg")
	for range triesPerDay {
		if _, err := h.Keep(t.Context(), zhang, bytes.NewReader(bad)); !errors.Is(err, ErrUnsupported) {
			t.Fatal(err)
		}
	}
	_, err := h.Keep(t.Context(), zhang, bytes.NewReader(bad))
	if told := fault.Of(err); told.Fault != ErrTooMany || told.Wait != 24*time.Hour {
		t.Errorf("%v, wait %v", err, told.Wait)
	}
	h.keep(t, li)
	h.store.Clock().Set(storetest.Monday.Add(24 * time.Hour))
	h.keep(t, zhang)
}

type held struct{ content []byte }

func (h held) Bytes() []byte          { return h.content }
func (held) Read([]byte) (int, error) { return 0, errors.New("copied") }

// What the api holds in memory is not held twice.
func TestHeldUploadIsNotCopied(t *testing.T) {
	h := open(t)
	if f, err := h.Keep(t.Context(), zhang, held{asJPEG(t, quarters(16, 12))}); err != nil || f.Width != 16 {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := h.Keep(t.Context(), zhang, held{make([]byte, maxSent+1)}); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

// TestWhoseBytesAreLostIsNotHere: a photo that belongs to nothing yet and has lost its bytes is asked for again; of one that is
// attached that would help nobody.
func TestWhoseBytesAreLostIsNotHere(t *testing.T) {
	h := open(t)
	lost, used := h.keep(t, zhang), h.keep(t, zhang)
	if err := h.attach(zhang, "a1", used.ID); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*File{lost, used} {
		if err := h.folder.Delete(f.Name); err != nil {
			t.Fatal(err)
		}
	}
	here := func() (ids map[string]string, gone []string) {
		t.Helper()
		ids, err := h.Loose(t.Context(), zhang, []string{lost.SHA256Sent})
		if err == nil {
			gone, err = h.Gone(t.Context(), zhang, []string{lost.ID, used.ID, "nobody's"})
		}
		if err != nil {
			t.Fatal(err)
		}
		return ids, gone
	}
	if ids, gone := here(); len(ids) != 0 || len(gone) != 2 || gone[0] != lost.ID || gone[1] != "nobody's" {
		t.Errorf("%v are here, %v are not", ids, gone)
	}
	if gone, err := h.Gone(t.Context(), li, []string{lost.ID, used.ID}); err != nil || len(gone) != 1 || gone[0] != lost.ID {
		t.Errorf("of another's photos %v are gone (%v): what is attached is no photo to wait for", gone, err)
	}
	if digests, err := h.Digests(t.Context(), li, []string{lost.ID, used.ID}); err != nil || len(digests) != 0 {
		t.Errorf("another is told the digests %v (%v)", digests, err)
	}
	again := h.keep(t, zhang)
	if ids, _ := here(); ids[lost.SHA256Sent] != again.ID {
		t.Errorf("%v are here, and not the one that was sent again", ids)
	}
}
