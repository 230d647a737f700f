package appeal

import (
	"errors"
	"testing"

	"tongban/internal/account"
	"tongban/internal/store/storetest"
)

// TestAppealsWaitForTheirClient: an appeal is read, moved and handed in for the client alone; one whose petitioner the clerk may not know is told
// apart by no refusal, and waits until nobody is served.
func TestAppealsWaitForTheirClient(t *testing.T) {
	t.Parallel()
	h := open_(t)
	ctx, by := t.Context(), h.clerk()
	mine := h.file()
	photo := h.photo(by)
	with := submission()
	with.Applicant, with.Attachments = h.resident.Person, []string{photo}
	pictured, err := h.Submit(ctx, by, with)
	must(t, err)
	kept := submission()
	kept.Applicant, kept.Identity = h.resident.Person, DispatcherOnly
	colleague := by
	colleague.Person = "a-colleague"
	secret, err := h.Submit(ctx, colleague, kept)
	must(t, err)
	by.Session = storetest.Session(t, h.store, by.Person, by.Post, "")
	serve := func(id string) {
		t.Helper()
		_, err := h.people.Serve(ctx, by, id)
		must(t, err)
	}
	try := func(id string) map[string]error {
		_, read := h.Get(ctx, by, id)
		_, moved := h.Urge(ctx, by, id, Saying{Text: "请快一点，老人等着用水。"})
		_, reached := h.RevealContact(ctx, by, id, "电话联系")
		return map[string]error{"read": read, "moved": moved, "reached": reached}
	}
	submit := func() error {
		in := submission()
		in.Applicant = h.resident.Person
		_, err := h.Submit(ctx, by, in)
		return err
	}
	serve(h.other.Person)
	for name, err := range try(mine) {
		t.Log(name)
		want(t, err, account.ErrOtherClient)
	}
	want(t, submit(), account.ErrOtherClient)
	if _, _, err := h.files.Open(ctx, by, photo); !errors.Is(err, account.ErrOtherClient) {
		t.Errorf("the photo of %s: %v", pictured.Appeal.ID, err)
	}
	if _, err := h.List(ctx, by, Filter{Limit: 10}); err != nil { // names nobody
		t.Error(err)
	}
	for _, client := range []string{h.resident.Person, h.other.Person} {
		serve(client)
		for name, err := range try(secret.Appeal.ID) {
			t.Log(name)
			want(t, err, account.ErrOtherClient)
		}
	}
	serve(h.resident.Person)
	for name, err := range try(mine) {
		t.Log(name)
		must(t, err)
	}
	must(t, submit())
	_, err = h.people.StopServing(ctx, by)
	must(t, err)
	_, err = h.Get(ctx, by, secret.Appeal.ID)
	must(t, err)
	_, err = h.RevealContact(ctx, by, secret.Appeal.ID, "电话联系")
	want(t, err, ErrContactHidden)
}
