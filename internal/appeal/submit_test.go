package appeal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/store"
)

func TestAReceiptHasNumberCodeAndText(t *testing.T) {
	h := open_(t)
	receipt, err := h.Submit(t.Context(), h.resident, submission())
	must(t, err)
	kind, normal := store.NumberKind(receipt.Appeal.Number)
	if kind != "SQ" || normal != receipt.Appeal.Number || !strings.HasPrefix(normal, "SQ101201261123001") {
		t.Errorf("number %s", receipt.Appeal.Number)
	}
	if len(receipt.QueryCode) != 6 || receipt.Advice != "" {
		t.Errorf("code %q, advice %q", receipt.QueryCode, receipt.Advice)
	}
	seen, err := h.Get(t.Context(), h.resident, receipt.Appeal.ID)
	must(t, err)
	if seen.Text != submission().Text || seen.Place != submission().Place || seen.Category != "饮水" || !seen.Mine {
		t.Errorf("came back as %q at %q", seen.Text, seen.Place)
	}
	if a := h.row(seen.ID); a.Grid != xinglin+"01" || a.Town != "219901101" || a.County != "219901" || bytes.Contains(a.Text, []byte("水压")) {
		t.Errorf("stored in %s %s %s, or not sealed", a.Grid, a.Town, a.County)
	}
}

func TestSubmissionsThatAreRefused(t *testing.T) {
	h := open_(t)
	stranger := access.Stranger()
	report := Submission{Class: Report, Text: "有人夜里倒废油。", Village: xinglin, Identity: Anonymous}
	for name, c := range map[string]struct {
		actor  access.Actor
		in     Submission
		change func(*Submission)
		fault  error
		field  string
	}{
		"danger":                    {h.resident, submission(), func(s *Submission) { s.Emergency = true }, ErrCallEmergency, ""},
		"danger as urgency":         {stranger, report, func(s *Submission) { s.Urgency = "emergency" }, ErrCallEmergency, ""},
		"signed in and anonymous":   {h.resident, submission(), func(s *Submission) { s.Identity = Anonymous }, ErrSignedIn, ""},
		"clerk and anonymous":       {h.clerk(), submission(), func(s *Submission) { s.Identity, s.Applicant = Anonymous, h.resident.Person }, ErrSignedIn, ""},
		"stranger and consultation": {stranger, report, func(s *Submission) { s.Class = Consult }, ErrAnonymousKind, ""},
		"stranger with a name":      {stranger, report, func(s *Submission) { s.Identity = Public }, fault.NeedLogin, ""},
		"stranger with photos":      {stranger, report, func(s *Submission) { s.Attachments = []string{"x"} }, nil, "body.attachments"},
		"officer":                   {h.officer(), submission(), nil, fault.NotYours, ""},
		"class":                     {h.resident, submission(), func(s *Submission) { s.Class = "rant" }, nil, "body.class"},
		"urgency":                   {h.resident, submission(), func(s *Submission) { s.Urgency = "asap" }, nil, "body.urgency"},
		"identity":                  {h.resident, submission(), func(s *Submission) { s.Identity = "" }, nil, "body.identity"},
		"short":                     {h.resident, submission(), func(s *Submission) { s.Text = "没水 " }, nil, "body.text"},
		"long":                      {h.resident, submission(), func(s *Submission) { s.Text = strings.Repeat("水", 2001) }, nil, "body.text"},
		"control":                   {h.resident, submission(), func(s *Submission) { s.Text = "没有水\x00没有水" }, nil, "body.text"},
		"number as category":        {h.resident, submission(), func(s *Submission) { s.Category = "找13800138000" }, nil, "body.category"},
		"unknown village":           {h.resident, submission(), func(s *Submission) { s.Village = "219901101999" }, nil, "body.village"},
		"town as village":           {h.resident, submission(), func(s *Submission) { s.Village = "219901101" }, nil, "body.village"},
		"other village's grid":      {h.resident, submission(), func(s *Submission) { s.Grid = songling + "01" }, nil, "body.grid"},
		"for somebody":              {h.resident, submission(), func(s *Submission) { s.Applicant = h.other.Person }, nil, "body.applicant"},
		"clerk for nobody":          {h.clerk(), submission(), nil, nil, "body.applicant"},
		"clerk elsewhere":           {h.clerk(), submission(), func(s *Submission) { s.Applicant, s.Village = h.resident.Person, songling }, nil, "body.village"},
		"other village's clerk":     {h.as("clerk-songling", clerk), submission(), func(s *Submission) { s.Applicant = h.resident.Person }, nil, "body.applicant"},
		"clerk about himself":       {h.clerk(), submission(), func(s *Submission) { s.Applicant, s.AboutPerson = h.resident.Person, h.clerk().Person }, ErrAboutYourself, ""},
		"clerk about his station":   {h.clerk(), submission(), func(s *Submission) { s.Applicant, s.AboutOffice = h.resident.Person, h.office("xinglin-station") }, ErrAboutYourself, ""},
		"unknown office":            {h.resident, submission(), func(s *Submission) { s.AboutOffice = "x" }, nil, "body.about_office"},
		"resident as staff":         {h.resident, submission(), func(s *Submission) { s.AboutPerson = h.other.Person }, nil, "body.about_person"},
		"foreign photo":             {h.resident, submission(), func(s *Submission) { s.Attachments = []string{"x"} }, nil, "body.attachments"},
		"unknown previous":          {h.resident, submission(), func(s *Submission) { s.Previous = "x" }, nil, "body.previous"},
	} {
		t.Run(name, func(t *testing.T) {
			in := c.in
			if c.change != nil {
				c.change(&in)
			}
			_, err := h.Submit(t.Context(), c.actor, in)
			if c.fault != nil {
				want(t, err, c.fault)
			} else {
				wrongField(t, err, c.field)
			}
		})
	}
	var n int64
	must(t, h.store.Read(t.Context()).Model(&Appeal{}).Count(&n).Error)
	if n != 0 {
		t.Errorf("%d refused submissions were stored", n)
	}
}

