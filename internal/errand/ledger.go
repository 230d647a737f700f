package errand

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/store"
)

const (
	perPiece    = 500  // errands that are read at once
	mostEntries = 5000 // of one ledger: a county with more takes it by town
	mostInFull  = 500  // with names in full
)

// wholeLedgers bounds how often somebody takes names in full away with him: a month has one ledger, and a printer may jam.
var wholeLedgers = store.Allowance{Kind: "ledger_whole", Most: 3, Window: 24 * time.Hour}

// LedgerOrder asks for the ledger (代办台账) of a month: the errands that were entrusted in it.
type LedgerOrder struct {
	Month clock.Date  // its first day
	Area  access.Area // the actor's own or one below it; empty for his own
	Names *account.Look
}

// Ledger is a month's errands, oldest first, and their figures.
type Ledger struct {
	Month    clock.Date
	Area     access.Area
	AreaName string
	MadeAt   time.Time
	Entries  []Entry
	Offices  []Figure
	Villages []Figure
}

// Entry is one line of a ledger. Names are masked unless they were asked for in full.
type Entry struct {
	Errand
	PrincipalName string
	EntrusterName string // empty: himself, or not asked for
	AgentName     string
	DeputyName    string // who stood in for the agent; empty: nobody did
	ReceiverName  string // likewise
	VillageName   string
	OfficeName    string
	Case          casework.Fact // empty until it is filed: what becomes of the case without the errand is not the errand's
	Waited        int           // working days from filing to decision; below 0 while there is none, or it came too late for the errand
	Taken         int           // papers that came in
	Returned      int
	Said          map[flow.Act]*time.Time // when acts were done, where the clerk told it later
}

// Ledger puts the ledger of a month together, for a clerk of his village and for a supervisor of his area. That it was taken is
// a row of the trail. Names in full only the clerk of the village gets, while he serves nobody, and says why; each is a read in the trail.
func (d *Desk) Ledger(ctx context.Context, actor access.Actor, order LedgerOrder) (Ledger, error) {
	if err := actor.Must(access.Clerk, access.Supervisor); err != nil {
		return Ledger{}, err
	}
	l := Ledger{Month: order.Month, MadeAt: moment(d.store.Clock().Now())}
	var err error
	if l.Area, l.AreaName, err = d.within(ctx, actor, order.Area); err != nil {
		return Ledger{}, err
	}
	most, reason := mostEntries, ""
	if order.Names != nil {
		if err := actor.Must(access.Clerk); err != nil {
			return Ledger{}, err
		}
		if err := account.ServesNobody(d.store.Read(ctx), actor); err != nil {
			return Ledger{}, err
		}
		most = mostInFull
		if reason, err = order.Names.Reason(); err != nil {
			return Ledger{}, err
		}
	}
	if err := d.entries(ctx, actor, &l, most); err != nil {
		return Ledger{}, err
	}
	if err := d.addUp(ctx, &l); err != nil {
		return Ledger{}, err
	}
	if order.Names != nil { // counted before anything is told
		if wait, err := d.store.Try(ctx, wholeLedgers, actor.Person); err != nil || wait > 0 {
			if err != nil {
				return Ledger{}, err
			}
			return Ledger{}, ErrLedgerQuota.After(wait)
		}
	}
	err = d.store.Write(store.WithClaim(ctx, nil), actor, func(tx *store.Tx) error {
		taken := store.Entry{Act: "errand.export", Kind: "ledger", Object: string(l.Area), Area: l.Area, Why: fmt.Sprintf("month=%.7s rows=%d", order.Month, len(l.Entries))}
		if order.Names != nil {
			taken.Why += " " + reason
			taken.Fields = order.Names.Fields
			if err := d.nameInFull(tx, l.Entries, reason); err != nil {
				return err
			}
		}
		tx.Trail(taken)
		return nil
	})
	return l, err
}

