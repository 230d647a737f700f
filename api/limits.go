package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tongban/internal/access"
	"tongban/internal/cache"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Class is a rate class: how often its routes may be called together. Counted are the person, or the address of who did
// not log in; the village of who writes; and all together.
type Class struct {
	Name string
	Rate cache.Rate // of one person or address
	All  cache.Rate // of all who are logged in, and as much again of all who are not; zero: no ceiling
	// Village says that the class counts against the village to which the person belongs.
	Village bool
	// Kept says that some places are kept for the class when the house is full: see crowd.
	Kept bool
	// Near is counted in this process only: a cheap read should not cost a word with Redis.
	Near bool
}

// MarshalText writes the name, for the list of routes.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.Name), nil }

// The limits of the whole API: so many at once, and as many again in each minute. TONGBAN_LIMITS changes them by name, those of all as
// all_writes. Many villagers come from one address (the village's network, the carrier's), so reading is generous.
//
// An answer that lies in memory has no ceiling (see wicket): to refuse it costs as much as to give it.
var (
	free   = Class{Name: "free"} // not counted: the checks of the operator
	reads  = Class{Name: "reads", Rate: aMinute(600), All: aMinute(120_000), Near: true}
	writes = Class{Name: "writes", Rate: aMinute(120), All: aMinute(60_000), Village: true}
	// Whoever opens the mini-program asks for tokens, and a carrier's address has many of them. What comes carries a MAC, or a code that WeChat checks.
	returns = Class{Name: "returns", Rate: guarded(1_200), All: aMinute(60_000)}
	// A batch is up to fifty acts, so the clerk gets as many acts by it as by single calls.
	batches = Class{Name: "batches", Rate: aMinute(30), All: aMinute(1_200), Village: true}
	uploads = Class{Name: "uploads", Rate: aMinute(30), All: aMinute(6_000), Village: true}
	// What strangers write goes to the village's people and paper: one address gets little of it.
	notices = Class{Name: "notices", Rate: guarded(30), All: guarded(6_000)}
	voices  = Class{Name: "voices", Rate: guarded(10), All: guarded(6_000)}
	logins  = Class{Name: "logins", Rate: guarded(20), All: guarded(6_000), Kept: true}
	// The ceiling of guesses is in numbered, where one who opened the number before is let through.
	guesses = Class{Name: "guesses", Rate: guarded(10), Village: true}
	// WeChat's own calls come from few addresses of its.
	pushes = Class{Name: "pushes", Rate: aMinute(6_000), All: aMinute(12_000), Kept: true}
	// callbacks are the county's platform's, which comes from one address.
	callbacks = Class{Name: "callbacks", Rate: aMinute(600), All: aMinute(1_200), Kept: true}
	// refused counts the bad tokens of an address, but those of ours that are over.
	refused = Class{Name: "refused", Rate: guarded(60), All: guarded(30_000)}

	// A village has two shares: one of its own people, and one of strangers who name it, so that no flood from outside
	// stops its clerk.
	village  = Class{Name: "village", Rate: aMinute(6_000)}
	outside  = Class{Name: "village_strangers", Rate: guarded(600)}
	tracking = Class{Name: "tracking", Rate: guarded(6_000)}

	classes = []Class{free, reads, writes, returns, batches, uploads, notices, voices, logins, guesses, pushes, callbacks, refused, village, outside, tracking}
)

func aMinute(n int) cache.Rate { return cache.Rate{Burst: n, Per: time.Minute} }

// guarded is halved when replicas cannot count together.
func guarded(n int) cache.Rate { return cache.Rate{Burst: n, Per: time.Minute, Strict: true} }

var (
	errTooMany     = fault.New(fault.TooMany, "request.too_many", "操作太频繁，请稍等片刻再试")
	errVillageBusy = fault.New(fault.TooMany, "request.village_busy", "这个村现在办事的人太多，请稍等片刻再试")
	errCountyBusy  = fault.New(fault.TooMany, "request.county_busy", "全县现在办事的人太多，请稍等片刻再试")
)

