package api

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/file"
)

// sendPiece sends one, as somebody, and answers whatever comes.
func (h *house) sendPiece(t testing.TB, who, id string, at int, content []byte, key string) *httptest.ResponseRecorder {
	t.Helper()
	body, kind := form(t, "file", content)
	return h.send(t, who, "POST", fmt.Sprintf("%s/uploads/%s/pieces?at=%d", base, id, at), body, "Content-Type", kind, keyHeader, key)
}

// smallPDF has one empty page.
func smallPDF() []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"}
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	b.WriteString("xref\n0 4\n0000000000 65535 f \n")
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table)
	return b.Bytes()
}

// TestAPaperInPieces plays the clerk on a village's line: a PDF comes in pieces, one of them twice and one out of turn, becomes a paper of a
// case among photos, in the order in which the pages were named, and is handed out to be saved only.
func TestAPaperInPieces(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	const by = "clerk-xinglin"
	content := smallPDF()
	half := len(content) / 2
	u := read[uploadView](t, h.must(t, by, 201, "POST", "/uploads", fmt.Sprintf(`{"size":%d,"sha256":"%s"}`, len(content), digestOf(content))))
	key := uuid.NewString()
	for range 2 { // the answer was lost
		if w := h.sendPiece(t, by, u.ID, 0, content[:half], key); w.Code != 200 || read[uploadView](t, w).Received != int64(half) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if w := h.sendPiece(t, by, u.ID, 0, content[:half], uuid.NewString()); w.Code != 409 || problemOf(t, w).Code != "file.other_offset" {
		t.Errorf("the same piece under another key: %d %s", w.Code, w.Body)
	}
	if w := h.sendPiece(t, "zhang", u.ID, half, content[half:], uuid.NewString()); w.Code != 404 {
		t.Errorf("somebody else's piece: %d %s", w.Code, w.Body)
	}
	h.refused(t, by, 409, "file.not_whole", "POST", "/uploads/"+u.ID+"/finish", "")
	now := read[uploadView](t, h.must(t, by, 200, "GET", "/uploads/"+u.ID, ""))
	if now.Received != int64(half) || now.File != "" || now.SHA256 != digestOf(content) {
		t.Errorf("%+v", now)
	}
	if w := h.sendPiece(t, by, u.ID, half, content[half:], uuid.NewString()); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	pdf := read[fileView](t, h.must(t, by, 201, "POST", "/uploads/"+u.ID+"/finish", ""))
	if pdf.Media != file.PDF || pdf.Pages != 1 || pdf.SHA256 != digestOf(content) || pdf.Size != int64(len(content)) {
		t.Errorf("%+v", pdf)
	}
	if done := read[uploadView](t, h.must(t, by, 200, "GET", "/uploads/"+u.ID, "")); done.File != pdf.ID {
		t.Errorf("%+v", done)
	}

	first, second := h.keep(t, by), h.keep(t, by)
	id := h.enrol(t, by, h.actor(t, "zhang").Person)
	edited := read[CaseView](t, h.must(t, by, 200, "POST", "/cases/"+id+"/edit", `{"papers":[{"material":"id_card","files":["`+second+`","`+pdf.ID+`","`+first+`"]}]}`))
	var pages []string
	for _, m := range edited.Materials {
		for _, f := range m.Files {
			pages = append(pages, f.ID)
		}
	}
	if fmt.Sprint(pages) != fmt.Sprint([]string{second, pdf.ID, first}) {
		t.Errorf("the pages are %v", pages)
	}
	for _, who := range []string{by, "zhang"} {
		w := h.must(t, who, 200, "GET", "/files/"+pdf.ID, "")
		for name, want := range map[string]string{
			"Content-Type": file.PDF, "Content-Disposition": `attachment; filename="` + pdf.ID + `.pdf"`, "Content-Security-Policy": photoPolicy, "X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s", name, got)
			}
		}
		if !bytes.Equal(w.Body.Bytes(), content) {
			t.Error("other bytes than were sent")
		}
	}
	h.must(t, "li", 404, "GET", "/files/"+pdf.ID, "")

	loose := read[fileView](t, h.upload(t, "zhang", content)) // in one go, and then where only photos belong
	if p := problemOf(t, h.must(t, "zhang", 422, "POST", "/appeals", `{"class":"help","text":"村口的路灯有两盏不亮了。","identity":"public","attachments":["`+loose.ID+`"]}`)); p.Errors[0].Location != "body.attachments" {
		t.Errorf("%+v", p)
	}
	gone := read[uploadView](t, h.must(t, by, 201, "POST", "/uploads", `{"size":10,"sha256":"`+digestOf(nil)+`"}`))
	h.must(t, by, 204, "DELETE", "/uploads/"+gone.ID, "")
	h.must(t, by, 404, "GET", "/uploads/"+gone.ID, "")
}
