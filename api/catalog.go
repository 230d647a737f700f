package api

import (
	"context"
	"errors"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/access"
	"tongban/internal/catalog"
)

// codeView says what a printed code stands for.
type codeView struct {
	Code    string      `json:"code" doc:"规范写法：大写，不带连字符"`
	Kind    string      `json:"kind" enum:"item,village,notice,bundle,place"`
	ID      string      `json:"id" doc:"事项、告知单等的编号；村的码为空"`
	Village access.Area `json:"village" doc:"全县通用的码为空"`
	URL     string      `json:"url" doc:"不用登录就能看的网页"`
}

type codeIn struct {
	Code string `path:"code" maxLength:"64" doc:"扫到的或照着打的，大小写、连字符都行"`
}

// resolveCode counts a scan: this is how the mini-program asks.
func (s *Server) resolveCode(ctx context.Context, in *codeIn) (*reply[codeView], error) {
	code, err := s.Catalog.Now().Code(in.Code)
	if errors.Is(err, catalog.ErrCodeUnknown) && s.CodeOf != nil {
		canonical, _ := catalog.ParseCode(in.Code) // it could be read, else it would not be unknown
		code, err = s.CodeOf(ctx, canonical)
	}
	if err != nil {
		return nil, err
	}
	s.Catalog.Scanned(code.Code)
	return show(codeView{code.Code, code.Kind, code.ID, s.Accounts.Follow(code.Village), s.BaseURL + "/q/" + code.Code}), nil
}

type itemsIn struct {
	Paging
	Village    string      `query:"village" pattern:"^[0-9]{12}$" patternDescription:"12位村码" doc:"回答这个村墙上的码"`
	Theme      string      `query:"theme" maxLength:"40"`
	Q          string      `query:"q" maxLength:"60" doc:"事项名或俗称：汉字、全拼、首字母都行"`
	CountyWide maybe[bool] `query:"county_wide" doc:"是否全县通办"`
}

// listItems keeps the best hit first; without q it is the county's own order.
func (s *Server) listItems(ctx context.Context, in *itemsIn) (*reply[list[ItemView]], error) {
	q := catalog.Query{Village: access.Area(in.Village), Theme: in.Theme, Text: in.Q}
	if in.CountyWide.given {
		q.CountyWide = &in.CountyWide.Value
	}
	id := func(e catalog.Entry) string { return e.ID }
	return paged(ctx, s, in.Paging, portion(s.Catalog.Now().Search(q), id), id, func(e catalog.Entry) ItemView {
		return viewItem(e.Item, e.Code)
	})
}

// maybe is a condition that may be left out, where the zero value means something else than leaving it out.
type maybe[T any] struct {
	Value T
	given bool
}

// Schema, Receiver and OnParamSet are how huma fills it.
func (maybe[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

func (o *maybe[T]) Receiver() reflect.Value      { return reflect.ValueOf(o).Elem().Field(0) }
func (o *maybe[T]) OnParamSet(given bool, _ any) { o.given = given }
