package api

import (
	"strings"
	"testing"
)

// TestTheCopyPageSaysItInWords: an entrustment with its powers and the check of who entrusted, papers with who gave and who got them back,
// cases by their numbers, and what was answered to a poor rating.
func TestTheCopyPageSaysItInWords(t *testing.T) {
	t.Parallel()
	h := openCases(t)
	stored := h.putPaper(t, "zhang", h.day(100), h.day(200))
	draft := h.enrol(t, "clerk-xinglin", h.actor(t, "zhang").Person)
	h.usePaper(t, "clerk-xinglin", 200, draft, stored.ID)
	filedOne := h.enrol(t, "clerk-xinglin", h.actor(t, "zhang").Person)
	h.usePaper(t, "clerk-xinglin", 200, filedOne, stored.ID)
	h.fileWith(t, filedOne, `[{"material":"hukou_book"}]`)
	number := read[CaseView](t, h.must(t, "zhang", 200, "GET", "/cases/"+filedOne, "")).Number

	e := h.entrust(t, h.draft(t, filed()))
	act := func(what, body string) ErrandView {
		t.Helper()
		return read[ErrandView](t, h.must(t, "clerk-xinglin", 200, "POST", "/errands/"+e.ID+"/"+what, body))
	}
	act("identify", `{"how":"card_reader","document":"id_card"}`)
	taken := act("take-papers", `{"name":"户口簿","form":"original","count":2,"signer":"张杏花","signature":"signed"}`)
	act("return-papers", `{"paper":"`+taken.Papers[0].ID+`","count":1,"signer":"张家人","signature":"fingerprint"}`)

	m := filed()
	id := h.redress(t, m, "等了一上午没人理")
	h.must(t, "supervisor", 200, "POST", "/redresses/"+id+"/find-unfounded", `{"how":"phone","finding":"no_basis","text":"电话回访核实了。"}`)
	h.must(t, "supervisor", 200, "POST", "/redresses/"+id+"/answer", `{"text":"让您久等了，窗口加了一个人。"}`)

	h.must(t, "clerk-xinglin", 200, "POST", "/locker/"+h.putPaper(t, "zhang", h.day(100), h.day(200)).ID+"/withdraw", `{"how":"fingerprint"}`)

	page := h.must(t, "zhang", 200, "GET", "/me/export.html", "").Body.String()
	for _, want := range []string{
		"可以替您办：补正、报送申请、收送材料、领取结果", "委托的人：本人。委托方式：按手印，两名见证人在场", "核验身份：读卡器核验，居民身份证",
		"您交来：户口簿（原件） 2 份，交的人 张杏花，签字", "退还您：户口簿（原件） 1 份，领回的人 张家人，按手印",
		"用在一件还没有提交的办件", "用在办件 " + number[:8], "答复您的评价：让您久等了，窗口加了一个人。", "撤回，按手印</p>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, not := range []string{draft, filedOne, "card_reader", "fingerprint", "签收"} {
		if strings.Contains(page, not) {
			t.Errorf("the page says %q", not)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}
