//go:build race

package store

// slowed: with the race detector the SQLite of pure Go takes ten times as long.
const slowed = 10
