package account

import "sync"

// recent is a bounded memory. When it is full it forgets everything: it is only there to save work.
type recent[K comparable, V any] struct {
	mu   sync.Mutex
	most int
	all  map[K]V
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{most: most, all: map[K]V{}}
}

func (r *recent[K, V]) get(key K) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.all[key]
	return v, ok
}

func (r *recent[K, V]) put(key K, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) >= r.most {
		clear(r.all)
	}
	r.all[key] = v
}

func (r *recent[K, V]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.all)
}
