//go:build !race

package main

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"
	"testing"

	"tongban/internal/fault"
)

// TestEveryFaultIsAskedFor: a refusal that no test names is one that nobody has seen, and perhaps one that no call can reach. A test names it
// by its code, by its variable, or from another package by both names.
func TestEveryFaultIsAskedFor(t *testing.T) {
	variables := map[string]string{} // package.Name, by code
	asked := map[string]bool{}       // codes, and package.Name
	for _, s := range sources(t) {
		tests := s.test || strings.HasSuffix(s.folder, "/contract") // a contract is the tests of several platforms
		own := path.Base(s.folder)
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if code := declared(value); code != "" {
						variables[code] = own + "." + n.Names[i].Name
					}
				}
			case *ast.SelectorExpr:
				if of, is := n.X.(*ast.Ident); is && tests {
					asked[of.Name+"."+n.Sel.Name] = true
				}
			case *ast.Ident:
				asked[own+"."+n.Name] = asked[own+"."+n.Name] || tests
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && tests {
					for code := range strings.FieldsFuncSeq(text, func(c rune) bool { return c != '.' && c != '_' && !('a' <= c && c <= 'z') }) {
						asked[code] = true
					}
				}
			}
			return true
		})
	}
	for _, f := range fault.All() {
		switch variable := variables[f.Code]; {
		case variable == "":
			t.Errorf("%s is declared in a way that this test does not read", f.Code)
		case !asked[f.Code] && !asked[variable]:
			t.Errorf("no test asks for %s (%s)", f.Code, variable)
		}
	}
}

// declared is the code that fault.New gives, or New within its own package.
func declared(value ast.Expr) string {
	call, is := value.(*ast.CallExpr)
	if !is || len(call.Args) != 3 {
		return ""
	}
	of := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		of = f.Sel.Name
	case *ast.Ident:
		of = f.Name
	}
	text, is := call.Args[1].(*ast.BasicLit)
	if of != "New" || !is {
		return ""
	}
	code, _ := strconv.Unquote(text.Value)
	return code
}