func TestTheTextMayWarnOfDanger(t *testing.T) {
	h := open_(t)
	in := submission()
	in.Text = "变压器下面有人触电，请快来看看。"
	receipt, err := h.Submit(t.Context(), h.resident, in)
	must(t, err)
	if !strings.Contains(receipt.Advice, "120") {
		t.Errorf("advice %q", receipt.Advice)
	}
}

func TestAnotherVillageThanOnesOwn(t *testing.T) {
	h := open_(t)
	seen := h.submit(func(s *Submission) { s.Village = songling })
	if seen.Village != songling || seen.Grid != "" || !strings.HasPrefix(seen.Number, "SQ201201") {
		t.Errorf("%s in %s %s", seen.Number, seen.Village, seen.Grid)
	}
}

// An anonymous appeal leaves no person in any table.
func TestAnonymousLeavesNobody(t *testing.T) {
	h := open_(t)
	claim := &store.Claim{Caller: "open:submitAppeal", Key: "0190aa00-0000-7000-8000-000000000001", Operation: "submitAppeal", Hash: "h", Keep: time.Hour,
		View: func(any) (store.Answer, error) { return store.Answer{Body: []byte("{}")}, nil }}
	receipt, err := h.Submit(store.WithClaim(t.Context(), claim), access.Stranger(), Submission{
		Class: Complaint, Text: "村里的灯坏了一个月没人管。", Village: xinglin, Identity: Anonymous,
	})
	must(t, err)
	id := receipt.Appeal.ID
	if receipt.Appeal.Petitioner != nil || len(receipt.Appeal.Offers) != 0 {
		t.Error("a stranger is known or offered something")
	}
	for table, columns := range map[string]string{"appeals": "applicant, agent, owner", "appeal_events": "actor, role, office", "trail": "person"} {
		var rows []map[string]any
		key := map[string]string{"appeals": "id", "appeal_events": "appeal", "trail": "object"}[table]
		must(t, h.store.Read(t.Context()).Table(table).Select(columns).Where(key+" = ?", id).Find(&rows).Error)
		if len(rows) == 0 {
			t.Errorf("%s has no row", table)
		}
		for _, row := range rows {
			for column, value := range row {
				if value != "" {
					t.Errorf("%s.%s is %v", table, column, value)
				}
			}
		}
	}
	// Whatever table names the appeal at all names nobody beside it.
	tables, err := h.store.Read(t.Context()).Migrator().GetTables()
	must(t, err)
	var persons []string
	must(t, h.store.Read(t.Context()).Table("persons").Pluck("id", &persons).Error)
	for _, table := range tables {
		var rows []map[string]any
		must(t, h.store.Read(t.Context()).Table(table).Find(&rows).Error)
		for _, row := range rows {
			text := printed(row)
			for _, person := range persons {
				if strings.Contains(text, id) && strings.Contains(text, person) {
					t.Errorf("%s holds the anonymous appeal beside a person", table)
				}
			}
		}
	}
	_, err = h.Get(t.Context(), h.resident, id)
	want(t, err, fault.NotFound)
}

func printed(row map[string]any) string {
	for column, value := range row {
		if raw, ok := value.([]byte); ok {
			row[column] = string(raw)
		}
	}
	text, err := json.Marshal(row)
	if err != nil {
		return ""
	}
	return string(text)
}

