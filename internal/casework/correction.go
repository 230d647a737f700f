package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// The one-return rule (一次性告知): whoever receives a case tells all defects at once. A later correction may ask for what came
// with the last answer, and once more for what was asked for and not put right. What else it asks for was visible before: for
// that a supervisor gives his reason first, and it is counted against the office.

// Defect is one thing to be put right.
type Defect struct {
	Material string // id; one of the case's
	Reason   string // one of DefectReasons
	Text     string // a plain sentence: what to do
}

// CorrectionRequest lists all defects of a case, once.
type CorrectionRequest struct {
	Version int
	Defects []Defect
}

// mostDefects is more than any case has papers and reasons.
const mostDefects = 50

// AskCorrection (补正告知) gives the case back to the applicant's side, before it is accepted. His time is not counted.
func (d *Desk) AskCorrection(ctx context.Context, actor access.Actor, id string, in CorrectionRequest) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, AskCorrection, func(s *step) error {
		rows, err := s.defects(in.Defects)
		if err != nil {
			return err
		}
		repeated := slices.ContainsFunc(rows, func(r defectRow) bool { return r.Earlier })
		if repeated && s.row.Permit == "" {
			return ErrNeedPermit.At(earlier(rows)...)
		}
		return s.askCorrection(rows, repeated)
	})
}

// askCorrection keeps the notice with its defects, whose texts are not sealed yet.
func (s *step) askCorrection(rows []defectRow, repeated bool) error {
	c := correctionRow{
		ID: s.tx.NewID(), CaseID: s.row.ID, Number: s.row.Corrections + 1, Office: s.row.Office, AskedBy: s.tx.Actor.Person, AskedAt: s.now, Repeated: repeated,
	}
	if repeated {
		c.Permit = s.row.Permit
	}
	s.change(stopped(s.row, s.now))
	s.change(map[string]any{"corrections": c.Number, "permit": "", "next_at": nil, "correct_on": nil, "correct_provisional": false, "remind_at": nil})
	if err := s.until(); err != nil {
		return err
	}
	s.detail.Correction = c.Number
	if err := s.listed(rows); err != nil {
		return err
	}
	s.after(func() error {
		if err := s.tx.Create(&c).Error; err != nil {
			return err
		}
		for i := range rows {
			rows[i].ID, rows[i].Correction = s.tx.NewID(), c.ID
			rows[i].Text = s.seal(sealedDefect("text", rows[i].ID), string(rows[i].Text))
		}
		return s.tx.Create(&rows).Error
	})
	return nil
}

// until sets the last day for the answer, where the item has a rule.
func (s *step) until() error {
	item, err := s.desk.items.Version(s.ctx, s.row.Item, s.row.ItemVersion)
	if err != nil || item.CorrectionLimit == nil {
		return err
	}
	due := s.desk.calendar.Due(s.now, item.CorrectionLimit.Plain())
	s.change(correctBy(due))
	s.change(map[string]any{"remind_at": s.desk.remindAt(s.now, due.On)})
	s.detail.UntilOn = due.On
	return nil
}

// correctBy are the columns of the last day for an answer, at whose end the case lapses.
func correctBy(due workday.Due) map[string]any {
	return map[string]any{"correct_on": due.On, "correct_provisional": due.Provisional, "next_at": whole(due.Deadline())}
}

