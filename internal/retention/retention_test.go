package retention

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/courier"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/locker"
	"tongban/internal/notice"
	"tongban/internal/offline"
	"tongban/internal/rating"
	"tongban/internal/rights"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
	"tongban/internal/wechat"
)

func all() []store.Perishable {
	return slices.Concat(account.Perishables, family.Perishables, notice.Perishables, locker.Perishables, appeal.Perishables, casework.Perishables, errand.Perishables, offline.Perishables, rating.Perishables, rights.Perishables, courier.Perishables, wechat.Perishables, county.Perishables)
}

func demo(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../config/county/" + File)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readText(text string) ([]Rule, error) {
	return Read(fstest.MapFS{File: &fstest.MapFile{Data: []byte(text)}}, all())
}

// TestEveryTableDecides: what a table holds is given up after its time, or it is said why it stays.
func TestEveryTableDecides(t *testing.T) {
	tables, err := storetest.Open(t).Read(t.Context()).Migrator().GetTables()
	if err != nil || len(tables) < 30 {
		t.Fatalf("%v %v", tables, err)
	}
	classes, parts := map[string]string{}, map[string]bool{}
	for _, p := range all() {
		classes[p.Table] = p.Code
		for _, part := range p.With {
			parts[part.Of] = true
		}
	}
	for _, table := range tables {
		if strings.HasPrefix(table, "sqlite_") {
			continue
		}
		switch why, stays := Stays[table]; {
		case classes[table] == "" && !stays:
			t.Errorf("%s: how long is it kept? Put it into a class of its desk's Perishables, or into Stays with the reason", table)
		case classes[table] != "" && stays:
			t.Errorf("%s stays, and is in the class %s", table, classes[table])
		case stays && why == "":
			t.Errorf("%s stays without a reason", table)
		}
	}
	for table := range maps.Keys(Stays) {
		if !slices.Contains(tables, table) {
			t.Errorf("%s stays, and is not there", table)
		}
	}
	for table := range parts {
		if !slices.Contains(tables, table) {
			t.Errorf("%s goes with another table, and is not there", table)
		}
	}
}

// TestClassesHaveTheirBounds: each has words that the file can say, and every dispute that it asks for is known.
func TestClassesHaveTheirBounds(t *testing.T) {
	seen := map[string]int{}
	for i, p := range all() {
		if _, twice := seen[p.Code]; twice || moments[p.Since] == "" || len(p.Keys) == 0 || p.At == "" || p.Due == nil {
			t.Errorf("%+v", p)
		}
		seen[p.Code] = i
		if !p.Deletes() && len(p.Keys) != 1 {
			t.Errorf("%s is cleared by one key", p.Code)
		}
		if at, known := seen[p.ToldBy]; p.ToldBy != "" && (!known || at > i) {
			t.Errorf("%s: %s comes before it", p.Code, p.ToldBy)
		}
		for _, about := range p.About {
			if together(appeal.Disputes(), casework.Disputes())[about.Of] == nil {
				t.Errorf("%s: nobody knows of disputes about %s", p.Code, about.Of)
			}
		}
	}
	for code := range floors {
		if _, known := seen[code]; !known {
			t.Errorf("a floor for %s, which there is not", code)
		}
	}
}

func TestKeep(t *testing.T) {
	for _, c := range []struct{ keep, now, before string }{
		{"1d", "2027-01-01 00:00:00", "2026-12-31 00:00:00"},
		{"180d", "2026-11-23 09:00:00", "2026-05-27 09:00:00"},
		{"6m", "2026-11-23 09:00:00", "2026-05-23 09:00:00"},
		{"6m", "2026-08-31 23:59:59", "2026-02-28 23:59:59"},
		{"6m", "2028-08-31 12:00:00", "2028-02-29 12:00:00"},
		{"13m", "2027-01-31 12:00:00", "2025-12-31 12:00:00"},
		{"5y", "2028-02-29 10:00:00", "2023-02-28 10:00:00"},
		{"4y", "2028-02-29 10:00:00", "2024-02-29 10:00:00"},
		{"1y", "2027-11-23 00:00:00", "2026-11-23 00:00:00"},
	} {
		k, ok := ParseKeep(c.keep)
		now, err := time.ParseInLocation(time.DateTime, c.now, clock.Shanghai)
		if got := k.Before(now).In(clock.Shanghai).Format(time.DateTime); !ok || err != nil || got != c.before || k.String() != c.keep {
			t.Errorf("%s at %s is %s, want %s (%v)", c.keep, c.now, got, c.before, err)
		}
	}
	for _, wrong := range []string{"", "0d", "-1d", "1", "d", "1w", "1h", "01d", "99999d", "1.5y", "1Y", "１d", "forever ", "永久"} {
		if _, ok := ParseKeep(wrong); ok {
			t.Errorf("%q is a term", wrong)
		}
	}
	for _, c := range []struct {
		a, b    string
		shorter bool
	}{
		{"180d", "6m", true}, {"183d", "6m", true}, {"184d", "6m", false}, {"6m", "180d", false}, {"12m", "1y", false}, {"1y", "12m", false},
		{"1825d", "5y", true}, {"1827d", "5y", false}, {"forever", "5y", false}, {"99y", "forever", true}, {"forever", "forever", false}, {"1d", "1d", false},
	} {
		a, _ := ParseKeep(c.a)
		b, _ := ParseKeep(c.b)
		if got := a.shorterThan(b); got != c.shorter {
			t.Errorf("%s shorter than %s: %v", c.a, c.b, got)
		}
	}
}

