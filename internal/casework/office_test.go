package casework

import (
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/store/storetest"
)

// TestAnOfficeThatClosesMeanwhileGetsNoCase: it would lie where nobody is.
func TestAnOfficeThatClosesMeanwhileGetsNoCase(t *testing.T) {
	h := open(t)
	admin := h.as("system-admin", access.SystemAdmin)
	order := account.Order{Day: clock.DateOf(h.store.Clock().Now()), Document: "青政发〔2026〕12号"}
	hall := h.row(h.file(enrolment)).Office
	second, err := h.people.MakeOffice(t.Context(), admin, account.OfficeAsked{Code: "a-hall", Area: "219901", Name: "第二大厅", Kind: account.CountyHall}, order)
	must(t, err)
	id := h.file(enrolment)
	if h.row(id).Office != second.ID {
		t.Fatal("the case is not in the new hall")
	}
	closing := func() error { return errOf(h.people.CloseOffice(t.Context(), admin, second.ID, order)) }
	want(t, closing(), account.ErrOfficeInUse)
	must(t, h.do(Discard, h.clerk(), id))
	if storetest.OnMySQL() { // where two write at once
		var closed atomic.Bool
		must(t, h.store.Read(t.Context()).Callback().Query().After("*").Register("test:closing", func(db *gorm.DB) {
			if db.Statement.Table == "offices" && !closed.Swap(true) {
				must(t, closing())
			}
		}))
	} else {
		must(t, closing())
	}
	if h.row(h.file(enrolment)).Office != hall {
		t.Error("the case is not in the hall that is left")
	}
	want(t, closing(), account.ErrOfficeClosed)
}
