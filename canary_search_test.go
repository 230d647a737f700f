//go:build !race

package main

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/redis/go-redis/v9"

	"tongban/internal/store"
)

// A canary is an invented person whose name, phone and ID number hold stems that stand nowhere else in the world of a test.
// Whoever finds a stem has found more than a mask shows.
const (
	nameStem  = "𠄁𪜁"       // two characters outside the BMP, after the surname
	phoneStem = "19973164" // the middle four of a phone are never shown
	idStem    = "19870413" // the birth date in the number
	bornStem  = "1987-04-13"
)

type canary struct{ name, phone, number string }

func canaryOf(n int) canary {
	body := fmt.Sprintf("219901%s%03d", idStem, n)
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(body[i]-'0')
	}
	return canary{"钟" + nameStem + string(rune(0x20100+n)), fmt.Sprintf("%s%03d", phoneStem, n), body + "10X98765432"[sum%11:sum%11+1]}
}

// words hold all that a canary has, as people write it into a text.
func (c canary) words() string {
	return fmt.Sprintf("我叫%s，电话%s，身份证%s，村口的路灯不亮了", c.name, c.phone, c.number)
}

// ownValues stands for what is the one resident's own who logs in, or for whom a clerk prints, in a page.
const ownValues = "own"

func withoutOwn(shown []byte, route string) []byte {
	own, first := canaryOf(canaries), canaryOf(0)
	values := []string{own.name, own.phone, own.number}
	switch route {
	case "printCopy": // the first one's, with what was typed into his matters: the other one's values
		values = append(values, first.name, first.phone, first.number)
	case "exportErrands": // in full: who entrusted, and who signed for him
		values = []string{own.name, first.name}
	}
	for _, value := range values {
		shown = bytes.ReplaceAll(shown, []byte(value), nil)
	}
	return shown
}

// stems in every form in which programs write strings.
var stems = func() map[string][]byte {
	all := map[string][]byte{}
	for what, stem := range map[string]string{"name": nameStem, "phone": phoneStem, "ID number": idStem, "birth date": bornStem} {
		plain := []byte(stem)
		all[what] = plain
		all[what+" in hex"] = []byte(hex.EncodeToString(plain))
		all[what+" in HEX"] = []byte(strings.ToUpper(hex.EncodeToString(plain)))
		for shift := range 3 { // base64, however it begins
			text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), plain...))
			all[fmt.Sprintf("%s in base64 %d", what, shift)] = []byte(text[(shift*8+5)/6 : (shift+len(plain))*8/6])
		}
		var wide, escaped, quoted []byte
		for _, r := range stem {
			quoted = fmt.Appendf(quoted, `\U%08x`, r)
		}
		for _, u := range utf16.Encode([]rune(stem)) {
			wide = append(wide, byte(u), byte(u>>8))
			escaped = fmt.Appendf(escaped, `\u%04x`, u)
		}
		all[what+" in UTF-16"], all[what+" escaped"] = wide, escaped
		all[what+" quoted"] = quoted
		if query := url.QueryEscape(stem); query != stem {
			all[what+" in an address"], all[what+" in an address, small"] = []byte(query), []byte(strings.ToLower(query))
		}
	}
	return all
}()

// canariesIn names the stems that a text holds.
func canariesIn(text []byte) (found []string) {
	for what, stem := range stems {
		if bytes.Contains(text, stem) {
			found = append(found, what)
		}
	}
	slices.Sort(found)
	return found
}

// search looks into places and collects what it found.
type search struct {
	looked map[string]int // bytes by place
	found  []string
}

func (s *search) look(place string, text []byte) {
	if s.looked == nil {
		s.looked = map[string]int{}
	}
	s.looked[place] += len(text)
	if found := canariesIn(text); len(found) > 0 {
		s.found = append(s.found, fmt.Sprintf("%s: %s", place, strings.Join(found, ", ")))
	}
}

// folder looks into every file of the data folder: database, write-ahead log, photos, keys.
func (s *search) folder(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		s.look("file "+filepath.Base(path), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tables looks at every value of every table as SELECT gives it.
func (s *search) tables(t *testing.T, st *store.Store) {
	t.Helper()
	names, err := st.Read(t.Context()).Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		var rows []map[string]any
		if err := st.Read(t.Context()).Table(name).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		for _, row := range rows {
			for _, column := range slices.Sorted(maps.Keys(row)) {
				switch value := row[column].(type) {
				case []byte:
					text.Write(value)
				default:
					fmt.Fprint(&text, value)
				}
				text.WriteByte('\n')
			}
		}
		s.look("table "+name, text.Bytes())
	}
}

// dump makes a copy of a SQLite database, as a backup does, and looks into it.
func (s *search) dump(t *testing.T, database string) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "dump.db")
	db, err := sql.Open("sqlite", database)
	noFault(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "VACUUM INTO '"+to+"'")
	noFault(t, err)
	content, err := os.ReadFile(to)
	noFault(t, err)
	s.look("dump", content)
}

// redis looks at every key and value.
func (s *search) redis(t *testing.T, client *redis.Client) {
	t.Helper()
	ctx := t.Context()
	keys := client.Scan(ctx, 0, "*", 1000).Iterator()
	for keys.Next(ctx) {
		key := keys.Val()
		s.look("redis keys", []byte(key))
		if value, err := client.Get(ctx, key).Bytes(); err == nil {
			s.look("redis values", value)
		} else if all, err := client.HGetAll(ctx, key).Result(); err == nil {
			s.look("redis values", fmt.Append(nil, all))
		} else if list, err := client.LRange(ctx, key, 0, -1).Result(); err == nil {
			s.look("redis values", fmt.Append(nil, list))
		} else if err := client.Exists(ctx, key).Err(); err != nil { // it may have ended meanwhile
			t.Fatal(err)
		}
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
}

// without is a JSON answer without the values of these fields, wherever they stand.
func without(t *testing.T, body []byte, fields []string) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	var prune func(any)
	prune = func(v any) {
		switch in := v.(type) {
		case map[string]any:
			for name, inner := range in {
				if slices.Contains(fields, name) {
					delete(in, name)
					continue
				}
				prune(inner)
			}
		case []any:
			for _, inner := range in {
				prune(inner)
			}
		}
	}
	prune(v)
	rest, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return rest
}

func encode64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func noFault(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestCanariesAreFoundInEveryForm: in whatever way a program writes a string, the search knows it; masks it does not mind.
func TestCanariesAreFoundInEveryForm(t *testing.T) {
	c := canaryOf(7)
	for what, value := range map[string]string{"name": c.name, "phone": c.phone, "ID number": c.number, "birth date": bornStem} {
		quoted, err := json.Marshal(value)
		noFault(t, err)
		forms := []string{value, string(quoted), fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), fmt.Sprintf("%+q", value), url.QueryEscape(value)}
		for lead := range 3 {
			forms = append(forms, encode64(strings.Repeat("x", lead)+value))
		}
		for n, form := range forms {
			if len(canariesIn([]byte("before "+form+" after"))) == 0 {
				t.Errorf("%s, form %d is not found: %s", what, n, form)
			}
		}
	}
	for _, masked := range []string{"钟***", "199****4007", "**************" + c.number[14:]} {
		if found := canariesIn([]byte(masked)); len(found) > 0 {
			t.Errorf("%s: %q", masked, found)
		}
	}
}
