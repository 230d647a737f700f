package page

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

// A notice that was made is given again to whoever did not get the answer, though its item asks other questions today.
func TestFormIsAnsweredAgainAfterItsItemChanged(t *testing.T) {
	h := open(t)
	form := answered(h)
	first := h.post(noticePath, form, 201)
	at, code := h.location, queryCode.FindStringSubmatch(first)
	must(t, h.publish(func(text string) string { return strings.ReplaceAll(text, "family", "kin") }))
	again := h.post(noticePath, form, 201)
	if h.location != at || code == nil || !strings.Contains(again, code[0]) {
		t.Errorf("at %s, then %s", at, h.location)
	}
	if n := h.notices(); n != 1 {
		t.Errorf("%d notices", n)
	}
	form.Set("key", uuid.NewString())
	h.post(noticePath, form, 422) // to today's questions this is no answer
}
