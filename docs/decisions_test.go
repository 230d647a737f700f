package docs

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var listed = regexp.MustCompile(`(?m)^- \[(\d+)\]\((\d{4}-[a-z0-9-]+\.md)\) (.+)$`)

// TestEveryDecisionIsListed: the index names each record once, under its title, and none that is not there; each says whether it is in force.
func TestEveryDecisionIsListed(t *testing.T) {
	index, err := os.ReadFile("decisions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for _, line := range listed.FindAllStringSubmatch(string(index), -1) {
		number, file, title := line[1], line[2], line[3]
		if titles[file] != "" {
			t.Errorf("%s is listed twice", file)
		}
		if n, _ := strconv.Atoi(number); !strings.HasPrefix(file, fmt.Sprintf("%04d-", n)) {
			t.Errorf("%s is listed as %s", file, number)
		}
		titles[file] = "# " + number + ". " + title
	}
	if entries := strings.Count(string(index), "\n- "); entries != len(titles) {
		t.Errorf("%d lines of the index, %d of them name a record", entries, len(titles))
	}
	files, err := os.ReadDir("decisions")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() == "README.md" {
			continue
		}
		text, err := os.ReadFile("decisions/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		title, rest, _ := strings.Cut(string(text), "\n")
		if title != titles[f.Name()] {
			t.Errorf("%s: its title is %q, the index has %q", f.Name(), title, titles[f.Name()])
		}
		if !strings.HasPrefix(rest, "\nStatus: in force") {
			t.Errorf("%s: no line says whether it is in force", f.Name())
		}
		delete(titles, f.Name())
	}
	for file := range titles {
		t.Errorf("%s is listed, and is not there", file)
	}
}
