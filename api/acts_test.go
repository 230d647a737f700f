package api

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/clock"
	"tongban/internal/flow"
)

// bodies are right for each act on an ordinary consultation; wordsOf fills the {variables}.
var bodies = map[flow.Act]string{
	appeal.Accept:         `{"note":"先核对井房位置"}`,
	appeal.Divert:         `{"channel":"petition","text":"请到县信访局反映。"}`,
	appeal.Decline:        `{"reason":"outside","text":"这件事不归县里管。"}`,
	appeal.Merge:          `{"master":"{master}"}`,
	appeal.Answer:         `{"text":"水泵正在修，明天恢复。"}`,
	appeal.Dispatch:       `{"office":"{office}"}`,
	appeal.Reassign:       `{"office":"{office}"}`,
	appeal.Acknowledge:    `{}`,
	appeal.AskSendBack:    `{"reason":"not_our_duty","text":"供水归水利局管。"}`,
	appeal.AgreeSendBack:  `{}`,
	appeal.RefuseSendBack: `{"text":"属于你单位职责。"}`,
	appeal.Contact:        `{"how":"{how}"}`,
	appeal.Extend:         `{"days":5,"text":"配件要从外地运来。"}`,
	appeal.Shelve:         `{"review_on":"{soon}","text":"等下周管材到货再修。"}`,
	appeal.Resume:         `{}`,
	appeal.Reply:          `{"text":"水泵已经换好了。","evidence":"现场试水正常。"}`,
	appeal.StartFollowUp:  `{}`,
	appeal.Attempt:        `{"result":"no_answer"}`,
	appeal.Conclude:       `{"solved":true}`,
	appeal.Redo:           `{"text":"还是没有水，请重办。"}`,
	appeal.Withdraw:       `{"text":"已经修好了，不用办了。"}`,
	appeal.Urge:           `{}`,
	appeal.Supervise:      `{"due_on":"{today}","text":"请今天办完。"}`,
	appeal.Supplement:     `{"text":"今天又停水了。"}`,
	appeal.Note:           `{"text":"已经和村里通过电话。"}`,
}

// way is the shortest way to each state, in acts.
var way = map[flow.State][]flow.Act{
	appeal.Submitted:     {},
	appeal.Accepted:      {appeal.Accept},
	appeal.Dispatched:    {appeal.Accept, appeal.Dispatch},
	appeal.SendBackAsked: {appeal.Accept, appeal.Dispatch, appeal.AskSendBack},
	appeal.Acknowledged:  {appeal.Accept, appeal.Dispatch, appeal.Acknowledge},
	appeal.Handling:      {appeal.Accept, appeal.Dispatch, appeal.Acknowledge, appeal.Contact},
	appeal.Shelved:       {appeal.Accept, appeal.Dispatch, appeal.Acknowledge, appeal.Contact, appeal.Shelve},
	appeal.Replied:       {appeal.Accept, appeal.Dispatch, appeal.Acknowledge, appeal.Contact, appeal.Reply},
	appeal.FollowingUp:   {appeal.Accept, appeal.Dispatch, appeal.Acknowledge, appeal.Contact, appeal.Reply, appeal.StartFollowUp},
	appeal.Concluded:     {appeal.Accept, appeal.Dispatch, appeal.Acknowledge, appeal.Contact, appeal.Reply, appeal.StartFollowUp, appeal.Conclude},
	appeal.Diverted:      {appeal.Divert},
	appeal.Declined:      {appeal.Decline},
	appeal.Merged:        {appeal.Merge},
	appeal.Withdrawn:     {appeal.Withdraw},
}

// subject is an appeal of a test: how it is handed in, and who handles it.
type subject struct {
	by          string // who hands it in: a villager, or a clerk
	whose       string // the villager for whom a clerk does it
	grid        string
	identity    appeal.Identity
	aboutPerson string // username
	aboutOffice string // code
	office      string // code of the one that gets it
	officer     string // username of the one who handles it

	photo string // id, optional

	id, number, queryCode string // once it is handed in
}

// ordinary is filed by the clerk of 杏林村 for 张杏花 and lies open to everybody who has to do with it.
func ordinary() *subject {
	return &subject{by: "clerk-xinglin", whose: "zhang", grid: xinglin + "02", identity: appeal.Public, office: "civil-affairs", officer: "officer-civil"}
}

// anonymous is handed in by nobody.
func anonymous() *subject {
	s := ordinary()
	s.by, s.whose, s.identity = "", "", appeal.Anonymous
	return s
}

