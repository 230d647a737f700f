package api

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"tongban/internal/clock"
	"tongban/internal/fault"
)

// The JSON of this API is strict. encoding/json takes "ROLE" for role, the last of two equal names, bad UTF-8 as U+FFFD
// and NUL; two readers of one message could then understand two things. go-json-experiment (the coming encoding/json/v2)
// refuses all of these by itself and says where; depth and control characters are added here. It also writes a nil list
// as [], keeps <, > and & as they are, and orders the keys of a map.

var (
	errMalformed = fault.New(fault.Malformed, "request.malformed", "提交的内容无法读取，请检查后再试")

	reading = json.RejectUnknownMembers(true)
	writing = json.JoinOptions(json.Deterministic(true), json.WithMarshalers(json.MarshalToFunc(writeTime)))
)

// maxDepth bounds the nesting of objects and lists in a body.
const maxDepth = 20

// strict is the one format that huma gets.
var strict = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		ready, ok := v.(interface{ encoded() []byte })
		if ok {
			_, err := w.Write(ready.encoded())
			return err
		}
		body, err := encode(v)
		if err != nil {
			return err
		}
		_, err = w.Write(body)
		return err
	},
	Unmarshal: decode,
}

// encode writes v: the same value always as the same bytes, times as RFC 3339 with +08:00.
func encode(v any) ([]byte, error) { return json.Marshal(v, writing) }

func writeTime(e *jsontext.Encoder, t time.Time) error {
	return e.WriteToken(jsontext.String(t.In(clock.Shanghai).Format(time.RFC3339)))
}

// decode reads one value. huma keeps only the text of the error, so the place follows the message.
func decode(data []byte, into any) error {
	err := json.Unmarshal(data, into, reading)
	if err == nil {
		return nil
	}
	where := ""
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		where = strings.TrimPrefix(placeOf(e.JSONPointer), "body.")
	}
	if errors.Is(err, strconv.ErrRange) {
		return errors.New("数字太大或太小" + below + where)
	}
	return errors.New("格式不正确" + below + where)
}

// checkJSON refuses a body that two readers could understand differently, or that no honest client sends.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return malformed("body", "应为 UTF-8 编码的文字")
	}
	d := jsontext.NewDecoder(bytes.NewReader(body))
	for first := true; ; first = false {
		if !first && d.StackDepth() == 0 {
			if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
				return malformed("body", "内容后面还有多余的字符")
			}
			return nil
		}
		token, err := d.ReadToken()
		switch {
		case errors.Is(err, jsontext.ErrDuplicateName):
			return malformed(placeOfSyntax(err), "同一项写了两次")
		case err != nil:
			return malformed(placeOfSyntax(err), "不是正确的 JSON")
		case d.StackDepth() > maxDepth:
			return malformed("body", "嵌套太深")
		case token.Kind() == '"' && strings.ContainsFunc(token.String(), forbidden):
			return malformed(placeOf(d.StackPointer()), "含有不能使用的字符")
		}
	}
}

// forbidden characters have no place in a text: NUL and the other controls, except tab and the ends of lines.
func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' }

func malformed(place, message string) error {
	return errMalformed.At(fault.Field{Location: place, Message: message})
}

func placeOfSyntax(err error) string {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return placeOf(e.JSONPointer)
	}
	return "body"
}

// placeOf writes a JSON pointer the way the whole API names places: /parts/0/name is body.parts[0].name.
func placeOf(p jsontext.Pointer) string {
	var b strings.Builder
	b.WriteString("body")
	for token := range p.Tokens() {
		if _, err := strconv.ParseUint(token, 10, 16); err == nil {
			b.WriteString("[" + token + "]")
			continue
		}
		b.WriteString("." + token)
	}
	return harmless(b.String())
}

// harmless cuts a place before the first step that a client cannot have from our document: somebody may have put an
// identity number where a name belongs, and no answer or log repeats it.
func harmless(place string) string {
	steps := strings.Split(place, ".")
	for i, step := range steps {
		if plainStep(step) {
			continue
		}
		kept := steps[:i]
		if list, _, found := strings.Cut(step, "["); found && plainStep(list) {
			kept = append(kept, list)
		}
		return strings.Join(kept, ".")
	}
	return place
}

// plainStep reports whether a step is a name with at most one index, and no long row of digits.
func plainStep(step string) bool {
	name, index, _ := strings.Cut(step, "[")
	digits := 0
	for i, r := range name {
		switch {
		case r >= '0' && r <= '9':
			if digits++; digits > 4 || i == 0 {
				return false
			}
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', r == '-':
			digits = 0
		default:
			return false
		}
	}
	return name != "" && len(name) <= 40 && len(index) <= 8 && strings.Trim(index, "0123456789[]") == ""
}
