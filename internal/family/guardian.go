package family

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Relation is how a guardian stands to the minor (民法典 27), or to the ward (民法典 28).
type Relation string

// Proof is the paper by which the clerk saw it.
type Proof string

// Change is why a guardianship ends before its last day.
type Change string

// The closed lists, with their words.
var (
	relations = map[Relation]string{
		"father": "父亲", "mother": "母亲", "grandparent": "祖父母", "maternal_grandparent": "外祖父母", "sibling": "兄姐",
		"spouse": "配偶", "child": "成年子女", "other": "其他（经村委会同意）",
	}
	// ofWards are for adults only: no minor has such a guardian.
	ofWards = []Relation{"spouse", "child"}
	proofs  = map[Proof]string{"household_register": "户口簿", "birth_certificate": "出生医学证明", "court": "法院文书", "appointed": "指定监护的文书"}
	// forWards: an adult has a guardian only after a decision.
	forWards = []Proof{"court", "appointed"}
	changes  = map[Change]string{"changed": "监护变更", "court": "法院撤销或变更", "death": "监护人或被监护人死亡", "mistake": "登记有误"}
)

// Text is the relation's Chinese name; empty for none.
func (r Relation) Text() string { return relations[r] }

// Text is the paper's Chinese name; empty for none.
func (p Proof) Text() string { return proofs[p] }

// longestWard is for how many years an adult's guardian is written down before the papers are looked at again.
const longestWard = 5

var (
	// ErrGuardianTwice refuses a second open guardianship between the same two.
	ErrGuardianTwice = fault.New(fault.Conflict, "guardian.already", "已经登记过这位监护人，不用再登记")
	// ErrGuardianAtCounter: neither guardian nor child ends it by himself.
	ErrGuardianAtCounter = fault.New(fault.Conflict, "guardian.at_counter", "监护关系不能自己结束，有变化的请带上文书到村便民服务站办理")
)

// Guardianship is what a clerk writes down: that Guardian is the guardian of a minor, or of a ward.
type Guardianship struct {
	Guardian  string
	Relation  Relation
	Proof     Proof
	BirthDate clock.Date // of the child, where nothing says it yet
	Until     clock.Date // needed for an adult; a minor's is his last day before 18, unless an earlier one is said
	Consent   account.Consent
}

func (g Guardianship) check() error {
	switch {
	case relations[g.Relation] == "":
		return fault.Wrong("body.relation", "请选择监护人是孩子的什么人")
	case proofs[g.Proof] == "":
		return fault.Wrong("body.proof", "请选择凭什么文书：户口簿、出生医学证明、法院文书、指定监护的文书")
	case g.Consent.GivenBy != "":
		return fault.Wrong("body.consent.given_by", "这里是监护人本人同意")
	}
	return g.Consent.Check(account.Signed, account.Fingerprint, account.Spoken)
}

// until is the last day: the day before the child is eighteen, or the ward's that was said.
func (g Guardianship) until(ward account.Known, today clock.Date) (clock.Date, error) {
	if ward.Born.IsZero() && g.Until.IsZero() {
		return clock.Date{}, fault.Wrong("body.birth_date", "请写明孩子的出生日期")
	}
	if ward.Born.Under(account.FullAge, today) {
		last := ward.Born.Date().AddYears(account.FullAge).AddDays(-1)
		switch {
		case slices.Contains(ofWards, g.Relation):
			return last, fault.Wrong("body.relation", "未成年人的监护人请选父母、祖父母、外祖父母、兄姐或其他")
		case g.Until.IsZero() || last.Before(g.Until):
			return last, nil
		case g.Until.Before(today):
			return last, fault.Wrong("body.valid_until", "这一天已经过去了")
		}
		return g.Until, nil
	}
	switch {
	case !slices.Contains(forWards, g.Proof):
		return g.Until, fault.Wrong("body.proof", "成年人的监护要有法院文书或指定监护的文书")
	case g.Until.IsZero() || g.Until.Before(today) || today.AddYears(longestWard).Before(g.Until):
		return g.Until, fault.Wrong("body.valid_until", "成年人的监护请写明到哪天为止，最长五年，到期再看文书")
	}
	return g.Until, nil
}

