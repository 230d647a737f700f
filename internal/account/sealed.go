package account

import "tongban/internal/store"

// SealedColumns are the columns in which this desk seals: `tongban reseal` goes through them, and no data key retires that still seals there.
var SealedColumns = []store.Sealed{
	{Table: "persons", Column: "name"},
	{Table: "persons", Column: "phone"},
	{Table: "persons", Column: "id_number"},
	{Table: "persons", Column: "born"},
	{Table: "totp", Column: "secret"},
}
