package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/api"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/rating"
	"tongban/internal/rights"
)

var update = flag.Bool("update", false, "write the generated documents anew")

// golden compares a document with its file, or writes it.
func golden(t *testing.T, name string, made []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, made) {
		t.Errorf("%s is not what the code says; run `make docs` (- file, + code):\n%s", name, cmp.Diff(strings.Split(string(kept), "\n"), strings.Split(string(made), "\n")))
	}
}

func TestGoldenDocument(t *testing.T) {
	var out bytes.Buffer
	if err := printDocument(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "docs/openapi.yaml", out.Bytes())
}

func TestGoldenStates(t *testing.T) {
	var b strings.Builder
	b.WriteString("# States\n\nGenerated from the flow tables by `make docs`. `*` marks a final state. Acts that leave the state as it is stand in the\ntable and not in the drawing. A role must also see the thing; what a verb checks beyond its row is on its desk.\n\n")
	for _, table := range []*flow.Table{casework.Flow, errand.Flow, appeal.Flow, rating.Flow, family.ActingFlow, family.GuardianFlow, rights.CorrectionFlow} {
		b.WriteString(table.Markdown())
	}
	golden(t, "docs/states.md", []byte(b.String()))
}

func TestGoldenErrors(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Errors\n\nGenerated from the declared faults by `make docs`. Every error is `application/problem+json` (RFC 9457): `code` is stable,\n`title` is for people. What is not declared is answered as `request.internal`, without its text.\n\n| status | code | title |\n|---|---|---|\n")
	for _, f := range fault.All() {
		fmt.Fprintf(&b, "| %d | `%s` | %s |\n", api.Status(f), f.Code, f.Title)
	}
	golden(t, "docs/errors.md", []byte(b.String()))
}
