package rights

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Word is what a resident types who means it.
const Word = "注销"

var (
	// ErrStillOpen refuses while appeals wait for a reply or cases for their end: who closes his account cannot be answered any more.
	ErrStillOpen = fault.New(fault.Conflict, "rights.still_open", "还有诉求没有答复，或者办件没有办完。请先撤回，或者等办完以后再注销")
	errWord      = fault.Wrong("body.confirm", "请填写“注销”两个字")
)

// CloseMine (注销) is done by the resident himself, who typed the word.
func (d *Desk) CloseMine(ctx context.Context, actor access.Actor, word string) (account.Closed, error) {
	if err := actor.Must(access.Resident); err != nil {
		return account.Closed{}, err
	}
	if word != Word {
		return account.Closed{}, errWord
	}
	return d.close(ctx, actor, actor.Person, account.Closing{Cause: account.ClosedSelf})
}

// CloseFor is done by the clerk of his village: for somebody who asks at the counter, has died or moved away.
func (d *Desk) CloseFor(ctx context.Context, actor access.Actor, id string, c account.Closing) (account.Closed, error) {
	return d.close(ctx, actor, id, c)
}

// close is one transaction over all desks: either nothing of him is left anywhere, or everything is as it was.
func (d *Desk) close(ctx context.Context, actor access.Actor, id string, c account.Closing) (account.Closed, error) {
	var done account.Closed
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		leaver, err := d.People.Leaving(tx, id, c)
		if err != nil {
			return err
		}
		pending, err := d.pending(tx, id)
		if err != nil {
			return err
		}
		// Nobody takes back what a dead man complained of or applied for: it goes on without him.
		if len(pending) > 0 && c.Cause != account.ClosedDied {
			return ErrStillOpen.At(pending...)
		}
		if err := d.Families.Forget(tx, id); err != nil {
			return err
		}
		for _, forget := range d.forgets { // while it is known still which WeChat is his
			if err := forget(tx, id); err != nil {
				return err
			}
		}
		// After what he entrusted was revoked, which is not ended by its case then.
		if err := d.Cases.DiscardDrafts(ctx, tx, id); err != nil {
			return err
		}
		if done, err = d.People.Close(tx, leaver); err != nil {
			return err
		}
		if err := tx.ForgetAnswers(id); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	d.People.ForgetStandings()
	if err != nil {
		return account.Closed{}, err
	}
	return done, nil
}

// pending says what is open, with the address of each.
func (d *Desk) pending(tx *store.Tx, id string) ([]fault.Field, error) {
	appeals, err := d.Appeals.Pending(tx, id)
	if err != nil {
		return nil, err
	}
	cases, err := d.Cases.Pending(tx, id)
	if err != nil {
		return nil, err
	}
	list := make([]fault.Field, 0, len(appeals)+len(cases))
	for _, p := range appeals {
		list = append(list, fault.Field{Location: "appeals/" + p.ID, Message: "诉求 " + p.Number + " " + p.StatusText})
	}
	for _, p := range cases {
		list = append(list, fault.Field{Location: "cases/" + p.ID, Message: "办件 " + p.Number + " " + p.StatusText})
	}
	return list, nil
}
