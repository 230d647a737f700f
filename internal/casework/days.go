package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tongban/internal/clock"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// awaited is the day that counts for the applicant in the state of the case: the county's next answer, or his own.
func (c *Case) awaited() workday.Due {
	switch c.Status {
	case Received:
		return workday.Due{On: c.NoticeOn, Provisional: c.NoticeProvisional}
	case Correcting:
		return workday.Due{On: c.CorrectOn, Provisional: c.CorrectProvisional}
	case Accepted, Reviewing, Suspended:
		return c.dues().Binding()
	case Granted, Denied:
		return workday.Due{On: c.DeliverOn, Provisional: c.DeliverProvisional}
	}
	return workday.Due{}
}

// dayWords are what his inbox says of that day; empty where there is none.
func (c *Case) dayWords() string {
	due := c.awaited()
	if due.None() {
		return ""
	}
	day := dateWords(due.On)
	if due.Provisional {
		day += workday.ProvisionalText
	}
	switch c.Status {
	case Received:
		return "最晚" + day + "告知您是否受理"
	case Correcting:
		return "最晚" + day + "补齐，过了这一天申请就结束"
	case Suspended:
		return "不算特别程序的时间，最晚" + day + "给您结果"
	case Granted, Denied:
		return "最晚" + day + "把决定书送达给您"
	}
	return "最晚" + day + "给您结果"
}

// awaitedColumns are those of which dayWords makes its words.
var awaitedColumns = []string{
	"status", "notice_on", "notice_provisional", "correct_on", "correct_provisional", "deliver_on", "deliver_provisional",
	"legal_on", "legal_at", "legal_provisional", "promised_on", "promised_at", "promised_provisional",
}

// provisionalPaper is what a document says of its day while that is provisional.
const provisionalPaper = "以上日期是暂定的：国务院还没有公布那一年的放假安排。公布以后日期有变的，另行告知。"

// provisionalIn says whether the day that a document tells was counted through a year without its notice.
func (c *Case) provisionalIn(of DocumentKind) bool {
	switch of {
	case ReceiptPaper:
		return c.NoticeProvisional
	case CorrectionPaper:
		return c.CorrectProvisional
	case AcceptancePaper, ExtensionPaper:
		return c.dues().Binding().Provisional
	}
	return false
}

// Lacking names each kind of document whose newest text tells a counted day and has no place to say that it is provisional. A county's
// folder of an earlier release has none: it serves as before, and the operator is told.
func (all Texts) Lacking() (kinds []string) {
	for _, of := range []DocumentKind{ReceiptPaper, AcceptancePaper, CorrectionPaper, ExtensionPaper} {
		if t := all.newest(of); t != nil && !slices.ContainsFunc(t.Text, func(p string) bool { return strings.Contains(p, "{provisional}") }) {
			kinds = append(kinds, fmt.Sprintf("%s %d", of, t.Version))
		}
	}
	return kinds
}

// morning is when people are reminded where the county keeps no office hours.
const morning = 8 * time.Hour

// remindAt is when the applicant is reminded of his last day: in the morning of the working day before. None where he is asked on that
// very day: he was just told.
func (d *Desk) remindAt(asked time.Time, last clock.Date) any {
	day, _ := d.calendar.Add(last, -1)
	if !clock.DateOf(asked).Before(day) {
		return nil
	}
	return whole(day.Start().Add(cmp.Or(d.rules.hours().Open, morning)))
}

// remind tells it once for each correction, whatever is counted again. It is no act of the flow, and the row stays as it is.
func (d *Desk) remind(ctx context.Context, c *Case) error {
	if c.Status != Correcting || !d.store.Clock().Now().Before(c.CorrectOn.End()) {
		return store.ErrStays
	}
	return d.store.Write(ctx, round(c), func(tx *store.Tx) error {
		if err := d.docket.Mark(tx, c, map[string]any{"remind_at": nil}); err != nil {
			return err
		}
		done := tx.Table("case_corrections").Where("case_id = ? AND number = ? AND reminded_at IS NULL", c.ID, c.Corrections).UpdateColumn("reminded_at", tx.Now)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return store.ErrStays
		}
		tx.Trail(store.Entry{Act: kind + "." + string(remindAct), Kind: kind, Object: c.ID, Area: c.Village})
		tx.Emit(store.Message{Topic: kind + "." + string(remindAct), Kind: kind, Object: c.ID, Area: c.Village})
		return nil
	})
}
