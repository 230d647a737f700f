package county_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/store/storetest"
)

func inquiry() county.Inquiry {
	return county.Inquiry{
		ID: "i1", Item: "item", Material: "hukou_book", Name: county.Revealed("示例人"), IDNumber: county.Revealed("110101190001010015"), Consent: "c1",
	}
}

// askRegisters dials whatever answers there, with a log.
func askRegisters(t *testing.T, h http.Handler, patience time.Duration) (*county.RegistersClient, *bytes.Buffer) {
	t.Helper()
	return askRegistersAt(t, h, clock.At(storetest.Monday), patience)
}

func askRegistersAt(t *testing.T, h http.Handler, now *clock.Clock, patience time.Duration) (*county.RegistersClient, *bytes.Buffer) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	log := &bytes.Buffer{}
	client, err := county.NewRegisters(county.Options{
		URL: server.URL + "/gov/look-up/", Keys: keysOf(t, "k1"), Clock: now, Log: slog.New(slog.NewJSONHandler(log, nil)), Patience: patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client, log
}

// nobodyKnows: no finding, one line in the log, and nothing of the person or of the answer in it.
func nobodyKnows(t *testing.T, got county.Finding, err error, log *bytes.Buffer) {
	t.Helper()
	if got != (county.Finding{}) || !errors.Is(err, county.ErrNoFinding) {
		t.Errorf("%+v, %v", got, err)
	}
	told := log.String() + err.Error()
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(told, `"inquiry":"i1"`) {
		t.Errorf("the log says %s", log)
	}
	for _, private := range []string{"示例人", "110101190001010015", "k1k1k1", "html", "升级"} {
		if strings.Contains(told, private) {
			t.Errorf("the log tells %s", private)
		}
	}
}

// TestRegistersAnswer: the inquiry arrives whole and signed, on the address's own path; what is found is told with its reference.
func TestRegistersAnswer(t *testing.T) {
	r := standin.NewRegisters(keysOf(t, "k1"), clock.At(storetest.Monday))
	client, log := askRegisters(t, r, 0)
	if got, err := client.LookUp(t.Context(), inquiry()); err != nil || got != (county.Finding{}) {
		t.Errorf("nothing is held: %+v, %v", got, err)
	}
	r.Hold("110101190001010015", "hukou_book", "HK/2026-17")
	if got, err := client.LookUp(t.Context(), inquiry()); err != nil || got != (county.Finding{Found: true, Ref: "HK/2026-17"}) {
		t.Errorf("it is held: %+v, %v", got, err)
	}
	want := standin.Asked{ID: "i1", Item: "item", Material: "hukou_book", Name: "示例人", IDNumber: "110101190001010015", Consent: "c1"}
	if got := r.Asked(); !slices.Equal(got, []standin.Asked{want, want}) {
		t.Errorf("asked %+v", got)
	}
	if log.Len() > 0 {
		t.Errorf("the log says %s", log)
	}
}

// TestRegistersInTrouble: whatever goes wrong means that nobody knows, also what somebody else signed, or signed an hour ago.
func TestRegistersInTrouble(t *testing.T) {
	r := standin.NewRegisters(keysOf(t, "k1"), clock.At(storetest.Monday))
	r.Hold("110101190001010015", "hukou_book", "HK/2026-17")
	for _, trouble := range []string{standin.Down, standin.Slow, standin.Reset, standin.Garbage, standin.Forged, standin.Stale} {
		t.Run(trouble, func(t *testing.T) {
			patience := time.Duration(0)
			if trouble == standin.Slow {
				patience = 300 * time.Millisecond
			}
			client, log := askRegisters(t, r, patience)
			r.Trouble(trouble)
			got, err := client.LookUp(t.Context(), inquiry())
			nobodyKnows(t, got, err, log)
		})
	}
	t.Run("another key", func(t *testing.T) {
		client, log := askRegisters(t, standin.NewRegisters(keysOf(t, "k2"), clock.At(storetest.Monday)), 0)
		got, err := client.LookUp(t.Context(), inquiry())
		nobodyKnows(t, got, err, log)
	})
	t.Run("nobody there", func(t *testing.T) {
		server := httptest.NewServer(r)
		server.Close()
		log := &bytes.Buffer{}
		client, err := county.NewRegisters(county.Options{URL: server.URL, Keys: keysOf(t, "k1"), Clock: clock.At(storetest.Monday), Log: slog.New(slog.NewJSONHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.LookUp(t.Context(), inquiry())
		nobodyKnows(t, got, err, log)
	})
}

// TestStrangeFindings: a signature proves who answers, not that the answer means something.
func TestStrangeFindings(t *testing.T) {
	keys := keysOf(t, "k1")
	for name, c := range map[string]struct { // each signed as an answer to this request, where nothing else is said
		body   string
		sign   func(nonce string, body []byte) county.Message
		status int
	}{
		"another inquiry":            {body: `{"id":"i2","found":true,"ref":"HK-1"}`},
		"neither yes nor no":         {body: `{"id":"i1","ref":"HK-1"}`},
		"yes in words":               {body: `{"id":"i1","found":"true","ref":"HK-1"}`},
		"twice":                      {body: `{"id":"i1","found":false,"found":true,"ref":"HK-1"}`},
		"found without a reference":  {body: `{"id":"i1","found":true}`},
		"a name as reference":        {body: `{"id":"i1","found":true,"ref":"示例人"}`},
		"his ID number as reference": {body: `{"id":"i1","found":true,"ref":"HK-110101190001010015"}`},
		"a page":                     {body: `<html>`},
		"nothing":                    {body: ``},
		"too long":                   {body: `{"id":"i1","found":false,"x":"` + strings.Repeat("x", 20<<10) + `"}`},
		"refused, with a finding":    {body: `{"id":"i1","found":true,"ref":"HK-1"}`, status: 403},
		"to another request": {body: `{"id":"i1","found":false}`, sign: func(_ string, body []byte) county.Message {
			return county.Answering(strings.Repeat("n", 26), body)
		}},
		"signed as a request": {body: `{"id":"i1","found":false}`, sign: func(_ string, body []byte) county.Message {
			return county.Message{Method: http.MethodPost, Target: "/gov/look-up", Body: body}
		}},
		"another body than was signed": {body: `{"id":"i1","found":false}`, sign: func(nonce string, _ []byte) county.Message {
			return county.Answering(nonce, []byte(`{"id":"i1","found":true,"ref":"HK-1"}`))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			client, log := askRegisters(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				sign := c.sign
				if sign == nil {
					sign = county.Answering
				}
				for name, values := range keys.Sign(storetest.Monday, sign(r.Header.Get(county.NonceHeader), []byte(c.body))) {
					w.Header()[name] = values
				}
				if c.status != 0 {
					w.WriteHeader(c.status)
				}
				_, _ = io.WriteString(w, c.body)
			}), 0)
			got, err := client.LookUp(t.Context(), inquiry())
			nobodyKnows(t, got, err, log)
		})
	}
	t.Run("the inquiry itself", func(t *testing.T) {
		client, log := askRegisters(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, name := range []string{county.KeyHeader, county.TimestampHeader, county.NonceHeader, county.SignatureHeader} {
				w.Header().Set(name, r.Header.Get(name))
			}
			_, _ = io.Copy(w, r.Body)
		}), 0)
		got, err := client.LookUp(t.Context(), inquiry())
		nobodyKnows(t, got, err, log)
	})
}

