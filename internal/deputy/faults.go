package deputy

import "tongban/internal/fault"

// The faults of this desk.
var (
	ErrNamed = fault.New(fault.Conflict, "deputy.named_already", "这几天已经有人替班了，请先结束原来的")
	ErrOver  = fault.New(fault.Conflict, "deputy.over", "这次替班已经结束了")
)
