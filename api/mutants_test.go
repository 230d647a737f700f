package api

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var mutantsAsked = flag.String("mutants", "0", "how many clauses to take away in turn: a number, or all")

// TestMutants takes clauses of scope, audience and token away, each in a program of its own, and demands that the access
// matrix turns red there: what it does not notice it does not guard. It builds a program for each, so it is asked for by name:
// three of them by .ci/run, all by make mutants.
func TestMutants(t *testing.T) {
	chosen := mutants
	if *mutantsAsked == "all" {
		t.Run("none", func(t *testing.T) {
			if red, output := runMatrix(t, nil); red {
				t.Fatalf("the matrix is red with every clause in its place:\n%s", output)
			}
		})
	} else {
		n, err := strconv.Atoi(*mutantsAsked)
		if err != nil || n < 0 || n > len(mutants) {
			t.Fatalf("-mutants: a number up to %d, or all", len(mutants))
		}
		chosen = nil
		for i := range n { // spread over the list
			chosen = append(chosen, mutants[i*len(mutants)/n])
		}
	}
	for _, m := range chosen {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if red, output := runMatrix(t, &m); !red {
				t.Errorf("the matrix did not notice:\n%s", output)
			}
		})
	}
}

// runMatrix runs the matrix with the mutant in the place of its file. A program that cannot be built proves nothing. Building
// takes longer than running: this package, the largest, is not optimized.
func runMatrix(t *testing.T, m *mutant) (red bool, output string) {
	t.Helper()
	args := []string{"test", "-run", "^TestAccessMatrix$", "-count=1", "-vet=off", "-ldflags=-s -w", "-gcflags=tongban/api=-N -l", "-timeout", "190s"}
	if m != nil {
		args = append(args, "-overlay", m.overlay(t))
	}
	command := exec.CommandContext(t.Context(), "go", append(args, ".", "-matrix.first")...)
	command.Env = append(os.Environ(), "TONGBAN_TEST_MYSQL=") // the clauses are the same on every engine
	text, err := command.CombinedOutput()
	output = string(text[max(0, len(text)-2000):])
	switch {
	case err == nil:
		return false, output
	case !strings.Contains(string(text), "--- FAIL: TestAccessMatrix"):
		t.Fatalf("the matrix did not run: %v\n%s", err, output)
	}
	return true, output
}

// overlay writes the changed file and the list that puts it in the place of the true one.
func (m mutant) overlay(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	changed, list := filepath.Join(folder, "changed.go"), filepath.Join(folder, "overlay.json")
	text := strings.Replace(m.source(t), m.text, m.put, 1)
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	real, err := filepath.Abs(filepath.Join("..", m.file))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := json.Marshal(map[string]any{"Replace": map[string]string{real: changed}})
	if err != nil {
		t.Fatal(err)
	}
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

// TestMutantsFit keeps the list in step with the code: each text stands there exactly once, and each clause of the scopes
// is in some mutant.
func TestMutantsFit(t *testing.T) {
	for _, m := range mutants {
		if n := strings.Count(m.source(t), m.text); n != 1 {
			t.Errorf("%s: the text stands %d times in %s", m.name, n, m.file)
		}
	}
	clause := regexp.MustCompile(`\.Where\(|inArea\(db|recused\(db, actor, today\)$`)
	for _, file := range []string{appealScope, caseScope, residentScope, trailScope, actingScope, householdScope} {
		for line := range strings.Lines(mutant{file: file}.source(t)) {
			line = strings.TrimSpace(line)
			if !clause.MatchString(line) || strings.HasPrefix(line, "func") || shadowed[line] != "" {
				continue
			}
			if !slices.ContainsFunc(mutants, func(m mutant) bool { return m.file == file && strings.Contains(m.text, line) }) {
				t.Errorf("%s: nothing takes this clause away: %s", file, line)
			}
		}
	}
}
