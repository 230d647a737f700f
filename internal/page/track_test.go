package page

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/store/storetest"
	"tongban/internal/workday"
)

func (h *house) appeal() appeal.Receipt {
	h.t.Helper()
	clerk := access.Actor{Person: "clerk", Role: access.Clerk, Area: xinglin}
	r, err := h.Accounts.RegisterResident(h.t.Context(), clerk, account.Registration{
		Name: "田𠮷顺", Village: xinglin, Grid: xinglin + "01", Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(h.t, err)
	receipt, err := h.Appeals.Submit(h.t.Context(), access.Actor{Person: r.ID, Role: access.Resident, Area: xinglin},
		appeal.Submission{Class: appeal.Help, Text: "村东头的水压一直上不来。", Identity: appeal.Public})
	must(h.t, err)
	return receipt
}

func TestTrackAppeal(t *testing.T) {
	h := open(t)
	receipt := h.appeal()
	wantText(t, h.get("/track"), `<label class="label" for="number">编号`, `<label class="label" for="code">查询码`)
	full := strings.Map(func(r rune) rune { // as a phone's Chinese keyboard types it
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, grouped(receipt.Appeal.Number))
	page := h.post("/track", url.Values{"number": {full}, "query_code": {" " + receipt.QueryCode + " "}}, 200)
	wantText(t, page, "已提交", "最晚2026年11月30日给您结果", "在期限内", "诉求已提交", "2026年11月23日 09:00", grouped(receipt.Appeal.Number))
	for _, private := range []string{"田", "水压", receipt.QueryCode} {
		if strings.Contains(page, private) {
			t.Errorf("the page tells %s", private)
		}
	}
}

func TestTrackCase(t *testing.T) {
	h := open(t)
	clerk := access.Actor{Person: "clerk", Role: access.Clerk, Area: xinglin}
	r, err := h.Accounts.RegisterResident(t.Context(), clerk, account.Registration{
		Name: "田𠮷顺", Village: xinglin, Grid: xinglin + "01", Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(t, err)
	applicant := access.Actor{Person: r.ID, Role: access.Resident, Area: xinglin}
	const claim = "01932f00-4c00-7000-8000-000000000003" // ten working days
	begun, err := h.Cases.Open(t.Context(), applicant, casework.Opening{Item: claim, Answers: map[string][]string{"age": {"yes"}, "other": {"none"}, "years": {"full"}, "card": {"making"}}})
	must(t, err)
	receipt, err := h.Cases.Submit(t.Context(), applicant, begun.ID, casework.Submission{Papers: []casework.Paper{{Material: "id_card"}, {Material: "hukou_book"}, {Material: "application_form"}}})
	must(t, err)
	look := func() string {
		return h.post("/track", url.Values{"number": {receipt.Case.Number}, "query_code": {receipt.QueryCode}}, 200)
	}
	page := look()
	wantText(t, page, "已提交", "已提交申请", "2026年11月23日 09:00", grouped(receipt.Case.Number))
	if strings.Contains(page, "最晚") || strings.Contains(page, "期限") {
		t.Error("a limit is told before one runs")
	}
	_, err = h.Cases.Rounds(t.Context())
	must(t, err)
	window := access.Actor{Person: "window", Post: "post", Role: access.Window, Office: receipt.Case.Office, Area: "219901"}
	_, err = h.Cases.Accept(t.Context(), window, begun.ID, casework.Acceptance{Note: "材料齐全"})
	must(t, err)
	page = look()
	wantText(t, page, "已受理", "县里已收件", "最晚2026年12月7日给您结果", "在期限内")
	for _, private := range []string{"田", "材料齐全", receipt.QueryCode} {
		if strings.Contains(page, private) {
			t.Errorf("the page tells %s", private)
		}
	}
}

// The holder of a slip reads his own last day too, whether a day is firm, and with which letters a number begins.
func TestDaysOfACaseInWords(t *testing.T) {
	at := storetest.Monday
	for _, c := range []struct {
		tracked docket.Tracked
		due     string
	}{
		{docket.Tracked{Status: casework.Reviewing, DueOn: clock.DateOf(at), Provisional: true}, "最晚2026年11月23日" + workday.ProvisionalText + "给您结果。"},
		{docket.Tracked{Status: casework.Reviewing, DueOn: clock.DateOf(at)}, "最晚2026年11月23日给您结果。"},
		{docket.Tracked{Status: casework.Correcting, Stands: true, CorrectOn: clock.DateOf(at)}, "请您最晚2026年11月23日补齐材料，过了这一天申请就结束。"},
		{docket.Tracked{Status: casework.Correcting, Stands: true}, ""},
	} {
		if view := progressOf(frame{}, c.tracked); view.Due != c.due {
			t.Errorf("%s: %q", c.tracked.Status, view.Due)
		}
	}
	wantText(t, open(t).get("/track"), "BJ（办件）", "SQ（诉求）", "GZ（告知单）")
}

func TestTrackTellsNothingToWhoeverGuesses(t *testing.T) {
	h := open(t)
	receipt := h.appeal()
	wrong := "000000"
	if receipt.QueryCode == wrong {
		wrong = "000001"
	}
	known := h.post("/track", url.Values{"number": {receipt.Appeal.Number}, "query_code": {wrong}}, 404)
	unknown := h.post("/track", url.Values{"number": {"SQ1"}, "query_code": {wrong}}, 404)
	wantText(t, known, "编号或查询码不对", `value="`+receipt.Appeal.Number+`"`)
	if strings.Contains(known, wrong) {
		t.Error("the query code is given back")
	}
	if strings.ReplaceAll(known, receipt.Appeal.Number, "SQ1") != unknown {
		t.Error("a wrong code and an unknown number differ")
	}
	wantText(t, h.post("/track", url.Values{"number": {" "}}, 422), "都要填")

	var last *httptest.ResponseRecorder
	for range 12 {
		r := httptest.NewRequest("POST", "/track", strings.NewReader("number=SQ1&query_code=1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		last = httptest.NewRecorder()
		h.mux.ServeHTTP(last, r)
	}
	if last.Code != 429 || last.Header().Get("Retry-After") == "" {
		t.Errorf("status %d", last.Code)
	}
	wantText(t, last.Body.String(), "查询太频繁")
}

func TestTrackFindsANotice(t *testing.T) {
	h := open(t)
	made := h.post(noticePath, answered(h), 201)
	var number string
	must(t, h.store.Read(t.Context()).Table("notices").Select("number").Scan(&number).Error)
	code := queryCode.FindStringSubmatch(made)[1]
	page := h.post("/track", url.Values{"number": {grouped(number)}, "query_code": {code}}, 200)
	wantText(t, page, "一次性告知单", "居民身份证", grouped(number))
	if strings.Contains(page, code) {
		t.Error("the query code is told again")
	}
}

func TestProgressInWords(t *testing.T) {
	at := storetest.Monday.Add(26 * time.Hour)
	tracked := docket.Tracked{Number: "SQ1012012611230015", StatusText: "办理中", DueOn: clock.DateOf(at), Light: workday.Red}
	for _, c := range []struct {
		change    func(*docket.Tracked)
		due, lamp string
	}{
		{func(*docket.Tracked) {}, "最晚2026年11月24日给您结果。", "已经超过期限，可以打电话催办。"},
		{func(a *docket.Tracked) { a.DueAt, a.Light = &at, workday.Amber }, "最晚2026年11月24日 11:00给您结果。", "快到期了。"},
		{func(a *docket.Tracked) { a.Provisional = true }, "最晚2026年11月24日" + workday.ProvisionalText + "给您结果。", "已经超过期限，可以打电话催办。"},
		{func(a *docket.Tracked) { a.Stands = true }, "", ""},
	} {
		one := tracked
		c.change(&one)
		if view := progressOf(frame{}, one); view.Due != c.due || view.Lamp != c.lamp {
			t.Errorf("%+v: %q %q", one, view.Due, view.Lamp)
		}
	}
}
