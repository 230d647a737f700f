package api

import (
	"net/http/httptest"
	"testing"

	"tongban/internal/access"
)

func init() {
	rules["listErrandQueues"] = []rule{{who: staff, want: ok, proof: errandQueuesAreListed}}
}

// errandQueuesAreListed: each work list can be asked for, and is as long as it is counted.
func errandQueuesAreListed(t *testing.T, m *matrix, _ rule, c cell, w *httptest.ResponseRecorder) {
	t.Helper()
	counted := read[queuesOut](t, w).Items
	if keeps := c.caller.role == access.Clerk || c.caller.role == access.Supervisor; keeps != (len(counted) > 0) {
		t.Errorf("%s has the work lists %+v", c.caller.name, counted)
	}
	for _, q := range counted {
		listed := m.send(t, c.caller.name, "GET", base+"/errands?limit=100&queue="+q.Queue, "")
		if listed.Code != 200 || int64(len(itemsOf(t, listed))) != q.Count {
			t.Errorf("%s: %s counts %d: %d %s", c.caller.name, q.Queue, q.Count, listed.Code, listed.Body)
		}
	}
}
