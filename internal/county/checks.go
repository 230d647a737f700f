package county

import "tongban/internal/store"

// Checks are what must never be found in the tables of this desk, for fsck.
func Checks() []store.Check {
	return []store.Check{
		{Name: "news in a status that there is not", Count: "SELECT COUNT(1) FROM county_events WHERE status NOT IN ('waiting', 'applied', 'late', 'unknown')"},
		{Name: "news settled at no time", Count: "SELECT COUNT(1) FROM county_events WHERE status IN ('applied', 'late', 'unknown') AND settled_at IS NULL"},
		{Name: "news applied beyond its case's count", Count: "SELECT COUNT(1) FROM county_events e WHERE e.status = 'applied' AND e.ref <> ''" +
			" AND NOT EXISTS (SELECT 1 FROM county_heads h WHERE h.platform = e.platform AND h.ref = e.ref AND h.seq >= e.seq)"},
		{Name: "news without trail", Count: "SELECT COUNT(1) FROM county_events e WHERE NOT EXISTS (SELECT 1 FROM trail t WHERE t.object = e.id)"},
	}
}
