//go:build !race

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/errand"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/secret"
)

var (
	openErrandStates = weights[flow.State]{
		{10, errand.Entrusted}, {10, errand.Checked}, {50, errand.SentIn}, {5, errand.Paused}, {10, errand.ResultReceived}, {15, errand.HandedOver},
	}
	oldErrandStates = weights[flow.State]{{90, errand.Archived}, {6, errand.Stopped}, {4, errand.Revoked}}
)

// errand is beside every case that a clerk files, with a line of its history and a paper.
func (c *crowd) errand(b *batch, i int, k casework.Case, at time.Time) {
	if k.Agent == "" {
		return
	}
	r := rand.New(rand.NewPCG(uint64(i), 3))
	state, open := oldErrandStates.pick(r), any(nil)
	if monday.Sub(at) < 3*7*24*time.Hour {
		state, open = openErrandStates.pick(r), k.ID
	}
	id := c.key('z', i, 0, at)
	row := map[string]any{
		"id": id, "number": fmt.Sprintf("DB%018d", i), "status": state, "version": 3, "case_id": k.ID, "open_case": open, "item": k.Item, "item_name": k.ItemName,
		"county": k.County, "town": k.Town, "village": k.Village, "grid": k.Grid, "principal": k.Applicant, "agent": k.Agent, "relation": "self",
		"scope": c.store.Keys().Seal(secret.Where{Table: "errands", Column: "scope", Row: id}, []byte("代办")), "powers": "file", "valid_from": clock.DateOf(at), "valid_until": clock.DateOf(at).AddDays(90),
		"method": "fingerprint", "signature_sha256": "", "identity_how": "", "identity_document": "", "identity_by": "", "receiver_relation": "", "next_at": nil,
		"created_at": at, "updated_at": at,
	}
	if k.AppliedAt != nil {
		row["filed_at"] = at
	}
	row["originals_held"] = r.IntN(200) == 0
	if state == errand.HandedOver {
		row["next_at"] = monday.Add(72 * time.Hour)
	}
	b.other("errands", row)
	paper := c.key('z', i, 1, at)
	b.other("errand_papers", map[string]any{
		"id": paper, "errand_id": id, "returns": "", "name": c.store.Keys().Seal(secret.Where{Table: "errand_papers", Column: "name", Row: paper}, []byte("户口簿")), "form": "copy", "count": 1,
		"signer": c.store.Keys().Seal(secret.Where{Table: "errand_papers", Column: "signer", Row: paper}, []byte("张三")), "signature": "signed", "at": at, "recorded_by": k.Agent,
	})
	b.other("errand_events", map[string]any{
		"id": c.key('z', i, 2, at), "errand_id": id, "version": 3, "at": at, "act": "entrust", "from_status": "", "to_status": state, "actor": k.Agent, "role": "clerk", "code": "",
	})
}

