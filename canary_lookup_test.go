//go:build !race

package main

import (
	"net/http/httptest"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/standin"
)

const (
	canaryRegistersKey = "k1:fedcba9876543210fedcba9876543210"
	enrolItem          = "01932f00-4c00-7000-8000-000000000001" // 参保登记
)

// canaryRegisters hold the paper of one canary under a number of their own, and that of another one under his name.
func canaryRegisters(t *testing.T) (url string) {
	t.Helper()
	keys, err := county.ParseKeys(canaryRegistersKey)
	if err != nil {
		t.Fatal(err)
	}
	r := standin.NewRegisters(keys, clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai)))
	r.Hold(canaryOf(0).number, "hukou_book", "HK-1")
	r.Hold(canaryOf(3).number, "hukou_book", canaryOf(3).name)
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return server.URL
}

// lookUp has the county asked for both, and for a third that it does not know: name and number leave the house, and are left nowhere in it.
func (a *aviary) lookUp(t *testing.T) {
	t.Helper()
	clerk := a.staff["clerk-xinglin"]
	for n, outcome := range map[int]string{0: "found", 3: "down", 6: "absent"} {
		id := a.must(t, clerk, "/cases", map[string]any{
			"item_id": enrolItem, "applicant": a.ids["resident"][n], "answers": map[string]string{"who": "self", "hukou": "here", "job": "never", "aid": "no", "pay": "self"},
		}).text(t, "id")
		a.must(t, clerk, "/cases/"+id+"/look-up", map[string]any{
			"material": "hukou_book", "consent": map[string]string{"text_version": ofVillages, "how": "spoken"},
		}).is(t, "papers.1.lookup.outcome", outcome)
	}
}
