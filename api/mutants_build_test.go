package api

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The program is built once, with all mutants in it: beside each function that a mutant changes stands the changed copy, and the function
// begins by asking which mutant is meant. So a mutant costs one run of the matrix, and no build.

// meant is the environment variable that says so, by the mutant's name.
const meant = "TONGBAN_TEST_MUTANT"

// asking goes into each package that has a mutant.
const asking = "package %s\n\nimport \"os\"\n\nvar meantMutant = os.Getenv(%q)\n"

// buildMutants makes the test program with all mutants in it, and answers where it is.
func buildMutants(t *testing.T) (binary string) {
	t.Helper()
	folder := t.TempDir()
	binary = filepath.Join(folder, "mutants.test")
	replace := map[string]string{}
	put := func(path, text string) {
		real, err := filepath.Abs(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		if replace[real] != "" { // two files of one package ask in the same words
			return
		}
		replace[real] = filepath.Join(folder, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(replace[real], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, of := range byFile() {
		text, name := of.planted(t)
		put(file, text)
		put(filepath.Dir(file)+"/zz_meant.go", fmt.Sprintf(asking, name, meant))
	}
	plan, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(overlay, plan, 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-ldflags=-s", "-overlay", overlay, "-o", binary, ".")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("a program that cannot be built proves nothing: %v\n%s", err, text)
	}
	return binary
}

// inOneFile are the mutants of a file.
type inOneFile []mutant

func byFile() map[string]inOneFile {
	files := map[string]inOneFile{}
	for _, m := range mutants {
		files[m.file] = append(files[m.file], m)
	}
	return files
}

// planted is the file with its mutants beside what they change, and the package's name.
func (list inOneFile) planted(t *testing.T) (text, of string) {
	t.Helper()
	text = list[0].source(t)
	var copies strings.Builder
	questions := map[int]string{} // by the place in the text where they stand
	for i, m := range list {
		at := strings.Index(text, m.text)
		before := parse(t, text)
		f := before.around(at)
		if f == nil {
			t.Fatalf("%s: no function is around the text in %s", m.name, m.file)
		}
		of = before.file.Name.Name
		suffix := fmt.Sprintf("Mutant%d", i)
		questions[before.at(f.Body.Lbrace)+1] += fmt.Sprintf("\n\tif meantMutant == %q {\n%s\n\t}\n", m.name, before.call(t, f, suffix))
		after := parse(t, strings.Replace(text, m.text, m.put, 1))
		g := after.around(at)
		copies.WriteString("\n" + after.text[after.at(g.Pos()):after.at(g.Name.End())] + suffix + after.text[after.at(g.Name.End()):after.at(g.End())] + "\n")
	}
	places := slices.Sorted(func(yield func(int) bool) {
		for at := range questions {
			if !yield(at) {
				return
			}
		}
	})
	for _, at := range slices.Backward(places) {
		text = text[:at] + questions[at] + text[at:]
	}
	return text + copies.String(), of
}

// parsed is a source file.
type parsed struct {
	text string
	set  *token.FileSet
	file *ast.File
}

func parse(t *testing.T, text string) parsed {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return parsed{text, set, file}
}

func (p parsed) at(pos token.Pos) int { return p.set.Position(pos).Offset }

// around is the function in which the place is.
func (p parsed) around(at int) *ast.FuncDecl {
	for _, d := range p.file.Decls {
		if f, is := d.(*ast.FuncDecl); is && p.at(f.Pos()) <= at && at < p.at(f.End()) {
			return f
		}
	}
	return nil
}

// call hands what the function was given to its changed copy.
func (p parsed) call(t *testing.T, f *ast.FuncDecl, suffix string) string {
	t.Helper()
	names := func(fields *ast.FieldList) (all []string) {
		for _, field := range fields.List {
			if len(field.Names) == 0 {
				t.Fatalf("%s has something without a name", f.Name.Name)
			}
			for _, name := range field.Names {
				all = append(all, strings.Replace(name.Name, "_", "nil", 1)) // what it does not look at may be nothing
			}
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				all[len(all)-1] += "..."
			}
		}
		return all
	}
	callee := f.Name.Name + suffix
	switch {
	case f.Recv != nil && len(f.Recv.List[0].Names) == 0: // it does not look at itself, so that any will do
		callee = "(" + p.text[p.at(f.Recv.List[0].Type.Pos()):p.at(f.Recv.List[0].Type.End())] + ")(nil)." + callee
	case f.Recv != nil:
		callee = names(f.Recv)[0] + "." + callee
	}
	call := callee + "(" + strings.Join(names(f.Type.Params), ", ") + ")"
	if f.Type.Results == nil {
		return "\t\t" + call + "\n\t\treturn"
	}
	return "\t\treturn " + call
}

func (m mutant) source(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", m.file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
