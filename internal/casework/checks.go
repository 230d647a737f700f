package casework

import (
	"slices"
	"strings"

	"tongban/internal/store"
)

// quotedStates lists the states for SQL; they are words of the flow, not of people.
func quotedStates() string {
	var names []string
	for _, s := range Flow.States {
		names = append(names, "'"+string(s.Name)+"'")
	}
	return strings.Join(names, ", ")
}

// finalStates likewise lists those in which a case is over.
func finalStates() string {
	var names []string
	for _, s := range Flow.Final {
		names = append(names, "'"+string(s)+"'")
	}
	return strings.Join(names, ", ")
}

// Checks are what must never be found in the tables of this desk, for fsck.
func Checks() []store.Check {
	return append(slices.Concat(documentChecks(), opinionChecks()), []store.Check{
		{Name: "cases in a state that there is not", Count: "SELECT COUNT(1) FROM cases WHERE status NOT IN (" + quotedStates() + ")"},
		{Name: "cases that stand otherwise than their history", Count: "SELECT COUNT(1) FROM cases c WHERE NOT EXISTS (SELECT 1 FROM case_events e" +
			" WHERE e.case_id = c.id AND e.to_status = c.status AND e.version = (SELECT MAX(x.version) FROM case_events x WHERE x.case_id = c.id))" +
			" OR EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = c.id AND e.version > c.version)"},
		{Name: "history without a case", Count: "SELECT COUNT(1) FROM case_events e WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = e.case_id)"},
		{Name: "ratings of no case", Count: "SELECT COUNT(1) FROM ratings r WHERE r.kind = 'case' AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = r.object)"},
		{Name: "papers of no case", Count: "SELECT COUNT(1) FROM case_materials m WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = m.case_id)"},
		{Name: "cases of applicants that there are not", Count: "SELECT COUNT(1) FROM cases WHERE applicant NOT IN (SELECT id FROM persons)" +
			" AND NOT (applicant = '' AND query_mac = '' AND applied_at IS NOT NULL)"},
		{Name: "cases without trail", Count: "SELECT COUNT(1) FROM cases WHERE NOT EXISTS (SELECT 1 FROM trail t WHERE t.object = cases.id)"},
		{Name: "cases that the trail knows alone", Count: "SELECT COUNT(DISTINCT t.object) FROM trail t WHERE t.kind = 'case' AND t.act = 'case.submit' AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = t.object)"},
		{Name: "submitted cases that nobody was told of", Count: "SELECT COUNT(1) FROM cases c WHERE applied_at IS NOT NULL" +
			" AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.object = c.id AND o.kind = 'case')"},
		{Name: "submitted cases without number or office", Count: "SELECT COUNT(1) FROM cases WHERE applied_at IS NOT NULL AND (number IS NULL OR office = '')"},
		{Name: "submitted cases that lack a required paper", Count: "SELECT COUNT(1) FROM cases c JOIN case_materials m ON m.case_id = c.id" +
			" WHERE c.applied_at IS NOT NULL AND c.corrections = 0 AND m.necessity = 'required' AND m.state = 'missing'"},
		{Name: "decided cases without their decision", Count: "SELECT COUNT(1) FROM cases c WHERE (decided_at IS NOT NULL) <>" +
			" EXISTS (SELECT 1 FROM case_decisions d WHERE d.case_id = c.id)"},
		{Name: "delivered cases without their delivery", Count: "SELECT COUNT(1) FROM cases c WHERE (delivered_at IS NOT NULL) <>" +
			" EXISTS (SELECT 1 FROM case_deliveries d WHERE d.case_id = c.id)"},
		{Name: "cases decided by their reviewer where the item wants two persons", Count: "SELECT COUNT(1) FROM cases" +
			" WHERE two_persons AND decider <> '' AND decider = reviewer"},
		{Name: "corrections without a defect", Count: "SELECT COUNT(1) FROM case_corrections k WHERE NOT EXISTS (SELECT 1 FROM case_defects f WHERE f.correction = k.id)"},
		{Name: "repeated corrections that nobody let", Count: "SELECT COUNT(1) FROM case_corrections WHERE repeated AND permit = '' AND asked_by <> ''"}, // the county's platform asks nobody
		{Name: "corrections under way of cases that are not", Count: "SELECT COUNT(1) FROM case_corrections k JOIN cases c ON c.id = k.case_id" +
			" WHERE k.answered_at IS NULL AND c.status NOT IN ('correcting', 'lapsed', 'withdrawn')"},
		{Name: "suspensions under way of cases that are not", Count: "SELECT COUNT(1) FROM case_periods p JOIN cases c ON c.id = p.case_id" +
			" WHERE p.kind = 'suspension' AND p.ended_at IS NULL AND c.status <> 'suspended'"},
		{Name: "cases whose five times are out of order", Count: "SELECT COUNT(1) FROM cases WHERE received_at < applied_at OR accepted_at < received_at" +
			" OR decided_at < accepted_at OR delivered_at < decided_at"},
		{Name: "handovers that wait without their letter", Count: "SELECT COUNT(1) FROM case_handovers h WHERE h.status = 'waiting'" +
			" AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.object = h.id AND o.status IN ('waiting', 'stuck'))"},
		{Name: "handovers that hold what the county has", Count: "SELECT COUNT(1) FROM case_handovers WHERE (status = 'waiting') <> (content IS NOT NULL)"},
		{Name: "cases half in hand, or in hand when they are over", Count: "SELECT COUNT(1) FROM cases WHERE (holder = '') <> (holder_post = '') OR (holder = '') <> (held_at IS NULL)" +
			" OR (holder <> '' AND status IN (" + finalStates() + "))"},
		{Name: "cases in hand in a post of somebody else, or of another office", Count: "SELECT COUNT(1) FROM cases c JOIN posts p ON p.id = c.holder_post" +
			" WHERE p.person <> c.holder OR p.office <> c.office"},
		{Name: "reminders of corrections that nobody waits for", Count: "SELECT COUNT(1) FROM cases WHERE remind_at IS NOT NULL AND (status <> 'correcting' OR correct_on IS NULL)"},
		{Name: "standing cases whose clock runs", Count: "SELECT COUNT(1) FROM cases WHERE status NOT IN ('received', 'accepted', 'reviewing') AND late_at IS NOT NULL"},
	}...)
}
