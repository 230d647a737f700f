//go:build unix && !race

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// phone is Chromium with a screen of 360 px, letters of a chosen size and no script. Over a pipe it is told what a finger and a keyboard
// do, so that a form its policy forbids, or a button that is covered, stays dead.
type phone struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	session string
	asked   int
	page    sight
	said    []string // complaints of the browser, such as what a policy forbids
}

// sight is a page on the screen; Born tells it from the one before.
type sight struct {
	Born, Height  float64
	Heading, Text string
	Fits          bool // at 200 %, without a script
}

const looking = `document.readyState == 'complete' && location.host ? {
	born: performance.timeOrigin, height: document.documentElement.scrollHeight, heading: document.querySelector('h1')?.innerText, text: document.body.innerText,
	fits: document.documentElement.scrollWidth == 360 && getComputedStyle(document.documentElement).fontSize == '32px' && matchMedia('(scripting: none)').matches,
} : {}`

const (
	tooLong     = 30 * time.Second // nothing will come of a button any more
	longestLook = 2 * time.Minute  // a browser that hangs is given up, with all that it started
)

// with is what goes with a command.
type with map[string]any

// takePhone starts a browser where the letters of who chose nothing have so many px.
func takePhone(t *testing.T, font int) *phone {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil && path == "" {
			path = at
		}
	}
	if path == "" {
		t.Fatal("-look needs Chromium and a Chinese font: apt-get install chromium fonts-wqy-microhei")
	}
	ctx, cancel := context.WithTimeout(t.Context(), longestLook)
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
		"--disable-background-networking", "--disable-breakpad", "--disable-crash-reporter", // which would run on in a session of its own
		"--user-data-dir="+t.TempDir(), fmt.Sprintf("--blink-settings=defaultFontSize=%d", font), "--remote-debugging-pipe", "about:blank")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	hears, to, err := os.Pipe()
	from, says, err2 := os.Pipe()
	cmd.ExtraFiles = []*os.File{hears, says}
	if err = errors.Join(err, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	_, _ = hears.Close(), says.Close() // else we would not hear that it died
	t.Cleanup(func() {
		cancel()
		_, _, _ = cmd.Wait(), to.Close(), from.Close()
	})
	p := &phone{t: t, to: to, from: bufio.NewReader(from)}
	var tab struct{ TargetID, SessionID string }
	p.must("Target.createTarget", with{"url": "about:blank"}, &tab)
	p.must("Target.attachToTarget", with{"targetId": tab.TargetID, "flatten": true}, &tab)
	p.session = tab.SessionID
	p.must("Log.enable", nil, nil)
	p.must("Emulation.setScriptExecutionDisabled", with{"value": true}, nil)
	p.shows(360, "")
	return p
}

// shows makes the page so wide, for paper or, where no medium is named, for a phone's screen.
func (p *phone) shows(width int, medium string) {
	p.t.Helper()
	p.must("Emulation.setDeviceMetricsOverride", with{"width": width, "height": 640, "deviceScaleFactor": 1, "mobile": medium == ""}, nil)
	p.must("Emulation.setEmulatedMedia", with{"media": medium}, nil)
}

