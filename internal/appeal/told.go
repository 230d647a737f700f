package appeal

import (
	"context"
	"fmt"
	"strings"

	"tongban/internal/flow"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// dayWords is the last day as letters tell it.
func (a *Appeal) dayWords() string {
	day := fmt.Sprintf("%d年%d月%d日", a.DueOn.Year, a.DueOn.Month, a.DueOn.Day)
	if a.DueProvisional {
		day += workday.ProvisionalText
	}
	return day
}

// Told says which resident a letter of the outbox concerns, and the sentence that his inbox gets; both empty when nobody is
// told. The sentence holds the number and no word of what anybody typed.
func (d *Desk) Told(ctx context.Context, letter store.Letter) (person, text string, err error) {
	act, found := strings.CutPrefix(letter.Topic, "appeal.")
	if !found || letter.Kind != kind {
		return "", "", nil
	}
	act, ofMaster := strings.CutPrefix(act, "master_")
	words := tellings[flow.Act(act)].Inbox
	if words == "" {
		return "", "", nil
	}
	var rows []Appeal
	if err := d.store.Read(ctx).Select("number, applicant, due_on, due_provisional").Where("id = ?", letter.Object).Limit(1).Find(&rows).Error; err != nil {
		return "", "", err
	}
	if len(rows) == 0 || rows[0].Applicant == "" {
		return "", "", nil
	}
	if flow.Act(act) == moveDayAct {
		words += "，最晚" + rows[0].dayWords() + "给您结果"
	}
	if ofMaster {
		words = "一起办理的那件" + words
	}
	return rows[0].Applicant, "您的诉求（编号 " + rows[0].Number + "）" + words + "。", nil
}
