package rating

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// again rates an appeal a second time.
func (c *county) again(actor access.Actor, id string, in Input) error {
	return errOf(c.ratings.RateAppealAgain(c.t.Context(), actor, id, in))
}

// first is an appeal that was replied to and rated so.
func (c *county) first(level Level) (appealID, ratingID string) {
	c.t.Helper()
	id := c.replied()
	r, err := c.ratings.RateAppeal(c.t.Context(), c.resident, id, Input{Level: level, Text: "第一次说的话。"})
	must(c.t, err)
	return id, r.ID
}

// rows is how many rows of a table there are, of those that are meant.
func (c *county) rows(table, condition string, args ...any) (n int64) {
	c.t.Helper()
	must(c.t, c.store.Read(c.t.Context()).Table(table).Where(condition, args...).Count(&n).Error)
	return n
}

// A second rating is for whoever may rate and has, once. It stands beside the first, which neither it nor the appeal is changed by.
func TestASecondRatingStandsBesideTheFirst(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.replied()
	said := Input{Level: Acceptable, Text: "第二天水压又低了。"}
	want(t, c.again(c.resident, id, said), ErrNoneYet)
	if now := fault.Of(c.again(c.resident, id, said)).Current; now == nil || now.Status != "replied" {
		t.Errorf("told %+v", now)
	}
	yes := true
	given, err := c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: VerySatisfied, Solved: &yes, Text: "水来了。"})
	must(t, err)
	rating := func() (r Rating) {
		must(t, c.store.Read(t.Context()).Where("id = ?", given.ID).Take(&r).Error)
		return r
	}
	first := rating()
	rated, err := c.appeals.Get(t.Context(), dispatcher, id)
	must(t, err)
	for _, actor := range []access.Actor{dispatcher, followUp, c.officer()} {
		want(t, c.again(actor, id, said), fault.NotYours)
	}
	for _, actor := range []access.Actor{{Person: "other", Role: access.Resident, Area: village}, access.Stranger()} {
		want(t, c.again(actor, id, said), fault.NotFound)
	}
	want(t, c.again(clerk, id, said), ErrConsent)
	want(t, c.again(c.resident, id, Input{Level: Acceptable, Version: rated.Version + 1}), appeal.ErrNotNow)
	want(t, c.again(c.resident, id, Input{Level: Acceptable, OnBehalf: c.resident.Person}), fault.BadField)
	if seen, err := c.ratings.OfAppeal(t.Context(), c.resident, id); err != nil || seen.Addition != nil {
		t.Errorf("before there is one: %+v %v", seen, err)
	}
	c.store.Clock().Advance(24 * time.Hour)
	must(t, c.again(c.resident, id, said))
	want(t, c.again(c.resident, id, said), ErrAddedAlready)
	want(t, errOf(c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: Satisfied})), ErrAlready)

	seen, err := c.ratings.OfAppeal(t.Context(), followUp, id)
	must(t, err)
	if seen.Level != VerySatisfied || seen.Text != "水来了。" || !*seen.Solved || !seen.CreatedAt.Equal(first.CreatedAt) {
		t.Errorf("the first one is %+v", seen)
	}
	if a := seen.Addition; a == nil || a.Level != Acceptable || a.Text != said.Text || a.ByAgent || !a.CreatedAt.Equal(whole(c.store.Clock().Now())) {
		t.Errorf("the second one is %+v", a)
	}
	if now := rating(); now.Level != first.Level || !bytes.Equal(now.Text, first.Text) {
		t.Errorf("the first one was %+v, and is %+v", first, now)
	}
	if now, err := c.appeals.Get(t.Context(), dispatcher, id); err != nil || now.Version != rated.Version || !now.RatedAt.Equal(*rated.RatedAt) || len(now.History) != len(rated.History) {
		t.Errorf("the appeal was changed (%v)", err)
	}
	if n := c.rows("redresses", "id = ?", given.ID); n != 0 {
		t.Errorf("what is not poor has %d redresses", n)
	}
	if letters, trailed := c.told(given.ID, "rating.add"); letters != 1 || trailed != 1 {
		t.Errorf("%d letters, %d rows of the trail", letters, trailed)
	}
}

