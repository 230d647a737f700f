package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/family"
)

// householdView shows a member his own name in full and the others' masked; his village's clerk all of them.
type householdView struct {
	ID       string       `json:"id" format:"uuid"`
	Number   string       `json:"number" doc:"本村的户号"`
	Village  access.Area  `json:"village"`
	Head     string       `json:"head" format:"uuid" doc:"户主"`
	HeadName string       `json:"head_name"`
	Version  int          `json:"version"`
	EndedAt  *time.Time   `json:"ended_at,omitempty" doc:"销户的时间"`
	Members  []memberView `json:"members" doc:"现在户里的人；名单里不列"`
}

type memberView struct {
	Person       string     `json:"person" format:"uuid"`
	Name         string     `json:"name"`
	Relation     family.Kin `json:"relation" doc:"和户主的关系，GB/T 4761 代码"`
	RelationText string     `json:"relation_text"`
	Since        clock.Date `json:"since"`
}

func (v householdView) location() string { return "/households/" + v.ID }

func viewHousehold(h family.Household) householdView {
	return householdView{
		ID: h.ID, Number: h.Number, Village: h.Village, Head: h.Head, HeadName: h.HeadName, Version: h.Version, EndedAt: h.EndedAt,
		Members: views(h.Members, func(m family.Member) memberView {
			return memberView{m.Person, m.Name, m.Relation, m.Relation.Text(), m.Since}
		}),
	}
}

type householdsIn struct{ Paging }

func (s *Server) listHouseholds(ctx context.Context, in *householdsIn) (*reply[list[householdView]], error) {
	find := func(after string, limit int) ([]family.Household, error) {
		return s.Families.Households(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(h family.Household) string { return h.ID }, viewHousehold)
}

type householdIn struct {
	ID ID `path:"id"`
}

func (s *Server) readHousehold(ctx context.Context, in *householdIn) (*reply[householdView], error) {
	h, err := s.Families.Household(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewHousehold(h)), nil
}

type makeHouseholdIn struct {
	Body struct {
		Number string `json:"number" maxLength:"40" doc:"本村的户号，最多12个字"`
		Head   ID     `json:"head" doc:"户主，先在本村登记"`
	}
}

func (s *Server) makeHousehold(ctx context.Context, in *makeHouseholdIn) (*made[householdView], error) {
	return created(ctx, viewHousehold, func(ctx context.Context) (family.Household, error) {
		return s.Families.MakeHousehold(ctx, access.From(ctx), in.Body.Number, string(in.Body.Head))
	})
}

type addMemberIn struct {
	ID   ID `path:"id"`
	Body struct {
		Person   ID         `json:"person" doc:"先在本村登记"`
		Relation family.Kin `json:"relation" enum:"10,20,28,30,38,40,50,51,52,60,70,80,97,99" doc:"和户主的关系（GB/T 4761）：10 配偶，20 子，28 女婿，30 女，38 儿媳，40 孙辈，50 父母，51 父亲，52 母亲，60 祖父母、外祖父母，70 兄弟姐妹，80 其他，97 其他亲属，99 非亲属"`
	}
}

func (s *Server) addMember(ctx context.Context, in *addMemberIn) (*reply[householdView], error) {
	return answer(ctx, viewHousehold, func(ctx context.Context) (family.Household, error) {
		return s.Families.AddMember(ctx, access.From(ctx), string(in.ID), string(in.Body.Person), in.Body.Relation)
	})
}

type removeMemberIn struct {
	ID   ID `path:"id"`
	Body struct {
		Person ID             `json:"person"`
		Why    family.Leaving `json:"why" enum:"moved,marriage,split,merged,death,mistake" doc:"迁出、婚嫁、分户、并户、死亡、登记有误"`
	}
}

func (s *Server) removeMember(ctx context.Context, in *removeMemberIn) (*reply[householdView], error) {
	return answer(ctx, viewHousehold, func(ctx context.Context) (family.Household, error) {
		return s.Families.RemoveMember(ctx, access.From(ctx), string(in.ID), string(in.Body.Person), in.Body.Why)
	})
}

type changeHeadIn struct {
	ID   ID `path:"id"`
	Body struct {
		Head      ID `json:"head" doc:"户里的另一个人"`
		Relations []struct {
			Person   ID         `json:"person"`
			Relation family.Kin `json:"relation" enum:"10,20,28,30,38,40,50,51,52,60,70,80,97,99"`
		} `json:"relations" maxItems:"100" doc:"户里其他每个人和新户主的关系"`
	}
}

func (s *Server) changeHead(ctx context.Context, in *changeHeadIn) (*reply[householdView], error) {
	relations := map[string]family.Kin{}
	for _, r := range in.Body.Relations {
		relations[string(r.Person)] = r.Relation
	}
	return answer(ctx, viewHousehold, func(ctx context.Context) (family.Household, error) {
		return s.Families.ChangeHead(ctx, access.From(ctx), string(in.ID), string(in.Body.Head), relations)
	})
}

type endHouseholdIn struct {
	ID   ID `path:"id"`
	Body struct {
		Why family.Leaving `json:"why" enum:"moved,marriage,split,merged,death,mistake" doc:"迁出、婚嫁、分户、并户、死亡、登记有误"`
	}
}

func (s *Server) endHousehold(ctx context.Context, in *endHouseholdIn) (*reply[householdView], error) {
	return answer(ctx, viewHousehold, func(ctx context.Context) (family.Household, error) {
		return s.Families.EndHousehold(ctx, access.From(ctx), string(in.ID), in.Body.Why)
	})
}
