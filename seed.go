package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"

	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/store"
)

// Invented residents and what troubles them, for rehearsals. Surnames are the commonest ones, given names are numbers in words.
var (
	surnames = []string{"赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨"}
	given    = []string{"一平", "二喜", "三元", "四季", "五丰", "六顺", "七巧", "八方", "九如", "十全", "百禾", "千里", "万春"}
	troubles = []string{"村口的路灯有两盏不亮了", "西头水渠堵了，浇不上地", "垃圾桶满了三天没人收", "自来水早晚没有水", "桥栏杆松了，孩子从那儿过", "广场的健身器材坏了", "村道有个大坑，下雨积水", "邻居盖房占了公共过道"}
	classes  = []appeal.Class{appeal.Consult, appeal.Help, appeal.Complaint, appeal.Suggestion}
)

// seed fills in residents, cases and appeals through the desks' own verbs. The same seed makes the same people, answers and words.
func (p program) seed(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("seed", flag.ContinueOnError)
	villages := flags.Int("villages", 0, "of how many of the county's villages; 0: of all that have a clerk")
	residents := flags.Int("residents", 20, "residents to register, over all villages")
	cases := flags.Int("cases", 20, "cases to hand in")
	appeals := flags.Int("appeals", 20, "appeals to submit")
	start := flags.Uint64("seed", 1, "the same seed makes the same data")
	flags.SetOutput(p.out)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *villages < 0 || *residents < 0 || *cases < 0 || *appeals < 0 {
		return errors.New("usage: tongban seed [--villages N] [--residents N] [--cases N] [--appeals N] [--seed S]")
	}
	if p.settings.Env == config.Production {
		return errors.New("production is not seeded with invented people")
	}
	return p.withStore(ctx, func(s *store.Store) error {
		if err := s.Migrate(ctx); err != nil {
			return err
		}
		h, err := p.build(ctx, s)
		if err != nil {
			return err
		}
		defer h.cache.Close()
		defer h.folder.Close()
		items := h.fromAfar()
		if len(items) == 0 && *cases > 0 {
			return errors.New("people must come in person for every item of the county: seed with --cases 0")
		}
		people, err := h.seedResidents(ctx, rand.New(rand.NewPCG(*start, 1)), *villages, *residents)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			*cases, *appeals = 0, 0
		}
		if err := h.seedCases(ctx, rand.New(rand.NewPCG(*start, 3)), items, people, *cases); err != nil {
			return err
		}
		if err := h.seedAppeals(ctx, rand.New(rand.NewPCG(*start, 2)), people, *appeals); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.out, "%d residents, %d cases and %d appeals\n", len(people), *cases, *appeals)
		return err
	})
}

// seedResidents has the clerks of the villages register people in turn.
func (h *house) seedResidents(ctx context.Context, r *rand.Rand, villages, n int) ([]account.Resident, error) {
	clerks, err := h.clerks(ctx, villages)
	if err != nil {
		return nil, err
	}
	notice, err := h.accounts.PrivacyText(ctx, "")
	if err != nil {
		return nil, err
	}
	var people []account.Resident
	for i := range n {
		clerk := clerks[i%len(clerks)]
		person, err := h.accounts.RegisterResident(ctx, clerk, account.Registration{
			Name:    surnames[r.IntN(len(surnames))] + given[r.IntN(len(given))],
			Phone:   fmt.Sprintf("199%08d", r.IntN(100_000_000)),
			Village: clerk.Area.Village(), Consent: account.Consent{TextVersion: notice.Version, How: "signed"},
		})
		if err != nil {
			return people, err
		}
		people = append(people, person)
	}
	return people, nil
}

// clerks are the actors who may register residents: one for each of so many villages that have a clerk, or of all.
func (h *house) clerks(ctx context.Context, villages int) ([]access.Actor, error) {
	posts, err := h.accounts.VillageClerks(ctx)
	if err != nil {
		return nil, err
	}
	var clerks []access.Actor
	seen := map[access.Area]bool{}
	for _, post := range posts {
		if village := post.Area.Village(); village != "" && !seen[village] {
			seen[village] = true
			clerks = append(clerks, post.Actor(""))
		}
	}
	switch {
	case len(clerks) < max(villages, 1):
		return nil, fmt.Errorf("the county's folder names clerks of %d villages", len(clerks))
	case villages > 0:
		return clerks[:villages], nil
	}
	return clerks, nil
}

// inTurn is the resident who hands in the next: evenly, for what one person may hand in in a day is bounded.
func inTurn(people []account.Resident, i int) access.Actor {
	who := people[i%len(people)]
	return access.Actor{Person: who.ID, Role: access.Resident, Area: who.Village}
}

// fromAfar are the items that nobody need come for.
func (h *house) fromAfar() (items []*catalog.Item) {
	for _, g := range h.catalog.Now().Guides() {
		if g.Item.InPerson != catalog.Full {
			items = append(items, g.Item)
		}
	}
	return items
}

// seedCases has people apply for these items, with all papers in hand that are to be brought.
func (h *house) seedCases(ctx context.Context, r *rand.Rand, items []*catalog.Item, people []account.Resident, n int) error {
	for i := range n {
		c, err := h.cases.Open(ctx, inTurn(people, i), application(r, items))
		if err == nil {
			_, err = h.cases.Submit(ctx, inTurn(people, i), c.ID, casework.Submission{})
		}
		if err != nil {
			return fmt.Errorf("case %d of %d, by %d residents: %w", i+1, n, len(people), err)
		}
	}
	return nil
}

// application is an item and answers to all its questions, among which none says that one cannot apply.
func application(r *rand.Rand, items []*catalog.Item) (o casework.Opening) {
	for range 1000 {
		item := items[r.IntN(len(items))]
		o = casework.Opening{Item: item.ID, Answers: map[string][]string{}}
		for _, s := range item.Situations {
			o.Answers[s.ID] = []string{s.Options[r.IntN(len(s.Options))].ID}
		}
		if list, err := item.Prune(o.Answers, nil); err == nil && list.Eligible {
			for _, m := range list.Materials {
				if m.State != catalog.CountyLooksUp {
					o.Papers = append(o.Papers, casework.Paper{Material: m.ID})
				}
			}
			break
		}
	}
	return o // the desk says what is wrong with the last, if there was none
}

func (h *house) seedAppeals(ctx context.Context, r *rand.Rand, people []account.Resident, n int) error {
	for i := range n {
		_, err := h.appeals.Submit(ctx, inTurn(people, i), appeal.Submission{
			Class: classes[r.IntN(len(classes))], Text: troubles[r.IntN(len(troubles))], Identity: appeal.ToHandler,
		})
		if err != nil {
			return fmt.Errorf("appeal %d of %d, by %d residents: %w", i+1, n, len(people), err)
		}
	}
	return nil
}
