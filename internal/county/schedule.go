package county

import (
	"errors"
	"math/rand/v2"
	"time"

	"tongban/internal/fault"
)

// The faults of a call to the platform.
var (
	// ErrAgain: the network, the platform's own trouble, or too many calls. Whether the act was done is unknown; the key settles it.
	ErrAgain = fault.New(fault.Unavailable, "county.again", "县级平台暂时没有应答，系统会自动再送")
	// ErrHuman: it will not get better by itself.
	ErrHuman = fault.New(fault.Conflict, "county.needs_human", "县级平台没有接收，需要人工处理")
	// ErrNoCase: the platform does not know the case.
	ErrNoCase = fault.New(fault.Missing, "county.no_case", "县级平台上没有这件办件")
)

const (
	shortestWait = time.Minute
	longestWait  = 6 * time.Hour
	// giveUpAfter so long of trying in vain a person looks at it.
	giveUpAfter = 72 * time.Hour
)

// Verdict is what is to be done after a call.
type Verdict int

// The three verdicts.
const (
	Done   Verdict = iota
	Again          // at a later time
	Person         // never by itself: it is put on the list for people
)

// Try tells what is to be done after an attempt that ended with err: done, again after wait, or a person's look.
// attempts counts this one, from 1; age is the time since the first one by the program's clock; luck, from 0 to just below 1, spreads
// what failed together. The wait doubles from a minute to six hours, of which the upper half is a matter of luck, and is never shorter
// than the platform asked for. What goes on failing is tried for at least 72 hours.
func Try(err error, attempts int, age time.Duration, luck float64) (v Verdict, wait time.Duration) {
	switch {
	case err == nil:
		return Done, 0
	case !worthAgain(err), age >= giveUpAfter:
		return Person, 0
	}
	whole := longestWait
	if attempts < 10 { // 2⁹ minutes are more than six hours
		whole = min(longestWait, 2*shortestWait<<max(attempts-1, 0))
	}
	wait = whole/2 + time.Duration(luck*float64(whole/2))
	if f, ok := errors.AsType[*fault.Error](err); ok {
		wait = max(wait, min(f.Wait, longestWait))
	}
	return Again, wait
}

// worthAgain: a mistake of ours, such as a closed database, is worth another try too; only what the platform said is final.
func worthAgain(err error) bool {
	return !errors.Is(err, ErrHuman) && !errors.Is(err, ErrNoCase)
}

// Plan is Try in the courier's words, with luck drawn by chance: what the channel to the platform is registered with.
func Plan(err error, attempts int, age time.Duration) (wait time.Duration, again bool) {
	v, wait := Try(err, attempts, age, rand.Float64())
	return wait, v == Again
}

// Attempt is how long one attempt may take in all: the client's own limit, and a moment to read what is to be sent.
const Attempt = 20 * time.Second
