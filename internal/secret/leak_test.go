package secret

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"tongban/internal/fault"
)

func examplePhone(t testing.TB) Phone {
	t.Helper()
	phone, err := ParsePhone("13876543210")
	if err != nil {
		t.Fatal(err)
	}
	return phone
}

func exampleID(t testing.TB) IDNumber {
	t.Helper()
	id, err := ParseIDNumber("21990119800101001"+"6", today)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func exampleName(t testing.TB) Name {
	t.Helper()
	name, err := ParseName("王小芳")
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// person has the values in every place where a printer may come upon them; fmt calls no methods on unexported fields.
type person struct {
	ID    IDNumber
	Phone *Phone
	Name  Name

	id    IDNumber
	phone Phone
	name  *Name
	list  []Phone
	table map[Phone]Name
	any   any
	inner struct{ deep [1]IDNumber }
}

func examplePerson(t testing.TB) person {
	id, phone, name := exampleID(t), examplePhone(t), exampleName(t)
	p := person{ID: id, Phone: &phone, Name: name, id: id, phone: phone, name: &name,
		list: []Phone{phone}, table: map[Phone]Name{phone: name}, any: phone}
	p.inner.deep[0] = id
	return p
}

// hiddenParts are what a mask of the example values must not show. They are long, lest an address in memory hold one by chance.
var hiddenParts = []string{"21990119", "01198001", "98001010", "1387654", "3876543", "8765432", "7654321", "小", "芳"}

// leaks finds a hidden part of the example values in an output, in any of the forms in which printers write strings.
func leaks(output string) []string {
	var found []string
	lower := strings.ToLower(output)
	for _, part := range hiddenParts {
		forms := map[string]string{
			"plain":   part,
			"hex":     hex.EncodeToString([]byte(part)),
			"spaced":  fmt.Sprintf("% x", part),
			"0x":      fmt.Sprintf("%# x", part),
			"bytes":   strings.Trim(fmt.Sprint([]byte(part)), "[]"),
			"escaped": strings.Trim(strconv.QuoteToASCII(part), `"`),
		}
		for form, text := range forms {
			if strings.Contains(lower, text) {
				found = append(found, form+" "+part)
			}
		}
	}
	for _, plain := range []string{"219901198001010016", "13876543210", "王小芳"} {
		for shift := range 3 { // base64 of the text at each of its three places in a longer one
			text := base64.StdEncoding.EncodeToString([]byte("aa"[:shift] + plain))
			if strings.Contains(output, text[4:len(text)-4]) {
				found = append(found, "base64 "+plain)
			}
		}
	}
	return found
}

const verbs = "vTtbcdoqxXUeEfFgGspwz!"

// printings writes x in all ways that fmt knows.
func printings(x any) map[string]string {
	mistakes := []string{"", "%w", "%*d", "%[2]d", "%"} // in variables, for vet would find them
	all := map[string]string{"Sprint": fmt.Sprint(x), "Sprintln": fmt.Sprintln(x)}
	for _, format := range mistakes {
		all[format] = fmt.Sprintf(format, x) + fmt.Errorf(format, x, x).Error()
	}
	for _, flags := range []string{"", "+", "#", "-20", " ", "0", "# ", "+#", "9.4", "[1]"} {
		for _, verb := range verbs {
			format := "%" + flags + string(verb)
			all[format] = fmt.Sprintf(format, x)
		}
	}
	return all
}

func TestNoPrintingShowsAPersonalValue(t *testing.T) {
	p := examplePerson(t)
	for name, x := range map[string]any{
		"id": p.ID, "phone": *p.Phone, "name": p.Name, "pointer": p.Phone, "person": p, "&person": &p,
		"slice": []any{p.ID, *p.Phone, p.Name}, "map": map[string]any{"p": p}, "keys of a map": p.table, "list": []person{p},
	} {
		for way, output := range printings(x) {
			if found := leaks(output); found != nil {
				t.Errorf("%s by %s shows %q: %.300s", name, way, found, output)
			}
		}
	}
}

func TestNoEncodingShowsAPersonalValue(t *testing.T) {
	p := examplePerson(t)
	encoders := map[string]func(any) (string, error){
		"json": func(x any) (string, error) { b, err := json.Marshal(x); return string(b), err },
		"xml":  func(x any) (string, error) { b, err := xml.Marshal(x); return string(b), err },
		"gob": func(x any) (string, error) {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(x)
			return b.String(), err
		},
		"html": func(x any) (string, error) {
			var b bytes.Buffer
			err := template.Must(template.New("").Parse(`{{.}} <a href="{{.}}">{{printf "%+v" .}}</a><script>{{.}}</script>`)).Execute(&b, x)
			return b.String(), err
		},
	}
	for name, x := range map[string]any{"id": p.ID, "phone": p.Phone, "name": p.Name, "person": p, "table": p.table} {
		for way, encode := range encoders {
			output, err := encode(x)
			if found := leaks(output + fmt.Sprint(err)); found != nil {
				t.Errorf("%s by %s shows %q: %.300s", name, way, found, output)
			}
		}
	}
	output, err := json.Marshal(p)
	if want := `{"ID":"**************0016","Phone":"138****3210","Name":"王**"}`; err != nil || string(output) != want {
		t.Errorf("JSON is %s, %v", output, err)
	}
}

func TestNoLogShowsAPersonalValue(t *testing.T) {
	p := examplePerson(t)
	for _, way := range []string{"text", "json"} {
		var lines bytes.Buffer
		options := &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}
		var handler slog.Handler = slog.NewTextHandler(&lines, options)
		if way == "json" {
			handler = slog.NewJSONHandler(&lines, options)
		}
		log := slog.New(handler).With("id", p.ID, "phone", p.Phone)
		log.Debug("seen", "name", p.Name, "person", p, "pointer", &p, "list", p.list, "table", p.table,
			slog.Group("group", "phone", p.phone), "error", fmt.Errorf("asked for %v %+v", p.phone, p))
		if found := leaks(lines.String()); found != nil {
			t.Errorf("%s shows %q: %s", way, found, lines.String())
		}
		if !strings.Contains(lines.String(), "138****3210") {
			t.Errorf("%s has no mask: %s", way, lines.String())
		}
	}
}

func TestNoErrorShowsWhatWasTyped(t *testing.T) {
	for _, typed := range []string{"13876543210999", "219901198001010015", "21990119801301001", "219901198013010016", "王小芳\x00", "王小芳" + strings.Repeat("芳", 40), "138765\xff43210"} {
		_, err1 := ParseIDNumber(typed, today)
		_, err2 := ParsePhone(typed)
		_, err3 := ParseName(typed)
		_, err4 := CleanText(typed, 3)
		all := errors.Join(err1, err2, err3, err4)
		for _, output := range printings(all) {
			if found := leaks(output); found != nil {
				t.Errorf("%q is shown: %s", found, output)
			}
		}
		for _, err := range []error{err1, err2, err3, err4} {
			if err == nil {
				continue
			}
			if e := fault.Of(err); leaks(e.Title+e.Detail) != nil {
				t.Errorf("%v shows what was typed", e)
			}
		}
	}
	keys := made(t)
	sealed := examplePhone(t).Seal(keys, here)
	if _, err := OpenPhone(keys, Where{"person", "phone", "other"}, sealed); err == nil || leaks(fmt.Sprintf("%+v %#v", err, err)) != nil {
		t.Errorf("an opening that failed: %v", err)
	}
}

// A plain type with a masking String method is what one would write first: the search must find it out.
func TestTheSearchFindsLeaks(t *testing.T) {
	type naive struct{ plain string }
	for _, plain := range []string{"219901198001010016", "13876543210", "王小芳"} {
		for _, output := range []string{
			fmt.Sprintf("%v", naive{plain}), fmt.Sprintf("%x", naive{plain}), fmt.Sprintf("% X", naive{plain}), fmt.Sprintf("%+q", naive{plain}),
			fmt.Sprint([]byte(plain)), base64.StdEncoding.EncodeToString([]byte(`"` + plain + `"`)),
		} {
			if leaks(output) == nil {
				t.Errorf("not found in %s", output)
			}
		}
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	keys := ready(t, fixed())
	holder := struct {
		Keys  *Keys
		quiet *Keys
		value Keys
	}{keys, keys, *keys}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("keys", "a", keys, "b", holder)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("keys", "a", keys)
	outputs := map[string]string{"slog": logged.String()}
	for _, x := range []any{keys, *keys, holder, &holder} {
		for way, output := range printings(x) {
			outputs[fmt.Sprintf("%T %s", x, way)] = output
		}
	}
	for way, output := range outputs {
		for _, part := range []string{"9 10 11", "41 42 43", "73 74 75", "090a0b", "292a2b", "494a4b", "CQoL", "deadbeef", ")*+,", "IJK"} {
			if strings.Contains(output, part) {
				t.Errorf("%s shows the keys: %s", way, output)
			}
		}
	}
}

func TestPlainColumnsRefusePersonalValues(t *testing.T) {
	for name, x := range map[string]any{"id": exampleID(t), "phone": examplePhone(t), "name": exampleName(t), "none": Phone{}} {
		if stored, err := driver.DefaultParameterConverter.ConvertValue(x); err == nil {
			t.Errorf("%s would be stored as %v", name, stored)
		}
	}
	var phone Phone
	for _, from := range []any{"13876543210", []byte("138****3210"), nil} {
		if err := sql.Scanner(&phone).Scan(from); err == nil || !phone.IsZero() {
			t.Errorf("%v was read from a plain column", from)
		}
	}
}
