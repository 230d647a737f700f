package casework

import "tongban/internal/store"

// opinionChecks compare what offices were asked and said with the case and its decision.
func opinionChecks() []store.Check {
	return []store.Check{
		{Name: "opinions on no case", Count: "SELECT COUNT(1) FROM case_opinions o WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = o.case_id)"},
		{Name: "opinions in a state that there is not", Count: "SELECT COUNT(1) FROM case_opinions WHERE status NOT IN ('asked', 'given', 'withdrawn', 'missing', 'over')"},
		{Name: "opinions given that nobody gave, or the other way round", Count: "SELECT COUNT(1) FROM case_opinions" +
			" WHERE (status = 'given') <> (given_by <> '') OR (status = 'given') <> (position <> '') OR (status = 'asked') <> (ended_at IS NULL)"},
		{Name: "offices asked the same twice at once", Count: "SELECT COUNT(1) FROM (SELECT o.case_id FROM case_opinions o WHERE o.status = 'asked'" +
			" GROUP BY o.case_id, o.office HAVING COUNT(1) > 1) x"},
		{Name: "offices asked about a case that is not handled, or their own", Count: "SELECT COUNT(1) FROM case_opinions o JOIN cases c ON c.id = o.case_id" +
			" WHERE o.office = o.lead_office OR (o.status = 'asked' AND c.status NOT IN ('accepted', 'reviewing', 'suspended'))"},
		{Name: "decisions that cite what was neither given nor missing", Count: "SELECT COUNT(1) FROM case_opinions o WHERE o.decision <> ''" +
			" AND (o.status NOT IN ('given', 'missing') OR NOT EXISTS (SELECT 1 FROM case_decisions d WHERE d.id = o.decision AND d.case_id = o.case_id AND d.decided_at >= o.ended_at))"},
		{Name: "decisions that do not cite what was given", Count: "SELECT COUNT(1) FROM case_opinions o JOIN case_decisions d ON d.case_id = o.case_id" +
			" WHERE o.status IN ('given', 'missing') AND o.decision = '' AND d.decider <> ''"},
		{Name: "opinions missing before their day was over", Count: "SELECT COUNT(1) FROM case_opinions WHERE status = 'missing'" + // the day ends in Shanghai, at 16:00 in UTC
			" AND (DATE(ended_at) < due_on OR DATE(ended_at) = due_on AND TIME(ended_at) < '16:00:00')"},
	}
}
