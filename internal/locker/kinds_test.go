package locker

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"tongban/internal/account"
	"tongban/internal/family"
	"tongban/internal/file"
	"tongban/internal/store/storetest"
)

func folder(text string) fstest.MapFS {
	return fstest.MapFS{kindsFile: &fstest.MapFile{Data: []byte(text)}}
}

func TestReadingKinds(t *testing.T) {
	demo := os.DirFS("../../config/county")
	kinds, err := ReadKinds(fstest.MapFS{}, demo)
	if err != nil || len(kinds) < 5 || kinds[0].ID != "id_card" {
		t.Errorf("the spare folder has %v (%v)", kinds, err)
	}
	if own, err := ReadKinds(folder("- {id: land_card, name: 土地承包证, materials: [contract]}"), demo); err != nil || len(own) != 1 {
		t.Errorf("a county's own: %v (%v)", own, err)
	}
	for text, told := range map[string]string{
		"- {id: ID, name: 身份证}":                              "小写字母",
		"- {id: id_card, name: 证}":                           "二到三十个字",
		"- {id: a1, name: 身份证}\n- {id: a1, name: 户口簿}":       "写了两次",
		"- {id: id_card, name: 身份证, materials: [\"a b\"]}":   "materials",
		"- {id: id_card, name: 身份证, until: 2027-01-01}":      "until",
		"- {id: " + strings.Repeat("a", 37) + ", name: 身份证}": "三十六",
	} {
		if _, err := ReadKinds(folder(text)); err == nil || !strings.Contains(err.Error(), told) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestLoadingKinds: what the county no longer lists takes no new papers, and comes back.
func TestLoadingKinds(t *testing.T) {
	s := storetest.Open(t)
	photos, err := file.OpenFolder(t.TempDir(), s.Clock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = photos.Close() })
	people := account.New(s, account.Options{EasyPasswords: true})
	d := New(s, file.New(s, photos), people, family.New(s, people))
	card, book := Kind{ID: "id_card", Name: "居民身份证"}, Kind{ID: "hukou_book", Name: "户口簿", Materials: []string{"hukou_book", "child_hukou"}}
	rows := func() (n int64) {
		if err := s.Read(t.Context()).Table("trail").Where("act = ?", "paper_kind.load").Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i, step := range []struct {
		load  []Kind
		kinds string
		trail int64
	}{
		{[]Kind{card, book}, "id_card hukou_book", 2},
		{[]Kind{card, book}, "id_card hukou_book", 2},
		{[]Kind{card}, "id_card", 3},
		{[]Kind{book, card}, "hukou_book id_card", 5},
	} {
		if err := d.Load(t.Context(), step.load); err != nil {
			t.Fatal(err)
		}
		kinds, err := d.Kinds(t.Context())
		var ids []string
		for _, k := range kinds {
			ids = append(ids, k.ID)
		}
		if got := strings.Join(ids, " "); err != nil || got != step.kinds || rows() != step.trail {
			t.Errorf("step %d: %s, %d rows in the trail (%v)", i, got, rows(), err)
		}
	}
	if of, err := d.KindFor(t.Context(), "child_hukou"); err != nil || of != "hukou_book" {
		t.Errorf("%s %v", of, err)
	}
}
