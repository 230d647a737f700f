package page

import (
	"net/http/httptest"
	"testing"
)

func TestProofs(t *testing.T) {
	t.Parallel()
	p := New(Deps{Proofs: map[string]string{"/q/a1B2.txt": "first", "/MP_verify_x.txt": "second"}})
	got := map[string]string{}
	for _, r := range p.Routes() {
		if p.Proofs[r.Path] == "" {
			continue
		}
		w := httptest.NewRecorder()
		r.Handler(w, httptest.NewRequest(r.Method, r.Path, nil))
		got[r.Path] = w.Body.String()
	}
	if len(got) != 2 || got["/q/a1B2.txt"] != "first" || got["/MP_verify_x.txt"] != "second" {
		t.Errorf("%v", got)
	}
	if bare := len(New(Deps{}).Routes()); bare != len(p.Routes())-2 {
		t.Errorf("%d routes without proofs", bare)
	}
}