func TestTheDemosRules(t *testing.T) {
	rules, err := readText(demo(t))
	if err != nil || len(rules) != len(all()) {
		t.Fatalf("%d rules: %v", len(rules), err)
	}
}

// TestWrongRulesAreNamed: each mistake with file and line, and none of them passes.
func TestWrongRulesAreNamed(t *testing.T) {
	good := demo(t)
	line := func(text, part string) int { return strings.Count(text[:strings.Index(text, part)], "\n") + 1 }
	at := func(part string) string { return fmt.Sprintf("%s:%d: ", File, line(good, part)) }
	for _, c := range []struct{ name, old, new, want string }{
		{"shorter than the law", "keep: 6m\n  from: over\n  do: delete\n  basis: 网络", "keep: 180d\n  from: over\n  do: delete\n  basis: 网络", at("keep: 6m") + "session.over 不能少于 6m：网络安全法"},
		{"no term", "keep: 7d", "keep: 一周", at("keep: 7d") + "keep 要写成"},
		{"a term of nothing", "keep: 7d", "keep: 0d", at("keep: 7d") + "keep 要写成"},
		{"another moment", "from: used", "from: made", at("from: used") + "device.unused 的 from 是 used（从最后一次使用算起）"},
		{"another deed", "do: clear", "do: delete", at("do: clear") + "appeal.over 的 do 是 clear"},
		{"a class that is not", "code: notice.made", "code: notice.mode", at("code: notice.made") + "没有 notice.mode 这一类"},
		{"a class that is missing", "code: notice.made", "code: notice.mode", File + ":1: 缺 notice.made 这一类"},
		{"a class twice", "code: device.unused", "code: session.over", at("code: device.unused") + "session.over 和第"},
		{"a key that is not", "basis: 国办发", "bases: 国办发", "没有 bases 这个键"},
		{"a key that is missing", "  basis: 国办发〔2019〕51号；个人信息保护法第十九条\n", "", "缺 basis"},
		{"a key twice", "keep: 7d", "keep: 7d\n  keep: 8d", "keep"},
		{"a key without a value", "keep: 7d", "keep:", at("keep: 7d") + "keep 没有写"},
		{"a person who is kept longer than what tells of him", "keep: 6m\n  from: used\n  do: delete\n  basis: 个人信息保护法第四十七条", "keep: 7m\n  from: used\n  do: delete\n  basis: 个人信息保护法第四十七条",
			at("code: person.unnamed") + "person.unnamed 不能比 session.over 保存得久"},
		{"no list", good, "keep: 1d\n", File + ":1: 要写成列表"},
		{"nothing", good, "", File + ":1: 写法不对"},
		{"an entry of words", good, "- 180d\n", File + ":1: 每类要写明"},
		{"no YAML", "- code: notice.made", "- code: [notice.made", "写法不对"},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: %q is not there", c.name, c.old)
		}
		_, err := readText(strings.Replace(good, c.old, c.new, 1))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), File+":") {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	// No class may be kept for less than its floor.
	for code, f := range floors {
		text := regexpKeep(good, code, "1d")
		if _, err := readText(text); err == nil || !strings.Contains(err.Error(), code+" 不能少于 "+f.keep) {
			t.Errorf("%s for a day: %v", code, err)
		}
		if _, err := readText(regexpKeep(good, code, "forever")); err != nil && !strings.Contains(err.Error(), "保存得久") {
			t.Errorf("%s for ever: %v", code, err)
		}
	}
}

// regexpKeep gives one class of the file another term.
func regexpKeep(text, code, keep string) string {
	before, after, _ := strings.Cut(text, "- code: "+code+"\n")
	head, rest, _ := strings.Cut(after, "  keep: ")
	_, rest, _ = strings.Cut(rest, "\n")
	return before + "- code: " + code + "\n" + head + "  keep: " + keep + "\n" + rest
}

func keeper(t *testing.T, s *store.Store) *Keeper {
	t.Helper()
	rules, err := readText(demo(t))
	if err != nil {
		t.Fatal(err)
	}
	return New(s, rules, appeal.Disputes(), casework.Disputes())
}

