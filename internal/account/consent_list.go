package account

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Given is a consent as those whom it concerns, its giver, and the clerk are told of it.
type Given struct {
	ID          string
	Person      string // whom it is about
	GivenBy     string // himself, or his guardian
	Kind        string
	KindText    string
	TextVersion string
	How         string
	At          time.Time
	WithdrawnAt *time.Time
	// WithdrawnHow: as How. A clerk says it; it may be empty for who did it on his own screen, and is where the account was closed.
	WithdrawnHow string
	// Lapsed: a guardian gave it for a child that is fourteen by now, and has to be asked itself (PIPL 31).
	Lapsed  bool
	Follows string // what comes of withdrawing it; of a withdrawn one, what came; of a lapsed one, what to do
}

// The kinds of consent.
const (
	ToRegistration = "registration"
	ToActing       = "acting"
	ToGuardian     = "guardian"
	ToLocker       = "locker"
	ToLookUp       = "look_up"
)

// consentKinds are what people agree to, and what withdrawing means (PIPL 15: it undoes nothing that was done before).
var consentKinds = map[string]struct{ text, follows string }{
	ToRegistration: {"登记个人信息", "撤回登记同意就是注销：以后不能再登录，已经办过的事不受影响。请用“注销账户”办理，或到村便民服务站办理。"},
	ToActing:       {"请亲友代办", "撤回以后，代办人马上不能再看您的事，也不能再替您办。代办人已经替您提交的，照常办理。"},
	ToGuardian:     {"登记为监护人", "监护人不能自己撤。监护有变化的，请带上文书到村便民服务站办理。"},
	ToLookUp:       {"请县里查一份材料", "这份同意只管那一次，查过的撤回不了。再查要重新同意；不想再查的，按告知单交材料。"},
	ToLocker:       {"材料存起来再用", "撤回以后，存着的这份材料马上不能再用。已经用它提交的事照常办理，还没有提交的要重新交这份材料。"},
}

// What is told of a consent that a guardian gave for a child.
const (
	forChild   = "撤回只由同意的那位监护人办，已经办过的事不受影响。撤回以后要清除孩子的登记信息，请监护人到村便民服务站办理注销。"
	childGrown = "孩子已满十四周岁，监护人的同意到此为止：请本人看过告知书，再自己同意一次。已经办过和正在办的事不受影响。"
)

func given(c consentRow) Given {
	kind := consentKinds[c.Kind]
	g := Given{
		ID: c.ID, Person: c.Person, GivenBy: c.GivenBy, Kind: c.Kind, KindText: kind.text, TextVersion: c.TextVersion, How: c.How, At: c.At,
		WithdrawnAt: c.WithdrawnAt, WithdrawnHow: c.WithdrawnHow, Follows: kind.follows,
	}
	if g.ForChild() && c.Kind == ToRegistration {
		g.Follows = forChild
	}
	return g
}

// ForChild reports whether a guardian gave it for somebody else.
func (g Given) ForChild() bool { return g.GivenBy != g.Person }

// consentsOf keeps a query on consents to what somebody gave, or what was given for him.
func consentsOf(db *gorm.DB, person string) *gorm.DB {
	return db.Where("(person = ? OR given_by = ?)", person, person)
}

// Consents are what the resident has agreed to, for himself and for a child, and what his guardian has for him; newest first.
func (d *Desk) Consents(ctx context.Context, actor access.Actor, after string, limit int) ([]Given, error) {
	if err := actor.Must(access.Resident); err != nil {
		return nil, err
	}
	return d.givenBy(d.store.Read(ctx), actor.Person, after, limit)
}

// ResidentConsents are the same of a resident, for the clerk of his village.
func (d *Desk) ResidentConsents(ctx context.Context, actor access.Actor, id, after string, limit int) ([]Given, error) {
	db := d.store.Read(ctx)
	if _, err := onePerson(seenBy(actor)(db).Where("id = ? AND kind = ?", id, residentKind)); err != nil {
		return nil, err
	}
	if err := actor.Must(access.Clerk); err != nil {
		return nil, err
	}
	if err := Attends(db, actor, id); err != nil {
		return nil, err
	}
	return d.givenBy(db, id, after, limit)
}

// givenBy asks for both sides apart, so that each has its index, and puts the two pages into one.
func (d *Desk) givenBy(db *gorm.DB, person, after string, limit int) ([]Given, error) {
	var rows, others []consentRow
	if err := store.Page(db.Where("person = ?", person), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	if err := store.Page(db.Where("given_by = ? AND person <> ?", person, person), after, limit).Find(&others).Error; err != nil {
		return nil, err
	}
	rows = append(rows, others...)
	slices.SortFunc(rows, func(a, b consentRow) int { return strings.Compare(b.ID, a.ID) })
	list := pluck(rows[:min(len(rows), limit)], given)
	for i, g := range list {
		if err := d.lapse(db, &g); err != nil {
			return nil, err
		}
		list[i] = g
	}
	return list, nil
}

// lapse finds out whether the child is fourteen by now.
func (d *Desk) lapse(db *gorm.DB, g *Given) error {
	if !g.ForChild() || g.WithdrawnAt != nil {
		return nil
	}
	p, err := personByID(db, g.Person)
	if err != nil {
		return err
	}
	born, err := p.born(d.store.Keys())
	if err == nil && !born.Under(OwnConsent, clock.DateOf(d.now())) {
		g.Lapsed, g.Follows = true, childGrown
	}
	return err
}

// ConsentOf is one of those, read in the transaction of an act on it.
func (d *Desk) ConsentOf(tx *store.Tx, person, id string) (Given, error) {
	var rows []consentRow
	if err := consentsOf(tx.DB, person).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return Given{}, err
	}
	if len(rows) == 0 {
		return Given{}, fault.NotFound
	}
	g := given(rows[0])
	return g, d.lapse(tx.DB, &g)
}

// ConsentsByID are consents as they stand now, by their ids. The desk that asks has found out that the reader may know of them.
func (d *Desk) ConsentsByID(db *gorm.DB, ids ...string) (map[string]Given, error) {
	list := make(map[string]Given, len(ids))
	if len(ids) == 0 {
		return list, nil
	}
	var rows []consentRow
	if err := db.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		g := given(row)
		if err := d.lapse(db, &g); err != nil {
			return nil, err
		}
		list[g.ID] = g
	}
	return list, nil
}

// Agreed keeps a consent to registration, and tells of it. The same to the same version again is the one that there is.
func (d *Desk) Agreed(tx *store.Tx, person string, c Consent) (Given, error) {
	giver := person
	if c.GivenBy != "" {
		giver = c.GivenBy
	}
	var rows []consentRow
	err := tx.Where("person = ? AND kind = ? AND given_by = ? AND text_version = ? AND withdrawn_at IS NULL", person, ToRegistration, giver, c.TextVersion).
		Order("id DESC").Limit(1).Find(&rows).Error
	if err != nil {
		return Given{}, err
	}
	if len(rows) > 0 {
		return given(rows[0]), nil
	}
	id, err := c.KeepAs(tx, ToRegistration, person)
	if err != nil {
		return Given{}, err
	}
	return d.ConsentOf(tx, person, id)
}
