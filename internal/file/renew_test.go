package file

import (
	"testing"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// TestRenew: what is named last is what lies there, in that order, behind what stays.
func TestRenew(t *testing.T) {
	h := open(t)
	renew := func(by access.Actor, first int, ids ...string) error {
		return h.store.Write(t.Context(), by, func(tx *store.Tx) error { return h.Renew(tx, "appeal", "a1", first, ids) })
	}
	lie := func(ids ...string) {
		t.Helper()
		all, err := h.Attached(h.store.Read(t.Context()), "appeal", "a1")
		if err != nil || len(all["a1"]) != len(ids) {
			t.Fatalf("%d photos, want %d: %v", len(all["a1"]), len(ids), err)
		}
		for i, f := range all["a1"] {
			if f.ID != ids[i] || f.Place != i {
				t.Errorf("%d is %s at %d", i, f.ID, f.Place)
			}
		}
	}
	a, b, c, d := h.keep(t, zhang).ID, h.keep(t, zhang).ID, h.keep(t, zhang).ID, h.keep(t, li).ID
	for _, step := range []struct {
		by    access.Actor
		first int
		named []string
		lie   []string
	}{
		{zhang, 0, []string{a, b}, []string{a, b}},
		{zhang, 0, []string{a, b}, []string{a, b}},
		{zhang, 0, []string{b, a, b, c}, []string{b, a, c}},
		{li, 0, []string{a, d}, []string{a, d}}, // those that lie there may be another's
		{li, 1, nil, []string{a}},
		{li, 9, nil, []string{a}},
	} {
		if err := renew(step.by, step.first, step.named...); err != nil {
			t.Fatal(err)
		}
		lie(step.lie...)
	}
	loose := h.keep(t, zhang).ID
	for _, bad := range [][]string{{b}, {d}, {h.keep(t, li).ID}, {loose, "nothing"}} { // let go, another's, unknown
		if err := renew(zhang, 1, bad...); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
		lie(a)
	}
	if err := renew(zhang, 1, a); fault.Of(err).Kind != fault.Invalid { // it lies there for good
		t.Error(err)
	}
	var many []string
	for range perObject + 1 {
		many = append(many, h.keep(t, zhang).ID)
	}
	if err := renew(zhang, 1, many...); fault.Of(err).Kind != fault.Invalid {
		t.Error(err)
	}
	if err := renew(zhang, 1, many[1:]...); err != nil {
		t.Error(err)
	}
	if err := renew(access.Stranger(), 0, ""); err == nil {
		t.Error("a stranger")
	}
}
