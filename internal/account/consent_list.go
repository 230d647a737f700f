package account

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/store"
)

// Given is a consent as its giver is told of it.
type Given struct {
	ID          string
	Kind        string
	KindText    string
	TextVersion string
	How         string
	At          time.Time
	WithdrawnAt *time.Time
	Follows     string // what comes of withdrawing it; of a withdrawn one, what came
}

// consentKinds are what people agree to, and what withdrawing means (PIPL 15: it undoes nothing that was done before).
var consentKinds = map[string]struct{ text, follows string }{
	ToRegistration: {"登记个人信息", "撤回登记同意，就要注销，以后不能再登录，已经办过的事不受影响。请到村便民服务站办理。"},
	ToActing:       {"请亲友代办", "撤回以后，代办人马上不能再看您的事，也不能再替您办。代办人已经替您提交的，照常办理。"},
}

// The kinds of consent.
const (
	ToRegistration = "registration"
	ToActing       = "acting"
)

func given(c consentRow) Given {
	kind := consentKinds[c.Kind]
	return Given{
		ID: c.ID, Kind: c.Kind, KindText: kind.text, TextVersion: c.TextVersion, How: c.How, At: c.At, WithdrawnAt: c.WithdrawnAt, Follows: kind.follows,
	}
}

// Consents are what the resident has agreed to, newest first.
func (d *Desk) Consents(ctx context.Context, actor access.Actor, after string, limit int) ([]Given, error) {
	if err := actor.Must(access.Resident); err != nil {
		return nil, err
	}
	var rows []consentRow
	if err := store.Page(d.store.Read(ctx).Where("person = ?", actor.Person), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	return pluck(rows, given), nil
}
