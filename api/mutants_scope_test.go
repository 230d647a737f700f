package api

import (
	"go/ast"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Where rows are kept to whose they are, found by what the code does and not by what its files are called.

// sourcesOf are the program's own files, from the top of the module.
func sourcesOf(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && entry.Name() != "..":
			return fs.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			files = append(files, filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator))))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// belonging is a comparison of a column that says whose a row is.
var belonging = regexp.MustCompile(`\b(person|owner|principal|applicant|agent|helper|given_by|holder|reviewer|open_person|village|town|county|area|office|post|deputy_post|session|object) (=|<>|IN|>=|BETWEEN)`)

// clausesOf are the places in a file that keep a query to what is the actor's, or to his area. Everywhere: a condition that is given something of
// an actor's. Where an actor is asked about: a condition on a column that says whose a row is. In a function that narrows queries for an actor
// or for an area: every condition, and every narrowing that it leaves to another function.
func clausesOf(p parsed) (found []clause) {
	for _, d := range p.file.Decls {
		actors, narrows := actorsIn(d), narrowingIn(d)
		ast.Inspect(d, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is {
				return true
			}
			name, at := called(call)
			if s, is := call.Fun.(*ast.SelectorExpr); is && isOf(s, "cmp", "Or") {
				return true
			}
			given := slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return mentions(arg, actors) })
			switch name {
			case "Where", "Not", "Or", "Joins", "Having", "Raw", "Exec":
				if !given && !narrows && !(len(actors) > 0 && belonging.MatchString(p.text[p.at(call.Pos()):p.at(call.End())])) {
					return true
				}
			default:
				if !narrows || !given || !slices.ContainsFunc(call.Args, isQuery) {
					return true
				}
			}
			found = append(found, clause{p.at(at.Pos()), p.at(call.End())})
			return true
		})
	}
	return found
}

// clause is where one stands in its file: from the name of what is called to the end of the call.
type clause struct{ from, to int }

// within: the part of the text has the clause, at least as far as its first line goes.
func (c clause) within(text, part string) bool {
	at, end := strings.Index(text, part), c.to
	if line := strings.Index(text[c.from:c.to], "\n"); line >= 0 {
		end = c.from + line
	}
	return at >= 0 && at <= c.from && end <= at+len(part)
}

// line is the one that is there, from where it begins.
func (p parsed) line(at int) (from int, line string) {
	from = strings.LastIndex(p.text[:at], "\n") + 1
	return from, p.text[from : at+strings.Index(p.text[at:], "\n")]
}

// shows: the part stands in the first line of the clause, and at least some of it is the clause's own. Before a colon may stand the function.
func (p parsed) shows(c clause, part string) bool {
	if name, behind, named := strings.Cut(part, ": "); named {
		if f := p.around(c.from); f == nil || f.Name.Name != name {
			return false
		}
		part = behind
	}
	from, line := p.line(c.from)
	at := strings.Index(line, part)
	return at >= 0 && from+at < c.to && from+at+len(part) > c.from
}

// called is the name of what is called, and where it stands.
func called(call *ast.CallExpr) (string, ast.Node) {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name, f.Sel
	case *ast.Ident:
		return f.Name, f
	}
	return "", call
}

// actorsIn are the names under which a declaration knows actors; those of a transaction or a desk's act count too.
func actorsIn(d ast.Decl) (names []string) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if isOf(n.Type, "access", "Actor") {
				for _, name := range n.Names {
					names = append(names, name.Name)
				}
			}
		case *ast.SelectorExpr:
			if n.Sel.Name == "Actor" || n.Sel.Name == "actor" {
				names = append(names, n.Sel.Name)
			}
		}
		return true
	})
	return names
}

// mentions: something of an actor's is handed on, or the actor himself.
func mentions(arg ast.Expr, actors []string) (found bool) {
	ast.Inspect(arg, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			found = found || slices.Contains(actors, n.Name)
		}
		return true
	})
	return found
}

// narrowingIn: a function of the declaration is given an actor or an area, and answers a query or what narrows one.
func narrowingIn(d ast.Decl) (found bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch f := n.(type) {
		case *ast.FuncDecl:
			found = found || narrowing(f.Type)
		case *ast.FuncLit:
			found = found || narrowing(f.Type)
		}
		return true
	})
	return found
}

// narrowing: it is given an actor or an area, and answers a query or what narrows one.
func narrowing(f *ast.FuncType) bool {
	given := slices.ContainsFunc(f.Params.List, func(p *ast.Field) bool { return isOf(p.Type, "access", "Actor") || isOf(p.Type, "access", "Area") })
	return given && f.Results != nil && slices.ContainsFunc(f.Results.List, func(r *ast.Field) bool {
		if narrower, is := r.Type.(*ast.FuncType); is && narrower.Results != nil {
			return slices.ContainsFunc(narrower.Results.List, func(r *ast.Field) bool { return isQueryType(r.Type) })
		}
		return isQueryType(r.Type)
	})
}

func isQueryType(e ast.Expr) bool {
	star, is := e.(*ast.StarExpr)
	return is && isOf(star.X, "gorm", "DB")
}

// isQuery goes by the one name that queries have.
func isQuery(arg ast.Expr) bool {
	name, is := arg.(*ast.Ident)
	return is && name.Name == "db"
}

func isOf(e ast.Expr, pkg, name string) bool {
	s, is := e.(*ast.SelectorExpr)
	if !is || s.Sel.Name != name {
		return false
	}
	x, is := s.X.(*ast.Ident)
	return is && x.Name == pkg
}
