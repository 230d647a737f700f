package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"tongban/internal/cache/cachetest"
	"tongban/internal/store/storetest"
)

// installation is the settings of programs that a test starts on one data folder and one database of its own: SQLite, or
// a scratch database where TONGBAN_TEST_MYSQL names a server; likewise Redis.
type installation map[string]string

func install(t *testing.T, more ...string) installation {
	t.Helper()
	in := installation{"TONGBAN_LISTEN": "127.0.0.1:0", "TONGBAN_DATA": filepath.Join(t.TempDir(), "data")}
	if storetest.OnMySQL() {
		in["TONGBAN_DATABASE"] = storetest.Address(t)
	}
	if os.Getenv("TONGBAN_TEST_REDIS") != "" {
		in["TONGBAN_REDIS"] = cachetest.Redis(t)
	}
	return in.with(more...)
}

// with is the same installation with other settings, given as name, value pairs.
func (in installation) with(more ...string) installation {
	in = maps.Clone(in)
	for i := 0; i < len(more); i += 2 {
		in[more[i]] = more[i+1]
	}
	return in
}

func (in installation) getenv(name string) string { return in[name] }

// do runs a sub-command that ends by itself.
func (in installation) do(t *testing.T, args ...string) (printed string, err error) {
	t.Helper()
	var out screen
	err = run(t.Context(), args, in.getenv, &out, io.Discard)
	return out.String(), err
}

// must is do for what has to succeed.
func (in installation) must(t *testing.T, args ...string) string {
	t.Helper()
	printed, err := in.do(t, args...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, printed)
	}
	return printed
}

// screen is where a program prints while a test reads.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// patience is how long a test waits for what must come.
const patience = 3 * time.Minute

var errPatience = errors.New("nothing came in time")

// await waits until look is content.
func await(look func() bool) error {
	wait := 20 * time.Millisecond
	for end := time.Now().Add(patience); !look(); time.Sleep(wait) {
		if time.Now().After(end) {
			return errPatience
		}
		wait = min(wait*5/4, 500*time.Millisecond) // a caller may look only so often
	}
	return nil
}

// serving is a program that serves.
type serving struct {
	url  string
	out  *screen
	log  *screen
	stop func() error // as SIGTERM does; answers what run answered
	web  *http.Client
}

// serve starts the program in this process, as `tongban` with these settings does.
func (in installation) serve(t *testing.T) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{out: &screen{}, log: &screen{}, web: browser()}
	ended := make(chan struct{})
	var result error
	go func() {
		defer close(ended)
		result = run(ctx, nil, in.getenv, s.out, s.log)
	}()
	s.stop = sync.OnceValue(func() error {
		cancel()
		s.web.CloseIdleConnections()
		select {
		case <-ended:
			return result
		case <-time.After(patience):
			return errPatience
		}
	})
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("it did not end well: %v", err)
		}
	})
	if err := await(func() bool { return over(ended) || s.address() }); err != nil || over(ended) {
		t.Fatalf("the program does not serve: %v\n%s%s", s.stop(), s.out, s.log)
	}
	return s
}

var listening = regexp.MustCompile(`(?m)^listening (http://\S+)$`)

// address looks for the line that says where the program listens.
func (s *serving) address() bool {
	found := listening.FindStringSubmatch(s.out.String())
	if found == nil {
		return false
	}
	s.url = found[1]
	return true
}

func over(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// printed waits until the program has printed something, and answers its first group.
func (s *serving) printed(t *testing.T, pattern string) string {
	t.Helper()
	shape := regexp.MustCompile(pattern)
	var found []string
	if err := await(func() bool { found = shape.FindStringSubmatch(s.out.String()); return found != nil }); err != nil {
		t.Fatalf("%s was not printed:\n%s", pattern, s.out)
	}
	return found[len(found)-1]
}
