package errand

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
)

// Papers are what comes in from somebody, and is signed for.
type Papers struct {
	Version   int
	Name      string // of the paper
	Form      string // one of Forms
	Count     int
	Signer    string // who signed: the one that gives it
	Signature string // one of Signatures
	Photos    []string
}

// Return is what goes back of papers that came in.
type Return struct {
	Version   int
	Paper     string // id of the row by which they came in
	Count     int
	Signer    string // who signed: the one that gets it
	Signature string
	Photos    []string
}

const mostCopies = 99

// TakePapers (收材料) adds a row for papers that came in, while the errand is under way.
func (d *Desk) TakePapers(ctx context.Context, actor access.Actor, id string, in Papers) (Seen, error) {
	under := []flow.State{Entrusted, Checked, SentIn, Paused}
	return d.record(ctx, actor, id, in.Version, takeAct, under, func(s *step) error {
		name, err := docket.Typed("body.name", in.Name, 2, 100)
		if err != nil {
			return err
		}
		if err := docket.OneOf("body.form", in.Form, Forms); err != nil {
			return err
		}
		row := paperRow{Form: in.Form, Count: in.Count}
		if in.Form == original {
			s.change(map[string]any{"originals_held": true})
		}
		s.files = in.Photos
		return s.paper(row, name, in.Signer, in.Signature)
	})
}

// ReturnPapers (退材料) adds a row for papers that went back, in every state: also when all is over.
func (d *Desk) ReturnPapers(ctx context.Context, actor access.Actor, id string, in Return) (Seen, error) {
	return d.record(ctx, actor, id, in.Version, returnAct, nil, func(s *step) error {
		held, err := d.held(s.tx.DB, id)
		if err != nil {
			return err
		}
		for i := range held {
			p := &held[i]
			if p.ID != in.Paper {
				continue
			}
			if in.Count > p.left {
				return ErrTooMany
			}
			p.left -= in.Count
			s.change(map[string]any{"originals_held": slices.ContainsFunc(held, heldPaper.original)})
			name, err := d.opened(sealedPaper("name", p.ID), p.Name)
			if err != nil {
				return err
			}
			s.files = in.Photos
			return s.paper(paperRow{Returns: p.ID, Form: p.Form, Count: in.Count}, name, in.Signer, in.Signature)
		}
		return fault.Wrong("body.paper", "没有收过这份材料")
	})
}

func (s *step) paper(row paperRow, name, signer, signature string) error {
	if row.Count < 1 || row.Count > mostCopies {
		return fault.Wrong("body.count", "份数要填 1 到 99")
	}
	signer, err := docket.Typed("body.signer", signer, 2, longestName)
	if err != nil {
		return err
	}
	if err := docket.OneOf("body.signature", signature, Signatures); err != nil {
		return err
	}
	row.ID, row.ErrandID, row.At, row.RecordedBy, row.Signature = s.tx.NewID(), s.row.ID, s.tx.Now, s.tx.Actor.Person, signature
	row.Name, row.Signer = s.seal(sealedPaper("name", row.ID), name), s.seal(sealedPaper("signer", row.ID), signer)
	if row.DoneAt, err = s.tx.DoneAt("errand_events", "errand_id", s.row.ID); err != nil {
		return err
	}
	return s.tx.Create(&row).Error
}

// heldPaper is papers that came in, with how many of them are still here.
type heldPaper struct {
	paperRow
	left int
}

func (p heldPaper) original() bool { return p.Form == original && p.left > 0 }

func (d *Desk) held(db *gorm.DB, id string) ([]heldPaper, error) {
	var rows []paperRow
	if err := db.Where("errand_id = ?", id).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	var held []heldPaper
	for _, in := range rows {
		if in.Returns != "" {
			continue
		}
		left := in.Count
		for _, out := range rows {
			if out.Returns == in.ID {
				left -= out.Count
			}
		}
		held = append(held, heldPaper{in, left})
	}
	return held, nil
}
