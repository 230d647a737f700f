package notice

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/store"
)

func TestANoticeKeepsItsVersion(t *testing.T) {
	d, _ := open(t)
	made := mustMake(t, d, Request{ItemID: itemID, Village: xinglin, Answers: forChild})
	text := itemText(t)
	start, end := strings.Index(text, "  - id: birth_certificate"), strings.Index(text, "  - id: promise")
	publish(t, d, strings.Replace(text[:start]+text[end:], "看过就还您。", "原件看过就还您。", 1))

	old, err := d.ByCode(t.Context(), made.Code)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(materials(made.Notice), materials(old)); diff != "" || old.List.Item.Version != 1 || !old.Outdated {
		t.Errorf("version %d, outdated %t\n%s", old.List.Item.Version, old.Outdated, diff)
	}
	if hint := old.List.Materials[0].Hint; hint != "看过就还您。" {
		t.Errorf("the old notice says %q", hint)
	}
	fresh := mustMake(t, d, Request{ItemID: itemID, Village: xinglin, Answers: forChild})
	if fresh.List.Item.Version != 2 || len(fresh.List.Materials) != 3 || fresh.Outdated {
		t.Errorf("a new one is of version %d with %v", fresh.List.Item.Version, materials(fresh.Notice))
	}
}

func TestAfterAnItemIsRetiredItsNoticesStayAndNoneAreMade(t *testing.T) {
	d, _ := open(t)
	made := mustMake(t, d, Request{ItemID: itemID, Village: hewan})
	publish(t, d, strings.Replace(itemText(t), itemID, "01932f00-4c00-7000-8000-0000000000a9", 1))
	if n, err := d.ByCode(t.Context(), made.Code); err != nil || !n.Outdated || n.Number != made.Number {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := d.Make(t.Context(), access.Stranger(), Request{ItemID: itemID, Village: hewan}); !errors.Is(err, catalog.ErrItemRetired) {
		t.Errorf("made: %v", err)
	}
}

func TestAVillageThatIsNoMoreKeepsItsNotices(t *testing.T) {
	d, s := open(t)
	made := mustMake(t, d, Request{ItemID: itemID, Village: hewan})
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Where("code = ?", hewan).Delete(&account.Area{}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.ByCode(t.Context(), made.Code); err != nil || n.Village.Code != hewan {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestWrongAndUnknownNumbersAreAnsweredAlike(t *testing.T) {
	d, s := open(t)
	made := mustMake(t, d, Request{ItemID: itemID, Village: xinglin})
	gone := mustMake(t, d, Request{ItemID: itemID, Village: xinglin})
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Where("number = ?", gone.Number).Delete(&row{}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	wrong := "000000"
	if made.QueryCode == wrong {
		wrong = "000001"
	}
	for name, number := range map[string]string{
		"a wrong code": made.Number, "no number": "", "a village's code": string(xinglin), "long text": strings.Repeat("G", 4000),
		"an appeal's number": "SQ" + made.Number[2:], "one that nobody has": gone.Number,
	} {
		if _, err := d.ByNumber(t.Context(), name, number, wrong); !errors.Is(err, store.ErrNoMatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range 5 {
		if _, err := d.ByNumber(t.Context(), fmt.Sprint("stranger ", i), made.Number, wrong); !errors.Is(err, store.ErrNoMatch) {
			t.Error(err)
		}
	}
	if _, err := d.ByNumber(t.Context(), "somebody", made.Number, made.QueryCode); !errors.Is(err, store.ErrNoMatch) {
		t.Errorf("after five guesses: %v", err)
	}
	if _, err := d.ByCode(t.Context(), made.Code); err != nil {
		t.Errorf("the paper itself: %v", err)
	}
	if _, err := d.ByCode(t.Context(), catalog.NewCode(codeBody)); !errors.Is(err, catalog.ErrCodeUnknown) {
		t.Errorf("another code: %v", err)
	}
	if _, err := d.ByCode(t.Context(), "../../etc"); !errors.Is(err, catalog.ErrCodeMistyped) {
		t.Errorf("no code: %v", err)
	}
}

func TestAnswerOfNoneIsNotNoAnswer(t *testing.T) {
	d, _ := open(t)
	none := mustMake(t, d, Request{ItemID: itemID, Village: xinglin, Answers: map[string][]string{"who": {"self"}, "ill": {}}})
	open := mustMake(t, d, Request{ItemID: itemID, Village: xinglin, Answers: map[string][]string{"who": {"self"}}})
	if len(none.List.Materials) >= len(open.List.Materials) {
		t.Errorf("none of these: %v; not asked: %v", materials(none.Notice), materials(open.Notice))
	}
	again, err := d.ByCode(t.Context(), none.Code)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "read again", again, none.Notice)
}
