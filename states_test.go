//go:build !race

package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strings"
	"testing"
)

// TestEveryTableIsDrawnAndChecked: the tables of docs/states.md are listed by hand, and each is checked where somebody thought of it. One
// that was forgotten has rows that nobody proved, and a life that nobody can read.
func TestEveryTableIsDrawnAndChecked(t *testing.T) {
	all := sources(t)
	tables, drawn, checked := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range all {
		if s.test {
			ast.Inspect(s.ast, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Check" {
						checked[s.named(f.X)] = true
					}
				case *ast.CompositeLit:
					if s.name == "golden_test.go" && types.ExprString(n.Type) == "[]*flow.Table" {
						for _, e := range n.Elts {
							drawn[s.named(e)] = true
						}
					}
				}
				return true
			})
			continue
		}
		names := s.packageVariables()
		ast.Inspect(s.ast, func(n ast.Node) bool {
			// The type of a list of tables ends so, too. None is drawn as a list, so it is refused.
			lit, ok := n.(*ast.CompositeLit)
			if !ok || lit.Type == nil || !strings.HasSuffix(types.ExprString(lit.Type), "flow.Table") {
				return true
			}
			if names[lit] == "" {
				t.Errorf("%s: a flow table that is no variable of its package can be neither drawn nor checked", s.name)
				return true
			}
			tables[s.folder+"."+names[lit]] = true
			return true
		})
	}
	for table := range tables {
		if !drawn[table] {
			t.Errorf("%s is not in the list of TestGoldenStates, and so not in docs/states.md", table)
		}
		if !checked[table] {
			t.Errorf("no test calls %s.Check", table)
		}
	}
	if len(tables) < 5 {
		t.Errorf("only %d tables were found", len(tables))
	}
}

// packageVariables are the names of the file's package-level variables by the literal that each begins with, pointed to or not.
func (s source) packageVariables() map[*ast.CompositeLit]string {
	names := map[*ast.CompositeLit]string{}
	for _, d := range s.ast.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			for i, value := range v.Values {
				if pointer, ok := value.(*ast.UnaryExpr); ok {
					value = pointer.X
				}
				if lit, ok := value.(*ast.CompositeLit); ok {
					names[lit] = v.Names[i].Name
				}
			}
		}
	}
	return names
}

// named is an expression such as Flow or casework.Flow with the folder of its package before it; empty for what we do not own.
func (s source) named(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return s.folder + "." + e.Name
	case *ast.SelectorExpr:
		for _, name := range s.imports() {
			folder, ours := strings.CutPrefix(name, "tongban/")
			if ours && path.Base(folder) == types.ExprString(e.X) {
				return folder + "." + e.Sel.Name
			}
		}
	}
	return ""
}
