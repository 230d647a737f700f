package access

import "testing"

func TestAreasAboveAnArea(t *testing.T) {
	for _, v := range []struct {
		area                                Area
		level                               Level
		county, town, village, grid, parent Area
	}{
		{"219901", CountyLevel, "219901", "", "", "", ""},
		{"219901101", TownLevel, "219901", "219901101", "", "", "219901"},
		{"219901101201", VillageLevel, "219901", "219901101", "219901101201", "", "219901101"},
		{"21990110120102", GridLevel, "219901", "219901101", "219901101201", "21990110120102", "219901101201"},
		{"", "", "", "", "", "", ""},
	} {
		a := v.area
		if a.Level() != v.level || a.County() != v.county || a.Town() != v.town || a.Village() != v.village || a.Grid() != v.grid || a.Parent() != v.parent {
			t.Errorf("%q: %q under %q; county %q, town %q, village %q, grid %q", a, a.Level(), a.Parent(), a.County(), a.Town(), a.Village(), a.Grid())
		}
	}
}

func TestMalformedAreasHaveNoLevel(t *testing.T) {
	for _, a := range []Area{"2", "2199011", "2199011011", "2199011012010", "219901101201011", "21990a", "219 01", "-21990", "２１"} {
		if a.Level() != "" {
			t.Errorf("%q is a %s", a, a.Level())
		}
	}
}

func TestContains(t *testing.T) {
	areas := []Area{"219901", "219901101", "219901101201", "21990110120101", "21990110120102", "219901101202", "219901201", "219901201201", "219902"}
	for _, a := range areas {
		for _, b := range areas {
			// The slow way: climb from b until a or the top is met.
			want := false
			for up := b; up != ""; up = up.Parent() {
				want = want || up == a
			}
			if got := a.Contains(b); got != want {
				t.Errorf("%s contains %s: %t", a, b, got)
			}
		}
		for _, malformed := range []Area{"", a[:5], a + "x", a + "1"} {
			if malformed.Contains(a) || a.Contains(malformed) {
				t.Errorf("%q and %s: something malformed has a place", malformed, a)
			}
		}
	}
}
