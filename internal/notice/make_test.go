package notice

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func TestANoticeIsMadeWithoutLogin(t *testing.T) {
	d, s := open(t)
	made := mustMake(t, d, Request{ItemID: itemID, Village: xinglin, Answers: forChild, Name: "𠮷 小明"})

	if kind, normal := store.NumberKind(made.Number); kind != "GZ" || normal != made.Number || !strings.HasPrefix(made.Number, "GZ101201261123") {
		t.Errorf("number %s", made.Number)
	}
	if canonical, err := catalog.ParseCode(made.Code); err != nil || canonical != made.Code || len(made.Code) != 12 {
		t.Errorf("code %s: %v", made.Code, err)
	}
	if len(made.QueryCode) != 6 || made.Outdated || !made.MadeAt.Equal(storetest.Monday) || made.List.Item.Version != 1 {
		t.Errorf("%+v", made)
	}
	if made.Village.Code != xinglin || made.Village.Name != "杏林村" || len(made.Places) != 2 || made.Places[0].Name != "杏林村便民服务站" {
		t.Errorf("village %+v, places %+v", made.Village, made.Places)
	}
	want := []string{"id_card:bring", "birth_certificate:bring", "promise:village_issues", "disability_card:county_looks_up"}
	if diff := cmp.Diff(want, materials(made.Notice)); diff != "" {
		t.Error(diff)
	}
	if made.Name.String() != "𠮷**" {
		t.Errorf("the name shows as %s", made.Name)
	}

	grouped := strings.ToLower(made.Number[:2]) + " " + made.Number[2:8] + "-" + made.Number[8:]
	byNumber, err := d.ByNumber(t.Context(), "1.1.1.1", grouped, made.QueryCode)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "by number", byNumber, made.Notice)
	byCode, err := d.ByCode(t.Context(), strings.ToLower(made.Code[:4])+"-"+made.Code[4:])
	if err != nil {
		t.Fatal(err)
	}
	same(t, "by code", byCode, made.Notice)
	if notices, trail := count(t, s, "notices"), count(t, s, "trail"); notices != 1 || trail < 1 {
		t.Errorf("notices %d, trail %d", notices, trail)
	}
}

func TestNothingPersonalIsStoredOpenly(t *testing.T) {
	d, s := open(t)
	made := mustMake(t, d, Request{ItemID: itemID, Village: xinglin, Answers: forChild, Name: "欧阳小明"})
	var rows []map[string]any
	if err := s.Read(t.Context()).Table("notices").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	var bodies []string
	if err := s.Read(t.Context()).Model(&store.TrailRow{}).Where("object = ?", made.ID).Pluck("body", &bodies).Error; err != nil {
		t.Fatal(err)
	}
	if len(bodies) != 1 || !strings.Contains(bodies[0], `"act":"notice.make"`) {
		t.Errorf("the trail says %q", bodies)
	}
	var stored strings.Builder
	fmt.Fprintf(&stored, "%s", bodies)
	for column, value := range rows[0] {
		if bytes, ok := value.([]byte); ok {
			value = string(bytes)
		}
		fmt.Fprintf(&stored, "\n%s %v", column, value)
	}
	for _, plain := range []string{"欧阳", "小明", "disabled", "child"} {
		if strings.Contains(stored.String(), plain) {
			t.Errorf("%s is stored openly", plain)
		}
	}
	if mac := fmt.Sprint(rows[0]["query_mac"]); len(mac) != 64 {
		t.Errorf("of the query code is kept: %s", mac)
	}
}

func TestWhoCannotApplyIsToldWhy(t *testing.T) {
	d, s := open(t)
	_, err := d.Make(t.Context(), access.Stranger(), Request{ItemID: itemID, Village: xinglin, Answers: map[string][]string{"who": {"away"}}})
	if !errors.Is(err, ErrNotEligible) || fault.Of(err).Detail != "请回户口所在地办。" {
		t.Errorf("%v: %q", err, fault.Of(err).Detail)
	}
	if n := count(t, s, "notices"); n != 0 {
		t.Errorf("%d notices", n)
	}
}

