package api

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/courier"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// matrix is a house in which everybody asks for everything.
type matrix struct {
	*house
	callers  []caller
	subjects []*subject
	objects  map[string]string // thing, relation and, where it depends on him, the caller
	words    map[string]string
	picture  []byte
	state    flow.State // of all appeals, just now
	asked    int
}

// caller is somebody who asks: a role's player, nobody, or somebody with a token that is not good.
type caller struct {
	name   string
	role   access.Role // empty without a good token
	forged bool
	token  string // forged
}

func (c caller) bearer(t testing.TB, h *house) string {
	t.Helper()
	if c.role != "" {
		return h.token(t, c.name)
	}
	return c.token
}

// players of the roles. Those of a town's own centre show where a scope ends.
var players = map[access.Role]string{
	access.Resident: "zhang", access.Clerk: "clerk-xinglin", access.GridWorker: "grid-xinglin", access.Dispatcher: "dispatcher-liuquan",
	access.Officer: "officer-civil", access.FollowUp: "follow-up-liuquan", access.Supervisor: "supervisor-liuquan",
}

func openMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{house: openFull(t), objects: map[string]string{}, picture: jpegOf(t, 8, 8)}
	for _, role := range access.Roles() {
		who := players[role]
		if who == "" {
			who = others[role]
		}
		if m.actor(t, who).Role != role {
			t.Fatalf("%s does not act as %s", who, role)
		}
		m.callers = append(m.callers, caller{name: who, role: role})
	}
	m.callers = append(m.callers, caller{name: "nobody"})
	for name, token := range m.forge(t, m.token(t, "supervisor-liuquan")) {
		m.callers = append(m.callers, caller{name: name, forged: true, token: token})
	}
	for _, prepare := range []func(*testing.T){m.settle, m.help, m.houseUp, m.handIn, m.apply, m.store, m.entrust, m.deputize, m.leave, m.own, m.end} {
		prepare(t)
	}
	m.countWrites(t)
	return m
}

// place puts an object where the rules find it; to is empty, or the one caller for whom it stands there.
func (m *matrix) place(of thing, rel relation, to, id string) {
	m.objects[string(of)+"|"+string(rel)+"|"+to] = id
}

func (m *matrix) object(of thing, rel relation, c caller) string {
	for _, to := range []string{c.name, ""} {
		if id, found := m.objects[string(of)+"|"+string(rel)+"|"+to]; found {
			return id
		}
	}
	return someID
}

// settle lets the villagers say where they live.
func (m *matrix) settle(t *testing.T) {
	t.Helper()
	newcomer := m.actor(t, "newcomer").Person
	for i, v := range []struct {
		rel       relation
		who, grid string
	}{{his, "zhang", xinglin + "02"}, {neighbours, "li", xinglin + "01"}, {elsewhere, "wang", hewan + "01"}, {faraway, "zhao", songling + "01"}} {
		phone := "1380000000" + string(rune('1'+i))
		m.tellMore(t, v.who, phone, v.grid)
		id := m.actor(t, v.who).Person
		m.place(aResident, v.rel, "", id)
		m.place(anApplicant, v.rel, "", id)
		m.place(aPhone, v.rel, "", phone)
	}
	for rel, by := range map[relation][3]string{
		his: {"clerk-xinglin", xinglin, "02"}, neighbours: {"clerk-xinglin", xinglin, "01"}, elsewhere: {"clerk-hewan", hewan, "01"}, faraway: {"clerk-songling", songling, "01"},
	} {
		body := `{"name":"老人","village":"` + by[1] + `","grid":"` + by[1] + by[2] + `",` + spoken + `}`
		m.place(aRegistered, rel, "", read[residentView](t, m.must(t, by[0], 201, "POST", "/residents", body)).ID)
	}
	m.place(aRegistered, unplaced, "", newcomer)
	m.place(aResident, unplaced, "", newcomer)
	m.place(anApplicant, unplaced, "", newcomer)
	m.place(aPhone, unknown, "", "13800000009")
	for rel, village := range map[relation]string{his: xinglin, elsewhere: hewan, faraway: songling, unknown: xinglin[:10] + "99"} {
		m.place(aVillage, rel, "", village)
	}
}

