package casework

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongban/internal/access"
	"tongban/internal/catalog/catalogtest"
	"tongban/internal/notice"
)

// publish puts the county's folder in force with one item's file changed; without any change the file goes.
func (h *house) publish(file string, changes ...string) {
	h.t.Helper()
	dir := h.t.TempDir()
	must(h.t, os.CopyFS(dir, countyFS()))
	path := filepath.Join(dir, "items", file)
	text, err := os.ReadFile(path)
	must(h.t, err)
	changed := strings.NewReplacer(changes...).Replace(string(text))
	if len(changes) > 0 && changed == string(text) {
		h.t.Fatal("nothing was changed")
	}
	must(h.t, os.WriteFile(path, []byte(changed), 0o600))
	source, err := catalogtest.Source(h.t.Context(), h.people, os.DirFS(dir))
	must(h.t, err)
	_, err = h.items.Publish(h.t.Context(), access.Round(""), source)
	must(h.t, err)
	must(h.t, h.items.Reload(h.t.Context()))
}

// TestTheDifferenceIsTold: the case opens with the version of the paper notice; what the item asks for otherwise since is beside it.
func TestTheDifferenceIsTold(t *testing.T) {
	h := open(t)
	const file = "03-pension-claim.yaml"
	made, err := h.notices.Make(t.Context(), access.Stranger(), notice.Request{ItemID: claim, Village: xinglin, Answers: answers[claim]})
	must(t, err)
	bring := Opening{Notice: made.Code, Applicant: h.resident.Person}
	seen, err := h.Open(t.Context(), h.clerk(), bring)
	must(t, err)
	if seen.Change != nil || seen.Outdated {
		t.Errorf("nothing changed, and told is %+v", seen.Change)
	}
	filed := h.file(claim)
	h.to(Submitted, filed)
	h.publish(file,
		"{id: hukou_book, name: 户口簿, kind: either, form: paper, originals: 1, copies: 0, necessity: required,", "{id: marriage_certificate, name: 结婚证, kind: either, form: paper, originals: 1, copies: 0, necessity: required,",
		"name: 居民身份证, kind: original, form: either, originals: 1, copies: 0, necessity: required", "name: 居民身份证, kind: both, form: either, originals: 1, copies: 2, necessity: deferrable",
		"promised_limit: {value: 10,", "promised_limit: {value: 5,")
	again, err := h.Open(t.Context(), h.clerk(), bring)
	must(t, err)
	if again.ItemVersion != 1 || !again.Outdated || again.Answers["card"][0] != "making" || len(again.Materials) != 4 {
		t.Errorf("it does not open by the notice's own version: %+v", again)
	}
	ch := again.Change
	if ch == nil || ch.Version != 2 || ch.Reason != "" || ch.Reasked || !ch.Limit || ch.InPerson {
		t.Fatalf("%+v", ch)
	}
	if len(ch.Added) != 1 || ch.Added[0].ID != "marriage_certificate" || len(ch.Removed) != 1 || ch.Removed[0] != (ChangedPaper{"hukou_book", "户口簿", ""}) {
		t.Errorf("added %+v, removed %+v", ch.Added, ch.Removed)
	}
	if len(ch.Changed) != 1 || ch.Changed[0].ID != "id_card" || ch.Changed[0].Text != "现在一时没有可以后补；要的原件、复印件份数改了" {
		t.Errorf("changed %+v", ch.Changed)
	}
	if old, err := h.Get(t.Context(), h.resident, seen.ID); err != nil || old.Change == nil || len(old.Change.Added) != 1 { // told to who began it before, too
		t.Errorf("%+v %v", old.Change, err)
	}
	if under, err := h.Get(t.Context(), h.clerk(), filed); err != nil || under.Change != nil || !under.Outdated { // what is handed in stays by its version
		t.Errorf("%+v %v", under.Change, err)
	}
	h.publish(file, "{id: making, text: 正在办，还没拿到}", "{id: making, text: 正在办, stop: 等卡拿到再来。}")
	if s, err := h.Get(t.Context(), h.clerk(), again.ID); err != nil || s.Change == nil || s.Change.Reason != "等卡拿到再来。" || len(s.Change.Added)+len(s.Change.Removed) != 0 {
		t.Errorf("%+v %v", s.Change, err)
	}
	h.publish(file, "{id: making, text: 正在办，还没拿到}", "{id: underway, text: 正在办，还没拿到}", "when: {card: [making]}", "when: {card: [underway]}")
	if s, err := h.Get(t.Context(), h.clerk(), again.ID); err != nil || s.Change == nil || !s.Change.Reasked || len(s.Change.Added) == 0 {
		t.Errorf("%+v %v", s.Change, err)
	}
}

// A paper that one version drops and the next asks for again is told by what it was in the notice, and a fee that is another one is told.
func TestWhatIsAskedForAgainAndTheFee(t *testing.T) {
	h := open(t)
	const (
		file = "03-pension-claim.yaml"
		book = "{id: hukou_book, name: 户口簿, kind: either, form: paper, originals: 1, copies: 0, necessity: required,"
		fee  = `fee: {amount: "0", text: 不收费。,`
	)
	made, err := h.notices.Make(t.Context(), access.Stranger(), notice.Request{ItemID: claim, Village: xinglin, Answers: answers[claim]})
	must(t, err)
	seen, err := h.Open(t.Context(), h.clerk(), Opening{Notice: made.Code, Applicant: h.resident.Person})
	must(t, err)
	change := func() Change {
		t.Helper()
		now, err := h.Get(t.Context(), h.clerk(), seen.ID)
		must(t, err)
		if now.Change == nil {
			t.Fatal("nothing is told")
		}
		return *now.Change
	}
	h.publish(file, book, strings.Replace(book, "hukou_book, name: 户口簿", "marriage_certificate, name: 结婚证", 1))
	if ch := change(); len(ch.Removed) != 1 || ch.Removed[0].ID != "hukou_book" || ch.Fee != "" {
		t.Errorf("dropped: %+v", ch)
	}
	h.publish(file, fee, `fee: {amount: "0", text: 不收费，工本费也不收。,`)
	if ch := change(); ch.Version != 3 || len(ch.Added)+len(ch.Removed)+len(ch.Changed) != 0 || ch.Fee != "不收费，工本费也不收。" {
		t.Errorf("asked for again, as before: %+v", ch)
	}
	h.publish(file, book, strings.Replace(book, "copies: 0", "copies: 1", 1))
	if ch := change(); len(ch.Added)+len(ch.Removed) != 0 || len(ch.Changed) != 1 || ch.Changed[0].Text != "要的原件、复印件份数改了" || ch.Fee != "" {
		t.Errorf("asked for otherwise than then: %+v", ch)
	}
}
