package storetest

// Sample chooses among the calls that a long test makes one after the other. All are made; with the race detector, which makes
// the SQLite of pure Go ten times slower and has nothing to find in them, every eighth.
type Sample struct{ met int }

const sampled = 8

// Takes tells whether the next call is made.
func (s *Sample) Takes() bool {
	s.met++
	return !raced || s.met%sampled == 0
}

// Rounds are how often something is tried in a row: n times, and likewise an eighth of that.
func Rounds(n int) int {
	if raced {
		return n / sampled
	}
	return n
}
