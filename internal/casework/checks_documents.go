package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tongban/internal/store"
)

// madeBy is a condition, for SQL, under which the act e makes a document of that kind. Who decides what was only received accepts it too.
func madeBy(of DocumentKind) string {
	var acts []string
	for do, made := range papers {
		if made == of {
			acts = append(acts, fmt.Sprintf("e.act = '%s'", do))
		}
	}
	slices.Sort(acts)
	if of == AcceptancePaper {
		acts = append(acts, fmt.Sprintf("e.act IN ('%s', '%s') AND e.from_status = '%s'", Grant, Deny, Received))
	}
	return "(" + strings.Join(acts, " OR ") + ")"
}

// documentChecks compare documents with the acts that demand them, and their numbers with each other. What the county's platform does has papers of the
// platform's; acts from before there were papers have none.
func documentChecks() []store.Check {
	var lacking, rootless []string
	for _, of := range kinds() {
		made := madeBy(of)
		lacking = append(lacking, made+" AND NOT EXISTS (SELECT 1 FROM case_documents d WHERE d.case_id = e.case_id AND d.version = e.version AND d.kind = '"+string(of)+"')")
		rootless = append(rootless, "d.kind = '"+string(of)+"' AND "+made)
	}
	return []store.Check{
		{Name: "acts without their document", Count: "SELECT COUNT(1) FROM case_events e WHERE e.role <> '" + string(county) + "'" +
			" AND e.at >= (SELECT MIN(f.made_at) FROM case_documents f) AND ((" + strings.Join(lacking, ") OR (") + "))"},
		{Name: "documents without the act that makes them", Count: "SELECT COUNT(1) FROM case_documents d WHERE NOT EXISTS (SELECT 1 FROM case_events e" +
			" WHERE e.case_id = d.case_id AND e.version = d.version AND e.role <> '" + string(county) + "' AND ((" + strings.Join(rootless, ") OR (") + ")))"},
		{Name: "acts with the same document twice", Count: "SELECT COUNT(1) FROM (SELECT d.case_id FROM case_documents d" +
			" GROUP BY d.case_id, d.version, d.kind HAVING COUNT(1) > 1) x"},
		{Name: "series of documents with a gap or a number twice", Count: "SELECT COUNT(1) FROM (SELECT d.office FROM case_documents d GROUP BY d.office, d.series, d.year" +
			" HAVING MIN(d.sequence) <> 1 OR MAX(d.sequence) <> COUNT(1) OR COUNT(DISTINCT d.sequence) <> COUNT(1)) x"},
		{Name: "series of documents that count otherwise than their last", Count: "SELECT COUNT(1) FROM document_series s WHERE s.last <>" +
			" (SELECT COALESCE(MAX(d.sequence), 0) FROM case_documents d WHERE d.office = s.office AND d.series = s.series AND d.year = s.year)"},
	}
}

// perCheck is how many documents are made again at a time.
const perCheck = 500

// CheckDocuments makes every document again whose content is still kept, and counts those that say something else than their hash, and those of which the
// text or the content is lost. For fsck; it changes nothing.
func CheckDocuments(ctx context.Context, s *store.Store, rules Rules) ([]store.Fault, error) {
	d := &Desk{store: s, rules: rules}
	var differ, lost int64
	for after := ""; ; {
		var rows []documentRow
		if err := s.Read(ctx).Where("id > ?", after).Order("id").Limit(perCheck).Find(&rows).Error; err != nil {
			return nil, err
		}
		for i := range rows {
			after = rows[i].ID
			doc, err := d.again(&rows[i], system)
			if err != nil {
				lost++
				continue
			}
			if !doc.Kept {
				continue
			}
			now, err := doc.Says.hash()
			if err != nil {
				return nil, err
			}
			if now != rows[i].Hash {
				differ++
			}
		}
		if len(rows) < perCheck {
			break
		}
	}
	var faults []store.Fault
	if differ > 0 {
		faults = append(faults, store.Fault{Check: "documents that say something else than their hash", Rows: differ})
	}
	if lost > 0 {
		faults = append(faults, store.Fault{Check: "documents that cannot be made again", Rows: lost})
	}
	return faults, nil
}
