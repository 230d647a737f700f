package errand

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Plain is an act that says nothing more.
type Plain struct{ Version int }

// Said is an act with words.
type Said struct {
	Version int
	Text    string
}

// Identity (身份核验) says how, and by which document. Its number is not kept.
type Identity struct {
	Version  int
	How      string
	Document string
}

// untilHandedOver are the states in which the principal still has something to say, himself where nobody is entrusted any more.
var untilHandedOver = []flow.State{Entrusted, Checked, SentIn, Paused, ResultReceived, Stopped, Revoked}

// Identify records that the identity of who entrusts was checked; again whenever it is. It counts in the clerk's sitting.
func (d *Desk) Identify(ctx context.Context, actor access.Actor, id string, in Identity) (Seen, error) {
	return d.record(ctx, actor, id, in.Version, identifyAct, untilHandedOver, func(s *step) error {
		if err := docket.OneOf("body.how", in.How, IdentityWays); err != nil {
			return err
		}
		if err := docket.OneOf("body.document", in.Document, Documents); err != nil {
			return err
		}
		begun, err := d.begun(s.tx.DB, s.row)
		if err != nil {
			return err
		}
		sittings, err := sittings(s.tx)
		s.change(map[string]any{
			"identity_how": in.How, "identity_document": in.Document, "identity_by": actor.Person, "identity_at": s.tx.WhenAfter(begun, nil), "identity_sitting": strings.Join(sittings, " "),
		})
		return err
	})
}

// sittings are the names of the sitting in which the act is done: the session's, and of a queued act the line it came in, which the phone
// may send in parts and after another log-in.
func sittings(tx *store.Tx) ([]string, error) {
	sitting, err := account.Sitting(tx.DB, tx.Actor)
	if line := tx.Line(); line != "" {
		return []string{sitting, line}, err
	}
	return []string{sitting}, err
}

// identifiedIn says whether the identity was checked in that sitting.
func (e *Errand) identifiedIn(sitting string) bool {
	return slices.Contains(strings.Split(e.IdentitySitting, " "), sitting)
}

// sameLine: the act is queued in the line in which the identity was checked, and was done on the day of the check. A line never ends, and
// whoever stood there then stands there no other day.
func (e *Errand) sameLine(tx *store.Tx) bool {
	line := tx.Line()
	return line != "" && e.identifiedIn(line) && e.IdentityAt != nil && clock.DateOf(*e.IdentityAt) == clock.DateOf(tx.When(nil))
}

// Visit (上门) is a clerk's call at somebody's home.
type Visit struct {
	Version     int
	At          *time.Time // nil: when he says that he did what he tells, else now; not in the future, not before the day of the errand
	Text        string
	Attachments []string
}

// Visit records it.
func (d *Desk) Visit(ctx context.Context, actor access.Actor, id string, in Visit) (Seen, error) {
	return d.record(ctx, actor, id, in.Version, visitAct, Flow.Open(), func(s *step) error {
		if in.At != nil {
			begun, err := d.begun(s.tx.DB, s.row)
			if err != nil {
				return err
			}
			at := s.tx.When(in.At)
			if at.After(s.tx.Now) || clock.DateOf(at).Before(clock.DateOf(begun)) {
				return fault.Wrong("body.at", "上门时间要在委托以后、现在以前")
			}
			s.at = &at
		}
		s.files = in.Attachments
		return s.say(in.Text, 2)
	})
}

// begun is when the errand was entrusted: as the clerk said, where he told it later.
func (d *Desk) begun(db *gorm.DB, e *Errand) (time.Time, error) {
	said, err := saidOf(db, e.ID)
	if at := said[e.ID][entrustAct]; at != nil {
		return *at, err
	}
	return e.CreatedAt, err
}

// Check (核对材料) says that the papers were looked at; the identity has to be checked by then, in the same sitting: after a log-out or another
// client nobody knows who comes.
func (d *Desk) Check(ctx context.Context, actor access.Actor, id string, in Said) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Check, func(s *step) error {
		if s.row.IdentityAt == nil {
			return ErrIdentity
		}
		sitting, err := account.Sitting(s.tx.DB, s.tx.Actor)
		if err != nil {
			return err
		}
		if !s.row.identifiedIn(sitting) && !s.row.sameLine(s.tx) {
			return ErrIdentityOver
		}
		return s.say(in.Text, 0)
	})
}

// Filing hands the case in.
type Filing struct {
	Version int
	Papers  []casework.Paper // those that were not noted on the case before
}

// Filed is what the principal gets: the errand, his case's number and the code with which whoever holds the slip follows it.
type Filed struct {
	Errand    Seen
	QueryCode string // six digits; told this once
}

