//go:build !race

package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/secret"
)

func init() {
	tolerated = append(tolerated, []struct{ call, statement, fault, why string }{
		{"a case's life", "FROM `posts` WHERE (office = ? AND role = ?", "sort", "the people of one role at one office"},
		{"reviewer lists questions", "case_opinions.office = ?", "sort", "an office that was asked seldom"},
		{"", "FROM `case_opinions` WHERE case_id = ?", "sort", "the few offices that one case asked"},
		{"", "FROM `case_opinions` WHERE (id < ?", "walk case_opinions", onceADay},
		{"", "FROM `case_opinions` WHERE (id < ?", "scan case_opinions", onceADay},
	}...)
}

// opined lets every tenth case under review wait for the opinion of an office with people, and each eighth other one have it.
func (c *crowd) opined(b *batch, i int, k casework.Case, at time.Time) {
	if k.AcceptedAt == nil && k.DecidedAt == nil {
		return
	}
	id := c.key('o', i, 0, at)
	row := map[string]any{
		"id": id, "case_id": k.ID, "number": fmt.Sprintf("BJ%018d", i), "item_name": k.ItemName, "lead_office": k.Office, "office": c.leads[i%len(c.leads)].office, "status": casework.OpinionAsked,
		"due_on": clock.DateOf(monday).AddDays(i % 5), "asked_by": c.reviewer, "asked_at": at, "reminders": i % 2, "position": "", "given_by": "", "decision": "",
		"question": c.store.Keys().Seal(secret.Where{Table: "case_opinions", Column: "question", Row: id}, []byte("是否属实？")),
	}
	switch {
	case k.Status == casework.Reviewing && i%10 == 0:
	case i%8 == 0:
		row["status"], row["ended_at"], row["position"] = casework.OpinionGiven, at, "agree"
	default:
		return
	}
	b.other("case_opinions", row)
}

// opinionLife is what is asked about a case, and what becomes of it; the case is reviewed on then.
func (h *house) opinionLife(ctx context.Context, t *testing.T, id string, reviewer, civil, water access.Actor) {
	t.Helper()
	seen, err := h.cases.AskOpinions(ctx, reviewer, id, casework.Asking{
		Offices: []string{civil.Office, water.Office}, Question: "申请人是不是已经享受同类待遇？", DueOn: clock.DateOf(monday).AddDays(2),
	})
	if err != nil || len(seen.Opinions) != 2 {
		t.Fatalf("%+v %v", seen.Opinions, err)
	}
	first, second := seen.Opinions[0], seen.Opinions[1]
	if first.Office != civil.Office {
		first, second = second, first
	}
	_, reminded := h.cases.RemindOpinion(ctx, reviewer, id, casework.Questioned{Opinion: first.ID})
	_, read := h.cases.Get(ctx, civil, id)
	_, given := h.cases.GiveOpinion(ctx, civil, first.ID, casework.Giving{Position: "agree"})
	_, withdrawn := h.cases.WithdrawOpinion(ctx, reviewer, id, casework.Questioned{Opinion: second.ID})
	if err := errors.Join(reminded, read, given, withdrawn); err != nil {
		t.Error(err)
	}
}

// opinionCalls are the work lists of an office that is asked, and one question.
func (h *house) opinionCalls(actors map[string]access.Actor, deep string) (calls []call) {
	for _, who := range []string{"officer-civil", "officer-water", "reviewer"} {
		calls = append(calls, call{who + " counts questions", func(ctx context.Context) error {
			_, err := h.cases.OpinionQueues(ctx, actors[who])
			return err
		}})
		for _, queue := range []string{"", "to_give", "due_today", "red", "reminded"} {
			for _, after := range []string{"", deep} {
				calls = append(calls, call{fmt.Sprintf("%s lists questions %s", who, queue), func(ctx context.Context) error {
					_, err := h.cases.Opinions(ctx, actors[who], casework.OpinionFilter{Queue: queue, After: after, Limit: 21})
					return err
				}})
			}
		}
	}
	return append(calls, call{"officer-civil reads a question", func(ctx context.Context) error {
		page, err := h.cases.Opinions(ctx, actors["officer-civil"], casework.OpinionFilter{Limit: 1})
		if err != nil || len(page) == 0 {
			return errors.Join(err, errors.New("no question"))
		}
		_, err = h.cases.GetOpinion(ctx, actors["officer-civil"], page[0].ID)
		return err
	}})
}
