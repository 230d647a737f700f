package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/offline"
)

// queued is an act as a phone of a test queues it.
type queued struct {
	Key  string          `json:"key"`
	Line string          `json:"line"`
	Seq  int             `json:"seq"`
	Act  string          `json:"act"`
	On   string          `json:"on,omitempty"`
	Body json.RawMessage `json:"body,omitempty"`

	DoneAt *time.Time `json:"done_at,omitempty"`
}

// key is the key or line that a test calls so.
func key(name string) string { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)).String() }

var keyed = regexp.MustCompile(`act:[a-z0-9-]+`)

func byKeys(text string) string {
	return keyed.ReplaceAllStringFunc(text, func(s string) string { return byAct + key(strings.TrimPrefix(s, byAct)) })
}

// queueUp makes the acts of a line, each given as its call, what it is on and its body. The key of the n-th is called line-n.
func queueUp(line string, acts ...[3]string) (list []queued) {
	for i, a := range acts {
		list = append(list, queued{Key: key(fmt.Sprintf("%s-%d", line, i+1)), Line: key(line), Seq: i + 1, Act: a[0], On: byKeys(a[1]), Body: json.RawMessage(byKeys(a[2]))})
	}
	return list
}

func batchOf(t testing.TB, acts []queued) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"acts": acts})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// takeAll sends acts in one call.
func (h *house) takeAll(t testing.TB, who string, acts ...queued) []queuedView {
	t.Helper()
	answers := read[takenView](t, h.must(t, who, http.StatusOK, "POST", "/offline", batchOf(t, acts))).Acts
	if len(answers) != len(acts) {
		t.Fatalf("%d answers to %d acts", len(answers), len(acts))
	}
	for i, a := range answers {
		if a.Key != acts[i].Key {
			t.Fatalf("answer %d is of %s, not of %s", i, a.Key, acts[i].Key)
		}
	}
	return answers
}

