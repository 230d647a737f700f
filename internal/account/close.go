package account

import (
	"errors"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// ErrClosed refuses what somebody begins whose account was closed a moment ago.
var ErrClosed = fault.New(fault.Conflict, "person.closed", "这个账号已经注销，不能再办。要办事可以重新登记")

// CloseCause is why an account is closed: one of a closed list.
type CloseCause string

// The closed list of causes. A resident does it himself; for the others there is the clerk of his village.
const (
	ClosedSelf  CloseCause = "self"  // 本人在手机上办理
	ClosedAsked CloseCause = "asked" // 本人要求
	ClosedDied  CloseCause = "died"  // 去世
	ClosedMoved CloseCause = "moved" // 迁出
)

var closeCauses = map[CloseCause]string{ClosedSelf: "本人办理", ClosedAsked: "本人要求", ClosedDied: "去世", ClosedMoved: "迁出"}

// Closing says why an account is closed, and how the clerk knows.
type Closing struct {
	Cause CloseCause
	How   string // how it was asked or shown; of a clerk
}

// Closed is what is told about a closed account.
type Closed struct {
	ID string
	At time.Time
}

// why is what the trail says.
func (c Closing) why(actor access.Actor) (string, error) {
	label := closeCauses[c.Cause]
	if actor.Role == access.Resident {
		if c.Cause != ClosedSelf {
			return "", fault.Wrong("body.cause", "本人办理的不用选原因")
		}
		return label, nil
	}
	if label == "" || c.Cause == ClosedSelf {
		return "", fault.Wrong("body.cause", "请选择本人要求、去世或者迁出")
	}
	how, err := Noted("body.how", c.How)
	return label + "：" + how, err
}

// Hold locks a person's row: until the transaction ends nothing else begins in his name, and a resident's account is not closed. ErrClosed
// when it is closed already.
func Hold(tx *store.Tx, id string) error {
	p, err := personByID(forUpdate(tx.DB), id)
	if err == nil && p.ClosedAt != nil {
		err = ErrClosed
	}
	return err
}

// IsClosed says whether somebody's account was closed. One that was not stays so until the transaction ends.
func IsClosed(tx *store.Tx, id string) (bool, error) {
	err := Hold(tx, id)
	if errors.Is(err, ErrClosed) {
		return true, nil
	}
	return false, err
}

// Leaver is whose account is being closed in this transaction.
type Leaver struct {
	row personRow
	why string
}

// Leaving finds who is to leave among those whom the actor sees, and holds his row. A resident closes his own account, the
// clerk of his village does it for him.
func (d *Desk) Leaving(tx *store.Tx, id string, c Closing) (Leaver, error) {
	p, err := onePerson(seenBy(tx.Actor)(forUpdate(tx.DB)).Where("id = ? AND kind = ?", id, residentKind))
	if err != nil {
		return Leaver{}, err
	}
	if err := tx.Actor.Must(access.Resident, access.Clerk); err != nil {
		return Leaver{}, err
	}
	if err := Attends(tx.DB, tx.Actor, p.ID); err != nil {
		return Leaver{}, err
	}
	if p.ClosedAt != nil {
		return Leaver{}, ErrClosed
	}
	why, err := c.why(tx.Actor)
	return Leaver{p, why}, err
}

// Close (注销, PIPL 47) takes out of the row all that says who somebody is, and ends what hangs on it: sessions, devices,
// codes and consents. The row stays, so that what was done has somebody who
// did it; where he lived stays in the trail alone.
func (d *Desk) Close(tx *store.Tx, l Leaver) (Closed, error) {
	p := l.row
	err := changePerson(tx, p, map[string]any{
		"name": nil, "phone": nil, "id_number": nil, "born": nil, "phone_index": nil, "id_index": nil, "wechat_index": nil,
		"county": "", "town": "", "village": "", "grid": "", "disabled_at": tx.Now, "closed_at": tx.Now,
		"token_version": p.TokenVersion + 1, "version": p.Version + 1, "updated_at": tx.Now,
	})
	if err != nil {
		return Closed{}, err
	}
	if err := forgetLogins(tx, p.ID); err != nil {
		return Closed{}, err
	}
	err = tx.Table("consents").Where("person = ? AND withdrawn_at IS NULL", p.ID).UpdateColumn("withdrawn_at", tx.Now).Error
	if err != nil {
		return Closed{}, err
	}
	tx.Trail(store.Entry{
		Act: "person.close", Kind: "person", Object: p.ID, Area: p.area().Village(), Why: l.why,
		Fields: []string{"name", "phone", "id_number", "born", "wechat", "village"},
	})
	return Closed{p.ID, tx.Now}, nil
}

// forgetLogins ends the sessions and drops by what else somebody is known when he comes again.
func forgetLogins(tx *store.Tx, person string) error {
	err := tx.Table("sessions").Where("person = ? AND ended_at IS NULL", person).UpdateColumns(map[string]any{"ended_at": tx.Now, "why": "closed"}).Error
	if err != nil {
		return err
	}
	for _, row := range []any{&deviceRow{}, &proofRow{}, &bindRow{}} {
		if err := tx.Where("person = ?", person).Delete(row).Error; err != nil {
			return err
		}
	}
	return nil
}

// ForgetStandings makes this replica ask the database again who is logged in; the others do so within five seconds.
func (d *Desk) ForgetStandings() { d.standing.forget() }
