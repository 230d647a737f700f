package rating

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// RedressSeen is a redress as its workers know it: what was rated and how, never by whom.
type RedressSeen struct {
	ID, Kind, Object, Number string
	Village                  access.Area
	Office                   string
	Level                    Level
	Status                   flow.State
	StatusText               string
	Version                  int
	Finding                  string
	DueOn                    clock.Date
	Provisional              bool
	Light                    workday.Light
	CreatedAt                time.Time
	ContactedAt              *time.Time
	CorrectedAt              *time.Time
	AnsweredAt               *time.Time
	ReopenedAt               *time.Time
	ClosedAt                 *time.Time
	Offers                   []flow.Offer

	Addition *Added // the second rating (追评), in lists without its words; nil when there is none

	Text    string             // of the rating; from here on not in lists
	History []RedressHappening // oldest first
}

// RedressHappening is one line of the history.
type RedressHappening struct {
	At    time.Time
	Act   flow.Act
	Text  string
	From  flow.State
	To    flow.State
	Role  access.Role
	Actor string
	Words string
	Code  string
}

func (d *Desk) seen(r *Redress, actor access.Actor) RedressSeen {
	return RedressSeen{
		ID: r.ID, Kind: r.Kind, Object: r.Object, Number: r.Number, Village: r.Village, Office: r.Office, Level: r.Level, Status: r.Status, StatusText: Flow.Text(r.Status),
		Version: r.Version, Finding: r.Finding, DueOn: r.DueOn, Provisional: r.Provisional, Light: r.lightAt(d.store.Clock().Now()), CreatedAt: r.CreatedAt,
		ContactedAt: r.ContactedAt, CorrectedAt: r.CorrectedAt, AnsweredAt: r.AnsweredAt, ReopenedAt: r.ReopenedAt, ClosedAt: r.ClosedAt, Offers: offers(r, actor), History: []RedressHappening{},
	}
}

// whole is the view with all that belongs to the redress. Whoever had a hand in what was rated is offered nothing, and whoever
// had a part in the work not its check.
func (d *Desk) whole(_ context.Context, db *gorm.DB, r *Redress, actor access.Actor) (s RedressSeen, err error) {
	s = d.seen(r, actor)
	if err := d.apart(db, r, actor.Person); fault.Of(err).Code == ErrOwnHandling.Code && err != nil {
		s.Offers = []flow.Offer{}
	} else if err != nil {
		return s, err
	}
	his, err := hadPart(db, r.ID, actor.Person)
	if err != nil {
		return s, err
	}
	if his {
		s.Offers = slices.DeleteFunc(s.Offers, func(o flow.Offer) bool { return checked(o.Do) })
	}
	var given Rating
	if err := db.Where("id = ?", r.ID).Take(&given).Error; err != nil {
		return s, err
	}
	if s.Text, err = d.words(given); err != nil {
		return s, err
	}
	if s.Addition, err = d.added(db, r.ID); err != nil {
		return s, err
	}
	var events []RedressEvent
	if err := db.Where("redress = ?", r.ID).Order("version, id").Find(&events).Error; err != nil {
		return s, err
	}
	for _, e := range events {
		h := RedressHappening{At: e.At, Act: e.Act, Text: Flow.ActText(e.Act), From: e.FromStatus, To: e.ToStatus, Role: e.Role, Actor: e.Actor, Code: e.Code}
		if len(e.Text) > 0 {
			text, err := d.store.Keys().Open(sealedWords(e.ID), e.Text)
			if err != nil {
				return s, err
			}
			h.Words = string(text)
		}
		s.History = append(s.History, h)
	}
	return s, nil
}

// words are what the rater said.
func (d *Desk) words(r Rating) (string, error) {
	if len(r.Text) == 0 {
		return "", nil
	}
	text, err := d.store.Keys().Open(sealedText(r.ID), r.Text)
	return string(text), err
}

// RedressFilter narrows the work list; the zero one is everything that the actor sees, newest first.
type RedressFilter struct {
	Status []flow.State
	Open   bool
	Light  workday.Light
	After  string
	Limit  int
}

// Redresses is the work list of an office, or of an area.
func (d *Desk) Redresses(ctx context.Context, actor access.Actor, f RedressFilter) ([]RedressSeen, error) {
	db := d.seenBy(actor)(d.store.Read(ctx))
	for _, s := range f.Status {
		if Flow.Text(s) == "" {
			return nil, fault.Wrong("query.status", "没有这个状态")
		}
	}
	switch {
	case len(f.Status) > 0:
		db = db.Where("redresses.status IN ?", f.Status)
	case f.Open:
		db = db.Where("redresses.status IN ?", Flow.Open())
	}
	db, err := docket.LightIs(db, "redresses", f.Light, d.store.Clock().Now())
	if err != nil {
		return nil, err
	}
	var rows []Redress
	if err := store.Page(db, f.After, f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	added, err := addedTo(d.store.Read(ctx), rows)
	if err != nil {
		return nil, err
	}
	list := make([]RedressSeen, 0, len(rows))
	for i := range rows {
		s := d.seen(&rows[i], actor)
		s.Addition = added[s.ID]
		list = append(list, s)
	}
	return list, nil
}

// GetRedress is one whole.
func (d *Desk) GetRedress(ctx context.Context, actor access.Actor, id string) (RedressSeen, error) {
	db := d.store.Read(ctx)
	row, err := d.load(db, actor, id)
	if err != nil {
		return RedressSeen{}, err
	}
	return d.whole(ctx, db, row, actor)
}

// answered is the last answer to a rating, once the redress has come that far; empty before.
func (d *Desk) answered(db *gorm.DB, rating string) (text string, at *time.Time, err error) {
	var last []RedressEvent
	if err := db.Where("redress = ? AND act = ?", rating, string(Answer)).Order("version DESC").Limit(1).Find(&last).Error; err != nil || len(last) == 0 {
		return "", nil, err
	}
	words, err := d.store.Keys().Open(sealedWords(last[0].ID), last[0].Text)
	return string(words), &last[0].At, err
}

// Told says which resident a letter of the outbox concerns, and the sentence that his inbox gets: that his poor rating was
// answered. Both empty when nobody is told.
func (d *Desk) Told(ctx context.Context, letter store.Letter) (person, text string, err error) {
	act, found := strings.CutPrefix(letter.Topic, redressKind+".")
	if !found || letter.Kind != redressKind || flow.Act(act) != Answer {
		return "", "", nil
	}
	var rows []struct{ Person, Number string }
	err = d.store.Read(ctx).Table("ratings").Select("ratings.person, redresses.number").Joins("JOIN redresses ON redresses.id = ratings.id").
		Where("ratings.id = ?", letter.Object).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 || rows[0].Person == "" {
		return "", "", err
	}
	return rows[0].Person, "您对编号 " + rows[0].Number + " 的评价有了答复。", nil
}
