package store

import (
	"context"

	"tongban/internal/clock"
)

// Slowed is how many times slower this build is.
const Slowed = slowed

// ResealStale plays the moment between Reseal's reading and its writing: the row still counts as what was read.
func (s *Store) ResealStale(ctx context.Context, c Sealed, id string, read []byte) (Resealed, error) {
	return s.resealSome(ctx, c, []sealedRow{{id, read}})
}

// Compared is how many query codes were looked at since the store was opened.
func (s *Store) Compared() int64 { return s.compared.Load() }

// ByClock makes the store believe that read is the machine's clock.
func (s *Store) ByClock(read func() clock.Reading) {
	s.watch.read = func() (clock.Reading, bool) { return read(), true }
}

// Adapted are the settings of a session on a server that knows these.
func Adapted(known ...string) (set map[string]string, err error) {
	names := map[string]bool{}
	for _, name := range known {
		names[name] = true
	}
	set = map[string]string{}
	return set, adapted(set, names)
}
