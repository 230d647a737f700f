package appeal

import (
	"context"
	"slices"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/docket"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Reach is how a petitioner is reached, in full.
type Reach struct{ Name, Phone string }

// RevealContact (查看联系方式) tells name and phone in full, with a reason, in the trail. It is for whoever has to call now:
// the owner while he handles it, the follow-up once there is a reply, the clerk who filed it; and of a petitioner who
// asked for secrecy the dispatcher, who alone passes word to him.
func (d *Desk) RevealContact(ctx context.Context, actor access.Actor, id, reason string) (Reach, error) {
	reason, err := docket.Typed("body.reason", reason, 2, 200)
	if err != nil {
		return Reach{}, err
	}
	if err := account.Wordy(reason); err != nil {
		return Reach{}, err
	}
	if err := d.mayLook(ctx, actor, id); err != nil {
		return Reach{}, err
	}
	var reach Reach
	// No answer is stored: a look is never repeated without its trail, and names and phones lie nowhere else.
	err = d.store.Write(store.WithClaim(ctx, nil), actor, func(tx *store.Tx) error {
		reach = Reach{}
		a, err := d.load(tx.DB, actor, id)
		if err != nil {
			return err
		}
		if err := mayReach(a, actor); err != nil {
			return err
		}
		name, err := d.people.PersonName(ctx, a.Applicant)
		if err != nil {
			return err
		}
		if name.Equal(secret.ClosedName()) {
			return ErrContactClosed
		}
		if reach.Name, err = name.Reveal(tx, "person", a.Applicant, "name", reason); err != nil {
			return err
		}
		phone, err := d.people.PersonPhone(ctx, a.Applicant)
		if err != nil {
			return err
		}
		if reach.Phone, err = plain(phone, tx, a.Applicant, reason); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "appeal.reveal_contact", Kind: kind, Object: a.ID, Area: a.Village, Fields: []string{"name", "phone"}})
		return nil
	})
	if err != nil {
		return Reach{}, err
	}
	return reach, nil
}

// mayLook counts a look that would be granted, before anything is told.
func (d *Desk) mayLook(ctx context.Context, actor access.Actor, id string) error {
	a, err := d.load(d.store.Read(ctx), actor, id)
	if err != nil {
		return err
	}
	if err := mayReach(a, actor); err != nil {
		return err
	}
	try := func(a store.Allowance, person string) (time.Duration, error) { return d.store.Try(ctx, a, person) }
	return spend(try, account.Looks, actor.Person, ErrRevealQuota)
}

// plain is empty for somebody without a phone: then the clerk of his village goes there.
func plain(phone secret.Phone, tx *store.Tx, person, reason string) (string, error) {
	if phone.IsZero() {
		return "", nil
	}
	return phone.Reveal(tx, "person", person, "phone", reason)
}

// mayReach: is it this actor who calls, and now?
func mayReach(a *Appeal, actor access.Actor) error {
	if !knows(a, actor) {
		return ErrContactHidden
	}
	calls := false
	switch actor.Role {
	case officer:
		calls = a.Owner == actor.Person && slices.Contains([]flow.State{Acknowledged, Handling, Shelved}, a.Status)
	case followUp:
		calls = a.Owner != actor.Person && slices.Contains([]flow.State{Replied, FollowingUp}, a.Status)
	case clerk:
		calls = a.Agent == actor.Person && !Flow.IsFinal(a.Status)
	case dispatcher:
		calls = a.Identity == DispatcherOnly && !Flow.IsFinal(a.Status)
	}
	if !calls {
		return ErrContactNotYours
	}
	return nil
}
