package file

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/internal/clock"
)

var morning = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

func openFolder(t *testing.T, c *clock.Clock) (*Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	f, err := OpenFolder(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, dir
}

// everything below a directory that is no directory.
func everything(t *testing.T, dir string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(at string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, at)
			found = append(found, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestFolderKeepsAndForgets(t *testing.T) {
	f, dir := openFolder(t, clock.At(morning))
	one, err := f.put([]byte("picture"), jpgEnding)
	if err != nil {
		t.Fatal(err)
	}
	two, err := f.put([]byte("picture"), jpgEnding)
	if err != nil || one == two || !nameShape.MatchString(one) {
		t.Fatalf("%q, %q, %v", one, two, err)
	}
	if found := everything(t, dir); len(found) != 2 || (found[0] != place(one) && found[1] != place(one)) {
		t.Errorf("the folder holds %v", found)
	}
	info, err := os.Stat(filepath.Join(dir, place(one)))
	if err != nil || info.Mode().Perm() != 0o600 || !info.ModTime().Equal(morning) {
		t.Errorf("mode %v, time %v, %v", info.Mode(), info.ModTime(), err)
	}
	content, err := f.Open(one)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	read, err := io.ReadAll(content)
	if size, sizeErr := f.Size(one); err != nil || sizeErr != nil || string(read) != "picture" || size != 7 {
		t.Errorf("%q, %d, %v, %v", read, size, err, sizeErr)
	}
	for range 2 { // the second time nothing is there, and that is well
		if err := f.Delete(one); err != nil {
			t.Error(err)
		}
	}
	if found := everything(t, dir); len(found) != 1 {
		t.Errorf("the folder holds %v", found)
	}
}

// Neither a name nor a link in the folder leads out of it.
func TestNothingOutsideTheFolder(t *testing.T) {
	f, dir := openFolder(t, clock.At(morning))
	outside := filepath.Dir(dir)
	secret := filepath.Join(outside, "secret.jpg")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	shape := strings.Repeat("ab", 16) + ".jpg"
	names := []string{"", ".", "..", "../secret.jpg", "/etc/passwd", secret, "ab/../../secret.jpg", shape + "\x00", shape + "\n", strings.ToUpper(shape), "unfinished/" + shape, strings.TrimSuffix(shape, ".jpg")}
	for _, name := range names {
		if content, err := f.Open(name); err == nil {
			content.Close()
			t.Errorf("%q was opened", name)
		}
		if f.Delete(name) == nil {
			t.Errorf("%q was deleted", name)
		}
		if _, err := f.Size(name); err == nil {
			t.Errorf("%q was measured", name)
		}
	}
	// Somebody put links into the folder: a subfolder that leads out, and a picture that is another file.
	if err := os.MkdirAll(filepath.Join(outside, "target", "ab"), 0o700); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(outside, "target", "ab", shape)
	if err := os.WriteFile(target, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "target"), filepath.Join(dir, "ab")); err != nil {
		t.Fatal(err)
	}
	if content, err := f.Open(shape); err == nil {
		content.Close()
		t.Error("a link led out of the folder")
	}
	_ = f.Delete(shape)
	if content, err := os.ReadFile(target); err != nil || string(content) != "secret" {
		t.Errorf("deleting followed a link: %q, %v", content, err)
	}
}

// A crash leaves an unfinished file or a finished one, never half a picture under a name that is served.
func TestUnfinishedBytesAreNeverServedAndGoAfterADay(t *testing.T) {
	c := clock.At(morning)
	f, dir := openFolder(t, c)
	name := strings.Repeat("0", 32) + ".jpg"
	if err := f.write(half+"/"+name, []byte("half a pict")); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "readme.txt")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(foreign, morning, morning); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(name); err == nil {
		t.Error("an unfinished file was opened")
	}
	if err := f.tidy(c.Now()); err != nil || len(everything(t, dir)) != 2 {
		t.Errorf("too early: %v, %v", err, everything(t, dir))
	}
	if err := f.tidy(c.Now().Add(time.Second)); err != nil {
		t.Error(err)
	}
	if err := f.walk("", func(inner string) error { t.Errorf("%s was visited", inner); return nil }); err != nil {
		t.Error(err)
	}
	if found := everything(t, dir); len(found) != 1 || found[0] != "readme.txt" {
		t.Errorf("left: %v", found)
	}
}

func TestPutThatFailsLeavesNoName(t *testing.T) {
	f, dir := openFolder(t, clock.At(morning))
	if err := os.RemoveAll(filepath.Join(dir, half)); err != nil {
		t.Fatal(err)
	}
	if name, err := f.put(bytes.Repeat([]byte("x"), 100), jpgEnding); err == nil || name != "" {
		t.Errorf("%q, %v", name, err)
	}
	if found := everything(t, dir); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
}
