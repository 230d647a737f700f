package wechat_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/wechat"
	"tongban/internal/wechat/standin"
)

const appID, secret = "wx0123456789abcdef", "geheim-0123456789"

var morning = time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai)

// start gives a stand-in, a client that talks to it, and what the client logs.
func start(t *testing.T, withSecret string) (*standin.Server, *wechat.Client, *bytes.Buffer) {
	t.Helper()
	server := standin.New(appID, secret)
	running := httptest.NewServer(server)
	t.Cleanup(running.Close)
	var log bytes.Buffer
	client, err := wechat.New(running.URL+"/", appID, withSecret, clock.At(morning), slog.New(slog.NewJSONHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return server, client, &log
}

func TestCodeGivesTheSamePersonAndWorksOnce(t *testing.T) {
	_, client, _ := start(t, secret)
	for _, code := range []string{"zhang", "zhang.1", "zhang.2"} {
		openID, unionID, err := client.CodeToSession(t.Context(), code)
		if err != nil || openID != "demo-zhang" || unionID != "" {
			t.Fatalf("%s: %q, %q, %v", code, openID, unionID, err)
		}
	}
	if _, _, err := client.CodeToSession(t.Context(), "zhang.2"); !errors.Is(err, wechat.ErrCodeExpired) {
		t.Fatalf("a used code: %v", err)
	}
	if openID, _, err := client.CodeToSession(t.Context(), "李&x=1#"); err != nil || openID != "demo-李&x=1#" {
		t.Fatalf("a code with special characters: %q, %v", openID, err)
	}
}

func TestUnionIDAndSessionKey(t *testing.T) {
	server, client, log := start(t, secret)
	server.Fail(standin.Failure{Raw: `{"openid":"o1","session_key":"SK==","unionid":"u1","errcode":0,"errmsg":"ok"}`})
	openID, unionID, err := client.CodeToSession(t.Context(), "a")
	if openID != "o1" || unionID != "u1" || err != nil || strings.Contains(log.String(), "SK==") {
		t.Fatalf("%q, %q, %v, log %s", openID, unionID, err, log)
	}
}

func TestEveryRefusalHasItsFault(t *testing.T) {
	cases := []struct {
		name    string
		failure standin.Failure
		want    *fault.Fault
	}{
		{"invalid code", standin.Failure{Code: 40029}, wechat.ErrCodeExpired},
		{"used code", standin.Failure{Code: 40163}, wechat.ErrCodeExpired},
		{"high risk", standin.Failure{Code: 40226}, wechat.ErrBlocked},
		{"busy", standin.Failure{Code: -1}, wechat.ErrBusy},
		{"minute quota", standin.Failure{Code: 45011}, wechat.ErrBusy},
		{"day quota", standin.Failure{Code: 45009}, wechat.ErrBusy},
		{"frozen secret", standin.Failure{Code: 40243}, wechat.ErrRefused},
		{"whitelist", standin.Failure{Code: 40164}, wechat.ErrRefused},
		{"status", standin.Failure{Status: 502}, wechat.ErrBusy},
		{"redirect", standin.Failure{To: "/sns/jscode2session?js_code=thief"}, wechat.ErrBusy},
		{"no JSON", standin.Failure{Raw: "<html>" + secret}, wechat.ErrBusy},
		{"no openid", standin.Failure{Raw: `{"session_key":"x"}`}, wechat.ErrBusy},
		{"too long", standin.Failure{Raw: `{"openid":"` + strings.Repeat("x", 70<<10) + `"}`}, wechat.ErrBusy},
		{"cut", standin.Failure{Drop: true}, wechat.ErrBusy},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server, client, log := start(t, secret)
			server.Fail(c.failure)
			openID, unionID, err := client.CodeToSession(t.Context(), "zhang.987")
			if !errors.Is(err, c.want) || openID != "" || unionID != "" {
				t.Fatalf("got %q, %q, %v, want %s", openID, unionID, err, c.want.Code)
			}
			if server.Calls() != 1 {
				t.Errorf("%d calls: nothing may be tried twice or followed", server.Calls())
			}
			keepsSecrets(t, err, log.String())
			if c.failure.Code != 0 && !strings.Contains(log.String(), "6743a1f0-00c0ffee-0badcafe") {
				t.Errorf("the rid is not in the log: %s", log)
			}
		})
	}
}

func TestMinuteQuotaSaysWhenToTryAgain(t *testing.T) {
	server, client, _ := start(t, secret)
	server.Fail(standin.Failure{Code: 45011})
	_, _, err := client.CodeToSession(t.Context(), "a")
	if wait := fault.Of(err).Wait; wait != time.Minute {
		t.Errorf("wait %v", wait)
	}
}

func TestWrongSettings(t *testing.T) {
	_, client, log := start(t, "wrong-"+secret)
	_, _, err := client.CodeToSession(t.Context(), "zhang")
	if !errors.Is(err, wechat.ErrRefused) || !strings.Contains(log.String(), "40125") || !strings.Contains(log.String(), "ERROR") {
		t.Errorf("%v, log %s", err, log)
	}
	keepsSecrets(t, err, log.String())
	for _, base := range []string{"http://api.weixin.qq.com", "ftp://127.0.0.1", "127.0.0.1:80", "https://u:p@host", "https://host/?a=1", "http://127.0.0.1.evil.example"} {
		if _, err := wechat.New(base, appID, secret, nil, nil); err == nil {
			t.Errorf("%s was taken", base)
		}
	}
	if _, err := wechat.New("", appID, "", nil, nil); err == nil {
		t.Error("an empty secret was taken")
	}
	if _, err := wechat.New("", appID, secret, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestNobodyThere(t *testing.T) {
	var log bytes.Buffer
	client, err := wechat.New("http://127.0.0.1:1", appID, secret, clock.At(morning), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = client.CodeToSession(t.Context(), "zhang.987")
	if !errors.Is(err, wechat.ErrBusy) {
		t.Error(err)
	}
	keepsSecrets(t, err, log.String())
}

// A service that says nothing costs the caller's own deadline at most, and the error does not tell the URL.
func TestSilentService(t *testing.T) {
	server, client, log := start(t, secret)
	server.Fail(standin.Failure{Hang: true})
	ctx, done := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer done()
	_, _, err := client.CodeToSession(ctx, "zhang.987")
	if !errors.Is(err, wechat.ErrBusy) || !strings.Contains(log.String(), "time-out") {
		t.Errorf("%v, log %s", err, log)
	}
	keepsSecrets(t, err, log.String())
}

func TestImpossibleCodesAreNotSent(t *testing.T) {
	server, client, _ := start(t, secret)
	for _, code := range []string{"", strings.Repeat("x", 257)} {
		if _, _, err := client.CodeToSession(t.Context(), code); !errors.Is(err, wechat.ErrCodeExpired) {
			t.Errorf("%d characters: %v", len(code), err)
		}
	}
	if _, _, err := client.CodeToSession(t.Context(), "bad-code"); !errors.Is(err, wechat.ErrCodeExpired) {
		t.Error(err)
	}
	if server.Calls() != 1 {
		t.Errorf("%d calls, want the last one only", server.Calls())
	}
}

func keepsSecrets(t *testing.T, err error, log string) {
	t.Helper()
	for _, text := range []string{err.Error(), log} {
		for _, private := range []string{secret, appID, "zhang.987", "js_code", "http://"} {
			if strings.Contains(text, private) {
				t.Errorf("%q is told in: %s", private, text)
			}
		}
	}
}
