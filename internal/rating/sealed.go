package rating

import "tongban/internal/store"

// SealedColumns are the columns in which this desk seals: `tongban reseal` goes through them, and no data key retires that still seals there.
var SealedColumns = []store.Sealed{
	{Table: "ratings", Column: "text"},
	{Table: "rating_additions", Column: "text"},
	{Table: "redress_events", Column: "text"},
}