// File (报送) submits the case in the same transaction: only by the clerk who is the agent or his deputy, within the period, and where
// the entrustment says so.
func (d *Desk) File(ctx context.Context, actor access.Actor, id string, in Filing) (Filed, error) {
	var done Filed
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row, err := d.load(tx.DB, actor, id)
		if err != nil {
			return err
		}
		s := &step{desk: d, ctx: ctx, tx: tx, row: row, set: map[string]any{"filed_at": tx.Now}}
		if _, err := d.docket.Next(row, in.Version, File, actor.Role); err != nil {
			return err
		}
		if s.stead, err = lets(tx, row, filing, tx.Now); err != nil {
			return err
		}
		receipt, err := d.cases.SubmitBeside(ctx, tx, row.CaseID, in.Papers, whom(s.stead))
		if errors.Is(err, flow.NotNow) || errors.Is(err, fault.NotFound) {
			return ErrNotDraft.Because(err)
		} else if err != nil {
			return err
		}
		if err := s.move(File); err != nil {
			return err
		}
		seen, err := d.docket.Reread(ctx, tx, id)
		if err != nil {
			return err
		}
		done = Filed{seen, receipt.QueryCode}
		tx.Answer(done)
		return nil
	})
	if err != nil {
		return Filed{}, d.docket.Standing(ctx, actor, id, d.cases.RefusedPaper(ctx, actor, err))
	}
	return done, nil
}

// Pause (中止) stops work on a filed errand, with a reason. The case goes on: that is the county's.
func (d *Desk) Pause(ctx context.Context, actor access.Actor, id string, in Said) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Pause, func(s *step) error { return s.say(in.Text, shortestText) })
}

// GoOn (续办) takes it up again; what the county decided meanwhile is fetched by the next round.
func (d *Desk) GoOn(ctx context.Context, actor access.Actor, id string, in Said) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, GoOn, func(s *step) error {
		// Held first, as in caseMoved: a decision of this moment comes before, and is read here, or after, and finds the errand filed.
		if err := hold(s.tx, "id = ?", id).Error; err != nil {
			return err
		}
		c, err := casework.Known(s.tx.DB, s.row.CaseID)
		if err != nil {
			return err
		}
		if c.DecidedAt != nil {
			s.change(map[string]any{"next_at": s.tx.Now})
		}
		return s.say(in.Text, 0)
	})
}

// TakeResult (取得结果) is done by the clerk who took it for the principal and may, or by the program when the county has decided: that there
// is a result is a fact, and nobody holds it yet.
func (d *Desk) TakeResult(ctx context.Context, actor access.Actor, id string, in Plain) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, TakeResult, func(s *step) error {
		c, err := casework.Known(s.tx.DB, s.row.CaseID)
		if err != nil {
			return err
		}
		if c.DecidedAt == nil {
			return ErrNoResult
		}
		if actor.Role != access.System {
			if s.stead, err = lets(s.tx, s.row, receiving, s.tx.Now); err != nil {
				return err
			}
		}
		s.takeResult()
		return nil
	})
}

func (s *step) takeResult() { s.change(map[string]any{"result_at": s.tx.Now, "next_at": nil}) }

// caseMoved: what happens to a case happens to its errand in the same transaction. A decision brings the result to one that is filed; a
// case that ends without a decision takes any along that waits for one. The history says that the program did it.
func (d *Desk) caseMoved(tx *store.Tx, c *casework.Case, to flow.State) error {
	decided := to == casework.Granted || to == casework.Denied
	if !decided && !casework.Flow.IsFinal(to) {
		return nil
	}
	// Held first: whoever pauses it at this moment comes before or after, and does not undo what the case does.
	held := hold(tx, "open_case = ?", c.ID)
	if held.Error != nil || held.RowsAffected == 0 {
		return held.Error
	}
	var e Errand
	if err := tx.Where("open_case = ?", c.ID).Take(&e).Error; err != nil {
		return err
	}
	actor := tx.Actor
	tx.Actor = access.Round(c.Village)
	defer func() { tx.Actor = actor }()
	s := &step{desk: d, tx: tx, row: &e, set: map[string]any{}}
	switch {
	case decided && e.Status == SentIn:
		s.takeResult()
		return s.move(TakeResult)
	case !decided && to != casework.Concluded && slices.Contains(beforeResult, e.Status): // a concluded one was decided: its result waits for who paused
		s.code = caseOver
		return s.move(Stop)
	}
	return nil
}

// hold keeps the errand's row as it is until the end of the transaction.
func hold(tx *store.Tx, which string, id string) *gorm.DB {
	return tx.Model(&Errand{}).Where(which, id).UpdateColumn("version", gorm.Expr("version"))
}

// Handing is how the result came home.
type Handing struct {
	Version     int
	Relation    string     // who received it: one of casework.Relations
	Receiver    string     // his name, unless it is the applicant himself
	At          *time.Time // nil: when he says that he did what he tells, else now; not before the result, not in the future
	Proof       string     // this or photos, unless he refuses it
	Attachments []string
	Refusal     *Refusal // nil: he signed
	Fee         string   // one of Fees; empty where nobody said
}

