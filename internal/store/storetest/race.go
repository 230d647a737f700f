//go:build race

package storetest

import "runtime/debug"

const raced = true

// With the detector fresh memory costs more than collecting garbage, whatever GOGC the compiler was given.
func init() { debug.SetGCPercent(100) }
