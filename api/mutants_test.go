package api

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var mutantsAsked = flag.String("mutants", "0", "how many clauses to take away in turn: a number, or all")

// TestMutants takes clauses of scope, audience and token away, each in turn, and demands that the access matrix turns red there: what it
// does not notice it does not guard. It builds a program of its own, so it is asked for by name: three of them by .ci/run, all by
// make mutants.
func TestMutants(t *testing.T) {
	chosen := mutants
	if *mutantsAsked != "all" {
		n, err := strconv.Atoi(*mutantsAsked)
		if err != nil || n < 0 || n > len(mutants) {
			t.Fatalf("-mutants: a number up to %d, or all", len(mutants))
		}
		chosen = nil
		for i := range n { // spread over the list
			chosen = append(chosen, mutants[i*len(mutants)/n])
		}
	}
	if len(chosen) == 0 {
		return
	}
	binary := buildMutants(t)
	if red, output := runMatrix(t, binary, ""); red {
		t.Fatalf("the matrix is red with every clause in its place:\n%s", output)
	}
	for _, m := range chosen {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if red, output := runMatrix(t, binary, m.name); !red {
				t.Errorf("the matrix did not notice:\n%s", output)
			}
		})
	}
}

// runMatrix runs the matrix with the mutant that is meant, until it is red.
func runMatrix(t *testing.T, binary, mutant string) (red bool, output string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), binary, "-test.run", "^TestAccessMatrix$", "-test.timeout", "5m", "-matrix.first")
	command.Env = append(os.Environ(), "TONGBAN_TEST_MYSQL=", meant+"="+mutant) // the clauses are the same on every engine
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

// TestMutantsFit keeps the list in step with the code: each text stands there exactly once, and each clause of the scopes
// is in some mutant, or is the one clause of a reason why it is in none.
func TestMutantsFit(t *testing.T) {
	for _, m := range mutants {
		if n := strings.Count(m.source(t), m.text); n != 1 {
			t.Errorf("%s: the text stands %d times in %s", m.name, n, m.file)
		}
	}
	met := make([][]string, len(sparedClauses))
	for _, file := range sourcesOf(t) {
		p := parse(t, mutant{file: file}.source(t))
		for _, at := range clausesOf(p) {
			why := 0
			_, line := p.line(at.from)
			line = strings.TrimSpace(line)
			for i, s := range sparedClauses {
				if s.file == file && p.shows(at, s.part) {
					met[i] = append(met[i], line)
					why++
				}
			}
			taken := slices.ContainsFunc(mutants, func(m mutant) bool { return m.file == file && at.within(p.text, m.text) })
			switch {
			case why > 1:
				t.Errorf("%s: spared for %d reasons: %s", file, why, line)
			case why == 1 && taken:
				t.Errorf("%s: a mutant takes away what is spared: %s", file, line)
			case why == 0 && !taken:
				t.Errorf("%s: nothing takes this clause away: %s", file, line)
			}
		}
	}
	for i, s := range sparedClauses {
		if len(met[i]) != 1 {
			t.Errorf("%s: a reason is one clause's, and not of %d: %s\n%s", s.file, len(met[i]), s.part, strings.Join(met[i], "\n"))
		}
		for _, proof := range provenBy.FindAllStringSubmatch(s.why, -1) {
			if text := (mutant{file: proof[1]}).source(t); !strings.Contains(text, "func "+proof[2]+"(t *testing.T)") {
				t.Errorf("%s: no such test: %s", s.file, proof[0])
			}
		}
	}
}

// provenBy is the test by which a reason says that its clause is proven.
var provenBy = regexp.MustCompile(`(internal/\w+/\w+_test\.go): (Test\w+)`)
