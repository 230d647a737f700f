package catalog

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// demoSnapshot is the demonstration county as it would be published, without a database.
func demoSnapshot(t testing.TB) *Snapshot {
	t.Helper()
	folder, err := Load(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	now := stored{items: map[string]itemRow{}, places: offices}
	for _, file := range folder.Files {
		body, err := encodeBody(file.Item)
		if err != nil {
			t.Fatal(err)
		}
		now.items[file.Item.ID] = itemRow{ID: file.Item.ID, Seq: file.Item.Seq, Version: 1}
		now.versions = append(now.versions, versionRow{Item: file.Item.ID, Version: 1, Body: body})
	}
	for _, line := range folder.Codes {
		now.codes = append(now.codes, rowOfCode(line.Code))
	}
	s, err := build(&Snapshot{}, 1, now, encodeName)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func names(entries []Entry) []string {
	found := []string{}
	for _, e := range entries {
		found = append(found, e.Name)
	}
	return found
}

func TestSearchFindsWhatVillagersType(t *testing.T) {
	s := demoSnapshot(t)
	const low, pension = "最低生活保障审核确认", "城乡居民基本养老保险参保登记"
	for text, want := range map[string]string{
		"低保": low, "dibao": low, "DIBAO": low, "ｄｉｂａｏ": low, "di bao": low, "dib": low, "db": low, "最低生活": low,
		"最低 确认": low, "养老保险": pension, "yanglaobaoxian": pension, "新农保": pension,
		"失业登记": "失业登记", "sydj": "失业登记", "shiyedengji": "失业登记", "宅基地": "宅基地使用权及房屋所有权首次登记",
	} {
		found := names(s.Search(Query{Text: text}))
		if len(found) == 0 || found[0] != want {
			t.Errorf("%s finds %v, want %s first", text, found, want)
		}
	}
	for _, text := range []string{"养老", "yanglao", "yl"} {
		if found := names(s.Search(Query{Text: text})); len(found) < 5 || !slices.Contains(found, pension) {
			t.Errorf("%s finds only %v", text, found)
		}
	}
	for _, text := range []string{"量子力学", "quantum", "？？", "低保 量子", "d", "ibao"} {
		if found := names(s.Search(Query{Text: text})); len(found) > 0 {
			t.Errorf("%q finds %v", text, found)
		}
	}
	if found := s.Search(Query{Text: "  "}); len(found) != 39 {
		t.Errorf("a blank text finds %d", len(found))
	}
}

// Words as people say them, with the items of the county's list that must be among the answers.
func TestSearchKnowsEverydayWords(t *testing.T) {
	s := demoSnapshot(t)
	for text, want := range map[string][]int{
		"退休金": {3, 4}, "糖尿病": {9}, "高血压": {9}, "打工": {12, 36}, "轮椅": {17}, "老人补贴": {19}, "80岁": {19}, "火化": {5, 25}, "死人": {5, 25},
		"盖房子": {27}, "流转": {33}, "开店": {34}, "小卖部": {34}, "欠薪": {36}, "当兵": {37}, "学费": {38}, "老人没人管": {15, 36},
		"医保": {6, 7, 8, 9, 10}, "看病": {8, 10}, "房子": {27, 28, 30}, "公安局": {24, 25, 26}, "透析": {9},
		"养老保险怎么办": {1}, "怎么办低保": {14}, "低保需要什么材料？": {14}, "身份证丢了，去哪里补": {26}, "老人去世怎么办理": {5, 25}, "如何申请法律援助呢": {36},
		"我想开店": {34}, "yanglaobaoxian 怎么办": {1},
	} {
		seqs := []int{}
		for _, e := range s.Search(Query{Text: text}) {
			seqs = append(seqs, e.Seq)
		}
		for _, seq := range want {
			if !slices.Contains(seqs, seq) {
				t.Errorf("%s finds %v, which lacks %d", text, seqs, seq)
			}
		}
	}
	for _, text := range []string{"怎么办", "需要什么材料", "怎么造火箭", "县"} {
		if len(s.Search(Query{Text: text})) == len(s.guides) {
			t.Errorf("%s finds everything", text)
		}
	}
	if found := names(s.Search(Query{Text: "怎么造火箭"})); len(found) > 0 {
		t.Errorf("nobody builds rockets, but %v", found)
	}
}

// What only stands around a name comes after every name and alias; theme and text go together after the filler is gone.
func TestSearchRanksTheSummaryLast(t *testing.T) {
	s := demoSnapshot(t)
	found := s.Search(Query{Text: "低保"})
	if len(found) < 2 || found[0].Seq != 14 || !slices.ContainsFunc(found, func(e Entry) bool { return e.Seq == 18 }) {
		t.Errorf("低保 finds %v", names(found))
	}
	for i, e := range found[1:] {
		if s.byID[e.ID].words.rank("低保") < s.guides[13].words.rank("低保") {
			t.Errorf("%s stands at %d", e.Name, i+2)
		}
	}
	if found := names(s.Search(Query{Text: "怎么办低保", Theme: "社会救助"})); len(found) != 1 {
		t.Errorf("the theme is forgotten: %v", found)
	}
}

func TestSearchFilters(t *testing.T) {
	s := demoSnapshot(t)
	yes, not := true, false
	if n := len(s.Search(Query{CountyWide: &yes})); n != 21 {
		t.Errorf("%d items are county-wide", n)
	}
	if n := len(s.Search(Query{CountyWide: &not})); n != 18 {
		t.Errorf("%d items are not county-wide", n)
	}
	for _, e := range s.Search(Query{Theme: "社会救助"}) {
		if e.Theme != "社会救助" {
			t.Errorf("%s has the theme %s", e.Name, e.Theme)
		}
	}
	if n := len(s.Search(Query{Theme: "社会救助", Text: "低保"})); n != 1 {
		t.Errorf("theme and text together find %d", n)
	}
	if n := len(s.Search(Query{Theme: "社会"})); n != 0 {
		t.Errorf("half a theme finds %d", n)
	}
}

// The code of a list entry is the one on the wall of the village asked for, else the county-wide one.
func TestSearchAnswersWithTheWallCode(t *testing.T) {
	s := demoSnapshot(t)
	for _, e := range s.Search(Query{Village: village}) {
		if code, err := s.Code(e.Code); err != nil || code.Village != village || code.ID != e.ID || code.Kind != CodeItem {
			t.Errorf("%s has the code %+v, %v", e.Name, code, err)
		}
	}
	for _, e := range s.Search(Query{Village: "219901999999"}) {
		if code, err := s.Code(e.Code); err != nil || code.Village != "" || code.ID != e.ID {
			t.Errorf("%s has the code %+v, %v", e.Name, code, err)
		}
	}
}

func TestRank(t *testing.T) {
	w := wordsOf(&Item{Name: "重度残疾人护理补贴", Aliases: []string{"护工钱", "银行卡", "zhong can", "chong qing card"}, Theme: "残疾人服务", Department: "县民政局", Summary: "按月打到卡里。"})
	for text, want := range map[string]int{
		"重度残疾": nameStart, "护理补贴": nameInside, "护工": aliasInside, "行卡": aliasInside,
		"zhongducanjirenhulibutie": soundWhole, "hugongqian": soundWhole, "yinhangka": soundWhole, "chongqing": aliasInside,
		"zhongdu": soundStart, "zhongduc": soundStart, "chongdu": soundStart, "yinxing": soundStart, "hangka": soundInside, "butie": soundInside,
		"hgq": initialsWhole, "zdcj": initialsStart, "cdcj": initialsStart, "hlbt": initialsInside, "cqc": initialsWhole,
		"民政局": aside, "打到卡": aside, "人服务": aside, "月": notFound, "残疾人": nameInside, "chong qing": aliasInside, "ongdu": notFound, "hz": notFound, "z": notFound,
	} {
		if got := w.rank(text); got != want {
			t.Errorf("%s ranks %d, want %d", text, got, want)
		}
	}
}

func TestSearchPrefersWritingToSound(t *testing.T) {
	s := &Snapshot{printed: map[poster]string{}}
	for _, it := range []*Item{
		{Name: "大病报销", Aliases: []string{"新保"}}, {Name: "地保登记"}, {Name: "申请低保"}, {Name: "救助", Aliases: []string{"低保"}}, {Name: "低保审核"},
	} {
		s.guides = append(s.guides, &Guide{Item: it, words: wordsOf(it)})
	}
	if diff := cmp.Diff([]string{"低保审核", "申请低保", "救助"}, names(s.Search(Query{Text: "低保"}))); diff != "" {
		t.Error(diff)
	}
	want := []string{"救助", "地保登记", "低保审核", "申请低保", "大病报销"}
	if diff := cmp.Diff(want[:4], names(s.Search(Query{Text: "dibao"}))); diff != "" {
		t.Error(diff)
	}
	want = []string{"救助", "大病报销", "地保登记", "低保审核", "申请低保"}
	if diff := cmp.Diff(want, names(s.Search(Query{Text: "db"}))); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkSearch(b *testing.B) {
	s := demoSnapshot(b)
	for b.Loop() {
		s.Search(Query{Text: "dibao"})
	}
}

// The longest way: nothing fits, and the telling words are looked for in every summary.
func BenchmarkSearchTwice(b *testing.B) {
	s := demoSnapshot(b)
	for b.Loop() {
		s.Search(Query{Text: "怎么造火箭，需要什么材料？"})
	}
}
