package appeal

import (
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/store/storetest"
)

// TestAnOfficeThatClosesMeanwhileIsNotDecidedFor: nobody could dispatch the appeal any more.
func TestAnOfficeThatClosesMeanwhileIsNotDecidedFor(t *testing.T) {
	h := open_(t)
	admin := h.as("system-admin", access.SystemAdmin)
	order := account.Order{Day: clock.DateOf(h.store.Clock().Now()), Document: "青政发〔2026〕12号"}
	made, err := h.people.MakeOffice(t.Context(), admin, account.OfficeAsked{Code: "roads", Area: "219901", Name: "公路股", Kind: account.Department}, order)
	must(t, err)
	id := h.to(Accepted, h.submit().ID)
	for range 2 {
		must(t, h.do(Dispatch, h.dispatcher(), id))
		must(t, h.do(AskSendBack, h.officer(), id))
		must(t, h.do(AgreeSendBack, h.dispatcher(), id))
	}
	must(t, h.do(Dispatch, h.dispatcher(), id))
	must(t, h.do(AskSendBack, h.officer(), id))
	decide := func() error {
		_, err := h.AgreeSendBack(t.Context(), h.supervisor(), id, SendBackDecision{Office: made.ID})
		return err
	}
	closing := func() error {
		_, err := h.people.CloseOffice(t.Context(), admin, made.ID, order)
		return err
	}
	if !storetest.OnMySQL() { // one writes after the other
		must(t, decide())
		want(t, closing(), account.ErrOfficeInUse)
		return
	}
	var closed atomic.Bool
	must(t, h.store.Read(t.Context()).Callback().Query().After("*").Register("test:closing", func(db *gorm.DB) {
		if db.Statement.Table == "office_changes" && !closed.Swap(true) {
			must(t, closing())
		}
	}))
	want(t, decide(), account.ErrOfficeClosed)
	if row := h.row(id); row.DecidedOffice != "" {
		t.Error("it is decided for an office that is closed")
	}
	h.sound()
}
