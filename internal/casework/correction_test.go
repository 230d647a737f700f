package casework

import (
	"testing"
	"time"

	"tongban/internal/fault"
	"tongban/internal/store"
)

// asked lists defects as a window does.
func (h *house) asked(id string, defects ...Defect) (Seen, error) {
	h.t.Helper()
	return h.AskCorrection(h.t.Context(), h.window(), id, CorrectionRequest{Defects: defects})
}

func defect(material, reason string) Defect {
	return Defect{material, reason, "请重新拍一张清楚的照片。"}
}

func TestACorrectionListsAllDefects(t *testing.T) {
	h := open(t)
	id := h.to(Received, h.file(claim))
	for field, list := range map[string][]Defect{
		"body.defects":            nil,
		"body.defects.0.material": {defect("passport", "missing")},
		"body.defects.0.reason":   {defect("id_card", "ugly")},
		"body.defects.1.reason":   {defect("id_card", "illegible"), defect("id_card", "illegible")},
		"body.defects.0.text":     {{"id_card", "illegible", "不清"}},
	} {
		_, err := h.asked(id, list...)
		wrongField(t, err, field)
	}
	seen, err := h.asked(id, defect("id_card", "illegible"), defect("hukou_book", "incomplete"))
	must(t, err)
	told := seen.Notices[0]
	if len(told.Defects) != 2 || told.Number != 1 || told.Repeated || told.Defects[0].MaterialName != "居民身份证" || told.Defects[1].ReasonText != "不完整，缺页或缺项" ||
		told.Defects[0].Text != "请重新拍一张清楚的照片。" || told.AnsweredAt != nil {
		t.Errorf("%+v", told)
	}
	h.pass(30 * 24 * time.Hour)
	if h.rounds(); h.row(id).Status != Correcting {
		t.Error("it lapsed, or was accepted, while the applicant is to correct it")
	}
	want(t, h.do(Lapse, h.county(), id), ErrNeverLapses)

	_, err = h.Correct(t.Context(), h.clerk(), id, Correction{Papers: []Paper{{Material: "id_card"}}})
	want(t, err, ErrUncorrected)
	wrongField(t, err, "body.papers.hukou_book")
	_, err = h.Correct(t.Context(), h.clerk(), id, Correction{Papers: []Paper{{Material: "id_card"}}, Remedies: []Remedy{{"nothing", "补好了"}}})
	wrongField(t, err, "body.remedies.0.defect")
	h.shanghai("2026-12-24 20:00") // after hours: received the next morning
	seen, err = h.Correct(t.Context(), h.clerk(), id, Correction{
		Papers: []Paper{{Material: "id_card", TakenAs: AsCopy, Copies: 2}}, Remedies: []Remedy{{told.Defects[1].ID, "户口簿只有这两页，没有别的。"}},
	})
	must(t, err)
	row := h.row(id)
	if row.Status != Received || shanghai(row.NoticedFrom) != "2026-12-25 08:30" || shanghai(row.ReceivedAt) != "2026-11-23 09:00" || row.NoticeOn.String() != "2027-01-04" {
		t.Errorf("%s, five days from %s until %s, received %s", row.Status, shanghai(row.NoticedFrom), row.NoticeOn, shanghai(row.ReceivedAt))
	}
	if told := seen.Notices[0]; told.AnsweredAt == nil || told.Defects[1].Answer != "户口簿只有这两页，没有别的。" || told.Defects[0].Answer != "" {
		t.Errorf("%+v", told)
	}
	if m := seen.Materials[0]; m.TakenAs != AsCopy || m.Copies != 2 {
		t.Errorf("%+v", m)
	}
	// Silence after the correction accepts as of the receipt of the correction.
	h.shanghai("2027-01-05 00:00")
	h.rounds()
	if row := h.row(id); row.Status != Accepted || shanghai(row.AcceptedAt) != "2026-12-25 08:30" || !row.Deemed {
		t.Errorf("%s at %s", row.Status, shanghai(row.AcceptedAt))
	}
	h.sound()
}

