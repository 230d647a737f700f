package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/queue"
	"tongban/internal/store"
)

// opiners are the roles that give their office's opinion. Departments have officers, the hall reviewers and deciders.
var opiners = []access.Role{access.Officer, reviewer, decider}

// Opinion is a question to an office and its answer. Outside of the lead office and those asked it says who was asked until when, and
// whether it is over, and no more.
type Opinion struct {
	ID         string
	Case       string // its id
	Number     string
	ItemName   string
	LeadOffice string
	Office     string
	OfficeName string
	Status     flow.State
	StatusText string
	DueOn      clock.Date
	AskedAt    time.Time
	EndedAt    *time.Time

	Question     string
	AskedBy      string // person
	Reminders    int
	RemindedAt   *time.Time
	Position     string
	PositionText string
	Text         string
	GivenBy      string
	Offered      bool // the reader may give it now
}

// OpinionFilter narrows a list.
type OpinionFilter struct {
	Queue string // one of opinionQueues; empty for all
	After string // id
	Limit int
}

// opinionsSeenBy keeps a query on questions to those that the actor's office was asked. The lead office reads them with its case.
func opinionsSeenBy(actor access.Actor) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		if !slices.Contains(opiners, actor.Role) {
			return db.Where("1 = 0")
		}
		return db.Where("case_opinions.office = ? AND case_opinions.office <> ''", actor.Office)
	}
}

// opinionQueues are the work lists of an office that is asked.
var opinionQueues = queue.Table{Name: "case_opinions", Queues: []queue.Queue{
	{Name: "to_give", Title: "等本单位提意见的", By: opiners, In: []flow.State{OpinionAsked}},
	{Name: "due_today", Title: "今天到期的", By: opiners, In: []flow.State{OpinionAsked}, Also: func(asked queue.Asked) queue.Condition {
		return queue.Where("case_opinions.due_on = ?", clock.DateOf(asked.Now))
	}},
	{Name: "red", Title: "已经过期的", By: opiners, In: []flow.State{OpinionAsked}, Also: func(asked queue.Asked) queue.Condition {
		return queue.Where("case_opinions.due_on < ?", clock.DateOf(asked.Now))
	}},
	{Name: "reminded", Title: "催办过的", By: opiners, In: []flow.State{OpinionAsked}, Also: func(queue.Asked) queue.Condition {
		return queue.Where("case_opinions.reminders > 0")
	}},
}}

// OpinionQueues are the actor's work lists of questions, with how many wait in each; one statement counts them.
func (d *Desk) OpinionQueues(ctx context.Context, actor access.Actor) ([]queue.Count, error) {
	return opinionQueues.Count(d.store.Read(ctx), opinionsSeenBy(actor), queue.Asked{Actor: actor, Now: whole(d.store.Clock().Now())})
}

// Opinions lists what the actor's office was asked, the newest first.
func (d *Desk) Opinions(ctx context.Context, actor access.Actor, f OpinionFilter) ([]Opinion, error) {
	db := opinionsSeenBy(actor)(d.store.Read(ctx))
	if f.Queue != "" {
		q, found := opinionQueues.Find(actor.Role, f.Queue)
		if !found {
			return nil, fault.Wrong("query.queue", "没有这个工作列表")
		}
		db = opinionQueues.Narrow(db, q, queue.Asked{Actor: actor, Now: whole(d.store.Clock().Now())})
	}
	var rows []opinionRow
	if err := store.Page(db, f.After, f.Limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	office, err := d.officeName(ctx, actor.Office)
	if err != nil {
		return nil, err
	}
	list := make([]Opinion, 0, len(rows))
	for i := range rows {
		o, err := d.opinion(&rows[i], office, true)
		if err != nil {
			return nil, err
		}
		list = append(list, asked(o, actor))
	}
	return list, nil
}

// GetOpinion is one of them.
func (d *Desk) GetOpinion(ctx context.Context, actor access.Actor, id string) (Opinion, error) {
	r, err := oneOpinion(d.store.Read(ctx), actor, id)
	if err != nil {
		return Opinion{}, err
	}
	office, err := d.officeName(ctx, r.Office)
	if err != nil {
		return Opinion{}, err
	}
	o, err := d.opinion(r, office, true)
	return asked(o, actor), err
}

func oneOpinion(db *gorm.DB, actor access.Actor, id string) (*opinionRow, error) {
	var rows []opinionRow
	if err := opinionsSeenBy(actor)(db).Where("case_opinions.id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.NotFound
	}
	return &rows[0], nil
}

// asked says whether the actor may answer.
func asked(o Opinion, actor access.Actor) Opinion {
	o.Offered = o.Status == OpinionAsked && o.AskedBy != actor.Person
	return o
}

// Giving is an opinion.
type Giving struct {
	Position string // one of Positions
	Text     string // why; needed unless the office agrees
}

// GiveOpinion (提意见) answers for the actor's office; also after the day, as long as the case is not decided. Nobody answers his own question.
// Who is overtaken by another office's answer tries again within the transaction.
func (d *Desk) GiveOpinion(ctx context.Context, actor access.Actor, id string, in Giving) (Opinion, error) {
	var given Opinion
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		r, err := oneOpinion(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if r.AskedBy == actor.Person {
			return ErrOwnQuestion
		}
		if !docket.Known(Positions, in.Position) {
			return fault.Wrong("body.position", "请从列出的选项里选一个")
		}
		least := shortestText
		if in.Position == agrees {
			least = 0
		}
		text, err := docket.Typed("body.text", in.Text, least, longestText)
		if err != nil {
			return err
		}
		if err := d.lockOpinion(tx, r); err != nil {
			return err
		}
		set := map[string]any{"status": string(OpinionGiven), "position": in.Position, "given_by": actor.Person, "ended_at": tx.Now}
		if text != "" {
			set["text"] = d.store.Keys().Seal(sealedOpinion("text", r.ID), []byte(text))
		}
		if err := tx.Model(&opinionRow{}).Where("id = ?", r.ID).UpdateColumns(set).Error; err != nil {
			return err
		}
		if r, err = oneOpinion(tx.DB, actor, id); err != nil {
			return err
		}
		office, err := d.officeName(ctx, r.Office)
		if err != nil {
			return err
		}
		if given, err = d.opinion(r, office, true); err != nil {
			return err
		}
		tx.Answer(given)
		return nil
	})
	return given, err
}

