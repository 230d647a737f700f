//go:build race

package store

// slowed: with the race detector everything takes up to ten times as long.
const slowed = 10