// within is the area that is asked for, which must be the actor's own or lie in it.
func (d *Desk) within(ctx context.Context, actor access.Actor, area access.Area) (access.Area, string, error) {
	if area == "" {
		area = actor.Area
	}
	if !actor.Area.Contains(area) {
		return "", "", fault.NotFound
	}
	known, err := d.people.Area(ctx, area)
	return area, known.Name, err
}

// ofMonths narrows to the errands of an area that were entrusted from one month on and before another: ids grow with time, so the
// index of the area has them in one piece.
func ofMonths(db *gorm.DB, area access.Area, from, before clock.Date) *gorm.DB {
	return db.Where("errands."+string(area.Level())+" = ?", area).
		Where("errands.id >= ? AND errands.id < ?", store.FirstID(from.Start()), store.FirstID(before.Start()))
}

func nextMonth(month clock.Date) clock.Date {
	next := month.AddDays(31)
	next.Day = 1
	return next
}

// entries reads the month's errands in pieces, with masked names.
func (d *Desk) entries(ctx context.Context, actor access.Actor, l *Ledger, most int) error {
	places, err := d.places(ctx, l.Area)
	if err != nil {
		return err
	}
	for after := ""; ; {
		db := d.store.Read(ctx)
		var rows []Errand
		found := ofMonths(seenBy(actor)(db), l.Area, l.Month, nextMonth(l.Month)).Where("errands.id > ?", after)
		if err := found.Order("errands.id").Limit(perPiece).Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		if len(l.Entries)+len(rows) > most {
			return ErrLedgerLarge
		}
		after = rows[len(rows)-1].ID
		piece, err := d.piece(ctx, db, rows, places)
		if err != nil {
			return err
		}
		l.Entries = append(l.Entries, piece...)
	}
}

// piece adds to errands what a ledger says besides.
func (d *Desk) piece(ctx context.Context, db *gorm.DB, rows []Errand, places *places) ([]Entry, error) {
	var ids, cases, people []string
	for _, r := range rows {
		ids, cases, people = append(ids, r.ID), append(cases, r.CaseID), append(people, r.Agent, r.Deputy, r.Principal)
	}
	names, err := d.people.PersonNames(ctx, people...)
	if err != nil {
		return nil, err
	}
	facts, err := casework.Facts(db, cases...)
	if err != nil {
		return nil, err
	}
	var papers []struct {
		ErrandID        string
		Taken, Returned int
	}
	err = db.Table("errand_papers p").Select("p.errand_id, SUM(CASE WHEN p.returns = '' THEN p.count ELSE 0 END) AS taken,"+
		" SUM(CASE WHEN p.returns = '' THEN 0 ELSE p.count END) AS returned").Where("p.errand_id IN ?", ids).Group("p.errand_id").Find(&papers).Error
	if err != nil {
		return nil, err
	}
	said, err := saidOf(db, ids...)
	if err != nil {
		return nil, err
	}
	stood, err := stoodIn(db, ids...)
	if err != nil {
		return nil, err
	}
	list := make([]Entry, 0, len(rows))
	for _, r := range rows {
		e := Entry{Errand: r, PrincipalName: masked(names, r.Principal), AgentName: masked(names, r.Agent), Waited: -1, Said: said[r.ID]}
		if stood[r.ID] {
			e.DeputyName = masked(names, r.Deputy)
		}
		if r.FiledAt != nil {
			e.Case = facts[r.CaseID]
		}
		if e.VillageName, err = places.village(ctx, r.Village); err != nil {
			return nil, err
		}
		if e.OfficeName, err = places.office(ctx, e.Case.Office); err != nil {
			return nil, err
		}
		if e.fact().decided() {
			e.Waited = d.cases.Workdays(*r.FiledAt, *e.Case.DecidedAt)
		}
		for _, p := range papers {
			if p.ErrandID == r.ID {
				e.Taken, e.Returned = p.Taken, p.Returned
			}
		}
		list = append(list, e)
	}
	return list, nil
}

