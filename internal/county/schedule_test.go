package county_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/county/standin"
	"tongban/internal/fault"
	"tongban/internal/store/storetest"
)

func TestTryIsAskedOften(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attempts := rapid.IntRange(0, 1000).Draw(t, "attempts")
		age := time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "age"))
		luck := rapid.Float64Range(0, 0.999999).Draw(t, "luck")
		asked := time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "asked"))
		v, wait := county.Try(county.ErrAgain.After(asked), attempts, age, luck)
		switch {
		case age >= 72*time.Hour && v != county.Person, age < 72*time.Hour && v != county.Again:
			t.Fatalf("after %v: %v", age, v)
		case v == county.Again && (wait < time.Minute || wait > 6*time.Hour || wait < min(asked, 6*time.Hour)):
			t.Fatalf("wait %v, asked for %v", wait, asked)
		}
		if _, unlucky := county.Try(county.ErrAgain, attempts, 0, 0); unlucky < time.Minute {
			t.Fatalf("%v", unlucky)
		}
		if v, _ := county.Try(county.ErrHuman.With("x"), attempts, age, luck); v != county.Person {
			t.Fatal("what is refused is sent again")
		}
	})
	if v, wait := county.Try(nil, 1, 0, 0.5); v != county.Done || wait != 0 {
		t.Errorf("%v %v", v, wait)
	}
	if v, _ := county.Try(errors.New("the database is closed"), 1, 0, 0.5); v != county.Again {
		t.Error("our own trouble ends a letter")
	}
	_, first := county.Try(county.ErrAgain, 1, 0, 0)
	_, second := county.Try(county.ErrAgain, 2, 0, 0)
	_, many := county.Try(county.ErrAgain, 50, 0, 0)
	if first != time.Minute || second != 2*time.Minute || many != 3*time.Hour {
		t.Errorf("%v, %v, …, %v", first, second, many)
	}
}

// until sends the letter by the schedule until it is done or a person's, and answers how many attempts it took.
func until(t *testing.T, f *fake, luck func() float64) (v county.Verdict, attempts int, took time.Duration) {
	t.Helper()
	begun := f.clock.Now()
	for {
		attempts++
		_, err := f.client.Submit(t.Context(), "letter-1", contract.Submission("BJ1", begun))
		var wait time.Duration
		if v, wait = county.Try(err, attempts, f.clock.Since(begun), luck()); v != county.Again {
			return v, attempts, f.clock.Since(begun)
		}
		f.clock.Advance(wait)
	}
}

// TestThreeDaysOfOutage: a county that is away for nearly three days gets the letter after that, once; one that stays away makes it a
// person's, not before three days are over, and is not asked all the time.
func TestThreeDaysOfOutage(t *testing.T) {
	for name, luck := range map[string]func() float64{"without luck": func() float64 { return 0 }, "with all luck": func() float64 { return 0.999 }, "by chance": rand.Float64} {
		t.Run(name, func(t *testing.T) {
			f := openFake(t, clock.At(storetest.Monday), 0)
			f.play(t, standin.Script{Requests: []standin.Trouble{{Do: standin.Down, For: "71h"}}})
			v, attempts, took := until(t, f, luck)
			if v != county.Done || took < 71*time.Hour || took > 78*time.Hour || attempts > 40 || len(f.Standings()) != 1 {
				t.Errorf("verdict %d after %v and %d attempts, %d cases", v, took, attempts, len(f.Standings()))
			}

			f = openFake(t, clock.At(storetest.Monday), 0)
			f.play(t, standin.Script{Requests: []standin.Trouble{{Do: standin.Down, For: "1000h"}}})
			v, attempts, took = until(t, f, luck)
			if v != county.Person || took < 72*time.Hour || took > 79*time.Hour || attempts > 40 {
				t.Errorf("verdict %d after %v and %d attempts", v, took, attempts)
			}
		})
	}
}

// TestEveryFailureIsSorted: what comes of each way of failing, and that the key keeps the case one.
func TestEveryFailureIsSorted(t *testing.T) {
	fail := func(status int, after string) standin.Trouble {
		return standin.Trouble{Do: standin.Fail, Status: status, RetryAfter: after}
	}
	for name, c := range map[string]struct {
		trouble standin.Trouble
		want    *fault.Fault
		wait    time.Duration
		cases   int // that the county has after the failure
	}{
		"500":                   {fail(500, ""), county.ErrAgain, 0, 0},
		"503 with seconds":      {fail(503, "120"), county.ErrAgain, 2 * time.Minute, 0},
		"429 with a date":       {fail(429, "Mon, 23 Nov 2026 01:10:00 GMT"), county.ErrAgain, 10 * time.Minute, 0},
		"429 with a long time":  {fail(429, "999999999"), county.ErrAgain, 6 * time.Hour, 0},
		"429 with nonsense":     {fail(429, "-5"), county.ErrAgain, 0, 0},
		"429 and a date passed": {fail(429, "Mon, 23 Nov 2026 00:10:00 GMT"), county.ErrAgain, 0, 0},
		"408":                   {fail(408, ""), county.ErrAgain, 0, 0},
		"400":                   {fail(400, ""), county.ErrHuman, 0, 0},
		"401":                   {fail(401, ""), county.ErrHuman, 0, 0},
		"404":                   {fail(404, ""), county.ErrHuman, 0, 0},
		"409":                   {fail(409, ""), county.ErrHuman, 0, 0},
		"422":                   {fail(422, ""), county.ErrHuman, 0, 0},
		"a cut before":          {standin.Trouble{Do: standin.Reset}, county.ErrAgain, 0, 0},
		"a cut after":           {standin.Trouble{Do: standin.Lost}, county.ErrAgain, 0, 1},
		"slow":                  {standin.Trouble{Do: standin.Slow, For: "5s"}, county.ErrAgain, 0, 0},
		"garbage":               {standin.Trouble{Do: standin.Garbage}, county.ErrHuman, 0, 1},
		"a redirect":            {standin.Trouble{Do: standin.Redirect}, county.ErrHuman, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var patience time.Duration // the product's, but where it is what fails
			if name == "slow" {
				patience = 300 * time.Millisecond
			}
			f := openFake(t, clock.At(storetest.Monday), patience)
			f.play(t, standin.Script{Requests: []standin.Trouble{c.trouble}})
			s := contract.Submission("BJ1", f.clock.Now())
			_, err := f.client.Submit(t.Context(), "letter-1", s)
			if !errors.Is(err, c.want) || fault.Of(err).Wait != c.wait || len(f.Standings()) != c.cases {
				t.Errorf("%v, wait %v, %d cases", err, fault.Of(err).Wait, len(f.Standings()))
			}
			got, err := f.client.Submit(t.Context(), "letter-1", s)
			for n := 0; name == "slow" && errors.Is(err, county.ErrAgain) && n < 20; n++ { // this machine may be slow as well
				got, err = f.client.Submit(t.Context(), "letter-1", s)
			}
			if err != nil || got.Ref != "BJ1" || len(f.Standings()) != 1 {
				t.Errorf("sent again: %+v, %v, %d cases", got, err, len(f.Standings()))
			}
		})
	}
}
