package file

import (
	"bytes"
	"errors"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// at is the clerk in a session that serves that client; empty for nobody.
func (h house) at(t *testing.T, client string) access.Actor {
	t.Helper()
	by := clerk
	by.Session = storetest.Session(t, h.store, by.Person, by.Post, client)
	return by
}

// TestAPhotoIsSentForWhomIsServed: while another client is served it is neither shown nor given away. What was sent while nobody was is nobody's,
// and who serves nobody is not bound.
func TestAPhotoIsSentForWhomIsServed(t *testing.T) {
	h := open(t)
	nobody, first, next := h.at(t, ""), h.at(t, "zhang"), h.at(t, "li")
	hers, loose, other := h.keep(t, first), h.keep(t, nobody), h.keep(t, first)
	if hers.Client != "zhang" || loose.Client != "" {
		t.Errorf("sent for %q and %q", hers.Client, loose.Client)
	}
	if _, _, err := h.Open(t.Context(), next, hers.ID); !errors.Is(err, account.ErrOtherClient) {
		t.Errorf("shown to the next client: %v", err)
	}
	if _, _, err := h.Open(t.Context(), li, hers.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("to whom it does not belong: %v", err)
	}
	renew := func(by access.Actor, ids ...string) error {
		return h.store.Write(t.Context(), by, func(tx *store.Tx) error { return h.Renew(tx, "appeal", "renewed", 0, ids) })
	}
	for name, err := range map[string]error{"attached": h.attach(next, "one", loose.ID, hers.ID), "renewed": renew(next, loose.ID, hers.ID)} {
		if !errors.Is(err, account.ErrOtherClient) {
			t.Errorf("%s to the next client's: %v", name, err)
		}
	}
	for _, by := range []access.Actor{nobody, first} {
		if !h.sees(t, by, hers.ID) || !h.sees(t, by, loose.ID) {
			t.Error("his own photo is refused")
		}
	}
	if err := errors.Join(h.attach(next, "one", loose.ID), h.attach(first, "two", hers.ID), renew(nobody, other.ID)); err != nil {
		t.Error(err)
	}
	var bound int64
	if err := h.store.Read(t.Context()).Model(&File{}).Where("client <> ''").Count(&bound).Error; err != nil || bound != 0 {
		t.Errorf("%d attached photos say still for whom they were sent, %v", bound, err)
	}
}

// TestTheSamePhotoForTwo: of one that was sent for the former client and again for the next, the one that may be given away is found.
func TestTheSamePhotoForTwo(t *testing.T) {
	h := open(t)
	nobody, first, next := h.at(t, ""), h.at(t, "zhang"), h.at(t, "li")
	hers := h.keep(t, first)
	found := func(by access.Actor) string {
		ids, err := h.Loose(t.Context(), by, []string{hers.SHA256Sent})
		if err != nil {
			t.Fatal(err)
		}
		return ids[hers.SHA256Sent]
	}
	if found(next) != hers.ID { // it is there: whoever wants it waits for its client
		t.Error("it is not found")
	}
	his := h.keep(t, next)
	if found(next) != his.ID || found(first) != hers.ID || found(nobody) != hers.ID {
		t.Errorf("found %s, %s, %s", found(next), found(first), found(nobody))
	}
}

// TestAnUploadRestsWithItsClient: begun for one, it goes on when he is served again or nobody is, and what becomes of it is his.
func TestAnUploadRestsWithItsClient(t *testing.T) {
	h := open(t)
	nobody, first, next := h.at(t, ""), h.at(t, "zhang"), h.at(t, "li")
	content := asJPEG(t, quarters(16, 12))
	u, err := h.Announce(t.Context(), first, int64(len(content)), sum(content))
	if err != nil {
		t.Fatal(err)
	}
	_, read := h.Upload(t.Context(), next, u.ID)
	_, added := h.Add(t.Context(), next, u.ID, 0, content)
	_, finished := h.Finish(t.Context(), next, u.ID)
	abandoned := h.Abandon(t.Context(), next, u.ID)
	for _, err := range []error{read, added, finished, abandoned} {
		if !errors.Is(err, account.ErrOtherClient) {
			t.Errorf("with the next client: %v", err)
		}
	}
	if _, err := h.Add(t.Context(), first, u.ID, 0, content); err != nil {
		t.Fatal(err)
	}
	f, err := h.Finish(t.Context(), nobody, u.ID)
	if err != nil || f.Client != "zhang" {
		t.Errorf("%+v, %v", f, err)
	}
	begun, err := h.Announce(t.Context(), nobody, int64(len(content)), sum(content))
	if err != nil || begun.Client != "" {
		t.Fatalf("%+v, %v", begun, err)
	}
	if _, err := h.Upload(t.Context(), next, begun.ID); err != nil {
		t.Error(err)
	}
	if _, err := h.Keep(t.Context(), zhang, bytes.NewReader(content)); err != nil { // a resident serves nobody
		t.Error(err)
	}
}
