package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Joint handling (联合办理): the office that leads a case asks others of its county for their opinion, each until a day within the
// clock, and decides itself. Each act raises the case's version: asking, answering and deciding happen one after another.

// How a question to an office stands.
const (
	OpinionAsked     flow.State = "asked"
	OpinionGiven     flow.State = "given"
	OpinionWithdrawn flow.State = "withdrawn" // the lead office took the question back
	OpinionMissing   flow.State = "missing"   // the day went by, and the case was decided without: no agreement
	OpinionOver      flow.State = "over"      // the case ended otherwise, or the county's platform decided it
)

// opinionStates in words.
var opinionStates = []Word{
	{string(OpinionAsked), "等意见"}, {string(OpinionGiven), "已提意见"}, {string(OpinionWithdrawn), "已撤回"},
	{string(OpinionMissing), "到期没有提意见"}, {string(OpinionOver), "办件已结束"},
}

// The opinions that an office may give.
const (
	agrees    = "agree"
	disagrees = "disagree"
	notOurs   = "not_ours"
)

// Positions are the coded opinions.
var Positions = []Word{{agrees, "同意"}, {disagrees, "不同意"}, {notOurs, "不属于本单位职责"}}

const (
	mostOffices     = 10 // asked in one call [policy]
	longestQuestion = 60 // days, where no limit of the case says less [policy]
)

// opinionRow is a question to one office, and its answer.
type opinionRow struct {
	ID         string `gorm:"primaryKey"`
	CaseID     string
	Number     string // of the case; the office keeps it and the item's name when it sees the case no longer
	ItemName   string
	LeadOffice string
	Office     string
	Status     flow.State
	Question   []byte     // sealed; empty once it was given up
	DueOn      clock.Date // last day
	AskedBy    string
	AskedAt    time.Time
	Reminders  int
	RemindedAt *time.Time
	Position   string // one of Positions, once it is given
	Text       []byte // sealed; nil for none
	GivenBy    string
	EndedAt    *time.Time // given, withdrawn, or over with the case
	Decision   string     // id of the decision that cites it
}

func (opinionRow) TableName() string { return "case_opinions" }

func sealedOpinion(column, id string) secret.Where {
	return secret.Where{Table: "case_opinions", Column: column, Row: id}
}

// Asking asks offices for their opinion.
type Asking struct {
	Version  int
	Offices  []string // ids, of the same county
	Question string   // for those offices, not for the applicant
	DueOn    clock.Date
}

// AskOpinions (征求意见) is for reviewer and decider of the lead office while the case is reviewed. The day lies after today and within the
// binding limit.
func (d *Desk) AskOpinions(ctx context.Context, actor access.Actor, id string, in Asking) (Seen, error) {
	return d.leading(ctx, actor, id, in.Version, askOpinionAct, func(tx *store.Tx, c *Case) (Detail, error) {
		if c.Status != Reviewing {
			return Detail{}, flow.NotNow
		}
		question, err := docket.Typed("body.question", in.Question, shortestText, longestText)
		if err != nil {
			return Detail{}, err
		}
		switch last, today := lastDay(c, tx.Now), clock.DateOf(tx.Now); {
		case !today.Before(last):
			return Detail{}, fault.Wrong("body.due_on", "今天是办理期限的最后一天，来不及征求意见；确实需要的，先延长期限")
		case !today.Before(in.DueOn) || last.Before(in.DueOn):
			return Detail{}, fault.Wrong("body.due_on", "请选今天以后、"+dateWords(last)+"以前（含当天）的一天")
		}
		if err := d.askable(ctx, tx, c, in.Offices); err != nil {
			return Detail{}, err
		}
		for _, office := range in.Offices {
			r := opinionRow{
				ID: tx.NewID(), CaseID: c.ID, Number: c.number(), ItemName: c.ItemName, LeadOffice: c.Office, Office: office, Status: OpinionAsked, DueOn: in.DueOn,
				AskedBy: actor.Person, AskedAt: tx.Now,
			}
			r.Question = d.store.Keys().Seal(sealedOpinion("question", r.ID), []byte(question))
			if err := tx.Create(&r).Error; err != nil {
				return Detail{}, err
			}
			tx.Trail(store.Entry{Act: "case." + string(askOpinionAct), Kind: kind, Object: c.ID, Area: c.Village, To: office, Why: in.DueOn.String()})
		}
		tx.Emit(store.Message{Topic: "case." + string(askOpinionAct), Kind: kind, Object: c.ID, Area: c.Village})
		return Detail{UntilOn: in.DueOn}, nil
	})
}

