package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/file"
	"tongban/internal/locker"
	"tongban/internal/rights"
)

// script is what somebody types who means no good, or who just writes like this.
const script = `<script>alert(1)</script>灯坏了 & "半个月" 了`

// TestExportOfMyData plays 查阅、复制: who looked at him, and all that is held, as JSON and as a page.
func TestExportOfMyData(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	h.tellMore(t, "zhang", "13800000001", xinglin+"02")
	h.tellMore(t, "li", "13800000002", "")
	h.prove(t, "li", "13800000002")
	me := h.actor(t, "zhang").Person
	h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+me+"/reveal", `{"fields":["phone"],"cause":"contact","note":"通知体检"}`)
	h.must(t, "zhang", 200, "POST", "/me/phone/wechat", `{"code":"phone.13800000001.once"}`)
	h.confirmHelp(t, "li", h.askHelp(t, "zhang", "13800000002", "all"))
	photo := h.keep(t, "zhang")
	typed, err := encode(map[string]any{"class": "help", "text": script, "identity": "public", "attachments": []string{photo}})
	if err != nil {
		t.Fatal(err)
	}
	own := read[receiptView](t, h.must(t, "zhang", 201, "POST", "/appeals", string(typed)))
	answered := h.at(t, appeal.Replied, "")
	h.must(t, "zhang", 200, "POST", "/appeals/"+answered.id+"/rate", `{"level":2,"text":"水来了。"}`)
	h.must(t, "li", 201, "POST", "/appeals", somethingWrong+`}`) // somebody else's

	read1 := h.must(t, "zhang", 200, "GET", "/me/reads?limit=100", "")
	looked := 0
	for _, r := range read[list[readView]](t, read1).Items {
		if r.Reason == "联系本人：通知体检" && r.FieldText == "电话" && r.RoleText == "村办事员" && r.AreaName == "杏林村" && r.OfficeName != "" {
			looked++
		}
		if r.Role == "resident" {
			t.Errorf("his own looking is on the list: %+v", r)
		}
	}
	if looked != 1 || strings.Contains(read1.Body.String(), h.actor(t, "clerk-xinglin").Person) {
		t.Errorf("who looked: %s", read1.Body)
	}
	if other := read[list[readView]](t, h.must(t, "li", 200, "GET", "/me/reads", "")); len(other.Items) > 0 && strings.Contains(fmt.Sprint(other), "通知体检") {
		t.Errorf("li is told who looked at zhang: %+v", other)
	}
	h.must(t, "clerk-xinglin", 403, "GET", "/me/reads", "")

	w := h.must(t, "zhang", 200, "GET", "/me/export", "")
	c := read[copyView](t, w)
	if p := c.Person; p.ID != me || p.Name != "张杏花" || p.Phone != "13800000001" || p.PhoneProven == nil || p.VillageName != "杏林村" || !p.WeChat {
		t.Errorf("the person is %+v", p)
	}
	if len(c.Consents) < 2 || len(c.Helping) != 1 || len(c.Appeals) != 2 || len(c.Photos) != 1 || len(c.Sessions) == 0 || len(c.Reads) == 0 || !c.Complete {
		t.Errorf("the copy is %s", w.Body)
	}
	for i, a := range c.Appeals {
		switch a := a.Appeal; a.ID {
		case own.ID:
			if a.Text != script || len(a.Files) != 1 || len(a.History) == 0 {
				t.Errorf("his own appeal: %+v", a)
			}
		case answered.id:
			if r := c.Appeals[i].Rating; r == nil || r.Text != "水来了。" || r.Level != 2 {
				t.Errorf("the rated appeal: %+v", r)
			}
		default:
			t.Errorf("somebody else's appeal: %+v", a)
		}
	}
	if got := w.Header(); !strings.HasPrefix(got.Get("Content-Disposition"), "attachment") || got.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", got)
	}

	page := h.must(t, "zhang", 200, "GET", "/me/export.html", "")
	text := page.Body.String()
	for _, want := range []string{"13800000001", "张杏花", "&lt;script&gt;alert(1)&lt;/script&gt;", "通知体检", "水来了。", photo, "非常满意"} {
		if strings.Contains(text, want) == (want == "非常满意") {
			t.Errorf("the page and %q: %s", want, text)
		}
	}
	if strings.Contains(text, "<script") || !strings.HasSuffix(strings.TrimSpace(text), "</html>") || !strings.Contains(page.Header().Get("Content-Security-Policy"), "script-src 'none'; style-src 'sha256-") {
		t.Errorf("the page is %s %v", text, page.Header())
	}
	h.wantRows(t, 2, "trail", "act = 'person.copy' AND object = ? AND person = ?", me, me)
	for range 3 {
		h.must(t, "zhang", 200, "GET", "/me/export", "")
	}
	h.refused(t, "zhang", 429, "rights.too_many_copies", "GET", "/me/export.html", "")
	h.clock.Advance(25 * time.Hour)
	h.must(t, "zhang", 200, "GET", "/me/export", "")
}

