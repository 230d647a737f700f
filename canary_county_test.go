//go:build !race

package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tongban/internal/clock"
	"tongban/internal/county"
)

const canaryCountyKey = "k1:0123456789abcdef0123456789abcdef"

// hearNews has the county's platform tell something of a case with a canary in all its words; what the county was to be told of the case
// does not get there.
func (a *aviary) hearNews(t *testing.T, c canary) {
	t.Helper()
	keys, err := county.ParseKeys(canaryCountyKey)
	if err != nil {
		t.Fatal(err)
	}
	const path = base + "/county/callbacks"
	_, number := a.handIn(t)
	body := fmt.Sprintf(`{"up_pro_process":{"row_guid":"E1","apply_guid":%q,"event_name":"3","event_seq":"3","event_end_time":"2026-11-23 09:00:00","handle_explain":%q,"handle_user_name":%q},`+
		`"up_pro_correction":[{"row_guid":"d1","material_name":%q,"reason_code":"unclear","reason_text":%q}]}`, number, c.words(), c.name, c.number, c.words())
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai)
	var headers []string
	for name, values := range keys.Sign(now, county.Message{Method: http.MethodPost, Target: path, Body: []byte(body)}) {
		headers = append(headers, name, values[0])
	}
	if got := a.ask(t, a.visitor(), http.MethodPost, path, body, headers...); got.status != http.StatusOK {
		t.Fatalf("the county's news: %d %s", got.status, got.body)
	}
	a.staff["system-admin"].get(t, "/county/events").is(t, "items.0.act", "ask_correction", "items.0.status", "applied")
}
