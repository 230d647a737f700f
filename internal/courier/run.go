package courier

import (
	"context"
	"sync"
	"time"

	"tongban/internal/store"
)

// Run carries letters and runs rounds until ctx ends; letters in hand are finished first.
func (c *Courier) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, r := range c.rounds {
		all.Go(func() { c.repeat(ctx, r) })
	}
	all.Go(func() { c.carryOn(ctx) })
	all.Wait()
}

func (c *Courier) carryOn(ctx context.Context) {
	ticks := time.NewTicker(c.poll)
	defer ticks.Stop()
	healthy := true
	for ctx.Err() == nil {
		taken, err := c.pass(ctx)
		if (err == nil) != healthy && ctx.Err() == nil {
			if healthy = err == nil; healthy {
				c.log.InfoContext(ctx, "the outbox can be read again")
			} else {
				c.log.WarnContext(ctx, "the outbox cannot be read", "error", err)
			}
		}
		if taken > 0 { // there may be more
			continue
		}
		select {
		case <-ctx.Done():
		case <-ticks.C:
		}
	}
}

// pass carries the letters that are ready now and answers how many it got hold of.
func (c *Courier) pass(ctx context.Context) (taken int, err error) {
	letters, err := c.ready(ctx)
	if err != nil {
		return 0, err
	}
	var (
		all   sync.WaitGroup
		count sync.Mutex
		free  = make(chan struct{}, workers)
	)
	for _, l := range letters {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-free }()
			if c.carry(ctx, l, &c.slow) {
				count.Lock()
				taken++
				count.Unlock()
			}
		})
	}
	all.Wait()
	return taken, nil
}

// forbearance is how many attempts a letter may fail before younger letters of its object overtake it. Order within an object is
// a courtesy while all is well; in trouble it must not let one letter hold up others.
const forbearance = 3

// ready lists due letters, without those whose object has an older one on its way.
func (c *Courier) ready(ctx context.Context) ([]store.Letter, error) {
	due, err := c.store.Due(ctx, batch)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	var objects []string
	for _, l := range due {
		if l.Object != "" {
			objects = append(objects, l.Object)
		}
	}
	if len(objects) == 0 {
		return due, nil
	}
	var oldest []struct{ Object, First string }
	err = c.store.Read(ctx).Model(&store.Letter{}).Select("object, MIN(id) AS first").
		Where("object IN ? AND status = ? AND attempts < ?", objects, store.LetterWaiting, forbearance).
		Group("object").Scan(&oldest).Error
	if err != nil {
		return nil, err
	}
	first := map[string]string{}
	for _, o := range oldest {
		first[o.Object] = o.First
	}
	ready := due[:0]
	for _, l := range due {
		if older, waits := first[l.Object]; l.Object == "" || !waits || l.ID <= older {
			ready = append(ready, l)
		}
	}
	return ready, nil
}
