// Package offline takes in what a village clerk did where there was no network (离线补报): the phone queued the acts, and sends them
// when it has a line again, as often as it likes and in whatever order they arrive.
//
// An act is a call that the clerk could have made himself. The desks' own verbs do it, by their own rules; this package adds three
// things. The act's key stays on its row for ever, in the commit of the verb's work, so that nothing is done twice, however
// late it is sent again. Acts of one line (one case on the phone) are done in the phone's own order: who comes before his
// predecessor waits. And an act may name what an earlier one made, or a photo by its digest, since the phone knows no ids yet.
package offline

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/store"
)

// Most is how many acts one call takes.
const Most = 50

// Act is one that the phone queued.
type Act struct {
	Key     string     // a UUID, unique per clerk for ever: whatever stays for ever holds no person's data
	Line    string     // likewise: what belongs together on the phone: a case from its beginning
	Seq     int        // its place in the line, from 1, without holes
	Name    string     // of the call that it stands for
	Content []byte     // all that the phone says of it, in one form; only its keyed digest is kept
	DoneAt  *time.Time // when the clerk says that he did it; nil when he does not say
	Needs   []string   // keys of acts whose things it names
	Photos  []string   // digests (SHA-256, hex) of photos as the phone sent them
	Pages   []string   // ids of photos that it names by what an upload was answered
	Wrong   error      // why it cannot be read; nil when it can
	Alone   Alone

	// Run calls the desk's verb with the very context that it gets.
	Run func(ctx context.Context, with With) error
}

// Alone is the act's call as it is made by itself, under the same key. The zero value is of an act that nobody makes by itself.
type Alone struct {
	Caller string        // whose its key is, where calls are made without login; empty for the clerk himself
	Keep   time.Duration // how long it is answered again as it was

	Form   func(ctx context.Context, with With) ([]byte, error) // what is asked, by ids, and photos by digest: alike for both ways
	Answer func(answer any) (store.Answer, error)               // how it is answered
	Heard  func(store.Answer) (Done, error)                     // what was done, from its answer; nil where a row tells
}

// With is what an act named before anybody knew its id.
type With struct {
	Things map[string]Thing  // by the key of the act that made it, or that was done on it
	Photos map[string]string // ids by digest
}

// Thing is what an act made, or was done on.
type Thing struct {
	Kind string // notice, case or errand
	ID   string
	Part string // id of the papers that an act took in on an errand
}

// Outcome is how an act came out.
type Outcome string

const (
	Created  Outcome = "created"  // done now
	Same     Outcome = "same"     // done before, by this very act
	Conflict Outcome = "conflict" // the thing stands otherwise; the fault tells how
	Invalid  Outcome = "invalid"  // refused as it is
	Waits    Outcome = "waits"    // not tried: send it again, with what it waits for
)

// Why an act waits.
type Why string

const (
	ForEarlier   Why = "earlier"   // the act before it in the line has not come
	ForRefused   Why = "refused"   // an act before it, or one that it names, was refused in this call
	ForReference Why = "reference" // an act that it names has not come
	ForPhotos    Why = "photos"    // photos that it names are not here
	ForLater     Why = "later"     // it cannot be done now; nothing is wrong with it
)

// Result is what the phone is told of an act.
type Result struct {
	Key     string
	Outcome Outcome
	Why     Why
	Done    Done         // what was made, of Created and Same
	Fault   *fault.Error // of Conflict, Invalid and ForLater
	Missing []string     // digests or ids, of ForPhotos
}

// Done is what the act made or moved, as it stood when it was done.
type Done struct {
	Thing
	Number     string
	CaseNumber string // of an errand that was filed
	Version    int
	QueryCode  string // six digits, of what was made or submitted: for the slip. Forgotten after some weeks
	Code       string // on a notice
}

var (
	// ErrUnknown refuses a call that nobody can queue.
	ErrUnknown = fault.New(fault.Invalid, "offline.unknown_act", "这一步不能离线补报，请联网后再办")
	// ErrPlaceTaken means that the phone counted a line twice, in two ways.
	ErrPlaceTaken = fault.New(fault.Invalid, "offline.place_taken", "这个顺序号已经补报过另一步，请重新排顺序号再补报")
	// ErrDoneBefore refuses a call by itself under the key of an act that was done so long ago that its answer is forgotten.
	ErrDoneBefore = fault.New(fault.Conflict, "offline.done_before", "这一步以前已经办好了，没有重办，请刷新后再看")
	// ErrReference refuses an act that names what is of another kind.
	ErrReference = fault.New(fault.Invalid, "offline.wrong_reference", "引用的那一步办的不是这里要的东西")
)

// Row is a row of offline_acts: one for each act that was done, and none for those that were refused. A call that could have been queued and
// was made by itself has one too, in the place 0 of a line of its own, until it comes queued after all.
type Row struct {
	ID        string `gorm:"primaryKey"`
	Person    string // the clerk
	ActKey    string
	Line      string
	Seq       int
	Village   access.Area // for which he was clerk
	Act       string
	Content   string // keyed, hex: what was asked, alike for both ways; empty on old rows
	Digest    string // keyed, hex, of the act as the phone queued it; empty for a call by itself. A body is a person's data, and could be guessed from a plain one
	ThingKind string
	Thing     string
	Part      string
	Answer    []byte     // sealed Done; nil once it was forgotten
	DoneAt    time.Time  // when it was received and done
	SaidAt    *time.Time // when the clerk says that he did it; nil: then
}

func (Row) TableName() string { return "offline_acts" }

// Desk (离线补报台) is where queued acts are taken in.
type Desk struct {
	store *store.Store
	rules Rules
	files *file.Desk
}

// New opens the desk. Once in a program: what belongs to a village goes over to the one where it goes on.
func New(s *store.Store, rules Rules, files *file.Desk, people *account.Desk) *Desk {
	d := &Desk{s, rules, files}
	people.CarriedBy(d.Carry)
	return d
}

// Checks are what must never be found in the table of this desk, for fsck.
func Checks() []store.Check {
	return []store.Check{
		{Name: "queued acts that were done before their predecessors", Count: "SELECT COUNT(1) FROM offline_acts a WHERE a.seq > 1 AND NOT EXISTS" +
			" (SELECT 1 FROM offline_acts b WHERE b.person = a.person AND b.line = a.line AND b.seq = a.seq - 1)"},
		{Name: "queued acts without what they did", Count: "SELECT COUNT(1) FROM offline_acts WHERE thing = ''"},
	}
}
