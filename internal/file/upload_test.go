package file

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/fault"
)

// noisy is a photo of several pieces.
func noisy(t *testing.T) []byte {
	t.Helper()
	m := quarters(1400, 1400)
	seed := uint32(1)
	for i := range m.Pix {
		seed = seed*1664525 + 1013904223
		m.Pix[i] ^= byte(seed >> 24)
	}
	return asJPEG(t, m)
}

func (h *house) begin(t *testing.T, content []byte) *Upload {
	t.Helper()
	u, err := h.Announce(t.Context(), zhang, int64(len(content)), sum(content))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// sendAll sends what is missing, piece by piece, as a phone does that asks first.
func (h *house) sendAll(t *testing.T, d *Desk, id string, content []byte) {
	t.Helper()
	for {
		u, err := d.Upload(t.Context(), zhang, id)
		if err != nil {
			t.Fatal(err)
		}
		if u.Received == u.Size {
			return
		}
		if _, err := d.Add(t.Context(), zhang, id, u.Received, content[u.Received:min(u.Received+mostPiece, u.Size)]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAnUploadGoesOnAfterABreak: after a restart, at another replica, with pieces sent twice; and it becomes what one call would have made of it.
func TestAnUploadGoesOnAfterABreak(t *testing.T) {
	h := open(t)
	content := noisy(t)
	if len(content) < 2*mostPiece {
		t.Fatalf("%d bytes are too few", len(content))
	}
	u := h.begin(t, content)
	if _, err := h.Add(t.Context(), zhang, u.ID, 0, content[:mostPiece]); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Add(t.Context(), zhang, u.ID, 0, content[:mostPiece]); !errors.Is(err, ErrOffset) {
		t.Errorf("the same piece again: %v", err)
	}
	if _, err := h.Add(t.Context(), zhang, u.ID, 2*mostPiece, content[:10]); !errors.Is(err, ErrOffset) {
		t.Errorf("a hole: %v", err)
	}
	if _, err := h.Finish(t.Context(), zhang, u.ID); !errors.Is(err, ErrNotWhole) {
		t.Errorf("half a photo: %v", err)
	}
	h.store.Clock().Advance(20 * time.Hour)
	if _, err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	replica := New(h.store, h.folder) // what the first one had in memory is gone
	h.sendAll(t, replica, u.ID, content)
	kept, err := replica.Finish(t.Context(), zhang, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := h.Keep(t.Context(), zhang, bytes.NewReader(content))
	if err != nil || kept.SHA256Stored != whole.SHA256Stored || kept.SHA256Sent != sum(content) || kept.SHA256Sent == kept.SHA256Stored || kept.Width != 1400 {
		t.Errorf("%+v, by one call %+v, %v", kept, whole, err)
	}
	if done, err := h.Upload(t.Context(), zhang, u.ID); err != nil || done.File != kept.ID {
		t.Errorf("%+v %v", done, err)
	}
	if _, err := h.Finish(t.Context(), zhang, u.ID); !errors.Is(err, ErrUploaded) {
		t.Errorf("a second time: %v", err)
	}
	if found := everything(t, h.dir); len(found) != 2 {
		t.Errorf("pieces are left: %v", found)
	}
}

// TestWhatIsNotTheAnnouncedFile: another digest, or nothing that is taken, ends the upload and leaves nothing.
func TestWhatIsNotTheAnnouncedFile(t *testing.T) {
	h := open(t)
	good := asJPEG(t, quarters(16, 16))
	wrong, err := h.Announce(t.Context(), zhang, int64(len(good)), sum([]byte("another")))
	if err != nil {
		t.Fatal(err)
	}
	script := h.begin(t, []byte("<script>alert(1)</script>"))
	for id, c := range map[string]struct {
		content []byte
		want    error
	}{wrong.ID: {good, ErrDigest}, script.ID: {[]byte("<script>alert(1)</script>"), ErrUnsupported}} {
		h.sendAll(t, h.Desk, id, c.content)
		if _, err := h.Finish(t.Context(), zhang, id); !errors.Is(err, c.want) || fault.Of(err).Kind == fault.Broken {
			t.Errorf("got %v, want %v", err, c.want)
		}
		if _, err := h.Upload(t.Context(), zhang, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("it is still there: %v", err)
		}
	}
	if found := everything(t, h.dir); len(found) != 0 || h.rows(t) != 0 {
		t.Errorf("left are %v", found)
	}
}

func TestUploadsAreBounded(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	for name, c := range map[string]struct {
		size   int64
		digest string
		want   error
	}{
		"too large": {maxSent + 1, strings.Repeat("a", 64), ErrTooLarge}, "empty": {0, strings.Repeat("a", 64), fault.BadField}, "no digest": {10, "a", fault.BadField},
		"no hex": {10, strings.Repeat("z", 64), fault.BadField},
	} {
		if _, err := h.Announce(ctx, zhang, c.size, c.digest); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	content := make([]byte, 100)
	u := h.begin(t, content)
	for name, piece := range map[string][]byte{"empty": {}, "beyond its end": make([]byte, 101), "too long": make([]byte, mostPiece+1)} {
		if _, err := h.Add(ctx, zhang, u.ID, 0, piece); !errors.Is(err, fault.BadField) {
			t.Errorf("a piece that is %s: %v", name, err)
		}
	}
	if _, err := h.Add(ctx, li, u.ID, 0, content); !errors.Is(err, fault.NotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	if _, err := h.Finish(ctx, li, u.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	for range mostOpen - 1 {
		h.begin(t, content)
	}
	if _, err := h.Announce(ctx, zhang, 100, sum(content)); !errors.Is(err, ErrUploads) {
		t.Errorf("one too many: %v", err)
	}
	if err := h.Abandon(ctx, zhang, u.ID); err != nil {
		t.Fatal(err)
	}
	h.begin(t, content)
	h.store.Clock().Advance(looseFor + time.Second)
	h.begin(t, content) // those of yesterday do not count
	if found := everything(t, h.dir); len(found) != 0 {
		t.Errorf("refused pieces left %v", found)
	}
}

// TestAbandonedUploadsAreSwept with their pieces; younger ones stay.
func TestAbandonedUploadsAreSwept(t *testing.T) {
	h := open(t)
	content := make([]byte, 100)
	old := h.begin(t, content)
	if _, err := h.Add(t.Context(), zhang, old.ID, 0, content[:60]); err != nil {
		t.Fatal(err)
	}
	h.store.Clock().Advance(looseFor)
	young := h.begin(t, content)
	if _, err := h.Add(t.Context(), zhang, young.ID, 0, content[:60]); err != nil {
		t.Fatal(err)
	}
	h.store.Clock().Advance(time.Second)
	if _, err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	var uploads, pieces int64
	db := h.store.Read(t.Context())
	if err := errors.Join(db.Model(&Upload{}).Count(&uploads).Error, db.Model(&piece{}).Count(&pieces).Error); err != nil {
		t.Fatal(err)
	}
	if found := everything(t, h.dir); len(found) != 1 || uploads != 1 || pieces != 1 {
		t.Errorf("%d uploads, %d pieces, %v", uploads, pieces, found)
	}
}

// TestPiecesAndEndsAtOnce: of the same piece sent many times one is taken, and of many ends one makes the photo.
func TestPiecesAndEndsAtOnce(t *testing.T) {
	h := open(t)
	content := asJPEG(t, quarters(64, 64))
	u := h.begin(t, content)
	half := int64(len(content) / 2)
	atOnce := func(do func(context.Context) error, others ...error) {
		t.Helper()
		var done atomic.Int64
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				err := do(t.Context())
				if err == nil {
					done.Add(1)
					return
				}
				for _, other := range others {
					if errors.Is(err, other) {
						return
					}
				}
				t.Error(err)
			})
		}
		all.Wait()
		if done.Load() != 1 {
			t.Errorf("%d were taken", done.Load())
		}
	}
	atOnce(func(ctx context.Context) error { _, err := h.Add(ctx, zhang, u.ID, 0, content[:half]); return err }, ErrOffset)
	atOnce(func(ctx context.Context) error { _, err := h.Add(ctx, zhang, u.ID, half, content[half:]); return err }, ErrOffset, fault.BadField)
	atOnce(func(ctx context.Context) error { _, err := h.Finish(ctx, zhang, u.ID); return err }, ErrUploaded)
	if found := everything(t, h.dir); len(found) != 1 || h.rows(t) != 1 {
		t.Errorf("%d rows, %v", h.rows(t), found)
	}
}

// TestWhatOurFolderLostIsNotTheSenders: the fault is ours, and the upload goes on once the bytes are back.
func TestWhatOurFolderLostIsNotTheSenders(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	content := asJPEG(t, quarters(64, 64))
	u := h.begin(t, content)
	h.sendAll(t, h.Desk, u.ID, content)
	pieces, err := piecesOf(h.store.Read(ctx), u.ID)
	if err != nil || len(pieces) != 1 {
		t.Fatal(pieces, err)
	}
	at := filepath.Join(h.dir, place(pieces[0].Name))
	for name, spoil := range map[string]func() error{
		"gone":    func() error { return os.Remove(at) },
		"cut off": func() error { return os.WriteFile(at, content[:10], 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Finish(ctx, zhang, u.ID); fault.Of(err).Kind != fault.Broken || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if still, err := h.Upload(ctx, zhang, u.ID); err != nil || still.Received != u.Size {
			t.Errorf("%s: %+v %v", name, still, err)
		}
		if err := os.WriteFile(at, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hole := &joined{folder: h.folder, pieces: []piece{{Upload: u.ID, At: 5, Size: 1, Name: pieces[0].Name}}}
	if _, err := h.room.Take(ctx, hole); fault.Of(err).Kind != fault.Broken {
		t.Errorf("a hole: %v", err)
	}
	if _, err := h.Finish(ctx, zhang, u.ID); err != nil {
		t.Errorf("with its bytes back: %v", err)
	}
}
