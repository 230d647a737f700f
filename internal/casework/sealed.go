package casework

import "tongban/internal/store"

// SealedColumns are the columns in which this desk seals: `tongban reseal` goes through them, and no data key retires that still seals there.
var SealedColumns = []store.Sealed{
	{Table: "cases", Column: "answers"},
	{Table: "case_events", Column: "text"},
	{Table: "case_defects", Column: "text"},
	{Table: "case_defects", Column: "answer"},
	{Table: "case_periods", Column: "approver"},
	{Table: "case_decisions", Column: "text"},
	{Table: "case_decisions", Column: "remedies"},
	{Table: "case_deliveries", Column: "receiver"},
	{Table: "case_deliveries", Column: "proof"},
	{Table: "case_handovers", Column: "content"},
	{Table: "case_documents", Column: "data"},
	{Table: "case_opinions", Column: "question"},
	{Table: "case_opinions", Column: "text"},
}
