package county

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// mappingFile stands in the county's folder: what our fields are called in the tables of the exchange, and how its codes are written.
const mappingFile = "exchange.yaml"

// The records that go over the wire.
const (
	acceptance = "acceptance" // 办件受理
	material   = "material"   // 材料
	process    = "process"    // 过程和结果: news, and how a case stands
	defect     = "defect"     // 补正事项
)

// field is one of our fields. Those with a closed list of values are written as the county's codes.
type field struct {
	name   string
	values []string
}

func texts[S ~string](list []S) []string {
	plain := make([]string, len(list))
	for i, v := range list {
		plain[i] = string(v)
	}
	return plain
}

var (
	parties  = []string{"person", "company", "institution", "society", "government", "other"}
	papersID = []string{"id_card", "other"}
	fields   = map[string][]field{
		acceptance: {
			{"ref", nil}, {"number", nil}, {"catalog_code", nil}, {"task_code", nil}, {"handle_item_code", nil}, {"item_name", nil}, {"item_version", nil},
			{"case_type", []string{"instant", "committed", "other"}}, {"channel", []string{"window", "computer", "phone", "post", "other"}}, {"summary", nil},
			{"applicant_kind", parties}, {"applicant_name", nil}, {"applicant_id_type", papersID}, {"applicant_id", nil}, {"applicant_phone", nil},
			{"agent_name", nil}, {"agent_id_type", papersID}, {"agent_id", nil}, {"agent_phone", nil},
			{"area", nil}, {"office", nil}, {"applied_at", nil}, {"reason", nil},
		},
		material: {{"id", nil}, {"name", nil}, {"form", []string{"paper", "electronic"}}, {"copies", nil}, {"file", nil}, {"sha256", nil}, {"defect", nil}},
		process: {
			{"event_id", nil}, {"ref", nil}, {"number", nil}, {"act", texts(Acts())}, {"state", texts(States())}, {"seq", nil}, {"at", nil}, {"officer", nil}, {"opinion", nil},
			{"special", []string{"extension", "other"}}, {"until", nil}, {"document", nil}, {"result_name", nil}, {"result_number", nil},
		},
		defect: {{"id", nil}, {"material", nil}, {"reason", nil}, {"text", nil}, {"answer", nil}},
	}
	records = []string{acceptance, material, process, defect}
)

// column is what a field is called over there.
type column struct {
	name  string
	codes map[string]string // ours to theirs; nil for plain text
	means map[string]string // theirs to ours
}

// table is what a record is called over there.
type table struct {
	name    string
	columns map[string]column // by our field
}

// Mapping translates records both ways. It is data of the county: names and codes differ from place to place.
type Mapping struct{ tables map[string]table }

// ReadMapping reads exchange.yaml in a county's folder. Every mistake is named at once, with file and line: whatever is unknown,
// missing, written twice, or could be read back as two things.
func ReadMapping(folder fs.FS) (*Mapping, error) {
	text, err := fs.ReadFile(folder, mappingFile)
	if err != nil {
		return nil, err
	}
	return parseMapping(text)
}

func parseMapping(text []byte) (*Mapping, error) {
	var root yaml.Node
	if err := yaml.Load(text, &root); err != nil {
		line := 1
		if e, ok := errors.AsType[*yaml.LoadError](err); ok {
			line = max(e.Mark.Line, 1)
		}
		return nil, fmt.Errorf("%s:%d: 不是正确的 YAML（%w）", mappingFile, line, err)
	}
	r := mappingReader{}
	m := &Mapping{map[string]table{}}
	top := &root
	if top.Kind == yaml.DocumentNode && len(top.Content) > 0 {
		top = top.Content[0]
	}
	tables := map[string]string{} // by name over there
	nodes := r.members(top, "", records)
	for _, key := range records {
		node := nodes[key]
		if node == nil {
			continue
		}
		t := r.table(node, key)
		r.once(node, tables, t.name, key)
		m.tables[key] = t
	}
	slices.SortStableFunc(r.wrong, func(a, b mistake) int { return a.line - b.line })
	return m, errors.Join(r.errors()...)
}

type mistake struct {
	line int
	text string
}

type mappingReader struct{ wrong []mistake }

func (r *mappingReader) fault(at *yaml.Node, format string, args ...any) {
	r.wrong = append(r.wrong, mistake{max(at.Line, 1), fmt.Sprintf(format, args...)})
}

func (r *mappingReader) errors() []error {
	list := make([]error, len(r.wrong))
	for i, w := range r.wrong {
		list[i] = fmt.Errorf("%s:%d: %s", mappingFile, w.line, w.text)
	}
	return list
}

