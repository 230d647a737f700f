package casework

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/file"
	"tongban/internal/flow"
)

// Happening is one line of the history as the reader may know it.
type Happening struct {
	At       time.Time
	DoneAt   *time.Time // when the actor says that he did it, where he told it later
	Act      flow.Act
	Text     string // the act in words
	From     flow.State
	To       flow.State
	Role     access.Role
	Actor    string // a staff member's id; staff readers only
	ByHelper bool   // not the applicant himself, but who acts for him
	Office   string
	Words    string // what was typed, where it is meant for the reader
	Code     string
	Detail   Detail
	Files    []file.File
}

func (d *Desk) history(db *gorm.DB, c *Case, s *Seen, actor access.Actor) error {
	var events []Event
	if err := db.Where("case_id = ?", c.ID).Order("version, id").Find(&events).Error; err != nil {
		return err
	}
	ids := make([]string, 0, len(events))
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	photos, err := d.files.Attached(db, eventKind, ids...)
	if err != nil {
		return err
	}
	inside := c.tellsInside(actor)
	for i := range events {
		if !shown(&events[i], actor) || !inside && slices.Contains(insideActs, events[i].Act) {
			continue
		}
		h, err := d.happening(&events[i], actor)
		if err != nil {
			return err
		}
		if !inside && h.Act == askOpinionAct {
			h.Actor, h.Detail.For = "", ""
		}
		h.Files = file.Unowned(photos[events[i].ID])
		h.ByHelper = h.Role == resident && events[i].Actor != c.Applicant
		s.History = append(s.History, h)
	}
	return nil
}

// insideActs are told to nobody to whom the opinions themselves are not; that somebody was asked is told to all, but not by whom.
var insideActs = []flow.Act{giveOpinionAct, remindOpinionAct, withdrawOpinionAct}

// shown: the applicant's side sees what is visible to it, staff see all.
func shown(e *Event, actor access.Actor) bool { return e.Visible || actor.Role.Staff() }

func (d *Desk) happening(e *Event, actor access.Actor) (h Happening, err error) {
	h = Happening{At: e.At, DoneAt: e.DoneAt, Act: e.Act, Text: actText(e.Act), From: e.FromStatus, To: e.ToStatus, Role: e.Role, Office: e.Office, Code: e.Code}
	told, staff := tellings[e.Act], actor.Role.Staff()
	if told.Said != "" && !staff {
		h.Text = told.Said
	}
	if staff || told.Spoken {
		if h.Words, err = d.opened(sealedEvent(e.ID), e.Text); err != nil {
			return h, err
		}
	}
	if staff && e.Role.Staff() {
		h.Actor = e.Actor
	}
	h.Detail, err = e.detail()
	if !staff {
		h.Detail.For = ""
	}
	return h, err
}
