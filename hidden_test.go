//go:build !race

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"tongban/internal/secret"
)

// hidden is what no file of the repository may hold, each with samples of it: in pieces, so that they do not stand here.
var hidden = []struct {
	what    *regexp.Regexp
	why     string
	samples []string
}{
	{
		regexp.MustCompile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"), "a character that turns the direction of the text: code looks like other code (CVE-2021-42574)",
		[]string{"/* \u202e", "\u2067 }", "\u200f", "\u061c"},
	},
	{
		regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE` + ` KEY-----`), "a private key",
		[]string{"-----BEGIN PRIVATE" + " KEY-----\n", "-----BEGIN RSA PRIVATE" + " KEY-----\n"},
	},
	{
		regexp.MustCompile(`\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}`), "a signed token",
		[]string{"Bearer eyJ" + "hbGciOiJFZERTQSJ9.eyJ" + "zdWIiOiIxMjM0NTY3In0." + strings.Repeat("aZ_-9", 17)},
	},
	{
		regexp.MustCompile(`\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36}\b|\bLTAI[0-9A-Za-z]{16,}\b`), "a key of somebody's cloud",
		[]string{"AKIA" + strings.Repeat("A2", 8), "ASIA" + strings.Repeat("A2", 8), "ghp_" + strings.Repeat("aZ9", 12), "LTAI" + strings.Repeat("aZ9", 7)},
	},
	{
		regexp.MustCompile(`"(root|key)":\s*"([0-9A-Za-z+/]{43}=|[0-9A-Za-z+/]{22}==)"`), "a key of this program",
		[]string{`"root": "` + strings.Repeat("aZ+", 14) + `9="`, `"key":"` + strings.Repeat("aZ/9", 5) + `aZ=="`},
	},
}

// TestNothingIsHidden looks through every file for what reads otherwise than it runs, and for secrets.
func TestNothingIsHidden(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, path := range everyFile(t) {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken away, and git was not told yet
		}
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(text) {
			continue
		}
		looked++
		for _, h := range hidden {
			if at := h.what.FindIndex(text); at != nil {
				t.Errorf("%s:%d: %s", path, 1+bytes.Count(text[:at[0]], []byte("\n")), h.why)
			}
		}
	}
	if looked < 500 {
		t.Errorf("only %d files were looked at", looked)
	}
}

// TestWhatIsHiddenIsFound holds the patterns against what they are for: a key file among it, as the program writes it.
func TestWhatIsHiddenIsFound(t *testing.T) {
	t.Parallel()
	ours := &hidden[len(hidden)-1]
	for _, family := range []secret.Cipher{secret.AES, secret.SM} {
		file := filepath.Join(t.TempDir(), "keys.json")
		keys, err := secret.MakeFor(family)
		if err == nil {
			err = keys.Save(file)
		}
		text, unread := os.ReadFile(file)
		if err := errors.Join(err, unread); err != nil {
			t.Fatal(err)
		}
		if n := len(ours.what.FindAll(text, -1)); n != 3 { // the root, one that seals, one that signs
			t.Errorf("of %s %d keys are found", family, n)
		}
	}
	for _, h := range hidden {
		if len(h.samples) == 0 {
			t.Errorf("%s has no sample", h.why)
		}
		for _, sample := range h.samples {
			if !h.what.MatchString("x = \"" + sample) {
				t.Errorf("%s is not found: %q", h.why, sample)
			}
		}
	}
}

// everyFile is what git keeps, or all that is here where there is no git: a stray file beside them is nobody's mistake.
func everyFile(t *testing.T) (paths []string) {
	t.Helper()
	if _, err := os.Stat(".git"); err == nil {
		if listed, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z").Output(); err == nil && len(listed) > 0 {
			return strings.Split(strings.TrimSuffix(string(listed), "\x00"), "\x00")
		}
	}
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (path == ".git" || path == "data"):
			return fs.SkipDir
		case !e.IsDir():
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
