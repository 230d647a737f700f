//go:build unix && !race

package main

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// look has a real browser show every page as an old phone does, 360 px wide, at the usual size of letters and at 200 %, without script; it
// measures them, fills in the forms itself and prints. It needs Chromium, so `go test ./...` only goes through the pages by their forms.
var (
	look     = flag.Bool("look", false, "have Chromium measure the pages on a small phone, use them and print")
	pictures = flag.String("look.pictures", "", "the folder where -look puts a picture of each page at 200 %, and what was printed")
)

// TestLook goes from the scan to the paper by the forms as they stand in the pages, and with -look measures all that was met.
func TestLook(t *testing.T) {
	v := &visitor{t: t}
	v.goThrough()
	if !*look {
		return
	}
	stand := exhibit(t, v.pages)
	for _, font := range []int{16, 32} {
		p := takePhone(t, font)
		if font == 32 {
			v.walk(p)
		}
		p.goes(stand.URL + "/page/0")
		crooked := p.measure()
		all := strings.Join(crooked.Faults, "\n")
		for _, fault := range []string{"wider than the screen", "beyond the edge: 这一行", "cut by P: 这一段", "cut by P: 长出", "A 又低又小", "x 47: A 差一点高"} {
			if !strings.Contains(all, fault) {
				t.Errorf("a page made crooked passes: %q is not among\n%s", fault, all)
			}
		}
		if strings.Contains(all, "A 链接") || crooked.Scripted {
			t.Errorf("a link in a sentence is taken for a button, or a script ran: %+v", crooked)
		}
		for i, page := range v.pages {
			p.goes(fmt.Sprintf("%s/page/%d", stand.URL, i+1))
			if font == 32 {
				p.draw(fmt.Sprintf("%02d-%s.png", i+1, page.name))
			}
			seen := p.measure()
			if seen.Texts < 5 || seen.Controls < 1 && page.name != "documents" || seen.Scripted || seen.Font != float64(font) {
				t.Errorf("%s was not looked at as it should: %+v", page.name, seen)
			}
			for _, fault := range seen.Faults {
				if page.name == "docs" && strings.HasPrefix(fault, "too small") {
					continue // programmers read it: it has to fit, but what refers to what in it needs no thumb
				}
				t.Errorf("%s at %d px: %s", page.name, font, fault)
			}
		}
	}
}

// measured is what testdata/look.js found out about a page.
type measured struct {
	Faults          []string
	Texts, Controls int
	Font            float64 // of the root, in px
	Scripted        bool    // a script of the page ran
}

func (p *phone) measure() (seen measured) {
	p.t.Helper()
	script, err := os.ReadFile("testdata/look.js")
	if err == nil {
		err = p.see(string(script), &seen)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return seen
}

// exhibit shows the pages as the program sent them. A page that is crooked on purpose comes first.
func exhibit(t *testing.T, pages []shown) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page/0", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/crooked.html") })
	for i, p := range pages {
		if !strings.HasSuffix(p.header.Get("Content-Security-Policy"), "; frame-ancestors 'none'") {
			t.Errorf("%s may be framed: %v", p.name, p.header)
		}
		mux.HandleFunc(fmt.Sprintf("GET /page/%d", i+1), func(w http.ResponseWriter, _ *http.Request) {
			maps.Copy(w.Header(), p.header)
			w.WriteHeader(p.status)
			_, _ = w.Write(p.body)
		})
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// keepPicture puts a file into the folder for pictures, if somebody named one.
func keepPicture(t *testing.T, name string, content []byte) {
	t.Helper()
	if *pictures == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*pictures, name), content, 0o600); err != nil {
		t.Error(err)
	}
}
