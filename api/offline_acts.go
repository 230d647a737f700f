package api

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/offline"
)

// queuedVerb is a call that a phone may queue.
type queuedVerb struct {
	on string // what kind of thing it is done on; empty for what begins one
	do func(ctx context.Context, actor access.Actor, on string, body []byte) error
}

// queueable are the calls that a clerk's phone may queue, by their operation's name. Each is the desk's own verb with the
// call's own body: there is no second set of rules.
func (s *Server) queueable() map[string]queuedVerb {
	return map[string]queuedVerb{
		"makeNotice": begins(func(in *makeNoticeIn) any { return &in.Body }, func(ctx context.Context, actor access.Actor, in *makeNoticeIn) error {
			_, err := s.Notices.Make(ctx, actor, noticeAsked(in))
			return err
		}),
		"openCase": begins(func(in *openCaseIn) any { return &in.Body }, func(ctx context.Context, actor access.Actor, in *openCaseIn) error {
			_, err := s.Cases.Open(ctx, actor, caseOpened(in))
			return err
		}),
		"editCase":     goesOn("case", s.Cases.Edit, edited),
		"usePaper":     goesOn("case", s.Cases.UsePaper, reused),
		"submitCase":   goesOn("case", s.Cases.Submit, caseSubmitted),
		"discardCase":  goesOn("case", s.Cases.Discard, discarded),
		"correctCase":  goesOn("case", s.Cases.Correct, remedied),
		"withdrawCase": goesOn("case", s.Cases.Withdraw, takenBack),
		"deliverCase":  goesOn("case", s.Cases.Deliver, handedOver),
		"entrustErrand": begins(func(in *entrustIn) any { return &in.Body }, func(ctx context.Context, actor access.Actor, in *entrustIn) error {
			_, err := s.Errands.Entrust(ctx, actor, entrustment(in))
			return err
		}),
		"identifyErrand":     goesOn("errand", s.Errands.Identify, identified),
		"takeErrandPapers":   goesOn("errand", s.Errands.TakePapers, papersTaken),
		"returnErrandPapers": goesOn("errand", s.Errands.ReturnPapers, papersReturned),
		"visitErrand":        goesOn("errand", s.Errands.Visit, visited),
		"checkErrand":        goesOn("errand", s.Errands.Check, saidErrand),
		"fileErrand":         goesOn("errand", s.Errands.File, errandFiled),
		"pauseErrand":        goesOn("errand", s.Errands.Pause, saidErrand),
		"resumeErrand":       goesOn("errand", s.Errands.GoOn, saidErrand),
		"handOverErrand":     goesOn("errand", s.Errands.HandOver, broughtHome),
		"terminateErrand":    goesOn("errand", s.Errands.Stop, stoppedErrand),
	}
}

func begins[I any](body func(*I) any, do func(context.Context, access.Actor, *I) error) queuedVerb {
	return queuedVerb{do: func(ctx context.Context, actor access.Actor, _ string, text []byte) error {
		var in I
		if err := decodeQueued(text, body(&in)); err != nil {
			return err
		}
		return do(ctx, actor, &in)
	}}
}

func goesOn[B, T, V any](kind string, do func(context.Context, access.Actor, string, T) (V, error), read func(B) T) queuedVerb {
	return queuedVerb{on: kind, do: func(ctx context.Context, actor access.Actor, on string, text []byte) error {
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
		} else if digest := strings.TrimPrefix(text, byPhoto); digestShape.MatchString(digest) {
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

// filled puts ids in the place of names: what the act is done on, and its body.
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
			return with.Photos[strings.TrimPrefix(text, byPhoto)], nil
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
		if text, is := p.(string); is && strings.HasPrefix(text, byPhoto) {
			if photos[i], err = do(fmt.Sprintf("%s[%d]", place, i), "", text); err != nil {
				return err
			}
		}
	}
	return nil
}
