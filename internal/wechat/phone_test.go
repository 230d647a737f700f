package wechat_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/wechat"
	"tongban/internal/wechat/standin"
)

// startAt is start with a clock that the test moves.
func startAt(t *testing.T) (*standin.Server, *wechat.Client, *clock.Clock, *bytes.Buffer) {
	t.Helper()
	server, at := standin.New(appID, secret), clock.At(morning)
	running := httptest.NewServer(server)
	t.Cleanup(running.Close)
	var log bytes.Buffer
	client, err := wechat.New(running.URL, appID, secret, at, slog.New(slog.NewJSONHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return server, client, at, &log
}

func TestPhoneButton(t *testing.T) {
	server, client, _, _ := startAt(t)
	phone, err := client.Phone(t.Context(), "phone.13900000001.1")
	if err != nil || phone.String() != "139****0001" {
		t.Fatalf("%s, %v", phone, err)
	}
	for _, code := range []string{"phone.13900000001.1", "zhang.1", "phone.12345", "", strings.Repeat("x", 257)} {
		if _, err := client.Phone(t.Context(), code); !errors.Is(err, wechat.ErrPhoneCode) {
			t.Errorf("%.20s: %v", code, err)
		}
	}
	if server.Calls() != 5 { // the token, and four codes that can be codes
		t.Errorf("%d calls", server.Calls())
	}
}

func TestOneTokenServesAll(t *testing.T) {
	server, client, at, _ := startAt(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := client.Phone(t.Context(), fmt.Sprintf("phone.13900000001.%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if server.Tokens() != 1 {
		t.Errorf("%d tokens were fetched", server.Tokens())
	}
	next := func(code string, tokens int) {
		t.Helper()
		if _, err := client.Phone(t.Context(), "phone.13900000002."+code); err != nil || server.Tokens() != tokens {
			t.Errorf("%v after %d fetches, want %d", err, server.Tokens(), tokens)
		}
	}
	at.Advance(115*time.Minute - time.Second)
	next("before", 1)
	at.Advance(time.Second)
	next("five minutes before its end", 2)
}

func TestBadTokenIsFetchedOnceMore(t *testing.T) {
	server, client, _, log := startAt(t)
	if _, err := client.Phone(t.Context(), "phone.13900000001.1"); err != nil {
		t.Fatal(err)
	}
	server.ExpireToken()
	if _, err := client.Phone(t.Context(), "phone.13900000001.2"); err != nil || server.Tokens() != 2 {
		t.Fatalf("%v after %d fetches", err, server.Tokens())
	}
	for _, code := range []int{40001, 40014, 42001} {
		before := server.Tokens()
		server.Fail(standin.Failure{Code: code})
		if _, err := client.Phone(t.Context(), fmt.Sprintf("phone.13900000001.%d", code)); err != nil || server.Tokens() != before+1 {
			t.Errorf("%d: %v after %d fetches", code, err, server.Tokens()-before)
		}
	}
	// Twice is enough: no third try, and no fault that would send the client to log in again.
	before := server.Calls()
	server.Fail(standin.Failure{Code: 42001}, standin.Failure{Raw: `{"access_token":"stale","expires_in":7200}`}, standin.Failure{Code: 42001})
	if _, err := client.Phone(t.Context(), "phone.13900000001.3"); !errors.Is(err, wechat.ErrBusy) || server.Calls() != before+3 {
		t.Errorf("%v after %d calls", err, server.Calls()-before)
	}
	if strings.Contains(log.String(), "stale") || strings.Contains(log.String(), "access_token") {
		t.Errorf("the log tells of the token: %s", log)
	}
}

func TestEveryRefusalOfThePhoneHasItsFault(t *testing.T) {
	info := func(country, app, number string) standin.Failure {
		return standin.Failure{Raw: `{"errcode":0,"phone_info":{"purePhoneNumber":"` + number + `","countryCode":` + country + `,"watermark":{"timestamp":1,"appid":"` + app + `"}}}`}
	}
	for name, c := range map[string]struct {
		failure standin.Failure
		want    *fault.Fault
	}{
		"country as a number":        {info("86", appID, "13900000001"), nil},
		"country with a plus":        {info(`"+86"`, appID, "13900000001"), nil},
		"another country":            {info(`"852"`, appID, "51234567"), wechat.ErrForeign},
		"no country":                 {info("null", appID, "13900000001"), wechat.ErrForeign},
		"another program's":          {info("86", "wx-other", "13900000001"), wechat.ErrBusy},
		"no watermark":               {standin.Failure{Raw: `{"phone_info":{"purePhoneNumber":"13900000001","countryCode":86}}`}, wechat.ErrBusy},
		"a landline":                 {info("86", appID, "04217654321"), wechat.ErrBusy},
		"no number":                  {info("86", appID, ""), wechat.ErrBusy},
		"invalid code":               {standin.Failure{Code: 40029}, wechat.ErrPhoneCode},
		"no permission":              {standin.Failure{Code: 48001}, wechat.ErrRefused},
		"day quota":                  {standin.Failure{Code: 45009}, wechat.ErrBusy},
		"high risk":                  {standin.Failure{Code: 40226}, wechat.ErrBlocked},
		"status":                     {standin.Failure{Status: 500}, wechat.ErrBusy},
		"redirect":                   {standin.Failure{To: "/cgi-bin/stable_token"}, wechat.ErrBusy},
		"no JSON":                    {standin.Failure{Raw: "<html>"}, wechat.ErrBusy},
		"a number where text stands": {standin.Failure{Raw: `{"phone_info":{"purePhoneNumber":13900000001}}`}, wechat.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			server, client, _, log := startAt(t)
			if _, err := client.Phone(t.Context(), "phone.13900000009"); err != nil { // holds a token now
				t.Fatal(err)
			}
			server.Fail(c.failure)
			phone, err := client.Phone(t.Context(), "phone.13900000008")
			if c.want == nil {
				if err != nil || phone.String() != "139****0001" {
					t.Fatalf("%s, %v", phone, err)
				}
				return
			}
			if !errors.Is(err, c.want) || !phone.IsZero() {
				t.Fatalf("%s, %v, want %s", phone, err, c.want.Code)
			}
			for _, private := range []string{secret, "13900000001", "13900000008", "access_token", "http://"} {
				if strings.Contains(err.Error()+log.String(), private) {
					t.Errorf("%q is told in %v, %s", private, err, log)
				}
			}
		})
	}
}

func TestNoTokenToBeHad(t *testing.T) {
	for name, failure := range map[string]standin.Failure{
		"refused": {Code: 40243}, "empty": {Raw: `{"expires_in":7200}`}, "bad token for a token": {Code: 40001}, "gone": {Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			server, client, _, log := startAt(t)
			server.Fail(failure)
			if _, err := client.Phone(t.Context(), "phone.13900000001"); fault.Of(err).Kind != fault.Unavailable {
				t.Errorf("%v", err)
			}
			keepsSecrets(t, errors.New("x"), log.String())
			if _, err := client.Phone(t.Context(), "phone.13900000001"); err != nil { // nothing was used up
				t.Error(err)
			}
		})
	}
}
