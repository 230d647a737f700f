package appeal

import (
	"context"
	"fmt"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

// FirstContact records when and how the petitioner was first contacted (首次联系).
type FirstContact struct {
	Version int
	How     string     // one of ContactWays
	At      *time.Time // nil: now; not before the dispatch, not in the future
	Note    string     // optional, for colleagues
}

// Contact stops the contact clock. An anonymous petitioner cannot be contacted: the officer says so and goes on.
func (d *Desk) Contact(ctx context.Context, actor access.Actor, id string, in FirstContact) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Contact, func(s *step) error {
		if err := s.owned(actor); err != nil {
			return err
		}
		if err := s.choose("body.how", in.How, ContactWays); err != nil {
			return err
		}
		if !reaches(s.row.Identity, in.How) {
			return fault.Wrong("body.how", "请写明实际的联系方式")
		}
		at := s.now
		if in.At != nil {
			at = whole(*in.At)
		}
		if at.After(s.now) || s.row.DispatchedAt != nil && at.Before(*s.row.DispatchedAt) {
			return fault.Wrong("body.at", "联系时间要在派单以后、现在以前")
		}
		if s.row.ContactedAt == nil {
			s.set["contacted_at"] = at
		}
		s.code, s.detail.How, s.detail.At = in.How, in.How, &at
		return s.say("body.note", in.Note, 0)
	})
}

// reaches: the petitioner can be contacted in this way. Of one who asked for secrecy the office has neither name nor phone:
// only the dispatcher reaches him, or he comes himself.
func reaches(identity Identity, how string) bool {
	switch identity {
	case Anonymous:
		return how == "none"
	case DispatcherOnly:
		return how == "through_dispatcher" || how == "meeting"
	}
	return how != "none" && how != "through_dispatcher"
}

// Extension moves the due date (延期).
type Extension struct {
	Version int
	Days    int    // working days
	Text    string // why; the petitioner reads it
}

// Extend is possible once, before the appeal is due, by a supervisor.
func (d *Desk) Extend(ctx context.Context, actor access.Actor, id string, in Extension) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Extend, func(s *step) error {
		due := s.row.due()
		switch {
		case s.row.Extensions > 0:
			return ErrExtended
		case due.Overdue(s.now):
			return ErrExtendLate
		case in.Days < 1 || in.Days > d.limits.Extension.Most:
			return fault.Wrong("body.days", fmt.Sprintf("延期为 1 到 %d 个工作日", d.limits.Extension.Most))
		}
		later := d.calendar.Extend(due, in.Days)
		s.change(d.running(s.row.StartedAt, later, s.row.Light, s.now))
		s.set["extensions"] = s.row.Extensions + 1
		s.detail.Days, s.detail.DueOn = in.Days, later.On
		return s.say("body.text", in.Text, shortestText)
	})
}

// Shelving says why an appeal cannot be solved now, and when it is looked at again (挂账).
type Shelving struct {
	Version  int
	ReviewOn clock.Date
	Text     string // reason and plan; the petitioner reads it
}

// Shelve stops the clock until the review date.
func (d *Desk) Shelve(ctx context.Context, actor access.Actor, id string, in Shelving) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Shelve, func(s *step) error {
		today := clock.DateOf(s.now)
		if !today.Before(in.ReviewOn) || today.AddDays(d.limits.Shelving.MostDays).Before(in.ReviewOn) {
			return fault.Wrong("body.review_on", fmt.Sprintf("复核日期要在今天以后、%d 天以内", d.limits.Shelving.MostDays))
		}
		s.change(stopped(s.row, s.now))
		s.change(map[string]any{"shelved_at": s.now, "review_on": in.ReviewOn, "next_at": whole(in.ReviewOn.Start())})
		s.detail.ReviewOn = in.ReviewOn
		return s.say("body.text", in.Text, shortestText)
	})
}

// Resumption goes on with a shelved appeal (恢复办理).
type Resumption struct {
	Version int
	Text    string // optional
}

// Resume lets the clock run again. The due date moves by the working days that the shelving covered wholly, unless the
// appeal was late before it was shelved: shelving does not undo that.
func (d *Desk) Resume(ctx context.Context, actor access.Actor, id string, in Resumption) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Resume, func(s *step) error {
		if actor.Role == officer {
			if err := s.owned(actor); err != nil {
				return err
			}
		}
		if actor.Role == system && clock.DateOf(s.now).Before(s.row.ReviewOn) {
			return ErrTooEarly
		}
		due := s.row.due()
		if s.row.ShelvedAt != nil && !due.Overdue(*s.row.ShelvedAt) {
			due = d.calendar.Suspend(due, workday.Span{Start: *s.row.ShelvedAt, End: s.now})
		}
		s.change(d.running(s.row.StartedAt, due, s.row.Light, s.now))
		s.change(map[string]any{"shelved_at": nil, "review_on": nil, "next_at": nil})
		s.detail.DueOn = due.On
		return s.say("body.text", in.Text, 0)
	})
}

// Response is the office's reply (答复).
type Response struct {
	Version     int
	Text        string   // to the petitioner
	Evidence    string   // what was done, for the follow-up; this or photos
	Attachments []string // photos of the result
}

// Reply answers the petitioner, with evidence. Only an owner replies, and who acknowledged comes to Handling by the first contact alone.
func (d *Desk) Reply(ctx context.Context, actor access.Actor, id string, in Response) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Reply, func(s *step) error {
		if err := s.owned(actor); err != nil {
			return err
		}
		evidence, err := docket.Typed("body.evidence", in.Evidence, 0, longestText)
		if err != nil {
			return err
		}
		if evidence == "" && len(in.Attachments) == 0 {
			return fault.Wrong("body.evidence", "请写明办理情况，或附上照片")
		}
		if evidence != "" {
			s.after(func() error { return s.also(Note, Replied, evidence, Detail{}) })
		}
		s.files = in.Attachments
		s.replied()
		return s.say("body.text", in.Text, shortestText)
	})
}

// also keeps a second line of history after the act's own, in the state to which the act led.
func (s *step) also(do flow.Act, now flow.State, text string, detail Detail) error {
	return s.desk.keep(s.tx, s.row.ID, &Event{Version: s.row.Version + 1, Act: do, FromStatus: now, ToStatus: now}, text, detail)
}
