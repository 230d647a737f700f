package courier

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/rights"
	"tongban/internal/store"
)

// Message is news in somebody's inbox: numbers and states in plain Chinese, nothing personal.
type Message struct {
	ID        string `gorm:"primaryKey"`
	Letter    string // that it came from; one letter is one message
	Person    string
	Kind      string // of the object, such as appeal
	Object    string // id
	Text      string
	CreatedAt time.Time
	ReadAt    *time.Time
}

func (Message) TableName() string { return "inbox" }

// Tell answers who is to be told about a letter, and what; an empty person when nobody is. It only reads.
type Tell func(ctx context.Context, l store.Letter) (person, text string, err error)

// Tell registers who is told about letters of one kind.
func (c *Courier) Tell(kind string, tell Tell) {
	if c.tells[kind] != nil {
		panic("courier: told twice: " + kind)
	}
	c.tells[kind] = tell
}

// SilentTo registers who is told nothing any more, such as whoever closed his account. It is asked in the transaction that keeps the
// message, for every kind of letter: no desk has to think of it.
func (c *Courier) SilentTo(closed func(tx *store.Tx, person string) (bool, error)) { c.silent = closed }

func (c *Courier) told(l store.Letter) bool { return c.tells[l.Kind] != nil }

// longestText in characters fits the column.
const longestText = 500

const errTooLong ownError = "the message is too long"

// inbox is the channel to the residents' inbox.
func (c *Courier) inbox(ctx context.Context, l store.Letter) (keep, error) {
	person, text, err := c.tells[l.Kind](ctx, l)
	if err != nil || person == "" || text == "" {
		return nil, err
	}
	if len([]rune(text)) > longestText {
		return nil, errTooLong
	}
	return func(tx *store.Tx) error {
		if c.silent != nil {
			if silent, err := c.silent(tx, person); err != nil || silent {
				return err
			}
		}
		return tx.Create(&Message{
			ID: tx.NewID(), Letter: l.ID, Person: person, Kind: l.Kind, Object: l.Object, Text: text, CreatedAt: tx.Now,
		}).Error
	}, nil
}

// Inbox is the desk where people read their messages.
type Inbox struct{ store *store.Store }

// NewInbox opens the desk.
func NewInbox(s *store.Store) *Inbox { return &Inbox{s} }

// Messages lists the actor's own messages, newest first, older than the id after.
func (d *Inbox) Messages(ctx context.Context, actor access.Actor, after string, limit int) ([]Message, error) {
	if !actor.Signed() {
		return nil, fault.NeedLogin
	}
	var list []Message
	err := store.Page(d.store.Read(ctx).Where("person = ?", actor.Person), after, limit).Find(&list).Error
	return list, err
}

// Forget removes the messages of somebody whose account is closed.
func (d *Inbox) Forget(tx *store.Tx, person string) error {
	return tx.Where("person = ?", person).Delete(&Message{}).Error
}

// Copied are the actor's messages for a copy of his data.
func (d *Inbox) Copied(ctx context.Context, actor access.Actor, after string, limit int) ([]rights.Message, error) {
	rows, err := d.Messages(ctx, actor, after, limit)
	list := make([]rights.Message, 0, len(rows))
	for _, m := range rows {
		list = append(list, rights.Message{ID: m.ID, At: m.CreatedAt, Text: m.Text, ReadAt: m.ReadAt})
	}
	return list, err
}

// MarkRead notes that the actor has read a message of his. Doing so again changes nothing.
func (d *Inbox) MarkRead(ctx context.Context, actor access.Actor, id string) (Message, error) {
	if !actor.Signed() {
		return Message{}, fault.NeedLogin
	}
	var m Message
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		read := tx.Model(&Message{}).Where("id = ? AND person = ? AND read_at IS NULL", id, actor.Person).UpdateColumn("read_at", tx.Now)
		if read.Error != nil {
			return read.Error
		}
		if read.RowsAffected == 1 {
			tx.Trail(store.Entry{Act: "message.mark_read", Kind: "message", Object: id, Area: actor.Area})
		}
		m = Message{}
		err := tx.Where("id = ? AND person = ?", id, actor.Person).Take(&m).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return fault.NotFound
		}
		if err != nil {
			return err
		}
		tx.Answer(m)
		return nil
	})
	if err != nil {
		return Message{}, err
	}
	return m, nil
}
