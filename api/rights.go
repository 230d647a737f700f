package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/rights"
)

// readView is that somebody looked: his post, not his name.
type readView struct {
	ID         string      `json:"id" format:"uuid"`
	At         time.Time   `json:"at"`
	Role       access.Role `json:"role"`
	RoleText   string      `json:"role_text"`
	Office     string      `json:"office" doc:"机构编号；没有为空"`
	OfficeName string      `json:"office_name"`
	Area       access.Area `json:"area"`
	AreaName   string      `json:"area_name"`
	Field      string      `json:"field" enum:"name,phone,id_number,locker"`
	FieldText  string      `json:"field_text" doc:"姓名、电话、证件号码"`
	Reason     string      `json:"reason" doc:"当时写的理由"`
}

func viewRead(r rights.Read) readView {
	return readView{r.ID, r.At, r.Role, r.RoleText, r.Office, r.OfficeName, r.Area, r.AreaName, r.Field, r.FieldText, r.Reason}
}

type readsIn struct{ Paging }

func (s *Server) listReads(ctx context.Context, in *readsIn) (*reply[list[readView]], error) {
	find := func(after string, limit int) ([]rights.Read, error) {
		return s.Rights.Reads(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(r rights.Read) string { return r.ID }, viewRead)
}

// closedView is a closed account: an id with nothing behind it.
type closedView struct {
	ID       string    `json:"id" format:"uuid"`
	ClosedAt time.Time `json:"closed_at"`
}

func viewClosed(c account.Closed) closedView { return closedView{c.ID, c.At} }

type closeMineIn struct {
	Body struct {
		Confirm string `json:"confirm" maxLength:"20" doc:"请本人填写“注销”两个字"`
	}
}

// closeMe ends the very session that asks, so a repetition meets 401: that it is done.
func (s *Server) closeMe(ctx context.Context, in *closeMineIn) (*reply[closedView], error) {
	return answer(ctx, viewClosed, func(ctx context.Context) (account.Closed, error) {
		return s.Rights.CloseMine(ctx, access.From(ctx), in.Body.Confirm)
	})
}

type closeResidentIn struct {
	ID   ID `path:"id"`
	Body struct {
		Cause account.CloseCause `json:"cause" enum:"asked,died,moved" doc:"本人要求、去世、迁出"`
		How   string             `json:"how" maxLength:"400" doc:"谁怎样提出来的，看了什么证明；会留痕，不要写电话、证件号码"`
	}
}

func (s *Server) closeResident(ctx context.Context, in *closeResidentIn) (*reply[closedView], error) {
	c := account.Closing{Cause: in.Body.Cause, How: in.Body.How}
	return answer(ctx, viewClosed, func(ctx context.Context) (account.Closed, error) {
		return s.Rights.CloseFor(ctx, access.From(ctx), string(in.ID), c)
	})
}
