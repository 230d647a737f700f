package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tongban/internal/fault"
	"tongban/internal/file"
)

// large is a photo of more than 2 MB: one with a long comment.
func large(t *testing.T) []byte {
	t.Helper()
	photo := jpegOf(t, 64, 32)
	comment := append([]byte{0xFF, 0xFE, 0xFF, 0xFF}, bytes.Repeat([]byte("x"), 0xFFFF-2)...)
	return bytes.Join([][]byte{photo[:2], bytes.Repeat(comment, 40), photo[2:]}, nil)
}

// The program runs in an image without any folder for temporary files.
func TestLargePhotoWithoutTemporaryFiles(t *testing.T) {
	h := openHouse(t)
	t.Setenv("TMPDIR", "/nonexistent")
	sent := large(t)
	if len(sent) < 2<<20 {
		t.Fatalf("%d bytes", len(sent))
	}
	w := h.upload(t, "zhang", sent)
	if kept := read[fileView](t, w); w.Code != 201 || kept.Width != 64 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !h.tray.room.TryAcquire(trayRoom) || len(h.tray.of) != 0 {
		t.Error("the tray is not empty afterwards")
	}
}

func TestFormsThatAreNotOneFile(t *testing.T) {
	h := openHouse(t)
	part := func(head, content string) string {
		return "--x\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + content + "\r\n"
	}
	one := part(`name="file"; filename="a.jpg"`, "content")
	const end = "--x--\r\n"
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"two files":           {one + one + end, 422},
		"a field besides":     {one + part(`name="note"`, "words") + end, 422},
		"a field instead":     {part(`name="file"`, "words") + end, 422},
		"nothing":             {end, 422},
		"no end":              {one, 400},
		"no form":             {"words", 400},
		"a head without end":  {"--x\r\nContent-Disposition: form-data", 422},
		"a head that is none": {"--x\r\nwords\r\n\r\ncontent\r\n" + end, 400},
	} {
		w := h.send(t, "zhang", "POST", "/api/v1/files", c.body, "Content-Type", "multipart/form-data; boundary=x", keyHeader, someKey)
		if w.Code != c.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// Only what the client can mend is his fault.
func TestBrokenBodies(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	for name, c := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"end":         {io.EOF, fault.Malformed},
		"cut":         {fmt.Errorf("multipart: NextPart: %w", io.ErrUnexpectedEOF), fault.Malformed},
		"no chunk":    {errors.New("malformed chunked encoding"), fault.Malformed},
		"too much":    {&http.MaxBytesError{Limit: 1}, fault.TooLarge},
		"reset":       {reset, fault.Unavailable},
		"too slow":    {os.ErrDeadlineExceeded, fault.Unavailable},
		"gone":        {context.Canceled, fault.Unavailable},
		"no such dir": {&fs.PathError{Op: "open", Path: "/tmp/x", Err: syscall.ENOENT}, fault.Broken},
		"disk full":   {syscall.ENOSPC, fault.Broken},
	} {
		if e := fault.Of(cutOff(c.err)); e.Kind != c.kind {
			t.Errorf("%s: %v", name, e)
		}
	}
}

// One person does not fill the tray, and whoever waits for room is told in the end.
func TestTrayIsBounded(t *testing.T) {
	tray := newTray()
	var frees []func()
	for range perHand {
		free, err := tray.take(t.Context(), "zhang", uploadLimit)
		if err != nil {
			t.Fatal(err)
		}
		frees = append(frees, free)
	}
	if _, err := tray.take(t.Context(), "zhang", 1); fault.Of(err).Kind != fault.TooMany {
		t.Error(err)
	}
	rest, err := tray.take(t.Context(), "li", trayRoom-perHand*uploadLimit)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := tray.take(ctx, "wang", 1); !errors.Is(err, fault.Busy) {
		t.Error(err)
	}
	frees[0]()
	for _, who := range []string{"wang", "zhang"} {
		free, err := tray.take(t.Context(), who, 1)
		if err != nil {
			t.Fatal(who, err)
		}
		frees = append(frees, free)
	}
	for _, free := range append(frees[1:], rest) {
		free()
	}
	if !tray.room.TryAcquire(trayRoom) || len(tray.of) != 0 {
		t.Errorf("left: %v", tray.of)
	}
}

// A repetition is told what the first was told, even when no more photos would be taken; and it leaves nothing behind.
func TestRepetitionPastTheQuota(t *testing.T) {
	folder := t.TempDir()
	h := openHouse(t, func(d *Deps) {
		kept, err := file.OpenFolder(folder, d.Store.Clock())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = kept.Close() })
		d.Files = file.New(d.Store, kept)
	})
	var photo []byte
	var last *httptest.ResponseRecorder
	for n := 0; ; n++ {
		next := jpegOf(t, 8+n, 8)
		w := h.upload(t, "zhang", next, keyHeader, fmt.Sprintf("photo-%08d", n))
		if w.Code == 429 {
			break
		}
		if last, photo = w, next; w.Code != 201 || n > 100 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	var n int64
	if err := h.Store.Read(t.Context()).Table("files").Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again := h.upload(t, "zhang", photo, keyHeader, fmt.Sprintf("photo-%08d", n-1))
		if again.Code != 201 || again.Body.String() != last.Body.String() {
			t.Errorf("%d %s", again.Code, again.Body)
		}
	}
	var bytesOf int64
	_ = filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".jpg") {
			bytesOf++
		}
		return err
	})
	if bytesOf != n {
		t.Errorf("%d files of %d rows", bytesOf, n)
	}
}
