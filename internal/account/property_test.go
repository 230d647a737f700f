package account

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/access"
	"tongban/internal/store/storetest"
)

// Whoever writes his name in another form gets no account beside the one that there is: not within a file, and not by a later one.
func TestFormsOfAUsernameInFilesAreOneAccount(t *testing.T) {
	d := open(t)
	before := rows(t, d, "persons")
	load := func(staff string) {
		t.Helper()
		f := fstest.MapFS(folder(someAreas, someOffices, staffHead+staff))
		must(t, errOf(d.Load(t.Context(), access.Round(""), Source{FS: f})))
	}
	const rest = ",王一,clerk,办事员,station,219901101201,2026-01-01,\n"
	const grid = ",王一,grid_worker,网格员,station,21990110120101,2026-01-01,\n"
	load("admin" + rest + "Ａdmin" + grid)
	id := personOf(t, d, "admin")
	load("\"admin \"" + rest)
	load("ＡＤＭＩＮ" + rest)
	if n := rows(t, d, "persons") - before; n != 1 {
		t.Errorf("the forms of one username made %d accounts", n)
	}
	if personOf(t, d, "admin") != id {
		t.Error("a later file made the account anew")
	}
	verified(t, d)
}

// The whole of reliability's bound: whatever devices the guessers name, the hash is reached ten times in a quarter of an
// hour, and the right person's own device is never among what they can use up.
func TestTenThousandGuessesReachTheHashTenTimes(t *testing.T) {
	d := open(t)
	login(t, d, "dispatcher", "his pc")
	begun := d.now()
	before := d.passwords.spent.Load()
	guesses := storetest.Rounds(10_000)
	for i := range guesses {
		device := ""
		if i%2 == 1 {
			device = fmt.Sprint("device", i)
		}
		if _, err := d.LoginPassword(t.Context(), "dispatcher", "wrong", "", device); err == nil {
			t.Fatal("a guess was right")
		}
	}
	if n := d.passwords.spent.Load() - before; n < 1 || n > 10 {
		t.Errorf("%d of %d guesses reached the hash", n, guesses)
	}
	if d.now().Sub(begun) >= 15*time.Minute {
		t.Fatal("the clock went on: nothing is proven")
	}
	login(t, d, "dispatcher", "his pc")
}
