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
