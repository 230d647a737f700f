package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/offline"
	"tongban/internal/store"
)

// queuedVerb is a call that a phone may queue.
type queuedVerb struct {
	on    string // what kind of thing it is done on; empty for what begins one
	do    func(ctx context.Context, actor access.Actor, on string, body []byte) error
	tell  telling                                  // how the call is answered when it is made by itself
	heard func(store.Answer) (offline.Done, error) // for calls without login, of which nobody has a row: what they made
}

// queueable are the calls that a clerk's phone may queue, by their operation's name. Each is the desk's own verb with the
// call's own body: there is no second set of rules.
func (s *Server) queueable() map[string]queuedVerb {
	onCase, onErrand := renders(viewCase, nowhere), renders(viewErrand, nowhere)
	notices := begins(renders(s.viewMade, somewhere), func(in *makeNoticeIn) any { return &in.Body }, func(ctx context.Context, actor access.Actor, in *makeNoticeIn) error {
		_, err := s.Notices.Make(ctx, actor, noticeAsked(in))
		return err
	})
	notices.heard = heardNotice
	return map[string]queuedVerb{
		"makeNotice": notices,
		"openCase": begins(renders(viewCase, somewhere), func(in *openCaseIn) any { return &in.Body }, func(ctx context.Context, actor access.Actor, in *openCaseIn) error {
			_, err := s.Cases.Open(ctx, actor, caseOpened(in))
			return err
		}),
		"editCase":     goesOn("case", onCase, s.Cases.Edit, edited),
		"usePaper":     goesOn("case", onCase, s.Cases.UsePaper, reused),
		"submitCase":   goesOn("case", renders(viewSubmitted, nowhere), s.Cases.Submit, caseSubmitted),
		"discardCase":  goesOn("case", onCase, s.Cases.Discard, discarded),
		"correctCase":  goesOn("case", onCase, s.Cases.Correct, remedied),
		"withdrawCase": goesOn("case", onCase, s.Cases.Withdraw, takenBack),
		"deliverCase":  goesOn("case", onCase, s.Cases.Deliver, handedOver),
		"entrustErrand": begins(renders(viewErrand, somewhere), func(in *entrustIn) any { return &in.Body }, func(ctx context.Context, actor access.Actor, in *entrustIn) error {
			_, err := s.Errands.Entrust(ctx, actor, entrustment(in))
			return err
		}),
		"identifyErrand":     goesOn("errand", onErrand, s.Errands.Identify, identified),
		"takeErrandPapers":   goesOn("errand", onErrand, s.Errands.TakePapers, papersTaken),
		"returnErrandPapers": goesOn("errand", onErrand, s.Errands.ReturnPapers, papersReturned),
		"visitErrand":        goesOn("errand", onErrand, s.Errands.Visit, visited),
		"checkErrand":        goesOn("errand", onErrand, s.Errands.Check, saidErrand),
		"fileErrand":         goesOn("errand", renders(viewFiled, nowhere), s.Errands.File, errandFiled),
		"pauseErrand":        goesOn("errand", onErrand, s.Errands.Pause, saidErrand),
		"resumeErrand":       goesOn("errand", onErrand, s.Errands.GoOn, saidErrand),
		"handOverErrand":     goesOn("errand", onErrand, s.Errands.HandOver, broughtHome),
		"followUpErrand":     goesOn("errand", onErrand, s.Errands.FollowUp, calledAfter),
		"terminateErrand":    goesOn("errand", onErrand, s.Errands.Stop, stoppedErrand),
	}
}

type telling = func(any) (store.Answer, error)

func begins[I any](tell telling, body func(*I) any, do func(context.Context, access.Actor, *I) error) queuedVerb {
	return queuedVerb{tell: tell, do: func(ctx context.Context, actor access.Actor, _ string, text []byte) error {
		var in I
		if err := decodeQueued(text, body(&in)); err != nil {
			return err
		}
		return do(ctx, actor, &in)
	}}
}

func goesOn[B, T, V any](kind string, tell telling, do func(context.Context, access.Actor, string, T) (V, error), read func(B) T) queuedVerb {
	return queuedVerb{on: kind, tell: tell, do: func(ctx context.Context, actor access.Actor, on string, text []byte) error {
		var body B
		if err := decodeQueued(text, &body); err != nil {
			return err
		}
		_, err := do(ctx, actor, on, read(body))
		return err
	}}
}

func decodeQueued(text []byte, into any) error {
	if err := decode(text, into); err != nil {
		return understand(http.StatusUnprocessableEntity, "", []error{&huma.ErrorDetail{Location: "body", Message: err.Error()}})
	}
	return nil
}

