package docket_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
	"tongban/internal/workday"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	village access.Area = "219901101201"
	other   access.Area = "219901101202"
)

var (
	clerk = access.Actor{Person: "p1", Role: access.Clerk, Area: village}
	alien = access.Actor{Person: "p2", Role: access.Clerk, Area: other}

	late = fault.New(fault.Conflict, "toy.not_now", "这件事的状态已经变了")
	own  = fault.New(fault.Conflict, "toy.own", "不能办自己的事")

	life = &flow.Table{
		Name: "toy", Start: "open", Final: []flow.State{"closed"},
		Rows:   []flow.Row{{From: "open", Do: "close", To: "closed", By: []access.Role{access.Clerk}}},
		States: []flow.Label[flow.State]{{Name: "open", Text: "在办"}, {Name: "closed", Text: "已结"}},
		Acts:   []flow.Label[flow.Act]{{Name: "close", Text: "结案"}},
	}
)

// toy is any row: a few columns of a table that there is.
type toy struct {
	ID      string
	Status  flow.State
	Version int
	Village access.Area
	Finding string
	Light   workday.Light
}

func (toy) TableName() string { return "redresses" }

func (r toy) Spine() docket.Spine {
	return docket.Spine{ID: r.ID, Village: r.Village, Status: r.Status, Version: r.Version, Light: r.Light}
}

type toys = docket.Docket[toy, toy]

// opened is a docket, and the id of its one row, which its village sees.
func opened(t *testing.T) (*toys, string) {
	t.Helper()
	s := storetest.Open(t)
	d := &toys{Store: s, Flow: life, Table: "redresses", Late: late}
	d.Load = func(db *gorm.DB, actor access.Actor, id string) (*toy, error) {
		return d.Find(db.Where("redresses.village = ?", actor.Area), id)
	}
	d.Show = func(_ context.Context, _ *gorm.DB, row *toy, _ access.Actor) (toy, error) { return *row, nil }
	d.Offers = func(row *toy, actor access.Actor) []flow.Offer { return life.Offers(row.Status, actor.Role) }
	var id string
	must(t, s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		id = tx.NewID()
		return tx.Table("redresses").Create(map[string]any{
			"id": id, "kind": "case", "object": "c1", "number": "n1", "county": village.County(), "town": village.Town(), "village": village, "office": "o1", "level": 5,
			"status": "open", "version": 1, "finding": "", "due_on": clock.DateOf(tx.Now), "provisional": false, "light": "green", "started_at": tx.Now,
			"created_at": tx.Now, "updated_at": tx.Now,
		}).Error
	}))
	return d, id
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// closing is a verb: version is what the client saw.
func closing(t *testing.T, d *toys, actor access.Actor, id string, version int) (toy, error) {
	return d.Write(t.Context(), actor, id, func(tx *store.Tx, row *toy) error {
		if _, err := d.Next(row, version, "close", actor.Role); err != nil {
			return err
		}
		_, err := d.Move(tx, row, "close", map[string]any{"finding": "true"}, "")
		return err
	})
}

func row(t *testing.T, d *toys, id string) (r toy) {
	t.Helper()
	must(t, d.Store.Read(t.Context()).Where("id = ?", id).Take(&r).Error)
	return r
}

func entries(t *testing.T, d *toys, act string) (n int64) {
	t.Helper()
	must(t, d.Store.Read(t.Context()).Table("trail").Where("act = ?", act).Count(&n).Error)
	return n
}

func TestWhoComesTooLateIsToldHowItStands(t *testing.T) {
	d, id := opened(t)
	if _, err := closing(t, d, clerk, id, 7); fault.Of(err).Fault != late {
		t.Fatalf("an old version: %v", err)
	}
	done, err := closing(t, d, clerk, id, 1)
	if err != nil || done.Status != "closed" || done.Version != 2 || done.Finding != "true" {
		t.Fatalf("%+v, %v", done, err)
	}
	_, err = closing(t, d, clerk, id, 1)
	told := fault.Of(err)
	if told.Fault != late || !errors.Is(err, flow.NotNow) || told.Current == nil || told.Current.Status != "closed" || told.Current.Version != 2 {
		t.Fatalf("the second: %v, %+v", err, told.Current)
	}
	if n := entries(t, d, "toy.close"); n != 1 {
		t.Errorf("%d rows in the trail", n)
	}
}

func TestWhatIsNotSeenIsNotThere(t *testing.T) {
	d, id := opened(t)
	if _, err := closing(t, d, alien, id, 1); !errors.Is(err, fault.NotFound) {
		t.Errorf("another village: %v", err)
	}
	if err := d.Standing(t.Context(), alien, id, store.ErrLost); !errors.Is(err, fault.NotFound) {
		t.Errorf("how it stands, for another village: %v", err)
	}
	if sees, err := docket.Sees(fault.NotFound); sees || err != nil {
		t.Errorf("%v, %v", sees, err)
	}
	if sees, err := docket.Sees(own); sees || !errors.Is(err, own) {
		t.Errorf("%v, %v", sees, err)
	}
}

