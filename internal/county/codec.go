package county

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"tongban/internal/clock"
	"tongban/internal/secret"
)

// values are a record's fields in our names: texts, times as the exchange writes them, codes in our words.
type values map[string]string

// wireTime is how the exchange's tables write a moment: Shanghai's time, without a zone.
const wireTime = "2006-01-02 15:04:05"

func writeTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Shanghai).Format(wireTime)
}

// readTime also takes RFC 3339, which says its zone. A year that no case has is no time.
func readTime(text string) (time.Time, bool) {
	t, err := time.ParseInLocation(wireTime, text, clock.Shanghai)
	if err != nil {
		t, err = time.Parse(time.RFC3339, text)
	}
	t = t.UTC().Truncate(time.Second)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		return time.Time{}, false
	}
	return t, true
}

// write puts the values under the county's names and codes. Empty ones are left out.
func (m *Mapping) write(record string, v values) (map[string]string, error) {
	out := map[string]string{}
	for name, value := range v {
		c, known := m.tables[record].columns[name]
		if !known {
			return nil, fmt.Errorf("county: %s has no field %s", record, name)
		}
		if value == "" {
			continue
		}
		if c.codes != nil {
			if value = c.codes[value]; value == "" {
				return nil, fmt.Errorf("county: a value of %s.%s has no code", record, name)
			}
		}
		out[c.name] = value
	}
	return out, nil
}

// read is the way back. odd holds the county's words that no code of the mapping means: they are kept, and never guessed at.
// Names that the mapping does not know are passed over; a value that is neither text nor number is an error.
func (m *Mapping) read(record string, object map[string]jsontext.Value) (v, odd values, err error) {
	v, odd = values{}, values{}
	for name, c := range m.tables[record].columns {
		raw, given := object[c.name]
		if !given {
			continue
		}
		text, ok := plainText(raw)
		if !ok {
			return nil, nil, fmt.Errorf("%s.%s is no text", record, name)
		}
		switch {
		case text == "":
		case c.means == nil:
			v[name] = text
		case c.means[text] == "":
			odd[name] = text
		default:
			v[name] = c.means[text]
		}
	}
	return v, odd, nil
}

// plainText is what a string or a number says, trimmed; null says nothing.
func plainText(raw jsontext.Value) (string, bool) {
	switch raw.Kind() {
	case 'n':
		return "", true
	case '0':
		return string(raw), true
	case '"':
		var text string
		if json.Unmarshal(raw, &text) != nil || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }) {
			return "", false
		}
		return strings.TrimSpace(text), true
	}
	return "", false
}

// The longest texts that are taken.
const (
	longestID   = 64
	longestText = 2000
)

// parse reads a message: objects or lists of objects under the tables' names. Duplicate names and bad UTF-8 are refused.
func parse(body []byte) (map[string]jsontext.Value, error) {
	var message map[string]jsontext.Value
	if err := json.Unmarshal(body, &message); err != nil {
		return nil, errors.New("not the JSON object that was agreed on") // the library's text quotes it
	}
	return message, nil
}

// object is the one record of a kind in the message.
func (m *Mapping) object(message map[string]jsontext.Value, record string) (map[string]jsontext.Value, error) {
	var o map[string]jsontext.Value
	if raw, given := message[m.tables[record].name]; !given || json.Unmarshal(raw, &o) != nil || o == nil {
		return nil, fmt.Errorf("no %s", record)
	}
	return o, nil
}

// mostRecords bounds the records of a kind in one message.
const mostRecords = 1000

// objects are all records of a kind in the message, none if there are none.
func (m *Mapping) objects(message map[string]jsontext.Value, record string) ([]map[string]jsontext.Value, error) {
	raw, given := message[m.tables[record].name]
	if !given {
		return nil, nil
	}
	var list []map[string]jsontext.Value
	if json.Unmarshal(raw, &list) != nil || len(list) > mostRecords {
		return nil, fmt.Errorf("%s is no list", record)
	}
	return list, nil
}

// number reads a count; empty is 0.
func number(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n < 1_000_000_000
}

func (m *Mapping) readStanding(object map[string]jsontext.Value) (Standing, error) {
	v, odd, err := m.read(process, object)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Ref: v["ref"], Number: v["number"], State: State(v["state"]), Raw: odd["state"]}
	if s.Raw == "" {
		s.Raw = m.tables[process].columns["state"].codes[v["state"]]
	}
	var seqOK, timeOK bool
	s.Seq, seqOK = number(v["seq"])
	s.At, timeOK = readTime(v["at"])
	if s.Ref == "" || s.Raw == "" || !seqOK || !timeOK || len(s.Ref) > longestID || len(s.Number) > longestID || len(s.Raw) > longestID {
		return Standing{}, errors.New("a standing without number, state or time")
	}
	return s, nil
}

