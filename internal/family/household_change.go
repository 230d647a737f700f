package family

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// MakeHousehold (立户): the clerk gives it a number and a head of his village.
func (d *Desk) MakeHousehold(ctx context.Context, actor access.Actor, number, head string) (Household, error) {
	if err := actor.Must(access.Clerk); err != nil {
		return Household{}, err
	}
	number = strings.TrimSpace(number)
	phone, err := secret.ParsePhone(number)
	if !numberShape.MatchString(number) || err == nil && phone.Mobile() {
		return Household{}, fault.Wrong("body.number", "户号请用数字或字母，可以带“组”“队”“户”“号”，最多 12 个字；不要写姓名和电话")
	}
	return d.writing(ctx, actor, func(tx *store.Tx) (householdRow, error) {
		p, err := d.served(tx.DB, actor, head)
		if errors.Is(err, fault.NotFound) {
			err = fault.Wrong("body.head", "请先在本村登记户主")
		}
		if err != nil {
			return householdRow{}, err
		}
		row := householdRow{
			ID: tx.NewID(), Number: number, County: string(actor.Area.County()), Town: string(actor.Area.Town()), Village: actor.Area, Head: p.ID,
			OpenNumber: openNumber(actor.Area, number), Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now,
		}
		if err := join(tx, row.ID, p.ID, Head); err != nil {
			return row, err
		}
		if err := tx.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return row, ErrHouseholdNumber.Because(err)
		} else if err != nil {
			return row, err
		}
		keep(tx, "make", row, store.Entry{To: p.ID})
		return row, nil
	})
}

// AddMember takes a resident of the village in. Who is in another household leaves it first.
func (d *Desk) AddMember(ctx context.Context, actor access.Actor, id, person string, relation Kin) (Household, error) {
	return d.changing(ctx, actor, id, person, func(tx *store.Tx, row householdRow, members []memberRow) (map[string]any, error) {
		if relation.Text() == "" || relation == Head {
			return nil, errKin
		}
		p, err := d.served(tx.DB, actor, person, peopleOf(members)...)
		if errors.Is(err, fault.NotFound) {
			err = fault.Wrong("body.person", "请先在本村登记这位群众")
		}
		if err != nil {
			return nil, err
		}
		keep(tx, "add", row, store.Entry{To: p.ID, Why: string(relation)})
		return nil, join(tx, row.ID, p.ID, relation)
	})
}

// RemoveMember takes somebody out; the head stays until there is another one.
func (d *Desk) RemoveMember(ctx context.Context, actor access.Actor, id, person string, why Leaving) (Household, error) {
	return d.changing(ctx, actor, id, "", func(tx *store.Tx, row householdRow, members []memberRow) (map[string]any, error) {
		at := slices.IndexFunc(members, func(m memberRow) bool { return m.Person == person })
		switch {
		case leavings[why] == "":
			return nil, errLeaving
		case at < 0:
			return nil, fault.Wrong("body.person", "这位群众不在这一户里")
		case person == row.Head:
			return nil, ErrHeadStays
		}
		keep(tx, "remove", row, store.Entry{From: person, Why: string(why)})
		return nil, leave(tx, why, members[at])
	})
}

// ChangeHead (变更户主): all members stand to the new head now, so the clerk says how each of them does.
func (d *Desk) ChangeHead(ctx context.Context, actor access.Actor, id, head string, relations map[string]Kin) (Household, error) {
	return d.changing(ctx, actor, id, "", func(tx *store.Tx, row householdRow, members []memberRow) (map[string]any, error) {
		if !slices.ContainsFunc(members, func(m memberRow) bool { return m.Person == head }) || head == row.Head {
			return nil, fault.Wrong("body.head", "请选择户里的另一个人")
		}
		if len(relations) != len(members)-1 {
			return nil, fault.Wrong("body.relations", "请写明户里其他每个人和新户主的关系")
		}
		for _, m := range members {
			relation := Head
			if m.Person != head {
				relation = relations[m.Person]
				if relation.Text() == "" || relation == Head {
					return nil, fault.Wrong("body.relations", "请写明户里其他每个人和新户主的关系")
				}
			}
			err := tx.Model(&memberRow{}).Where("id = ?", m.ID).UpdateColumns(map[string]any{"relation": relation, "updated_at": tx.Now}).Error
			if err != nil {
				return nil, err
			}
		}
		keep(tx, "head", row, store.Entry{From: row.Head, To: head})
		return map[string]any{"head": head}, nil
	})
}