// ofAll is the name under which all together are counted.
func (c Class) ofAll() string { return "all_" + c.Name }

// ratesOf are all rates by name, with those that the operator set otherwise.
func ratesOf(set map[string]int) (map[string]cache.Rate, error) {
	rates := map[string]cache.Rate{}
	for _, c := range classes {
		if c.Rate.Burst > 0 {
			rates[c.Name] = c.Rate
		}
		if c.All.Burst > 0 {
			rates[c.ofAll()] = c.All
		}
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		rate, known := rates[name]
		switch n := set[name]; {
		case !known:
			wrong = append(wrong, fmt.Sprintf("%q is no limit", name))
		case n < 1 || n > mostAMinute:
			wrong = append(wrong, fmt.Sprintf("%s goes from 1 to %d a minute", name, mostAMinute))
		default:
			rate.Burst = n
			rates[name] = rate
		}
	}
	if len(wrong) > 0 {
		return nil, errors.New("TONGBAN_LIMITS: " + strings.Join(wrong, ", "))
	}
	return rates, nil
}

// CheckLimits says all that is wrong with what the operator set, before anything is opened.
func CheckLimits(set map[string]int) error {
	_, err := ratesOf(set)
	return err
}

const mostAMinute = 100_000_000

// limit counts one act of the class: of whom, of his village, of all.
func (s *Server) limit(ctx context.Context, class Class, actor access.Actor) error {
	if err := s.count(ctx, class, class.Name, whoOf(actor, ctx), errTooMany); err != nil {
		return err
	}
	if class.Village && actor.Signed() {
		if err := s.count(ctx, village, village.Name, villageKey(actor.Area), errVillageBusy); err != nil {
			return err
		}
	}
	if class.All.Burst == 0 {
		return nil
	}
	return s.count(ctx, class, class.ofAll(), together(actor), errCountyBusy)
}

func (s *Server) count(ctx context.Context, class Class, name, who string, over *fault.Fault) error {
	if s.Limiter == nil || class.Name == free.Name || who == "" {
		return nil
	}
	limiter := s.Limiter
	if class.Near {
		limiter = s.near
	}
	if ok, wait := limiter.Allow(ctx, name, who, s.rates[name]); !ok {
		return over.After(wait)
	}
	return nil
}

// whoOf is whom a rate counts: the person, or the address of somebody who did not log in.
func whoOf(actor access.Actor, ctx context.Context) string {
	if actor.Signed() {
		return "person:" + actor.Person
	}
	return strangerAt(addressOf(ctx))
}

func strangerAt(address string) string { return "address:" + address }

// together keeps the people whom we know apart from strangers, whose flood must not stop them.
func together(actor access.Actor) string {
	if actor.Signed() {
		return "known"
	}
	return "strangers"
}

// villageKey is the six digits of a village that its public numbers hold too; empty for what lies in no village.
func villageKey(a access.Area) string {
	if v := a.Village(); v.Level() == access.VillageLevel {
		return string(v[6:])
	}
	return ""
}

// Named counts a stranger's call against the village that he names, be there such a one or not. Whom we know was counted
// at the gate, with his own.
func (s *Server) Named(ctx context.Context, area access.Area) error {
	if access.From(ctx).Signed() {
		return nil
	}
	return s.count(ctx, outside, outside.Name, villageKey(area), errVillageBusy)
}

// Numbered counts a stranger's guess at a public number against its village and against all. Who opened the number from his
// address before is let through: however many others guess, they do not shut him out.
func (s *Server) Numbered(ctx context.Context, number string) error {
	kind, normal := store.NumberKind(number)
	var err error
	if kind != "" {
		err = s.count(ctx, outside, outside.Name, normal[2:8], errVillageBusy)
	}
	if err == nil {
		err = s.count(ctx, tracking, tracking.Name, together(access.Stranger()), errCountyBusy)
	}
	if err == nil || kind == "" {
		return err
	}
	if opened, unknown := s.Store.Opened(ctx, addressOf(ctx), normal); unknown != nil || opened {
		return unknown
	}
	return err
}
