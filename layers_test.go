//go:build !race

package main

// What is read of the sources and not run cannot race, and to read all of them with the detector takes long.

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// order is the house: a package may import what stands before it, never what stands after. It is also the reading order.
var order = []string{
	"internal/clock", "internal/fault", "internal/access", "internal/flow", "internal/workday", "internal/secret",
	"internal/store", "internal/queue", "internal/docket", "internal/audit", "internal/cache", "internal/outbound", "internal/wechat", "internal/sms", "internal/sheet", "internal/county",
	"internal/account", "internal/file", "internal/family", "internal/catalog", "internal/notice", "internal/locker", "internal/deputy", "internal/casework", "internal/errand", "internal/offline", "internal/appeal", "internal/rating", "internal/rights", "internal/retention",
	"internal/courier", "internal/page", "docs", "config", "api", ".",
}

// beside are packages that belong to another: helpers of tests, and the stand-in for WeChat that the demo starts.
var beside = map[string]string{
	"internal/store/storetest": "internal/store", "internal/cache/cachetest": "internal/cache", "internal/wechat/standin": "internal/wechat",
	"internal/sms/standin": "internal/sms", "internal/county/standin": "internal/county", "internal/county/contract": "internal/county",
	"internal/catalog/catalogtest": "internal/catalog",
}

// only names who may import a library; everybody else goes through them.
var only = map[string][]string{
	"github.com/gin-gonic/gin":             {"api", "internal/page"},
	"github.com/danielgtaylor/huma":        {"api", "internal/page"},
	"github.com/glebarez/":                 {"internal/store"},
	"github.com/go-sql-driver/mysql":       {"internal/store", "internal/store/storetest"},
	"gorm.io/driver/":                      {"internal/store"},
	"github.com/pressly/goose":             {"internal/store"},
	"github.com/redis/":                    {"internal/cache", "internal/cache/cachetest"},
	"github.com/golang-jwt/":               {"internal/account"},
	"github.com/caarlos0/env":              {"config"},
	"github.com/emmansun/gmsm":             {"internal/secret"},
	"github.com/pdfcpu/":                   {"internal/file"},
	"github.com/xuri/excelize":             {"internal/sheet"},
	"github.com/alicebob/miniredis":        {"internal/cache", "internal/cache/cachetest"},
	"tongban/internal/store/storetest":     nil, // tests only
	"tongban/internal/cache/cachetest":     nil,
	"tongban/internal/county/contract":     nil,
	"tongban/internal/catalog/catalogtest": nil,
}

// place is where a folder stands in the order; a package beside another stands just behind it.
func place(folder string) int {
	if owner, ok := beside[folder]; ok {
		folder = owner
	}
	return slices.Index(order, folder)
}

func TestPackagesImportOnlyWhatStandsBefore(t *testing.T) {
	for _, s := range sources(t) {
		here := place(s.folder)
		if here < 0 {
			t.Errorf("%s: the folder stands nowhere in the order", s.name)
		}
		for _, name := range s.imports() {
			folder, ours := strings.CutPrefix(name, "tongban/")
			if !ours || s.test {
				continue
			}
			there := place(folder)
			if there > here || there == here && folder != s.folder && beside[folder] == "" && beside[s.folder] == "" {
				t.Errorf("%s imports %s, which stands after it", s.name, folder)
			}
		}
	}
}

func TestLibrariesHaveOneHome(t *testing.T) {
	for _, s := range sources(t) {
		if slices.Contains(s.imports(), "unsafe") { // also in tests: make race does not check such pointers
			t.Errorf("%s imports unsafe", s.name)
		}
		if s.test || strings.HasSuffix(s.folder, "test") {
			continue
		}
		for _, name := range s.imports() {
			for prefix, homes := range only {
				if strings.HasPrefix(name, prefix) && !slices.Contains(homes, s.folder) {
					t.Errorf("%s imports %s, which is only for %v", s.name, name, homes)
				}
			}
		}
	}
}

