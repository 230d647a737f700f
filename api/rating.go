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
	Appeal string    `json:"appeal" format:"uuid"`
	Level  int       `json:"level"`
	Stars  int       `json:"stars"`
	Solved *bool     `json:"solved,omitempty"`
	At     time.Time `json:"at"`
}

func viewRating(r rating.Rating) ratingView {
	return ratingView{r.ID, r.Object, int(r.Level), 6 - int(r.Level), r.Solved, r.CreatedAt}
}

func (s *Server) rateAppeal(ctx context.Context, in *rateIn) (*reply[ratingView], error) {
	b := in.Body
	given := rating.Input{Version: b.Version, Level: rating.Level(b.Level), Solved: b.Solved, Text: b.Text, Consent: b.Consent, OnBehalf: string(b.OnBehalf)}
	return answer(ctx, viewRating, func(ctx context.Context) (rating.Rating, error) {
		return s.Ratings.RateAppeal(ctx, access.From(ctx), string(in.ID), given)
	})
}
