package cache

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// local carries words inside this process.
type local struct {
	mu     sync.Mutex
	topics map[string]map[chan struct{}]bool // each subscriber's bell holds one ring: many changes become one call
	ctx    context.Context                   // ends all subscriptions at close
	end    context.CancelFunc
	calls  sync.WaitGroup
}

func newLocal() *local {
	ctx, end := context.WithCancel(context.Background())
	return &local{topics: map[string]map[chan struct{}]bool{}, ctx: ctx, end: end}
}

func (l *local) Publish(_ context.Context, topic string) { l.ring(topic) }

func (l *local) ring(topic string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for bell := range l.topics[topic] {
		select {
		case bell <- struct{}{}:
		default: // it rings already
		}
	}
}

// ringAll is for when words may have been missed.
func (l *local) ringAll() {
	l.mu.Lock()
	topics := make([]string, 0, len(l.topics))
	for topic := range l.topics {
		topics = append(topics, topic)
	}
	l.mu.Unlock()
	for _, topic := range topics {
		l.ring(topic)
	}
}

func (l *local) Subscribe(ctx context.Context, topic string, fn func(context.Context)) {
	ctx, end := context.WithCancel(ctx)
	context.AfterFunc(l.ctx, end)
	bell := make(chan struct{}, 1)
	l.mu.Lock()
	if l.topics[topic] == nil {
		l.topics[topic] = map[chan struct{}]bool{}
	}
	l.topics[topic][bell] = true
	l.mu.Unlock()
	l.calls.Go(func() {
		defer end()
		defer l.leave(topic, bell)
		for {
			select {
			case <-ctx.Done():
				return
			case <-bell:
				fn(ctx)
			}
		}
	})
}

func (l *local) leave(topic string, bell chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.topics[topic], bell)
}

func (l *local) close() error {
	l.end()
	l.calls.Wait()
	return nil
}

// spread carries words to the other replicas as well, over one pattern subscription. Its own process hears them
// directly, whether Redis is there or not.
type spread struct {
	*local
	client *redis.Client
	prefix string
	self   string // tells our own echo from the others' words
	fuse   *breaker
	line   *redis.PubSub
}

func newSpread(client *redis.Client, prefix string, fuse *breaker) *spread {
	s := &spread{local: newLocal(), client: client, prefix: prefix + ":changed:", self: rand.Text(), fuse: fuse}
	s.line = client.PSubscribe(s.ctx)
	s.calls.Go(s.listen)
	return s
}

// listen hears the others until close. The library dials again by itself when the line breaks.
func (s *spread) listen() {
	_ = s.line.PSubscribe(s.ctx, s.prefix+"*") // an absent Redis is dialled again below
	for word := range s.line.ChannelWithSubscriptions() {
		switch word := word.(type) {
		case *redis.Subscription:
			s.ringAll()
		case *redis.Message:
			if word.Payload != s.self {
				s.ring(strings.TrimPrefix(word.Channel, s.prefix))
			}
		}
	}
}

func (s *spread) Publish(ctx context.Context, topic string) {
	s.ring(topic)
	if !s.fuse.may() {
		return
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), s.client.Options().ReadTimeout)
	defer done()
	s.fuse.report(s.client.Publish(ctx, s.prefix+topic, s.self).Err())
}

func (s *spread) close() error {
	s.end()
	err := s.line.Close() // ends listen
	s.calls.Wait()
	return err
}