func TestOtherErrorsStayAsTheyAre(t *testing.T) {
	d, id := opened(t)
	if err := d.Standing(t.Context(), clerk, id, own); fault.Of(err).Fault != own || fault.Of(err).Current == nil {
		t.Errorf("a conflict of the verb's own: %v", err)
	}
	for _, as := range []error{store.ErrInProgress, fault.NotYours, errors.New("broken")} {
		if err := d.Standing(t.Context(), clerk, id, as); !errors.Is(err, as) || fault.Of(err).Current != nil {
			t.Errorf("%v became %v", as, err)
		}
	}
}

func TestRaiseAndMarkLoseToWhoWasFaster(t *testing.T) {
	d, id := opened(t)
	read := row(t, d, id)
	change := func(by func(*store.Tx, *toy, map[string]any) error) error {
		return d.Store.Write(t.Context(), clerk, func(tx *store.Tx) error { return by(tx, &read, map[string]any{"finding": "mistaken"}) })
	}
	must(t, change(d.Mark))
	if now := row(t, d, id); now.Version != 1 || now.Finding != "mistaken" {
		t.Fatalf("marked: %+v", now)
	}
	must(t, change(d.Raise))
	if now := row(t, d, id); now.Version != 2 {
		t.Fatalf("raised: %+v", now)
	}
	for name, by := range map[string]func(*store.Tx, *toy, map[string]any) error{"mark": d.Mark, "raise": d.Raise} {
		if err := change(by); !errors.Is(err, store.ErrLost) {
			t.Errorf("%s on an old row: %v", name, err)
		}
	}
}

func TestALightIsAnnouncedOnce(t *testing.T) {
	d, id := opened(t)
	read := row(t, d, id)
	must(t, d.Turn(workday.Amber)(t.Context(), &read))
	if now := row(t, d, id); now.Light != workday.Amber || now.Version != 1 {
		t.Fatalf("%+v", now)
	}
	if err := d.Turn(workday.Amber)(t.Context(), &read); !errors.Is(err, store.ErrStays) {
		t.Errorf("again: %v", err)
	}
	if n := entries(t, d, "toy.light"); n != 1 {
		t.Errorf("%d rows in the trail", n)
	}
}

func TestOpenRowsGoOverAndClosedOnesStay(t *testing.T) {
	d, id := opened(t)
	for _, step := range []struct {
		old, to access.Area
		n       int
		at      access.Area
	}{
		{village + "01", other, 0, village}, // the table knows no grid
		{village, other, 1, other},
		{village, other, 0, other},
	} {
		if n, err := d.Carry(t.Context(), step.old, step.to); n != step.n || err != nil {
			t.Fatalf("%s: %d, %v", step.old, n, err)
		}
		if now := row(t, d, id); now.Village != step.at {
			t.Fatalf("%s: %+v", step.old, now)
		}
	}
	_, err := closing(t, d, alien, id, 0)
	must(t, err)
	if n, err := d.Carry(t.Context(), other, village); n != 0 || err != nil {
		t.Errorf("a closed one: %d, %v", n, err)
	}
	if n := entries(t, d, "toy.carry"); n != 1 {
		t.Errorf("%d rows in the trail", n)
	}
}

func TestLightAt(t *testing.T) {
	warn := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	end := warn.Add(24 * time.Hour)
	for _, c := range []struct {
		late *time.Time
		now  time.Time
		want workday.Light
	}{
		{&end, warn.Add(-time.Second), workday.Green}, {&end, warn, workday.Amber}, {&end, end.Add(-time.Second), workday.Amber}, {&end, end, workday.Red},
		{nil, end, workday.Amber}, // stopped, as it was kept
	} {
		if got := docket.LightAt(&warn, c.late, workday.Amber, c.now); got != c.want {
			t.Errorf("%s: %s, want %s", c.now, got, c.want)
		}
	}
	if docket.Worse("", workday.Green) || docket.Worse(workday.Green, "") || !docket.Worse(workday.Red, workday.Amber) || docket.Worse(workday.Amber, workday.Amber) {
		t.Error("Worse")
	}
}

func TestTypedAndChosen(t *testing.T) {
	for _, c := range []struct {
		text string
		clean,
		wrong string
		least int
	}{
		{"  材料齐全可以办 ", "材料齐全可以办", "", 5}, {" ", "", "", 0}, {" ", "", "body.text", 5}, {"太短", "", "body.text", 5},
		{"零一二三四五六七八九十", "", "body.text", 5}, {"太短", "太短", "", 0},
	} {
		clean, err := docket.Typed("body.text", c.text, c.least, 10)
		field := ""
		if err != nil {
			field = fault.Of(err).Fields[0].Location
		}
		if clean != c.clean || field != c.wrong {
			t.Errorf("%q: %q, %v", c.text, clean, err)
		}
	}
	type word struct{ Code, Text string }
	words := []word{{"phone", "电话"}, {"visit", "上门"}}
	if docket.OneOf("body.how", "visit", words) != nil || fault.Of(docket.OneOf("body.how", "", words)).Fields[0].Location != "body.how" {
		t.Error("OneOf")
	}
	if docket.TextOf(words, "visit") != "上门" || docket.TextOf(words, "fax") != "" {
		t.Error("TextOf")
	}
}