func (e Entry) fact() fact {
	return fact{e.ID, e.Status, e.Village, e.CreatedAt, e.FiledAt, e.ResultAt, e.Case.DecidedAt, e.Case.Office, e.Case.Corrections}
}

// saidOf is when acts on errands were done, by errand and act, where the clerk told it later than he did it.
func saidOf(db *gorm.DB, ids ...string) (map[string]map[flow.Act]*time.Time, error) {
	var rows []Event
	err := db.Select("errand_id", "version", "act", "done_at").Where("errand_id IN ? AND done_at IS NOT NULL", ids).Find(&rows).Error
	slices.SortFunc(rows, func(a, b Event) int { return b.Version - a.Version }) // a few: the database would sort all
	said := map[string]map[flow.Act]*time.Time{}
	for _, r := range rows {
		if said[r.ErrandID] == nil {
			said[r.ErrandID] = map[flow.Act]*time.Time{}
		}
		said[r.ErrandID][r.Act] = r.DoneAt // of an act that was done again, the first
	}
	return said, err
}

// stoodIn are the errands on which somebody stood in for the agent.
func stoodIn(db *gorm.DB, ids ...string) (map[string]bool, error) {
	var list []string
	err := db.Model(&Event{}).Where("errand_id IN ? AND stood_for <> ''", ids).Pluck("errand_id", &list).Error
	stood := map[string]bool{}
	for _, id := range list {
		stood[id] = true
	}
	return stood, err
}

func masked(names map[string]secret.Name, id string) string {
	name, known := names[id]
	if !known {
		return "" // given up after its time
	}
	return name.String()
}

// nameInFull puts the whole names in the place of the masks, and opens who entrusted and who received.
func (d *Desk) nameInFull(tx *store.Tx, list []Entry, reason string) error {
	var ids []string
	for i := range list {
		ids = append(ids, list[i].Principal, list[i].Agent)
		if list[i].DeputyName != "" {
			ids = append(ids, list[i].Deputy)
		}
	}
	slices.Sort(ids)
	names, err := d.people.NamesInFull(tx, reason, slices.Compact(ids)...)
	if err != nil {
		return err
	}
	for i := range list {
		e := &list[i]
		e.PrincipalName, e.AgentName = names[e.Principal], names[e.Agent]
		if e.DeputyName != "" {
			e.DeputyName = names[e.Deputy]
		}
		if e.EntrusterName, err = d.opened(sealed("entruster", e.ID), e.Entruster); err != nil {
			return err
		}
		if e.ReceiverName, err = d.opened(sealed("receiver", e.ID), e.Receiver); err != nil {
			return err
		}
	}
	return nil
}

// withoutResult are the states in which an errand ended without its result, unless that had come before.
var withoutResult = []flow.State{Stopped, Revoked}

// places know the names of villages and offices, each looked up once. What has no name any more is told by its code.
type places struct {
	desk     *Desk
	villages map[access.Area]string
	offices  map[string]string
}

func (d *Desk) places(ctx context.Context, in access.Area) (*places, error) {
	p := &places{d, map[access.Area]string{}, map[string]string{"": ""}}
	villages, err := d.people.Villages(ctx, in)
	for _, v := range villages {
		p.villages[v.Code] = v.Name
	}
	return p, err
}

func (p *places) village(ctx context.Context, code access.Area) (string, error) {
	if name, known := p.villages[code]; known {
		return name, nil
	}
	area, err := p.desk.people.Area(ctx, code)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return "", err
	}
	p.villages[code] = cmp.Or(area.Name, string(code))
	return p.villages[code], nil
}

func (p *places) office(ctx context.Context, id string) (string, error) {
	if name, known := p.offices[id]; known {
		return name, nil
	}
	office, err := p.desk.people.Office(ctx, id)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return "", err
	}
	p.offices[id] = cmp.Or(office.Name, id)
	return p.offices[id], nil
}
