package errand

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Entrustment (委托) is what somebody signs before the clerk acts for him.
type Entrustment struct {
	Case        string // id of a draft that a clerk of the village began
	Scope       string // the matter in words
	Powers      []string
	From        clock.Date // zero: from the day on which it is signed
	Until       clock.Date // the last day
	Deputy      string     // id of another clerk of the village, who stands in when the agent is away; empty for none
	Relation    string     // who entrusts; empty: the applicant himself
	Entruster   string     // his name, unless it is the applicant
	Guardian    string     // id of who entrusts for a child under fourteen
	Method      string
	Witnesses   []string // two names, with a fingerprint
	Attachments []string // photos of the signed paper
}

// Entrust begins an errand; the actor, a clerk, becomes the agent. Its signature is a photo whose hash is kept with it, or a
// fingerprint before two witnesses who are named.
func (d *Desk) Entrust(ctx context.Context, actor access.Actor, in Entrustment) (Seen, error) {
	if err := actor.Must(access.Clerk); err != nil {
		return Seen{}, err
	}
	var seen Seen
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		on := clock.DateOf(tx.When(nil)) // what is told later runs from the day on which it was signed
		if in.From.IsZero() {
			in.From = on
		}
		if in.Relation == "" {
			in.Relation = "self"
		}
		c, err := d.draft(tx, in.Case)
		if err != nil {
			return err
		}
		if err := account.Hold(tx, c.Applicant); err != nil { // else his account could be closed meanwhile
			return err
		}
		e := Errand{
			ID: tx.NewID(), Status: Flow.Start, Version: 0, CaseID: c.ID, OpenCase: &c.ID, Item: c.Item, ItemName: c.ItemName,
			County: c.County, Town: c.Town, Village: c.Village, Grid: c.Grid, Principal: c.Applicant, Agent: actor.Person,
			Relation: in.Relation, ValidFrom: in.From, ValidUntil: in.Until, Method: in.Method, CreatedAt: tx.Now, UpdatedAt: tx.Now,
		}
		s := &step{desk: d, ctx: ctx, tx: tx, row: &e, files: in.Attachments}
		if err := s.entrust(in, on); err != nil {
			return err
		}
		if e.Number, err = tx.Number(letters, e.Village); err != nil {
			return err
		}
		row := e
		row.Version = 1
		if err := tx.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrEntrusted
		} else if err != nil {
			return err
		}
		e.Status = ""
		if err := s.keep(entrustAct, row.Status); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: kind + "." + string(entrustAct), Kind: kind, Object: e.ID, Area: e.Village, To: string(row.Status)})
		tx.Emit(store.Message{Topic: kind + "." + string(entrustAct), Kind: kind, Object: e.ID, Area: e.Village})
		if seen, err = d.docket.Reread(ctx, tx, e.ID); err != nil {
			return err
		}
		tx.Answer(seen)
		return nil
	})
	return seen, err
}

// draft is the case to be entrusted, held.
func (d *Desk) draft(tx *store.Tx, id string) (*casework.Case, error) {
	c, err := d.cases.DraftOf(tx, id)
	switch {
	case errors.Is(err, flow.NotNow):
		return nil, ErrNotDraft
	case errors.Is(err, fault.NotFound):
		return nil, fault.Wrong("body.case", "没有这件办件")
	case err != nil:
		return nil, err
	}
	return c, nil
}

// entrust checks what was signed and puts it into the row.
func (s *step) entrust(in Entrustment, on clock.Date) (err error) {
	scope, err := docket.Typed("body.scope", in.Scope, 2, longestText)
	if err != nil {
		return err
	}
	s.row.Scope = s.seal(sealed("scope", s.row.ID), scope)
	powers := slices.Compact(slices.Sorted(slices.Values(in.Powers)))
	if len(powers) == 0 {
		return fault.Wrong("body.powers", "请写明委托哪些事")
	}
	for _, p := range powers {
		if err := docket.OneOf("body.powers", p, Powers); err != nil {
			return err
		}
	}
	s.row.Powers = strings.Join(powers, ",")
	if err := s.nameDeputy(in.Deputy, clock.DateOf(s.tx.Now)); err != nil {
		return err
	}
	if in.Until.Before(in.From) || in.Until.Before(on) {
		return fault.Wrong("body.valid_until", "委托期限要在委托当天或以后结束，不能比开始早")
	}
	if err := docket.OneOf("body.relation", in.Relation, Relations); err != nil {
		return err
	}
	if err := s.child(in); err != nil {
		return err
	}
	if in.Relation != "self" {
		name, err := docket.Typed("body.entruster", in.Entruster, 2, longestName)
		if err != nil {
			return err
		}
		s.row.Entruster = s.seal(sealed("entruster", s.row.ID), name)
	}
	return s.prove(in)
}

// child: under fourteen nobody entrusts anything himself (民法典 20, 23; PIPL 31), and his guardian is one who is written down, as when a paper is kept.
func (s *step) child(in Entrustment) error {
	p, err := s.desk.people.Known(s.tx.DB, s.row.Principal)
	if err != nil {
		return err
	}
	switch child := p.Born.Under(account.OwnConsent, clock.DateOf(s.tx.Now)); {
	case !child && in.Guardian == "":
		return nil
	case !child:
		return fault.Wrong("body.guardian", "年满十四周岁的，不用写监护人")
	case in.Relation != guardian:
		return ErrGuardian.At(fault.Field{Location: "body.relation", Message: "请选监护人"})
	case in.Guardian == "":
		return ErrGuardian.At(fault.Field{Location: "body.guardian", Message: "请写明是哪位监护人委托的"})
	}
	if err = s.desk.families.MayAgree(s.tx, p.ID, in.Guardian); errors.Is(err, fault.BadField) {
		return ErrGuardian.At(fault.Field{Location: "body.guardian", Message: "请先登记他是孩子的监护人"})
	}
	s.row.Guardian = in.Guardian
	return err
}

// prove keeps the signature.
func (s *step) prove(in Entrustment) error {
	if err := docket.OneOf("body.method", in.Method, Methods); err != nil {
		return err
	}
	if in.Method == signed {
		if len(in.Attachments) == 0 {
			return fault.Wrong("body.attachments", "请上传签了字的委托书")
		}
		var page []file.File
		if err := s.tx.Where("id = ? AND owner = ?", in.Attachments[0], s.tx.Actor.Person).Limit(1).Find(&page).Error; err != nil {
			return err
		}
		if len(page) == 1 { // else attaching refuses it
			s.row.SignatureSHA256 = page[0].SHA256Stored
		}
		return nil
	}
	first, second, err := twoWitnesses("body.witnesses", in.Witnesses, "按手印要有两名见证人")
	if err != nil {
		return err
	}
	s.row.WitnessOne, s.row.WitnessTwo = s.seal(sealed("witness_one", s.row.ID), first), s.seal(sealed("witness_two", s.row.ID), second)
	return nil
}

// maySubmit: a case that is entrusted is submitted by File alone. Without an entrustment, or when it is over, the applicant or his helper
// submits; a clerk has to be entrusted first.
func (d *Desk) maySubmit(tx *store.Tx, c *casework.Case) error {
	e, err := lastOf(tx, c)
	switch {
	case err != nil:
		return err
	case e != nil && e.OpenCase != nil:
		return ErrByErrand
	case tx.Actor.Role != access.Clerk:
		return nil
	case e == nil:
		return ErrUnentrusted
	}
	return ErrNoEntrustment
}