// hand hands it in.
func (h *house) hand(t testing.TB, s *subject) *subject {
	t.Helper()
	body := map[string]any{
		"class": appeal.Consult, "category": "饮水", "text": "村东头的水压一直上不来，𠮷家也没水。", "identity": s.identity,
		"village": s.grid[:12], "grid": s.grid,
	}
	if s.identity == appeal.Anonymous {
		body["class"] = appeal.Report
	}
	if s.photo != "" {
		body["attachments"] = []string{s.photo}
	}
	if s.whose != "" {
		body["applicant"] = h.actor(t, s.whose).Person
	}
	if s.aboutPerson != "" {
		body["about_person"] = h.actor(t, s.aboutPerson).Person
	}
	if s.aboutOffice != "" {
		body["about_office"] = h.officeID(t, s.aboutOffice)
	}
	text, err := encode(body)
	if err != nil {
		t.Fatal(err)
	}
	receipt := read[receiptView](t, h.must(t, s.by, http.StatusCreated, "POST", "/appeals", string(text)))
	s.id, s.number, s.queryCode = receipt.ID, receipt.Number, receipt.QueryCode
	return s
}

// keep uploads a photo of somebody's and tells its id.
func (h *house) keep(t testing.TB, who string) string {
	t.Helper()
	w := h.upload(t, who, jpegOf(t, 8, 8))
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return read[fileView](t, w).ID
}

// bodyOf is the act's body for this appeal.
func (h *house) bodyOf(t testing.TB, do flow.Act, s *subject, master string) string {
	t.Helper()
	body, known := bodies[do]
	if !known {
		t.Fatalf("no body for %s", do)
	}
	return fill(body, h.wordsOf(t, s, master))
}

// wordsOf are the variables of bodies.
func (h *house) wordsOf(t testing.TB, s *subject, master string) map[string]string {
	t.Helper()
	today, how := clock.DateOf(h.clock.Now()), "phone"
	if s.identity == appeal.Anonymous {
		how = "none"
	}
	return map[string]string{
		"today": today.String(), "soon": today.AddDays(7).String(), "office": h.officeID(t, s.office), "master": master, "how": how,
	}
}

// verbPath is where an act is done.
func verbPath(do flow.Act, id string) string {
	return "/appeals/" + id + "/" + strings.ReplaceAll(string(do), "_", "-")
}

// perform does the act as somebody, and answers whatever comes.
func (h *house) perform(t testing.TB, who string, do flow.Act, s *subject, master string) *httptest.ResponseRecorder {
	t.Helper()
	return h.send(t, who, "POST", base+verbPath(do, s.id), h.bodyOf(t, do, s, master), keyHeader, uuid.NewString())
}

// usual is who of the county does the act.
func usual(do flow.Act, s *subject) string {
	for _, r := range appeal.Flow.Rows {
		if r.Do == do && r.By[0] != access.System {
			return player(r.By[0], s)
		}
	}
	return ""
}

// player is who plays a role in the life of an appeal.
func player(role access.Role, s *subject) string {
	switch role {
	case access.Resident:
		return cmp.Or(s.whose, s.by)
	case access.Clerk:
		return cmp.Or(clerkOf(s), "clerk-xinglin")
	case access.GridWorker:
		return "grid-xinglin"
	case access.Officer:
		return s.officer
	case access.FollowUp:
		return "follow-up"
	case access.Dispatcher, access.Supervisor:
		return string(role)
	}
	return others[role]
}

// clerkOf is the clerk who filed it, if one did.
func clerkOf(s *subject) string {
	if s.whose == "" {
		return ""
	}
	return s.by
}

// others play the roles that have nothing to do with appeals.
var others = map[access.Role]string{
	access.Window: "window-hall", access.Reviewer: "reviewer", access.Decider: "decider", access.Editor: "editor", access.Publisher: "publisher",
	access.SystemAdmin: "system-admin", access.SecurityAdmin: "security-admin", access.AuditAdmin: "audit-admin",
}

// walk leads an appeal along acts, each done by whoever does it in the county.
func (h *house) walk(t testing.TB, s *subject, master string, acts ...flow.Act) *subject {
	t.Helper()
	for _, do := range acts {
		if w := h.perform(t, usual(do, s), do, s, master); w.Code != http.StatusOK {
			t.Fatalf("%s by %s: %d %s", do, usual(do, s), w.Code, w.Body)
		}
	}
	return s
}
