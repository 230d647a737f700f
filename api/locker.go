package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/locker"
)

// LockerPaperView is a paper in the locker, to its owner and the clerk of his village.
type LockerPaperView struct {
	ID           string          `json:"id" format:"uuid"`
	Person       string          `json:"person" format:"uuid" doc:"是谁的"`
	Kind         string          `json:"kind"`
	KindName     string          `json:"kind_name"`
	Pages        []pageView      `json:"pages" doc:"一页一张照片，按顺序"`
	ValidUntil   clock.Date      `json:"valid_until,omitzero" doc:"材料有效到哪一天；长期有效的没有"`
	Consent      string          `json:"consent" format:"uuid" doc:"凭哪一次同意存的"`
	ConsentHow   string          `json:"consent_how" enum:"signed,fingerprint,spoken,on_screen"`
	ConsentUntil clock.Date      `json:"consent_until" doc:"同意到哪一天为止"`
	WithdrawnAt  *time.Time      `json:"consent_withdrawn_at,omitempty"`
	FromCase     string          `json:"from_case" doc:"从哪件办件存下来的；直接存的为空"`
	PutBy        access.Role     `json:"put_by" doc:"本人存的还是办事员存的"`
	CreatedAt    time.Time       `json:"created_at"`
	Times        int             `json:"times_used"`
	Refused      string          `json:"refused" doc:"现在不能用的话，是什么原因（错误代码）；能用为空"`
	Uses         []lockerUseView `json:"uses" doc:"用在哪些事上；列表里为空"`
}

func (v LockerPaperView) location() string { return "/locker/" + v.ID }

type pageView struct {
	File         string `json:"file" format:"uuid"`
	SHA256       string `json:"sha256" doc:"保存的照片的摘要"`
	SHA256AsSent string `json:"sha256_as_sent" doc:"手机发来时的摘要"`
}

type lockerUseView struct {
	Case     string      `json:"case" format:"uuid"`
	Number   string      `json:"number,omitempty" doc:"办件的编号；只在个人信息副本里有，还没提交的没有"`
	Material string      `json:"material"`
	By       string      `json:"by" doc:"哪位工作人员用的；本人用的为空"`
	Role     access.Role `json:"role"`
	At       time.Time   `json:"at"`
}

func viewLockerPaper(p locker.Paper) LockerPaperView {
	return LockerPaperView{
		ID: p.ID, Person: p.Person, Kind: p.Kind, KindName: p.KindName,
		Pages:      views(p.Pages, func(g locker.Page) pageView { return pageView{g.File, g.SHA256Stored, g.SHA256Sent} }),
		ValidUntil: p.ValidUntil, Consent: p.Consent.ID, ConsentHow: p.Consent.How, ConsentUntil: p.ConsentUntil, WithdrawnAt: p.Consent.WithdrawnAt,
		FromCase: p.FromCase, PutBy: p.PutRole, CreatedAt: p.CreatedAt, Times: p.Times, Refused: p.Refused,
		Uses: views(p.Uses, func(u locker.Use) lockerUseView { return lockerUseView(u) }),
	}
}

type paperKindView struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Materials []string `json:"materials" doc:"能当事项里的哪些材料"`
}

type paperKindsIn struct{ Paging }

func (s *Server) listPaperKinds(ctx context.Context, in *paperKindsIn) (*reply[list[paperKindView]], error) {
	all, err := s.Locker.Kinds(ctx)
	if err != nil {
		return nil, err
	}
	id := func(k locker.Kind) string { return k.ID }
	return paged(ctx, s, in.Paging, portion(all, id), id, func(k locker.Kind) paperKindView { return paperKindView(k) })
}

type myLockerIn struct{ Paging }

func (s *Server) listMyLocker(ctx context.Context, in *myLockerIn) (*reply[list[LockerPaperView]], error) {
	return s.lockerOf(ctx, "", in.Paging)
}

type lockerIn struct {
	Paging
	ID ID `path:"id"`
}

func (s *Server) listLocker(ctx context.Context, in *lockerIn) (*reply[list[LockerPaperView]], error) {
	return s.lockerOf(ctx, string(in.ID), in.Paging)
}

func (s *Server) lockerOf(ctx context.Context, person string, page Paging) (*reply[list[LockerPaperView]], error) {
	find := func(after string, limit int) ([]locker.Paper, error) {
		return s.Locker.Papers(ctx, access.From(ctx), person, after, limit)
	}
	return paged(ctx, s, page, find, func(p locker.Paper) string { return p.ID }, viewLockerPaper)
}

// KeptPaper is what is said of a paper that is to be kept.
type KeptPaper struct {
	Kind         string     `json:"kind" maxLength:"36" doc:"哪一种材料"`
	Files        []ID       `json:"files" minItems:"1" maxItems:"6" doc:"先上传照片得到的编号，一页一张，按顺序"`
	ValidUntil   clock.Date `json:"valid_until,omitzero" doc:"材料有效到哪一天；长期有效的不填"`
	ConsentUntil clock.Date `json:"consent_until" doc:"同意存着再用到哪一天，最长三年"`
}

func (b KeptPaper) putting(person string, c account.Consent) locker.Putting {
	return locker.Putting{Person: person, Kind: b.Kind, Files: texts(b.Files), ValidUntil: b.ValidUntil, ConsentUntil: b.ConsentUntil, Consent: c}
}

