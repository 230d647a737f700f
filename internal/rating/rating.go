// Package rating is 好差评 (国办发〔2019〕51号): what people say of how their matter was handled. Rating is voluntary; nothing is
// never taken for praise. A rating is written once and never changed. What is done about a poor one (差评整改) is its redress, a row beside it
// with a flow of its own: redress.go has the flow, redress_desk.go the acts, redress_view.go the sight, redress_rounds.go the clocks.
package rating

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Level is 满意度 of GB/T 39046-2020. The more stars, the smaller the code: stars = 6 − level.
type Level int

const (
	VerySatisfied   Level = 1 // 非常满意
	Satisfied       Level = 2 // 满意
	Acceptable      Level = 3 // 基本满意
	Unsatisfied     Level = 4 // 不满意
	VeryUnsatisfied Level = 5 // 非常不满意
)

// Poor ratings (差评) start a call-back of their own.
func (l Level) Poor() bool { return l >= Unsatisfied }

// Rating is one rating of one thing.
type Rating struct {
	ID        string `gorm:"primaryKey"`
	Kind      string // of the object: appeal or case
	Object    string // id
	Person    string // who rates
	County    access.Area
	Town      access.Area
	Village   access.Area
	Level     Level
	Solved    *bool  // whether he says that it is solved; nil when he does not say
	Text      []byte // sealed; nil for none
	ByAgent   string // the clerk who wrote it down for him; empty otherwise
	Consent   string // how he agreed to that: signed, fingerprint or spoken
	CreatedAt time.Time
}

func (Rating) TableName() string { return "ratings" }

// Seen is a rating as shown, without who gave it.
type Seen struct {
	ID        string
	Level     Level
	Solved    *bool
	Text      string
	ByAgent   bool
	Consent   string
	CreatedAt time.Time

	Answer     string // to a poor one (差评答复); empty before
	AnsweredAt *time.Time

	Addition *Added // the second rating (追评); nil when there is none
}

// Input is a rating as given.
type Input struct {
	Version int
	Level   Level
	Solved  *bool  // with the first one only
	Text    string // optional
	Consent string // a clerk says how the petitioner agreed
	// OnBehalf is the petitioner, when his helper rates for him.
	OnBehalf string
}

var (
	// ErrAlready refuses another first rating of the same thing.
	ErrAlready = fault.New(fault.Conflict, "rating.already", "这件事已经评价过了，谢谢您")
	// ErrConsent refuses a clerk's rating for somebody who did not agree to it.
	ErrConsent = fault.New(fault.Invalid, "rating.consent", "代群众评价，请写明本人是怎么同意的（签字、按手印或口头）")
)

// longest text of a rating, in characters.
const longest = 500

// Desk is where ratings are given.
type Desk struct {
	store    *store.Store
	calendar *workday.Calendar
	mark     string // of the calendar
	rules    Rules
	people   *account.Desk
	appeals  *appeal.Desk
	cases    *casework.Desk
	docket   *docket.Docket[Redress, RedressSeen]
}

// New opens the desk.
func New(s *store.Store, calendar *workday.Calendar, rules Rules, people *account.Desk, appeals *appeal.Desk, cases *casework.Desk) *Desk {
	d := &Desk{store: s, calendar: calendar, mark: casework.MarkOf(calendar), rules: rules, people: people, appeals: appeals, cases: cases}
	d.docket = &docket.Docket[Redress, RedressSeen]{Store: s, Flow: Flow, Table: "redresses", Late: ErrRedressNotNow, Load: d.load, Show: d.whole, Offers: offers}
	people.CarriedBy(d.docket.Carry)
	people.OfficesUsedBy("差评整改", openAt)
	return d
}

// What is rated, by its kind.
const (
	OfAnAppeal = "appeal"
	OfACase    = "case"
)

// RateAppeal is done once by the petitioner, or by a clerk for somebody whose appeal his village filed, with his consent.
// It is possible from the reply on.
func (d *Desk) RateAppeal(ctx context.Context, actor access.Actor, id string, in Input) (Rating, error) {
	given, err := d.give(ctx, actor, in, func(tx *store.Tx, r *Rating) error {
		a, err := d.appeals.Rateable(tx, id)
		if err != nil {
			return err
		}
		if in.Version != 0 && in.Version != a.Version {
			return store.ErrLost
		}
		if err := d.appeals.Behalf(tx, &a, in.OnBehalf); err != nil {
			return err
		}
		r.Kind, r.Object, r.Person, r.County, r.Town, r.Village = OfAnAppeal, a.ID, a.Applicant, a.County, a.Town, a.Village
		if err := d.keep(tx, r); err != nil {
			return err
		}
		office, err := officeOf(tx, a)
		if err != nil {
			return err
		}
		if err := d.open(tx, r, a.Number, office); err != nil {
			return err
		}
		return d.appeals.Rated(tx, a, in.Solved)
	})
	if err != nil {
		return Rating{}, d.appeals.Standing(ctx, actor, id, err)
	}
	return given, nil
}