func TestTheOneReturnRule(t *testing.T) {
	h := open(t)
	id := h.to(Received, h.file(claim))
	_, err := h.PermitCorrection(t.Context(), h.supervisor(), id, Permission{Text: "窗口漏看了户口簿。"})
	want(t, err, ErrNoPermit)
	_, err = h.asked(id, defect("id_card", "illegible"), defect("application_form", "not_signed"))
	must(t, err)
	seen, err := h.Get(t.Context(), h.clerk(), id)
	must(t, err)
	_, err = h.Correct(t.Context(), h.clerk(), id, Correction{
		Papers: []Paper{{Material: "id_card"}}, Remedies: []Remedy{{seen.Notices[0].Defects[1].ID, "本人不会写字，已按手印。"}},
	})
	must(t, err)

	// The household book lay there the first time, and the form was found wrong for another reason.
	for _, d := range []Defect{defect("hukou_book", "expired"), defect("application_form", "incomplete")} {
		_, err = h.asked(id, d)
		want(t, err, ErrNeedPermit)
		wrongField(t, err, "body.defects.0")
		if now := fault.Of(err).Current; now == nil || now.Status != string(Received) {
			t.Error("the conflict does not say how the case stands")
		}
	}
	_, err = h.PermitCorrection(t.Context(), h.window(), id, Permission{Text: "窗口漏看了户口簿。"})
	want(t, err, fault.NotYours)
	_, err = h.PermitCorrection(t.Context(), h.supervisor(), id, Permission{Text: "漏"})
	wrongField(t, err, "body.text")
	_, err = h.PermitCorrection(t.Context(), h.supervisor(), id, Permission{Version: 1, Text: "窗口漏看了户口簿。"})
	want(t, err, ErrNotNow)
	seen, err = h.PermitCorrection(t.Context(), h.supervisor(), id, Permission{Text: "窗口漏看了户口簿。"})
	must(t, err)
	if last := seen.History[len(seen.History)-1]; !seen.Permitted || last.Act != permitAct || last.Words != "窗口漏看了户口簿。" {
		t.Errorf("%+v", last)
	}
	_, err = h.PermitCorrection(t.Context(), h.supervisor(), id, Permission{Text: "窗口漏看了户口簿。"})
	want(t, err, ErrPermitted)
	seen, err = h.asked(id, defect("hukou_book", "expired"))
	must(t, err)
	if told := seen.Notices[1]; !told.Repeated || !told.Defects[0].Earlier || seen.Permitted {
		t.Errorf("%+v", told)
	}
	mine, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	for _, line := range mine.History {
		if line.Act == permitAct {
			t.Error("the applicant is told how offices deal with each other")
		}
	}
	must(t, func() error {
		_, err := h.Correct(t.Context(), h.clerk(), id, Correction{Papers: []Paper{{Material: "hukou_book"}}})
		return err
	}())

	// What came with the last answer may be asked for, and what was told and not put right.
	_, err = h.asked(id, defect("hukou_book", "illegible"), defect("application_form", "not_signed"))
	must(t, err)
	want(t, h.do(AskCorrection, h.window(), id), ErrNotNow)

	list, err := h.ReturnsByOffice(t.Context(), h.supervisor(), 0)
	must(t, err)
	if len(list) != 1 || list[0] != (Returns{h.window().Office, 3, 1}) {
		t.Errorf("%+v", list)
	}
	if old, err := h.ReturnsByOffice(t.Context(), h.supervisor(), 2025); err != nil || len(old) != 0 {
		t.Errorf("last year: %+v, %v", old, err)
	}
	_, err = h.ReturnsByOffice(t.Context(), h.window(), 0)
	want(t, err, fault.NotYours)
	none, err := h.ReturnsByOffice(t.Context(), in(supervisor, "219901201", ""), 0)
	must(t, err)
	if len(none) != 0 {
		t.Errorf("another town's supervisor counts %+v", none)
	}
	var trail []store.TrailRow
	must(t, h.store.Read(t.Context()).Where("act = 'case.permit' AND object = ?", id).Find(&trail).Error)
	if len(trail) != 1 {
		t.Errorf("%d rows of trail", len(trail))
	}
	h.sound()
}

func TestOnlyItemsWithARuleLapse(t *testing.T) {
	h := open(t)
	id := h.to(Correcting, h.file(legalAid)) // Monday 11-23, fifteen working days
	if row := h.row(id); row.CorrectOn.String() != "2026-12-14" {
		t.Fatalf("to be corrected by %s", row.CorrectOn)
	}
	h.shanghai("2026-12-14 23:59")
	want(t, h.do(Lapse, h.county(), id), ErrTooEarly)
	h.rounds()
	if row := h.row(id); row.Status != Correcting {
		t.Fatalf("%s too early", row.Status)
	}
	h.shanghai("2026-12-15 00:00")
	h.rounds()
	if row := h.row(id); row.Status != Lapsed {
		t.Errorf("%s", row.Status)
	}
	h.sound()
}