// errandCalls are all lists of errands, each way to narrow them, and what else is read of them.
func (h *house) errandCalls(actors map[string]access.Actor, deep string) (calls []call) {
	filters := map[string]errand.Filter{
		"all": {}, "hers or his": {Mine: true}, "filed": {Status: []flow.State{errand.SentIn}}, "archived": {Status: []flow.State{errand.Archived}},
		"two states": {Status: []flow.State{errand.Entrusted, errand.Checked}},
	}
	for _, who := range []string{"resident", "clerk-xinglin", "supervisor", "town supervisor"} {
		for name, filter := range filters {
			for _, after := range []string{"", deep} {
				filter.After, filter.Limit = after, 21
				name := fmt.Sprintf("%s lists errands %s%s", who, name, map[string]string{deep: ", far down"}[after])
				calls = append(calls, call{name, func(ctx context.Context) error {
					_, err := h.errands.List(ctx, actors[who], filter)
					return err
				}})
			}
		}
		calls = append(calls, call{who + " lists errands by queue, and counts them", func(ctx context.Context) error {
			counts, err := h.errands.Queues(ctx, actors[who])
			for _, q := range counts {
				_, listed := h.errands.List(ctx, actors[who], errand.Filter{Queue: q.Queue, Limit: 21})
				_, further := h.errands.List(ctx, actors[who], errand.Filter{Queue: q.Queue, Limit: 21, After: deep})
				err = errors.Join(err, listed, further)
			}
			return err
		}}, call{who + " reads an errand", func(ctx context.Context) error {
			page, err := h.errands.List(ctx, actors[who], errand.Filter{Limit: 1})
			if err != nil || len(page) == 0 {
				return errors.Join(err, errors.New(who+" has no errand"))
			}
			if _, err = h.errands.Get(ctx, actors[who], page[0].ID); err != nil {
				return err
			}
			_, err = h.errands.List(ctx, actors[who], errand.Filter{Case: page[0].Case, Limit: 21})
			return err
		}})
	}
	session := monday.Add(-inFlight * time.Second) // of whom does not matter here
	counter := actors["clerk-xinglin"]
	counter.Session = (&crowd{}).key('s', inFlight, 0, session)
	calls = append(calls, call{"a clerk serves a client, and no longer", func(ctx context.Context) error {
		_, begun := h.accounts.Serve(ctx, counter, actors["resident"].Person)
		page, err := h.errands.List(ctx, counter, errand.Filter{Limit: 1})
		if err != nil || len(page) == 0 {
			return errors.Join(err, errors.New("no errand"))
		}
		if _, err = h.errands.Get(ctx, counter, page[0].ID); errors.Is(err, account.ErrOtherClient) {
			err = nil
		}
		_, now := h.accounts.NowServing(ctx, counter)
		_, ended := h.accounts.StopServing(ctx, counter)
		return errors.Join(begun, err, now, ended)
	}}, call{"an upload in pieces", func(ctx context.Context) error {
		u, err := h.files.Announce(ctx, actors["resident"], 10, strings.Repeat("a", 64))
		if err != nil {
			return err
		}
		_, added := h.files.Add(ctx, actors["resident"], u.ID, 0, []byte("0123456789"))
		_, differs := h.files.Finish(ctx, actors["resident"], u.ID) // and so it is given up
		if errors.Is(differs, file.ErrUnsupported) {
			differs = nil
		}
		return errors.Join(added, differs)
	}}, call{"round of errands", func(ctx context.Context) error { _, err := h.errands.Rounds(ctx); return err }})
	slices.SortFunc(calls, func(a, b call) int { return strings.Compare(a.name, b.name) })
	return calls
}

// errandLife is an errand from the entrustment until its case is taken back.
func (h *house) errandLife(as map[string]access.Actor) call {
	resident, clerk := as["resident"], as["clerk-xinglin"]
	return call{"an errand's life", func(ctx context.Context) error {
		answers := map[string][]string{"age": {"yes"}, "other": {"none"}, "years": {"full"}, "card": {"making"}}
		begun, err := h.cases.Open(ctx, clerk, casework.Opening{Item: claimed, Applicant: resident.Person, Answers: answers})
		if err != nil {
			return err
		}
		e, err := h.errands.Entrust(ctx, clerk, errand.Entrustment{
			Case: begun.ID, Scope: "代我申领待遇", Powers: []string{errand.MayFile}, Until: clock.DateOf(monday).AddDays(60), Method: "fingerprint", Witnesses: []string{"王见证", "李见证"},
		})
		if err != nil {
			return err
		}
		id := e.ID
		took, err := h.errands.TakePapers(ctx, clerk, id, errand.Papers{Name: "户口簿", Form: "original", Count: 1, Signer: "张三", Signature: "signed"})
		if err != nil {
			return err
		}
		_, identified := h.errands.Identify(ctx, clerk, id, errand.Identity{How: "in_person", Document: "id_card"})
		_, checked := h.errands.Check(ctx, clerk, id, errand.Said{})
		papers := []casework.Paper{{Material: "id_card"}, {Material: "hukou_book"}, {Material: "application_form"}}
		_, filed := h.errands.File(ctx, clerk, id, errand.Filing{Papers: papers})
		_, returned := h.errands.ReturnPapers(ctx, clerk, id, errand.Return{Paper: took.Papers[0].ID, Count: 1, Signer: "张三", Signature: "signed"})
		_, withdrawn := h.cases.Withdraw(ctx, resident, begun.ID, casework.Saying{Text: "先不办了，明年再办。"})
		return errors.Join(identified, checked, filed, returned, withdrawn)
	}}
}
