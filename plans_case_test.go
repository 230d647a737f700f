//go:build !race

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/secret"
	"tongban/internal/workday"
)

const claimed = "01932f00-4c00-7000-8000-000000000003" // 待遇申领

var (
	openCaseStates = weights[flow.State]{
		{5, casework.Draft}, {3, casework.Submitted}, {12, casework.Received}, {8, casework.Correcting}, {15, casework.Accepted}, {25, casework.Reviewing},
		{4, casework.Suspended}, {10, casework.Granted}, {3, casework.Denied}, {15, casework.Delivered},
	}
	oldCaseStates = weights[flow.State]{
		{1, casework.Draft}, {1, casework.Suspended}, {3, casework.Refused}, {3, casework.Discarded}, {4, casework.Withdrawn}, {88, casework.Concluded},
	}
	endedCaseStates = oldCaseStates[2:]
	runningCases    = []flow.State{casework.Received, casework.Accepted, casework.Reviewing}
)

// kase makes row i of the cases, with its history and papers. The last three weeks' are mostly open, older ones mostly
// concluded.
func (c *crowd) kase(b *batch, i int) {
	r := rand.New(rand.NewPCG(uint64(i), 2))
	at := c.at(i)
	village := c.village(i)
	number := fmt.Sprintf("BJ%018d", i)
	k := casework.Case{
		ID: c.key('c', i, 0, at), Number: &number, QueryMAC: "-", Version: 3, Status: oldCaseStates.pick(r), Item: claimed, ItemVersion: 1, ItemName: "待遇申领",
		CaseType: catalog.Committed, County: village.County(), Town: village.Town(), Village: village, Grid: c.grid(i), Applicant: c.person(i),
		Office: fmt.Sprintf("hall of %s", village.County()), PromisedValue: 10, PromisedUnit: workday.Workdays, Light: lightWeights.pick(r),
		CreatedAt: at, UpdatedAt: at, AppliedAt: &at,
	}
	k.Answers = c.store.Keys().Seal(secret.Where{Table: "cases", Column: "answers", Row: k.ID}, []byte("{}"))
	switch {
	case c.past():
		k.Status = endedCaseStates.pick(r)
	case monday.Sub(at) < 3*7*24*time.Hour:
		k.Status = openCaseStates.pick(r)
	}
	switch {
	case i%60 == 0 && i < 6000:
		k.Applicant, k.Agent = c.resident, c.clerk
	case r.IntN(100) < 60:
		k.Agent = "clerk of " + string(village)
		if village == xinglin {
			k.Agent = c.clerk
		}
	}
	if k.County == access.Area(xinglin).County() {
		k.Office, k.Window, k.Reviewer, k.Decider = c.hall.office, c.hall.person, c.reviewer, c.decider
	}
	c.timed(&k, at)
	c.inHand(&k, i)
	b.cases = append(b.cases, k)
	c.errand(b, i, k, at)
	for n, act := range []flow.Act{casework.Submit, casework.Receive, casework.Accept} {
		b.caseEvents = append(b.caseEvents, casework.Event{
			ID: c.key('k', i, n, at), CaseID: k.ID, Version: n + 1, At: at, Act: act, ToStatus: k.Status, Role: access.Window, Visible: true, Data: "{}",
		})
	}
	c.handed(b, i, k, at)
	c.queued(b, i, cmp.Or(k.Agent, c.clerk), k.Village, at)
	c.decided(b, i, k, at)
	c.rated(b, i, k, at)
	c.opined(b, i, k, at)
	for n, material := range []string{"id_card", "hukou_book"} {
		b.other("case_materials", map[string]any{
			"id": c.key('p', i, n, at), "case_id": k.ID, "material": material, "place": n, "necessity": "required", "state": "given", "taken_as": "original", "copies": 1, "changed_in": 0,
		})
	}
	if k.AppliedAt != nil {
		id := c.key('w', i, 0, at)
		b.other("case_documents", map[string]any{
			"id": id, "case_id": k.ID, "version": 2, "kind": "receipt", "office": k.Office, "series": "收件", "year": 2025, "sequence": i + 1, "text_version": 1,
			"data": []byte{}, "hash": "-", "code": strings.ReplaceAll(id, "-", ""), "made_at": at, "made_by": "", "role": "system",
		})
	}
	if i%5 == 0 {
		b.other("case_periods", map[string]any{"id": c.key('s', i, 0, at), "case_id": k.ID, "version": 3, "kind": "suspension", "code": "testing", "started_at": at, "ended_at": at, "days": 0, "unit": ""})
	}
	if i%7 == 0 {
		id := c.key('n', i, 0, at)
		b.other("case_corrections", map[string]any{"id": id, "case_id": k.ID, "number": 1, "office": k.Office, "asked_by": "", "asked_at": at, "answered_at": at, "repeated": i%70 == 0, "permit": ""})
		b.other("case_defects", map[string]any{"id": c.key('d', i, 0, at), "correction": id, "place": 0, "material": "id_card", "reason": "illegible", "text": []byte("-"), "earlier": false})
	}
}

