package courier

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"tongban/internal/store"
)

// trouble says since when a channel has been failing with a letter.
type trouble struct {
	Letter  string `gorm:"primaryKey"`
	Channel string `gorm:"primaryKey"`
	Since   time.Time
}

func (trouble) TableName() string { return "troubles" }

const (
	longestWait = 6 * time.Hour
	// giveUpAfter so long of failing the letter is stuck. It counts from the first failure and not from the letter's
	// date: a program that was switched off for a week has not tried.
	giveUpAfter = 72 * time.Hour
)

// backoff is how long to wait after so many attempts: from a second, doubling, to six hours, and somewhere in the upper half
// of that, so that the letters of one outage do not all come back at the same moment.
func backoff(attempts int) time.Duration {
	whole := longestWait
	if attempts < 16 {
		whole = min(longestWait, time.Second<<max(attempts-1, 0))
	}
	return max(time.Second, whole/2+rand.N(whole/2))
}

// own is the plan of channels that have none.
func own(_ error, attempts int, age time.Duration) (wait time.Duration, again bool) {
	return backoff(attempts), age < giveUpAfter
}

// giveBack puts the letter back until later, as the most patient of its failed channels wants it. When all of them have given up, it is stuck: it
// needs a person, and is in nobody's way.
func (c *Courier) giveBack(ctx context.Context, t trip, failed []failure) error {
	l := t.letter
	var why []string
	for _, f := range failed {
		why = append(why, f.channel.name+": "+f.reason)
	}
	text := strings.Join(why, "; ")
	var mine, stuck bool
	err := c.store.Write(ctx, program, func(tx *store.Tx) (err error) {
		stuck = false
		// A commit whose outcome was unknown may have closed the letter after all.
		mine, err = claimed(tx, l.ID, t.claim)
		if err != nil || !mine {
			return err
		}
		hope, longest := false, time.Duration(0)
		for _, f := range failed {
			since, err := failingSince(tx, l.ID, f.channel.name)
			if err != nil {
				return err
			}
			plan := f.channel.plan
			if plan == nil {
				plan = own
			}
			if wait, again := plan(f.err, l.Attempts+1, tx.Now.Sub(since)); again {
				hope, longest = true, max(longest, wait)
			}
		}
		if !hope {
			stuck = true
			return tx.Failed(l.ID, t.claim, time.Time{}, text)
		}
		return tx.Failed(l.ID, t.claim, tx.Now.Add(max(time.Second, longest)), text)
	})
	switch {
	case err != nil || !mine:
		return err
	case stuck:
		c.log.ErrorContext(ctx, "a letter is stuck and needs a person", "id", l.ID, "topic", l.Topic, "object", l.Object, "why", text)
	default:
		c.log.WarnContext(ctx, "a letter is tried again later", "id", l.ID, "topic", l.Topic, "attempts", l.Attempts+1, "why", text)
	}
	return nil
}

func claimed(tx *store.Tx, letter, claim string) (bool, error) {
	var n int64
	err := tx.Model(&store.Letter{}).Where("id = ? AND lease_owner = ? AND status = ?", letter, claim, store.LetterWaiting).Count(&n).Error
	return n == 1, err
}

func failingSince(tx *store.Tx, letter, channel string) (time.Time, error) {
	t := trouble{letter, channel, tx.Now}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&t).Error; err != nil {
		return t.Since, err
	}
	err := tx.Where("letter = ? AND channel = ?", letter, channel).Take(&t).Error
	return t.Since, err
}