const (
	byAct   = "act:"    // before the key of an act, where an id belongs
	byPhoto = "sha256:" // before the digest of a photo as it was sent
)

var digestShape = regexp.MustCompile(`^[0-9a-f]{64}$`)

// kindOf is what a place in a body names by the key of an act.
var kindOf = map[string]string{"case": "case", "notice_code": "notice", "paper": "errand"}

// named is what an act names that nobody knew the id of.
type named struct {
	verb          queuedVerb
	on            string
	text          []byte
	needs, photos []string
	pages         []string // ids of photos
}

// names reads what the act names.
func names(q queuedBody, verb queuedVerb) (n named, err error) {
	n = named{verb: verb, on: q.On, text: q.Body}
	if (q.On == "") != (verb.on == "") {
		return n, fault.Wrong("on", "新开的不填；别的要写明在哪一件上办")
	}
	if key, by := strings.CutPrefix(q.On, byAct); by {
		n.needs = append(n.needs, key)
	} else if q.On != "" && !uuidShape.MatchString(q.On) {
		return n, fault.NotFound
	}
	body, err := n.body()
	if err != nil {
		return n, err
	}
	err = eachName(body, func(place, _, text string) (string, error) {
		if key, by := strings.CutPrefix(text, byAct); by {
			n.needs = append(n.needs, key)
		} else if digest, by := strings.CutPrefix(text, byPhoto); !by {
			if uuidShape.MatchString(text) { // anything else no upload can bring: the body's own rules refuse it
				n.pages = append(n.pages, text)
			}
		} else if digestShape.MatchString(digest) {
			n.photos = append(n.photos, digest)
		} else {
			return "", fault.Wrong(place, "照片的校验值是 64 位小写十六进制数")
		}
		return text, nil
	})
	for _, key := range n.needs {
		if !uuidShape.MatchString(key) || key == string(q.Key) {
			return n, fault.Wrong("on", "引用的编号不正确")
		}
	}
	return n, err
}

// body is the body as any object, fresh at each call.
func (n named) body() (body map[string]any, err error) {
	if len(n.text) > 0 {
		err = decodeQueued(n.text, &body)
	}
	if body == nil {
		body = map[string]any{}
	}
	return body, err
}

// filled puts ids in the place of names: what the act is done on, and its body. Photos that are not in with stay as they are named.
func (s *Server) filled(ctx context.Context, n named, with offline.With) (on string, body map[string]any, err error) {
	if body, err = n.body(); err != nil {
		return "", nil, err
	}
	on = n.on
	if key, by := strings.CutPrefix(on, byAct); by {
		if with.Things[key].Kind != n.verb.on {
			return "", nil, offline.ErrReference.At(fault.Field{Location: "on", Message: offline.ErrReference.Title})
		}
		on = with.Things[key].ID
	}
	err = eachName(body, func(place, name, text string) (string, error) {
		key, by := strings.CutPrefix(text, byAct)
		if !by {
			return cmp.Or(with.Photos[strings.TrimPrefix(text, byPhoto)], text), nil
		}
		thing := with.Things[key]
		if thing.Kind != kindOf[name] || name == "paper" && thing.Part == "" {
			return "", offline.ErrReference.At(fault.Field{Location: place, Message: offline.ErrReference.Title})
		}
		switch name {
		case "notice_code":
			return s.Notices.CodeOf(ctx, thing.ID)
		case "paper":
			return thing.Part, nil
		}
		return thing.ID, nil
	})
	return on, body, err
}

// eachName visits each place of a body where an act may name something, and puts there what do gives.
func eachName(body map[string]any, do func(place, name, text string) (string, error)) (err error) {
	for name := range kindOf {
		if text, is := body[name].(string); is && strings.HasPrefix(text, byAct) {
			if body[name], err = do("body."+name, name, text); err != nil {
				return err
			}
		}
	}
	if err := eachPhoto("body.attachments", body["attachments"], do); err != nil {
		return err
	}
	papers, _ := body["papers"].([]any)
	for i, p := range papers {
		if paper, is := p.(map[string]any); is {
			if err := eachPhoto(fmt.Sprintf("body.papers[%d].files", i), paper["files"], do); err != nil {
				return err
			}
		}
	}
	return nil
}

func eachPhoto(place string, list any, do func(place, name, text string) (string, error)) (err error) {
	photos, _ := list.([]any)
	for i, p := range photos {
		if text, is := p.(string); is {
			if photos[i], err = do(fmt.Sprintf("%s[%d]", place, i), "", text); err != nil {
				return err
			}
		}
	}
	return nil
}