// handed is what the county's platform heard of the case; a few letters are stuck, and some nights found a difference.
func (c *crowd) handed(b *batch, i int, k casework.Case, at time.Time) {
	id, stuck := c.key('u', i, 0, at), i%2000 == 0 && !c.past()
	row := map[string]any{"id": id, "case_id": k.ID, "nth": 1, "act": "submit", "status": "sent", "made_at": at, "settled_at": at, "settled_by": ""}
	if stuck {
		row["status"] = "waiting"
		b.other("outbox", map[string]any{
			"id": c.key('v', i, 0, at), "topic": casework.HandoverTopic, "kind": "case_handover", "object": id, "area": k.Village, "data": "null", "status": "stuck", "attempts": 20,
			"next_at": at, "lease_owner": "", "last_error": "", "created_at": at,
		})
	}
	b.other("case_handovers", row)
	if i%20 != 0 {
		return
	}
	difference := map[string]any{
		"id": c.key('w', i, 0, at), "kind": "state_differs", "ref": k.ID, "case_id": k.ID, "our_state": "", "their_state": "", "our_number": "", "their_number": "",
		"found_at": at, "seen_at": at, "pulled": false, "open_key": k.ID, "over_at": nil,
	}
	if !stuck {
		difference["open_key"], difference["over_at"] = nil, at
	}
	b.other("case_differences", difference)
}

// timed sets the clock that runs in the state, for what no round has to do.
func (c *crowd) timed(k *casework.Case, at time.Time) {
	if k.Status == casework.Draft || k.Status == casework.Discarded {
		k.AppliedAt, k.Number = nil, nil
	}
	later := func(hours int) *time.Time { moment := monday.Add(time.Duration(hours) * time.Hour); return &moment }
	if !casework.Flow.IsFinal(k.Status) && k.AppliedAt != nil && k.Status != casework.Delivered {
		k.CountedWith = &c.mark
	}
	if slices.Contains(runningCases, k.Status) {
		k.Light, k.WarnAt, k.LateAt = workday.Green, later(24), later(72)
		k.NoticedFrom, k.NoticeOn, k.AcceptedAt, k.PromisedOn = &at, clock.DateOf(monday).AddDays(3), &at, clock.DateOf(monday).AddDays(3)
	}
	switch k.Status {
	case casework.Correcting:
		k.CorrectOn, k.RemindAt = clock.DateOf(monday).AddDays(3), later(48)
	case casework.Submitted, casework.Received, casework.Delivered:
		k.NextAt = later(72)
	}
	if slices.Contains(decidedCases, k.Status) {
		k.DecidedAt = &at
	}
}

// caseCalls are all lists of cases, each way to narrow them, and what else is read of them.
func (h *house) caseCalls(actors map[string]access.Actor, deep string) (calls []call) {
	for _, who := range []string{"resident", "clerk-xinglin", "window-hall", "reviewer", "decider", "supervisor", "town supervisor"} {
		for name, filter := range caseFilters() {
			for _, after := range []string{"", deep} {
				filter.After = after
				name := fmt.Sprintf("%s lists cases %s%s", who, name, map[string]string{deep: ", far down"}[after])
				calls = append(calls, call{name, func(ctx context.Context) error {
					_, err := h.cases.List(ctx, actors[who], filter)
					if filter.Queue != "" && fault.Of(err).Kind == fault.Invalid {
						err = nil // the queue is another role's
					}
					return err
				}})
			}
		}
		calls = append(calls, call{who + " counts cases", func(ctx context.Context) error {
			_, err := h.cases.Counts(ctx, actors[who])
			return err
		}}, call{who + " reads a case", func(ctx context.Context) error {
			page, err := h.cases.List(ctx, actors[who], casework.Filter{Limit: 1})
			if err != nil || len(page) == 0 {
				return errors.Join(err, errors.New(who+" has no case"))
			}
			_, err = h.cases.Get(ctx, actors[who], page[0].ID)
			return err
		}}, call{who + " reads documents", func(ctx context.Context) error {
			page, err := h.cases.List(ctx, actors[who], casework.Filter{Limit: 1})
			if err != nil || len(page) == 0 {
				return errors.Join(err, errors.New(who+" has no case"))
			}
			list, err := h.cases.Documents(ctx, actors[who], page[0].ID)
			if err != nil || len(list) == 0 {
				return err
			}
			if _, err = h.cases.Document(ctx, actors[who], page[0].ID, list[0].ID); errors.Is(err, fault.NotFound) {
				err = nil // what was filled in has no content to show
			}
			return err
		}})
	}
	calls = append(calls, call{"the start looks for texts in use", h.cases.CheckTexts}, call{"anybody checks a document", func(ctx context.Context) error {
		_, err := h.cases.CheckDocument(ctx, strings.Repeat("A", 26))
		if errors.Is(err, fault.NotFound) {
			err = nil
		}
		return err
	}}, call{"supervisor counts returns", func(ctx context.Context) error {
		_, err := h.cases.ReturnsByOffice(ctx, actors["supervisor"], 0)
		return err
	}}, call{"supervisor lists differences", func(ctx context.Context) error {
		_, err := h.cases.Differences(ctx, actors["supervisor"], "", 21)
		return err
	}}, call{"town supervisor lists differences", func(ctx context.Context) error {
		_, err := h.cases.Differences(ctx, actors["town supervisor"], deep, 21)
		return err
	}}, call{"round of cases", func(ctx context.Context) error { _, err := h.cases.Rounds(ctx); return err }})
	slices.SortFunc(calls, func(a, b call) int { return strings.Compare(a.name, b.name) })
	return calls
}

