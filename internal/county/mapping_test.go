package county

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tongban/internal/store/storetest"
)

func demoMapping(t testing.TB) *Mapping {
	t.Helper()
	m, err := ReadMapping(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestWhatIsWrittenIsReadBack: any record, whatever its fields hold, comes back as it was.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	m := demoMapping(t)
	text := rapid.StringMatching(`[ -~一-龥𠮷]{0,20}`).Filter(func(s string) bool { return strings.TrimSpace(s) == s })
	rapid.Check(t, func(t *rapid.T) {
		record := rapid.SampledFrom(records).Draw(t, "record")
		v := values{}
		for _, f := range fields[record] {
			if f.values != nil {
				v[f.name] = rapid.SampledFrom(append([]string{""}, f.values...)).Draw(t, f.name)
			} else {
				v[f.name] = text.Draw(t, f.name)
			}
		}
		out, err := m.write(record, v)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]jsontext.Value
		if err := json.Unmarshal(body, &object); err != nil {
			t.Fatal(err)
		}
		back, odd, err := m.read(record, object)
		maps.DeleteFunc(v, func(_, value string) bool { return value == "" })
		if err != nil || len(odd) > 0 || !maps.Equal(back, v) {
			t.Fatalf("%v came back as %v, %v, %v", v, back, odd, err)
		}
	})
}

func TestEventsComeBackWhole(t *testing.T) {
	m := demoMapping(t)
	for i, act := range Acts() {
		e := Event{
			ID: "E-" + string(act), Ref: "BJ1", Number: "N1", Act: act, Seq: i, At: storetest.Monday.UTC(), Officer: "窗口𠮷", Opinion: "第一行\n第二行", Document: "示例〔2026〕1号",
			Raw: m.tables[process].columns["act"].codes[string(act)],
		}
		switch act {
		case AskCorrection:
			e.Defects = []Defect{{"d1", "居民身份证", "unclear", "看不清"}, {"d2", "户口簿", "missing", "没有"}}
		case Suspend, Extend:
			e.Special, e.Until = "extension", storetest.Monday.UTC().Add(240*time.Hour)
		case Grant:
			e.Result = Result{"证", "1"}
		}
		body, err := m.EncodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		back, problem, err := m.DecodeEvent(body)
		if err != nil || problem != "" || !cmp.Equal(back, e) {
			t.Errorf("%s: %q, %v\n%s", act, problem, err, cmp.Diff(e, back))
		}
	}
}

// TestOldCodesAreUnderstood: a list of codes is read whole, and its first is written.
func TestOldCodesAreUnderstood(t *testing.T) {
	m := demoMapping(t)
	for code, want := range map[string]string{"1": "extension", "A": "extension", "2": "other", "B": "other"} {
		v, odd, err := m.read(process, map[string]jsontext.Value{"special_type": jsontext.Value(`"` + code + `"`)})
		if err != nil || len(odd) > 0 || v["special"] != want {
			t.Errorf("%s: %v %v %v", code, v, odd, err)
		}
	}
	if out, err := m.write(process, values{"special": "extension"}); err != nil || out["special_type"] != "1" {
		t.Errorf("%v %v", out, err)
	}
	if v, odd, err := m.read(process, map[string]jsontext.Value{"event_name": jsontext.Value(`99`)}); err != nil || v["act"] != "" || odd["act"] != "99" {
		t.Errorf("a code that nobody knows: %v %v %v", v, odd, err)
	}
	if _, err := m.write(process, values{"special": "third"}); err == nil {
		t.Error("a value without a code was written")
	}
}