// leave makes notices that hold a text which can be found in the file.
func leave(t *testing.T, s *store.Store, n int) {
	t.Helper()
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		var rows []map[string]any
		for range n {
			id := tx.NewID()
			rows = append(rows, map[string]any{
				"id": id, "number": id[:24], "code": uuid.NewString()[:12], "query_mac": "mac", "item": "item", "version": 1, "answers": []byte(canary + id),
				"county": "219901", "town": "219901101", "village": "219901101201", "created_at": tx.Now,
			})
		}
		return tx.Table("notices").CreateInBatches(rows, 200).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

const canary = "canary-of-the-notice-"

func rows(t *testing.T, s *store.Store, table, condition string, args ...any) (n int64) {
	t.Helper()
	if err := s.Read(t.Context()).Table(table).Where(condition, args...).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// TestBatches: at most so many rows in a transaction, each with its row in the trail, which says how many; and the chain is sound.
func TestBatches(t *testing.T) {
	s := storetest.Open(t)
	leave(t, s, 2*batch+1)
	s.Clock().Set(storetest.Monday.AddDate(1, 0, 0).Add(time.Second))
	leave(t, s, 3) // of today
	done, err := keeper(t, s).Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := done[slices.IndexFunc(done, func(c Cleared) bool { return c.Code == "notice.made" })].Rows; n != 2*batch+1 {
		t.Errorf("%d rows were given up", n)
	}
	var bodies []string
	if err := s.Read(t.Context()).Table("trail").Where("object = ?", "notice.made").Order("seq").Pluck("body", &bodies).Error; err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`"to":"500"`, `"to":"500"`, `"to":"1"`} {
		if len(bodies) != 3 || !strings.Contains(bodies[i], want) || !strings.Contains(bodies[i], `"why":"1y"`) {
			t.Fatalf("the trail says %v", bodies)
		}
	}
	if n := rows(t, s, "notices", "1 = 1"); n != 3 {
		t.Errorf("%d notices are left", n)
	}
	if _, err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestCutOff: a round that is stopped between batches, or whose statement fails in one, has done whole batches; the next goes on.
func TestCutOff(t *testing.T) {
	s := storetest.Open(t)
	leave(t, s, 3*batch)
	s.Clock().Set(storetest.Monday.AddDate(2, 0, 0))
	k := keeper(t, s)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	batches := 0
	due := k.rules[slices.IndexFunc(k.rules, func(r Rule) bool { return r.class.Code == "notice.made" })].class.Due
	for i := range k.rules {
		if k.rules[i].class.Code == "notice.made" {
			k.rules[i].class.Due = counting(due, func() {
				if batches++; batches == 2 {
					stop()
				}
			})
		}
	}
	if err := k.Round(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("a round that was stopped: %v", err)
	}
	left := rows(t, s, "notices", "1 = 1")
	if left == 0 || left == 3*batch || left%batch != 0 {
		t.Errorf("%d notices are left", left)
	}
	if n := rows(t, s, "trail", "object = 'notice.made'"); n != 3-left/batch {
		t.Errorf("%d rows of the trail for %d batches", n, 3-left/batch)
	}

	// A lease that went to somebody else stops a round that wakes up late.
	fence, err := s.Hold(t.Context(), "round.retention", "one", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Hold(t.Context(), "round.retention", "one", time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := k.Round(store.WithFence(t.Context(), "round.retention", fence)); !errors.Is(err, store.ErrFenced) {
		t.Errorf("a round without its lease: %v", err)
	}
	if n := rows(t, s, "notices", "1 = 1"); n != left {
		t.Errorf("it left %d of %d", n, left)
	}
	if err := k.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, s, "notices", "1 = 1"); n != 0 {
		t.Errorf("%d notices are left", n)
	}
}

// TestManyAtOnce: rounds of many replicas and the command give up each row once.
func TestManyAtOnce(t *testing.T) {
	s := storetest.Open(t)
	leave(t, s, 3*batch)
	s.Clock().Set(storetest.Monday.AddDate(2, 0, 0))
	k := keeper(t, s)
	results := make(chan int64)
	for range 4 {
		go func() {
			done, err := k.Apply(context.WithoutCancel(t.Context()))
			if err != nil {
				t.Error(err)
			}
			n := int64(0)
			for _, c := range done {
				n += c.Rows
			}
			results <- n
		}()
	}
	total := int64(0)
	for range 4 {
		total += <-results
	}
	if left := rows(t, s, "notices", "1 = 1"); total != 3*batch || left != 0 {
		t.Errorf("%d were given up, %d are left", total, left)
	}
}

// TestGoneFromTheFile: what was given up stands neither in SQLite's file nor in its log.
func TestGoneFromTheFile(t *testing.T) {
	s, options := storetest.Fresh(t)
	if s.Engine() != "sqlite" {
		return // InnoDB overwrites freed pages when it needs them: decision 29
	}
	leave(t, s, 700)
	file := storetest.File(options.Database)
	found := func() (n int) {
		for _, name := range []string{file, file + "-wal"} {
			text, err := os.ReadFile(name)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			n += bytes.Count(text, []byte(canary))
		}
		return n
	}
	if n := found(); n < 700 {
		t.Fatalf("%d canaries before", n)
	}
	s.Clock().Set(storetest.Monday.AddDate(1, 0, 1))
	if _, err := keeper(t, s).Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := found(); n != 0 {
		t.Errorf("%d canaries are still there", n)
	}
}
