package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// metrics fetches what Prometheus would.
func (s *serving) metrics(t *testing.T) string {
	t.Helper()
	got, err := s.web.Get(s.printed(t, `(?m)^metrics (http://\S+/metrics)$`))
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", got.StatusCode, err)
	}
	return string(text)
}

func TestMetricsCountOnAPortOfTheirOwn(t *testing.T) {
	in := install(t, "TONGBAN_METRICS_LISTEN", "127.0.0.1:0")
	s := in.serve(t)
	nobody := s.stranger()
	nobody.get(t, "/areas")
	nobody.get(t, "/areas")
	nobody.settled(t, "GET", "/areas/000000", "", nil, "", http.StatusNotFound)
	nobody.settled(t, "GET", "/no/such/place", "", nil, "", http.StatusNotFound)
	nobody.settled(t, "GET", "./metrics", "", nil, "", http.StatusNotFound)
	told := s.metrics(t)
	for _, line := range []string{
		`tongban_requests_total{route="listAreas",status="200"} 2`,
		`tongban_requests_total{route="readArea",status="404"} 1`,
		`tongban_requests_total{route="nowhere",status="404"} 2`,
		`tongban_request_seconds_count{route="listAreas"} 2`,
		`tongban_outbox_letters{status="stuck"} 0`,
		`tongban_outbox_letters{status="waiting"} `,
		`tongban_database_connections_in_use `,
		`tongban_clock_doubted 0`,
		`go_goroutines `,
	} {
		if !strings.Contains(told, "\n"+line) {
			t.Errorf("%s is missing", line)
		}
	}
	if strings.Contains(told, "no/such") || strings.Contains(told, "areas/000000") {
		t.Error("what was asked for became a label")
	}
	if _, err := in.with("TONGBAN_METRICS_LISTEN", strings.TrimPrefix(s.url, "http://")).do(t); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a port that is taken: %v", err)
	}
}