// TestMappingIsLinted: each mistake is told with its own line.
func TestMappingIsLinted(t *testing.T) {
	good, err := os.ReadFile("../../config/county/exchange.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lineOf := func(text, part string) int { return 1 + strings.Count(text[:strings.Index(text, part)], "\n") }
	for name, c := range map[string]struct{ old, put, at, says string }{
		"an unknown field":      {"    ref: row_guid  ", "    reff: row_guid ", "    reff:", "没有 reff 这个键"},
		"a field twice":         {"    number: project_no", "    number: project_no\n    number: other_no", "    number: other_no", "写了两次"},
		"two fields, one name":  {"    summary: project_name", "    summary: task_name", "    summary: task_name", "都叫 task_name"},
		"two tables, one name":  {"  table: up_pro_correction", "  table: up_pro_material", "  table: up_pro_material\n  fields:\n    id: row_guid\n    material", "都叫 up_pro_material"},
		"two codes, one number": {`        accept: "2"`, `        accept: "1"`, `        accept: "1"`, "代码都是 1"},
		"a code that is empty":  {`        accept: "2"`, `        accept: ""`, `        accept: ""`, "代码只能用"},
		"no code at all":        {`        accept: "2"`, `        accept: []`, `        accept: []`, "至少要有一个代码"},
		"an act without a code": {"        lapse: \"13\"\n", "", "        receive:", "缺少 lapse"},
		"an act nobody knows":   {`        accept: "2"`, `        accept: "2"` + "\n        forget: \"77\"", "        forget:", "没有 forget 这个键"},
		"a name in Chinese":     {"    file: material_attach_name", "    file: 附件名称", "    file: 附件名称", "字母开头"},
		"a text for a group":    {"  fields:\n    id: row_guid\n    name: material_name", "  fields: none\n  other:\n    name: material_name", "  fields: none", "应是一组"},
		"a missing field":       {"    sha256: file_sha256             # 文件的摘要\n", "", "    id: row_guid\n    name: material_name", "缺少 sha256"},
		"no YAML":               {"material: # 材料", "\tmaterial: # 材料", "\tmaterial", "不是正确的 YAML"},
	} {
		spoilt := strings.Replace(string(good), c.old, c.put, 1)
		if spoilt == string(good) {
			t.Fatalf("%s: nothing was spoilt", name)
		}
		_, err := parseMapping([]byte(spoilt))
		if err == nil {
			t.Errorf("%s is accepted", name)
			continue
		}
		found := false
		for line := range strings.SplitSeq(err.Error(), "\n") {
			found = found || strings.Contains(line, c.says) && regexp.MustCompile(`^exchange\.yaml:\d+: `).MatchString(line) &&
				strings.HasPrefix(line, "exchange.yaml:"+itoa(lineOf(spoilt, c.at))+":")
		}
		if !found {
			t.Errorf("%s: line %d is not named: %v", name, lineOf(spoilt, c.at), err)
		}
	}
	several := strings.NewReplacer("    ref: row_guid  ", "    reff: row_guid ", `        accept: "2"`, `        accept: "1"`).Replace(string(good))
	if _, err := parseMapping([]byte(several)); strings.Count(err.Error(), "\n") < 2 {
		t.Errorf("not all mistakes at once: %v", err)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// TestEveryFieldHasAName: the mapping names every record and field that the code knows, and the document tells them all.
func TestEveryFieldHasAName(t *testing.T) {
	m := demoMapping(t)
	paper, err := os.ReadFile("../../docs/county.md")
	if err != nil {
		t.Fatal(err)
	}
	for record, names := range m.Names() {
		for field, name := range names {
			if !strings.Contains(string(paper), "`"+field+"`") {
				t.Errorf("docs/county.md does not tell %s.%s (%s)", record, field, name)
			}
		}
	}
	if got := slices.Sorted(maps.Keys(m.Names())); !slices.Equal(got, slices.Sorted(slices.Values(records))) {
		t.Error(got)
	}
}

func TestUnreadableEventsAreTold(t *testing.T) {
	m := demoMapping(t)
	event := func(change ...string) string {
		body := `{"up_pro_process":{"row_guid":"E1","apply_guid":"BJ1","project_no":"N1","event_name":"2","event_seq":"3","event_end_time":"2026-11-23 09:00:00"}}`
		return strings.NewReplacer(change...).Replace(body)
	}
	for name, c := range map[string]struct{ body, problem string }{
		"whole":                    {event(), ""},
		"a number for a text":      {event(`"3"`, `3`), ""},
		"a zone of its own":        {event("2026-11-23 09:00:00", "2026-11-23T01:00:00Z"), ""},
		"an unknown column":        {event(`"event_seq"`, `"level":5,"event_seq"`), ""},
		"an unknown act":           {event(`"event_name":"2"`, `"event_name":"77"`), "unknown_act"},
		"no act":                   {event(`"event_name":"2"`, `"event_name":null`), "unknown_act"},
		"no case":                  {event(`"BJ1"`, `""`, `"N1"`, `""`), "no_case_named"},
		"a case with spaces":       {event(`"BJ1"`, `"BJ 1"`), "no_case_named"},
		"a time that is none":      {event("2026-11-23 09:00:00", "2026-13-23 09:00:00"), "bad_time"},
		"a negative count":         {event(`"3"`, `"-3"`), "bad_seq"},
		"a correction of nothing":  {event(`"event_name":"2"`, `"event_name":"3"`), "bad_defects"},
		"defects that are no list": {event(`}}`, `},"up_pro_correction":{}}`), "bad_defects"},
		"an endless opinion":       {event(`"event_seq"`, `"handle_explain":"`+strings.Repeat("长", 2001)+`","event_seq"`), "too_long"},
		"a special of no kind":     {event(`"event_seq"`, `"special_type":"9","event_seq"`), "unknown_special"},
	} {
		if e, problem, err := m.DecodeEvent([]byte(c.body)); err != nil || problem != c.problem || e.ID != "E1" {
			t.Errorf("%s: %q, %v", name, problem, err)
		}
	}
	for name, body := range map[string]string{
		"nothing": "", "a list": "[]", "a word": `"x"`, "no record": `{}`, "a record that is a list": `{"up_pro_process":[]}`, "no id": event(`"row_guid":"E1",`, ``),
		"an id with spaces": event(`"E1"`, `"E 1"`), "an id that is a list": event(`"E1"`, `["E1"]`), "an id without end": event(`"E1"`, `"`+strings.Repeat("E", 65)+`"`),
		"the same name twice": event(`"row_guid"`, `"row_guid":"E0","row_guid"`), "bad UTF-8": event("E1", "E\xff"), "something behind": event() + "{}", "a control": event("E1", "E\u0000"),
	} {
		if e, problem, err := m.DecodeEvent([]byte(body)); err == nil {
			t.Errorf("%s: %+v, %q", name, e, problem)
		}
	}
}

// FuzzCallback: whatever is sent, it is refused, or kept under a name that fits its columns; what is understood comes back the same when
// it is written and read again.
func FuzzCallback(f *testing.F) {
	m := demoMapping(f)
	for _, act := range Acts() {
		body, err := m.EncodeEvent(Event{ID: "E1", Ref: "BJ1", Act: act, Seq: 1, At: storetest.Monday, Defects: []Defect{{"d", "m", "r", "t"}}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, problem, err := m.DecodeEvent(body)
		if err != nil {
			return
		}
		if !idShape(e.ID) || len(e.Ref) > longestID || len(e.Number) > longestID || e.Seq < 0 && problem == "" || e.Act != "" && !slices.Contains(Acts(), e.Act) {
			t.Fatalf("%+v, %q", e, problem)
		}
		if problem != "" {
			return
		}
		again, err := m.EncodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		back, problem, err := m.DecodeEvent(again)
		e.Raw, back.Raw = "", ""
		if err != nil || problem != "" || !cmp.Equal(e, back) {
			t.Fatalf("%q, %v: %s", problem, err, cmp.Diff(e, back))
		}
	})
}
