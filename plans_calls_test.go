//go:build !race

package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/audit"
	"tongban/internal/clock"
	"tongban/internal/courier"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/notice"
	"tongban/internal/rating"
	"tongban/internal/rights"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// call is something that the product does with the database, through a desk's own verb.
type call struct {
	name string
	do   func(context.Context) error
}

// staff are the demo's people in their first posts, by username, and some at other levels than the demo has.
func (h *house) staff(t *testing.T) map[string]access.Actor {
	t.Helper()
	accounts, err := h.accounts.DemoAccounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	actors := map[string]access.Actor{}
	for _, a := range accounts {
		actors[a.Username] = a.Posts[0].Actor("")
	}
	for _, who := range []string{"dispatcher", "follow-up", "supervisor"} {
		ofTown := actors[who]
		ofTown.Area = liuquan
		actors["town "+who] = ofTown
	}
	return actors
}

// lists are all lists of appeals: whoever has one, each way to narrow it, its first page and one far down.
func (h *house) lists(actors map[string]access.Actor, deep string) (calls []call) {
	whose := []string{
		"resident", "clerk-xinglin", "grid-xinglin", "dispatcher", "town dispatcher", "follow-up", "town follow-up",
		"supervisor", "town supervisor", "officer-civil", "officer-liuquan",
	}
	for _, who := range whose {
		for name, filter := range filters() {
			for _, after := range []string{"", deep} {
				filter := filter
				filter.After = after
				name := fmt.Sprintf("%s lists %s%s", who, name, map[string]string{deep: ", far down"}[after])
				calls = append(calls, call{name, func(ctx context.Context) error {
					_, err := h.appeals.List(ctx, actors[who], filter)
					if filter.Queue != "" && fault.Of(err).Kind == fault.Invalid {
						err = nil // the queue is another role's
					}
					return err
				}})
			}
		}
		calls = append(calls, call{who + " counts", func(ctx context.Context) error {
			_, err := h.appeals.Counts(ctx, actors[who])
			return err
		}})
	}
	slices.SortFunc(calls, func(a, b call) int { return strings.Compare(a.name, b.name) })
	return calls
}

func filters() map[string]appeal.Filter {
	all := map[string]appeal.Filter{
		"all":           {},
		"hers or his":   {Mine: true},
		"concluded":     {Status: []flow.State{appeal.Concluded}},
		"handling":      {Status: []flow.State{appeal.Handling}},
		"two states":    {Status: []flow.State{appeal.Submitted, appeal.Handling}},
		"complaints":    {Class: appeal.Complaint},
		"open and late": {Status: []flow.State{appeal.Dispatched, appeal.Acknowledged, appeal.Handling}, Light: workday.Red},
	}
	for _, light := range []workday.Light{workday.Green, workday.Amber, workday.Red} {
		all[string(light)] = appeal.Filter{Light: light}
	}
	for _, queue := range []string{"to_accept", "to_dispatch", "send_backs", "unowned", "shelved", "to_follow_up", "following_up", "to_acknowledge", "in_hand", "due_today", "red"} {
		all["queue "+queue] = appeal.Filter{Queue: queue}
	}
	for name, f := range all {
		f.Limit = 21
		all[name] = f
	}
	return all
}

