package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/rating"
)

type rateIn struct {
	ID   ID `path:"id"`
	Body struct {
		Version  int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
		Level    int    `json:"level" minimum:"1" maximum:"5" doc:"1 非常满意、2 满意、3 基本满意、4 不满意、5 非常不满意"`
		Solved   *bool  `json:"solved,omitempty" doc:"事情解决了没有"`
		Text     string `json:"text,omitempty" maxLength:"4000"`
		Consent  string `json:"consent,omitempty" enum:"signed,fingerprint,spoken" doc:"村办事员代评时：本人签字、按手印、口头同意"`
		OnBehalf ID     `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友评价；本人评价不填"`
	}
}

type ratingView struct {
	ID     string    `json:"id" format:"uuid"`
	Appeal string    `json:"appeal,omitempty" format:"uuid" doc:"评价的是哪件诉求"`
	Case   string    `json:"case,omitempty" format:"uuid" doc:"评价的是哪件办件"`
	Level  int       `json:"level"`
	Stars  int       `json:"stars"`
	Solved *bool     `json:"solved,omitempty"`
	At     time.Time `json:"at"`
}

func viewRating(r rating.Rating) ratingView {
	v := ratingView{ID: r.ID, Level: int(r.Level), Stars: 6 - int(r.Level), Solved: r.Solved, At: r.CreatedAt}
	if r.Kind == rating.OfACase {
		v.Case = r.Object
	} else {
		v.Appeal = r.Object
	}
	return v
}

// ratedView is a rating beside what it is of.
type ratedView struct {
	Level  int       `json:"level"`
	Solved *bool     `json:"solved,omitempty"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`

	Answer     string     `json:"answer" doc:"对差评的答复；还没有为空"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`

	Addition *additionView `json:"addition,omitempty" doc:"追评；没有追评没有这一项"`
}

func viewRated(r *rating.Seen) *ratedView {
	if r == nil {
		return nil
	}
	return &ratedView{int(r.Level), r.Solved, r.Text, r.CreatedAt, r.Answer, r.AnsweredAt, viewAdditionBeside(r.Addition)}
}

// additionView is a second rating (追评) beside the first.
type additionView struct {
	Level int       `json:"level"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
}

func viewAdditionBeside(a *rating.Added) *additionView {
	if a == nil {
		return nil
	}
	return &additionView{int(a.Level), a.Text, a.CreatedAt}
}

func (in *rateIn) said() rating.Input {
	b := in.Body
	return rating.Input{Version: b.Version, Level: rating.Level(b.Level), Solved: b.Solved, Text: b.Text, Consent: b.Consent, OnBehalf: string(b.OnBehalf)}
}

func (s *Server) rateAppeal(ctx context.Context, in *rateIn) (*reply[ratingView], error) {
	return answer(ctx, viewRating, func(ctx context.Context) (rating.Rating, error) {
		return s.Ratings.RateAppeal(ctx, access.From(ctx), string(in.ID), in.said())
	})
}

func (s *Server) rateCase(ctx context.Context, in *rateIn) (*reply[ratingView], error) {
	return answer(ctx, viewRating, func(ctx context.Context) (rating.Rating, error) {
		return s.Ratings.RateCase(ctx, access.From(ctx), string(in.ID), in.said())
	})
}

type rateAgainIn struct {
	ID   ID `path:"id"`
	Body struct {
		Version  int    `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
		Level    int    `json:"level" minimum:"1" maximum:"5" doc:"1 非常满意、2 满意、3 基本满意、4 不满意、5 非常不满意"`
		Text     string `json:"text,omitempty" maxLength:"4000"`
		Consent  string `json:"consent,omitempty" enum:"signed,fingerprint,spoken" doc:"村办事员代评时：本人签字、按手印、口头同意"`
		OnBehalf ID     `json:"on_behalf_of_resident_id,omitempty" doc:"您替哪位亲友评价；本人评价不填"`
	}
}

func (in *rateAgainIn) said() rating.Input {
	b := in.Body
	return rating.Input{Version: b.Version, Level: rating.Level(b.Level), Text: b.Text, Consent: b.Consent, OnBehalf: string(b.OnBehalf)}
}

func viewAddition(a rating.Addition) ratingView {
	return viewRating(rating.Rating{ID: a.ID, Kind: a.Kind, Object: a.Object, Level: a.Level, CreatedAt: a.CreatedAt})
}

func (s *Server) rateAppealAgain(ctx context.Context, in *rateAgainIn) (*reply[ratingView], error) {
	return answer(ctx, viewAddition, func(ctx context.Context) (rating.Addition, error) {
		return s.Ratings.RateAppealAgain(ctx, access.From(ctx), string(in.ID), in.said())
	})
}

func (s *Server) rateCaseAgain(ctx context.Context, in *rateAgainIn) (*reply[ratingView], error) {
	return answer(ctx, viewAddition, func(ctx context.Context) (rating.Addition, error) {
		return s.Ratings.RateCaseAgain(ctx, access.From(ctx), string(in.ID), in.said())
	})
}