// TestRegistersHaveSeats: slow registers hold so many requests and no more; whoever comes then is told at once that nobody knows.
func TestRegistersHaveSeats(t *testing.T) {
	const seats = 16
	inside, leave := make(chan struct{}, seats), make(chan struct{})
	client, log := askRegisters(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		inside <- struct{}{}
		<-leave
		w.WriteHeader(http.StatusServiceUnavailable)
	}), 15*time.Second)
	var wait sync.WaitGroup
	for range seats {
		wait.Go(func() {
			if _, err := client.LookUp(t.Context(), inquiry()); !errors.Is(err, county.ErrNoFinding) {
				t.Error(err)
			}
		})
	}
	for range seats {
		<-inside
	}
	got, err := client.LookUp(t.Context(), inquiry())
	nobodyKnows(t, got, err, log)
	if !strings.Contains(err.Error(), "too many") {
		t.Error(err)
	}
	close(leave)
	wait.Wait()
	if _, err := client.LookUp(t.Context(), inquiry()); err == nil || strings.Contains(err.Error(), "too many") {
		t.Errorf("the seats are not given back: %v", err)
	}
}

func TestRegistersNeedKeysAndAnAddress(t *testing.T) {
	for name, o := range map[string]county.Options{
		"no key": {URL: "https://data.county.example.cn/look-up"}, "plain http": {URL: "http://data.county.example.cn", Keys: keysOf(t, "k1")}, "no address": {Keys: keysOf(t, "k1")},
	} {
		if _, err := county.NewRegisters(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestScriptedRegisters: in a rehearsal they hold what the script says, fail by it, one look-up after another, and are good again afterwards.
func TestScriptedRegisters(t *testing.T) {
	now := clock.At(storetest.Monday)
	r := standin.NewRegisters(keysOf(t, "k1"), now)
	script, err := standin.ReadScript([]byte(`{"holds":[{"id_number":"*","material":"hukou_book","ref":"HK/2026-17"}],
		"look_ups":[{"skip":1,"do":"status","status":503},{"do":"forged"},{"do":"slow","for":"2s"},{"do":"down","for":"1h"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Play(script); err != nil {
		t.Fatal(err)
	}
	client, log := askRegisters(t, r, 0)
	hurried, its := askRegisters(t, r, 300*time.Millisecond)
	finds := func() {
		t.Helper()
		if got, err := client.LookUp(t.Context(), inquiry()); err != nil || got != (county.Finding{Found: true, Ref: "HK/2026-17"}) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	finds()
	for _, trouble := range []string{"status", "forged", "slow", "down", "still down"} {
		client, log := client, log
		if trouble == "slow" {
			client, log = hurried, its
		}
		heard := len(r.Asked())
		log.Reset()
		got, err := client.LookUp(t.Context(), inquiry())
		for n := 0; trouble == "slow" && len(r.Asked()) == heard && n < 20; n++ { // a busy machine gave up before the county heard of it
			log.Reset()
			got, err = client.LookUp(t.Context(), inquiry())
		}
		if t.Run(trouble, func(t *testing.T) { nobodyKnows(t, got, err, log) }); err == nil {
			t.Errorf("%s: %+v", trouble, got)
		}
	}
	now.Advance(time.Hour)
	later, _ := askRegistersAt(t, r, now, 0)
	if got, err := later.LookUp(t.Context(), inquiry()); err != nil || !got.Found {
		t.Errorf("after it: %+v, %v", got, err)
	}
	other := inquiry()
	other.Material = "id_card"
	if got, err := later.LookUp(t.Context(), other); err != nil || got.Found {
		t.Errorf("what nobody holds: %+v, %v", got, err)
	}
	for _, bad := range []string{`{"look_ups":[{"do":"doubled"}]}`, `{"look_ups":[{"do":"slow"}]}`, `{"holds":[{"material":"hukou_book","ref":"x"}]}`} {
		if _, err := standin.ReadScript([]byte(bad)); err == nil {
			t.Errorf("%s is let through", bad)
		}
	}
}
