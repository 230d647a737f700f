//go:build !race

package store

const slowed = 1
