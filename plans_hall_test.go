//go:build !race

package main

import (
	"context"
	"errors"
	"fmt"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/deputy"
	"tongban/internal/fault"
)

func init() {
	smallTables["held"], smallTables["deputies"] = "posts by its other name", "one row an absence of a county's staff"
	tolerated = append(tolerated, []struct{ call, statement, fault, why string }{
		{"by the clock", "cases.status IN (?,?", "sort", "several states of one office at once: sorted among what is under way"},
		{"resident by the clock", "ORDER BY cases.urgent_at", "sort", "one resident's own, under way"},
		{"clerk-xinglin by the clock", "ORDER BY cases.urgent_at", "sort", "one village's, under way"},
		{"supervisor by the clock", "ORDER BY cases.urgent_at", "sort", "one state of what is under way in his area"},
		{"nobody has claimed", "cases.status IN (?,?", "sort", "several states of one office at once: sorted among what is under way"},
		{"counts queues", "case_handovers", "sort", "the few letters that wait for a person"},
		{"", "ORDER BY LOWER(id)", "sort", "a work list, or what is under way in one village"},
		{"deput", "FROM `posts` WHERE (office = ? AND role = ?", "sort", "the people of one role at one office"},
		{"", "FROM `deputies`", "sort", "one post's, or one area's offices'"},
	}...)
}

// inHand lets a third of the open cases of the demo county's hall be claimed, some in a post that is over.
func (c *crowd) inHand(k *casework.Case, i int) {
	if k.AppliedAt == nil || casework.Flow.IsFinal(k.Status) || i%3 != 0 {
		return
	}
	at := k.UpdatedAt
	k.Holder, k.HolderPost, k.HeldAt = c.reviewer, c.reviewerPost, &at
	if i%9 == 0 {
		k.HolderPost = "a post that is over"
	}
}

// hallCalls are the work lists by the clock, their counts, and what is claimed, released and stood in for.
func (h *house) hallCalls(actors map[string]access.Actor) (calls []call) {
	add := func(name string, do func(context.Context) error) { calls = append(calls, call{name, do}) }
	for _, who := range []string{"resident", "clerk-xinglin", "window-hall", "reviewer", "decider", "supervisor", "town supervisor"} {
		actor := actors[who]
		add(who+" counts queues of cases", func(ctx context.Context) error {
			_, err := h.cases.Queues(ctx, actor)
			return err
		})
		for _, queue := range casework.QueueNames() {
			add(fmt.Sprintf("%s by the clock, queue %s", who, queue), func(ctx context.Context) error {
				f := casework.Filter{Queue: queue, Urgent: true, Limit: 21}
				page, err := h.cases.List(ctx, actor, f)
				if fault.Of(err).Kind == fault.Invalid {
					return nil // the queue is another role's
				}
				if err != nil || len(page) == 0 {
					return err
				}
				f.After = page[len(page)-1].Place()
				_, err = h.cases.List(ctx, actor, f)
				return err
			})
		}
	}
	for _, who := range []string{"dispatcher", "officer-civil", "follow-up", "supervisor", "town supervisor"} {
		add(who+" counts queues of appeals", func(ctx context.Context) error {
			_, err := h.appeals.Queues(ctx, actors[who])
			return err
		})
	}
	for _, who := range []string{"window-hall", "reviewer", "decider"} {
		add(who+" lists cases that nobody has claimed", func(ctx context.Context) error {
			_, err := h.cases.List(ctx, actors[who], casework.Filter{Free: true, Urgent: true, Queue: "unclaimed", Limit: 21})
			return err
		})
		add(who+" takes the next case and gives it back", func(ctx context.Context) error {
			seen, err := h.cases.Next(ctx, actors[who], casework.Nexting{})
			if err != nil {
				return err
			}
			_, err = h.cases.Release(ctx, actors[who], seen.ID, casework.Releasing{})
			return err
		})
		add(who+" lists deputies", func(ctx context.Context) error {
			_, listed := h.deputies.List(ctx, actors[who], "", 21)
			_, colleagues := h.deputies.Colleagues(ctx, actors[who])
			return errors.Join(listed, colleagues)
		})
	}
	add("supervisor lists deputies", func(ctx context.Context) error {
		_, err := h.deputies.List(ctx, actors["supervisor"], "", 21)
		return err
	})
	// The demo has one reviewer: another one is hired.
	reviewer := actors["reviewer"]
	hired, refused := h.accounts.CreateStaff(context.Background(), actors["system-admin"], account.Newcomer{
		Username: "reviewer-2", Name: "严再思", Post: account.Term{Role: access.Reviewer, Title: "审查员", Office: reviewer.Office, Area: reviewer.Area},
	})
	add("reviewer names a deputy and takes it back", func(ctx context.Context) error {
		if refused != nil {
			return refused
		}
		today := clock.DateOf(monday)
		named, err := h.deputies.Name(ctx, reviewer, deputy.Naming{Deputy: hired.ID, FirstOn: today, LastOn: today})
		if err != nil {
			return err
		}
		_, err = h.deputies.End(ctx, reviewer, named.ID)
		return err
	})
	return calls
}
