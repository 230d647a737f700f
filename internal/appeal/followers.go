package appeal

import (
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// outcomes are the acts by which a master comes to something that its followers are owed in words.
var outcomes = []flow.Act{Divert, Decline, Answer, Reply}

// shared adds to a merged appeal's history what its master was answered, for the petitioner's side: he was told that there
// is a reply, and is to rate it. Only the words meant for a petitioner, for the master is somebody else's appeal: no photos,
// no names, nothing that others added to it. A clerk gets nothing of a master that complains of himself.
func (d *Desk) shared(db *gorm.DB, a *Appeal, s *Seen, actor access.Actor) error {
	if a.Status != Merged || actor.Role != resident && actor.Role != clerk {
		return nil
	}
	masters := db.Model(&Appeal{}).Where("appeals.id = ?", a.Master)
	if actor.Role == clerk {
		masters = recused(masters, actor, d.today())
	}
	var open int64
	if err := masters.Count(&open).Error; err != nil || open == 0 {
		return err
	}
	var events []Event
	if err := db.Where("appeal = ? AND act IN ? AND visible", a.Master, outcomes).Order("version, id").Find(&events).Error; err != nil {
		return err
	}
	for _, e := range events {
		words, err := d.opened(sealedEvent(e.ID), e.Text)
		if err != nil {
			return err
		}
		s.History = append(s.History, Happening{
			At: e.At, Act: e.Act, Text: "一起办理的那件：" + tellings[e.Act].Said, From: a.Status, To: a.Status, Role: e.Role, Words: words, Code: e.Code,
		})
	}
	slices.SortStableFunc(s.History, func(x, y Happening) int { return x.At.Compare(y.At) })
	return nil
}
