package access

import (
	"context"
	"errors"
	"testing"

	"tongban/internal/fault"
)

func TestRoles(t *testing.T) {
	said := map[string]bool{}
	for _, r := range append(Roles(), System, County) {
		if !r.Known() || r.Label() == "" || said[r.Label()] {
			t.Errorf("%s: known %t, label %q", r, r.Known(), r.Label())
		}
		said[r.Label()] = true
	}
	if len(said) != len(labels) {
		t.Errorf("%d roles are listed, %d have a label", len(said), len(labels))
	}
	for _, r := range []Role{"", "mayor", "Clerk"} {
		if r.Known() || r.Staff() || r.Label() != "" {
			t.Errorf("%q passes for a role", r)
		}
	}
	for _, r := range Roles() {
		if r.Staff() == (r == Resident) {
			t.Errorf("%s held by way of a post: %t", r, r.Staff())
		}
	}
	if System.Staff() || County.Staff() {
		t.Error("what is no person holds a post")
	}
}

func TestMust(t *testing.T) {
	clerk := Actor{Person: "p", Role: Clerk, Area: "219901101201"}
	if err := clerk.Must(Window, Clerk); err != nil {
		t.Errorf("a clerk among clerks: %v", err)
	}
	for name, err := range map[string]error{
		"another role":        clerk.Must(Window),
		"no role will do":     clerk.Must(),
		"a stranger":          Stranger().Must(Roles()...),
		"the program's round": Round("219901").Must(Roles()...),
	} {
		if !errors.Is(err, fault.NotYours) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoLoggedIn(t *testing.T) {
	if Stranger().Signed() || Round("219901").Signed() {
		t.Error("nobody logged in")
	}
	if !(Actor{Person: "p", Role: Resident}).Signed() {
		t.Error("a person logged in")
	}
}

func TestScope(t *testing.T) {
	for area, want := range map[Area]string{
		"219901": "county = ?", "219901101": "town = ?", "219901101201": "village = ?", "21990110120101": "grid = ?",
	} {
		condition, code := Actor{Role: Dispatcher, Area: area}.Scope()
		if condition != want || code != string(area) {
			t.Errorf("%s: %s %s", area, condition, code)
		}
	}
	for _, area := range []Area{"", "2199", "2199011012011", "219901%", "２１９９０１", "219901101 OR"} {
		func() {
			defer func() {
				if why := recover(); why != (NoScope{Clerk}) {
					t.Errorf("an actor in %q has a scope: %v", area, why)
				}
			}()
			Actor{Role: Clerk, Area: area}.Scope()
		}()
	}
}

func TestTheContextCarriesTheActor(t *testing.T) {
	clerk := Actor{Person: "p", Post: "q", Role: Clerk, Office: "o", Area: "219901101201", Session: "s"}
	if got := From(With(context.Background(), clerk)); got != clerk {
		t.Errorf("got %v", got)
	}
	if got := From(context.Background()); got != Stranger() {
		t.Errorf("from nowhere came %v", got)
	}
}
