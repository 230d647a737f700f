package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"time"

	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/county"
	"tongban/internal/deputy"
	"tongban/internal/errand"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/offline"
	"tongban/internal/rating"
	"tongban/internal/store"
)

// withStore opens the database for a sub-command: of a whole county's rows one statement may take minutes.
func (p program) withStore(ctx context.Context, do func(*store.Store) error) error {
	s, err := p.open(ctx, true)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

// migrate brings the schema up to date, or with --to as far as a migration: a rehearsal of an upgrade begins where the old release ended.
func (p program) migrate(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	to := flags.Int64("to", 0, "the number of the last migration to run; forward only")
	flags.SetOutput(p.out)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New("usage: tongban migrate [--to N]")
	}
	return p.withStore(ctx, func(s *store.Store) error {
		migrate := s.Migrate
		if flags.NFlag() > 0 {
			migrate = func(ctx context.Context) error { return s.MigrateTo(ctx, *to) }
		}
		if err := migrate(ctx); err != nil {
			return err
		}
		pending, err := s.Pending(ctx)
		if err == nil && pending > 0 {
			_, err = fmt.Fprintf(p.out, "the schema is at %d: the rest is to be run before the program serves\n", *to)
		} else if err == nil {
			_, err = fmt.Fprintln(p.out, "the schema is up to date")
		}
		return err
	})
}

// password is how the first administrator gets in, and how a forgotten password is replaced from the shell. What it prints is
// told to one person; it can do nothing but be changed.
func (p program) password(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: tongban password NAME")
	}
	return p.withStore(ctx, func(s *store.Store) error {
		password, err := account.New(s, account.Options{}).IssuePassword(ctx, access.Round(""), args[0])
		if errors.Is(err, fault.NotFound) {
			return fmt.Errorf("no staff account has the username %q", args[0])
		}
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		_, err = fmt.Fprintf(p.out, "%s: %s\nto be changed at the first log-in (POST /api/v1/password)\n", args[0], password)
		return err
	})
}

// clock tells whether the rounds go by this machine's clock, and keeps a person's word that they may.
func (p program) clock(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("clock", flag.ContinueOnError)
	right := flags.Bool("right", false, "a person has looked, and the clock is right")
	flags.SetOutput(p.out)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New("usage: tongban clock [--right]")
	}
	return p.withStore(ctx, func(s *store.Store) error {
		fmt.Fprintf(p.out, "%s by this machine's clock\n", s.Clock().Now().Format(time.RFC3339))
		if *right {
			if err := s.BelieveClock(ctx); err != nil {
				return err
			}
		}
		if err := s.ClockFits(ctx); err != nil {
			return err
		}
		_, err := fmt.Fprintln(p.out, "the rounds go by it")
		return err
	})
}

func listRoutes(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("routes", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "as JSON")
	flags.SetOutput(out)
	if err := flags.Parse(args); err != nil {
		return err
	}
	server, err := bareAPI()
	if err != nil {
		return err
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(server.Routes())
	}
	for _, r := range server.Routes() {
		if _, err := fmt.Fprintf(out, "%-7s %-45s %-9s %-8s %s\n", r.Method, r.Path, r.Audience, r.Class.Name, r.Title); err != nil {
			return err
		}
	}
	return nil
}

func printDocument(out io.Writer) error {
	server, err := bareAPI()
	if err != nil {
		return err
	}
	text, err := server.Document()
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// fsck looks for what must never be found. It changes nothing.
func (p program) fsck(ctx context.Context) error {
	return p.withStore(ctx, func(s *store.Store) error {
		counts, err := s.Counts(ctx)
		if err != nil {
			return err
		}
		tables := make([]string, 0, len(counts))
		for name := range counts {
			tables = append(tables, name)
		}
		slices.Sort(tables)
		for _, name := range tables {
			fmt.Fprintf(p.out, "%-20s %d\n", name, counts[name])
		}
		faults, err := s.Fsck(ctx, slices.Concat(casework.Checks(), deputy.Checks(), errand.Checks(), offline.Checks(), appeal.Checks(), rating.Checks(), county.Checks()))
		if err != nil {
			return err
		}
		rules, err := casework.ReadRules(p.settings.CountyFS(), config.DemoCountyFS())
		if err != nil {
			return err
		}
		papers, err := casework.CheckDocuments(ctx, s, rules)
		if err != nil {
			return err
		}
		faults = append(faults, papers...)
		for _, f := range faults {
			fmt.Fprintf(p.out, "FAULT: %s: %d\n", f.Check, f.Rows)
		}
		lost, err := p.lostFiles(ctx, s)
		if err != nil {
			return err
		}
		for _, name := range lost {
			fmt.Fprintf(p.out, "FAULT: %s\n", name)
		}
		if n := len(faults) + len(lost); n > 0 {
			return fmt.Errorf("fsck: %d faults", n)
		}
		_, err = fmt.Fprintln(p.out, "no fault found")
		return err
	})
}

func (p program) lostFiles(ctx context.Context, s *store.Store) ([]string, error) {
	folder, err := p.openFiles(s)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return file.New(s, folder).Check(ctx)
}

// printDemo shows a newcomer where to begin.
func (h *house) printDemo(ctx context.Context, out io.Writer) error {
	accounts, err := h.accounts.DemoAccounts(ctx)
	if err != nil {
		return err
	}
	password := account.DemoPassword(h.store.Keys())
	fmt.Fprintf(out, "\ndemo county: every account has the password %s\n\n", password)
	for _, a := range accounts {
		for _, post := range a.Posts {
			fmt.Fprintf(out, "  %-15s %s\t%s\t%s\n", a.Username, a.Name, post.Role.Label(), post.Title)
		}
	}
	county, err := h.accounts.Areas(ctx, "")
	if err != nil || len(county) == 0 {
		return err
	}
	villages, err := h.accounts.Villages(ctx, county[0].Code)
	if err != nil || len(villages) == 0 {
		return err
	}
	now := h.catalog.Now()
	village := villages[0]
	first := now.Guides()[0].Item
	fmt.Fprintf(out, "\nwhat the codes on the wall open:\n\n  %s/q/%s\t%s\n  %s/q/%s\t%s（%s）\n  %s/q/%s\t%s（全县）\n\n  %s/\t首页    %s/docs\t接口文档\n\n",
		h.settings.BaseURL, now.VillageCode(village.Code), village.Name,
		h.settings.BaseURL, now.CodeOf(first.ID, village.Code), first.Name, village.Name,
		h.settings.BaseURL, now.CodeOf(first.ID, ""), first.Name,
		h.settings.BaseURL, h.settings.BaseURL)
	return nil
}
