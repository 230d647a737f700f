package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/audit"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// trailView tells who did what to which thing: ids, states and names of fields, never what stands in them. The row's place in
// its chain is not told: a gap would say that something is kept from the reader.
type trailView struct {
	ID     string      `json:"id" format:"uuid"`
	At     string      `json:"at" format:"date-time"`
	Area   access.Area `json:"area" doc:"记在哪个区划名下；0表示不属于哪个区划"`
	Person string      `json:"person" doc:"谁做的；系统自己做的为空"`
	Post   string      `json:"post" doc:"以哪个岗位做的；没有为空"`
	Role   access.Role `json:"role" doc:"没登录的为空"`
	Office string      `json:"office"`
	Act    string      `json:"act" doc:"做了什么，例如 appeal.dispatch"`
	Kind   string      `json:"kind" doc:"对哪一类"`
	Object string      `json:"object" doc:"对哪一件"`
	From   string      `json:"from"`
	To     string      `json:"to"`
	Why    string      `json:"why" doc:"理由"`
	Fields []string    `json:"fields" doc:"看过或改过哪几项，只有名称"`
}

func viewTrail(b store.TrailBody) trailView {
	v := trailView{
		ID: b.ID, At: b.At, Area: access.Area(b.Area), Person: b.Person, Post: b.Post, Role: access.Role(b.Role), Office: b.Office,
		Act: b.Act, Kind: b.Kind, Object: b.Object, From: b.From, To: b.To, Why: b.Why, Fields: b.Fields,
	}
	if at, err := time.Parse(time.RFC3339, b.At); err == nil {
		v.At = at.In(clock.Shanghai).Format(time.RFC3339)
	}
	if v.Fields == nil {
		v.Fields = []string{}
	}
	return v
}

type trailIn struct {
	Paging
	From   clock.Date `query:"from" doc:"从哪天起（含）"`
	To     clock.Date `query:"to" doc:"到哪天止（含）"`
	Person string     `query:"person" format:"uuid" pattern:"^[0-9a-f-]{36}$" patternDescription:"编号" doc:"谁做的"`
	Act    string     `query:"act" maxLength:"64" pattern:"^[a-z_]+\\.[a-z_]+$" patternDescription:"留痕动作" doc:"例如 person.reveal"`
	Kind   string     `query:"kind" maxLength:"32" pattern:"^[a-z_]+$" patternDescription:"类别" doc:"例如 appeal"`
	Object string     `query:"object" maxLength:"36" pattern:"^[0-9a-z-]+$" patternDescription:"编号" doc:"对哪一件"`
	Area   string     `query:"area" pattern:"^([0-9]{6}|[0-9]{9}|[0-9]{12})$" patternDescription:"县、乡镇或村的区划码" doc:"这里和下面的"`
}

// readTrail is a read that is itself a row of the trail.
func (s *Server) readTrail(ctx context.Context, in *trailIn) (*reply[list[trailView]], error) {
	find := func(after string, limit int) ([]store.TrailBody, error) {
		return s.Audit.Trail(ctx, access.From(ctx), audit.Filter{
			From: in.From, To: in.To, Person: in.Person, Act: in.Act, Kind: in.Kind, Object: in.Object, Area: access.Area(in.Area),
			After: after, Limit: limit,
		})
	}
	return paged(ctx, s, in.Paging, find, func(b store.TrailBody) string { return b.ID }, viewTrail)
}

type headView struct {
	Area   access.Area `json:"area"`
	Day    clock.Date  `json:"day"`
	Length int         `json:"length" doc:"当天到现在有多少条"`
	Hash   string      `json:"hash" doc:"最后一条的散列值，抄存别处可以对照"`
}

func viewHead(h store.Head) headView {
	return headView{access.Area(h.Area), h.Day, h.Length, h.Hash}
}

type headsIn struct{ Paging }

func (s *Server) listHeads(ctx context.Context, in *headsIn) (*reply[list[headView]], error) {
	all, err := s.Audit.Heads(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	area := func(h store.Head) string { return h.Area }
	return paged(ctx, s, in.Paging, portion(all, area), area, viewHead)
}