// A clerk writes it down with consent, which stays with it.
func TestAClerkWritesASecondRatingDown(t *testing.T) {
	t.Parallel()
	c := open(t)
	id, _ := c.first(Satisfied)
	must(t, c.again(clerk, id, Input{Level: Satisfied, Consent: "spoken"}))
	seen, err := c.ratings.OfAppeal(t.Context(), c.resident, id)
	must(t, err)
	if a := seen.Addition; a == nil || !a.ByAgent || a.Consent != "spoken" || a.Text != "" || seen.ByAgent {
		t.Errorf("%+v", a)
	}
}

// The county's days end with the last of them.
func TestTheDaysForASecondRating(t *testing.T) {
	t.Parallel()
	c := open(t)
	inTime, late := c.replied(), c.replied()
	for _, id := range []string{inTime, late} {
		must(t, errOf(c.ratings.RateAppeal(t.Context(), c.resident, id, Input{Level: Satisfied})))
	}
	now := c.store.Clock().Now()
	end := clock.DateOf(now).AddDays(usualRules.Addition.Days).End()
	c.store.Clock().Advance(end.Sub(now) - time.Second)
	must(t, c.again(c.resident, inTime, Input{Level: Satisfied}))
	c.store.Clock().Advance(time.Second)
	want(t, c.again(c.resident, late, Input{Level: Satisfied}), ErrAdditionOver)
	want(t, c.again(c.resident, inTime, Input{Level: Satisfied}), ErrAddedAlready)
}

// A poor second rating after one that was not poor opens a redress, which is handled as any; its workers read both.
func TestAPoorSecondRatingOpensARedress(t *testing.T) {
	t.Parallel()
	c := open(t)
	id, rating := c.first(Acceptable)
	if n := c.rows("redresses", "id = ?", rating); n != 0 {
		t.Fatalf("what is not poor has %d redresses", n)
	}
	c.store.Clock().Advance(72 * time.Hour)
	must(t, c.again(c.resident, id, Input{Level: VeryUnsatisfied, Text: "又没水了。"}))
	row, now := c.row(rating), whole(c.store.Clock().Now())
	if due := c.ratings.calendar.Due(now, usualRules.Contact); row.Level != VeryUnsatisfied || row.Object != id || row.Office != c.office || row.Status != Opened || row.DueOn != due.On || !row.StartedAt.Equal(now) {
		t.Errorf("%+v", row)
	}
	list, err := c.ratings.Redresses(t.Context(), c.colleague(), RedressFilter{Open: true, Limit: 10})
	must(t, err)
	if len(list) != 1 || list[0].Addition == nil || list[0].Addition.Level != VeryUnsatisfied || list[0].Addition.Text != "" {
		t.Errorf("the list has %+v", list)
	}
	seen, err := c.ratings.GetRedress(t.Context(), c.colleague(), rating)
	must(t, err)
	if seen.Text != "第一次说的话。" || seen.Addition == nil || seen.Addition.Text != "又没水了。" {
		t.Errorf("its workers read %q and %+v", seen.Text, seen.Addition)
	}
	must(t, c.do(Confirm, c.colleague(), rating))
	must(t, c.do(Correct, c.colleague(), rating))
	must(t, c.do(Answer, c.colleague(), rating))
	must(t, c.do(Close, followUp, rating))
	if faults, err := c.store.Fsck(t.Context(), Checks()); err != nil || len(faults) > 0 {
		t.Errorf("fsck: %v %v", faults, err)
	}
}

