package offline

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/notice"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// TestAPhotoWaitsWithItsAct: what a phone sent for one client is there and not missing while another one is served; the act that wants it waits
// until later.
func TestAPhotoWaitsWithItsAct(t *testing.T) {
	h := open(t)
	h.files.SeenWith("notice", func(context.Context, access.Actor, string) (bool, error) { return true, nil })
	at := func(client string) access.Actor {
		by := clerk
		by.Session = storetest.Session(t, h.store, by.Person, by.Post, client)
		return by
	}
	var photo bytes.Buffer
	must(t, jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	sent, err := h.files.Keep(t.Context(), at("zhang"), &photo)
	must(t, err)
	pictured := func(by access.Actor) Act {
		a := h.act("pictured", 1)
		a.Photos = []string{sent.SHA256Sent}
		a.Run = func(ctx context.Context, with With) error {
			err := h.store.Write(store.WithClaim(ctx, nil), by, func(tx *store.Tx) error {
				return h.files.Attach(tx, "notice", "hers", []string{with.Photos[sent.SHA256Sent]})
			})
			if err == nil {
				_, err = h.notices.Make(ctx, by, notice.Request{ItemID: pension, Village: xinglin})
			}
			return err
		}
		return a
	}
	next := at("li")
	if r := h.take(t, next, pictured(next))[0]; r.Outcome != Waits || r.Why != ForLater || r.Fault.Code != account.ErrOtherClient.Code || len(r.Missing) != 0 {
		t.Errorf("while another one is served it came out as %+v", r)
	}
	nobody := at("")
	if r := h.take(t, nobody, pictured(nobody))[0]; r.Outcome != Created {
		t.Errorf("in the evening it came out as %+v", r)
	}
}
