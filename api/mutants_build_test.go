package api

import (
	"encoding/json"
	"errors"
	goversion "go/version"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A mutant changes one package, and to build this one, which stands on all of them, takes a minute. So the package alone is
// compiled, and linked with all the others as the go command left them in its cache. Nothing is inlined, so that no other package
// holds a part of it; should one do, as with generic functions, the linker refuses, and everything is built anew.

// built is a package of this test's program, as go list tells of it.
type built struct {
	ImportPath string
	Dir        string
	Export     string // the compiled package
	GoFiles    []string
	EmbedFiles []string
	Module     *struct{ GoVersion string }
}

// program is every package of it, once built.
var program = sync.OnceValues(func() ([]built, error) {
	list := exec.Command("go", "list", plainly, "-export", "-deps", "-test", "-json=ImportPath,Dir,Export,GoFiles,EmbedFiles,Module", ".")
	list.Stderr = os.Stderr
	text, err := list.Output()
	if err != nil {
		return nil, err
	}
	var all []built
	for lines := json.NewDecoder(strings.NewReader(string(text))); ; {
		var one built
		if err := lines.Decode(&one); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
})

// whole are the go command's arguments to build the program of this package's tests.
var whole = []string{"test", "-c", "-vet=off", plainly, "-ldflags=-s -w"}

const plainly = "-gcflags=tongban/...=-N -l"

// build makes the test program with the mutant, or with nothing changed, and answers where it is.
func (m *mutant) build(t *testing.T) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "mutant.test")
	switch {
	case m == nil:
		run(t, append(slices.Clone(whole), "-o", binary, ".")...)
	case !m.link(t, binary):
		run(t, append(slices.Clone(whole), "-overlay", m.overlay(t), "-o", binary, ".")...)
	}
	return binary
}

// link compiles the one package and links it. It tells whether that could be done.
func (m *mutant) link(t *testing.T, binary string) bool {
	t.Helper()
	packages, err := program()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	changed, archive := m.changed(t, folder), filepath.Join(folder, "changed.a")
	dir, err := filepath.Abs(filepath.Join("..", filepath.Dir(m.file)))
	if err != nil {
		t.Fatal(err)
	}
	var of, main built
	plan := map[string]string{}
	for _, p := range packages {
		path, test, _ := strings.Cut(p.ImportPath, " ")
		switch {
		case strings.HasSuffix(path, ".test"):
			main = p
		case plan[path] == "" || test != "": // this package is there twice: with its tests and without
			plan[path] = p.Export
		}
		if p.Dir == dir && test == "" && !strings.HasSuffix(path, ".test") {
			of = p
		}
	}
	if of.ImportPath == "tongban/api" || len(of.EmbedFiles) > 0 {
		return false
	}
	files := []string{"tool", "compile", "-N", "-l", "-o", archive, "-p", of.ImportPath, "-lang=" + goversion.Lang("go"+of.Module.GoVersion), "-complete", "-pack", "-trimpath", folder + "=>" + dir, "-importcfg", config(t, folder, "compile", plan)}
	for _, name := range of.GoFiles {
		if name == filepath.Base(m.file) {
			files = append(files, changed)
		} else {
			files = append(files, filepath.Join(dir, name))
		}
	}
	run(t, files...)
	plan[of.ImportPath] = archive
	text, err := exec.CommandContext(t.Context(), "go", "tool", "link", "-s", "-w", "-o", binary, "-importcfg", config(t, folder, "link", plan), main.Export).CombinedOutput()
	if err != nil && !strings.Contains(string(text), "fingerprint mismatch") {
		t.Fatalf("%v\n%s", err, text)
	}
	return err == nil
}

// config tells the compiler or the linker where each package is.
func config(t *testing.T, folder, name string, archives map[string]string) (path string) {
	t.Helper()
	var text strings.Builder
	for of, archive := range archives {
		if archive != "" { // unsafe has none
			text.WriteString("packagefile " + of + "=" + archive + "\n")
		}
	}
	path = filepath.Join(folder, name+".cfg")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func run(t *testing.T, args ...string) {
	t.Helper()
	if text, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("a program that cannot be built proves nothing: %v\n%s", err, text)
	}
}

// changed writes the file as the mutant has it.
func (m mutant) changed(t *testing.T, folder string) (path string) {
	t.Helper()
	path = filepath.Join(folder, filepath.Base(m.file))
	if err := os.WriteFile(path, []byte(strings.Replace(m.source(t), m.text, m.put, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// overlay puts the changed file in the place of the true one.
func (m mutant) overlay(t *testing.T) (list string) {
	t.Helper()
	folder := t.TempDir()
	real, err := filepath.Abs(filepath.Join("..", m.file))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := json.Marshal(map[string]any{"Replace": map[string]string{real: m.changed(t, folder)}})
	if err != nil {
		t.Fatal(err)
	}
	list = filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, plan, 0o600); err != nil {
		t.Fatal(err)
	}
	return list
}

func (m mutant) source(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", m.file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
