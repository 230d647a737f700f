package appeal

import (
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// spent leaves an allowance with only so much of today.
func (h *house) spent(a store.Allowance, subject string, left int) {
	h.t.Helper()
	if _, err := h.store.Try(h.t.Context(), a, subject); err != nil {
		h.t.Fatal(err)
	}
	must(h.t, h.store.Write(h.t.Context(), access.Stranger(), func(tx *store.Tx) error {
		return tx.Table("tries").Where("kind = ? AND subject = ?", a.Kind, subject).UpdateColumn("used", a.Most-left).Error
	}))
}

func TestAFloodOfAppealsEnds(t *testing.T) {
	h := open_(t)
	handIn := func(actor access.Actor, village access.Area, identity Identity) error {
		in := submission()
		if in.Village, in.Identity = village, identity; identity == Anonymous {
			in.Class = Report
		}
		if actor.Role == clerk {
			in.Applicant = h.resident.Person
		}
		_, err := h.Submit(t.Context(), actor, in)
		return err
	}
	stranger := access.Stranger()

	h.spent(ofPerson, h.resident.Person, 1)
	must(t, handIn(h.resident, xinglin, ToHandler))
	err := handIn(h.resident, xinglin, ToHandler)
	want(t, err, ErrQuotaPerson)
	if wait := fault.Of(err).Wait; wait != 24*time.Hour {
		t.Errorf("wait %v", wait)
	}
	must(t, handIn(h.other, xinglin, ToHandler))
	must(t, handIn(h.clerk(), xinglin, ToHandler)) // the village's own way stays open

	h.spent(ofVillage, string(xinglin), 1)
	must(t, handIn(stranger, xinglin, Anonymous))
	want(t, handIn(stranger, xinglin, Anonymous), ErrQuotaVillage)
	must(t, handIn(stranger, hewan, Anonymous))
	h.spent(ofCounty, "219901", 0)
	want(t, handIn(stranger, hewan, Anonymous), ErrQuotaVillage)
	must(t, handIn(h.other, xinglin, ToHandler))

	h.pass(24 * time.Hour)
	must(t, handIn(stranger, xinglin, Anonymous))
	must(t, handIn(h.resident, xinglin, ToHandler))
}

// What is refused for another reason is not counted.
func TestRefusedAppealsAreNotCounted(t *testing.T) {
	h := open_(t)
	h.spent(ofPerson, h.resident.Person, 1)
	in := submission()
	in.Text = "短"
	_, err := h.Submit(t.Context(), h.resident, in)
	want(t, err, fault.BadField)
	h.submit()
}

func TestLooksOfADayAreBounded(t *testing.T) {
	h := open_(t)
	id := h.file()
	look := func() error {
		_, err := h.RevealContact(t.Context(), h.clerk(), id, "电话联系")
		return err
	}
	for range account.Looks.Most {
		must(t, look())
		_, err := h.RevealContact(t.Context(), h.dispatcher(), id, "电话联系")
		want(t, err, ErrContactNotYours)
	}
	want(t, look(), ErrRevealQuota)
	h.pass(24 * time.Hour)
	must(t, look())
}

// A number in a reason would stand in the trail for ever.
func TestAReasonHoldsNoNumber(t *testing.T) {
	h := open_(t)
	id := h.file()
	for _, reason := range []string{"打13800138000", "打 138-0013-8000", "打１３８００１３８０００"} {
		_, err := h.RevealContact(t.Context(), h.clerk(), id, reason)
		want(t, err, account.ErrNumberInReason)
	}
	_, err := h.RevealContact(t.Context(), h.clerk(), id, "12345 工单 2026 年第 3 次回访")
	must(t, err)
}

// The plain phone lies nowhere but where it always was, whatever key the request brought; a second look is a second trail.
func TestALookIsNeverStored(t *testing.T) {
	h := open_(t)
	id := h.file()
	ctx := store.WithClaim(t.Context(), &store.Claim{
		Caller: h.clerk().Person, Key: "look-12345678", Operation: "revealContact", Hash: "h", Keep: time.Hour,
		View: func(any) (store.Answer, error) { return store.Answer{Body: []byte("{}")}, nil },
	})
	for range 2 {
		reach, err := h.RevealContact(ctx, h.clerk(), id, "电话联系")
		if err != nil || reach.Phone != "13800138000" {
			t.Fatalf("%+v, %v", reach, err)
		}
	}
	var claims, trail int64
	must(t, h.store.Read(t.Context()).Table("idempotency").Count(&claims).Error)
	must(t, h.store.Read(t.Context()).Model(&store.TrailRow{}).Where("act = ? AND object = ?", "appeal.reveal_contact", id).Count(&trail).Error)
	if claims != 0 || trail != 2 {
		t.Errorf("%d claims, %d trail rows", claims, trail)
	}
}