// writeStanding is the platform's side of readStanding, for stand-ins.
func (m *Mapping) writeStanding(s Standing) (map[string]string, error) {
	v := values{"ref": s.Ref, "number": s.Number, "state": string(s.State), "seq": strconv.Itoa(s.Seq), "at": writeTime(s.At)}
	out, err := m.write(process, v)
	if err == nil && s.State == "" {
		out[m.tables[process].columns["state"].name] = s.Raw
	}
	return out, err
}

// DecodeEvent reads a callback. An error means that not even its id can be read, so that it can be kept under no name; problem says, in
// a word, why an event that is to be kept can be applied to nothing.
func (m *Mapping) DecodeEvent(body []byte) (e Event, problem string, err error) {
	message, err := parse(body)
	if err != nil {
		return Event{}, "", err
	}
	o, err := m.object(message, process)
	if err != nil {
		return Event{}, "", err
	}
	v, odd, err := m.read(process, o)
	if err != nil {
		return Event{}, "", err
	}
	if !idShape(v["event_id"]) {
		return Event{}, "", errors.New("no event id that can be used")
	}
	e = Event{
		ID: v["event_id"], Ref: v["ref"], Number: v["number"], Act: Act(v["act"]), Raw: odd["act"], Officer: v["officer"], Opinion: v["opinion"],
		Special: v["special"], Document: v["document"], Result: Result{v["result_name"], v["result_number"]},
	}
	if e.Act != "" {
		e.Raw = m.tables[process].columns["act"].codes[v["act"]]
	}
	var seqOK, atOK bool
	e.Seq, seqOK = number(v["seq"])
	e.At, atOK = readTime(v["at"])
	untilOK := v["until"] == ""
	if !untilOK {
		e.Until, untilOK = readTime(v["until"])
	}
	var defectsOK bool
	e.Defects, defectsOK = m.readDefects(message)
	switch {
	case e.Ref == "" && e.Number == "" || !idShape(e.Ref) && e.Ref != "" || !idShape(e.Number) && e.Number != "":
		problem = "no_case_named"
		e.Ref, e.Number = "", ""
	case e.Act == "":
		problem = "unknown_act"
	case odd["special"] != "":
		problem = "unknown_special"
	case !seqOK:
		problem = "bad_seq"
	case !atOK, !untilOK:
		problem = "bad_time"
	case !defectsOK, e.Act == AskCorrection && len(e.Defects) == 0:
		problem = "bad_defects"
	case tooLong(e):
		problem = "too_long"
	}
	return e, problem, nil
}

func (m *Mapping) readDefects(message map[string]jsontext.Value) ([]Defect, bool) {
	list, err := m.objects(message, defect)
	if err != nil {
		return nil, false
	}
	var defects []Defect
	for _, o := range list {
		v, _, err := m.read(defect, o)
		if err != nil || !idShape(v["id"]) || len(v["reason"]) > longestID || len(v["material"]) > longestText || len(v["text"]) > longestText {
			return nil, false
		}
		defects = append(defects, Defect{v["id"], v["material"], v["reason"], v["text"]})
	}
	return defects, true
}

// idShape: printable ASCII without spaces, so that two that look alike are one.
func idShape(text string) bool {
	return text != "" && len(text) <= longestID && strings.Trim(text, idLetters) == ""
}

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-"

func tooLong(e Event) bool {
	for _, text := range []string{e.Opinion, e.Officer, e.Document, e.Result.Name, e.Result.Number} {
		if len(text) > 3*longestText { // bytes of Chinese
			return true
		}
	}
	return false
}

// EncodeEvent is the platform's side of DecodeEvent, for stand-ins.
func (m *Mapping) EncodeEvent(e Event) ([]byte, error) {
	v := values{
		"event_id": e.ID, "ref": e.Ref, "number": e.Number, "act": string(e.Act), "seq": strconv.Itoa(e.Seq), "at": writeTime(e.At), "officer": e.Officer, "opinion": e.Opinion,
		"special": e.Special, "until": writeTime(e.Until), "document": e.Document, "result_name": e.Result.Name, "result_number": e.Result.Number,
	}
	news, err := m.write(process, v)
	if err != nil {
		return nil, err
	}
	if e.Act == "" {
		news[m.tables[process].columns["act"].name] = e.Raw
	}
	message := map[string]any{m.tables[process].name: news}
	var list []map[string]string
	for _, d := range e.Defects {
		o, err := m.write(defect, values{"id": d.ID, "material": d.Material, "reason": d.Reason, "text": d.Text})
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	if list != nil {
		message[m.tables[defect].name] = list
	}
	return json.Marshal(message, json.Deterministic(true))
}

// clean refuses what a column of the other side could misread.
func clean(text string, limit int) (string, error) {
	if text == "" {
		return "", nil
	}
	return secret.CleanText(text, limit)
}