// TestNoCopyOfAClosedAccount: a replica that believes a token for some seconds more finds the account closed.
func TestNoCopyOfAClosedAccount(t *testing.T) {
	t.Parallel()
	_, o := demo.Fresh(t)
	here, there := openNext(t, o), openNext(t, o)
	token := here.token(t, "zhang")
	ask := func(path string) *httptest.ResponseRecorder {
		return there.send(t, "", "GET", base+path, "", "Authorization", bearer(token))
	}
	if w := ask("/me"); w.Code != 200 {
		t.Fatalf("before: %d %s", w.Code, w.Body)
	}
	here.must(t, "zhang", 200, "POST", "/me/close", closing)
	for _, path := range []string{"/me/export", "/me/export.html"} {
		if w := ask(path); w.Code != 409 || problemOf(t, w).Code != "person.closed" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// TestTheClerkPrintsACopy: with a reason, of one look, and without what the resident did not tell through him.
func TestTheClerkPrintsACopy(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	vars := map[string]string{"elder": registerElder(t, h)}
	h.must(t, "clerk-xinglin", 201, "POST", "/appeals", `{"class":"help","text":"家里的水管冻裂了。","identity":"to_handler","applicant":"`+vars["elder"]+`"}`)
	h.tellMore(t, "zhang", "13800000001", "")
	h.must(t, "zhang", 201, "POST", "/appeals", `{"class":"complaint","text":"村里的账目一直没有公开。","identity":"to_handler"}`)
	ask := func(name, who, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/residents/{elder}/export", body: body, status: status, code: code, at: at}
	}
	good := `{"reason":"老人要核对登记"}`
	h.play(t, vars,
		ask("no reason", "clerk-xinglin", `{"reason":" "}`, 422, "request.invalid", "body.reason"),
		ask("a number in it", "clerk-xinglin", `{"reason":"打`+elderPhone+`"}`, 422, "person.number_in_reason", ""),
		ask("another village's clerk", "clerk-hewan", good, 404, "request.not_found", ""),
		ask("the grid worker", "system-admin", good, 403, "request.forbidden", ""),
		ask("a neighbour", "zhang", good, 403, "request.forbidden", ""),
	)
	h.wantRows(t, 0, "tries", "kind = 'reveal'")
	page := h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+vars["elder"]+"/export", good).Body.String()
	for _, want := range []string{elderNumber, elderPhone, "𠮷桂兰", "家里的水管冻裂了", "代为打印"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing: %s", want, page)
		}
	}
	h.wantRows(t, 1, "tries", "kind = 'reveal' AND used = 1")
	h.wantRows(t, 1, "trail", "act = 'person.copy' AND object = ? AND body LIKE '%替本人打印副本：老人要核对登记%'", vars["elder"])
	of := h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+h.actor(t, "zhang").Person+"/export", good).Body.String()
	if strings.Contains(of, "账目") || strings.Contains(of, "<h2>收到的消息") || strings.Contains(of, "<h2>登录记录") {
		t.Errorf("the clerk learns what he must not: %s", of)
	}
}

// TestACopyThatBreaksIsCut: half a copy never looks like a whole one.
func TestACopyThatBreaksIsCut(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	broken := errors.New("no disk")
	for name, photos := range map[string]int{"at once": 0, "in the middle": 3000} {
		c := rights.Copy{
			Consents: func(func(account.Given, error) bool) {}, Households: func(func(family.Household, error) bool) {}, Helping: func(func(family.Acting, error) bool) {},
			Appeals: func(func(rights.Matter, error) bool) {}, Cases: func(func(rights.Application, error) bool) {},
			Errands: func(func(errand.Seen, error) bool) {}, Papers: func(func(locker.Paper, error) bool) {}, Corrections: func(func(rights.Correction, error) bool) {},
			Photos: func(yield func(file.File, error) bool) {
				for range photos {
					if !yield(file.File{ID: someID}, nil) {
						return
					}
				}
				yield(file.File{}, broken)
			},
		}
		w := httptest.NewRecorder()
		cut := func() (cut bool) {
			defer func() {
				if broken := recover(); broken != nil {
					cut = true
					if broken != http.ErrAbortHandler { // the very value
						t.Error(broken)
					}
				}
			}()
			h.streamTo(w, c)
			return false
		}()
		if cut != (photos > 0) {
			t.Errorf("%s: cut %t", name, cut)
		}
		if json.Valid(w.Body.Bytes()) && w.Code == 200 {
			t.Errorf("%s: it looks whole: %d %s", name, w.Code, w.Body)
		}
	}
}

// streamTo writes a copy as the route does.
func (h *house) streamTo(w http.ResponseWriter, c rights.Copy) {
	g := gin.CreateTestContextOnly(w, h.engine)
	g.Request = httptest.NewRequest(http.MethodGet, base+"/me/export", nil)
	if err := h.stream(g, func(out io.Writer) error { return writeCopy(out, c) }); err != nil {
		h.refuse(g, err)
	}
}