// SetGuardian (登记监护人) is done by the clerk of both, with the guardian's consent; the child's own is not asked. From then on the guardian
// sees and does what the child could. It ends by itself the day the child is eighteen.
func (d *Desk) SetGuardian(ctx context.Context, actor access.Actor, ward string, g Guardianship) (Acting, error) {
	if _, err := d.served(d.store.Read(ctx), actor, ward, g.Guardian); err != nil {
		return Acting{}, err
	}
	if err := g.check(); err != nil {
		return Acting{}, err
	}
	if ward == g.Guardian {
		return Acting{}, fault.Wrong("body.guardian", "监护人不能是本人")
	}
	var done Acting
	err := d.store.Write(ctx, actor, func(tx *store.Tx) (err error) {
		if done, err = d.guard(tx, ward, g); err == nil {
			tx.Answer(done)
		}
		return err
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = ErrGuardianTwice
	}
	return done, err
}

func (d *Desk) guard(tx *store.Tx, ward string, g Guardianship) (Acting, error) {
	today := clock.DateOf(tx.Now)
	p, err := d.served(tx.DB, tx.Actor, ward, g.Guardian)
	if err != nil {
		return Acting{}, err
	}
	guardian, err := d.served(tx.DB, tx.Actor, g.Guardian, ward)
	switch {
	case errors.Is(err, fault.NotFound):
		return Acting{}, fault.Wrong("body.guardian", "请先在本村登记监护人")
	case err != nil:
		return Acting{}, err
	case guardian.Born.Under(account.FullAge, today):
		return Acting{}, fault.Wrong("body.guardian", "监护人要年满十八周岁")
	}
	if err := errors.Join(account.Hold(tx, p.ID), account.Hold(tx, guardian.ID)); err != nil {
		return Acting{}, err
	}
	if p.Born, err = d.people.TellBorn(tx, p.ID, g.BirthDate); err != nil {
		return Acting{}, err
	}
	until, err := g.until(p, today)
	if err != nil {
		return Acting{}, err
	}
	pair := "g|" + p.ID + "|" + guardian.ID
	row := actingRow{
		ID: tx.NewID(), Principal: p.ID, Helper: guardian.ID, Kind: Guardian, Relation: string(g.Relation), Proof: string(g.Proof), Scope: ScopeAll,
		Status: ActingActive, Version: 1, OpenPair: &pair, ValidFrom: today, ValidUntil: until, CreatedAt: tx.Now, UpdatedAt: tx.Now,
	}
	if err := room(tx, row.OpenPair); err != nil {
		return Acting{}, err
	}
	if row.Consent, err = g.Consent.KeepAs(tx, account.ToGuardian, guardian.ID); err != nil {
		return Acting{}, err
	}
	if err := tx.Create(&row).Error; err != nil {
		return Acting{}, err
	}
	tx.Trail(store.Entry{Act: "guardianship.make", Kind: GuardianFlow.Name, Object: row.ID, Area: tx.Actor.Area, To: string(row.Status), Why: row.Relation + " " + row.Proof})
	return d.acting(tx.DB, tx.Actor, row)
}

// EndGuardian (监护变更) ends it at once; the guardian sees nothing of the child's from then on.
func (d *Desk) EndGuardian(ctx context.Context, actor access.Actor, id string, why Change) (Acting, error) {
	var done Acting
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row, err := d.actingByID(tx.DB, actor, id)
		if err == nil && row.Kind != Guardian {
			err = fault.NotFound
		}
		if err != nil {
			return err
		}
		if row, err = d.step(tx, row, EndActing, endFor(why)); err != nil {
			return err
		}
		if done, err = d.acting(tx.DB, actor, row); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	return done, err
}

func endFor(why Change) func(*store.Tx, actingRow) (map[string]any, error) {
	return func(tx *store.Tx, row actingRow) (map[string]any, error) {
		if changes[why] == "" {
			return nil, fault.Wrong("body.why", "请选择为什么结束：监护变更、法院撤销或变更、死亡、登记有误")
		}
		set := ended(tx)
		set["why"] = string(why)
		_, err := account.WithdrawConsent(tx, row.Consent, "")
		return set, err
	}
}

// BornAnew sets right how long a minor's guardians stay, after his birth date was corrected: to his last day before 18, or to an earlier
// one that was said. What a court or an appointment says of an adult stays.
func (d *Desk) BornAnew(tx *store.Tx, ward string, was, now secret.BirthDate) error {
	if was.IsZero() || now.IsZero() || was.Equal(now) {
		return nil
	}
	lastOf := func(b secret.BirthDate) clock.Date { return b.Date().AddYears(account.FullAge).AddDays(-1) }
	before, last, today := lastOf(was), lastOf(now), clock.DateOf(tx.Now)
	var rows []actingRow
	err := tx.Where("principal = ? AND kind = ? AND status = ? AND valid_until >= ?", ward, Guardian, ActingActive, today).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	for _, row := range rows {
		// Until then it was a minor's: no minor's lasts longer.
		minors := !before.Before(row.ValidUntil) && was.Under(account.FullAge, row.ValidFrom)
		if !minors || row.ValidUntil != before && !last.Before(row.ValidUntil) {
			continue
		}
		done := tx.Model(&actingRow{}).Where("id = ? AND version = ?", row.ID, row.Version).
			UpdateColumns(map[string]any{"valid_until": last, "version": row.Version + 1, "updated_at": tx.Now})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return store.ErrLost
		}
		tx.Trail(store.Entry{Act: "guardianship.reckon", Kind: GuardianFlow.Name, Object: row.ID, Area: tx.Actor.Area, Fields: []string{"valid_until"}})
	}
	return nil
}

// guards reports whether somebody is the other's guardian that day.
func guards(db *gorm.DB, guardian, ward string, today clock.Date) (bool, error) {
	var n int64
	err := db.Model(&actingRow{}).Where("helper = ? AND principal = ? AND kind = ? AND status = ?", guardian, ward, Guardian, ActingActive).
		Where("valid_from <= ? AND valid_until >= ?", today, today).Count(&n).Error
	return n > 0, err
}