// lockOpinion raises the case's version, so that nobody decides, withdraws or answers in the same moment, and then looks whether the
// question is open still.
func (d *Desk) lockOpinion(tx *store.Tx, r *opinionRow) error {
	for range nextTries {
		c, err := Known(tx.DB, r.CaseID)
		if err != nil {
			return err
		}
		err = d.docket.Raise(tx, c, map[string]any{})
		if errors.Is(err, store.ErrLost) {
			continue
		}
		if err != nil {
			return err
		}
		var open int64
		if err := tx.Model(&opinionRow{}).Where("id = ? AND status = ?", r.ID, OpinionAsked).Count(&open).Error; err != nil {
			return err
		}
		if open == 0 {
			return ErrOpinionOver
		}
		tx.Trail(store.Entry{Act: "case." + string(giveOpinionAct), Kind: kind, Object: c.ID, Area: c.Village, From: r.Office})
		return d.keep(tx, c.ID, &Event{Version: c.Version + 1, Act: giveOpinionAct, FromStatus: c.Status, ToStatus: c.Status}, "", Detail{})
	}
	return fault.Busy
}

// officeName is empty for an office that is not known any more.
func (d *Desk) officeName(ctx context.Context, id string) (string, error) {
	office, err := d.people.Office(ctx, id)
	if errors.Is(err, fault.NotFound) {
		return "", nil
	}
	return office.Name, err
}

// opinion is a row as read inside, or as the applicant's side and everybody else may know it.
func (d *Desk) opinion(r *opinionRow, office string, inside bool) (o Opinion, err error) {
	o = Opinion{
		ID: r.ID, Case: r.CaseID, Number: r.Number, ItemName: r.ItemName, LeadOffice: r.LeadOffice, Office: r.Office, OfficeName: office, Status: r.Status,
		StatusText: WordText(opinionStates, string(r.Status)), DueOn: r.DueOn, AskedAt: r.AskedAt, EndedAt: r.EndedAt,
	}
	if !inside {
		return o, nil
	}
	o.AskedBy, o.Reminders, o.RemindedAt, o.GivenBy = r.AskedBy, r.Reminders, r.RemindedAt, r.GivenBy
	o.Position, o.PositionText = r.Position, WordText(Positions, r.Position)
	if o.Question, err = d.opened(sealedOpinion("question", r.ID), r.Question); err != nil {
		return o, err
	}
	o.Text, err = d.opened(sealedOpinion("text", r.ID), r.Text)
	return o, err
}

// tellsInside: the words of opinions, and who did what about them, are for the lead office and those that are asked.
func (c *Case) tellsInside(actor access.Actor) bool {
	return c.asked || inHall(actor.Role) && c.Office == actor.Office
}

// opinions are those of the case.
func (d *Desk) opinions(ctx context.Context, db *gorm.DB, c *Case, s *Seen, actor access.Actor) error {
	if c.AcceptedAt == nil {
		return nil
	}
	var rows []opinionRow
	if err := db.Where("case_id = ?", c.ID).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	inside := c.tellsInside(actor)
	for i := range rows {
		office, err := d.officeName(ctx, rows[i].Office)
		if err != nil {
			return err
		}
		o, err := d.opinion(&rows[i], office, inside)
		if err != nil {
			return err
		}
		s.Opinions = append(s.Opinions, o)
	}
	return nil
}

// askedAt counts the questions that wait for an office: such an office is not closed.
func askedAt(db *gorm.DB, office string) (n int64, numbers []string, err error) {
	return docket.Some(func() *gorm.DB {
		return db.Model(&opinionRow{}).Where("office = ? AND status = ?", office, OpinionAsked)
	})
}
