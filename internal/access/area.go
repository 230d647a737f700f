package access

// Area is a national division code (GB/T 2260, GB/T 10114 and the grid's two digits):
// county 6 digits, town 9, village 12, grid 14.
type Area string

// Level is also the name of the column that holds the code in every scoped table.
type Level string

const (
	CountyLevel  Level = "county"
	TownLevel    Level = "town"
	VillageLevel Level = "village"
	GridLevel    Level = "grid"
)

// widths in order from the county down.
var widths = []struct {
	digits int
	level  Level
}{{6, CountyLevel}, {9, TownLevel}, {12, VillageLevel}, {14, GridLevel}}

// Level of the code, empty for a malformed one.
func (a Area) Level() Level {
	for i := range len(a) {
		if a[i] < '0' || a[i] > '9' {
			return ""
		}
	}
	for _, w := range widths {
		if len(a) == w.digits {
			return w.level
		}
	}
	return ""
}

func (a Area) cut(digits int) Area {
	if len(a) < digits {
		return ""
	}
	return a[:digits]
}

// County, Town and Village are the areas that contain a; empty when a is above them.
func (a Area) County() Area  { return a.cut(6) }
func (a Area) Town() Area    { return a.cut(9) }
func (a Area) Village() Area { return a.cut(12) }

// Grid is the code itself when it is a grid's.
func (a Area) Grid() Area { return a.cut(14) }

// Parent is the next area up; empty for a county.
func (a Area) Parent() Area {
	for i, w := range widths {
		if len(a) == w.digits && i > 0 {
			return a.cut(widths[i-1].digits)
		}
	}
	return ""
}

// Contains reports whether other lies in a, or is a. Malformed codes contain nothing and lie nowhere.
func (a Area) Contains(other Area) bool {
	return a.Level() != "" && other.Level() != "" && len(other) >= len(a) && other[:len(a)] == a
}
