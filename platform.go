package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"tongban/api"
	"tongban/config"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/standin"
	"tongban/internal/store"
)

// openPlatform opens the connection to the county's own platform, as far as it is set: with keys the inbox of its callbacks, with an
// address the client too. A mapping that is there is checked in any case.
func (h *house) openPlatform(s *store.Store, folder fs.FS) error {
	mapping, err := county.ReadMapping(folder)
	if errors.Is(err, fs.ErrNotExist) && h.settings.CountyKeys == "" {
		return nil // a county without a platform needs none
	}
	if err != nil {
		return err
	}
	if h.settings.CountyKeys == "" {
		return nil
	}
	keys, err := county.ParseKeys(h.settings.CountyKeys)
	if err != nil {
		return fmt.Errorf("TONGBAN_COUNTY_KEYS: %w", err)
	}
	if h.county, err = county.New(s, h.settings.CountyPlatform, keys, mapping, h.log); err != nil || h.settings.CountyURL == "" {
		return err
	}
	h.platform, err = county.NewClient(county.Options{URL: h.settings.CountyURL, Keys: keys, Mapping: mapping, Clock: s.Clock(), Log: h.log})
	if err != nil {
		return fmt.Errorf("TONGBAN_COUNTY_URL: %w", err)
	}
	return nil
}

// openRegisters opens the connection to where the county looks papers up, if that is set.
func (h *house) openRegisters(c *clock.Clock) error {
	if h.settings.RegistersURL == "" {
		return nil
	}
	keys, err := county.ParseKeys(h.settings.RegistersKeys)
	if err != nil {
		return fmt.Errorf("TONGBAN_REGISTERS_KEYS: %w", err)
	}
	h.registers, err = county.NewRegisters(county.Options{URL: h.settings.RegistersURL, Keys: keys, Clock: c, Log: h.log})
	if err != nil {
		return fmt.Errorf("TONGBAN_REGISTERS_URL: %w", err)
	}
	return nil
}

// fakeCounty plays the county's platform until ctx ends: a rehearsal for whoever has none, or one that never fails.
func (p program) fakeCounty(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("fakecounty", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:0", "where to listen")
	callbacks := flags.String("callbacks", "", "where the program takes callbacks; empty: nothing is told")
	file := flags.String("script", "", "what goes wrong, and what is decided: a JSON file (docs/county.md)")
	every := flags.Duration("every", time.Second, "how often each case goes one step on")
	flags.SetOutput(p.out)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *every <= 0 {
		return errors.New("usage: tongban fakecounty [--listen ADDRESS] [--callbacks URL] [--script FILE] [--every 1s]")
	}
	server, registers, err := p.newFakeCounty(ctx, *file)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	both := http.NewServeMux()
	both.Handle("/", server)
	both.Handle(lookUpPath, registers)
	face := api.HTTP(both, p.log)
	failed := make(chan error, 1)
	go func() { failed <- face.Serve(listener) }()
	defer face.Close()
	fmt.Fprintf(p.out, "registers http://%[1]s%[2]s\nlistening http://%[1]s\n", listener.Addr(), lookUpPath)
	ticks := time.NewTicker(*every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-ticks.C:
		}
		server.Work()
		if *callbacks == "" {
			continue
		}
		if err := server.Deliver(ctx, *callbacks); err != nil && ctx.Err() == nil {
			p.log.WarnContext(ctx, "the fake county's news wait", "events", server.Waiting(), "error", err)
		}
	}
}

// lookUpPath is where the fake county's registers answer; its platform answers everywhere else.
const lookUpPath = "/look-up"

// sharedKeys are those of a setting, or new ones that are printed under its name.
func (p program) sharedKeys(setting, given string) (county.Keys, error) {
	if given == "" {
		given = "k1:" + rand.Text() + rand.Text()
		fmt.Fprintf(p.out, "%s=%s\n", setting, given)
	}
	keys, err := county.ParseKeys(given)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return keys, nil
}

func (p program) newFakeCounty(ctx context.Context, file string) (*standin.Server, *standin.Registers, error) {
	if p.settings.Env == config.Production {
		return nil, nil, errors.New("production has a county of its own, and no fake one")
	}
	keys, err := p.sharedKeys("TONGBAN_COUNTY_KEYS", p.settings.CountyKeys)
	if err != nil {
		return nil, nil, err
	}
	others, err := p.sharedKeys("TONGBAN_REGISTERS_KEYS", p.settings.RegistersKeys)
	if err != nil {
		return nil, nil, err
	}
	mapping, err := county.ReadMapping(p.settings.CountyFS())
	if err != nil {
		return nil, nil, err
	}
	c := clock.System()
	if p.settings.TestClockFile != "" {
		if c, err = clock.FromFile(ctx, p.settings.TestClockFile); err != nil {
			return nil, nil, err
		}
	}
	server, registers := standin.New(keys, mapping, c), standin.NewRegisters(others, c)
	if file == "" {
		return server, registers, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	script, err := standin.ReadScript(text)
	if err != nil {
		return nil, nil, err
	}
	return server, registers, errors.Join(server.Play(script), registers.Play(script))
}
