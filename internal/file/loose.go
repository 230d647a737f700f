package file

import (
	"context"

	"tongban/internal/access"
)

// Loose finds the actor's own photos that belong to nothing yet, by the digest (SHA-256, hex) of what was sent, and gives their
// ids. Of one that was sent twice it is the older: the other goes with the sweep.
func (d *Desk) Loose(ctx context.Context, actor access.Actor, digests []string) (map[string]string, error) {
	found := make(map[string]string, len(digests))
	if len(digests) == 0 || !actor.Signed() {
		return found, nil
	}
	var rows []File
	err := d.store.Read(ctx).Select("id", "sha256_sent").
		Where("owner = ? AND sha256_sent IN ? AND object = ?", actor.Person, digests, "").Order("id DESC").Find(&rows).Error
	for _, f := range rows {
		found[f.SHA256Sent] = f.ID
	}
	return found, err
}