// lookUps are everything else that is read. Whatever needs an appeal takes the newest of the resident's.
func (h *house) lookUps(c *crowd, actors map[string]access.Actor, deep string) []call {
	mine := func(ctx context.Context, who string) (string, error) {
		page, err := h.appeals.List(ctx, actors[who], appeal.Filter{Limit: 1})
		if err != nil || len(page) == 0 {
			return "", errors.Join(err, errors.New(who+" has no appeal"))
		}
		return page[0].ID, nil
	}
	var calls []call
	for _, who := range []string{"resident", "clerk-xinglin", "grid-xinglin", "dispatcher", "follow-up", "supervisor", "officer-civil"} {
		calls = append(calls, call{who + " reads an appeal", func(ctx context.Context) error {
			id, err := mine(ctx, who)
			if err != nil {
				return err
			}
			if _, err := h.appeals.Get(ctx, actors[who], id); err != nil {
				return err
			}
			_, err = h.ratings.OfAppeal(ctx, actors[who], id)
			return err
		}})
	}
	for _, who := range []string{"clerk-xinglin", "grid-xinglin", "system-admin"} {
		for name, search := range map[string]account.Search{
			"all": {}, "all, far down": {After: deep}, "by phone": {Phone: c.mobile}, "by ID number": {IDNumber: c.id},
		} {
			search.Limit = 21
			calls = append(calls, call{who + " finds residents " + name, func(ctx context.Context) error {
				_, err := h.accounts.Residents(ctx, actors[who], search)
				return err
			}})
		}
	}
	trail := audit.New(h.store, h.appeals.HideTrail)
	for name, f := range map[string]audit.Filter{"all": {}, "far down": {After: deep}, "of one object": {Object: c.resident}, "of one kind": {Kind: "appeal"}} {
		f.Limit = 21
		calls = append(calls, call{"audit-admin reads the trail, " + name, func(ctx context.Context) error {
			_, err := trail.Trail(ctx, actors["audit-admin"], f)
			return err
		}})
	}
	inbox, letters := courier.NewInbox(h.store), courier.NewLetters(h.store)
	return append(calls,
		call{"system-admin looks at what is stuck", func(ctx context.Context) error {
			_, err := letters.Stuck(ctx, actors["system-admin"], "", 21)
			return err
		}},
		call{"clerk-xinglin reads a resident", func(ctx context.Context) error {
			_, err := h.accounts.Resident(ctx, actors["clerk-xinglin"], c.resident)
			return err
		}},
		call{"a resident asks who he is", func(ctx context.Context) error { _, err := h.accounts.Me(ctx, actors["resident"]); return err }},
		call{"names of staff", func(ctx context.Context) error {
			_, err := h.accounts.StaffNames(ctx, actors["officer-civil"].Person, actors["dispatcher"].Person, c.resident)
			return err
		}},
		call{"a resident asks who read his file", func(ctx context.Context) error {
			_, err := h.rights.Reads(ctx, actors["resident"], "", 21)
			return err
		}},
		call{"a resident asks who read his file, far down", func(ctx context.Context) error {
			_, err := h.rights.Reads(ctx, actors["resident"], deep, 21)
			return err
		}},
		call{"a resident looks at his corrections", func(ctx context.Context) error {
			_, err := h.rights.Corrections(ctx, actors["resident"], false, "", 21)
			return err
		}},
		call{"a clerk looks at corrections", func(ctx context.Context) error {
			_, err := h.rights.Corrections(ctx, actors["clerk-xinglin"], false, "", 21)
			return err
		}},
		call{"a clerk looks at corrections that wait, far down", func(ctx context.Context) error {
			_, err := h.rights.Corrections(ctx, actors["clerk-xinglin"], true, deep, 21)
			return err
		}},
		call{"inbox", func(ctx context.Context) error { _, err := inbox.Messages(ctx, actors["resident"], "", 21); return err }},
		call{"inbox, far down", func(ctx context.Context) error {
			_, err := inbox.Messages(ctx, actors["resident"], deep, 21)
			return err
		}},
		call{"what a resident agreed to", func(ctx context.Context) error {
			_, err := h.accounts.Consents(ctx, actors["resident"], "", 21)
			return err
		}},
		call{"a village's households, far down", func(ctx context.Context) error {
			_, err := h.families.Households(ctx, actors["clerk-xinglin"], deep, 21)
			return err
		}},
		call{"a resident's household", func(ctx context.Context) error {
			_, err := h.families.Households(ctx, actors["resident"], "", 21)
			return err
		}},
		call{"a resident's locker", func(ctx context.Context) error {
			_, err := h.locker.Papers(ctx, actors["resident"], "", "", 21)
			return err
		}},
		call{"a resident's locker, by the clerk", func(ctx context.Context) error {
			_, err := h.locker.Papers(ctx, actors["clerk-xinglin"], actors["resident"].Person, "", 21)
			return err
		}},
		call{"a stranger guesses a number", func(ctx context.Context) error {
			return expect(h.appeals.Track(ctx, "192.0.2.1", "SQ1011012612010016", "000000"))(store.ErrNoMatch, store.ErrSlowDown)
		}},
		call{"heads of the trail", func(ctx context.Context) error { _, err := h.store.Heads(ctx); return err }},
	)
}

// copy walks through a copy's lists up to a page or two.
func (h *house) copy(ctx context.Context, actor access.Actor) error {
	c, err := h.rights.CopyMine(ctx, actor)
	if err != nil {
		return err
	}
	return errors.Join(some(c.Consents), some(c.Helping), some(c.Appeals), some(c.Cases), some(c.Errands), some(c.Papers), some(c.Corrections), some(c.Photos), some(c.Messages), some(c.Sessions), some(c.Reads))
}

