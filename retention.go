package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"tongban/config"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/courier"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/locker"
	"tongban/internal/notice"
	"tongban/internal/offline"
	"tongban/internal/rating"
	"tongban/internal/retention"
	"tongban/internal/rights"
	"tongban/internal/store"
	"tongban/internal/wechat"
)

// perishables are what the desks give up after its time, in the order in which it is done.
func perishables() []store.Perishable {
	return slices.Concat(account.Perishables, family.Perishables, notice.Perishables, locker.Perishables, appeal.Perishables, casework.Perishables, errand.Perishables, offline.Perishables, rating.Perishables, rights.Perishables, courier.Perishables, wechat.Perishables, county.Perishables)
}

// openRetention reads the county's rules. A folder of its own without them goes by those of the demo.
func openRetention(s *store.Store, county fs.FS) (*retention.Keeper, error) {
	rules, err := readRetention(county)
	if err != nil {
		return nil, err
	}
	return retention.New(s, rules, appeal.Disputes(), casework.Disputes()), nil
}

// readRetention reads the county's terms, or the demo's where it has none of its own.
func readRetention(county fs.FS) ([]retention.Rule, error) {
	rules, err := retention.Read(county, perishables())
	if errors.Is(err, fs.ErrNotExist) {
		rules, err = retention.Read(config.DemoCountyFS(), perishables())
	}
	return rules, err
}

// retention is `retention --dry-run`, which is what it does by itself, and `retention --apply`.
func (p program) retention(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("retention", flag.ContinueOnError)
	flags.SetOutput(p.out)
	dry := flags.Bool("dry-run", false, "say what is due, and change nothing (the default)")
	apply := flags.Bool("apply", false, "give up what is due now")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dry && *apply || flags.NArg() > 0 {
		return errors.New("usage: tongban retention [--dry-run | --apply]")
	}
	return p.withStore(ctx, func(s *store.Store) error {
		keeper, err := openRetention(s, p.settings.CountyFS())
		if err != nil {
			return err
		}
		if *apply {
			if err := s.ClockFits(ctx); err != nil {
				return err // what is given up by a wrong clock does not come back
			}
			return p.giveUp(ctx, keeper)
		}
		return p.lookAtRetention(ctx, keeper)
	})
}

func (p program) lookAtRetention(ctx context.Context, keeper *retention.Keeper) error {
	list, err := keeper.Look(ctx)
	if err != nil {
		return err
	}
	due := int64(0)
	for _, s := range list {
		oldest := "-"
		if s.Oldest != nil {
			oldest = clock.DateOf(*s.Oldest).String()
		}
		due += s.Due
		fmt.Fprintf(p.out, "%-18s %-7s %-7s due %-7d oldest %-10s %s；%s；%s\n", s.Code, s.Do, s.Keep, s.Due, oldest, s.Text, s.SinceText, s.Basis)
	}
	for _, table := range slices.Sorted(maps.Keys(retention.Stays)) {
		fmt.Fprintf(p.out, "%-18s stays   %s\n", table, retention.Stays[table])
	}
	_, err = fmt.Fprintf(p.out, "%d rows are due; nothing was changed: --apply gives them up\n", due)
	return err
}

func (p program) giveUp(ctx context.Context, keeper *retention.Keeper) error {
	done, failed := keeper.Apply(ctx)
	all := int64(0)
	for _, c := range done {
		all += c.Rows
		fmt.Fprintf(p.out, "%-18s %d\n", c.Code, c.Rows)
	}
	_, err := fmt.Fprintf(p.out, "%d rows were given up\n", all)
	return errors.Join(failed, err)
}
