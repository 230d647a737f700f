package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"tongban/internal/clock"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// TestEverySealedColumnIsListed looks at the schema: bytes are either sealed and listed, or no key retires safely.
func TestEverySealedColumnIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, c := range sealedColumns() {
		if listed[c.String()] {
			t.Errorf("%s is listed twice", c)
		}
		listed[c.String()] = true
	}
	s := storetest.Open(t)
	tables, err := s.Read(t.Context()).Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, table := range tables {
		columns, err := s.Read(t.Context()).Migrator().ColumnTypes(table)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			if !strings.Contains(strings.ToUpper(c.DatabaseTypeName()), "BLOB") {
				continue
			}
			found++
			if name := table + "." + c.Name(); !listed[name] {
				t.Errorf("%s holds bytes, and no desk lists it in its SealedColumns", name)
			}
		}
	}
	if found != len(listed) {
		t.Errorf("%d columns of bytes, %d listed", found, len(listed))
	}
}

// TestEverySealedPlaceIsListed looks at the source: whatever place is sealed for is in the list, also where a column is no BLOB.
func TestEverySealedPlaceIsListed(t *testing.T) {
	tables := map[string]bool{}
	for _, c := range sealedColumns() {
		tables[c.Table] = true
	}
	place := regexp.MustCompile(`secret\.Where\{([^}]*)\}`)
	named := regexp.MustCompile(`Table: "([a-z_]+)"`)
	found := 0
	for _, s := range sources(t) {
		if s.test || strings.HasSuffix(s.folder, "test") {
			continue
		}
		for _, m := range place.FindAllStringSubmatch(s.text, -1) {
			if strings.Contains(m[1], "Table: c.Table") { // Reseal itself
				continue
			}
			found++
			if table := named.FindStringSubmatch(m[1]); table == nil || !tables[table[1]] {
				t.Errorf("%s: %s is in no list of sealed columns", s.name, m[0])
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d places found", found)
	}
}

// key is a line of `keys list`.
type key struct{ use, id, algorithm, state string }

func (in installation) listKeys(t *testing.T) (list []key) {
	t.Helper()
	for line := range strings.Lines(in.must(t, "keys", "list")) {
		f := strings.Fields(line)
		list = append(list, key{f[0], f[1], f[2], strings.Join(f[3:], " ")})
	}
	return list
}

// current is the id of the key that is used now.
func (in installation) current(t *testing.T, use string) string {
	t.Helper()
	for _, k := range in.listKeys(t) {
		if k.use == use && k.state == "current" {
			return k.id
		}
	}
	t.Fatalf("no current %s key", use)
	return ""
}

func TestKeysCommands(t *testing.T) {
	in := install(t, "TONGBAN_CIPHER", "sm")
	if got := in.must(t, "keys"); !strings.Contains(got, "keys.json") {
		t.Error(got)
	}
	if _, err := in.do(t, "keys"); err == nil {
		t.Error("the keys were replaced")
	}
	in.must(t, "migrate")
	list := in.listKeys(t)
	if len(list) != 2 || list[0].algorithm != "sm4-gcm" || list[0].state != "current" || list[1].algorithm != "ed25519" {
		t.Errorf("%v", list)
	}
	old, now := list[0].id, in.with("TONGBAN_CIPHER", "aes")
	if got := now.must(t, "keys", "rotate", "data", "--later"); !strings.Contains(got, "keys use ") {
		t.Error(got)
	}
	list = in.listKeys(t)
	if len(list) != 3 || list[1].algorithm != "aes-256-gcm" || !strings.HasPrefix(list[1].state, "published") || in.current(t, "data") != old {
		t.Fatalf("%v", list)
	}
	in.must(t, "keys", "use", list[1].id)
	if in.current(t, "data") != list[1].id {
		t.Error("it is not used")
	}
	for _, args := range [][]string{
		{"list", "x"}, {"rotate"}, {"rotate", "root"}, {"rotate", "data", "now"}, {"use"}, {"use", "none"}, {"retire"}, {"retire", "none"}, {"burn"},
		{"rotate", "data", "--leaked"}, {"retire", list[0].id, "--later"}, {"retire", list[0].id, "--leaked"}, {"retire", list[1].id}, {"retire", list[0].id},
	} {
		if _, err := in.do(t, append([]string{"keys"}, args...)...); err == nil {
			t.Errorf("keys %v is accepted", args)
		}
	}
	if got := in.listKeys(t); len(got) != 3 {
		t.Errorf("a refused act changed the keys: %v", got)
	}
	file, err := os.ReadFile(filepath.Join(in["TONGBAN_DATA"], "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	printed := in.must(t, "keys", "list")
	for _, m := range regexp.MustCompile(`"(?:key|root)": "([^"]+)"`).FindAllStringSubmatch(string(file), -1) {
		if strings.Contains(printed, m[1]) {
			t.Error("the list shows a key")
		}
	}
	in.must(t, "audit", "verify")
}

// kid is the key that signed a token.
func kid(t *testing.T, token string) string {
	t.Helper()
	head, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`"kid":"([^"]+)"`).FindStringSubmatch(string(head))[1]
}

func (s *serving) jwks(t *testing.T) (kids []string) {
	t.Helper()
	set := s.stranger().get(t, "./.well-known/jwks.json")
	for n := range set.at(t, "keys.#").(int) {
		kids = append(kids, set.text(t, fmt.Sprintf("keys.%d.kid", n)))
	}
	return kids
}

// TestKeysChangeWhileServing is the whole life of a data key and a signing key beside two programs that serve and people who
// write without a pause: nothing is lost, nobody is thrown out, and in the end the old keys are gone.
func TestKeysChangeWhileServing(t *testing.T) {
	t.Parallel()
	in, moveTo := rehearsal(t)
	one := in.serve(t)
	two := one // SQLite is for one copy
	if storetest.OnMySQL() {
		two = in.serve(t)
	}
	oldData, oldKid := in.current(t, "data"), in.current(t, "signing")
	crew := newScribes(t, one, two)
	before := one.resident(t, "wu.1", "吴一平", hewan)
	crew.until(t, 3)

	in.with("TONGBAN_CIPHER", "sm").must(t, "keys", "rotate", "data")
	in.must(t, "keys", "rotate", "signing")
	newKid := in.current(t, "signing")
	for _, s := range []*serving{one, two} {
		if err := await(func() bool { return slices.Contains(s.jwks(t), newKid) }); err != nil {
			t.Fatal("the program does not notice the new key")
		}
		if got := s.jwks(t); len(got) != 2 || !slices.Contains(got, oldKid) {
			t.Errorf("JWKS: %v", got)
		}
	}
	// A program may have looked between the two changes of the file, when the new key was known and not in use yet.
	codes := 0
	next := func() string { codes++; return fmt.Sprintf("zheng.%d", codes) }
	inUse := func() bool {
		answer := two.stranger().post(t, "/login/wechat", 200, map[string]string{"code": next()})
		return kid(t, answer.text(t, "access_token")) == newKid
	}
	if err := await(inUse); err != nil {
		t.Fatal("the program does not use the new key")
	}
	after := two.resident(t, next(), "郑六顺", hewan)
	if kid(t, before.token) != oldKid || kid(t, after.token) != newKid {
		t.Errorf("signed with %s and %s", kid(t, before.token), kid(t, after.token))
	}
	before.get(t, "/me").is(t, "name", "吴一平")
	after.get(t, "/me").is(t, "name", "郑六顺")

	if _, err := in.do(t, "keys", "retire", oldData); err == nil {
		t.Fatal("the data key is retired while it is needed")
	}
	if printed := in.must(t, "reseal"); !regexp.MustCompile(`appeals\.text +\d+ values, [1-9]\d* sealed anew`).MatchString(printed) {
		t.Errorf("reseal:\n%s", printed)
	}
	crew.until(t, 3)
	crew.stop(t)
	in.must(t, "reseal")
	printed, err := in.do(t, "keys", "retire", oldData)
	if err == nil || !strings.Contains(printed, "idempotency.answer") || strings.Contains(printed, "reseal`") {
		t.Errorf("all but answers is sealed anew: %v\n%s", err, printed)
	}
	if _, err := in.do(t, "keys", "retire", oldKid); err == nil {
		t.Error("the signing key is retired while its tokens live")
	}

	moveTo(time.Date(2026, 12, 1, 9, 0, 0, 0, clock.Shanghai)) // the answers last seven days
	in.must(t, "keys", "retire", oldData)
	in.must(t, "keys", "retire", oldKid)
	for _, s := range []*serving{one, two} {
		if err := await(func() bool { return slices.Equal(s.jwks(t), []string{newKid}) }); err != nil {
			t.Fatal("the program does not notice that a key is gone")
		}
		for _, c := range []caller{before, after} { // the program's clock follows within a second
			refused := func() bool {
				got, err := s.stranger().as(c).send("GET", base+"/me", "", nil, "")
				return err == nil && got.status == 401
			}
			if err := await(refused); err != nil {
				t.Error("eight days later the token is still good")
			}
		}
	}
	for _, s := range []*serving{one, two} {
		crew.read(t, s)
	}
	if got := in.listKeys(t); len(got) != 2 || got[0].algorithm != "sm4-gcm" {
		t.Errorf("%v", got)
	}
	nothingLost(t, in)
	in.must(t, "fsck")
	in.must(t, "audit", "verify")
}

// as is this place with somebody else's token.
func (c caller) as(other caller) caller {
	c.token = other.token
	return c
}

// nothingLost opens every sealed value with the keys that are left.
func nothingLost(t *testing.T, in installation) {
	t.Helper()
	s := in.open(t)
	defer s.Close()
	opened := 0
	for _, c := range sealedColumns() {
		if c.Brief {
			continue
		}
		var rows []map[string]any
		if err := s.Read(t.Context()).Table(c.Table).Select("id, " + c.Column + " AS value").Where(c.Column + " IS NOT NULL").Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			value := row["value"].([]byte)
			if _, err := s.Keys().Open(secret.Where{Table: c.Table, Column: c.Column, Row: fmt.Sprint(row["id"])}, value); err != nil {
				t.Errorf("%s of %v: %v", c, row["id"], err)
			}
			if !s.Keys().Fresh(value) {
				t.Errorf("%s of %v is sealed with an old key", c, row["id"])
			}
			opened++
		}
	}
	if opened < 20 {
		t.Errorf("only %d values", opened)
	}
}

// scribes are residents who hand in appeals one after the other.
type scribes struct {
	mu    sync.Mutex
	texts map[string]string // appeal → its words
	whose map[string]string // appeal → the resident's phone's owner, as WeChat knows him
	ended chan struct{}
	all   sync.WaitGroup
}

var scribeNames = map[string]string{"zhou": "周三元", "feng": "冯四季", "chu": "褚五丰"}

func newScribes(t *testing.T, at ...*serving) *scribes {
	t.Helper()
	crew := &scribes{texts: map[string]string{}, whose: map[string]string{}, ended: make(chan struct{})}
	n := 0
	for phone, name := range scribeNames {
		who := at[n%len(at)].resident(t, phone+".1", name, xinglin)
		n++
		crew.all.Go(func() { crew.write(t, phone, who) })
	}
	t.Cleanup(func() { crew.stop(t) })
	return crew
}

// write hands in appeals until he is told to stop, or his day's share is used up.
func (c *scribes) write(t *testing.T, phone string, who caller) {
	for n := 1; ; n++ {
		select {
		case <-c.ended:
			return
		case <-time.After(time.Second):
		}
		text := fmt.Sprintf("第%d盏路灯不亮了，%s报", n, phone)
		body := fmt.Sprintf(`{"class":"help","text":"%s","place":"老槐树旁第%d号杆","identity":"to_handler"}`, text, n)
		hand := func(key string) (answer, error) {
			return who.send("POST", base+"/appeals", "application/json", []byte(body), key)
		}
		key := uuid.NewString()
		got, err := hand(key)
		for tries := 0; tries < 5 && err == nil && got.status == 503 && strings.Contains(string(got.body), `"request.busy"`); tries++ { // a busy machine
			time.Sleep(time.Second)
			got, err = hand(key)
		}
		switch {
		case err != nil:
			t.Errorf("%s: %v", phone, err)
			return
		case got.status == 429: // his day's share is used up
			return
		case got.status != 201:
			t.Errorf("%s: %d %s", phone, got.status, got.body)
			return
		}
		id := got.text(t, "id")
		c.mu.Lock()
		c.texts[id], c.whose[id] = text, phone
		c.mu.Unlock()
	}
}

// until waits until so many more were handed in.
func (c *scribes) until(t *testing.T, more int) {
	t.Helper()
	count := func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.texts)
	}
	start := count()
	if err := await(func() bool { return count() >= start+more }); err != nil {
		t.Fatalf("nobody writes any more: %d appeals", count())
	}
}