type putMyPaperIn struct {
	Body struct {
		KeptPaper
		Consent tickedConsent `json:"consent"`
	}
}

func (s *Server) putMyPaper(ctx context.Context, in *putMyPaperIn) (*made[LockerPaperView], error) {
	put := in.Body.putting("", account.Consent{TextVersion: in.Body.Consent.TextVersion})
	return created(ctx, viewLockerPaper, func(ctx context.Context) (locker.Paper, error) {
		return s.Locker.Put(ctx, access.From(ctx), put)
	})
}

type putPaperIn struct {
	ID   ID `path:"id"`
	Body struct {
		KeptPaper
		Consent givenConsent `json:"consent" doc:"本人怎样同意的"`
	}
}

func (s *Server) putPaper(ctx context.Context, in *putPaperIn) (*made[LockerPaperView], error) {
	put := in.Body.putting(string(in.ID), in.Body.Consent.consent())
	return created(ctx, viewLockerPaper, func(ctx context.Context) (locker.Paper, error) {
		return s.Locker.Put(ctx, access.From(ctx), put)
	})
}

type lockerPaperIn struct {
	ID ID `path:"id"`
}

func (s *Server) readLockerPaper(ctx context.Context, in *lockerPaperIn) (*reply[LockerPaperView], error) {
	p, err := s.Locker.Paper(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewLockerPaper(p)), nil
}

// eitherConsent is a consent on one's own screen, or before the clerk, who says how.
type eitherConsent struct {
	TextVersion string `json:"text_version" maxLength:"32" doc:"告知书是哪一版"`
	How         string `json:"how,omitempty" enum:"signed,fingerprint,spoken" doc:"办事员填：本人怎样同意的；本人办不填"`
	GivenBy     ID     `json:"given_by,omitempty" doc:"不满十四周岁的孩子，由哪位监护人同意的"`
}

func (c eitherConsent) consent() account.Consent {
	return account.Consent{TextVersion: c.TextVersion, How: c.How, GivenBy: string(c.GivenBy)}
}

type agreePaperIn struct {
	ID   ID `path:"id"`
	Body struct {
		Consent eitherConsent `json:"consent"`
		Until   clock.Date    `json:"consent_until" doc:"同意到哪一天为止，最长三年"`
	}
}

func (s *Server) agreeLockerPaper(ctx context.Context, in *agreePaperIn) (*reply[LockerPaperView], error) {
	return answer(ctx, viewLockerPaper, func(ctx context.Context) (locker.Paper, error) {
		return s.Locker.Agree(ctx, access.From(ctx), string(in.ID), locker.Agreeing{Consent: in.Body.Consent.consent(), Until: in.Body.Until})
	})
}

type withdrawPaperIn struct {
	ID   ID `path:"id"`
	Body struct {
		How string `json:"how,omitempty" enum:"signed,fingerprint,spoken" doc:"办事员填：本人怎样表示撤回；本人办不填"`
	}
}

func (s *Server) withdrawLockerPaper(ctx context.Context, in *withdrawPaperIn) (*reply[LockerPaperView], error) {
	return answer(ctx, viewLockerPaper, func(ctx context.Context) (locker.Paper, error) {
		return s.Locker.Withdraw(ctx, access.From(ctx), string(in.ID), in.Body.How)
	})
}

type removePaperIn struct {
	ID   ID `path:"id"`
	Body struct {
		Why locker.Removing `json:"why" enum:"asked,replaced,mistake" doc:"本人要求、换了新的、存错了"`
	}
}

func (s *Server) removeLockerPaper(ctx context.Context, in *removePaperIn) (*reply[LockerPaperView], error) {
	return answer(ctx, viewLockerPaper, func(ctx context.Context) (locker.Paper, error) {
		return s.Locker.Remove(ctx, access.From(ctx), string(in.ID), in.Body.Why)
	})
}

type usePaperBody struct {
	Version  int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Material string `json:"material" maxLength:"64" doc:"事项里的材料编号"`
	Paper    ID     `json:"locker_paper" doc:"材料复用库里的哪一份"`
	Copies   int    `json:"copies,omitempty" minimum:"0" doc:"不写就是一份"`
}

func reused(b usePaperBody) casework.Reuse {
	return casework.Reuse{Version: b.Version, Material: b.Material, Paper: string(b.Paper), Copies: b.Copies}
}

type keepPaperIn struct {
	ID   ID `path:"id"`
	Body struct {
		Material     string        `json:"material" maxLength:"64" doc:"办件的哪份材料"`
		ValidUntil   clock.Date    `json:"valid_until,omitzero" doc:"材料有效到哪一天；长期有效的不填"`
		ConsentUntil clock.Date    `json:"consent_until" doc:"同意存着再用到哪一天，最长三年"`
		Consent      eitherConsent `json:"consent"`
	}
}

func (s *Server) keepPaperOfCase(ctx context.Context, in *keepPaperIn) (*made[LockerPaperView], error) {
	b := in.Body
	keeping := casework.Keeping{Material: b.Material, ValidUntil: b.ValidUntil, ConsentUntil: b.ConsentUntil, Consent: b.Consent.consent()}
	return created(ctx, viewLockerPaper, func(ctx context.Context) (locker.Paper, error) {
		return s.Cases.KeepPaper(ctx, access.From(ctx), string(in.ID), keeping)
	})
}