func caseFilters() map[string]casework.Filter {
	all := map[string]casework.Filter{
		"all":         {},
		"hers or his": {Mine: true},
		"concluded":   {Status: []flow.State{casework.Concluded}},
		"reviewing":   {Status: []flow.State{casework.Reviewing}},
		"two states":  {Status: []flow.State{casework.Accepted, casework.Reviewing}},
		"of an item":  {Item: claimed},
	}
	for _, light := range []workday.Light{workday.Green, workday.Amber, workday.Red} {
		all[string(light)] = casework.Filter{Light: light}
	}
	for _, queue := range []string{"drafts", "to_correct", "to_receive", "to_accept", "to_review", "in_review", "to_decide", "instant", "asking", "suspended", "to_deliver", "to_file", "by_hand", "mine", "deputized", "unclaimed", "office", "due_today", "red", "waiting"} {
		all["queue "+queue] = casework.Filter{Queue: queue}
	}
	for name, f := range all {
		f.Limit = 21
		all[name] = f
	}
	return all
}

// caseLife is a case's whole life with its detours.
func (h *house) caseLife(t *testing.T, as map[string]access.Actor) call {
	resident, window, reviewer, decider := as["resident"], as["window-hall"], as["reviewer"], as["decider"]
	step := func(_ casework.Seen, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	return call{"a case's life", func(ctx context.Context) error {
		answers := map[string][]string{"age": {"yes"}, "other": {"none"}, "years": {"full"}, "card": {"making"}}
		begun, err := h.cases.Open(ctx, resident, casework.Opening{Item: claimed, Answers: answers})
		if err != nil {
			return err
		}
		id := begun.ID
		step(h.cases.Edit(ctx, resident, id, casework.Editing{Answers: answers, Papers: []casework.Paper{{Material: "id_card"}, {Material: "hukou_book"}}}))
		receipt, err := h.cases.Submit(ctx, resident, id, casework.Submission{Papers: []casework.Paper{{Material: "application_form"}}})
		if err != nil {
			return err
		}
		defect := casework.CorrectionRequest{Defects: []casework.Defect{{Material: "id_card", Reason: "illegible", Text: "请重新拍清楚。"}}}
		step(h.cases.Receive(ctx, window, id, casework.Plain{}))
		step(h.cases.AskCorrection(ctx, window, id, defect))
		step(h.cases.Correct(ctx, resident, id, casework.Correction{Papers: []casework.Paper{{Material: "id_card"}}}))
		step(h.cases.PermitCorrection(ctx, as["supervisor"], id, casework.Permission{Text: "窗口漏看了户口簿。"}))
		step(h.cases.Accept(ctx, window, id, casework.Acceptance{}))
		step(h.cases.SupplementPapers(ctx, window, id, casework.Supplement{Papers: []casework.Paper{{Material: "card_receipt"}}}))
		step(h.cases.Review(ctx, reviewer, id, casework.Plain{}))
		step(h.cases.Suspend(ctx, reviewer, id, casework.Suspension{Procedure: "testing", UntilOn: clock.DateOf(monday).AddDays(5), Text: "要到县里鉴定。"}))
		step(h.cases.Resume(ctx, reviewer, id, casework.Resumption{}))
		h.opinionLife(ctx, t, id, reviewer, as["officer-civil"], as["officer-water"])
		step(h.cases.Extend(ctx, decider, id, casework.Extension{Days: 2, Approver: "局长", Text: "要到外县核实。"}))
		step(h.cases.Grant(ctx, decider, id, casework.Granting{}))
		step(h.cases.Deliver(ctx, window, id, casework.Delivery{Method: "in_person", Relation: "self", Proof: "本人签字"}))
		step(h.cases.Conclude(ctx, window, id, casework.Plain{}))
		_, err = h.cases.Track(ctx, "192.0.2.4", receipt.Case.Number, receipt.QueryCode)
		return err
	}}
}
