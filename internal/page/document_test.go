package page

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
)

// From the case to the paper, and from the code on the paper to the page that says that it is genuine, and no more.
func TestDocumentsAreGenuine(t *testing.T) {
	h := open(t)
	clerk := access.Actor{Person: "clerk", Role: access.Clerk, Area: xinglin}
	r, err := h.Accounts.RegisterResident(t.Context(), clerk, account.Registration{
		Name: "田𠮷顺", Village: xinglin, Grid: xinglin + "01", Consent: account.Consent{TextVersion: "2026-01", How: account.Signed},
	})
	must(t, err)
	applicant := access.Actor{Person: r.ID, Role: access.Resident, Area: xinglin}
	begun, err := h.Cases.Open(t.Context(), applicant, casework.Opening{
		Item: "01932f00-4c00-7000-8000-000000000003", Answers: map[string][]string{"age": {"yes"}, "other": {"none"}, "years": {"full"}, "card": {"making"}},
	})
	must(t, err)
	receipt, err := h.Cases.Submit(t.Context(), applicant, begun.ID, casework.Submission{Papers: []casework.Paper{{Material: "id_card"}, {Material: "hukou_book"}, {Material: "application_form"}}})
	must(t, err)
	_, err = h.Cases.Rounds(t.Context())
	must(t, err)
	window := access.Actor{Person: "window", Post: "post", Role: access.Window, Office: receipt.Case.Office, Area: "219901"}
	_, err = h.Cases.Accept(t.Context(), window, begun.ID, casework.Acceptance{Note: "材料齐全"})
	must(t, err)

	printed := func() (page string, list []casework.Document) {
		list, err := h.Cases.Documents(t.Context(), applicant, begun.ID)
		must(t, err)
		var b strings.Builder
		must(t, h.Documents(http.Header{}, &b, list))
		return b.String(), list
	}
	page, list := printed()
	if len(list) != 2 {
		t.Fatalf("%d documents", len(list))
	}
	wantText(t, page, "收件凭证", "受理通知书", list[0].Number, list[1].Number, list[1].Hash, receipt.Case.Number)
	if strings.Contains(page, "材料齐全") || strings.Contains(page, "田𠮷顺") {
		t.Error("the paper tells a colleague's note, or the whole name")
	}
	h.store.Clock().Advance(400 * 24 * time.Hour)
	if again, _ := printed(); again != page {
		t.Error("the same papers are printed otherwise a year later")
	}
	codes := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1)
	if len(codes) != 2 {
		t.Fatalf("%d codes", len(codes))
	}
	for i, svg := range codes {
		path, ours := strings.CutPrefix(scanned(t, svg), base)
		if !ours || path != "/d/"+list[i].Code {
			t.Fatalf("the code says %q", path)
		}
		told := h.get(path)
		wantText(t, told, "是真的", list[i].Title, list[i].Number, list[i].Hash)
		for _, secret := range []string{"申请人", receipt.Case.Number, receipt.Case.ItemName} {
			if strings.Contains(told, secret) {
				t.Errorf("the check tells %s", secret)
			}
		}
	}
	_, err = h.Cases.CheckDocument(t.Context(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if err == nil {
		t.Error("an unknown code is genuine")
	}
}