func TestWrongRequestsAreRefused(t *testing.T) {
	d, s := open(t)
	for name, c := range map[string]struct {
		request Request
		want    *fault.Fault
		field   string
	}{
		"an unknown item":    {Request{ItemID: "nothing", Village: xinglin}, catalog.ErrItemUnknown, ""},
		"no village":         {Request{ItemID: itemID}, fault.BadField, "body.village"},
		"an unknown village": {Request{ItemID: itemID, Village: "219901101299"}, fault.BadField, "body.village"},
		"a town":             {Request{ItemID: itemID, Village: "219901101"}, fault.BadField, "body.village"},
		"a grid":             {Request{ItemID: itemID, Village: xinglin + "01"}, fault.BadField, "body.village"},
		"a malformed code":   {Request{ItemID: itemID, Village: "21990110120x"}, fault.BadField, "body.village"},
		"a bad name":         {Request{ItemID: itemID, Village: xinglin, Name: "12345"}, fault.BadField, "body.name"},
		"an unknown answer":  {Request{ItemID: itemID, Village: xinglin, Answers: map[string][]string{"who": {"dog"}}}, catalog.ErrAnswerUnknown, "body.answers.who"},
		"an unknown question": {Request{ItemID: itemID, Village: xinglin, Answers: map[string][]string{"age": {"9"}}},
			catalog.ErrAnswerUnknown, "body.answers"},
	} {
		_, err := d.Make(t.Context(), access.Stranger(), c.request)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if fields := fault.Of(err).Fields; c.field != "" && (len(fields) != 1 || fields[0].Location != c.field) {
			t.Errorf("%s: fields %v", name, fields)
		}
	}
	if n := count(t, s, "notices"); n != 0 {
		t.Errorf("%d notices", n)
	}
}

func TestTheSameKeyIsOneNotice(t *testing.T) {
	d, s := open(t)
	claim := func(key string) *store.Claim {
		return &store.Claim{Caller: "open:makeNotice", Key: key, Operation: "makeNotice", Hash: "h", Keep: time.Hour,
			View: func(v any) (store.Answer, error) {
				made := v.(Made)
				return store.Answer{Body: []byte(made.Number + made.QueryCode)}, nil
			}}
	}
	answers := make([]string, 20)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			made, err := d.Make(store.WithClaim(t.Context(), claim("key-1")), access.Stranger(), Request{ItemID: itemID, Village: xinglin})
			if replay, ok := errors.AsType[*store.Replay](err); ok {
				answers[i] = string(replay.Body)
			} else if err == nil {
				answers[i] = made.Number + made.QueryCode
			} else {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, a := range answers {
		if a != answers[0] || a == "" {
			t.Fatalf("answers %v", answers)
		}
	}
	if n := count(t, s, "notices"); n != 1 {
		t.Errorf("%d notices", n)
	}
	other, err := d.Make(store.WithClaim(t.Context(), claim("key-2")), access.Stranger(), Request{ItemID: itemID, Village: xinglin})
	if err != nil || strings.HasPrefix(answers[0], other.Number) {
		t.Errorf("another key: %s, %v", other.Number, err)
	}
}

func TestRepeatedAnswersAreStoredOnce(t *testing.T) {
	d, _ := open(t)
	many := make([]string, 5000)
	for i := range many {
		many[i] = "sick"
	}
	made := mustMake(t, d, Request{ItemID: itemID, Village: xinglin, Answers: map[string][]string{"who": {"self", "self"}, "ill": many}})
	n, err := d.ByCode(t.Context(), made.Code)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]string{"who": {"self"}, "ill": {"sick"}}, n.Answers); diff != "" {
		t.Error(diff)
	}
	different := make([]string, 20_000)
	for i := range different {
		different[i] = fmt.Sprint(i)
	}
	_, err = d.Make(t.Context(), access.Stranger(), Request{ItemID: itemID, Village: xinglin, Answers: map[string][]string{"ill": different}})
	if !errors.Is(err, catalog.ErrAnswerUnknown) {
		t.Errorf("many unknown answers: %v", err)
	}
}

func TestCodesAreLongRandomAndChecked(t *testing.T) {
	seen := map[string]bool{}
	for range 2000 {
		code := catalog.NewCode(codeBody)
		if canonical, err := catalog.ParseCode(code); err != nil || canonical != code || len(code) != 12 || seen[code] {
			t.Fatalf("%s: %v", code, err)
		}
		seen[code] = true
	}
}
