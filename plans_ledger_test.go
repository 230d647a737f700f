//go:build !race

package main

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/errand"
	"tongban/internal/fault"
	"tongban/internal/flow"
)

var decidedCases = []flow.State{casework.Granted, casework.Denied, casework.Delivered, casework.Concluded}

// decided makes the decision on a case.
func (c *crowd) decided(b *batch, i int, k casework.Case, at time.Time) {
	if k.DecidedAt == nil {
		return
	}
	b.other("case_decisions", map[string]any{
		"id": c.key('g', i, 0, at), "case_id": k.ID, "outcome": casework.Granted, "reason": "", "reviewer": k.Reviewer, "decider": k.Decider, "decided_at": at,
	})
}

// ledgerCalls are the ledger of a month, masked and in full, and its figures.
func (h *house) ledgerCalls(actors map[string]access.Actor) (calls []call) {
	day := clock.DateOf(monday)
	month := clock.Date{Year: day.Year, Month: day.Month, Day: 1}
	for _, who := range []string{"clerk-xinglin", "supervisor", "town supervisor"} {
		calls = append(calls, call{who + " takes a ledger", func(ctx context.Context) error {
			_, err := h.errands.Ledger(ctx, actors[who], errand.LedgerOrder{Month: month})
			return err
		}}, call{who + " counts errands", func(ctx context.Context) error {
			_, err := h.errands.Figures(ctx, actors[who], errand.FiguresOrder{From: month, Through: month, By: errand.ByOffice})
			return err
		}})
	}
	calls = append(calls, call{"round of waiting", func(ctx context.Context) error {
		_, err := h.cases.CountWaits(ctx)
		return err
	}})
	return append(calls, call{"clerk-xinglin takes a ledger with names", func(ctx context.Context) error {
		look := &account.Look{Fields: []string{"name"}, Cause: account.ToFile, Note: "月底造册"}
		_, err := h.errands.Ledger(ctx, actors["clerk-xinglin"], errand.LedgerOrder{Month: month, Names: look})
		if err != nil && fault.Of(err).Code == errand.ErrLedgerQuota.Code {
			err = nil // it is asked for several times
		}
		return err
	}})
}
