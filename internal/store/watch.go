package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
)

const (
	apartAtMost = 5 * time.Minute     // what two right clocks may differ
	settles     = time.Hour           // a clock that was set is believed when it has run on so long and nobody set it back
	silence     = 60 * 24 * time.Hour // after so long without a sign of life a person says whether it is true
	lookAgain   = 5 * time.Second     // how long a doubt is answered without another look
)

// ClockDoubt means that the machine's clock may be wrong: nothing may be given up by it.
type ClockDoubt struct{ Why string }

func (d *ClockDoubt) Error() string { return "the machine's clock may be wrong: " + d.Why }

// clockWatch finds out when the machine's clock was set: it compares it with the clock of the process, which nobody sets.
type clockWatch struct {
	mu       sync.Mutex
	read     func() (r clock.Reading, ours bool) // ours: not a test's or a rehearsal's clock
	believed clock.Reading                       // the last one that was right; none at the start
	last     clock.Reading
	steady   time.Duration // by the process's clock: since then nobody set it
	doubt    error
	until    time.Duration // by the process's clock: so long the doubt is answered
}

// ClockFits answers a *ClockDoubt while nothing that cannot be undone may go by the machine's clock: it differs from the database's, it
// was set within the last hour, or the program was never so long without a sign of life. A clock that a test sets is always right.
func (s *Store) ClockFits(ctx context.Context) error {
	r, ours := s.watch.read()
	if !ours {
		return nil
	}
	if doubt := s.watch.recent(r); doubt != nil {
		return doubt
	}
	err := s.judgeClock(ctx, r)
	s.watch.keep(r, err)
	return err
}

func (s *Store) judgeClock(ctx context.Context, r clock.Reading) error {
	if err := s.besideDatabase(ctx, r); err != nil {
		return err
	}
	stepped, known := s.watch.stepped(r)
	if known && !stepped {
		return nil
	}
	life, told, err := s.signsOfLife(ctx)
	if err != nil {
		return err
	}
	return s.watch.judge(r, life, told)
}

// besideDatabase compares with the database's clock. That of SQLite is this one.
func (s *Store) besideDatabase(ctx context.Context, before clock.Reading) error {
	if s.engine.name != "mysql" {
		return nil
	}
	var there time.Time
	if err := s.Read(ctx).Raw("SELECT " + s.engine.now).Row().Scan(&there); err != nil {
		return err
	}
	after, _ := s.watch.read()
	switch {
	case there.Before(before.Shows.Add(-apartAtMost)):
		return &ClockDoubt{fmt.Sprintf("it is %s ahead of the database's", before.Shows.Sub(there).Round(time.Second))}
	case there.After(after.Shows.Add(apartAtMost)):
		return &ClockDoubt{fmt.Sprintf("it is %s behind the database's", there.Sub(after.Shows).Round(time.Second))}
	}
	return nil
}

// clockWord is the row of rounds by which a person said that the clock is right.
const clockWord = "clock"

type lastRound struct {
	Name  string `gorm:"primaryKey"`
	RanAt time.Time
}

func (lastRound) TableName() string { return "rounds" }

// signsOfLife are when any round last ran, and when a person last said that the clock is right; zero for never.
func (s *Store) signsOfLife(ctx context.Context) (life, told time.Time, err error) {
	var newest []lastRound
	if err := s.Read(ctx).Order("ran_at DESC").Limit(1).Find(&newest).Error; err != nil {
		return life, told, err
	}
	var word lastRound
	err = s.Read(ctx).Where("name = ?", clockWord).Take(&word).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return life, told, err
	}
	if len(newest) == 1 {
		life = newest[0].RanAt
	}
	return life, word.RanAt, nil
}

// BelieveClock keeps a person's word that the machine's clock is right now. It does not outweigh the database's clock.
func (s *Store) BelieveClock(ctx context.Context) error {
	if r, ours := s.watch.read(); ours {
		if err := s.besideDatabase(ctx, r); err != nil {
			return err
		}
	}
	return s.Write(ctx, access.Round(""), func(tx *Tx) error {
		// A sign of life that lies ahead was given by a wrong clock.
		if err := tx.Model(&lastRound{}).Where("ran_at > ?", tx.Now).UpdateColumn("ran_at", tx.Now).Error; err != nil {
			return err
		}
		if err := tx.Where("name = ?", clockWord).Delete(&lastRound{}).Error; err != nil {
			return err
		}
		tx.Trail(Entry{Act: "clock.believe", Kind: "clock", Object: clockWord})
		return tx.Create(&lastRound{clockWord, tx.Now}).Error
	})
}

// recent is a doubt of a moment ago.
func (w *clockWatch) recent(r clock.Reading) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Ran < w.until {
		return w.doubt
	}
	return nil
}

func (w *clockWatch) keep(r clock.Reading, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.doubt, w.until = nil, 0
	if _, doubted := errors.AsType[*ClockDoubt](err); doubted {
		w.doubt, w.until = err, r.Ran+lookAgain
	}
	if err == nil {
		w.believed = r
	}
}

// stepped says whether the clock was set since it was believed; known is false at the start.
func (w *clockWatch) stepped(r clock.Reading) (stepped, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == (clock.Reading{}) || r.Ahead(w.last).Abs() > apartAtMost {
		w.steady = r.Ran
	}
	w.last = r
	known = w.believed != clock.Reading{}
	return known && r.Ahead(w.believed).Abs() > apartAtMost, known
}

// judge a clock that was set, or that is new to this process.
func (w *clockWatch) judge(r clock.Reading, life, told time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	stepped := w.believed != clock.Reading{}
	if life.IsZero() { // no round ever ran
		life = w.believed.Shows
	}
	since := r.Shows.Sub(life)
	switch {
	case life.IsZero(), r.Shows.Sub(told).Abs() < settles:
		return nil
	case since > silence:
		return &ClockDoubt{fmt.Sprintf("the program last worked %d days ago; if that is true: tongban clock --right", int(since.Hours())/24)}
	case r.Ran-w.steady >= settles:
		return nil
	case stepped:
		return &ClockDoubt{fmt.Sprintf("it was set by %s", r.Ahead(w.believed).Round(time.Second))}
	case since < -apartAtMost:
		return &ClockDoubt{fmt.Sprintf("the program has worked at a later time, by %s", (-since).Round(time.Second))}
	}
	return nil
}

// inStep fails when the clock was set after a round began by it.
func (w *clockWatch) inStep() error {
	r, ours := w.read()
	if !ours {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if by := r.Ahead(w.believed); w.believed != (clock.Reading{}) && by.Abs() > apartAtMost {
		return &ClockDoubt{fmt.Sprintf("it was set by %s in the middle of a round", by.Round(time.Second))}
	}
	return nil
}
