package cache

import "container/list"

// shelf is a map that holds at most size things: the one unused for longest leaves first.
// It is not safe for several goroutines.
type shelf[K comparable, V any] struct {
	size  int
	order *list.List // of book[K, V], the latest used first
	books map[K]*list.Element
}

type book[K comparable, V any] struct {
	key   K
	value V
}

func newShelf[K comparable, V any](size int) *shelf[K, V] {
	return &shelf[K, V]{size, list.New(), map[K]*list.Element{}}
}

func (s *shelf[K, V]) find(key K) (value V, found bool) {
	at, found := s.books[key]
	if !found {
		return value, false
	}
	s.order.MoveToFront(at)
	return at.Value.(book[K, V]).value, true
}

func (s *shelf[K, V]) keep(key K, value V) {
	if at, found := s.books[key]; found {
		at.Value = book[K, V]{key, value}
		s.order.MoveToFront(at)
		return
	}
	if len(s.books) >= s.size {
		last := s.order.Back()
		delete(s.books, last.Value.(book[K, V]).key)
		s.order.Remove(last)
	}
	s.books[key] = s.order.PushFront(book[K, V]{key, value})
}
