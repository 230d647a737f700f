package main

import (
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/config"
)

// walk has the README's own commands played, by bash, curl and jq. `go test ./...` needs none of them, so it only looks.
var walk = flag.Bool("walk", false, "play the README's walk, which needs bash, curl and jq")

var readmes = []string{"README.md", "README.zh-CN.md"}

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func found(text, pattern string) (groups []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		groups = append(groups, m[len(m)-1])
	}
	return groups
}

const (
	blocks     = "(?ms)^```\\w+\n.*?^```$"
	bashBlocks = "(?ms)^```bash\n(.*?)^```$"
)

func TestReadmesSayTheSame(t *testing.T) {
	english, chinese := readText(t, readmes[0]), readText(t, readmes[1])
	for _, pattern := range []string{blocks, `(?m)^## `, "`((?:[A-Z]+ )?/[^` ]*)`", "`(tongban [^`]*)`", `\]\(([^)]+)\)`} {
		e, c := found(english, pattern), found(chinese, pattern)
		c = slices.DeleteFunc(c, func(s string) bool { return s == "README.md" })
		e = slices.DeleteFunc(e, func(s string) bool { return s == "README.zh-CN.md" })
		if d := cmp.Diff(e, c); d != "" {
			t.Errorf("%s (- English, + Chinese):\n%s", pattern, d)
		}
	}
	if len(found(english, bashBlocks)) < 5 {
		t.Error("the walk is gone")
	}
}

// TestPapersNameOnlyWhatIs looks up every setting, file, target, sub-command and path that a stranger is sent to.
func TestPapersNameOnlyWhatIs(t *testing.T) {
	settings := append(config.Names(), "TONGBAN_TEST_MYSQL", "TONGBAN_TEST_REDIS", "TONGBAN_DB_PASSWORD") // the last is compose.yaml's
	makefile, help := readText(t, "Makefile"), installation{}.must(t, "help")
	papers, err := filepath.Glob("docs/*.md")
	if err != nil || len(papers) < 5 {
		t.Fatal(papers, err)
	}
	for _, name := range append(papers, "compose.yaml", "Dockerfile", readmes[0], readmes[1]) {
		text := readText(t, name)
		for _, setting := range found(text, `TONGBAN_[A-Z_]+`) {
			if !slices.Contains(settings, setting) {
				t.Errorf("%s: there is no setting %s", name, setting)
			}
		}
		for _, link := range found(text, `\]\(([^)#:]+)\)`) {
			if _, err := os.Stat(path.Join(path.Dir(name), link)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, target := range found(text, "`make ([a-z]+)") {
			if !strings.Contains(makefile, "\n"+target+":") {
				t.Errorf("%s: there is no make %s", name, target)
			}
		}
		for _, command := range found(text, "(?m)(?:`|^)tongban ([a-z]+)") {
			if !strings.Contains(help, "\n  "+command) && command != "serve" && command != "version" && command != "help" {
				t.Errorf("%s: there is no tongban %s", name, command)
			}
		}
	}
}

func TestReadmesTellWhatMatters(t *testing.T) {
	help, ci := installation{}.must(t, "help"), readText(t, ".ci/run")
	for _, name := range readmes {
		text := readText(t, name)
		for _, command := range append(found(help, `(?m)^  ([a-z]+) `), "version", "help") {
			if !strings.Contains(text, "`tongban "+command) {
				t.Errorf("%s does not tell of tongban %s", name, command)
			}
		}
		for _, command := range found(text, "(?m)^(?:```sh\n)(go .*)$") {
			if command != "go run ." && !strings.Contains(ci, "\n"+command+"\n") && !strings.Contains(ci, " "+command+"\n") {
				t.Errorf("%s: .ci/run does not run %s", name, command)
			}
		}
		for _, tour := range []string{"main.go", "api/routes.go", "internal/appeal/appeal.go", "internal/store/tx.go", "config/example.env"} {
			if !strings.Contains(text, "]("+tour+")") {
				t.Errorf("%s does not lead to %s", name, tour)
			}
		}
	}
}

// TestReadmesPathsExist finds each address of the walk and of the text in the list of routes.
func TestReadmesPathsExist(t *testing.T) {
	server, err := bareAPI()
	if err != nil {
		t.Fatal(err)
	}
	var routes []*regexp.Regexp
	for _, r := range server.Routes() {
		shape := regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(strings.TrimPrefix(r.Path, base)), `[^/]+`)
		routes = append(routes, regexp.MustCompile("^"+r.Method+" "+shape+"$"))
	}
	text := readText(t, readmes[0])
	var calls []string
	for _, p := range append(found(text, `\bpost (/\S+)`), found(text, "`POST (/[^`]*)`")...) {
		calls = append(calls, "POST "+p)
	}
	for _, p := range append(found(text, `curl -s "?\$API(/[^\s"?]+)`), found(text, "`(/[^`]*)`")...) {
		calls = append(calls, "GET "+regexp.MustCompile(`\$\([^)]*\)`).ReplaceAllString(p, "x"))
	}
	if len(calls) < 25 {
		t.Errorf("only %d calls found: %q", len(calls), calls)
	}
	for _, call := range calls {
		if !slices.ContainsFunc(routes, func(r *regexp.Regexp) bool { return r.MatchString(call) }) {
			t.Errorf("there is no %s", call)
		}
	}
}

// TestReadmesWalk plays the walk with -walk, against a fresh demo. A stranger must get through by pasting.
func TestReadmesWalk(t *testing.T) {
	script := strings.Join(found(readText(t, readmes[0]), bashBlocks), "\n")
	if strings.Count(script, "SITE=http://127.0.0.1:8080\n") != 1 {
		t.Fatal("the walk does not begin where the program listens")
	}
	if !*walk {
		return
	}
	s := install(t).serve(t)
	s.printed(t, "(?m)接口文档$")
	played := exec.Command("bash", "-euo", "pipefail", "-c", strings.Replace(script, "http://127.0.0.1:8080", s.url, 1))
	said, err := played.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, text := range []string{`"query_code"`, `"state":"have"`, `"王**"`, "已派单", "回访中", `"stars":5`, "已办结。", "群众已评价", "联系本人：通知她来领证", `"complete":true`, "等村里核对", `"refused":0`, `"act":"correction.ask"`, `"status":401`, `"by_agent":true`, `"status_text":"准予"`, "准予决定书", `"receiver":"本人"`, `{"stars":5}`} {
		if !strings.Contains(string(said), text) {
			t.Errorf("the walk did not come to %s:\n%s", text, said)
		}
	}
	if strings.Contains(string(said), "null") {
		t.Errorf("something was not there:\n%s", said)
	}
}

// TestSecurityIsProvedByTestsThatAre: the page on security names what proves each measure; a test that was renamed or taken away shows.
func TestSecurityIsProvedByTestsThatAre(t *testing.T) {
	var all strings.Builder
	for _, s := range sources(t) {
		if s.test {
			all.WriteString(s.text)
		}
	}
	named := found(readText(t, "docs/security.md"), "`((?:Test|Fuzz)\\w+)`")
	if len(named) < 20 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, name := range named {
		if !strings.Contains(all.String(), "\nfunc "+name+"(") {
			t.Errorf("docs/security.md names %s, which is not there", name)
		}
	}
}