func some[T any](all iter.Seq2[T, error]) error {
	n := 0
	for _, err := range all {
		if n++; err != nil || n > 30 {
			return err
		}
	}
	return nil
}

// expect turns an expected fault into none.
func expect[T any](_ T, err error) func(...error) error {
	return func(faults ...error) error {
		for _, f := range faults {
			if errors.Is(err, f) {
				return nil
			}
		}
		return err
	}
}

// sweeps are the program's own rounds, and one pass of the courier.
func (h *house) sweeps() []call {
	return []call{
		{"round of appeals", func(ctx context.Context) error { _, err := h.appeals.Rounds(ctx); return err }},
		{"round of photos", func(ctx context.Context) error { _, err := h.files.Sweep(ctx); return err }},
		{"round of keys", func(ctx context.Context) error { _, err := h.store.SweepClaims(ctx); return err }},
		{"round of tries", h.store.SweepTries},
		{"round of retention", func(ctx context.Context) error {
			_, err := h.keeper.Look(ctx)
			return errors.Join(err, h.keeper.Round(ctx))
		}},
		{"letters due", func(ctx context.Context) error { _, err := h.store.Due(ctx, 50); return err }},
		{"look at the catalogue", h.catalog.Reload},
	}
}

// delivery runs the courier until no letter waits.
func (h *house) delivery(ctx context.Context) error {
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); h.courier.Run(running) }()
	defer func() { stop(); <-done }()
	return await(func() bool {
		left, err := h.store.Due(ctx, 1)
		return err == nil && len(left) == 0
	})
}

