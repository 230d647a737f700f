package errand

import "tongban/internal/store"

// Checks are what must never be found in the tables of this desk, for fsck.
func Checks() []store.Check {
	return []store.Check{
		{Name: "errands that stand otherwise than their history", Count: "SELECT COUNT(1) FROM errands r WHERE NOT EXISTS (SELECT 1 FROM errand_events e" +
			" WHERE e.errand_id = r.id AND e.to_status = r.status AND e.version = (SELECT MAX(x.version) FROM errand_events x WHERE x.errand_id = r.id))"},
		{Name: "errands that are filed for a draft", Count: "SELECT COUNT(1) FROM errands r JOIN cases c ON c.id = r.case_id WHERE r.filed_at IS NOT NULL AND c.applied_at IS NULL"},
		{Name: "errands with a result of an undecided case", Count: "SELECT COUNT(1) FROM errands r JOIN cases c ON c.id = r.case_id" +
			" WHERE r.status IN ('result_received', 'handed_over', 'archived') AND c.decided_at IS NULL"},
		{Name: "errands that are over and hold their case", Count: "SELECT COUNT(1) FROM errands WHERE (open_case IS NULL) <> (status IN ('archived', 'terminated', 'revoked'))"},
		{Name: "errands whose agent is his own deputy", Count: "SELECT COUNT(1) FROM errands WHERE deputy <> '' AND deputy = agent"},
		{Name: "errands whose result nobody fetches", Count: "SELECT COUNT(1) FROM errands r JOIN cases c ON c.id = r.case_id" +
			" WHERE r.status = 'filed' AND r.next_at IS NULL AND c.decided_at IS NOT NULL"},
		{Name: "errands that hold originals otherwise than their papers", Count: "SELECT COUNT(1) FROM errands r WHERE r.originals_held <> EXISTS (SELECT 1 FROM errand_papers p" +
			" WHERE p.errand_id = r.id AND p.returns = '' AND p.form = 'original' AND p.count >" +
			" (SELECT COALESCE(SUM(o.count), 0) FROM errand_papers o WHERE o.errand_id = r.id AND o.returns = p.id))"},
		{Name: "more papers given back than came", Count: "SELECT COUNT(1) FROM errand_papers p WHERE p.returns = '' AND" +
			" p.count < (SELECT COALESCE(SUM(o.count), 0) FROM errand_papers o WHERE o.returns = p.id)"},
	}
}
