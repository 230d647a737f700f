//go:build unix && !race

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// look has a real browser measure every page as an old phone shows it: 360 px wide, at the usual size of letters and at 200 %, without
// script. It needs Chromium, so `go test ./...` only walks through the pages by their forms.
var (
	look     = flag.Bool("look", false, "have Chromium measure the pages on a small phone")
	pictures = flag.String("look.pictures", "", "the folder where -look puts a picture of each page at 200 %")
)

// TestLook goes from the scan to the paper by the forms as they stand in the pages, and with -look measures all that was met.
func TestLook(t *testing.T) {
	v := &visitor{t: t}
	v.goThrough()
	if !*look {
		return
	}
	chromium := browserHere(t)
	stand := exhibit(t, v.pages)
	for _, font := range []int{16, 32} {
		seen := chromium.measure(stand.URL, font)
		if len(seen) != len(v.pages)+1 {
			t.Fatalf("%d of %d pages were measured", len(seen), len(v.pages)+1)
		}
		for _, p := range seen[1:] {
			if p.Texts < 5 || p.Controls < 1 && p.Name != "documents" || p.Scripted || p.Font != float64(font) {
				t.Errorf("%s was not looked at as it should: %+v", p.Name, p)
			}
			for _, fault := range p.Faults {
				if p.Name == "docs" && strings.HasPrefix(fault, "too small") {
					continue // programmers read it: it has to fit, but what refers to what in it needs no thumb
				}
				t.Errorf("%s at %d px: %s", p.Name, font, fault)
			}
		}
		crooked := strings.Join(seen[0].Faults, "\n")
		for _, fault := range []string{"wider than the screen", "beyond the edge: 这一行", "cut by P: 这一段", "cut by P: 长出", "A 又低又小", "x 47: A 差一点高"} {
			if !strings.Contains(crooked, fault) {
				t.Errorf("a page made crooked passes: %q is not among\n%s", fault, crooked)
			}
		}
		if strings.Contains(crooked, "A 链接") || seen[0].Scripted {
			t.Errorf("a link in a sentence is taken for a button, or a script ran: %+v", seen[0])
		}
		if *pictures != "" && font == 32 {
			for i, p := range seen[1:] {
				chromium.draw(fmt.Sprintf("%s/page/%d", stand.URL, i+1), filepath.Join(*pictures, fmt.Sprintf("%02d-%s.png", i+1, p.Name)), p.Height)
			}
		}
	}
}

// measured is what testdata/look.html found out about a page.
type measured struct {
	Name            string
	Faults          []string
	Texts, Controls int
	Height          float64
	Font            float64 // of the root, in px
	Scripted        bool    // a script of the page ran
}

// exhibit shows the pages as the program sent them, but for the one rule of their policies by which nobody may frame them. A page that is
// crooked on purpose comes first.
func exhibit(t *testing.T, pages []shown) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/look.html") })
	mux.HandleFunc("GET /page/0", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/crooked.html") })
	names := []string{"crooked"}
	for i, p := range pages {
		names = append(names, p.name)
		policy := strings.Split(p.header.Get("Content-Security-Policy"), "; ")
		if !slices.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s may be framed: %q", p.name, policy)
		}
		policy = slices.DeleteFunc(policy, func(rule string) bool { return strings.HasPrefix(rule, "frame-ancestors") })
		mux.HandleFunc(fmt.Sprintf("GET /page/%d", i+1), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", strings.Join(policy, "; "))
			w.Header().Set("Content-Type", p.header.Get("Content-Type"))
			_, _ = w.Write(p.body)
		})
	}
	mux.HandleFunc("GET /names", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(names) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// chromium is the browser, started anew for each question.
type chromium struct {
	t    *testing.T
	path string
}

func browserHere(t *testing.T) chromium {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return chromium{t, path}
		}
	}
	t.Fatal("-look needs Chromium and a Chinese font: apt-get install chromium fonts-wqy-microhei")
	return chromium{}
}

// measure opens the measuring page, where the letters of who chose nothing have so many px.
func (c chromium) measure(at string, font int) (seen []measured) {
	c.t.Helper()
	page := c.run(at+"/", font, "--virtual-time-budget=120000", "--dump-dom")
	_, found, _ := strings.Cut(page, `<pre id="found">`)
	found, _, _ = strings.Cut(found, "</pre>")
	if err := json.Unmarshal([]byte(html.UnescapeString(found)), &seen); err != nil {
		c.t.Fatalf("nothing was measured: %v\n%.2000s", err, page)
	}
	return seen
}

// draw makes a picture of a page.
func (c chromium) draw(at, file string, height float64) {
	c.t.Helper()
	c.run(at, 32, "--screenshot="+file, fmt.Sprintf("--window-size=360,%d", min(int(height), 16_000)))
	if _, err := os.Stat(file); err != nil {
		c.t.Error(err)
	}
}

// longestLook is when a browser that hangs is given up, with all that it started.
const longestLook = 2 * time.Minute

func (c chromium) run(at string, font int, more ...string) (printed string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), longestLook)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
		"--disable-breakpad", "--disable-crash-reporter", // which would run on in a session of its own
		"--user-data-dir=" + c.t.TempDir(), fmt.Sprintf("--blink-settings=defaultFontSize=%d", font),
	}, append(more, at)...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("the browser: %v\n%s", err, said.String())
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left behind, so that its folder can go
	return string(out)
}
