package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestTheProxyLogsNoCode reads the proxy's settings in docs/deploy.md: what it logs of an address has no query, and no code that opens
// what somebody holds on paper. A route with a code in its path that nobody thought of shows.
func TestTheProxyLogsNoCode(t *testing.T) {
	paper := readText(t, "docs/deploy.md")
	format := strings.Join(found(paper, `(?m)^log_format tongban (.*)$`), "")
	if !strings.Contains(format, "$logged ") || regexp.MustCompile(`\$(request|request_uri|uri|args|query_string|http_referer)\b`).MatchString(format) {
		t.Errorf("the format logs %q", format)
	}
	hides := found(paper, `(?m)^ +~(\S+) +/\S+;$`)
	server, err := bareAPI()
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0
	for _, r := range server.Routes() {
		if !strings.Contains(r.Path, "{code}") || strings.Contains(r.Path, "/areas/") { // a division's code is no secret
			continue
		}
		address := strings.Replace(r.Path, "{code}", onTheWall, 1)
		for _, pattern := range hides {
			if regexp.MustCompile(pattern).MatchString(address) {
				hidden++
				address = ""
				break
			}
		}
		if address != "" {
			t.Errorf("%s is logged as it is", address)
		}
	}
	if hidden < 3 {
		t.Errorf("only %d addresses with codes", hidden)
	}
}
