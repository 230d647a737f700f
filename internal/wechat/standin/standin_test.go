package standin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	neturl "net/url"
	"sync"
	"sync/atomic"
	"testing"

	"tongban/internal/wechat/standin"
)

type said struct {
	OpenID     string `json:"openid"`
	SessionKey string `json:"session_key"`
	ErrCode    int    `json:"errcode"`
	ErrMsg     string `json:"errmsg"`
}

func ask(t *testing.T, s *standin.Server, appID, secret, code, grant string) said {
	t.Helper()
	query := neturl.Values{"appid": {appID}, "secret": {secret}, "js_code": {code}, "grant_type": {grant}}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/sns/jscode2session?"+query.Encode(), nil))
	var got said
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/plain" {
		t.Fatalf("status %d, %s, %v", w.Code, w.Header().Get("Content-Type"), err)
	}
	return got
}

func TestAnswersLikeWeChat(t *testing.T) {
	const grant = "authorization_code"
	s := standin.New("app", "secret")
	cases := []struct {
		appID, secret, code, grant string
		openID                     string
		errCode                    int
	}{
		{"app", "secret", "wang", grant, "demo-wang", 0},
		{"app", "secret", "wang", grant, "", 40163},
		{"app", "secret", "wang.2", grant, "demo-wang", 0},
		{"app", "secret", "", grant, "", 40029},
		{"app", "secret", ".x", grant, "", 40029},
		{"app", "secret", "bad", grant, "", 40029},
		{"app", "secret", "bad-one.3", grant, "", 40029},
		{"other", "secret", "wang.3", grant, "", 40013},
		{"app", "other", "wang.3", grant, "", 40125},
		{"app", "secret", "wang.3", "", "", 40002},
		{"app", "secret", "wang.3", grant, "demo-wang", 0}, // the refusals did not use it up
	}
	for _, c := range cases {
		got := ask(t, s, c.appID, c.secret, c.code, c.grant)
		if got.OpenID != c.openID || got.ErrCode != c.errCode || (got.SessionKey != "") != (c.errCode == 0) {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}

func TestOneOfManyUsesACode(t *testing.T) {
	s := standin.New("app", "secret")
	var won atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if ask(t, s, "app", "secret", "zhao.1", "authorization_code").ErrCode == 0 {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}

func TestScriptIsPlayedOnceInOrder(t *testing.T) {
	s := standin.New("app", "secret")
	s.Fail(standin.Failure{Code: -1}, standin.Failure{Code: 45011})
	var got []int
	for i := range 3 {
		got = append(got, ask(t, s, "app", "secret", fmt.Sprintf("sun.%d", i), "authorization_code").ErrCode)
	}
	if fmt.Sprint(got) != "[-1 45011 0]" || s.Calls() != 3 {
		t.Errorf("%v after %d calls", got, s.Calls())
	}
}

func TestOtherCallsAreUnknown(t *testing.T) {
	s := standin.New("app", "secret")
	for _, r := range []*http.Request{httptest.NewRequest(http.MethodPost, "/sns/jscode2session", nil), httptest.NewRequest(http.MethodGet, "/cgi-bin/token", nil)} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s %s: %d", r.Method, r.URL.Path, w.Code)
		}
	}
}
