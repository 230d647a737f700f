package appeal

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// Acceptance is a dispatcher's accepting (受理).
type Acceptance struct {
	Version int
	Urgency Urgency // empty: as handed in; else what the dispatcher finds, and the clocks count anew from submission
	Note    string  // optional, for colleagues
}

// Accept takes the appeal in.
func (d *Desk) Accept(ctx context.Context, actor access.Actor, id string, in Acceptance) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Accept, func(s *step) error {
		s.set["accepted_at"] = s.now
		if in.Urgency != "" && in.Urgency != s.row.Urgency {
			if !slices.Contains(urgencies(), in.Urgency) {
				return fault.Wrong("body.urgency", "请选择紧急程度")
			}
			limits := d.limits.clock(s.row.Class, in.Urgency)
			s.change(d.running(s.row.CreatedAt, d.calendar.Due(s.row.CreatedAt, limits.Result), s.row.Light, s.now))
			s.set["contact_by"] = d.until(s.row.CreatedAt, limits.Contact)
			s.set["urgency"], s.detail.Urgency = string(in.Urgency), in.Urgency
		}
		return s.say("body.note", in.Note, 0)
	})
}

// Diversion names the right channel (告知渠道).
type Diversion struct {
	Version int
	Channel string // one of Channels
	Text    string // what the petitioner is told
}

// Divert ends an appeal that belongs elsewhere: in court, with the discipline inspection, with petitions.
func (d *Desk) Divert(ctx context.Context, actor access.Actor, id string, in Diversion) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Divert, func(s *step) error {
		s.change(stopped(s.row, s.now))
		if err := s.choose("body.channel", in.Channel, Channels); err != nil {
			return err
		}
		return s.say("body.text", in.Text, shortestText)
	})
}

// Refusal gives a coded reason and says it in words (不予受理).
type Refusal struct {
	Version int
	Reason  string // one of DeclineReasons
	Text    string // what the petitioner is told
}

// Decline ends an appeal that cannot be taken.
func (d *Desk) Decline(ctx context.Context, actor access.Actor, id string, in Refusal) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Decline, func(s *step) error {
		s.change(stopped(s.row, s.now))
		if err := s.choose("body.reason", in.Reason, DeclineReasons); err != nil {
			return err
		}
		return s.say("body.text", in.Text, shortestText)
	})
}

// Merger names the master (主单).
type Merger struct {
	Version int
	Master  string
	Note    string // optional, for colleagues
}

// Merge joins the appeal to an open one about the same matter (并单). It stays an appeal with its own notice and rating. Not
// to one in the hands of whom it complains of.
func (d *Desk) Merge(ctx context.Context, actor access.Actor, id string, in Merger) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Merge, func(s *step) error {
		master, err := d.load(s.tx.DB, actor, in.Master)
		if err != nil || master.ID == s.row.ID || Flow.IsFinal(master.Status) {
			return wrongMaster(err)
		}
		// Lock the master before moving the follower, and look for the follower's own followers after: of two mergers
		// that would chain or circle, the later one is refused, or both meet in a deadlock and try again.
		held := s.tx.Table("appeals").Where("id = ? AND status = ?", master.ID, string(master.Status)).UpdateColumn("updated_at", s.now)
		if held.Error != nil || held.RowsAffected != 1 {
			return wrongMaster(held.Error)
		}
		if err := s.impartial(master.ID); err != nil {
			return err
		}
		s.change(stopped(s.row, s.now))
		s.set["master"], s.detail.Master = master.ID, master.ID
		s.after(func() error { return d.alone(s.tx, s.row.ID) })
		return s.say("body.note", in.Note, 0)
	})
}

// wrongMaster: not there, not yours and not fit are one answer.
func wrongMaster(err error) error {
	if err == nil || fault.Of(err).Kind == fault.Missing {
		return ErrMaster
	}
	return err
}

// alone fails when appeals are merged into this one.
func (d *Desk) alone(tx *store.Tx, id string) error {
	n, err := followers(tx.DB, id)
	if err == nil && n > 0 {
		err = ErrHasFollowers
	}
	return err
}

func followers(db *gorm.DB, id string) (n int64, err error) {
	err = db.Model(&Appeal{}).Where("master = ?", id).Count(&n).Error
	return n, err
}

// tellFollowers writes a message for each appeal that was merged into this one, when its master came to something.
func (d *Desk) tellFollowers(tx *store.Tx, master *Appeal, do flow.Act) error {
	if !slices.Contains(passedOn, do) {
		return nil
	}
	var rows []Appeal
	if err := tx.Select("id, village").Where("master = ?", master.ID).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		tx.Emit(store.Message{Topic: masterTopic + string(do), Kind: kind, Object: row.ID, Area: row.Village})
	}
	return nil
}

// InstantAnswer is a dispatcher's own answer to a consultation (即答).
type InstantAnswer struct {
	Version int
	Text    string
}

// Answer replies to a consultation at once.
func (d *Desk) Answer(ctx context.Context, actor access.Actor, id string, in InstantAnswer) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Answer, func(s *step) error {
		if s.row.Class != Consult {
			return ErrOnlyConsult
		}
		s.after(func() error { return s.apartFrom(actor) })
		s.replied()
		return s.say("body.text", in.Text, shortestText)
	})
}

// replied stops the clock and sets when a round looks again: at once for an anonymous petitioner, whom nobody can ask,
// else when the follow-up opens.
func (s *step) replied() {
	s.change(stopped(s.row, s.now))
	s.set["replied_at"] = s.now
	s.set["attempts"] = 0
	next := s.now
	if s.row.Identity != Anonymous {
		next = s.desk.until(s.now, s.desk.limits.FollowUp.Opens)
	}
	s.set["next_at"] = next
}
