package casework

import (
	"gorm.io/gorm"

	"tongban/internal/docket"
)

// openAt counts the open cases of an office, and names a few of those that have a number: such an office is not closed.
func openAt(db *gorm.DB, office string) (n int64, numbers []string, err error) {
	return docket.Some(func() *gorm.DB { return db.Model(&Case{}).Where("status IN ? AND office = ?", Flow.Open(), office) })
}
