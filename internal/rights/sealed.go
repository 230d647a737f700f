package rights

import (
	"tongban/internal/secret"
	"tongban/internal/store"
)

// SealedColumns are the columns in which this desk seals: `tongban reseal` goes through them, and no data key retires that still seals there.
var SealedColumns = []store.Sealed{
	{Table: "corrections", Column: "value"},
	{Table: "corrections", Column: "reason"},
	{Table: "corrections", Column: "answer"},
}

func sealedAt(column, id string) secret.Where {
	return secret.Where{Table: "corrections", Column: column, Row: id}
}
