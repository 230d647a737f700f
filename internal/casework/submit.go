package casework

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// Submission hands a draft in.
type Submission struct {
	Version  int
	Papers   []Paper // those that were not noted before
	OnBehalf string  // id of the applicant, when his helper does it
}

// Receipt (回执) is what the applicant gets: his case, and the code with which whoever holds the slip can follow it.
type Receipt struct {
	Case      Seen
	QueryCode string // six digits; told this once, only its MAC is kept
}

// Submit hands the case in (提交): complete, but for what may come later. It gets its number now, and is received at once
// within office hours, else at the next opening.
func (d *Desk) Submit(ctx context.Context, actor access.Actor, id string, in Submission) (Receipt, error) {
	var done Receipt
	err := d.store.Write(ctx, actor, func(tx *store.Tx) (err error) {
		done, err = d.submit(ctx, tx, id, in, func(s *step) error {
			if err := d.maySubmit(tx, s.row); err != nil {
				return err
			}
			s.byResident()
			return nil
		})
		tx.Answer(done)
		return err
	})
	if err != nil {
		return Receipt{}, d.Standing(ctx, actor, id, d.RefusedPaper(ctx, actor, err))
	}
	return done, nil
}

// byResident: what a clerk drafted, and the applicant or his helper hands in, no clerk has filed. The village sees it no longer than others that
// residents hand in themselves, and the county is told so.
func (s *step) byResident() {
	if s.tx.Actor.Role != resident || s.row.Agent == "" {
		return
	}
	s.row.Agent = ""
	if s.acting != "" {
		s.row.Helper, s.row.Acting = s.tx.Actor.Person, s.acting
	}
	s.change(map[string]any{"agent": "", "helper": s.row.Helper, "acting": s.row.Acting})
}

func (d *Desk) submit(ctx context.Context, tx *store.Tx, id string, in Submission, whether func(*step) error) (Receipt, error) {
	s, err := d.begin(ctx, tx, id, in.Version, Submit)
	if err != nil {
		return Receipt{}, err
	}
	if err := account.Hold(tx, s.row.Applicant); err != nil { // as with Open
		return Receipt{}, err
	}
	if s.acting, err = d.relation(tx, s.row, in.OnBehalf); err != nil {
		return Receipt{}, err
	}
	if err := whether(s); err != nil {
		return Receipt{}, err
	}
	if err := d.hand(tx, s.row, in.Papers, 0); err != nil {
		return Receipt{}, err
	}
	all := func(materialRow) bool { return true }
	if err := d.complete(s, all); err != nil {
		return Receipt{}, err
	}
	if err := d.stillLent(tx, s.row, all); err != nil {
		return Receipt{}, err
	}
	opening, _ := d.calendar.Received(tx.Now, d.rules.hours())
	number, err := tx.Number(Letters, s.row.Village)
	if err != nil {
		return Receipt{}, err
	}
	code, kept, err := tx.QueryCode(number)
	if err != nil {
		return Receipt{}, err
	}
	s.change(map[string]any{
		"number": number, "query_mac": kept, "applied_at": tx.Now, "next_at": whole(opening), "counted_with": d.mark, "light": string(workday.Green),
	})
	s.handOver(toldSubmit, s.submission)
	if err := s.move(Submit); err != nil {
		return Receipt{}, err
	}
	seen, err := d.docket.Reread(ctx, tx, id)
	return Receipt{seen, code}, err
}
