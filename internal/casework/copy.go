package casework

import (
	"context"
	"slices"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/store"
)

// Copy is a case in a copy of somebody's data.
type Copy struct {
	Seen
	Said []Said // Answers in the item's words, in its order
}

// Said is a question of the item and what was chosen.
type Said struct {
	Question string
	Chosen   []string
}

// Copied are a person's own cases for a copy of his data, whole and as he may know them himself, the newest first. Only those
// that the actor sees: he himself all, his clerk those that the village filed for him.
func (d *Desk) Copied(ctx context.Context, actor access.Actor, person, after string, limit int) ([]Copy, error) {
	db := d.store.Read(ctx)
	var rows []Case
	if err := store.Page(d.seenBy(actor)(db).Where("cases.applicant = ?", person), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	himself := access.Actor{Person: person, Role: resident}
	list := make([]Copy, 0, len(rows))
	for i := range rows {
		s, err := d.whole(ctx, db, &rows[i], himself)
		if err != nil {
			return nil, err
		}
		item, err := d.items.Version(ctx, s.Item, s.ItemVersion)
		if err != nil {
			return nil, err
		}
		list = append(list, Copy{s, inWords(item, s.Answers)})
	}
	return list, nil
}

// Numbers are the public numbers of cases, by id; drafts have none.
func (d *Desk) Numbers(ctx context.Context, ids []string) (map[string]string, error) {
	numbers := map[string]string{}
	for some := range slices.Chunk(ids, numbered) {
		var rows []Case
		if err := d.store.Read(ctx).Select("id, number").Where("id IN ? AND number IS NOT NULL", some).Find(&rows).Error; err != nil {
			return nil, err
		}
		for i := range rows {
			numbers[rows[i].ID] = rows[i].PublicNumber()
		}
	}
	return numbers, nil
}

// numbered is how many cases are looked up at once.
const numbered = 100

func inWords(item *catalog.Item, answers map[string][]string) (list []Said) {
	for _, q := range item.Situations {
		said := Said{Question: q.Question}
		for _, o := range q.Options {
			if slices.Contains(answers[q.ID], o.ID) {
				said.Chosen = append(said.Chosen, o.Text)
			}
		}
		if len(said.Chosen) > 0 {
			list = append(list, said)
		}
	}
	return list
}