// banned are ways of writing that were seen to lose data, leak rows or hide the time. except names the folders that may.
var banned = []struct {
	what   *regexp.Regexp
	why    string
	except []string
}{
	{regexp.MustCompile(`\.Save\(`), "gorm's Save wipes columns, and inserts where the id is unknown", []string{"internal/secret", "."}},
	{regexp.MustCompile(`(^|[^p])\.Or\(`), "gorm's Or escapes the scope; put OR inside one bracketed condition", nil},
	{regexp.MustCompile(`Where\(&`), "a struct condition with a zero field is no condition", nil},
	{regexp.MustCompile(`FirstOrCreate|FirstOrInit|AutoMigrate`), "checks, then writes; or changes the schema by itself", nil},
	{regexp.MustCompile(`\.Begin\(|\.BeginTx\(|\.Transaction\(`), "store.Write is the only transaction", []string{"internal/store"}},
	{regexp.MustCompile(`(Raw|Exec|Where|Select|Order|Joins)\(fmt\.Sprintf`), "SQL made of strings", nil},
	{regexp.MustCompile(`(?i)(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE\s+TABLE)\s+trail\b|TrailRow\{\}.*\.(Update|Delete)|Delete\(&(store\.)?TrailRow|Table\("trail"\).*\.(Update|Delete)`), "rows of the trail are added, never changed or removed", nil},
	{regexp.MustCompile(`SELECT \*`), "columns are named, so that older programs survive newer schemas", nil},
	{regexp.MustCompile(`time\.(Now|Since|Until)\(`), "only the clock knows the time", []string{"internal/clock"}},
	{regexp.MustCompile(`os\.(Getenv|LookupEnv|Environ)\b`), "settings come from config", []string{"."}},
	{regexp.MustCompile(`\.ClientIP\(`), "an address is asked for in one place", []string{"api"}},
	{regexp.MustCompile(`http\.(Get|Post|PostForm|Head)\(|http\.DefaultClient`), "a client without time-outs", nil},
	{regexp.MustCompile(`gin\.Default\(|\b(r|router|engine)\.Run\(`), "a server without time-outs", nil},
	{regexp.MustCompile(`\bEasyPasswords\b`), "passwords that are quickly guessed", []string{"internal/account"}},
	{regexp.MustCompile(`InsecureSkipVerify`), "TLS that proves nothing", nil},
	{regexp.MustCompile(`\bt\.Skip(f|Now)?\(`), "a test that may pass without running", nil},
}

func TestNothingBanned(t *testing.T) {
	for _, s := range sources(t) {
		if s.name == "layers_test.go" {
			continue
		}
		for _, b := range banned {
			inTest := s.test || strings.HasSuffix(s.folder, "test")
			if inTest && !strings.Contains(b.why, "pass without running") || slices.Contains(b.except, s.folder) {
				continue
			}
			for n, line := range strings.Split(s.text, "\n") {
				if code, _, _ := strings.Cut(line, "//"); b.what.MatchString(code) {
					t.Errorf("%s:%d: %s: %s", s.name, n+1, strings.TrimSpace(line), b.why)
				}
			}
		}
	}
}

// TestNoNetworkInsideATransaction looks for clients called in functions of a transaction: those that are given one, or a step of an act.
func TestNoNetworkInsideATransaction(t *testing.T) {
	network := regexp.MustCompile(`^(Do|Call|Exchange|SendCode|CodeToSession|Phone|Publish|Send|LookUp)$`)
	inside := 0
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			var of *ast.FuncType
			switch f := n.(type) {
			case *ast.FuncLit:
				of = f.Type
			case *ast.FuncDecl:
				of = f.Type
			}
			if of == nil || !slices.ContainsFunc(of.Params.List, func(p *ast.Field) bool {
				return slices.Contains([]string{"*step", "*Tx", "*store.Tx"}, types.ExprString(p.Type))
			}) {
				return true
			}
			inside++
			ast.Inspect(n, func(n ast.Node) bool {
				if c, ok := n.(*ast.CallExpr); ok {
					if f, ok := c.Fun.(*ast.SelectorExpr); ok && network.MatchString(f.Sel.Name) {
						t.Errorf("%s: %s is called inside a transaction", s.name, f.Sel.Name)
					}
				}
				return true
			})
			return true
		})
	}
	if inside < 300 {
		t.Errorf("only %d functions of a transaction were found", inside)
	}
}

// TestFilesStayReadable keeps a newcomer from meeting a wall of code.
func TestFilesStayReadable(t *testing.T) {
	for _, s := range sources(t) {
		if lines := strings.Count(s.text, "\n"); lines > 450 {
			t.Errorf("%s has %d lines: is it still one idea?", s.name, lines)
		}
	}
}