// ask gives the browser a command of its DevTools protocol, and reads on until that is answered.
func (p *phone) ask(method string, how with, into any) error {
	p.asked++
	sent := with{"id": p.asked, "method": method, "params": how}
	if p.session != "" {
		sent["sessionId"] = p.session
	}
	line, err := json.Marshal(sent)
	if err == nil {
		_, err = p.to.Write(append(line, 0))
	}
	for err == nil {
		var got struct {
			ID     int
			Params struct{ Entry struct{ Text string } }
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if line, err = p.from.ReadBytes(0); err == nil {
			err = json.Unmarshal(line[:len(line)-1], &got)
		}
		if said := got.Params.Entry.Text; said != "" {
			p.said = append(p.said, said)
		}
		if got.ID != p.asked || err != nil {
			continue
		}
		if got.Error != nil {
			return fmt.Errorf("%s: %s", method, got.Error.Message)
		}
		if into != nil {
			err = json.Unmarshal(got.Result, into)
		}
		return err
	}
	return fmt.Errorf("%s: the browser is gone: %w", method, err)
}

func (p *phone) must(method string, how with, into any) {
	p.t.Helper()
	if err := p.ask(method, how, into); err != nil {
		p.t.Fatal(err)
	}
}

// see asks about the page from outside it.
func (p *phone) see(question string, into any) error {
	var got struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	got.Result.Value = into
	err := p.ask("Runtime.evaluate", with{"expression": question, "returnByValue": true}, &got)
	if err == nil && got.ExceptionDetails != nil {
		err = fmt.Errorf("%s", got.ExceptionDetails)
	}
	return err
}

// comes waits for the next page.
func (p *phone) comes(by string) {
	p.t.Helper()
	before := p.page
	for end := time.Now().Add(tooLong); ; time.Sleep(20 * time.Millisecond) {
		p.page = sight{}
		if err := p.see(looking, &p.page); err == nil && p.page.Born != 0 && p.page.Born != before.Born {
			return // between two pages there may be nothing to see
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s on %s leads nowhere: %q", by, before.Heading, p.said)
		}
	}
}

func (p *phone) goes(address string) {
	p.t.Helper()
	p.must("Page.navigate", with{"url": address}, nil)
	p.comes(address)
}

// reads demands the heading of the page, and what it says.
func (p *phone) reads(heading string, texts ...string) {
	p.t.Helper()
	if p.page.Heading != heading || !p.page.Fits {
		p.t.Fatalf("this is not %s as it should be: %.300q; %q", heading, fmt.Sprint(p.page), p.said)
	}
	for _, text := range texts {
		if !strings.Contains(p.page.Text, text) {
			p.t.Errorf("%s does not say %s:\n%s", heading, text, p.page.Text)
		}
	}
}

// tap puts a finger on the middle of an element, or of the label that it stands in.
func (p *phone) tap(name, element string) {
	p.t.Helper()
	var at struct{ X, Y float64 }
	if err := p.see(`(element => {
		const whole = element.closest('label') || element
		whole.scrollIntoView({block: 'center', behavior: 'instant'})
		const box = whole.getBoundingClientRect()
		return {x: box.x + box.width / 2, y: box.y + box.height / 2}
	})(`+element+`)`, &at); err != nil {
		p.t.Fatalf("%s has no %s: %v", p.page.Heading, name, err)
	}
	for _, move := range []string{"mousePressed", "mouseReleased"} {
		p.must("Input.dispatchMouseEvent", with{"type": move, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
	}
}

// fill ticks what is offered and types the rest: name, value pairs.
func (p *phone) fill(filled ...string) {
	p.t.Helper()
	for pair := range slices.Chunk(filled, 2) {
		p.tap(pair[0], fmt.Sprintf(`document.querySelector('[name=%q][value=%q]:not([type=hidden]), [name=%[1]q][type=text]')`, pair[0], pair[1]))
		var typed bool
		if err := p.see(`document.activeElement.type == 'text'`, &typed); err != nil {
			p.t.Fatal(err)
		}
		if typed {
			p.must("Input.insertText", with{"text": pair[1]}, nil)
		}
	}
}

// press presses a button or follows a link.
func (p *phone) press(name, heading string, texts ...string) {
	p.t.Helper()
	p.tap(name, fmt.Sprintf(`[...document.querySelectorAll('button, a')].find(e => e.innerText.trim() == %q)`, name))
	p.comes(name)
	p.reads(heading, texts...)
}

func (p *phone) finds(pattern string) string {
	p.t.Helper()
	groups := found(p.page.Text, pattern)
	if len(groups) == 0 {
		p.t.Fatalf("%s does not say %s:\n%s", p.page.Heading, pattern, p.page.Text)
	}
	return groups[0]
}

// draw makes a picture of the page.
func (p *phone) draw(name string) {
	p.t.Helper()
	var made struct{ Data []byte }
	all := with{"x": 0, "y": 0, "width": 360, "height": min(p.page.Height, 16_000), "scale": 1}
	p.must("Page.captureScreenshot", with{"captureBeyondViewport": true, "clip": all}, &made)
	keepPicture(p.t, name, made.Data)
}