// help lets the villagers help each other, and none of it shows zhang an appeal: the neighbour's relation to him is over, wang's
// shows only what zhang hands in, zhao's last day is past, and somebody else helps zhao.
func (m *matrix) help(t *testing.T) {
	t.Helper()
	m.prove(t, "qian", "13800000008")
	m.prove(t, "zhang", "13800000001")
	for rel, who := range map[relation]string{his: "zhang", neighbours: "li", elsewhere: "wang", faraway: "zhao"} {
		over := m.askHelp(t, who, "13922220000", "all")
		m.must(t, who, 200, "POST", "/actings/"+over+"/end", "")
		m.place(anActing, rel, "", over)
		m.place(aCorrection, rel, "", m.askBack(t, who))
	}
	m.confirmHelp(t, "qian", m.askHelp(t, "zhao", "13800000008", "all"))
	m.confirmHelp(t, "zhang", m.askHelp(t, "wang", "13800000001", "filed"))
	ended, past := m.askHelp(t, "li", "13800000001", "all"), m.askHelp(t, "zhao", "13800000001", "all")
	m.confirmHelp(t, "zhang", ended)
	m.must(t, "li", 200, "POST", "/actings/"+ended+"/end", "")
	m.confirmHelp(t, "zhang", past)
	err := m.Store.Write(t.Context(), access.Round(xinglin), func(tx *store.Tx) error {
		return tx.Table("actings").Where("id = ?", past).UpdateColumns(map[string]any{"valid_until": "2026-11-22"}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// handIn hands in the appeals: the neighbour's lies open to nobody, and the others would, were they not elsewhere, or about
// somebody.
func (m *matrix) handIn(t *testing.T) {
	t.Helper()
	put := func(rel relation, to string, s *subject) *subject {
		s.photo = m.keep(t, s.by)
		m.hand(t, s)
		m.subjects = append(m.subjects, s)
		m.place(anAppeal, rel, to, s.id)
		m.place(aPhoto, rel, to, s.photo)
		m.place(aSlip, rel, to, s.number)
		return s
	}
	mine := put(his, "", ordinary())
	put(neighbours, "", &subject{by: "li", grid: xinglin + "02", identity: appeal.ToHandler, office: "water", officer: "officer-water"})
	put(elsewhere, "", &subject{by: "clerk-hewan", whose: "wang", grid: hewan + "01", identity: appeal.Public, office: "water", officer: "officer-water"})
	put(faraway, "", &subject{by: "clerk-songling", whose: "zhao", grid: songling + "01", identity: appeal.Public, office: "water", officer: "officer-water"})
	m.tellMore(t, "wu", "13800000007", xinglin+"01")
	put(deleted, "", &subject{by: "wu", grid: xinglin + "01", identity: appeal.ToHandler, office: "water", officer: "officer-water"})
	about := func(person, office string) *subject {
		s := ordinary()
		s.by, s.aboutPerson, s.aboutOffice, s.officer = "deputy-xinglin", person, office, "officer-civil-2"
		return s
	}
	put(ofOffice, "", about("", "shiqiao-centre"))
	put(ofHim, "", about("clerk-xinglin", ""))
	for role, who := range players {
		if role == access.Resident || role == access.Clerk {
			continue
		}
		s := about(who, "")
		if role == access.Officer { // his own office cannot get it
			s.office, s.officer = "water", "officer-water"
		}
		put(ofHim, who, s)
	}
	put(ofHim, others[access.AuditAdmin], about(others[access.AuditAdmin], ""))
	m.words = m.wordsOf(t, mine, someID)
	m.words["helper"] = read[residentView](t, m.must(t, "clerk-xinglin", 201, "POST", "/residents", `{"name":"帮手","village":"`+xinglin+`",`+spoken+`}`)).ID
	m.words["slip_code"], m.words["password"], m.words["phone"] = mine.queryCode, account.DemoPassword(m.Store.Keys()), "13800000001"
}

// apply makes a draft and a submitted case in each relation: what the neighbour hands in himself is none of the clerk's, and
// the faraway one is handled by its town's centre.
func (m *matrix) apply(t *testing.T) {
	t.Helper()
	for rel, of := range map[relation]matter{
		his: {by: "clerk-xinglin", whose: "zhang", item: claim}, neighbours: {by: "li", item: claim},
		elsewhere: {by: "clerk-hewan", whose: "wang", item: claim}, faraway: {by: "clerk-songling", whose: "zhao", item: relief},
		deleted: {by: "wu", item: claim},
	} {
		begun, handed := of, of
		m.place(aDraft, rel, "", m.draft(t, &begun).id)
		handed.photo = m.keep(t, of.by)
		m.walkCase(t, m.draft(t, &handed), casework.Submit)
		m.place(aCase, rel, "", handed.id)
		m.place(aCasePhoto, rel, "", handed.photo)
		m.place(aCaseSlip, rel, "", handed.number)
		m.differs(t, handed.id, handed.number)
		if rel == faraway { // nobody of the matrix sees it
			continue
		}
		m.walkCase(t, &handed, casework.Receive)
		receipt := read[caseDocumentsView](t, m.must(t, of.by, 200, "GET", "/cases/"+handed.id+"/documents", "")).Documents[0]
		m.place(aReceipt, rel, "", receipt.ID)
		switch rel {
		case his:
			m.words["case_code"] = handed.queryCode
			m.place(aDocument, his, "", strings.TrimPrefix(receipt.Check, "/d/"))
		case deleted: // nobody closes his account with a case open
			m.walkCase(t, &handed, casework.Withdraw)
		}
	}
	m.differs(t, "", "BJ-strange")
	m.place(aDocument, unknown, "", rand.Text())
	m.place(aCaseSlip, unknown, "", "BJ0000000000000000")
}

// differs leaves behind what a night's comparison with the county's platform found; of no case when only the platform knows it.
func (m *matrix) differs(t *testing.T, id, number string) {
	t.Helper()
	err := m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table("case_differences").Create(map[string]any{
			"id": tx.NewID(), "open_key": "state_differs " + number, "kind": "state_differs", "ref": number, "case_id": id, "our_state": "received", "their_state": "granted",
			"our_number": "", "their_number": "XZ1", "found_at": tx.Now, "seen_at": tx.Now, "pulled": false,
		}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// leave leaves behind what else can be asked for.
func (m *matrix) leave(t *testing.T) {
	t.Helper()
	if w := m.callback(t, callbackPath, countyNews, m.clock.Now()); w.Code != 200 {
		t.Fatalf("the county's news: %d %s", w.Code, w.Body)
	}
	err := m.Store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { // the last is stuck, the first is not
		var ids []string
		if err := tx.Table("outbox").Order("id DESC").Pluck("id", &ids).Error; err != nil {
			return err
		}
		m.place(aLetter, his, "", ids[len(ids)-1])
		return tx.Table("outbox").Where("id = ?", ids[0]).UpdateColumn("status", store.LetterStuck).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	notice := func() madeNotice {
		return read[madeNotice](t, m.must(t, "", 201, "POST", "/notices", `{"item_id":"`+pension+`","village":"`+xinglin+`"}`))
	}
	first, second := notice(), notice()
	m.place(aNotice, his, "", first.Number)
	m.place(aNotice, neighbours, "", second.Number)
	m.place(aNotice, unknown, "", "GZ0000000000000000")
	m.place(aSlip, unknown, "", "SQ0000000000000000")
	m.words["notice_code"] = first.QueryCode
	m.place(aCode, his, "", pensionHere)
	m.place(aCode, unknown, "", catalog.NewCode(9))
	m.place(anItem, his, "", pension)
	m.place(anOffice, his, "", m.officeID(t, "shiqiao-centre"))
	m.place(aDivision, his, "", hewan)
	m.place(aDivision, unknown, "", hewan[:10]+"99")
	m.place(aPaper, his, "", "states.md")
	m.place(aPaper, unknown, "", "nothing.md")
	for who, rel := range map[string]relation{"li": neighbours, "wang": elsewhere, "zhao": faraway} {
		m.place(aLoosePhoto, rel, "", m.keep(t, who))
		m.place(aMessage, rel, "", m.tell(t, who))
	}
	for _, c := range m.callers {
		if c.role == "" {
			continue
		}
		m.place(aLoosePhoto, his, c.name, m.keep(t, c.name))
		m.place(aMessage, his, c.name, m.tell(t, c.name))
		m.place(aPost, his, c.name, m.actor(t, c.name).Post)
	}
	m.trailOf(t, "219902", "219901", songling, "")
	m.hire(t)
	m.place(aPost, neighbours, "", m.actor(t, "deputy-xinglin").Post)
	m.place(aPost, elsewhere, "", m.actor(t, "clerk-hewan").Post)
	m.place(aPost, faraway, "", m.actor(t, "clerk-songling").Post)
}

// hire makes an account that the administrators try their powers on, and a second session of everybody.
func (m *matrix) hire(t *testing.T) {
	t.Helper()
	m.words["hall"] = m.officeID(t, "county-hall")
	spare := read[newStaffView](t, m.must(t, "system-admin", 201, "POST", "/staff", fill(`{"username":"spare","name":"备用人",`+aPostFor("window")+`}`, m.words)))
	m.place(aStaff, neighbours, "", spare.ID)
	m.place(aStaff, unplaced, "", m.actor(t, "zhang").Person)
	m.place(aTerm, neighbours, "", spare.Posts[0].ID)
	m.place(aSession, neighbours, "", m.actor(t, "deputy-xinglin").Session)
	for _, c := range m.callers {
		if c.role != "" {
			m.place(aSession, his, c.name, m.actor(t, c.name).Session)
			delete(m.logins, c.name)
		}
	}
}

// end brings things to their end: wu closes his account, with all that was his; a post, an account and a village are over.
func (m *matrix) end(t *testing.T) {
	t.Helper()
	wu := m.actor(t, "wu")
	over := m.askHelp(t, "wu", "13922220000", "all")
	m.place(anActing, deleted, "", over)
	m.place(aCorrection, deleted, "", m.askBack(t, "wu"))
	m.place(aMessage, deleted, "", m.tell(t, "wu"))
	m.place(aLoosePhoto, deleted, "", m.keep(t, "wu"))
	m.place(aSession, deleted, "", wu.Session)
	m.place(aGuardian, deleted, "", m.guard(t, "clerk-xinglin", wu.Person, xinglin))
	m.place(aConsent, deleted, "", m.consentOf(t, "wu"))
	m.must(t, "clerk-xinglin", 200, "POST", "/residents/"+wu.Person+"/close", `{"cause":"died","how":"村委会死亡登记"}`)
	for _, of := range []thing{aResident, aRegistered, anApplicant, aLeaver} {
		m.place(of, deleted, "", wu.Person)
	}
	m.place(aPhone, deleted, "", "13800000007")
	for rel, by := range map[relation][2]string{neighbours: {"clerk-xinglin", xinglin}, elsewhere: {"clerk-hewan", hewan}, faraway: {"clerk-songling", songling}} {
		body := `{"name":"要走的人","village":"` + by[1] + `","grid":"` + by[1] + `01",` + spoken + `}`
		m.place(aLeaver, rel, "", read[residentView](t, m.must(t, by[0], 201, "POST", "/residents", body)).ID)
	}
	m.place(aLeaver, unplaced, "", m.actor(t, "newcomer").Person)

	gone := read[newStaffView](t, m.must(t, "system-admin", 201, "POST", "/staff", fill(`{"username":"gone","name":"离任人",`+aPostFor("window")+`}`, m.words)))
	m.place(aStaff, deleted, "", gone.ID)
	m.place(aTerm, deleted, "", gone.Posts[0].ID)
	m.place(aPost, deleted, "", gone.Posts[0].ID)
	m.must(t, "system-admin", 200, "POST", "/posts/"+gone.Posts[0].ID+"/end", `{"why":"离任"}`)
	m.must(t, "system-admin", 200, "POST", "/staff/"+gone.ID+"/disable", `{"why":"离任"}`)

	closed := read[namedOffice](t, m.must(t, "system-admin", 201, "POST", "/offices", `{"code":"old-centre","area":"219901201",`+sameOffice+`}`)).ID
	m.must(t, "system-admin", 200, "POST", "/offices/"+closed+"/close", `{`+byDocument+`}`)
	m.place(anOffice, deleted, "", closed)

	old := xinglin[:10] + "77"
	m.must(t, "system-admin", 201, "POST", "/areas", `{"code":"`+old+`","name":"旧村",`+byDocument+`}`)
	m.must(t, "system-admin", 200, "POST", "/areas/"+old+"/merge", `{"into":"`+hewan+`",`+byDocument+`}`)
	m.place(aVillage, deleted, "", old)
	m.place(aDivision, deleted, "", old)
}

// askBack has a correction asked for and taken back.
func (m *matrix) askBack(t *testing.T, who string) (id string) {
	t.Helper()
	id = read[correctionView](t, m.must(t, who, 201, "POST", "/me/corrections", `{"field":"id_number","value":"11010519491231002X","reason":"登记时漏了"}`)).ID
	m.must(t, who, 200, "POST", "/corrections/"+id+"/withdraw", "")
	return id
}

// tell puts a message into somebody's inbox, as the courier does.
func (m *matrix) tell(t *testing.T, who string) (id string) {
	t.Helper()
	person := m.actor(t, who).Person
	err := m.Store.Write(t.Context(), access.Round(xinglin), func(tx *store.Tx) error {
		id = tx.NewID()
		return tx.Create(&courier.Message{ID: id, Letter: uuid.NewString(), Person: person, Kind: "appeal", Object: someID, Text: "您的诉求已受理。", CreatedAt: tx.Now}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// forge makes tokens that look like a good one: signed by somebody else, changed after signing, of another issuer or
// audience, no access token, over, and with no signature at all.
func (m *matrix) forge(t *testing.T, good string) map[string]string {
	t.Helper()
	parts := strings.Split(good, ".")
	head, claims := opened(t, parts[0]), opened(t, parts[1])
	_, ours := m.Store.Keys().Signing()
	_, foreign, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(key ed25519.PrivateKey, in map[string]any, name string, value any) string {
		was := in[name]
		in[name] = value
		text := closed(t, head) + "." + closed(t, claims)
		in[name] = was
		if key == nil {
			return text + "."
		}
		return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text)))
	}
	if _, err := m.Identify(t.Context(), sign(ours, claims, "sub", claims["sub"])); err != nil {
		t.Fatalf("an unchanged token signed with our key is refused, so the forged ones prove nothing: %v", err)
	}
	now := m.clock.Now()
	return map[string]string{
		"signed by somebody else":    sign(foreign, claims, "sub", claims["sub"]),
		"changed after signing":      parts[0] + "." + closed(t, with(claims, "sub", m.actor(t, "zhang").Person)) + "." + parts[2],
		"not signed":                 sign(nil, head, "alg", "none"),
		"of another issuer":          sign(ours, claims, "iss", "https://elsewhere.example"),
		"of another audience":        sign(ours, claims, "aud", "another-program"),
		"no access token":            sign(ours, head, "typ", "JWT"),
		"over":                       sign(ours, claims, "exp", now.Add(-time.Second).Unix()),
		"good for longer than we do": sign(ours, claims, "exp", now.Add(24*time.Hour).Unix()),
		"of an older version":        sign(ours, claims, "ver", -1),
		"of no session":              sign(ours, claims, "sid", someID),
	}
}

func with(in map[string]any, name string, value any) map[string]any {
	out := map[string]any{}
	for k, v := range in {
		out[k] = v
	}
	out[name] = value
	return out
}

func opened(t *testing.T, part string) (v map[string]any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func closed(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
