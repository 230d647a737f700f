package courier

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(storetest.Dropping{M: m}) }

const village access.Area = "219901101201"

var (
	clerk    = access.Actor{Person: "clerk", Role: access.Clerk, Area: village}
	resident = access.Actor{Person: "resident", Role: access.Resident, Area: village}
)

// quick is a courier whose leases end within the test's patience.
func quick(s *store.Store, owner string) *Courier {
	c := New(s, slog.New(slog.DiscardHandler), owner)
	c.poll, c.lease, c.roundLease = 20*time.Millisecond, time.Second, time.Second
	return c
}

// calm is a courier with the leases of production.
func calm(s *store.Store, owner string) *Courier {
	c := New(s, slog.New(slog.DiscardHandler), owner)
	c.poll = 20 * time.Millisecond
	return c
}

// emit puts a letter about the object into the outbox and answers its id.
func emit(t *testing.T, s *store.Store, topic, object string) string {
	t.Helper()
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		tx.Emit(store.Message{Topic: topic, Kind: "toy", Object: object, Area: village})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	if err := s.Read(t.Context()).Model(&store.Letter{}).Where("object = ?", object).Order("id DESC").Pluck("id", &ids).Error; err != nil {
		t.Fatal(err)
	}
	s.Clock().Advance(time.Millisecond) // so that the ids of letters sort as they were written
	return ids[0]
}

func letter(t *testing.T, s *store.Store, id string) (l store.Letter) {
	t.Helper()
	if err := s.Read(t.Context()).Where("id = ?", id).Take(&l).Error; err != nil {
		t.Fatal(err)
	}
	return l
}

func wantStatus(t *testing.T, s *store.Store, id, status string) {
	t.Helper()
	if l := letter(t, s, id); l.Status != status {
		t.Errorf("the letter is %s after %d attempts (%s), want %s", l.Status, l.Attempts, l.LastError, status)
	}
}

func count(t *testing.T, s *store.Store, table string) (n int64) {
	t.Helper()
	if err := s.Read(t.Context()).Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// pass carries whatever is ready, until nothing is.
func pass(t *testing.T, c *Courier) (taken int) {
	t.Helper()
	for {
		n, err := c.pass(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return taken
		}
		taken += n
	}
}

// eventually waits for what another goroutine, or the database's clock, brings about.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		if done() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited two minutes for: %s", what)
}

// start runs the courier until the answered function is called, or the test ends.
func start(t *testing.T, c *Courier) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

// recorder is a channel outside: it notes the ids that arrive and answers as fail says.
type recorder struct {
	mu   sync.Mutex
	ids  []string
	fail func(store.Letter) error
}

func (r *recorder) send(_ context.Context, l store.Letter) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, l.ID)
	if r.fail != nil {
		return r.fail(l)
	}
	return nil
}

func (r *recorder) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.ids...)
}

// counter is a channel inside that adds a row for every effect; nothing but the courier keeps it from adding two.
func counter(t *testing.T, s *store.Store) func(context.Context, *store.Tx, store.Letter) error {
	t.Helper()
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error {
		return tx.Exec("CREATE TABLE IF NOT EXISTS effects (id VARCHAR(36) PRIMARY KEY, letter VARCHAR(36))").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(_ context.Context, tx *store.Tx, l store.Letter) error {
		return tx.Exec("INSERT INTO effects VALUES (?, ?)", tx.NewID(), l.ID).Error
	}
}

func tellResident(context.Context, store.Letter) (string, string, error) {
	return resident.Person, "您的诉求已受理", nil
}

// lines is a log that tests can read.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