// Where the first rating was poor the second one opens nothing more, whatever it says and however far the redress is.
func TestThereIsOneRedressForBoth(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, level := range []Level{VerySatisfied, VeryUnsatisfied} {
		for _, over := range []bool{false, true} {
			id, rating := c.first(Unsatisfied)
			if over {
				must(t, c.do(Unfounded, c.colleague(), rating))
				must(t, c.do(Answer, c.colleague(), rating))
				must(t, c.do(Close, followUp, rating))
			}
			before := c.row(rating)
			must(t, c.again(c.resident, id, Input{Level: level, Text: "第二次说的话。"}))
			if now := c.row(rating); now.Version != before.Version || now.Level != Unsatisfied || now.Status != before.Status || now.DueOn != before.DueOn {
				t.Errorf("it was %+v, and is %+v", before, now)
			}
			seen, err := c.ratings.GetRedress(t.Context(), supervisor, rating)
			must(t, err)
			if seen.Addition == nil || seen.Addition.Level != level || seen.Addition.Text != "第二次说的话。" {
				t.Errorf("its workers read %+v", seen.Addition)
			}
		}
	}
}

// Of many second ratings at once one is kept, with one redress.
func TestOfManySecondRatingsOneIsKept(t *testing.T) {
	t.Parallel()
	c := open(t)
	id, rating := c.first(Satisfied)
	var wait sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wait.Go(func() { errs[i] = c.again(c.resident, id, Input{Level: Unsatisfied}) })
	}
	wait.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
		} else {
			want(t, err, ErrAddedAlready)
		}
	}
	letters, trailed := c.told(rating, "rating.add")
	if kept != 1 || letters != 1 || trailed != 1 || c.rows("rating_additions", "id = ?", rating) != 1 || c.rows("redresses", "id = ?", rating) != 1 {
		t.Errorf("%d kept, %d letters, %d rows of the trail", kept, letters, trailed)
	}
}

// Whoever is complained of finds nothing of the second rating, as he finds nothing of the first.
func TestASecondRatingIsHiddenWithTheFirst(t *testing.T) {
	t.Parallel()
	c := open(t)
	id, rating := c.first(Satisfied)
	must(t, c.again(c.resident, id, Input{Level: Unsatisfied}))
	c.complains(id, "of him")
	for person, sees := range map[string]bool{"of him": false, "of nobody": true} {
		who := supervisor
		who.Person = person
		if _, err := c.ratings.OfAppeal(t.Context(), who, id); (err == nil) != sees {
			t.Errorf("complained %s: %v", person, err)
		}
		if _, err := c.ratings.GetRedress(t.Context(), who, rating); (err == nil) != sees {
			t.Errorf("complained %s, of its redress: %v", person, err)
		}
		if list, err := c.ratings.Redresses(t.Context(), who, RedressFilter{Limit: 10}); err != nil || (len(list) == 1) != sees {
			t.Errorf("complained %s, in the list: %d %v", person, len(list), err)
		}
		var trailed int64
		must(t, c.appeals.HideTrail(c.store.Read(t.Context()).Model(&store.TrailRow{}), who).Where("act = ?", "rating.add").Count(&trailed).Error)
		if (trailed == 1) != sees {
			t.Errorf("complained %s: %d rows of the trail", person, trailed)
		}
	}
}

// fsck names what no second rating leaves.
func TestFsckFindsSecondRatingsThatAreAmiss(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"second ratings without a first one":    "DELETE FROM ratings",
		"poor second ratings without a redress": "DELETE FROM redresses",
	} {
		c := open(t)
		id, _ := c.first(Satisfied)
		must(t, c.again(c.resident, id, Input{Level: Unsatisfied}))
		must(t, c.store.Write(t.Context(), access.Round(""), func(tx *store.Tx) error { return tx.Exec(spoil + " WHERE 1 = 1").Error }))
		faults, err := c.store.Fsck(t.Context(), Checks())
		must(t, err)
		found := false
		for _, f := range faults {
			found = found || f.Check == name
		}
		if !found {
			t.Errorf("%s: %v", name, faults)
		}
	}
}