// lastDay is until when an office may be asked. What is late already is asked for as long as it takes.
func lastDay(c *Case, now time.Time) clock.Date {
	last := clock.DateOf(now).AddDays(longestQuestion)
	if due := c.dues().Binding(); !due.None() && !due.Overdue(now) && due.On.Before(last) {
		return due.On
	}
	return last
}

// askable: each office once, another of the county than the lead one, open, with somebody who can answer, and not asked at present.
func (d *Desk) askable(ctx context.Context, tx *store.Tx, c *Case, offices []string) error {
	if len(offices) == 0 || len(offices) > mostOffices {
		return fault.Wrong("body.offices", "请选一到十个单位")
	}
	all, err := d.people.Offices(ctx, c.County)
	if err != nil {
		return err
	}
	today := clock.DateOf(tx.Now)
	for i, id := range offices {
		of := func(o account.Office) bool { return o.ID == id }
		if id == c.Office || slices.Contains(offices[:i], id) || !slices.ContainsFunc(all, of) {
			return fault.Wrong("body.offices", "请选本县别的单位，每个单位选一次")
		}
		staffed := false
		for _, role := range opiners {
			posts, err := account.Colleagues(tx.DB, id, role, today, today)
			if err != nil {
				return err
			}
			staffed = staffed || len(posts) > 0
		}
		if !staffed {
			return fault.Wrong("body.offices", "这个单位现在没有人能提意见")
		}
	}
	var open int64
	if err := tx.Model(&opinionRow{}).Where("case_id = ? AND office IN ? AND status = ?", c.ID, offices, OpinionAsked).Count(&open).Error; err != nil {
		return err
	}
	if open > 0 {
		return ErrAskedAlready
	}
	return account.OpenOffices(tx, offices...)
}

// Questioned names one question of a case.
type Questioned struct {
	Version int
	Opinion string // id
}

// RemindOpinion (催办) reminds the office, once a day.
func (d *Desk) RemindOpinion(ctx context.Context, actor access.Actor, id string, in Questioned) (Seen, error) {
	return d.questioned(ctx, actor, id, in, remindOpinionAct, func(tx *store.Tx, r *opinionRow) (map[string]any, error) {
		if r.RemindedAt != nil && clock.DateOf(*r.RemindedAt) == clock.DateOf(tx.Now) {
			return nil, ErrRemindedToday
		}
		return map[string]any{"reminders": r.Reminders + 1, "reminded_at": tx.Now}, nil
	})
}

// WithdrawOpinion (撤回征求意见) takes a question back. The office sees the case no longer.
func (d *Desk) WithdrawOpinion(ctx context.Context, actor access.Actor, id string, in Questioned) (Seen, error) {
	return d.questioned(ctx, actor, id, in, withdrawOpinionAct, func(tx *store.Tx, _ *opinionRow) (map[string]any, error) {
		return map[string]any{"status": string(OpinionWithdrawn), "ended_at": tx.Now}, nil
	})
}

