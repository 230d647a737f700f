package county_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/county/standin"
	"tongban/internal/fault"
	"tongban/internal/store/storetest"
)

// ServeHTTP takes callbacks as the API does.
func (d *tray) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_, err = d.Take(r.Context(), r.Header, county.Message{Method: r.Method, Target: r.URL.RequestURI(), Body: body})
	switch {
	case err == nil:
	case errors.Is(err, county.ErrSignature), errors.Is(err, county.ErrStale):
		w.WriteHeader(http.StatusUnauthorized)
	case errors.Is(err, county.ErrReplayed), errors.Is(err, county.ErrDiffers):
		w.WriteHeader(http.StatusConflict)
	case fault.Of(err).Kind == fault.Invalid:
		w.WriteHeader(http.StatusUnprocessableEntity)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// TestRehearsal: twenty cases go to a county that fails in every way, and their news come in every wrong way. Each case ends where
// the county decided it, every act is done once, and what proves nothing is refused.
func TestRehearsal(t *testing.T) {
	f := openFake(t, clock.At(storetest.Monday), 300*time.Millisecond)
	const many = 20
	var refs []string
	for i := range many {
		refs = append(refs, fmt.Sprintf("BJ%02d", i))
	}
	s := storetest.Open(t)
	d := openTray(t, s)
	toys(t, s, refs...)
	d.Register(play)
	ears := httptest.NewServer(d)
	t.Cleanup(ears.Close)

	script := standin.Script{Decisions: [][]county.Act{
		{county.Receive, county.Accept, county.Review, county.Grant, county.Deliver},
		{county.Receive, county.Accept, county.Review, county.Suspend, county.Resume, county.Deny},
		{county.Receive, county.AskCorrection},
	}}
	for _, do := range []string{standin.Lost, standin.Reset, standin.Slow, standin.Lost, standin.Down, standin.Fail, standin.Lost} {
		script.Requests = append(script.Requests, standin.Trouble{Skip: 1, Times: 2, Do: do, Status: 503, For: "2s"})
	}
	for _, do := range []string{standin.Doubled, standin.Replayed, standin.Forged, standin.Stale, standin.Unknown, standin.Reordered, standin.Delayed, standin.Reordered} {
		script.Callbacks = append(script.Callbacks, standin.Trouble{Skip: 2, Times: 4, Do: do})
	}
	f.play(t, script)

	for _, ref := range refs { // what the courier does with a letter
		begun := f.clock.Now()
		for attempts := 1; ; attempts++ {
			_, err := f.client.Submit(t.Context(), "letter of "+ref, contract.Submission(ref, begun))
			v, wait := county.Try(err, attempts, f.clock.Since(begun), 0.5)
			if v == county.Done {
				break
			}
			if v == county.Person {
				t.Fatalf("%s: %v", ref, err)
			}
			f.clock.Advance(wait)
		}
	}
	if got := len(f.Standings()); got != many {
		t.Fatalf("%d cases at the county", got)
	}
	for f.Work() > 0 {
	}
	s.Clock().Set(f.clock.Now())
	if err := f.Deliver(t.Context(), ears.URL+"/callbacks"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.Clock().Advance(6 * time.Hour)
		if err := d.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	for i, ref := range refs {
		status, acts := d.status(t, ref)
		var want []string
		for _, act := range script.Decisions[i%3] {
			want = append(want, string(act))
		}
		ends := []string{"delivered", "denied", "correcting"}
		if status != ends[i%3] || !slices.Equal(acts, want) {
			t.Errorf("%s: %s %v, want %v", ref, status, acts, want)
		}
	}
	met := map[string]int{}
	for _, sent := range f.Sent() {
		good := map[string]int{"": 200, standin.Doubled: 200, standin.Unknown: 200, standin.Replayed: 409, standin.Forged: 401, standin.Stale: 401}[sent.How]
		if sent.Status != good {
			t.Errorf("%+v", sent)
		}
		met[sent.How]++
	}
	for _, how := range []string{"", standin.Doubled, standin.Unknown, standin.Replayed, standin.Forged, standin.Stale} {
		if met[how] == 0 {
			t.Errorf("%q was never met", how)
		}
	}
	var waiting int64
	if err := s.Read(t.Context()).Table("county_events").Where("status IN ?", []string{"waiting", "late"}).Count(&waiting).Error; err != nil || waiting != 0 {
		t.Errorf("%d events are left, %v", waiting, err)
	}
}

// TestTheCountyTellsAgain: an event that the program cannot take now is told later, in its place.
func TestTheCountyTellsAgain(t *testing.T) {
	f := openFake(t, clock.At(storetest.Monday), 0)
	if _, err := f.client.Submit(t.Context(), "l", contract.Submission("BJ1", f.clock.Now())); err != nil {
		t.Fatal(err)
	}
	for f.Work() > 0 {
	}
	var seen []string
	away := true
	ears := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		e, _, err := mapping(t).DecodeEvent(body)
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, string(e.Act))
	}))
	t.Cleanup(ears.Close)
	if err := f.Deliver(t.Context(), ears.URL+"/c"); !errors.Is(err, standin.ErrNotTaken) || f.Waiting() != 4 {
		t.Errorf("%v, %d wait", err, f.Waiting())
	}
	away = false
	if err := f.Deliver(t.Context(), ears.URL+"/c"); err != nil || !slices.Equal(seen, []string{"receive", "accept", "review", "grant"}) || f.Waiting() != 0 {
		t.Errorf("%v, %v", err, seen)
	}
}

func TestScriptsAreChecked(t *testing.T) {
	good := `{"requests":[{"do":"status","status":503,"retry_after":"60"},{"skip":2,"times":3,"do":"down","for":"72h"}],"callbacks":[{"do":"doubled"}],"decisions":[["receive","refuse"]]}`
	if s, err := standin.ReadScript([]byte(good)); err != nil || len(s.Requests) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{
		``, `[]`, `{"request":[]}`, `{"requests":[{"do":"sleep"}]}`, `{"requests":[{"do":"doubled"}]}`, `{"callbacks":[{"do":"slow","for":"1s"}]}`, `{"requests":[{"do":"slow"}]}`,
		`{"requests":[{"do":"down","for":"soon"}]}`, `{"requests":[{"do":"status","status":200}]}`, `{"requests":[{"do":"reset","times":-1}]}`, `{"decisions":[["withdraw"]]}`,
	} {
		if _, err := standin.ReadScript([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
