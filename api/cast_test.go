package api

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/page"
)

// crew is who plays beside the demo county's staff. Whoever sees appeals holds a second post, at 石桥乡便民服务中心: what
// complains of that centre is not there for him, whatever post he acts in. The deputy is a clerk of 杏林村 from another
// office, and the second officer of 民政局 has one post only.
const crew = `
deputy-xinglin,杏守望,clerk,代办员,liuquan-centre,219901101201,2025-01-01,
dispatcher-liuquan,柳知音,dispatcher,镇派单员,liuquan-centre,219901101,2025-01-01,
supervisor-liuquan,柳督行,supervisor,镇督办员,liuquan-centre,219901101,2025-01-01,
follow-up-liuquan,柳问安,follow_up,镇回访员,liuquan-centre,219901101,2025-01-01,
officer-civil-2,安济民,officer,社会救助股承办人,civil-affairs,219901,2025-01-01,
clerk-xinglin,苗杏芳,window,综合窗口,shiqiao-centre,219901201,2025-06-01,
grid-xinglin,于麦生,window,综合窗口,shiqiao-centre,219901201,2025-06-01,
dispatcher-liuquan,柳知音,window,综合窗口,shiqiao-centre,219901201,2025-06-01,
supervisor-liuquan,柳督行,window,综合窗口,shiqiao-centre,219901201,2025-06-01,
follow-up-liuquan,柳问安,window,综合窗口,shiqiao-centre,219901201,2025-06-01,
officer-civil,安惠民,window,综合窗口,shiqiao-centre,219901201,2025-06-01,
`

// openFull is a house with the program's pages and with the crew.
func openFull(t testing.TB) *house {
	t.Helper()
	return openHouseOn(t, crewed.Open(t), func(d *Deps) {
		pages := page.New(page.Deps{
			Catalog: d.Catalog, Notices: d.Notices, Cases: d.Cases, Appeals: d.Appeals, Accounts: d.Accounts, BaseURL: d.BaseURL, Status: Status, Log: d.Log,
		})
		d.Sorry, d.CopyPage, d.DocumentsPage = pages.Sorry, pages.Copy, pages.Documents
		for _, r := range pages.Routes() {
			d.Pages = append(d.Pages, Page(r))
		}
	})
}

// tellMore adds a phone, and the grid if there is one, to what a villager has told.
func (h *house) tellMore(t testing.TB, who, phone, grid string) {
	t.Helper()
	body := `{"phone":"` + phone + `","consent":{"text_version":"` + consentVersion + `"}}`
	if grid != "" {
		body = `{"village":"` + villagers[who].village + `","grid":"` + grid + `",` + body[1:]
	}
	h.must(t, who, http.StatusOK, "POST", "/me", body)
}

// prove shows that the phone is in the villager's hands, by the button of the mini-program.
func (h *house) prove(t testing.TB, who, phone string) {
	t.Helper()
	h.must(t, who, http.StatusOK, "POST", "/me/phone/wechat", `{"code":"phone.`+phone+`.`+uuid.NewString()+`"}`)
}

// must sends what has to succeed, with a fresh key where the route asks for one.
func (h *house) must(t testing.TB, who string, status int, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := h.send(t, who, method, base+path, body, append([]string{keyHeader, uuid.NewString()}, headers...)...)
	if w.Code != status {
		t.Fatalf("%s: %s %s %s: want %d, got %d %s", who, method, path, body, status, w.Code, w.Body)
	}
	return w
}

// refused sends what has to be refused, with this code.
func (h *house) refused(t testing.TB, who string, status int, code, method, path, body string) problem {
	t.Helper()
	p := problemOf(t, h.must(t, who, status, method, path, body))
	if p.Code != code {
		t.Fatalf("%s: %s %s %s: want %s, got %+v", who, method, path, body, code, p)
	}
	return p
}

// officeID is the office's id by its code.
func (h *house) officeID(t testing.TB, code string) string {
	t.Helper()
	if code == "" {
		return ""
	}
	office, err := h.Accounts.OfficeByCode(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return office.ID
}