// EndHousehold (销户) lets everybody out. It stays as history for the clerk.
func (d *Desk) EndHousehold(ctx context.Context, actor access.Actor, id string, why Leaving) (Household, error) {
	return d.changing(ctx, actor, id, "", func(tx *store.Tx, row householdRow, members []memberRow) (map[string]any, error) {
		if leavings[why] == "" {
			return nil, errLeaving
		}
		keep(tx, "end", row, store.Entry{Why: string(why)})
		return map[string]any{"open_number": nil, "ended_at": tx.Now, "why": why}, leave(tx, why, members...)
	})
}

// changing finds the household among those that the actor sees, and raises its version: of two changes at once one is refused. It is the matter of
// all who live in it, and of who joins them.
func (d *Desk) changing(ctx context.Context, actor access.Actor, id, joins string, change func(*store.Tx, householdRow, []memberRow) (map[string]any, error)) (Household, error) {
	return d.writing(ctx, actor, func(tx *store.Tx) (householdRow, error) {
		row, members, err := d.householdByID(tx.DB, actor, id)
		if err == nil {
			err = actor.Must(access.Clerk)
		}
		if err == nil {
			err = account.Attends(tx.DB, actor, append(peopleOf(members), joins)...)
		}
		if err == nil && row.EndedAt != nil {
			err = ErrHouseholdEnded
		}
		if err != nil {
			return row, err
		}
		set, err := change(tx, row, members)
		if err != nil {
			return row, err
		}
		if set == nil {
			set = map[string]any{}
		}
		set["version"], set["updated_at"] = row.Version+1, tx.Now
		done := tx.Model(&householdRow{}).Where("id = ? AND version = ?", row.ID, row.Version).UpdateColumns(set)
		if done.Error == nil && done.RowsAffected != 1 {
			return row, store.ErrLost
		}
		return row, done.Error
	})
}

func (d *Desk) writing(ctx context.Context, actor access.Actor, write func(*store.Tx) (householdRow, error)) (Household, error) {
	var done Household
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		row, err := write(tx)
		if err != nil {
			return err
		}
		row, members, err := d.householdByID(tx.DB, actor, row.ID)
		if err != nil {
			return err
		}
		if done, err = d.household(tx.DB, actor, tx, row, members); err != nil {
			return err
		}
		tx.Answer(done)
		return nil
	})
	return done, err
}

func join(tx *store.Tx, household, person string, relation Kin) error {
	if err := account.Hold(tx, person); err != nil {
		return err
	}
	err := tx.Create(&memberRow{
		ID: tx.NewID(), Household: household, Person: person, Relation: relation, OpenPerson: &person,
		Since: clock.DateOf(tx.Now), CreatedAt: tx.Now, UpdatedAt: tx.Now,
	}).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrInHousehold.Because(err)
	}
	return err
}

func leave(tx *store.Tx, why Leaving, members ...memberRow) error {
	for _, m := range members {
		err := tx.Model(&memberRow{}).Where("id = ?", m.ID).UpdateColumns(map[string]any{
			"open_person": nil, "until": clock.DateOf(tx.Now), "why": why, "updated_at": tx.Now,
		}).Error
		if err != nil {
			return err
		}
	}
	return nil
}

func peopleOf(members []memberRow) []string {
	ids := make([]string, 0, len(members)+1)
	for _, m := range members {
		ids = append(ids, m.Person)
	}
	return ids
}

// keep is the row in the trail.
func keep(tx *store.Tx, act string, row householdRow, e store.Entry) {
	e.Act, e.Kind, e.Object, e.Area = "household."+act, "household", row.ID, row.Village
	tx.Trail(e)
}
