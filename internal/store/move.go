package store

import (
	"maps"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// Move is one step of a thing along its flow.
type Move struct {
	Table   string // SQL table with the columns id, status, version
	ID      string
	Area    access.Area
	From    flow.State // as the verb read it
	Version int        // as the verb read it
	Do      flow.Act
	Set     map[string]any // further columns
	Why     string         // reason for the trail, in words
	Data    any            // for the outbox; ids only, no personal values
}

// Move asks the flow table, changes the row only if it still is as the verb read it, and adds the trail row and the
// outbox message "<flow>.<act>". Of two simultaneous moves exactly one wins, the other gets ErrLost.
// An act that leaves the state as it is raises the version too.
func (tx *Tx) Move(t *flow.Table, m Move) (flow.State, error) {
	to, err := t.Next(m.From, m.Do, tx.Actor.Role)
	if err != nil {
		return "", err
	}
	set := maps.Clone(m.Set)
	if set == nil {
		set = map[string]any{}
	}
	set["status"] = string(to)
	set["version"] = gorm.Expr("version + 1")
	set["updated_at"] = tx.Now
	moved := tx.Table(m.Table).Where("id = ? AND status = ? AND version = ?", m.ID, string(m.From), m.Version).UpdateColumns(set)
	if moved.Error != nil {
		return "", moved.Error
	}
	if moved.RowsAffected != 1 {
		return "", ErrLost
	}
	tx.Trail(Entry{Act: t.Name + "." + string(m.Do), Kind: t.Name, Object: m.ID, Area: m.Area, From: string(m.From), To: string(to), Why: m.Why})
	tx.Emit(Message{Topic: t.Name + "." + string(m.Do), Kind: t.Name, Object: m.ID, Area: m.Area, Data: m.Data})
	return to, nil
}
