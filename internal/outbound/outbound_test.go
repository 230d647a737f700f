package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func client(t *testing.T, h http.HandlerFunc, limits Limits) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(server.URL+"/", limits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOnlyTheNamedServerIsCalled(t *testing.T) {
	var thief atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { thief.Add(1) }))
	defer elsewhere.Close()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, elsewhere.URL+"/?"+r.URL.RawQuery, http.StatusFound)
		default:
			_, _ = w.Write([]byte(r.Method + r.Header.Get("X-Key") + r.URL.RawQuery))
		}
	}, Limits{})
	got, err := c.Call(t.Context(), "POST", "/x?a=1", http.Header{"X-Key": {"k"}}, []byte("body"))
	if err != nil || string(got) != "POSTka=1" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := c.Call(t.Context(), "GET", "/redirect?secret=1", nil, nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a redirect: %v", err)
	}
	if _, err := c.dial(t.Context(), "tcp", strings.TrimPrefix(elsewhere.URL, "http://")); err == nil {
		t.Error("another port of this machine was dialled")
	}
	if thief.Load() != 0 {
		t.Error("somebody else got the call")
	}
}

func TestTimeAndSizeAreBounded(t *testing.T) {
	long := client(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 11)) }, Limits{Most: 10})
	c := client(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, Limits{Patience: 50 * time.Millisecond})
	for path, says := range map[string]string{"/long": "too long", "/slow": "time-out"} {
		asked := c
		if path == "/long" {
			asked = long
		}
		if _, err := asked.Call(t.Context(), "GET", path+"?secret=1", nil, nil); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := c.Call(t.Context(), "GET", "/slow", nil, nil); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a time-out is not known as one: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Call(gone, "GET", "/", nil, nil); err == nil || err.Error() != "the caller left" {
		t.Errorf("%v", err)
	}
}

// A name that means this machine, or a metadata service beside it, is not dialled; a stand-in on this machine stays there.
func TestAddressesAreLookedAt(t *testing.T) {
	far, near := &Client{}, &Client{loopback: true}
	for text, want := range map[string][2]bool{
		"203.0.113.5": {true, false}, "10.1.2.3": {true, false}, "2001:db8::1": {true, false},
		"127.0.0.1": {false, true}, "::1": {false, true}, "127.9.9.9": {false, true},
		"169.254.169.254": {false, false}, "fe80::1": {false, false}, "0.0.0.0": {false, false}, "::": {false, false},
		"224.0.0.1": {false, false}, "255.255.255.255": {false, false},
	} {
		ip := netip.MustParseAddr(text)
		if got := [2]bool{far.allowed(ip), near.allowed(ip)}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	// The name leads to this machine, and the operator did not say that it is a stand-in.
	tricked := &Client{host: "localhost:" + port}
	if conn, err := tricked.dial(t.Context(), "tcp", tricked.host); err == nil {
		conn.Close()
		t.Error("a name of the internet led to this machine")
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	for _, base := range []string{"http://api.example.cn", "ftp://127.0.0.1", "127.0.0.1:80", "https://u:p@host", "https://host/?a=1", "https://host/#a", "https://:443", "http://127.0.0.1.evil.example"} {
		if _, err := New(base, Limits{}); err == nil {
			t.Errorf("%s was taken", base)
		}
	}
	for _, base := range []string{"https://api.example.cn", "http://127.0.0.1:1", "http://localhost:1/", "http://[::1]:1"} {
		if _, err := New(base, Limits{}); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

// TestExchangeTellsTheStatus: who must tell "later" from "never" sees status and headers, also of a redirect, which is not followed.
func TestExchangeTellsTheStatus(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "/busy", http.StatusFound)
		case "/long":
			_, _ = w.Write(make([]byte, 11))
		default:
			w.Header().Set("Retry-After", "7")
			http.Error(w, "later", http.StatusServiceUnavailable)
		}
	}, Limits{Most: 10})
	got, err := c.Exchange(t.Context(), "POST", "/busy", nil, nil)
	if err != nil || got.Status != 503 || got.Header.Get("Retry-After") != "7" || string(got.Body) != "later\n" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = c.Exchange(t.Context(), "GET", "/away", nil, nil); got.Status != 302 {
		t.Errorf("a redirect: %+v, %v", got, err)
	}
	if _, err = c.Exchange(t.Context(), "GET", "/long", nil, nil); err != ErrTooLong { // it is not wrapped
		t.Errorf("too long: %v", err)
	}
}
