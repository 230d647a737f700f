package account

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// Disable (停用) shuts a member of the staff out: he cannot log in, and what he holds ends within five seconds on every replica.
func (d *Desk) Disable(ctx context.Context, actor access.Actor, id, why string) (Staff, error) {
	return d.setDisabled(ctx, actor, id, why, true)
}

// Enable (恢复) lets him log in again; his old sessions stay ended.
func (d *Desk) Enable(ctx context.Context, actor access.Actor, id, why string) (Staff, error) {
	return d.setDisabled(ctx, actor, id, why, false)
}

func (d *Desk) setDisabled(ctx context.Context, actor access.Actor, id, why string, disabled bool) (Staff, error) {
	var now Staff
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		p, held, err := staffOf(tx, actor, id)
		if err != nil {
			return err
		}
		today := clock.DateOf(tx.Now)
		held = running(held, today)
		if err := mayManage(actor, held); err != nil {
			return err
		}
		why, err := whyOf(why)
		if err != nil {
			return err
		}
		if (p.DisabledAt != nil) != disabled {
			if disabled {
				err = notLast(tx, actor, held, today)
			}
			if err == nil {
				p, err = switchAccount(tx, p, disabled, why)
			}
			if err != nil {
				return err
			}
		}
		now, err = d.staffView(tx.DB, p)
		tx.Answer(now)
		return err
	})
	d.standing.forget()
	return now, err
}

func switchAccount(tx *store.Tx, p personRow, disabled bool, why string) (personRow, error) {
	act := "person.enable"
	set := map[string]any{"disabled_at": nil, "version": p.Version + 1, "updated_at": tx.Now, "token_version": p.TokenVersion + 1}
	if disabled {
		set["disabled_at"], act = tx.Now, "person.disable"
	}
	if err := changePerson(tx, p, set); err != nil {
		return p, err
	}
	p.Version, p.TokenVersion, p.DisabledAt = p.Version+1, p.TokenVersion+1, nil
	if disabled {
		p.DisabledAt = &tx.Now
	}
	tx.Trail(store.Entry{Act: act, Kind: "person", Object: p.ID, Area: p.area(), Why: why})
	return p, nil
}