// defects checks what was listed, and finds out what was visible before. The text is not sealed yet.
func (s *step) defects(listed []Defect) ([]defectRow, error) {
	if len(listed) == 0 || len(listed) > mostDefects {
		return nil, fault.Wrong("body.defects", "请把要补正的问题一次列全")
	}
	materials, err := s.desk.materials(s.tx.DB, s.row.ID)
	if err != nil {
		return nil, err
	}
	before, err := toldBefore(s.tx.DB, s.row.ID)
	if err != nil {
		return nil, err
	}
	rows := make([]defectRow, 0, len(listed))
	for i, l := range listed {
		here := fmt.Sprintf("body.defects.%d.", i)
		at := slices.IndexFunc(materials, func(m materialRow) bool { return m.Material == l.Material })
		same := func(r defectRow) bool { return r.Material == l.Material && r.Reason == l.Reason }
		switch {
		case at < 0:
			return nil, fault.Wrong(here+"material", "这件办件没有这份材料")
		case !docket.Known(DefectReasons, l.Reason):
			return nil, fault.Wrong(here+"reason", "请从列出的选项里选一个")
		case slices.ContainsFunc(rows, same):
			return nil, fault.Wrong(here+"reason", "同一份材料的同一个问题写了两次")
		}
		text, err := docket.Typed(here+"text", l.Text, shortestText, 500)
		if err != nil {
			return nil, err
		}
		fresh := s.row.Corrections == 0 || materials[at].ChangedIn == s.row.Corrections
		rows = append(rows, defectRow{
			Place: i, Material: l.Material, Reason: l.Reason, Text: []byte(text), Earlier: !fresh && !slices.ContainsFunc(before, same),
		})
	}
	return rows, nil
}

func earlier(rows []defectRow) (fields []fault.Field) {
	for _, r := range rows {
		if r.Earlier {
			fields = append(fields, fault.Field{Location: fmt.Sprintf("body.defects.%d", r.Place), Message: "这个问题上次就能看出"})
		}
	}
	return fields
}

// toldBefore are the defects of all corrections so far.
func toldBefore(db *gorm.DB, id string) (rows []defectRow, err error) {
	err = db.Where("correction IN (SELECT id FROM case_corrections WHERE case_id = ?)", id).Find(&rows).Error
	return rows, err
}

// Permission is a supervisor's reason for letting an office ask again for what was visible before.
type Permission struct {
	Version int
	Text    string
}

// PermitCorrection notes the reason on the case; the next correction uses it up. It is no act of the flow.
func (d *Desk) PermitCorrection(ctx context.Context, actor access.Actor, id string, in Permission) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, row *Case) error {
		if err := actor.Must(supervisor); err != nil {
			return err
		}
		switch {
		case row.Status != Received:
			return flow.NotNow
		case in.Version != 0 && in.Version != row.Version:
			return store.ErrLost
		case row.Corrections == 0:
			return ErrNoPermit
		case row.Permit != "":
			return ErrPermitted
		}
		text, err := docket.Typed("body.text", in.Text, shortestText, longestText)
		if err != nil {
			return err
		}
		if err := d.docket.Raise(tx, row, map[string]any{"permit": actor.Person}); err != nil {
			return err
		}
		if err := d.keep(tx, row.ID, &Event{Version: row.Version + 1, Act: permitAct, FromStatus: row.Status, ToStatus: row.Status}, text, Detail{}); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "case.permit", Kind: kind, Object: row.ID, Area: row.Village, Fields: []string{"permit"}})
		return nil
	})
}

// Remedy is the answer to one defect where no new paper is.
type Remedy struct {
	Defect string // id
	Text   string
}

// Correction answers a correction notice (补正).
type Correction struct {
	Version  int
	Papers   []Paper
	Remedies []Remedy
	OnBehalf string
}

