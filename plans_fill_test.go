//go:build !race

package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/courier"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/rating"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
	"tongban/internal/workday"
)

// crowd fills a database with what a few years leave behind, past the desks: three counties of twenty villages each, the
// demo's among them. Row i is the same in every run.
type crowd struct {
	store    *store.Store
	villages []access.Area
	leads    []lead // offices of the demo county
	clerk    string // the demo's clerk of 杏林村, who files for people there
	resident string // somebody of 杏林村 with a hundred appeals
	id       string // his ID number
	mobile   string // his phone
	hall     lead   // the county's, with its window
	reviewer string
	decider  string

	reviewerPost string
	mark         string      // of the calendar by which open cases were counted
	month        time.Time   // between the newest rows and the oldest
	from, to     int         // rows being made
	dues         map[int]due // first rows, for the rounds to find
}

// lead is an office with the officer who handles its appeals.
type lead struct{ office, person string }

// due is what a round has to do with an appeal.
type due struct {
	status     flow.State
	light      workday.Light
	warn, late time.Duration // from monday; 0 for none
	next       bool
	year       bool // its due date hangs on a calendar that is still to come
}

const (
	batchSize = 500 // rows of a transaction
	year      = 365 * 24 * time.Hour
	history   = 4 * year
	inFlight  = 40 // letters that wait, however many are done
)

var monday = storetest.Monday.UTC()

func (c *crowd) begin(leads []lead, clerk string) {
	for _, county := range []string{"219901", "219902", "219903"} {
		for _, town := range []string{"101", "201", "102", "103"} {
			for _, village := range []string{"201", "202", "203", "204", "205"} {
				c.villages = append(c.villages, access.Area(county+town+village))
			}
		}
	}
	c.leads, c.clerk, c.month = leads, clerk, monday.Add(-year/2)
	c.resident, c.mobile, c.id = c.person(0), "13900000000", "11010519491231002X"
	handling := []flow.State{appeal.Dispatched, appeal.Handling}
	c.dues = map[int]due{}
	for i := range 12 {
		d := due{status: handling[i%2], light: workday.Green}
		switch i % 4 {
		case 0:
			d.warn, d.late = -2*time.Hour, -time.Hour
		case 1:
			d.warn, d.late = -time.Hour, 48*time.Hour
		case 2:
			d.status, d.next = appeal.Replied, true
		case 3:
			d.warn, d.late, d.year = 24*time.Hour, 48*time.Hour, true
		}
		c.dues[i+1] = d
	}
}

// at is when row i was made. The first rows lie in the last year, what is grown in the years before: what is under way stays, and the history
// becomes longer, as in a county whose desks keep up.
func (c *crowd) at(i int) time.Time {
	share := float64(i-c.from) / float64(c.to-c.from)
	if c.past() {
		return monday.Add(-year - history + time.Duration(share*float64(history))).Truncate(time.Second)
	}
	return monday.Add(-year + time.Duration(share*float64(year))).Truncate(time.Second)
}

// past: the rows that are being made are history.
func (c *crowd) past() bool { return c.from > 0 }