// outcomes are the answers in a line: the result, with what an act waits for, or the code by which it was refused.
func outcomes(answers []queuedView) string {
	var words []string
	for _, a := range answers {
		word := string(a.Result)
		if a.WaitsFor != "" {
			word += ":" + string(a.WaitsFor)
		}
		if a.Problem != nil {
			word += ":" + a.Problem.Code
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func wantOutcomes(t testing.TB, answers []queuedView, want string) {
	t.Helper()
	if got := outcomes(answers); got != want {
		text, _ := json.Marshal(answers)
		t.Errorf("came out as\n%s, want\n%s\n%s", got, want, text)
	}
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// claimPapers are the papers of a pension claim that somebody brings, as JSON, without the identity card.
func (h *house) claimPapers(t testing.TB) string {
	t.Helper()
	list := read[checklistView](t, h.must(t, "", http.StatusOK, "POST", "/items/"+claim+"/checklist", `{"answers":`+caseAnswers[claim]+`}`))
	var papers []string
	for _, m := range list.Materials {
		if m.State != "county_looks_up" && m.ID != "id_card" {
			papers = append(papers, `{"material":"`+m.ID+`"}`)
		}
	}
	return strings.Join(papers, ",")
}

// errandLine is a pension claim from its notice to its filing by errand: eight acts.
func errandLine(line, applicant, papers, card string) []queued {
	return queueUp(line,
		[3]string{"makeNotice", "", `{"item_id":"` + claim + `","village":"` + xinglin + `","answers":` + caseAnswers[claim] + `}`},
		[3]string{"openCase", "", `{"notice_code":"act:` + line + `-1","applicant":"` + applicant + `"}`},
		[3]string{"editCase", "act:" + line + "-2", `{"papers":[{"material":"id_card","files":["sha256:` + card + `"]}]}`},
		[3]string{"entrustErrand", "", `{"case":"act:` + line + `-2",` + entrusted + `}`},
		[3]string{"identifyErrand", "act:" + line + "-4", `{"how":"in_person","document":"id_card"}`},
		[3]string{"takeErrandPapers", "act:" + line + "-4", `{"name":"户口簿","form":"original","count":2,"signer":"张杏花","signature":"signed"}`},
		[3]string{"checkErrand", "act:" + line + "-4", `{}`},
		[3]string{"fileErrand", "act:" + line + "-4", `{"papers":[` + papers + `]}`},
	)
}

// plainLine is one without photos, and no paper is taken along: seven acts.
func plainLine(line, applicant, papers string) []queued {
	return queueUp(line,
		[3]string{"makeNotice", "", `{"item_id":"` + claim + `","village":"` + xinglin + `","answers":` + caseAnswers[claim] + `}`},
		[3]string{"openCase", "", `{"notice_code":"act:` + line + `-1","applicant":"` + applicant + `"}`},
		[3]string{"editCase", "act:" + line + "-2", `{"papers":[{"material":"id_card","taken_as":"copy"}]}`},
		[3]string{"entrustErrand", "", `{"case":"act:` + line + `-2",` + entrusted + `}`},
		[3]string{"identifyErrand", "act:" + line + "-4", `{"how":"in_person","document":"id_card"}`},
		[3]string{"checkErrand", "act:" + line + "-4", `{}`},
		[3]string{"fileErrand", "act:" + line + "-4", `{"papers":[` + papers + `]}`},
	)
}

// queuesUp has somebody's queued act done already, in each relation to the clerk of 杏林村: his own, another clerk's of the same
// village, and others'.
func (m *matrix) queuesUp(t *testing.T) {
	t.Helper()
	for rel, who := range map[relation]string{his: "clerk-xinglin", neighbours: "deputy-xinglin", elsewhere: "clerk-hewan", faraway: "clerk-songling"} {
		act := queueUp("matrix-"+string(rel), [3]string{"makeNotice", "", `{"item_id":"` + pension + `","village":"` + xinglin + `"}`})
		wantOutcomes(t, m.takeAll(t, who, act...), string(offline.Created))
		m.place(aQueuedAct, rel, "", act[0].Key)
		picture := jpegOf(t, 24, 8+len(rel)) // another one of each
		m.place(aDigest, rel, "", digestOf(picture))
		m.place(aNamedPhoto, rel, "", read[fileView](t, m.upload(t, who, picture)).ID)
	}
	m.place(aDigest, unknown, "", digestOf([]byte("nobody has sent it")))
}

const (
	aQueuedAct  thing = "queued act that was done, by its key"
	aDigest     thing = "photo that a queued act names by its digest"
	aNamedPhoto thing = "photo that a queued act names by its id"
)

func init() { // the shared tables are at their size
	relations[aQueuedAct] = []relation{unknown, his, neighbours, elsewhere, faraway}
	rules["takeOffline"] = []rule{{who: staff, of: aQueuedAct, first: roles(access.Clerk), deny: notForYou, unseen: ok, want: ok, proof: sentAgain,
		body: `{"acts":[{"key":"{object}","line":"{object}","seq":1,"act":"identifyErrand","on":"` + someID + `","body":{"how":"in_person","document":"id_card"}}]}`}}
	for _, photo := range []struct {
		of thing
		by string
	}{{aDigest, byPhoto}, {aNamedPhoto, ""}} {
		relations[photo.of] = relations[aQueuedAct]
		rules["takeOffline"] = append(rules["takeOffline"], rule{who: staff, of: photo.of, first: roles(access.Clerk), deny: notForYou, unseen: ok, want: ok, proof: asksForPhoto,
			body: `{"acts":[{"key":"{uuid}","line":"{uuid}","seq":1,"act":"editCase","on":"` + someID + `","body":{"papers":[{"material":"id_card","files":["` + photo.by + `{object}"]}]}}]}`})
	}
}

// asksForPhoto: with a photo of his own his act is tried; another's is asked for like one that nobody has sent.
func asksForPhoto(t *testing.T, m *matrix, r rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	acts := read[takenView](t, w).Acts
	if c.rel == his {
		wantOutcomes(t, acts, "invalid:request.not_found")
		return
	}
	wantOutcomes(t, acts, "waits:photos")
	if missing := acts[0].Missing; len(missing) != 1 || missing[0] != m.object(r.of, c.rel, c.caller) {
		t.Errorf("%s is asked for %v", c.caller.name, missing)
	}
}

// sentAgain: under the key of his own act he is told that its content was another, so it is known; under another's it is not, and
// his act is tried like any.
func sentAgain(t *testing.T, _ *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	want := "invalid:request.not_found"
	if c.rel == his {
		want = "invalid:idempotency.other_content"
	}
	wantOutcomes(t, read[takenView](t, w).Acts, want)
}