// acts are what people do, once: an appeal's whole life with its detours, and what stands around it.
func (h *house) acts(t *testing.T, c *crowd, as map[string]access.Actor) []call {
	resident, dispatcher, officer := as["resident"], as["dispatcher"], as["officer-civil"]
	follower, supervisor, clerk := as["follow-up"], as["supervisor"], as["clerk-xinglin"]
	submit := func(ctx context.Context) appeal.Receipt {
		r, err := h.appeals.Submit(ctx, resident, appeal.Submission{Class: appeal.Help, Text: "村口的路灯有两盏不亮了", Identity: appeal.ToHandler})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	order := appeal.Order{Office: officer.Office}
	step := func(_ appeal.Seen, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	solved := true
	return []call{
		{"an appeal's life", func(ctx context.Context) error {
			receipt := submit(ctx)
			id := receipt.Appeal.ID
			step(h.appeals.Accept(ctx, dispatcher, id, appeal.Acceptance{}))
			step(h.appeals.Dispatch(ctx, dispatcher, id, order))
			step(h.appeals.Acknowledge(ctx, officer, id, appeal.Acknowledgement{}))
			step(h.appeals.Contact(ctx, officer, id, appeal.FirstContact{How: "phone"}))
			step(h.appeals.Extend(ctx, supervisor, id, appeal.Extension{Days: 2, Text: "要等灯头到货"}))
			step(h.appeals.Shelve(ctx, supervisor, id, appeal.Shelving{ReviewOn: clock.DateOf(monday).AddDays(5), Text: "要等灯头到货"}))
			step(h.appeals.Resume(ctx, supervisor, id, appeal.Resumption{}))
			step(h.appeals.Supplement(ctx, resident, id, appeal.Addition{Text: "昨天又坏了一盏"}))
			step(h.appeals.Urge(ctx, resident, id, appeal.Saying{}))
			step(h.appeals.Supervise(ctx, supervisor, id, appeal.Supervision{DueOn: clock.DateOf(monday).AddDays(2), Text: "请尽快办理"}))
			step(h.appeals.Reply(ctx, officer, id, appeal.Response{Text: "两盏灯今天都换好了。", Evidence: "现场试亮"}))
			step(h.appeals.StartFollowUp(ctx, follower, id, appeal.FollowUpStart{}))
			step(h.appeals.Attempt(ctx, follower, id, appeal.Try{Result: "no_answer"}))
			if _, err := h.ratings.RateAppeal(ctx, resident, id, rating.Input{Level: rating.Satisfied}); err != nil {
				return err
			}
			if _, err := h.appeals.RevealContact(ctx, follower, id, "回访"); err != nil {
				return err
			}
			step(h.appeals.Conclude(ctx, follower, id, appeal.Conclusion{Solved: &solved}))
			_, err := h.appeals.Track(ctx, "192.0.2.2", receipt.Appeal.Number, receipt.QueryCode)
			return err
		}},
		{"an appeal's detours", func(ctx context.Context) error {
			first, second := submit(ctx).Appeal.ID, submit(ctx).Appeal.ID
			step(h.appeals.Merge(ctx, dispatcher, second, appeal.Merger{Master: first}))
			step(h.appeals.Accept(ctx, dispatcher, first, appeal.Acceptance{Urgency: appeal.Urgent}))
			step(h.appeals.Dispatch(ctx, dispatcher, first, order))
			step(h.appeals.AskSendBack(ctx, officer, first, appeal.SendBackRequest{Reason: "not_our_duty", Text: "路灯归住建局管"}))
			step(h.appeals.AgreeSendBack(ctx, dispatcher, first, appeal.SendBackDecision{Text: "同意退回"}))
			step(h.appeals.Note(ctx, dispatcher, first, appeal.Saying{Text: "换个单位再派一次"}))
			step(h.appeals.Withdraw(ctx, resident, submit(ctx).Appeal.ID, appeal.Saying{Text: "已经好了"}))
			return nil
		}},
		{"a notice", func(ctx context.Context) error {
			item := "01932f00-4c00-7000-8000-000000000001"
			made, err := h.notices.Make(ctx, access.Stranger(), notice.Request{ItemID: item, Village: xinglin, Answers: map[string][]string{"who": {"self"}}})
			if err != nil {
				return err
			}
			_, err = h.notices.ByNumber(ctx, "192.0.2.3", made.Number, made.QueryCode)
			_, byCode := h.notices.ByCode(ctx, made.Code)
			return errors.Join(err, byCode)
		}},
		{"a registration", func(ctx context.Context) error {
			r := account.Registration{Name: "李四", Phone: "13900000001", IDNumber: c.id, Village: xinglin, Consent: account.Consent{TextVersion: ofVillages, How: account.Signed}}
			return expect(h.accounts.RegisterResident(ctx, clerk, r))(account.ErrAlreadyHere)
		}},
		{"log-in", func(ctx context.Context) error {
			tokens, err := h.accounts.LoginPassword(ctx, "dispatcher", account.DemoPassword(h.store.Keys()), "", "device")
			if err != nil {
				return err
			}
			actor, err := h.accounts.Identify(ctx, tokens.Access)
			if err != nil {
				return err
			}
			if _, err = h.accounts.Refresh(ctx, tokens.Refresh, "device"); err != nil {
				return err
			}
			return h.accounts.Logout(ctx, actor)
		}},
		{"who does what", func(ctx context.Context) error { _, err := h.accounts.AreaDuties(ctx, xinglin); return err }},
		{"log-in by WeChat", func(ctx context.Context) error {
			_, err := h.accounts.LoginWeChat(ctx, account.WeChatLogin{Code: "plans.1", Device: "phone"})
			return err
		}},
		{"a copy of a resident's data", func(ctx context.Context) error { return h.copy(ctx, resident) }},
		{"an account is closed", func(ctx context.Context) error {
			tokens, err := h.accounts.LoginWeChat(ctx, account.WeChatLogin{Code: "leaver.1", Device: "phone"})
			if err != nil {
				return err
			}
			leaver, err := h.accounts.Identify(ctx, tokens.Access)
			if err != nil {
				return err
			}
			_, err = h.rights.CloseMine(ctx, leaver, rights.Word)
			return err
		}},
		{"a message is read", func(ctx context.Context) error {
			inbox := courier.NewInbox(h.store)
			page, err := inbox.Messages(ctx, resident, "", 1)
			if err != nil || len(page) == 0 {
				return errors.Join(err, errors.New("no message"))
			}
			_, err = inbox.MarkRead(ctx, resident, page[0].ID)
			return err
		}},
		{"a scan", func(ctx context.Context) error { h.catalog.Scanned(onTheWall); return h.catalog.Flush(ctx) }},
		{"a key comes twice", func(ctx context.Context) error {
			claim := &store.Claim{Caller: c.resident, Key: "twice-twice", View: func(any) (store.Answer, error) { return store.Answer{}, nil }}
			answer := func(tx *store.Tx) error { tx.Answer(nil); return nil }
			for range 2 {
				err := h.store.Write(store.WithClaim(ctx, claim), resident, answer)
				if replay := new(store.Replay); err != nil && !errors.As(err, &replay) {
					return err
				}
			}
			return nil
		}},
	}
}
