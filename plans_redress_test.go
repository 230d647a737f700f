//go:build !race

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/flow"
	"tongban/internal/rating"
	"tongban/internal/secret"
	"tongban/internal/workday"
)

// rated makes poor ratings of decided cases, and what is done about them: the newest are open, older ones closed.
func (c *crowd) rated(b *batch, i int, k casework.Case, at time.Time) {
	if k.DecidedAt == nil || i%4 != 0 {
		return
	}
	id := c.key('y', i, 0, at)
	b.ratings = append(b.ratings, rating.Rating{
		ID: id, Kind: rating.OfACase, Object: k.ID, Person: k.Applicant, County: k.County, Town: k.Town, Village: k.Village, Level: rating.VeryUnsatisfied, CreatedAt: at,
	})
	row := map[string]any{
		"id": id, "kind": rating.OfACase, "object": k.ID, "number": fmt.Sprintf("BJ%018d", i), "county": k.County, "town": k.Town, "village": k.Village, "office": k.Office, "level": 5,
		"status": rating.Closed, "version": 4, "finding": "true", "provisional": false, "light": workday.Green, "created_at": at, "closed_at": at, "updated_at": at,
	}
	if monday.Sub(at) < 3*7*24*time.Hour {
		row["status"], row["closed_at"], row["counted_with"], row["started_at"] = rating.Correcting, nil, c.mark, at
		row["warn_at"], row["late_at"] = monday.Add(24*time.Hour), monday.Add(72*time.Hour)
	}
	b.other("redresses", row)
	if i%12 == 0 { // some said more of it later
		words := c.store.Keys().Seal(secret.Where{Table: "rating_additions", Column: "text", Row: id}, []byte("又没有水了。"))
		b.other("rating_additions", map[string]any{"id": id, "level": 5, "text": words, "by_agent": "", "consent": "", "created_at": at})
	}
	for n, act := range []flow.Act{rating.Confirm, rating.Correct, rating.Answer} {
		event := c.key('z', i, n, at)
		words := c.store.Keys().Seal(secret.Where{Table: "redress_events", Column: "text", Row: event}, []byte("水泵换了大的。"))
		b.other("redress_events", map[string]any{
			"id": event, "text": words, "redress": id, "version": n + 2, "at": at, "act": act, "from_status": rating.Opened, "to_status": rating.Closed, "actor": "", "role": "supervisor", "code": "",
		})
	}
}

// redressCalls are the work lists of poor ratings and each way to narrow them, one redress and its answer, and the round.
func (h *house) redressCalls(actors map[string]access.Actor, deep string) (calls []call) {
	filters := map[string]rating.RedressFilter{
		"all": {}, "open": {Open: true}, "to answer": {Status: []flow.State{rating.ToAnswer}}, "red": {Light: workday.Red, Open: true}, "amber": {Light: workday.Amber, Open: true},
		"green": {Light: workday.Green, Open: true},
	}
	for _, who := range []string{"window-hall", "supervisor", "town supervisor"} {
		for name, filter := range filters {
			for _, after := range []string{"", deep} {
				filter.After, filter.Limit = after, 21
				calls = append(calls, call{fmt.Sprintf("%s lists redresses %s", who, name), func(ctx context.Context) error {
					_, err := h.ratings.Redresses(ctx, actors[who], filter)
					return err
				}})
			}
		}
	}
	return append(calls, call{"supervisor reads a redress", func(ctx context.Context) error {
		page, err := h.ratings.Redresses(ctx, actors["supervisor"], rating.RedressFilter{Limit: 1})
		if err != nil || len(page) == 0 {
			return errors.Join(err, errors.New("no redress"))
		}
		if _, err = h.ratings.GetRedress(ctx, actors["supervisor"], page[0].ID); err != nil {
			return err
		}
		_, err = h.ratings.OfCase(ctx, actors["supervisor"], page[0].Object)
		return err
	}}, call{"round of ratings", func(ctx context.Context) error {
		_, err := h.ratings.Rounds(ctx)
		return err
	}})
}
