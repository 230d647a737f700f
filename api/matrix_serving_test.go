package api

import (
	"net/http/httptest"
	"testing"
)

func init() {
	rules["serveResident"] = []rule{{who: staff, of: aRegistered, by: roles(clerk), deny: notForYou, want: ok, proof: servesNobody}}
	rules["stopServing"] = []rule{{who: staff, by: roles(clerk), deny: notForYou, want: ok}}
	rules["readServing"] = []rule{{who: staff, by: roles(clerk), deny: notForYou, want: ok}}
}

// servesNobody ends what the call began: the caller's session would be refused everybody else's matters.
func servesNobody(t *testing.T, m *matrix, _ rule, c cell, _ *httptest.ResponseRecorder) {
	t.Helper()
	m.must(t, c.caller.name, 200, "POST", "/me/serving/end", `{}`)
}
