package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"tongban/api"
	"tongban/config"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/county"
	"tongban/internal/courier"
	"tongban/internal/sms"
	smsstandin "tongban/internal/sms/standin"
	"tongban/internal/store"
	"tongban/internal/wechat/standin"
)

// program is one invocation: its settings and where it speaks.
type program struct {
	settings config.Settings
	log      *slog.Logger
	out      io.Writer
}

const shutdownTime = 30 * time.Second

// serve opens everything, serves until ctx ends, and lets every accepted request be answered before it closes.
func (p program) serve(ctx context.Context) (err error) {
	listener, err := api.Listen(p.settings.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	if p.settings.BaseURL == "" {
		p.settings.BaseURL = "http://" + reachable(listener.Addr())
	}
	if p.settings.Env == config.Demo && p.settings.WeChatURL == "" {
		stop, err := p.standInForWeChat()
		if err != nil {
			return err
		}
		defer stop()
	}
	if p.settings.Env == config.Demo && p.settings.SMSURL == "" {
		stop, err := p.standInForSMS()
		if err != nil {
			return err
		}
		defer stop()
	}
	s, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	if err := p.ready(ctx, s); err != nil {
		return errors.Join(err, s.Close())
	}
	h, err := p.build(ctx, s)
	defer func() { err = errors.Join(err, h.close()) }()
	if err != nil {
		return err
	}

	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	working.Go(func() { h.courier.Run(work) })
	working.Go(func() { h.catalog.Watch(work, 2*time.Second) })
	working.Go(func() { s.Keys().Watch(work, keysEvery, p.log) })
	defer func() {
		stopWork()
		working.Wait() // nothing of them may come to what is closed next
		// Scans that were counted in memory since the last round.
		err = errors.Join(err, h.catalog.Flush(context.WithoutCancel(ctx)))
	}()

	if p.settings.MetricsListen != "" {
		address, stop, err := p.listenForMetrics(h.metrics)
		if err != nil {
			return err
		}
		defer stop()
		fmt.Fprintf(p.out, "metrics http://%s/metrics\n", address)
	}
	server := api.HTTP(h.api.Handler(), p.log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(p.out, "listening http://%s\n", listener.Addr())
	if p.settings.Env == config.Demo {
		if err := h.printDemo(context.WithoutCancel(ctx), p.out); err != nil { // who is stopped just now ends well too
			return err
		}
	}

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	h.api.Drain()
	time.Sleep(p.settings.DrainTime)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	return server.Shutdown(last)
}

// standInForWeChat starts a server on loopback that speaks WeChat's protocol, and points the settings at it. The program
// itself knows no demo: it talks to whatever address it is given.
func (p *program) standInForWeChat() (stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var random [16]byte
	rand.Read(random[:]) // never fails
	p.settings.WeChatURL = "http://" + listener.Addr().String()
	p.settings.WeChatAppID, p.settings.WeChatSecret = "wxdemo0000000000", hex.EncodeToString(random[:])
	server := api.HTTP(standin.New(p.settings.WeChatAppID, p.settings.WeChatSecret), p.log)
	go func() { _ = server.Serve(listener) }() // it ends with Close below
	return func() { server.Close() }, nil
}

// standInForSMS likewise; the codes that would have been sent stand in the log.
func (p *program) standInForSMS() (stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.settings.SMSURL, p.settings.SMSKey = "http://"+listener.Addr().String(), rand.Text()+rand.Text()
	tell := func(m sms.Message) { p.log.Info("stand-in for SMS", "phone", m.Phone, "code", m.Code) }
	server := api.HTTP(smsstandin.New(p.settings.SMSKey, tell), p.log)
	go func() { _ = server.Serve(listener) }() // it ends with Close below
	return func() { server.Close() }, nil
}

// ready brings a demo's or a test's schema up to date by itself. In production that is an act of the operator:
// `tongban migrate` runs before the new program serves.
func (p program) ready(ctx context.Context, s *store.Store) error {
	if p.settings.Env != config.Production {
		return s.Migrate(ctx)
	}
	pending, err := s.Pending(ctx)
	if err == nil && pending > 0 {
		err = fmt.Errorf("%d migrations are to be run: run `tongban migrate` first", pending)
	}
	return err
}

// reachable is what a browser on the same machine can open.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); err != nil || host != "" && (ip == nil || !ip.IsUnspecified()) {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// newCourier registers who is told what, and the rounds of the program.
func (h *house) newCourier() *courier.Courier {
	host, err := os.Hostname()
	if err != nil {
		host = "replica"
	}
	c := courier.New(h.store, h.log, host)
	c.Tell("case", h.cases.Told)
	c.Tell("errand", h.errands.Told)
	c.Tell("appeal", h.appeals.Told)
	c.Tell("redress", h.ratings.Told)
	c.SilentTo(account.IsClosed)
	c.Every("cases", 15*time.Second, func(ctx context.Context) error { _, err := h.cases.Rounds(ctx); return err })
	c.Every("waiting", 10*time.Minute, func(ctx context.Context) error { _, err := h.cases.CountWaits(ctx); return err })
	c.Every("errands", 15*time.Second, func(ctx context.Context) error { _, err := h.errands.Rounds(ctx); return err })
	c.Every("appeals", 15*time.Second, func(ctx context.Context) error { _, err := h.appeals.Rounds(ctx); return err })
	c.Every("ratings", 15*time.Second, func(ctx context.Context) error { _, err := h.ratings.Rounds(ctx); return err })
	c.Every("files", time.Hour, func(ctx context.Context) error { _, err := h.files.Sweep(ctx); return err })
	c.Every("keys", time.Hour, func(ctx context.Context) error { _, err := h.store.SweepClaims(ctx); return err })
	c.Every("tries", 24*time.Hour, h.store.SweepTries)
	c.Every("sms codes", 24*time.Hour, h.accounts.SweepSMSCodes)
	c.Every("retention", 24*time.Hour, h.keeper.Round)
	c.Every("areas", time.Minute, h.accounts.CarryAreas)
	c.Each("areas known", 5*time.Second, h.accounts.NoticeAreas)
	c.Each("offices shown", 5*time.Second, h.showOffices)
	c.Every("trail heads", 24*time.Hour, h.announceHeads)
	// Without a platform too: a letter that no channel wants counts as delivered, and what was to be told would be lost.
	c.SendBy("county", casework.HandoverTopic, casework.HandoverPlan, county.Attempt, h.cases.HandOver)
	if h.platform != nil {
		c.Every("county reconciliation", time.Minute, h.cases.Reconcile)
	}
	c.Every("county events", time.Minute, h.county.Settle)
	c.Every("county nonces", time.Hour, h.county.SweepNonces)
	c.Each("scans", 30*time.Second, h.catalog.Flush)
	return c
}

// health asks the server that runs with these settings, for a container without a shell.
func (p program) health(ctx context.Context) error {
	listens, err := net.ResolveTCPAddr("tcp", p.settings.Listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(listens)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{}).Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", answer.Status)
	}
	_, err = fmt.Fprintln(p.out, "ready")
	return err
}