// questioned carries what the lead office does to an open question.
func (d *Desk) questioned(ctx context.Context, actor access.Actor, id string, in Questioned, do flow.Act, change func(*store.Tx, *opinionRow) (map[string]any, error)) (Seen, error) {
	return d.leading(ctx, actor, id, in.Version, do, func(tx *store.Tx, c *Case) (Detail, error) {
		var rows []opinionRow
		if err := tx.Where("id = ? AND case_id = ?", in.Opinion, c.ID).Limit(1).Find(&rows).Error; err != nil {
			return Detail{}, err
		}
		if len(rows) == 0 {
			return Detail{}, fault.Wrong("body.opinion", "这件办件没有这个征求意见")
		}
		if rows[0].Status != OpinionAsked {
			return Detail{}, ErrOpinionOver
		}
		set, err := change(tx, &rows[0])
		if err != nil {
			return Detail{}, err
		}
		tx.Trail(store.Entry{Act: "case." + string(do), Kind: kind, Object: c.ID, Area: c.Village, To: rows[0].Office})
		return Detail{}, tx.Model(&opinionRow{}).Where("id = ?", in.Opinion).UpdateColumns(set).Error
	})
}

// leading carries an act of the lead office on the opinions of its case. It is none of the flow's. The row is locked first.
func (d *Desk) leading(ctx context.Context, actor access.Actor, id string, version int, do flow.Act, whether func(*store.Tx, *Case) (Detail, error)) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if err := actor.Must(reviewer, decider); err != nil {
			return err
		}
		if err := d.docket.Fresh(c, version); err != nil {
			return err
		}
		if c.barred {
			return ErrClaimed
		}
		stead, err := d.standsFor(tx.DB, actor, c)
		if err != nil {
			return err
		}
		if err := d.docket.Raise(tx, c, map[string]any{}); err != nil {
			return err
		}
		detail, err := whether(tx, c)
		if err != nil {
			return err
		}
		trailDeputy(tx, c, stead)
		if stead != nil {
			detail.For = stead.Person
		}
		return d.keep(tx, c.ID, &Event{Version: c.Version + 1, Act: do, FromStatus: c.Status, ToStatus: c.Status}, "", detail)
	})
}

// heard: every office that was asked has answered, or its day is over. What the county's platform decided is decided.
func (s *step) heard() error {
	if s.tx.Actor.Role == county {
		return nil
	}
	var waits int64
	err := s.tx.Model(&opinionRow{}).Where("case_id = ? AND status = ? AND due_on >= ?", s.row.ID, OpinionAsked, clock.DateOf(s.now)).Count(&waits).Error
	if err == nil && waits > 0 {
		err = ErrOpinionsDue
	}
	return err
}

// endOpinions: when the case is handled no longer no question is open. A decision cites in its document what was given, and says
// whose day went by without a word.
func (s *step) endOpinions(to flow.State) error {
	if !slices.Contains(handling, s.row.Status) || slices.Contains(handling, to) {
		return nil
	}
	var rows []opinionRow
	if err := s.tx.Where("case_id = ? AND status IN ?", s.row.ID, []flow.State{OpinionAsked, OpinionGiven}).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	cited := ""
	if s.tx.Actor.Role != county {
		cited = s.decision
	}
	var lines []string
	for _, r := range rows {
		set := map[string]any{"decision": cited}
		if r.Status == OpinionAsked {
			r.Status, set["ended_at"] = OpinionOver, s.now
			if cited != "" {
				r.Status = OpinionMissing
			}
			set["status"] = string(r.Status)
		}
		if err := s.tx.Model(&opinionRow{}).Where("id = ?", r.ID).UpdateColumns(set).Error; err != nil {
			return err
		}
		if cited == "" {
			continue
		}
		line, err := s.cites(r)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	if len(lines) > 0 {
		s.paper["opinions"] = strings.Join(lines, "；")
	}
	return nil
}

// cites says in the decision who was asked and what he said, without his words.
func (s *step) cites(r opinionRow) (string, error) {
	office, err := s.desk.people.Office(s.ctx, r.Office)
	if err != nil {
		return "", err
	}
	if r.Status == OpinionMissing {
		return office.Name + "到" + dateWords(r.DueOn) + "没有提出意见", nil
	}
	return office.Name + "于" + onDay(*r.EndedAt) + "答复“" + WordText(Positions, r.Position) + "”", nil
}
