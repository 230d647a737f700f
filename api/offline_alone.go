package api

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json/jsontext"

	"tongban/internal/access"
	"tongban/internal/offline"
	"tongban/internal/store"
)

// watched makes the claim of a call that could have been queued one that knows of queued acts. Their keys are UUIDs and a clerk's; a call
// without login may be anybody's.
func (s *Server) watched(ctx context.Context, c *gin.Context, r *Route, actor access.Actor, claim *store.Claim) error {
	if _, may := s.verbs[r.Name]; !may || s.Offline == nil || !uuidShape.MatchString(claim.Key) || actor.Signed() && actor.Role != access.Clerk {
		return nil
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return err
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	var asked map[string]any
	if len(body) > 0 && decode(body, &asked) != nil {
		return nil // the call is refused for it
	}
	form, err := s.formOf(ctx, actor, c.Param("id"), asked)
	if err == nil {
		s.Offline.Watch(claim, actor, form)
	}
	return err
}

// formOf is what is asked of a call, alike for both ways by which it may come: on which thing, and the body in one form, with photos by digest.
func (s *Server) formOf(ctx context.Context, actor access.Actor, on string, body map[string]any) ([]byte, error) {
	if body == nil {
		body = map[string]any{}
	}
	var ids []string
	each := func(do func(string) string) error {
		return eachName(body, func(_, _, text string) (string, error) { return do(text), nil })
	}
	_ = each(func(text string) string {
		if uuidShape.MatchString(text) {
			ids = append(ids, text)
		}
		return text
	})
	digests, err := s.Files.Digests(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	_ = each(func(text string) string {
		if digest := digests[text]; digest != "" {
			return byPhoto + digest
		}
		return text
	})
	text, err := encode(body)
	if err != nil {
		return nil, err
	}
	canonical := jsontext.Value(text)
	if err := canonical.Canonicalize(); err != nil {
		return nil, err
	}
	return []byte(hashOf([]byte(on), canonical)), nil
}

// alone is the act's call as it is made by itself.
func (s *Server) alone(actor access.Actor, name string, verb queuedVerb, n named) offline.Alone {
	a := offline.Alone{Answer: verb.tell, Heard: verb.heard}
	for _, r := range s.list {
		if r.Name != name {
			continue
		}
		if a.Keep = r.Keep; r.Audience == open {
			a.Caller = "open:" + name
		}
	}
	a.Form = func(ctx context.Context, with offline.With) ([]byte, error) {
		with.Photos = nil
		on, body, err := s.filled(ctx, n, with)
		if err != nil {
			return nil, err
		}
		return s.formOf(ctx, actor, on, body)
	}
	return a
}

// heardNotice reads what a notice was answered with that was made by itself.
func heardNotice(told store.Answer) (offline.Done, error) {
	var v madeNotice
	err := decode(told.Body, &v)
	return offline.Done{Thing: offline.Thing{Kind: "notice", ID: v.ID}, Number: v.Number, QueryCode: v.QueryCode, Code: v.URL[strings.LastIndex(v.URL, "/")+1:]}, err
}
