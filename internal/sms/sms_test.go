package sms_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/sms"
	"tongban/internal/sms/standin"
)

var key = strings.Repeat("k", sms.ShortestKey)

func client(t *testing.T, h http.Handler, with string) (*sms.Client, *bytes.Buffer) {
	t.Helper()
	running := httptest.NewServer(h)
	t.Cleanup(running.Close)
	var log bytes.Buffer
	at := clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai))
	c, err := sms.New(running.URL+"/send", with, at, slog.New(slog.NewJSONHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return c, &log
}

func TestGatewayTakesWhatIsSigned(t *testing.T) {
	var told sms.Message
	gateway := standin.New(key, func(m sms.Message) { told = m })
	good, _ := client(t, gateway, key)
	if err := good.SendCode(t.Context(), "13900000001", "012345", 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	if told.Phone != "13900000001" || told.Code != "012345" || told.Minutes != 5 || told.ID == "" || gateway.Last("13900000001") != "012345" {
		t.Errorf("told %+v", told)
	}
	stranger, _ := client(t, gateway, strings.Repeat("x", sms.ShortestKey))
	if err := stranger.SendCode(t.Context(), "13900000001", "999999", time.Minute); !errors.Is(err, sms.ErrBusy) || gateway.Sent() != 1 {
		t.Errorf("with another key: %v", err)
	}
}

// TestRequestIsAsDocumented is written against the package's comment, for whoever builds the other side.
func TestRequestIsAsDocumented(t *testing.T) {
	// From openssl dgst -sha256 -hmac.
	const known = "f514e870fee55e40d6274836f33224daeb2e18adb0b45c2410e576414fee9119"
	if got := sms.Signature([]byte("f1f0cfe9a6f8b1f5cba7ea4ef9a4b4f4"), "1700000000", []byte("{}")); got != known {
		t.Errorf("signature %s", got)
	}
	c, _ := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.URL.Path != "/send" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get(sms.TimestampHeader) != "1795395600" {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		_, _ = w.Write([]byte(`{"ok":true}`))
	}), key)
	if err := c.SendCode(t.Context(), "13900000001", "1", time.Minute); err != nil {
		t.Error(err)
	}
}

func TestNothingIsSentIsSaid(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"refused": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"ok":false}`)) },
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<html>`)) },
		"status":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		},
	} {
		c, log := client(t, answer, key)
		err := c.SendCode(t.Context(), "13900000001", "424242", time.Minute)
		if !errors.Is(err, sms.ErrBusy) {
			t.Errorf("%s: %v", name, err)
		}
		for _, private := range []string{"13900000001", "424242", key} {
			if strings.Contains(err.Error()+log.String(), private) {
				t.Errorf("%s: %q is told", name, private)
			}
		}
	}
}

func TestWrongSettings(t *testing.T) {
	for url, with := range map[string]string{"http://sms.example.cn": key, "https://sms.example.cn": "short", "": key} {
		if _, err := sms.New(url, with, nil, nil); err == nil {
			t.Errorf("%q was taken", url)
		}
	}
}
