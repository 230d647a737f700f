//go:build !race

package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"unicode/utf8"
)

// hidden is what no file of the repository may hold.
var hidden = []struct {
	what *regexp.Regexp
	why  string
}{
	{regexp.MustCompile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"), "a character that turns the direction of the text: code looks like other code (CVE-2021-42574)"},
	{regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE` + ` KEY-----`), "a private key"},
	{regexp.MustCompile(`\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}`), "a signed token"},
	{regexp.MustCompile(`\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36}\b|\bLTAI[0-9A-Za-z]{16,}\b`), "a key of somebody's cloud"},
}

// TestNothingIsHidden looks through every file for what reads otherwise than it runs, and for secrets.
func TestNothingIsHidden(t *testing.T) {
	t.Parallel()
	looked := 0
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (path == ".git" || path == "data"):
			return fs.SkipDir
		case e.IsDir():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || !utf8.Valid(text) {
			return err
		}
		looked++
		for _, h := range hidden {
			if at := h.what.FindIndex(text); at != nil {
				t.Errorf("%s:%d: %s", path, 1+bytes.Count(text[:at[0]], []byte("\n")), h.why)
			}
		}
		return nil
	})
	if err != nil || looked < 500 {
		t.Fatal(looked, err)
	}
}
