package appeal

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Order says which offices handle an appeal (派单).
type Order struct {
	Version       int
	Office        string   // the lead (首接负责)
	CoOffices     []string // optional co-handlers, who report to it
	VillageAffair bool     // 村内事务: the village's own matter, in which its station may lead
	Note          string   // optional, for the offices
}

const mostCoOffices = 5

// Dispatch gives an accepted appeal to an office. Not to one that is complained of, here or in what is merged into it, nor to one elsewhere; and the village is
// not made to lead in the government's work.
func (d *Desk) Dispatch(ctx context.Context, actor access.Actor, id string, in Order) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Dispatch, func(s *step) error {
		if s.row.DecidedOffice != "" && in.Office != s.row.DecidedOffice {
			return ErrOfficeDecided
		}
		return s.hand(in)
	})
}

// Reassign gives a dispatched appeal to another office (转派). What the county's supervisor decided only he may change.
func (d *Desk) Reassign(ctx context.Context, actor access.Actor, id string, in Order) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Reassign, func(s *step) error {
		if s.row.DecidedOffice != "" && in.Office != s.row.DecidedOffice {
			if !countySupervisor(actor) {
				return ErrOfficeDecided
			}
			s.set["decided_office"] = in.Office
		}
		return s.hand(in)
	})
}

// hand puts the appeal into the offices' hands.
func (s *step) hand(in Order) error {
	co := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(in.CoOffices))), func(o string) bool { return o == in.Office })
	if len(co) > mostCoOffices {
		return fault.Wrong("body.co_offices", "协办单位最多 5 个")
	}
	lead, err := s.fit("body.office", in.Office)
	if err != nil {
		return err
	}
	if lead.Kind == account.VillageStation && !in.VillageAffair {
		return ErrVillageNotLead
	}
	for _, office := range co {
		if _, err := s.fit("body.co_offices", office); err != nil {
			return err
		}
	}
	s.change(map[string]any{"office": in.Office, "owner": "", "dispatched_at": s.now, "acknowledged_at": nil})
	s.detail.Office, s.detail.CoOffices = in.Office, co
	s.after(func() error { return account.OpenOffices(s.tx, append(slices.Clone(co), in.Office)...) })
	s.after(func() error { return s.desk.spared(s.ctx, s.tx, s.row.ID, append(slices.Clone(co), in.Office)) })
	s.after(func() error { return give(s.tx, s.row.ID, in.Office, co) })
	return s.say("body.note", in.Note, 0)
}

// fit is the office, if the appeal may go there.
func (s *step) fit(field, id string) (account.Office, error) {
	office, err := s.desk.people.Office(s.ctx, id)
	if errors.Is(err, fault.NotFound) {
		return office, fault.Wrong(field, "没有这个单位，请重新选择")
	}
	if err != nil {
		return office, err
	}
	ended, err := s.desk.people.OfficeClosedOn(s.ctx, id)
	switch {
	case err != nil:
		return office, err
	case !ended.IsZero():
		return office, fault.Wrong(field, "这个单位已经撤销，请重新选择")
	case id == s.row.AboutOffice:
		return office, ErrComplainedOf
	}
	serves, err := s.desk.serves(s.ctx, s.row.AboutPerson, id)
	switch {
	case err != nil:
		return office, err
	case serves:
		return office, ErrComplainedOf
	case !office.Area.Contains(s.row.Village):
		return office, ErrElsewhere
	}
	return office, nil
}

// openAt are the open appeals that an office leads, helps with, or was decided for.
func openAt(db *gorm.DB, office string) (n int64, numbers []string, err error) {
	return docket.Some(func() *gorm.DB {
		return db.Model(&Appeal{}).Where("status IN ?", Flow.Open()).
			Where("(office = ? OR decided_office = ? OR id IN (SELECT appeal FROM appeal_offices WHERE office = ?))", office, office, office)
	})
}

// give replaces the offices that have the appeal; without a lead nobody has it.
func give(tx *store.Tx, appeal, lead string, co []string) error {
	if err := tx.Where("appeal = ?", appeal).Delete(&partRow{}).Error; err != nil {
		return err
	}
	if lead == "" {
		return nil
	}
	rows := []partRow{{appeal, lead, true}}
	for _, office := range co {
		rows = append(rows, partRow{appeal, office, false})
	}
	return tx.Create(&rows).Error
}

// Acknowledgement is an officer's signing for a dispatched appeal (签收).
type Acknowledgement struct{ Version int }

// Acknowledge makes the officer of the leading office the owner.
func (d *Desk) Acknowledge(ctx context.Context, actor access.Actor, id string, in Acknowledgement) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Acknowledge, func(s *step) error {
		s.change(map[string]any{"owner": actor.Person, "acknowledged_at": s.now})
		s.after(func() error { return s.apartFrom(actor) })
		return s.led(actor)
	})
}

// led: only the leading office does this; co-handlers look on.
func (s *step) led(actor access.Actor) error {
	if actor.Office != s.row.Office {
		return ErrNotLead
	}
	return nil
}

// owned: only the owner does this.
func (s *step) owned(actor access.Actor) error {
	if actor.Person != s.row.Owner {
		return ErrNotOwner
	}
	return nil
}
