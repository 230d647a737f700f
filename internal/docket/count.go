package docket

import (
	"gorm.io/gorm"

	"tongban/internal/flow"
)

// CountOpen says how many of the rows are in each state under way, 0 included. What has ended is not counted: that only grows.
func CountOpen(rows *gorm.DB, table string, along *flow.Table) (map[flow.State]int, error) {
	var found []struct {
		Status flow.State
		N      int
	}
	err := rows.Where(table+".status IN ?", along.Open()).Select(table + ".status, COUNT(1) AS n").Group(table + ".status").Scan(&found).Error
	counts := map[flow.State]int{}
	for _, s := range along.Open() {
		counts[s] = 0
	}
	for _, f := range found {
		counts[f.Status] = f.N
	}
	return counts, err
}

// Some counts the rows and names five of them by their numbers, the oldest first; a row without one is only counted.
func Some(rows func() *gorm.DB) (n int64, numbers []string, err error) {
	if err := rows().Count(&n).Error; err != nil || n == 0 {
		return 0, nil, err
	}
	return n, numbers, rows().Where("number IS NOT NULL").Order("id").Limit(5).Pluck("number", &numbers).Error
}
