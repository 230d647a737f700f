package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/locker"
	"tongban/internal/offline"
	"tongban/internal/rating"
	"tongban/internal/workday"
)

// countyRules are what the county's folder says that the desks count and decide by.
type countyRules struct {
	calendar *workday.Calendar
	appeals  appeal.Limits
	cases    casework.Rules
	ratings  rating.Rules
	offline  offline.Rules
}

func readCounty(county fs.FS) (rules countyRules, err error) {
	var wrong [5]error
	rules.calendar, wrong[0] = readCalendar(county)
	rules.appeals, wrong[1] = appeal.ReadLimits(county)
	rules.cases, wrong[2] = casework.ReadRules(county, config.DemoCountyFS())
	rules.ratings, wrong[3] = rating.ReadRules(county)
	rules.offline, wrong[4] = offline.ReadRules(county)
	return rules, errors.Join(wrong[:]...)
}

func readCalendar(county fs.FS) (*workday.Calendar, error) {
	f, err := county.Open("holidays.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	calendar, err := workday.ReadCalendar(f)
	if err != nil {
		return nil, fmt.Errorf("holidays.csv: %w", err)
	}
	return calendar, nil
}

// load brings the tables up to the county's folder. Every replica does so at its start; what is the same changes nothing.
func (h *house) load(ctx context.Context, county fs.FS) (err error) {
	actor := access.Round("")
	if _, err := h.accounts.Load(ctx, actor, account.Source{FS: county, Demo: h.settings.DemoCounty()}); err != nil {
		return err
	}
	if _, err := h.accounts.PrivacyText(ctx, ""); err != nil {
		return fmt.Errorf("%w: %w", account.ErrNoPrivacy, err)
	}
	if h.shown, err = h.accounts.OfficesMark(ctx); err != nil {
		return err
	}
	places, err := h.places(ctx)
	if err != nil {
		return err
	}
	if err := h.publish(ctx, county, places); err != nil {
		return err
	}
	kinds, err := locker.ReadKinds(county, config.DemoCountyFS())
	if err != nil {
		return err
	}
	if err := h.locker.Load(ctx, kinds); err != nil {
		return err
	}
	if err := h.county.Reread(ctx); err != nil {
		return err
	}
	if err := h.catalog.Reload(ctx); err != nil {
		return err
	}
	if h.settings.Env == config.Production {
		if demo, err := h.accounts.HasDemo(ctx); err != nil || demo {
			return errors.Join(err, errors.New("production refuses a database with demo accounts"))
		}
	}
	return nil
}

// publish makes the county's folder the catalogue in force, and tells each warning of the publisher's rules.
func (h *house) publish(ctx context.Context, county fs.FS, places []catalog.Place) error {
	published, err := h.catalog.Publish(ctx, access.Round(""), catalog.Source{FS: county, Places: places, Demo: h.settings.DemoCounty()})
	if err != nil {
		return err
	}
	for _, w := range published.Warnings {
		h.log.Warn("the county's catalogue", "file", w.File, "line", w.Line, "rule", w.Rule, "warning", w.Message)
	}
	h.log.Info("the county's catalogue is in force", "revision", published.Revision, "warnings", len(published.Warnings))
	return nil
}

// daysUnsaid is said of documents whose newest text has no word for it.
const daysUnsaid = "the newest texts tell days that may be provisional and have no paragraph {provisional}"

// checkCounty prints what is wrong with the county's folder, as the start would find it, and touches no database.
func (p program) checkCounty() error {
	folder := p.settings.CountyFS()
	rules, wrongRules := readCounty(folder)
	_, papers := locker.ReadKinds(folder, config.DemoCountyFS())
	_, terms := readRetention(folder)
	_, exchange := county.ReadMapping(folder)
	if p.settings.CountyKeys == "" && errors.Is(exchange, fs.ErrNotExist) {
		exchange = nil // it has no platform of its own
	}
	offices, people := account.ReadOffices(folder)
	var found []catalog.Finding
	var unread error
	if len(offices) > 0 { // else every item would lack its places
		found, unread = catalog.Check(catalog.Source{FS: folder, Places: placesOf(offices), Demo: p.settings.DemoCounty()})
	}
	warnings, refused := 0, 0
	if !account.HasPrivacyOn(folder, clock.DateOf(clock.System().Now())) { // a database may know an earlier one
		warnings++
		fmt.Fprintln(p.out, account.ErrNoPrivacy)
	}
	if lacking := rules.cases.Texts.Lacking(); len(lacking) > 0 {
		warnings++
		fmt.Fprintf(p.out, "documents.yaml: %s: %s\n", daysUnsaid, strings.Join(lacking, ", "))
	}
	for _, f := range found {
		fmt.Fprintln(p.out, f)
		if f.Warning {
			warnings++
		} else {
			refused++
		}
	}
	broken := errors.Join(wrongRules, papers, terms, exchange, people, unread)
	if refused > 0 {
		broken = errors.Join(broken, fmt.Errorf("%d errors of the publisher's rules", refused))
	}
	if broken != nil {
		return fmt.Errorf("the county's folder is refused:\n%w", broken)
	}
	_, err := fmt.Fprintf(p.out, "the county's folder can be published: %d warnings\n", warnings)
	return err
}

// showOffices publishes the county's folder anew after a call changed an office: guides tell where and when one goes.
func (h *house) showOffices(ctx context.Context) error {
	mark, err := h.accounts.OfficesMark(ctx)
	if err != nil || mark == h.shown {
		return err
	}
	places, err := h.places(ctx)
	if err != nil {
		return err
	}
	if err := h.publish(ctx, h.settings.CountyFS(), places); err != nil {
		return err
	}
	h.shown = mark
	return nil
}

// places are the offices, as the catalogue shows them in its guides.
func (h *house) places(ctx context.Context) ([]catalog.Place, error) {
	county, err := h.accounts.Areas(ctx, "")
	if err != nil {
		return nil, err
	}
	var offices []account.Office
	for _, c := range county {
		in, err := h.accounts.Offices(ctx, c.Code)
		if err != nil {
			return nil, err
		}
		offices = append(offices, in...)
	}
	return placesOf(offices), nil
}

func placesOf(offices []account.Office) []catalog.Place {
	places := make([]catalog.Place, 0, len(offices))
	for _, o := range offices {
		places = append(places, catalog.Place{
			Kind: catalog.PlaceKind(o.Kind), Name: o.Name, Area: o.Area, Address: o.Address, Hours: o.Hours, Phone: o.Phone,
		})
	}
	return places
}