// members are the values of an object by key, of which each of these must be there, and no other.
func (r *mappingReader) members(at *yaml.Node, where string, keys []string) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	if at.Kind != yaml.MappingNode {
		r.fault(at, "%s 应是一组“键: 值”", place(where))
		return nil
	}
	for i := 0; i+1 < len(at.Content); i += 2 {
		key := at.Content[i]
		switch {
		case !slices.Contains(keys, key.Value):
			r.fault(key, "%s 没有 %s 这个键，请核对拼写", place(where), key.Value)
		case found[key.Value] != nil:
			r.fault(key, "%s 写了两次", place(join(where, key.Value)))
		default:
			found[key.Value] = at.Content[i+1]
		}
	}
	for _, key := range keys {
		if found[key] == nil {
			r.fault(at, "%s 缺少 %s", place(where), key)
		}
	}
	return found
}

func join(where, key string) string { return strings.TrimPrefix(where+"."+key, ".") }

func place(where string) string {
	if where == "" {
		return "对照表"
	}
	return where
}

func (r *mappingReader) table(at *yaml.Node, where string) table {
	t := table{columns: map[string]column{}}
	parts := r.members(at, where, []string{"table", "fields"})
	if node := parts["table"]; node != nil {
		t.name = r.name(node, join(where, "table"))
	}
	if parts["fields"] == nil {
		return t
	}
	var keys []string
	for _, f := range fields[where] {
		keys = append(keys, f.name)
	}
	taken := map[string]string{}
	nodes := r.members(parts["fields"], join(where, "fields"), keys)
	for _, f := range fields[where] {
		node := nodes[f.name]
		if node == nil {
			continue
		}
		c := r.column(node, join(where, f.name), f)
		r.once(node, taken, c.name, join(where, f.name))
		t.columns[f.name] = c
	}
	return t
}

// once refuses a name that means something else already.
func (r *mappingReader) once(at *yaml.Node, taken map[string]string, name, where string) {
	if name == "" {
		return
	}
	if other := taken[name]; other != "" {
		r.fault(at, "%s 和 %s 都叫 %s，读回来分不清", where, other, name)
	}
	taken[name] = where
}

func (r *mappingReader) column(at *yaml.Node, where string, f field) column {
	if f.values == nil {
		return column{name: r.name(at, where)}
	}
	c := column{codes: map[string]string{}, means: map[string]string{}}
	parts := r.members(at, where, []string{"name", "codes"})
	if node := parts["name"]; node != nil {
		c.name = r.name(node, join(where, "name"))
	}
	if parts["codes"] == nil {
		return c
	}
	codes := r.members(parts["codes"], join(where, "codes"), f.values)
	for _, value := range f.values {
		if node := codes[value]; node != nil {
			r.code(&c, node, join(where, "codes."+value), value)
		}
	}
	return c
}

// code reads one code, or a list of which the first is written and all are understood.
func (r *mappingReader) code(c *column, at *yaml.Node, where, value string) {
	list := []*yaml.Node{at}
	if at.Kind == yaml.SequenceNode {
		list = at.Content
	}
	if len(list) == 0 {
		r.fault(at, "%s 至少要有一个代码", where)
	}
	for i, node := range list {
		if node.Kind != yaml.ScalarNode || !codeShape.MatchString(node.Value) {
			r.fault(node, "%s 的代码只能用字母、数字、点、横线和下划线，最多 64 个", where)
			continue
		}
		if other, taken := c.means[node.Value]; taken {
			r.fault(node, "%s 和 %s 的代码都是 %s，读回来分不清", where, other, node.Value)
		}
		c.means[node.Value] = value
		if i == 0 {
			c.codes[value] = node.Value
		}
	}
}

var (
	codeShape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	nameShape = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
)

func (r *mappingReader) name(at *yaml.Node, where string) string {
	if at.Kind != yaml.ScalarNode || !nameShape.MatchString(at.Value) {
		r.fault(at, "%s 要写对方的名称：字母开头，只用字母、数字和下划线，最多 64 个", where)
		return ""
	}
	return at.Value
}

// Names lists our fields of a record with what they are called over there, for people.
func (m *Mapping) Names() map[string]map[string]string {
	all := map[string]map[string]string{}
	for record, t := range m.tables {
		names := map[string]string{}
		for _, f := range slices.Sorted(maps.Keys(t.columns)) {
			names[f] = t.columns[f].name
		}
		all[record] = names
	}
	return all
}
