package casework

import (
	"context"
	"strings"

	"tongban/internal/flow"
	"tongban/internal/store"
)

// Told says which resident a letter of the outbox concerns, and the sentence that his inbox gets; both empty when nobody is
// told. The sentence holds the number and no word of what anybody typed.
func (d *Desk) Told(ctx context.Context, letter store.Letter) (person, text string, err error) {
	act, found := strings.CutPrefix(letter.Topic, kind+".")
	telling := tellings[flow.Act(act)]
	words := telling.Inbox
	if !found || letter.Kind != kind || words == "" {
		return "", "", nil
	}
	var rows []Case
	if err := d.store.Read(ctx).Select(append([]string{"number", "applicant"}, awaitedColumns...)).Where("id = ?", letter.Object).Limit(1).Find(&rows).Error; err != nil {
		return "", "", err
	}
	if len(rows) == 0 || rows[0].Applicant == "" {
		return "", "", nil
	}
	if flow.Act(act) == remindAct && rows[0].Status != Correcting { // he did it meanwhile
		return "", "", nil
	}
	if day := rows[0].dayWords(); telling.Day && day != "" && (flow.Act(act) != AskCorrection || rows[0].Status == Correcting) {
		words += "，" + day
	}
	return rows[0].Applicant, "您的办件（编号 " + rows[0].number() + "）" + words + "。", nil
}