// grow adds the rows of from up to to.
func (c *crowd) grow(t *testing.T, from, to int) {
	t.Helper()
	c.from, c.to = from, to
	for ; from < to; from += batchSize {
		err := c.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
			var b batch
			for i := from; i < min(from+batchSize, to); i++ {
				c.add(&b, i)
			}
			return b.create(tx, c.together())
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// batch is rows to be inserted together; those of tables that no package shows are maps.
type batch struct {
	appeals    []appeal.Appeal
	events     []appeal.Event
	letters    []store.Letter
	cases      []casework.Case
	caseEvents []casework.Event
	trail      []store.TrailRow
	messages   []courier.Message
	files      []file.File
	ratings    []rating.Rating
	others     map[string][]map[string]any
}

// together is how many rows go into one statement: the time that SQLite's driver takes for its values grows with their square.
func (c *crowd) together() int {
	if c.store.Engine() == "sqlite" {
		return 10
	}
	return 100
}

func (b *batch) create(tx *store.Tx, together int) error {
	for _, rows := range []any{b.appeals, b.events, b.cases, b.caseEvents, b.letters, b.trail, b.messages, b.files, b.ratings} {
		if err := tx.CreateInBatches(rows, together).Error; err != nil {
			return err
		}
	}
	for table, rows := range b.others {
		if err := tx.Table(table).CreateInBatches(rows, together).Error; err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) other(table string, row map[string]any) {
	if b.others == nil {
		b.others = map[string][]map[string]any{}
	}
	b.others[table] = append(b.others[table], row)
}

// add makes appeal i, case i, and everything that hangs on them.
func (c *crowd) add(b *batch, i int) {
	if *onlyCases && i >= baseGrowth {
		c.kase(b, i)
		return
	}
	r := rand.New(rand.NewPCG(uint64(i), 1))
	a := c.appeal(r, i)
	b.appeals = append(b.appeals, a)
	for n, act := range []flow.Act{appeal.Accept, appeal.Dispatch, appeal.Reply} {
		b.events = append(b.events, appeal.Event{
			ID: c.key('e', i, n, a.CreatedAt), Appeal: a.ID, Version: n + 2, At: a.CreatedAt, Act: act,
			FromStatus: appeal.Submitted, ToStatus: a.Status, Role: access.Dispatcher, Visible: true, Data: "{}",
		})
	}
	if a.Office != "" {
		b.other("appeal_offices", map[string]any{"appeal": a.ID, "office": a.Office, "leads": true})
		if co := c.leads[(i+1)%len(c.leads)].office; i%6 == 0 && co != a.Office {
			b.other("appeal_offices", map[string]any{"appeal": a.ID, "office": co, "leads": false})
		}
	}
	if a.AboutOffice != "" {
		b.other("appeal_about", map[string]any{"appeal": a.ID, "person": "", "office": a.AboutOffice})
	}
	c.post(b, a, i)
	c.kase(b, i)
	if i%2 == 0 {
		c.settle(b, i, a.CreatedAt)
	}
	if i%4 == 0 {
		c.visit(b, i)
	}
}

// post makes what the appeal's acts left in the outbox, the trail, the inbox, the folder of photos and among the ratings.
func (c *crowd) post(b *batch, a appeal.Appeal, i int) {
	at := a.CreatedAt
	for n := range 2 {
		l := store.Letter{
			ID: c.key('l', i, n, at), Topic: "appeal.dispatch", Kind: "appeal", Object: a.ID, Area: string(a.Village), Data: "null",
			Status: store.LetterDone, Attempts: 1, NextAt: at, LeaseOwner: "somebody", CreatedAt: at, DoneAt: &at,
		}
		switch {
		case i < inFlight && n == 1:
			l.Status, l.Attempts, l.DoneAt, l.LeaseOwner = store.LetterWaiting, 0, nil, ""
		case i%1000 == 999 && !c.past():
			l.Status, l.DoneAt = store.LetterStuck, nil
		default:
			b.other("deliveries", map[string]any{"letter": l.ID, "channel": "inbox", "done_at": at})
		}
		b.letters = append(b.letters, l)
		b.trail = append(b.trail, store.TrailRow{
			ID: c.key('t', i, n, at), Area: string(a.Village), Day: clock.DateOf(at), Seq: 2*i + n + 1, At: at, Person: a.Owner,
			Act: "appeal.dispatch", Kind: "appeal", Object: a.ID, Body: "{}", Hash: "-",
		})
	}
	if a.Applicant != "" {
		b.messages = append(b.messages, courier.Message{
			ID: c.key('m', i, 0, at), Letter: c.key('l', i, 0, at), Person: a.Applicant, Kind: "appeal", Object: a.ID, Text: "已派给承办单位", CreatedAt: at,
		})
	}
	if i%3 == 0 {
		id := c.key('f', i, 0, at)
		b.files = append(b.files, file.File{ID: id, Owner: c.person(i), Kind: "appeal", Object: a.ID, Area: string(a.Village), Size: 1, Name: id, CreatedAt: at})
	}
	if a.Status == appeal.Concluded && i%3 == 0 {
		b.ratings = append(b.ratings, rating.Rating{
			ID: c.key('r', i, 0, at), Kind: "appeal", Object: a.ID, Person: a.Applicant, County: a.County, Town: a.Town, Village: a.Village,
			Level: rating.Satisfied, CreatedAt: at,
		})
	}
}

// settle registers a resident and makes a notice for him.
func (c *crowd) settle(b *batch, i int, at time.Time) {
	keys, village := c.store.Keys(), c.village(i)
	id := c.person(i)
	name, _ := secret.ParseName("张三")
	mobile := fmt.Sprintf("139%08d", i)
	phone, _ := secret.ParsePhone(mobile)
	index := fmt.Sprintf("%064x", i)
	if i == 0 {
		number, _ := secret.ParseIDNumber(c.id, clock.DateOf(monday))
		index = number.Index(keys)
	}
	b.trail = append(b.trail, store.TrailRow{
		ID: c.key('x', i, 0, at), Area: string(village), Day: clock.DateOf(at), Seq: 10_000_000 + i, At: at, Person: c.clerk,
		Act: "person.read", Kind: "person", Object: id, Body: "{}", Hash: "-",
	})
	sealed := func(column string) secret.Where { return secret.Where{Table: "persons", Column: column, Row: id} }
	b.other("persons", map[string]any{
		"id": id, "kind": "resident", "name": name.Seal(keys, sealed("name")), "phone": phone.Seal(keys, sealed("phone")),
		"phone_index": phone.Index(keys), "id_index": index, "wechat_index": fmt.Sprintf("w%063x", i),
		"county": village.County(), "town": village.Town(), "village": village, "grid": c.grid(i), "password": "", "must_change": false,
		"token_version": 1, "demo": false, "version": 1, "created_at": at, "updated_at": at,
	})
	state := []string{"asked", "agreed", "refused", "withdrawn"}[i/2%4]
	b.other("corrections", map[string]any{
		"id": c.key('c', i, 0, at), "person": id, "village": village, "field": "name", "status": state, "version": 1, "decided_by": "", "created_at": at, "updated_at": at,
	})
	b.other("consents", map[string]any{
		"id": c.key('k', i, 0, at), "person": id, "kind": "registration", "text_version": "-", "how": "signed", "given_by": id, "recorded_by": c.clerk, "at": at,
	})
	day := clock.DateOf(at)
	b.other("locker_papers", map[string]any{
		"id": c.key('l', i, 0, at), "person": id, "kind": "id_card", "consent": c.key('k', i, 0, at), "consent_until": day.AddDays(900), "over_on": day.AddDays(900),
		"from_case": "", "put_by": c.clerk, "put_role": "clerk", "uses": 1, "created_at": at, "removed_by": "", "removed_why": "",
	})
	b.other("locker_pages", map[string]any{"paper": c.key('l', i, 0, at), "place": 0, "file": c.key('l', i, 1, at), "sha256_sent": "-", "sha256_stored": "-"})
	b.other("locker_uses", map[string]any{
		"id": c.key('l', i, 2, at), "paper": c.key('l', i, 0, at), "case_id": "-", "material": "id_card", "used_by": c.clerk, "role": "clerk", "used_at": at,
	})
	b.other("actings", map[string]any{
		"id": c.key('h', i, 0, at), "principal": id, "helper": c.person(i + 2), "asked_index": fmt.Sprintf("%064x", i), "scope": "all", "status": "ended", "version": 2, "consent": "-",
		"valid_from": clock.DateOf(at), "valid_until": clock.DateOf(at), "ended_by": id, "created_at": at, "updated_at": at,
	})
	b.other("notices", map[string]any{
		"id": c.key('n', i, 0, at), "number": fmt.Sprintf("GZ%018d", i), "code": fmt.Sprintf("%012X", i), "query_mac": "-", "item": "-", "version": 1,
		"answers": []byte("-"), "county": village.County(), "town": village.Town(), "village": village, "created_at": at,
	})
}

// visit makes what requests leave behind: keys, counted tries, sessions, heads of the trail.
func (c *crowd) visit(b *batch, i int) {
	lately := monday.Add(-time.Duration(i%(6*24*3600)) * time.Second)
	over := lately.Add(7 * 24 * time.Hour)
	if i < inFlight {
		lately, over = monday.Add(-year), monday.Add(-time.Hour) // for the sweeps to find
	}
	b.other("idempotency", map[string]any{
		"caller": c.person(i), "idem_key": fmt.Sprintf("key-%d", i), "operation": "submitAppeal", "hash": "-", "answer": []byte("-"),
		"created_at": lately, "expires_at": over,
	})
	b.other("uploads", map[string]any{
		"id": c.key('y', i, 0, lately), "owner": c.person(i), "area": c.village(i), "sha256": "-", "size": 1, "received": 1, "file": "", "created_at": monday,
	})
	b.other("upload_pieces", map[string]any{"upload": c.key('y', i, 0, lately), "at": 0, "size": 1, "name": fmt.Sprintf("%032x.part", i)})
	b.other("tries", map[string]any{"kind": "track_address", "subject": fmt.Sprintf("%064x", i), "since": lately, "used": 1})
	b.other("sessions", map[string]any{
		"id": c.key('s', i, 0, lately), "person": c.person(i), "post": "", "ver": 1, "device": "", "generation": 1, "refresh_hash": "-", "rotated_at": lately,
		"created_at": lately, "seen_at": lately, "idle_until": over, "ends_at": over, "why": "",
	})
	b.other("trail_heads", map[string]any{
		"area": c.villages[i/4%len(c.villages)], "day": clock.DateOf(monday.Add(-20 * year)).AddDays(i / 4 / len(c.villages)), "prev_day": "", "start": "-",
		"length": 1, "hash": "-", "mac": "-",
	})
}

// key is an id of the UUIDv7 shape: its time, a letter for the kind of row, the row's number, and which of several it is.
func (c *crowd) key(kind byte, i, n int, at time.Time) string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMilli())<<16)
	id[6], id[7], id[8], id[9] = 0x70, byte(n), 0x80, kind
	binary.BigEndian.PutUint32(id[12:], uint32(i))
	return hex.EncodeToString(id[:4]) + "-" + hex.EncodeToString(id[4:6]) + "-" + hex.EncodeToString(id[6:8]) + "-" + hex.EncodeToString(id[8:10]) + "-" + hex.EncodeToString(id[10:])
}

// person is the id of the resident who hands in appeal i: most hand in two.
func (c *crowd) person(i int) string {
	return c.key('p', i/2*2, 0, monday.Add(-2*year).Add(time.Duration(i/2)*time.Second))
}

// village of row i; every second row lies in the demo county, and the first one in 杏林村.
func (c *crowd) village(i int) access.Area {
	n := i / 2
	if n%2 == 0 {
		return c.villages[n/2%20]
	}
	return c.villages[20+n/2%40]
}

func (c *crowd) grid(i int) access.Area {
	return c.village(i) + access.Area([]string{"01", "02"}[i/160%2])
}