// RateCase is done once by the applicant or his helper, or by a clerk for somebody for whom his village filed the case, with
// his consent. It is possible from the decision on, whatever was decided (GB/T 39734: one rating for one matter).
func (d *Desk) RateCase(ctx context.Context, actor access.Actor, id string, in Input) (Rating, error) {
	given, err := d.give(ctx, actor, in, func(tx *store.Tx, r *Rating) error {
		c, err := d.cases.Rateable(tx, id)
		if err != nil {
			return err
		}
		if in.Version != 0 && in.Version != c.Version {
			return store.ErrLost
		}
		if err := d.cases.Behalf(tx, &c, in.OnBehalf); err != nil {
			return err
		}
		r.Kind, r.Object, r.Person, r.County, r.Town, r.Village = OfACase, c.ID, c.Applicant, c.County, c.Town, c.Village
		if err := d.keep(tx, r); err != nil {
			return err
		}
		return d.open(tx, r, c.PublicNumber(), c.Office)
	})
	if err != nil {
		return Rating{}, d.cases.Standing(ctx, actor, id, err)
	}
	return given, nil
}

// give writes down what was said; of says of what, and keeps it.
func (d *Desk) give(ctx context.Context, actor access.Actor, in Input, of func(*store.Tx, *Rating) error) (Rating, error) {
	text, err := check(actor, in)
	if err != nil {
		return Rating{}, err
	}
	var given Rating
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		given = Rating{ID: tx.NewID(), Level: in.Level, Solved: in.Solved, CreatedAt: tx.Now}
		if actor.Role == access.Clerk {
			given.ByAgent, given.Consent = actor.Person, in.Consent
		}
		if text != "" {
			given.Text = d.store.Keys().Seal(sealedText(given.ID), []byte(text))
		}
		if err := of(tx, &given); err != nil {
			return err
		}
		tx.Answer(given)
		return nil
	})
	return given, err
}

// keep adds the rating, with its row of the trail and its message.
func (d *Desk) keep(tx *store.Tx, r *Rating) error {
	if err := tx.Create(r).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrAlready
	} else if err != nil {
		return err
	}
	tx.Trail(store.Entry{Act: "rating.give", Kind: "rating", Object: r.ID, Area: r.Village})
	tx.Emit(store.Message{Topic: "rating.give", Kind: "rating", Object: r.ID, Area: r.Village, Data: map[string]any{r.Kind: r.Object, "poor": r.Level.Poor()}})
	return nil
}

// OfAppeal is the rating of an appeal, for whoever sees the appeal; nil when there is none. Nothing is never taken for praise.
func (d *Desk) OfAppeal(ctx context.Context, actor access.Actor, id string) (*Seen, error) {
	return d.given(ctx, OfAnAppeal, id, func() (bool, error) { return d.appeals.CanSee(ctx, actor, id) })
}

// OfCase is the rating of a case, for whoever sees the case; nil when there is none.
func (d *Desk) OfCase(ctx context.Context, actor access.Actor, id string) (*Seen, error) {
	return d.given(ctx, OfACase, id, func() (bool, error) { return d.cases.CanSee(ctx, actor, id) })
}

func (d *Desk) given(ctx context.Context, kind, id string, canSee func() (bool, error)) (*Seen, error) {
	sees, err := canSee()
	if err != nil {
		return nil, err
	}
	if !sees {
		return nil, fault.NotFound
	}
	var rows []Rating
	err = d.store.Read(ctx).Where("kind = ? AND object = ?", kind, id).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	r := rows[0]
	seen := &Seen{ID: r.ID, Level: r.Level, Solved: r.Solved, ByAgent: r.ByAgent != "", Consent: r.Consent, CreatedAt: r.CreatedAt}
	if seen.Text, err = d.words(r); err != nil {
		return nil, err
	}
	if seen.Answer, seen.AnsweredAt, err = d.answered(d.store.Read(ctx), r.ID); err != nil {
		return nil, err
	}
	seen.Addition, err = d.added(d.store.Read(ctx), r.ID)
	return seen, err
}

func sealedText(id string) secret.Where {
	return secret.Where{Table: "ratings", Column: "text", Row: id}
}

func check(actor access.Actor, in Input) (text string, err error) {
	if in.Level < VerySatisfied || in.Level > VeryUnsatisfied {
		return "", fault.Wrong("body.level", "请选择 1（非常满意）到 5（非常不满意）")
	}
	switch agreed := in.Consent == "signed" || in.Consent == "fingerprint" || in.Consent == "spoken"; {
	case actor.Role == access.Clerk && !agreed:
		return "", ErrConsent.At(fault.Field{Location: "body.consent", Message: "请写明本人是怎么同意的"})
	case actor.Role != access.Clerk && in.Consent != "":
		return "", fault.Wrong("body.consent", "本人评价不用填")
	}
	text, err = secret.CleanText(in.Text, longest)
	if errors.Is(err, secret.ErrTextEmpty) {
		return "", nil
	}
	if err != nil {
		return "", fault.Wrong("body.text", fault.Of(err).Title)
	}
	return text, nil
}
