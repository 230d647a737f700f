package errand

import "tongban/internal/store"

// SealedColumns are the columns in which this desk seals: `tongban reseal` goes through them, and no data key retires that still seals there.
var SealedColumns = []store.Sealed{
	{Table: "errands", Column: "entruster"},
	{Table: "errands", Column: "scope"},
	{Table: "errands", Column: "witness_one"},
	{Table: "errands", Column: "witness_two"},
	{Table: "errands", Column: "receiver"},
	{Table: "errands", Column: "receipt"},
	{Table: "errands", Column: "refusal"},
	{Table: "errands", Column: "refusal_witness_one"},
	{Table: "errands", Column: "refusal_witness_two"},
	{Table: "errand_papers", Column: "name"},
	{Table: "errand_papers", Column: "signer"},
	{Table: "errand_events", Column: "text"},
}
