package retention

import (
	"time"

	"gorm.io/gorm"
)

// counting calls before each look at the rows of a class.
func counting(due func(*gorm.DB, time.Time) *gorm.DB, call func()) func(*gorm.DB, time.Time) *gorm.DB {
	return func(db *gorm.DB, before time.Time) *gorm.DB {
		call()
		return due(db, before)
	}
}