func TestAnAppealIsOpenedAgainWithinItsWindow(t *testing.T) {
	h := open_(t)
	old := h.submit().ID
	again := func() (Receipt, error) {
		in := submission()
		in.Previous = old
		return h.Submit(t.Context(), h.resident, in)
	}
	_, err := again()
	want(t, err, ErrNotConcluded)
	h.to(Concluded, old)
	h.pass(30 * 24 * time.Hour)
	receipt, err := again()
	must(t, err)
	if receipt.Appeal.Previous != old || receipt.Appeal.ID == old {
		t.Errorf("not linked: %q", receipt.Appeal.Previous)
	}
	in := submission()
	in.Previous = old
	_, err = h.Submit(t.Context(), h.other, in)
	wrongField(t, err, "body.previous")
	h.pass(24 * time.Hour)
	_, err = again()
	want(t, err, ErrReopenLate)
}

// The same request a hundred times at once is one appeal and one answer.
func TestSubmitIsDoneOnce(t *testing.T) {
	h := open_(t)
	claim := store.Claim{Caller: h.resident.Person, Key: "the-same-key", Operation: "submitAppeal", Hash: "h", Keep: time.Hour,
		View: func(answer any) (store.Answer, error) {
			body, err := json.Marshal(answer.(Receipt).QueryCode)
			return store.Answer{Body: body}, err
		}}
	var wait sync.WaitGroup
	codes := make([]string, 50)
	for i := range codes {
		wait.Go(func() {
			own := claim
			receipt, err := h.Submit(store.WithClaim(t.Context(), &own), h.resident, submission())
			body, _ := json.Marshal(receipt.QueryCode)
			if replay, ok := errors.AsType[*store.Replay](err); ok {
				body, err = replay.Body, nil
			}
			if err != nil {
				t.Error(err)
			}
			codes[i] = string(body)
		})
	}
	wait.Wait()
	for _, code := range codes {
		if code != codes[0] {
			t.Errorf("answers %s and %s", codes[0], code)
		}
	}
	list, err := h.List(t.Context(), h.resident, Filter{Limit: 10})
	must(t, err)
	if len(list) != 1 {
		t.Errorf("%d appeals", len(list))
	}
}

func TestPhotosOfAppealAndReply(t *testing.T) {
	h := open_(t)
	own := h.photo(h.resident)
	id := h.submit(func(s *Submission) { s.Attachments = []string{own} }).ID
	h.to(Handling, id)
	result := h.photo(h.officer())
	_, err := h.Reply(t.Context(), h.officer(), id, Response{Text: "水泵已经换好了。", Attachments: []string{result}})
	must(t, err)
	seen, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	last := seen.History[len(seen.History)-1]
	if len(seen.Files) != 1 || seen.Files[0].ID != own || len(last.Files) != 1 || last.Files[0].ID != result {
		t.Errorf("files %v, of the reply %v", seen.Files, last.Files)
	}
	if seen.Files[0].Owner != "" {
		t.Error("a photo tells who sent it")
	}
	for _, f := range []string{own, result} {
		for actor, sees := range map[access.Actor]bool{h.resident: true, h.officer(): true, h.dispatcher(): true, h.other: false, h.clerk(): false, h.as("officer-water", officer): false} {
			if got := h.opens(actor, f); got != sees {
				t.Errorf("%s opens the photo: %v", actor.Role, got)
			}
		}
	}
}

func (h *house) opens(actor access.Actor, id string) bool {
	_, content, err := h.files.Open(h.t.Context(), actor, id)
	if err != nil {
		want(h.t, err, fault.NotFound)
		return false
	}
	return content.Close() == nil
}

func (h *house) photo(actor access.Actor) string {
	h.t.Helper()
	var b bytes.Buffer
	must(h.t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	var kept *file.File
	kept, err := h.files.Keep(context.Background(), actor, &b)
	must(h.t, err)
	return kept.ID
}

// Binding closed the row under which he is still logged in on another replica: an appeal of it would be nobody's.
func TestNothingIsHandedInByWhomBindingClosed(t *testing.T) {
	h := open_(t)
	must(t, h.store.Write(t.Context(), h.system(), func(tx *store.Tx) error {
		return tx.Table("persons").Where("id = ?", h.resident.Person).UpdateColumn("disabled_at", tx.Now).Error
	}))
	_, err := h.Submit(t.Context(), h.resident, submission())
	want(t, err, account.ErrToken)
	_, err = h.Submit(t.Context(), h.other, submission())
	must(t, err)
}
