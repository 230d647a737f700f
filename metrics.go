package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tongban/api"
	"tongban/internal/store"
)

// gather makes the registry of what Prometheus may fetch: the runtime, the process, the database, the outbox; the API adds
// what is asked of it. Nothing in it is anybody's.
func gather(s *store.Store, log *slog.Logger) *prometheus.Registry {
	into := prometheus.NewRegistry()
	gauge := func(name, help string, of func() float64) {
		into.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, of))
	}
	into.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge("tongban_database_connections_in_use", "Connections to the database that serve somebody now.", func() float64 { return float64(s.InUse()) })
	gauge("tongban_clock_doubted", "1 while this machine's clock may be wrong and the rounds rest.", func() float64 { return clockDoubted(s) })
	into.MustRegister(&outboxMeter{s, log})
	return into
}

func clockDoubted(s *store.Store) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if _, doubted := errors.AsType[*store.ClockDoubt](s.ClockFits(ctx)); doubted {
		return 1
	}
	return 0
}

// letters in the outbox by what became of them, but for the delivered ones.
var lettersNow = prometheus.NewDesc("tongban_outbox_letters", "Letters in the outbox: waiting for their delivery, or stuck and in need of a person.", []string{"status"}, nil)

// outboxMeter asks the database when somebody fetches; without an answer its numbers are absent, not zero.
type outboxMeter struct {
	store *store.Store
	log   *slog.Logger
}

func (m *outboxMeter) Describe(to chan<- *prometheus.Desc) { to <- lettersNow }

func (m *outboxMeter) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	undelivered, err := m.store.Undelivered(ctx)
	if err != nil {
		m.log.Warn("the outbox was not counted", "err", err)
		return
	}
	for status, n := range undelivered {
		to <- prometheus.MustNewConstMetric(lettersNow, prometheus.GaugeValue, float64(n), status)
	}
}

// listenForMetrics serves them on an address of their own, for the inside only.
func (p program) listenForMetrics(of prometheus.Gatherer) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", p.settings.MetricsListen)
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(of, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn)}))
	server := api.HTTP(mux, p.log)
	go func() { _ = server.Serve(listener) }() // it ends with Close below
	return listener.Addr().String(), func() { server.Close() }, nil
}
