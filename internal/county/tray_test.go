package county_test

import (
	"errors"
	"fmt"
	"testing"

	"tongban/internal/access"
	"tongban/internal/county"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// tray is an inbox with a toy in place of the desk of cases: a table of cases that obeys the county's rows of the flow.
type tray struct {
	*county.Desk
	store *store.Store
	keys  county.Keys
	m     *county.Mapping
}

const target = "/api/v1/county/callbacks"

func openTray(t testing.TB, s *store.Store) *tray {
	t.Helper()
	d, err := county.New(s, "county", keysOf(t, "k2", "k1"), mapping(t), quiet)
	if err != nil {
		t.Fatal(err)
	}
	return &tray{d, s, keysOf(t, "k1"), mapping(t)}
}

// toys makes the toy's tables: cases, and what was done to them.
func toys(t testing.TB, s *store.Store, refs ...string) {
	t.Helper()
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		for _, sql := range []string{
			"CREATE TABLE toys (ref VARCHAR(64) NOT NULL, status VARCHAR(16) NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (ref))",
			"CREATE TABLE toy_acts (id VARCHAR(36) NOT NULL, ref VARCHAR(64) NOT NULL, act VARCHAR(32) NOT NULL, event VARCHAR(64) NOT NULL, nth INTEGER NOT NULL, PRIMARY KEY (id))",
		} {
			if err := tx.Exec(sql).Error; err != nil {
				return err
			}
		}
		for _, ref := range refs {
			if err := tx.Exec("INSERT INTO toys VALUES (?, 'submitted', 1)", ref).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rows of the toy's flow, as the case's flow has them for the county, as far as these tests go.
var rows = map[string]string{
	"submitted receive": "received", "received accept": "accepted", "accepted review": "reviewing", "reviewing grant": "granted", "reviewing deny": "denied",
	"received ask_correction": "correcting", "granted deliver": "delivered", "reviewing suspend": "suspended", "suspended resume": "reviewing",
}

// play is what a desk of cases would do: the flow decides; what is not its turn waits, what is over is late.
func play(tx *store.Tx, e county.Event) (county.Outcome, error) {
	if tx.Actor.Role != access.County {
		return county.Outcome{}, errors.New("not the county")
	}
	var now struct {
		Status  string
		Version int
	}
	found := tx.Table("toys").Select("status", "version").Where("ref = ?", e.Ref).Scan(&now)
	if found.Error != nil {
		return county.Outcome{}, found.Error
	}
	if found.RowsAffected == 0 {
		return county.Outcome{Status: county.Unknown, Why: "no_case"}, nil
	}
	to, may := rows[now.Status+" "+string(e.Act)]
	if !may {
		return county.Outcome{Status: county.Waiting, Why: "flow.not_now"}, nil
	}
	moved := tx.Table("toys").Where("ref = ? AND status = ? AND version = ?", e.Ref, now.Status, now.Version).
		UpdateColumns(map[string]any{"status": to, "version": now.Version + 1})
	if moved.Error != nil {
		return county.Outcome{}, moved.Error
	}
	if moved.RowsAffected != 1 {
		return county.Outcome{}, store.ErrLost
	}
	err := tx.Exec("INSERT INTO toy_acts VALUES (?, ?, ?, ?, ?)", tx.NewID(), e.Ref, e.Act, e.ID, now.Version).Error
	return county.Outcome{Status: county.Applied}, err
}

func (d *tray) status(t testing.TB, ref string) (status string, acts []string) {
	t.Helper()
	if err := d.store.Read(t.Context()).Table("toys").Select("status").Where("ref = ?", ref).Scan(&status).Error; err != nil {
		t.Fatal(err)
	}
	if err := d.store.Read(t.Context()).Table("toy_acts").Where("ref = ?", ref).Order("nth, id").Pluck("act", &acts).Error; err != nil {
		t.Fatal(err)
	}
	return status, acts
}

func (d *tray) message(t testing.TB, e county.Event) county.Message {
	t.Helper()
	body, err := d.m.EncodeEvent(e)
	if err != nil {
		t.Fatal(err)
	}
	return county.Message{Method: "POST", Target: target, Body: body}
}

// tell sends an event, signed now.
func (d *tray) tell(t testing.TB, e county.Event) (county.Kept, error) {
	t.Helper()
	m := d.message(t, e)
	return d.Take(t.Context(), d.keys.Sign(d.store.Clock().Now(), m), m)
}

func (d *tray) told(t testing.TB, e county.Event) county.Kept {
	t.Helper()
	kept, err := d.tell(t, e)
	if err != nil {
		t.Fatalf("%s: %v", e.ID, err)
	}
	return kept
}

// admin is the county's system administrator.
var admin = access.Actor{Person: "p", Role: access.SystemAdmin, Area: "219901"}

// kept are the events in the inbox by the county's id.
func (d *tray) kept(t testing.TB) map[string]county.Kept {
	t.Helper()
	list, err := d.Events(t.Context(), admin, "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]county.Kept{}
	for _, k := range list {
		found[k.EventID] = k
	}
	return found
}

func (d *tray) count(t testing.TB, table string) (n int64) {
	t.Helper()
	if err := d.store.Read(t.Context()).Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func event(seq int, act county.Act) county.Event {
	e := county.Event{ID: fmt.Sprintf("E%d-%s", seq, act), Ref: "BJ1", Number: "N1", Act: act, Seq: seq, At: storetest.Monday, Opinion: "王桂兰的材料齐全"}
	if act == county.AskCorrection {
		e.Defects = []county.Defect{{ID: "d1", Material: "户口簿", Reason: "missing", Text: "缺户口簿"}}
	}
	return e
}
