package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/notice"
)

// NoticeView is a one-time notice: the papers that this villager needs, of exactly the version he was told.
type NoticeView struct {
	ID        string              `json:"id" format:"uuid"`
	Number    string              `json:"number"`
	URL       string              `json:"url" doc:"不用登录就能看的网页，也是纸上的二维码"`
	ItemID    string              `json:"item_id" format:"uuid"`
	ItemName  string              `json:"item_name"`
	Version   int                 `json:"version" doc:"事项的版本"`
	Outdated  bool                `json:"outdated" doc:"事项后来改过，最好重新开一张"`
	Village   access.Area         `json:"village"`
	Name      string              `json:"name" doc:"开给谁的，只留姓；没写为空"`
	Materials []neededView        `json:"materials"`
	Steps     []stepView          `json:"steps"`
	Places    []placeView         `json:"places"`
	Answers   map[string][]string `json:"answers"`
	MadeAt    time.Time           `json:"made_at"`
}

// madeNotice also tells the query code, this once.
type madeNotice struct {
	NoticeView
	QueryCode string `json:"query_code" doc:"只告诉这一次，请记下来"`
}

func (v madeNotice) location() string { return "/notices/" + v.Number }

func (s *Server) viewNotice(n notice.Notice) NoticeView {
	v := NoticeView{
		ID: n.ID, Number: n.Number, URL: s.BaseURL + "/q/" + n.Code, ItemID: n.List.Item.ID, ItemName: n.List.Item.Name,
		Version: n.List.Item.Version, Outdated: n.Outdated, Village: n.Village.Code, Name: n.Name.String(),
		Materials: views(n.List.Materials, viewNeeded), Steps: views(n.List.Steps, viewStep), Places: views(n.Places, viewPlace), Answers: n.Answers, MadeAt: n.MadeAt,
	}
	if v.Answers == nil {
		v.Answers = map[string][]string{}
	}
	return v
}

type makeNoticeIn struct {
	Body struct {
		ItemID  ID          `json:"item_id"`
		Village access.Area `json:"village" pattern:"^[0-9]{12}$" patternDescription:"12位村码"`
		Answers answersIn   `json:"answers,omitempty"`
		Name    string      `json:"name,omitempty" maxLength:"120" doc:"开给谁的，可以不写"`
	}
}

func noticeAsked(in *makeNoticeIn) notice.Request {
	b := in.Body
	return notice.Request{ItemID: string(b.ItemID), Village: b.Village, Answers: b.Answers.chosen(), Name: b.Name}
}

func (s *Server) viewMade(m notice.Made) madeNotice {
	return madeNotice{s.viewNotice(m.Notice), m.QueryCode}
}

func (s *Server) makeNotice(ctx context.Context, in *makeNoticeIn) (*made[madeNotice], error) {
	if err := s.Named(ctx, in.Body.Village); err != nil {
		return nil, err
	}
	return created(ctx, s.viewMade, func(ctx context.Context) (notice.Made, error) {
		return s.Notices.Make(ctx, access.Stranger(), noticeAsked(in))
	})
}

type readNoticeIn struct {
	Number    string `path:"number" maxLength:"40" doc:"GZ 开头的编号，空格和横线不要紧"`
	QueryCode string `query:"query_code" required:"true" maxLength:"20" doc:"六位查询码"`
}

func (s *Server) readNotice(ctx context.Context, in *readNoticeIn) (*reply[NoticeView], error) {
	if err := s.Numbered(ctx, in.Number); err != nil {
		return nil, err
	}
	n, err := s.Notices.ByNumber(ctx, addressOf(ctx), in.Number, in.QueryCode)
	if err != nil {
		return nil, err
	}
	return show(s.viewNotice(n)), nil
}