// HandOver (送达签收) gives the result to the principal, or to who receives it for him. The county's decision is delivered by it, in the same
// commit: nobody writes the same thing down twice. Where the entrustment lets the actor not receive it, the principal takes it himself.
func (d *Desk) HandOver(ctx context.Context, actor access.Actor, id string, in Handing) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, HandOver, func(s *step) error {
		if !docket.Known(casework.Relations, in.Relation) {
			return fault.Wrong("body.relation", "请选择由谁签收")
		}
		receiver := ""
		if in.Relation != casework.Self {
			var err error
			if receiver, err = docket.Typed("body.receiver", in.Receiver, 2, longestName); err != nil {
				return err
			}
		}
		proof, err := docket.Typed("body.proof", in.Proof, 0, 500)
		if err != nil {
			return err
		}
		if proof == "" && len(in.Attachments) == 0 && in.Refusal == nil {
			return fault.Wrong("body.proof", "请写明签收凭据，或附上照片")
		}
		if in.Fee != "" {
			if err := docket.OneOf("body.fee", in.Fee, Fees); err != nil {
				return err
			}
		}
		at, err := s.handedAt(in.At)
		if err != nil {
			return err
		}
		method, err := s.broughtBy(in.Relation, at)
		if err != nil {
			return err
		}
		if in.Refusal != nil {
			if err := s.refused(*in.Refusal); err != nil {
				return err
			}
			method = casework.LeftThere
		}
		s.files = in.Attachments
		s.change(map[string]any{
			"fee": in.Fee, "receiver_relation": in.Relation, "receiver": s.seal(sealed("receiver", id), receiver), "receipt": s.seal(sealed("receipt", id), proof),
			"handed_at": at, "next_at": moment(clock.DateOf(at).AddDays(d.filed).End()),
		})
		switch {
		case in.Refusal != nil && proof == "":
			proof = "拒收的事由和见证人记在代办" + s.row.Number
		case proof == "":
			proof = "签收的照片存在代办" + s.row.Number
		}
		return d.cases.DeliverBeside(ctx, s.tx, s.row.CaseID, casework.Delivery{Method: method, Relation: in.Relation, Receiver: receiver, At: &at, Proof: proof}, whom(s.stead))
	})
}

// handedAt is when the result was handed over: after the county's decision, of which the program may have heard later than the clerk.
func (s *step) handedAt(said *time.Time) (time.Time, error) {
	c, err := casework.Known(s.tx.DB, s.row.CaseID)
	if err != nil {
		return time.Time{}, err
	}
	at := s.tx.When(said)
	if c.DecidedAt != nil {
		at = s.tx.WhenAfter(*c.DecidedAt, said)
	}
	if at.After(s.tx.Now) || c.DecidedAt != nil && at.Before(*c.DecidedAt) {
		return at, fault.Wrong("body.at", "签收时间要在县里决定以后、现在以前")
	}
	return at, nil
}

// Archive (归档) is done by a clerk, or by the program when the county's time is over; originals have been given back by then.
func (d *Desk) Archive(ctx context.Context, actor access.Actor, id string, in Plain) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Archive, func(s *step) error {
		if actor.Role == access.System && (s.row.NextAt == nil || s.tx.Now.Before(*s.row.NextAt)) {
			return ErrNotYet
		}
		return s.row.returned()
	})
}

// Stopping ends an errand without its result.
type Stopping struct {
	Version int
	Reason  string // one of StopReasons
	Text    string
}

// Stop (终止) is done by a clerk or supervisor; originals have been given back by then.
func (d *Desk) Stop(ctx context.Context, actor access.Actor, id string, in Stopping) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Stop, func(s *step) error {
		if actor.Role == access.System { // see caseMoved
			return ErrNotYet
		}
		if err := docket.OneOf("body.reason", in.Reason, StopReasons); err != nil {
			return err
		}
		s.code = in.Reason
		if err := s.say(in.Text, shortestText); err != nil {
			return err
		}
		return s.row.returned()
	})
}

// Revoke (撤销委托) is the principal's at any time (民法典 173), also through a clerk who is not the agent. Papers are given back
// afterwards, if need be.
func (d *Desk) Revoke(ctx context.Context, actor access.Actor, id string, in Said) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Revoke, func(s *step) error {
		if actor.Role == access.Clerk && actor.Person == s.row.Agent {
			return ErrSelfRevoke
		}
		return s.say(in.Text, 0)
	})
}

// Forget revokes what somebody entrusted whose account is closed, and which was not filed yet. The caller holds his row.
func (d *Desk) Forget(tx *store.Tx, person string) error {
	var rows []Errand
	before := []string{string(Entrusted), string(Checked)}
	if err := tx.Where("principal = ? AND status IN ?", person, before).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		s := &step{desk: d, tx: tx, row: &rows[i], set: map[string]any{}}
		if err := s.move(Revoke); err != nil {
			return err
		}
	}
	return nil
}
