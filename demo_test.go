package main

import (
	"encoding/csv"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongban/internal/access"
)

// TestDemo is what a newcomer sees, at his first start and at his second.
func TestDemo(t *testing.T) {
	in := install(t)
	in.must(t, "migrate") // what the first start does by itself may also be done before
	password := firstLook(t, in)
	if again := firstLook(t, in); again != password {
		t.Error("the second start prints another password")
	}
	in.must(t, "fsck")
	in.must(t, "audit", "verify")
}

func firstLook(t *testing.T, in installation) (password string) {
	t.Helper()
	s := in.serve(t)
	s.printed(t, "(?m)接口文档$")
	password = s.printed(t, `every account has the password (\S+)`)
	printed := s.out.String()
	told := slices.DeleteFunc(found(s.log.String(), `"level":"WARN","msg":"(.*)`), func(line string) bool { // of a busy machine, and of a server that was tuned
		return strings.HasPrefix(line, "slow statement") || strings.HasPrefix(line, "the database may lose")
	})
	if len(told) != 1 || !strings.Contains(told[0], `"file":"items/04-pension-annual-check.yaml","line":`) || !strings.Contains(told[0], `"rule":6,"warning":"写着`) {
		t.Errorf("a start warns of one thing, where the demo's bases are open: %q", told)
	}
	if strings.Count(printed, "listening ") != 1 || strings.Count(printed, password) != 1 {
		t.Errorf("printed:\n%s", printed)
	}
	printsStaff(t, printed)
	printsAsReadmesSay(t, printed, s.url, password)
	links := 0
	for word := range strings.FieldsSeq(printed) {
		if strings.HasPrefix(word, s.url+"/") {
			links++
			s.stranger().get(t, "."+strings.TrimPrefix(word, s.url))
		}
	}
	if links != 5 { // three codes, the first page, the document
		t.Errorf("%d links are printed:\n%s", links, printed)
	}
	s.as(t, "clerk-xinglin", password).get(t, "/me").is(t, "kind", "staff", "name", "苗杏芳", "posts.#", 2)
	nobody := s.stranger()
	nobody.with(t, nobody.post(t, "/login/wechat", 200, map[string]string{"code": "chen.1"})).get(t, "/me").is(t, "kind", "resident")

	healthy := in.with("TONGBAN_LISTEN", strings.TrimPrefix(s.url, "http://"))
	healthy.ready(t)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if got, err := healthy.do(t, "health"); err == nil {
		t.Errorf("nothing runs, and health says %q", got)
	}
	return password
}

// printsStaff wants each post of the demo's staff on a line: with whom one may log in, and as what.
func printsStaff(t *testing.T, printed string) {
	t.Helper()
	file, err := os.Open("config/county/staff.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table := csv.NewReader(file)
	table.Comment = '#'
	rows, err := table.ReadAll()
	if err != nil || len(rows) < 20 || strings.Join(rows[0][:4], ",") != "username,name,role,title" {
		t.Fatalf("staff.csv: %v %v", rows, err)
	}
	for _, row := range rows[1:] {
		label := access.Role(row[2]).Label()
		line := regexp.MustCompile(`(?m)^  ` + row[0] + ` +` + row[1] + "\t" + label + "\t" + row[3] + `$`)
		if n := len(line.FindAllString(printed, -1)); n != 1 || label == "" {
			t.Errorf("%s as %s is printed %d times", row[0], label, n)
		}
	}
}

// printsAsReadmesSay holds the sample that both READMEs show against what is printed, line by line. … stands for lines that are left out.
func printsAsReadmesSay(t *testing.T, printed, url, password string) {
	t.Helper()
	printed = strings.ReplaceAll(strings.ReplaceAll(printed, url, "http://127.0.0.1:8080"), password, "····-····-····")
	for _, name := range readmes {
		samples := found(readText(t, name), "(?ms)^```text\n(listening .*?)^```$")
		if len(samples) != 1 || strings.Count(samples[0], "\n") < 10 {
			t.Fatalf("%s shows no start: %q", name, samples)
		}
		rest := printed
		for line := range strings.Lines(samples[0]) {
			if line == "  …\n" {
				rest = regexp.MustCompile(`^(  .+\n)+`).ReplaceAllString(rest, "")
				continue
			}
			if !strings.HasPrefix(rest, line) {
				t.Errorf("%s shows %qwhere is printed\n%s", name, line, rest)
				break
			}
			rest = rest[len(line):]
		}
	}
}