func (c *scribes) stop(t *testing.T) {
	t.Helper()
	select {
	case <-c.ended:
	default:
		close(c.ended)
	}
	c.all.Wait()
}

// read has everybody log in again and read his words.
func (c *scribes) read(t *testing.T, s *serving) {
	t.Helper()
	nobody := s.stranger()
	for phone, name := range scribeNames {
		who := nobody.with(t, nobody.post(t, "/login/wechat", 200, map[string]string{"code": phone + "." + uuid.NewString()}))
		who.get(t, "/me").is(t, "name", name)
		for id, of := range c.whose {
			if of == phone {
				who.get(t, "/appeals/"+id).is(t, "text", c.texts[id])
			}
		}
	}
	if len(c.texts) < 6 {
		t.Errorf("only %d appeals were handed in", len(c.texts))
	}
}

// Without its keys a database can only be misunderstood: no sub-command makes others beside it, and none works with others.
func TestADatabaseIsOpenedWithItsOwnKeysOnly(t *testing.T) {
	in := install(t)
	in.must(t, "migrate")
	in.must(t, "seed", "--residents", "1", "--appeals", "0")
	file := filepath.Join(in["TONGBAN_DATA"], "keys.json")
	own, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := func() {
		t.Helper()
		for _, command := range [][]string{{"fsck"}, {"audit", "verify"}, {"migrate"}, {"serve"}} {
			if _, err := in.do(t, command...); !errors.Is(err, store.ErrForeignKeys) {
				t.Errorf("%v: %v", command, err)
			}
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	refused()
	if _, err := os.Stat(file); err == nil {
		t.Error("new keys were made")
	}
	in.must(t, "keys") // of another installation
	refused()
	if err := os.WriteFile(file, own, 0o600); err != nil {
		t.Fatal(err)
	}
	in.must(t, "fsck")
}
