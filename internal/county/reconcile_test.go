package county_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/county/standin"
	"tongban/internal/store/storetest"
)

// agreed is a list that both sides see the same way.
func agreed(t *rapid.T) []county.Standing {
	var list []county.Standing
	for i := range rapid.IntRange(0, 40).Draw(t, "cases") {
		list = append(list, county.Standing{
			Ref: fmt.Sprintf("BJ%02d", i), Number: fmt.Sprintf("N%02d", i), State: rapid.SampledFrom(county.States()).Draw(t, "state"), Raw: "1",
			Seq: rapid.IntRange(2, 9).Draw(t, "seq"), At: storetest.Monday,
		})
	}
	return list
}

// plant spoils one case in one way, and tells what must be found.
func plant(kind county.Kind, at int, ours, theirs []county.Standing) (o, t []county.Standing, found county.Kind) {
	switch kind {
	case county.MissingThere:
		theirs = slices.DeleteFunc(theirs, func(s county.Standing) bool { return s.Ref == ours[at].Ref })
	case county.MissingHere:
		ref := ours[at].Ref
		ours = slices.DeleteFunc(ours, func(s county.Standing) bool { return s.Ref == ref })
	case county.TwiceThere:
		twin := theirs[at]
		twin.Number, twin.Seq = twin.Number+"-2", twin.Seq-1
		theirs = append(theirs, twin)
	case county.NumberDiffers:
		theirs[at].Number += "-other"
	case county.UnknownState:
		theirs[at].State, theirs[at].Raw = "", "77"
	case county.BehindHere:
		theirs[at].Seq++
	case county.BehindThere:
		ours[at].Seq++
	case county.StateDiffers:
		theirs[at].State = county.States()[(slices.Index(county.States(), theirs[at].State)+1)%len(county.States())]
	}
	return ours, theirs, kind
}

// TestEachPlantedDifferenceIsFound, and nothing else: whatever the kinds, wherever they are, in whatever order the lists come.
func TestEachPlantedDifferenceIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := agreed(t)
		ours, theirs := slices.Clone(list), slices.Clone(list)
		want := map[string]county.Kind{}
		for _, at := range rapid.SliceOfNDistinct(rapid.IntRange(0, max(len(list)-1, 0)), 0, len(list), rapid.ID).Draw(t, "spoilt") {
			i := slices.IndexFunc(ours, func(s county.Standing) bool { return s.Ref == list[at].Ref })
			j := slices.IndexFunc(theirs, func(s county.Standing) bool { return s.Ref == list[at].Ref })
			// Both lists in one order at the front, so that one index serves.
			ours[0], ours[i] = ours[i], ours[0]
			theirs[0], theirs[j] = theirs[j], theirs[0]
			kind := rapid.SampledFrom(county.Kinds()).Draw(t, "kind")
			ours, theirs, want[list[at].Ref] = plant(kind, 0, ours, theirs)
		}
		rand.Shuffle(len(ours), func(i, j int) { ours[i], ours[j] = ours[j], ours[i] })
		rand.Shuffle(len(theirs), func(i, j int) { theirs[i], theirs[j] = theirs[j], theirs[i] })
		found := county.Compare(ours, theirs)
		got := map[string]county.Kind{}
		for _, d := range found {
			if got[d.Ref] != "" {
				t.Fatalf("%s differs twice: %+v", d.Ref, found)
			}
			got[d.Ref] = d.Kind
			if d.Ours != (county.Standing{}) && d.Ours.Ref != d.Ref || d.Theirs != (county.Standing{}) && d.Theirs.Ref != d.Ref || d.Ours == d.Theirs && d.Kind != county.TwiceThere {
				t.Fatalf("%+v", d)
			}
		}
		if !cmp.Equal(got, want) {
			t.Fatalf("%s", cmp.Diff(want, got))
		}
		if !slices.IsSortedFunc(found, func(a, b county.Difference) int { return strings.Compare(a.Ref, b.Ref) }) {
			t.Fatal("the list has no order")
		}
		if again := county.Compare(ours, theirs); !cmp.Equal(found, again) {
			t.Fatal("two comparisons differ")
		}
	})
}

// TestReconciliationFindsWhatAPlatformLost goes over the wire: a case that the platform forgot, one that it never told about, one
// of which we know nothing.
func TestReconciliationFindsWhatAPlatformLost(t *testing.T) {
	f := openFake(t, clock.At(storetest.Monday), 0)
	var ours []county.Standing
	for i := range 60 {
		s, err := f.client.Submit(t.Context(), fmt.Sprintf("letter-%d", i), contract.Submission(fmt.Sprintf("BJ%02d", i), f.clock.Now()))
		if err != nil {
			t.Fatal(err)
		}
		ours = append(ours, s)
	}
	f.Forget("BJ07")
	f.play(t, standin.Script{Callbacks: []standin.Trouble{{Do: standin.Withheld}}})
	if err := f.Act("BJ11", county.Receive); err != nil {
		t.Fatal(err)
	}
	ours = slices.DeleteFunc(ours, func(s county.Standing) bool { return s.Ref == "BJ23" })
	var theirs []county.Standing
	for after := ""; ; {
		page, err := f.client.Changed(t.Context(), storetest.Monday.Add(-time.Hour), after)
		if err != nil {
			t.Fatal(err)
		}
		theirs = append(theirs, page.List...)
		if after = page.Next; after == "" {
			break
		}
	}
	got := map[string]county.Kind{}
	for _, d := range county.Compare(ours, theirs) {
		got[d.Ref] = d.Kind
	}
	want := map[string]county.Kind{"BJ07": county.MissingThere, "BJ11": county.BehindHere, "BJ23": county.MissingHere}
	if !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}
