package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestNothingReadsOtherwiseThanItRuns: characters that turn the direction of the text let code look like other code (CVE-2021-42574).
func TestNothingReadsOtherwiseThanItRuns(t *testing.T) {
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
		for n, line := range strings.Split(string(text), "\n") {
			if strings.ContainsAny(line, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
				t.Errorf("%s:%d: a character that turns the direction of the text", path, n+1)
			}
		}
		return nil
	})
	if err != nil || looked < 500 {
		t.Fatal(looked, err)
	}
}
