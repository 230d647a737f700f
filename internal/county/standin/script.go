package standin

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"tongban/internal/county"
)

// Script is what goes wrong, and what the county decides. docs/county.md tells it for people who rehearse.
type Script struct {
	Requests  []Trouble      `json:"requests"`  // with what we ask, one after another
	Callbacks []Trouble      `json:"callbacks"` // with what the county tells, one after another
	LookUps   []Trouble      `json:"look_ups"`  // with what is looked up in the registers, one after another
	Holds     []Held         `json:"holds"`     // what the registers hold
	Decisions [][]county.Act `json:"decisions"` // what becomes of the cases: of the first, the second, …, and from the start again
}

// Held is a paper that the registers hold.
type Held struct {
	IDNumber string `json:"id_number"` // whose; * for everybody's
	Material string `json:"material"`  // as the catalogue names it
	Ref      string `json:"ref"`       // by which the registers know it
}

// everybody's, where an ID number stands.
const everybody = "*"

// Trouble meets Times calls after Skip calls that go well.
type Trouble struct {
	Skip       int    `json:"skip"`
	Times      int    `json:"times"` // 0 is once
	Do         string `json:"do"`
	Status     int    `json:"status"`      // of "status"
	RetryAfter string `json:"retry_after"` // of "status": the header
	For        string `json:"for"`         // of "slow" and "down": how long, such as 20s or 72h
	long       time.Duration
}

// What may go wrong with a request.
const (
	Fail     = "status"   // this status, and nothing is done
	Slow     = "slow"     // the answer comes late, by the machine's clock
	Reset    = "reset"    // the connection is cut, and nothing is done
	Lost     = "lost"     // it is done, and then the connection is cut
	Garbage  = "garbage"  // it is done, and the answer is no JSON
	Redirect = "redirect" // to another address
	Down     = "down"     // from then on nothing works for so long, by the program's clock
	Ahead    = "ahead"    // it is done, and the county has done all that it will with the case before it answers
)

// What may go wrong with a callback.
const (
	Doubled   = "doubled"   // told twice, each time signed anew
	Replayed  = "replayed"  // the very same message is sent twice
	Forged    = "forged"    // before it comes one with its signature and another content
	Stale     = "stale"     // before it comes one that was signed an hour ago
	Unknown   = "unknown"   // before it comes one whose act nobody knows
	Reordered = "reordered" // told after the next one
	Delayed   = "delayed"   // told last of all, once the others are
	Withheld  = "withheld"  // never told
)

var (
	requestTroubles  = []string{Fail, Slow, Reset, Lost, Garbage, Redirect, Down, Ahead}
	lookUpTroubles   = []string{Fail, Slow, Reset, Garbage, Forged, Stale, Down}
	callbackTroubles = []string{Doubled, Replayed, Forged, Stale, Unknown, Reordered, Delayed, Withheld}
)

// usual is what becomes of a case when no script says otherwise.
var usual = []county.Act{county.Receive, county.Accept, county.Review, county.Grant}

// ReadScript reads a script as JSON. All its mistakes are told.
func ReadScript(text []byte) (Script, error) {
	var s Script
	if err := json.Unmarshal(text, &s, json.RejectUnknownMembers(true)); err != nil {
		return Script{}, fmt.Errorf("the script cannot be read: %w", err)
	}
	return s, s.check()
}

func (s *Script) check() error {
	var wrong []error
	for name, list := range map[string][]Trouble{"requests": s.Requests, "callbacks": s.Callbacks, "look_ups": s.LookUps} {
		known := map[string][]string{"requests": requestTroubles, "callbacks": callbackTroubles, "look_ups": lookUpTroubles}[name]
		for i := range list {
			if err := list[i].check(known); err != nil {
				wrong = append(wrong, fmt.Errorf("%s[%d]: %w", name, i, err))
			}
		}
	}
	for i, h := range s.Holds {
		if h.IDNumber == "" || h.Material == "" || h.Ref == "" {
			wrong = append(wrong, fmt.Errorf("holds[%d]: id_number, material and ref, all three", i))
		}
	}
	for i, acts := range s.Decisions {
		for _, act := range acts {
			if _, known := moves[act]; !known {
				wrong = append(wrong, fmt.Errorf("decisions[%d]: %q is no act of a county", i, act))
			}
		}
	}
	return errors.Join(wrong...)
}

func (t *Trouble) check(known []string) (err error) {
	at := false
	for _, k := range known {
		at = at || k == t.Do
	}
	if t.Times == 0 {
		t.Times = 1
	}
	if t.For != "" {
		t.long, err = time.ParseDuration(t.For)
	}
	switch {
	case !at:
		return fmt.Errorf("%q is none of %v", t.Do, known)
	case err != nil || t.long < 0:
		return fmt.Errorf("%q is no length of time", t.For)
	case t.Skip < 0 || t.Times < 0:
		return errors.New("skip and times cannot be negative")
	case t.Do == Fail && (t.Status < 400 || t.Status > 599):
		return errors.New("status: one from 400 to 599")
	case (t.Do == Slow || t.Do == Down) && t.long == 0:
		return errors.New("for: how long, such as 20s")
	}
	return nil
}

// plan hands the troubles of a list out, call by call.
type plan struct{ list []Trouble }

// next is the trouble of this call, or nil.
func (p *plan) next() *Trouble {
	if len(p.list) == 0 {
		return nil
	}
	t := &p.list[0]
	if t.Skip > 0 {
		t.Skip--
		return nil
	}
	met := *t
	if t.Times--; t.Times <= 0 {
		p.list = p.list[1:]
	}
	return &met
}
