package file

import (
	"context"
	"errors"
	"io/fs"

	"tongban/internal/access"
	"tongban/internal/account"
)

// Loose finds the actor's own photos that belong to nothing yet, by the digest (SHA-256, hex) of what was sent, and gives their
// ids. Of one that was sent twice it is the older, but first one that may be given away now: the other goes with the sweep.
func (d *Desk) Loose(ctx context.Context, actor access.Actor, digests []string) (map[string]string, error) {
	found := make(map[string]string, len(digests))
	if len(digests) == 0 || !actor.Signed() {
		return found, nil
	}
	db := d.store.Read(ctx)
	client, err := account.Client(db, actor)
	if err != nil {
		return nil, err
	}
	var rows []File
	err = db.Select("id", "sha256_sent", "name", "client").
		Where("owner = ? AND sha256_sent IN ? AND object = ?", actor.Person, digests, "").Order("id DESC").Find(&rows).Error
	free := map[string]bool{}
	for _, f := range rows {
		now := client == "" || f.Client == "" || f.Client == client
		if d.whole(f) && (now || !free[f.SHA256Sent]) {
			found[f.SHA256Sent], free[f.SHA256Sent] = f.ID, now
		}
	}
	return found, err
}

// Gone are those of the ids that name no photo any more that the actor could attach: never uploaded by him, swept, or with bytes that were lost
// before it was attached to anything. What is attached is here, whoever sent it: a paper's pages are named by all who go on with it.
func (d *Desk) Gone(ctx context.Context, actor access.Actor, ids []string) (gone []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []File
	if err := d.store.Read(ctx).Select("id", "name", "object").Where("id IN ? AND (owner = ? OR object <> ?)", ids, actor.Person, "").Find(&rows).Error; err != nil {
		return nil, err
	}
	here := map[string]bool{}
	for _, f := range rows {
		here[f.ID] = f.Object != "" || d.whole(f)
	}
	for _, id := range ids {
		if !here[id] {
			gone = append(gone, id)
		}
	}
	return gone, nil
}

// whole says whether the bytes of a row are there.
func (d *Desk) whole(f File) bool {
	_, err := d.folder.Size(f.Name)
	return !errors.Is(err, fs.ErrNotExist)
}

// Digests are the digests (SHA-256, hex) of what the actor sent, by the photo's id, whatever became of it since.
func (d *Desk) Digests(ctx context.Context, actor access.Actor, ids []string) (map[string]string, error) {
	found := make(map[string]string, len(ids))
	if len(ids) == 0 || !actor.Signed() {
		return found, nil
	}
	var rows []File
	err := d.store.Read(ctx).Select("id", "sha256_sent").Where("id IN ? AND owner = ?", ids, actor.Person).Find(&rows).Error
	for _, f := range rows {
		found[f.ID] = f.SHA256Sent
	}
	return found, err
}
