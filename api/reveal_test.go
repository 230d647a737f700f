package api

import (
	"fmt"
	"strings"
	"testing"

	"tongban/internal/account"
)

const (
	elderNumber = "11010519491231002X"
	elderPhone  = "13900000017"
)

// registerElder is a resident with everything on file.
func registerElder(t *testing.T, h *house) string {
	t.Helper()
	body := `{"name":"𠮷桂兰","id_number":"` + elderNumber + `","phone":"` + elderPhone + `","village":"` + xinglin + `",` + spoken + `}`
	return read[residentView](t, h.must(t, "clerk-xinglin", 201, "POST", "/residents", body)).ID
}

// TestReveal: the clerk of the village sees in full what he asks for and says why; nobody else does, and nothing else does
// it; and each field is a row of the trail that holds no value.
func TestReveal(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	ask := func(name, who, body string, status int, code, at string) scenario {
		return scenario{name: name, who: who, method: "POST", path: "/residents/{elder}/reveal", body: body, status: status, code: code, at: at}
	}
	all := `{"fields":["name","phone","id_number"],"cause":"verify","note":"核对参保登记"}`
	good := ask("everything", "clerk-xinglin", all, 200, "", "")
	good.fields = map[string]any{"name": "𠮷桂兰", "phone": elderPhone, "id_number": elderNumber}
	one := ask("one field", "clerk-xinglin", `{"fields":["phone"],"cause":"contact","note":"通知体检"}`, 200, "", "")
	one.fields = map[string]any{"name": "", "phone": elderPhone, "id_number": ""}
	vars := map[string]string{"elder": registerElder(t, h), "other": someID}
	h.play(t, vars, good, one,
		ask("no reason", "clerk-xinglin", `{"fields":["phone"],"cause":"contact","note":" "}`, 422, "request.invalid", "body.note"),
		ask("no note", "clerk-xinglin", `{"fields":["phone"],"cause":"contact"}`, 422, "request.invalid", "body.note"),
		ask("no cause", "clerk-xinglin", `{"fields":["phone"],"note":"通知体检"}`, 422, "request.invalid", "body.cause"),
		ask("another cause", "clerk-xinglin", `{"fields":["phone"],"cause":"curious","note":"通知体检"}`, 422, "request.invalid", "body.cause"),
		ask("no fields", "clerk-xinglin", `{"fields":[],"cause":"contact","note":"通知体检"}`, 422, "request.invalid", "body.fields"),
		ask("a field that is none", "clerk-xinglin", `{"fields":["password"],"cause":"contact","note":"通知体检"}`, 422, "request.invalid", "body.fields[0]"),
		ask("a number in the reason", "clerk-xinglin", `{"fields":["phone"],"cause":"contact","note":"打`+elderPhone+`"}`, 422, "person.number_in_reason", ""),
		ask("another village's clerk", "clerk-hewan", all, 404, "request.not_found", ""),
		ask("a grid worker of another grid", "grid-xinglin", all, 404, "request.not_found", ""),
		ask("the system administrator", "system-admin", all, 403, "request.forbidden", ""),
		ask("the audit administrator", "audit-admin", all, 404, "request.not_found", ""),
		ask("the elder's neighbour", "zhang", all, 403, "request.forbidden", ""),
		ask("nobody", "", all, 401, "token.missing", ""),
		scenario{name: "unknown", who: "clerk-xinglin", method: "POST", path: "/residents/{other}/reveal", body: all, status: 404, code: "request.not_found"},
	)
	h.wantRows(t, 2, "trail", "act = 'person.reveal' AND object = ?", vars["elder"])
	h.wantRows(t, 4, "trail", "act = 'person.read' AND object = ? AND (body LIKE '%核对参保登记%' OR body LIKE '%通知体检%')", vars["elder"])
	h.wantRows(t, 0, "trail", "body LIKE ? OR body LIKE ? OR body LIKE '%桂兰%'", "%"+elderNumber+"%", "%"+elderPhone+"%")
	h.wantRows(t, 2, "trail", "act = 'person.reveal' AND body LIKE '%核对身份：核对参保登记%' OR act = 'person.reveal' AND body LIKE '%联系本人：%'")
	h.wantRows(t, 1, "tries", "kind = 'reveal' AND used = 2") // refused looks use nothing up
	h.wantRows(t, 0, "idempotency", "operation = 'revealResident'")
	w := h.must(t, "clerk-xinglin", 200, "POST", "/residents/"+vars["elder"]+"/reveal", all, keyHeader, "0190aaaa-0000-4000-8000-000000000001")
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("the answer may be kept: %s", got)
	}
	h.wantRows(t, 0, "idempotency", "operation = 'revealResident'")
	if strings.Contains(h.log.String(), elderPhone) || strings.Contains(h.log.String(), elderNumber) {
		t.Error("the log holds a number")
	}
}

// TestOneQuotaOfLooks: looks at residents and at petitioners use up the same twenty a day, of each clerk his own.
func TestOneQuotaOfLooks(t *testing.T) {
	t.Parallel()
	h := openFull(t)
	h.tellMore(t, "zhang", "13800000001", "")
	s := h.hand(t, ordinary())
	elder := registerElder(t, h)
	resident := func(who string, status int) {
		t.Helper()
		h.must(t, who, status, "POST", "/residents/"+elder+"/reveal", `{"fields":["id_number"],"cause":"verify","note":"核对登记"}`)
	}
	petitioner := func(status int) {
		t.Helper()
		h.must(t, "clerk-xinglin", status, "POST", "/appeals/"+s.id+"/reveal-contact", `{"reason":"电话联系"}`)
	}
	for range account.Looks.Most / 2 {
		resident("clerk-xinglin", 200)
		petitioner(200)
	}
	resident("clerk-xinglin", 429)
	petitioner(429)
	resident("deputy-xinglin", 200)
	h.wantRows(t, int64(account.Looks.Most/2+1), "trail", "act = 'person.reveal'")
	var used int
	h.Store.Read(t.Context()).Table("tries").Where("kind = 'reveal' AND subject = ?", h.actor(t, "clerk-xinglin").Person).Pluck("used", &used)
	if used != account.Looks.Most {
		t.Error(fmt.Sprint("used ", used))
	}
}