// Correct gives the case back to the county when every defect is answered: by the paper, or in words. The five days begin anew.
func (d *Desk) Correct(ctx context.Context, actor access.Actor, id string, in Correction) (Seen, error) {
	seen, err := d.act(ctx, actor, id, in.Version, Correct, func(s *step) error {
		if err := d.Behalf(s.tx, s.row, in.OnBehalf); err != nil {
			return err
		}
		if err := s.mayAct(Correct, s.tx.When(nil)); err != nil {
			return err
		}
		open, defects, err := s.openCorrection()
		if err != nil {
			return err
		}
		lent, err := d.lentFor(s.tx, s.row, open.Number)
		if err != nil {
			return err
		}
		lent = slices.DeleteFunc(lent, func(material string) bool { // it is what is said of it now
			return slices.ContainsFunc(in.Papers, func(p Paper) bool { return p.Material == material })
		})
		found, err := s.foundSince(open, in)
		if err != nil {
			return err
		}
		answers, err := s.answered(defects, in, append(lent, slices.Sorted(maps.Keys(found))...))
		if err != nil {
			return err
		}
		foundInWords(defects, found, answers)
		if err := d.hand(s.tx, s.row, in.Papers, open.Number); err != nil {
			return err
		}
		if err := d.stillLent(s.tx, s.row, func(m materialRow) bool { return m.ChangedIn == open.Number }); err != nil {
			return err
		}
		if err := d.complete(s, materialRow.asked); err != nil { // what the hall relied on the county for
			return err
		}
		at, _ := d.calendar.Received(s.now, d.rules.hours())
		s.change(d.noticing(at, workday.Green, s.now))
		s.change(map[string]any{"correct_on": nil, "correct_provisional": false, "remind_at": nil})
		s.detail.Correction = open.Number
		s.remedied(defects, answers)
		s.after(func() error {
			if err := s.tx.Table("case_corrections").Where("id = ?", open.ID).UpdateColumn("answered_at", s.now).Error; err != nil {
				return err
			}
			if err := s.foundFor(open, found); err != nil {
				return err
			}
			for id, text := range answers {
				if err := s.tx.Table("case_defects").Where("id = ?", id).UpdateColumn("answer", s.seal(sealedDefect("answer", id), text)).Error; err != nil {
					return err
				}
			}
			return nil
		})
		return nil
	})
	return seen, d.RefusedPaper(ctx, actor, err)
}

// openCorrection is the one that waits for its answer, with its defects.
func (s *step) openCorrection() (c correctionRow, defects []defectRow, err error) {
	if err = s.tx.Where("case_id = ? AND answered_at IS NULL", s.row.ID).Order("number DESC").Take(&c).Error; err != nil {
		return c, nil, err
	}
	err = s.tx.Where("correction = ?", c.ID).Order("place").Find(&defects).Error
	return c, defects, err
}

// answered demands that every defect has its paper, which may be here already, from the locker or the registers, or its words, and gives the words by defect.
func (s *step) answered(defects []defectRow, in Correction, here []string) (map[string]string, error) {
	words := map[string]string{}
	for i, r := range in.Remedies {
		at := fmt.Sprintf("body.remedies.%d.", i)
		if !slices.ContainsFunc(defects, func(f defectRow) bool { return f.ID == r.Defect }) || words[r.Defect] != "" {
			return nil, fault.Wrong(at+"defect", "补正告知书里没有这一条，或者写了两次")
		}
		text, err := docket.Typed(at+"text", r.Text, 2, 500)
		if err != nil {
			return nil, err
		}
		words[r.Defect] = text
	}
	var open []fault.Field
	var item *catalog.Item
	for _, f := range defects {
		came := func(p Paper) bool { return p.Material == f.Material && p.State != Missing }
		if words[f.ID] != "" || slices.ContainsFunc(in.Papers, came) || slices.Contains(here, f.Material) {
			continue
		}
		if item == nil {
			var err error
			if item, err = s.desk.items.Version(s.ctx, s.row.Item, s.row.ItemVersion); err != nil {
				return nil, err
			}
		}
		open = append(open, fault.Field{Location: "body.papers." + f.Material, Message: "还没有补正：" + materialName(item, f.Material)})
	}
	if len(open) > 0 {
		return nil, ErrUncorrected.At(open...)
	}
	return words, nil
}

// Lapse (逾期未补正) ends a case whose correction did not come in time. Only items with a rule of their own know it.
func (d *Desk) Lapse(ctx context.Context, actor access.Actor, id string, in Plain) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Lapse, (*step).lapse)
}

func (s *step) lapse() error {
	switch {
	case s.row.CorrectOn.IsZero():
		return ErrNeverLapses
	case s.now.Before(s.row.CorrectOn.End()):
		return ErrTooEarly
	}
	return nil
}
