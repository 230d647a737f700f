package account

import (
	"context"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// Whoever reads does not wait for whoever writes: the session's end is moved at another time.
func TestReadDoesNotWaitForAWriter(t *testing.T) {
	if touchTime > 200*time.Millisecond {
		t.Errorf("a read may wait %v for a writer", touchTime)
	}
	_, o := demo.Fresh(t)
	o.Patient = true // so that the writers hold on
	d := New(storetest.Again(t, o), Options{EasyPasswords: true, WeChat: somePhones})
	tokens := login(t, d, "dispatcher", "pc")
	before := who(t, d, tokens)
	pass(d, StaffLife.Idle/10+fresh)
	held, over := make(chan bool), make(chan bool)
	var all sync.WaitGroup
	for range 64 { // more than any database takes at once
		all.Go(func() {
			_ = d.store.Write(context.Background(), access.Round(""), func(*store.Tx) error {
				select {
				case held <- true:
				case <-over:
				}
				<-over
				return nil
			})
		})
	}
	end := sync.OnceFunc(func() { close(over) })
	late := time.AfterFunc(time.Minute, end)
	<-held
	for full := time.After(200 * time.Millisecond); full != nil; {
		select {
		case <-held:
		case <-full:
			full = nil
		}
	}
	if after, err := d.Identify(t.Context(), tokens.Access); err != nil || after != before {
		t.Errorf("%+v, %v", after, err)
	}
	if !late.Stop() {
		t.Error("it waited for the writers")
	}
	end()
	seen := seenAt(t, d, before.Session)
	all.Wait()
	pass(d, fresh)
	must(t, errOf(d.Identify(t.Context(), tokens.Access)))
	if !seenAt(t, d, before.Session).After(seen) {
		t.Error("the session was never touched")
	}
}

func seenAt(t *testing.T, d *Desk, session string) time.Time {
	t.Helper()
	var row sessionRow
	must(t, d.store.Read(t.Context()).Where("id = ?", session).Take(&row).Error)
	return row.SeenAt
}
