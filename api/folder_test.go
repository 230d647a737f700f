package api

import (
	"io/fs"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/catalog/catalogtest"
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
	"tongban/internal/wechat"
	"tongban/internal/workday"
)

var (
	demoCounty = os.DirFS("../config/county")
	demo       = catalogtest.Telling(demoCounty, EncodeGuide)
	crewed     = catalogtest.Of(withStaff{demoCounty, crew[1:]})
)

// withStaff is a county's folder with more people in its list of staff.
type withStaff struct {
	fs.FS
	more string // lines
}

func (w withStaff) Open(name string) (fs.File, error) {
	if name != "staff.csv" {
		return w.FS.Open(name)
	}
	text, err := fs.ReadFile(w.FS, name)
	if err != nil {
		return nil, err
	}
	return fstest.MapFS{name: {Data: append(text, w.more...)}}.Open(name)
}

// countyRules are what the demo county's folder says beside its tables. Nobody changes them.
type countyRules struct {
	days    *workday.Calendar
	cases   casework.Rules
	appeals appeal.Limits
	ratings rating.Rules
	kinds   []locker.Kind
	keep    []retention.Rule
}

// folder reads the demo county's rules, once.
func folder(t testing.TB) countyRules {
	t.Helper()
	read, err := readRules()
	if err != nil {
		t.Fatal(err)
	}
	return read
}

var readRules = sync.OnceValues(func() (r countyRules, err error) {
	days, err := demoCounty.Open("holidays.csv")
	if err != nil {
		return r, err
	}
	defer days.Close()
	if r.days, err = workday.ReadCalendar(days); err != nil {
		return r, err
	}
	if r.cases, err = casework.ReadRules(demoCounty); err != nil {
		return r, err
	}
	if r.appeals, err = appeal.ReadLimits(demoCounty); err != nil {
		return r, err
	}
	if r.ratings, err = rating.ReadRules(demoCounty); err != nil {
		return r, err
	}
	if r.kinds, err = locker.ReadKinds(demoCounty); err != nil {
		return r, err
	}
	r.keep, err = retention.Read(demoCounty, slices.Concat(account.Perishables, family.Perishables, notice.Perishables, locker.Perishables, appeal.Perishables, casework.Perishables, errand.Perishables,
		offline.Perishables, rating.Perishables, rights.Perishables, courier.Perishables, wechat.Perishables, county.Perishables))
	return r, err
})
