//go:build !race

package main

import (
	"context"
	"fmt"
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

// entrusted makes the decision on a case, and of one that a clerk files the errand with its papers.
func (c *crowd) entrusted(b *batch, i int, k casework.Case, at time.Time) {
	if k.DecidedAt != nil {
		b.other("case_decisions", map[string]any{
			"id": c.key('g', i, 0, at), "case_id": k.ID, "outcome": casework.Granted, "reason": "", "reviewer": k.Reviewer, "decider": k.Decider, "decided_at": at,
		})
	}
	if k.Agent == "" || k.AppliedAt == nil {
		return
	}
	id := c.key('e', i, 0, at)
	row := map[string]any{
		"id": id, "number": fmt.Sprintf("DB%018d", i), "status": errand.SentIn, "version": 3, "case_id": k.ID, "open_case": k.ID, "item": k.Item, "item_name": k.ItemName,
		"county": k.County, "town": k.Town, "village": k.Village, "grid": k.Grid, "principal": k.Applicant, "agent": k.Agent, "relation": "self", "scope": []byte{},
		"powers": "file", "valid_from": clock.DateOf(at), "valid_until": clock.DateOf(at).AddDays(30), "method": "signed", "signature_sha256": "", "identity_how": "in_person",
		"identity_document": "id_card", "identity_by": k.Agent, "receiver_relation": "", "created_at": at, "filed_at": at, "updated_at": at,
	}
	if casework.Flow.IsFinal(k.Status) {
		row["status"], row["open_case"], row["handed_at"] = errand.Archived, nil, at
	}
	b.other("errands", row)
	b.other("errand_papers", map[string]any{
		"id": c.key('q', i, 0, at), "errand_id": id, "returns": "", "name": []byte{}, "form": "original", "count": 1, "signer": []byte{}, "signature": "signed", "at": at, "recorded_by": k.Agent,
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
