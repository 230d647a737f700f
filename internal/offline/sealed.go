package offline

import "tongban/internal/store"

// SealedColumns are the columns in which this desk seals: `tongban reseal` goes through them, and no data key retires that still seals there.
var SealedColumns = []store.Sealed{{Table: "offline_acts", Column: "answer"}}
