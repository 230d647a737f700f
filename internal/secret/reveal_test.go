package secret

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// book is a recorder that keeps what it was told, or refuses.
type book struct {
	lines [][4]string
	err   error
}

func (b *book) Read(kind, object, field, reason string) error {
	if b.err != nil {
		return b.err
	}
	b.lines = append(b.lines, [4]string{kind, object, field, reason})
	return nil
}

func TestRevealRecordsFirst(t *testing.T) {
	trail := &book{}
	plain, err := examplePhone(t).Reveal(trail, "person", "p1", "phone", "电话回访")
	if err != nil || plain != "13876543210" {
		t.Errorf("%q, %v", plain, err)
	}
	if diff := cmp.Diff([][4]string{{"person", "p1", "phone", "电话回访"}}, trail.lines); diff != "" {
		t.Error(diff)
	}
}

func TestNoRecordNoValue(t *testing.T) {
	full := errors.New("quota used up")
	for what, c := range map[string]struct {
		rec                         Recorder
		kind, object, field, reason string
		want                        error
	}{
		"refused by the recorder": {&book{err: full}, "person", "p1", "phone", "回访", full},
		"no reason":               {&book{}, "person", "p1", "phone", "", ErrReason},
		"blank reason":            {&book{}, "person", "p1", "phone", " \u3000", ErrReason},
		"no recorder":             {nil, "person", "p1", "phone", "回访", nil},
		"no kind":                 {&book{}, "", "p1", "phone", "回访", nil},
		"no object":               {&book{}, "person", "", "phone", "回访", nil},
		"no field":                {&book{}, "person", "p1", "", "回访", nil},
	} {
		plain, err := examplePhone(t).Reveal(c.rec, c.kind, c.object, c.field, c.reason)
		if plain != "" || err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %q, %v", what, plain, err)
		}
	}
}

func TestValuesComeBackFromRest(t *testing.T) {
	keys := made(t)
	id, phone, name := exampleID(t), examplePhone(t), exampleName(t)
	id2, err1 := OpenIDNumber(keys, here, id.Seal(keys, here))
	phone2, err2 := OpenPhone(keys, here, phone.Seal(keys, here))
	name2, err3 := OpenName(keys, here, name.Seal(keys, here))
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(id, id2) || !cmp.Equal(phone, phone2) || !cmp.Equal(name, name2) {
		t.Errorf("came back as %v %v %v", id2, phone2, name2)
	}
	if id2.Index(keys) != id.Index(keys) || phone2.Index(keys) != phone.Index(keys) || name2.Index(keys) != name.Index(keys) {
		t.Error("what came back is not found")
	}
	other := Where{"person", "phone", "row-2"}
	if _, err := OpenIDNumber(keys, other, id.Seal(keys, here)); !errors.Is(err, ErrUnreadable) {
		t.Errorf("an ID number of another row: %v", err)
	}
	if _, err := OpenName(keys, other, name.Seal(keys, here)); !errors.Is(err, ErrUnreadable) {
		t.Errorf("a name of another row: %v", err)
	}
}

func TestNoValueIsNoValue(t *testing.T) {
	keys := made(t)
	var id IDNumber
	var phone Phone
	var name Name
	for _, sealed := range [][]byte{id.Seal(keys, here), phone.Seal(keys, here), name.Seal(keys, here)} {
		if sealed != nil {
			t.Error("no value was sealed")
		}
	}
	if id.Index(keys)+phone.Index(keys)+name.Index(keys) != "" {
		t.Error("no value has an index")
	}
	if id.String()+phone.String()+name.String() != "" || !id.BirthDate().IsZero() || phone.Mobile() {
		t.Error("no value says something")
	}
	opened, err := OpenPhone(keys, here, nil)
	if err != nil || !opened.IsZero() {
		t.Errorf("%v, %v", opened, err)
	}
	if phone.Equal(examplePhone(t)) || id.Equal(exampleID(t)) || name.Equal(exampleName(t)) {
		t.Error("no value equals one")
	}
}
