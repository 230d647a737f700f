package casework

import "gorm.io/gorm"

// openAt counts the open cases of an office, and names a few of those that have a number: such an office is not closed.
func openAt(db *gorm.DB, office string) (n int64, numbers []string, err error) {
	open := func() *gorm.DB { return db.Model(&Case{}).Where("status IN ? AND office = ?", Flow.Open(), office) }
	if err := open().Count(&n).Error; err != nil || n == 0 {
		return 0, nil, err
	}
	return n, numbers, open().Where("number IS NOT NULL").Order("id").Limit(5).Pluck("number", &numbers).Error
}
