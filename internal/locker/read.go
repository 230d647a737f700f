package locker

import (
	"context"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// Papers are those of one person, the newest first: his own, or to the clerk of his village, whose look is kept. person is empty for one's own.
func (d *Desk) Papers(ctx context.Context, actor access.Actor, person, after string, limit int) ([]Paper, error) {
	db := d.store.Read(ctx)
	person, err := d.whose(db, actor, person)
	if err != nil {
		return nil, err
	}
	var rows []paperRow
	if err := store.Page(seenBy(actor)(db).Where("locker_papers.person = ?", person), after, limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	list, err := d.shown(db, rows...)
	if err != nil {
		return nil, err
	}
	return list, d.record(ctx, actor, person)
}

// Paper is one paper with its use log. A clerk's look is kept.
func (d *Desk) Paper(ctx context.Context, actor access.Actor, id string) (Paper, error) {
	db := d.store.Read(ctx)
	row, err := d.load(db, actor, id)
	if err != nil {
		return Paper{}, err
	}
	list, err := d.shown(db, row)
	if err != nil {
		return Paper{}, err
	}
	if err := usesOf(db, list); err != nil {
		return Paper{}, err
	}
	return list[0], d.record(ctx, actor, row.Person)
}

func (d *Desk) load(db *gorm.DB, actor access.Actor, id string) (paperRow, error) {
	var rows []paperRow
	if err := seenBy(actor)(db).Where("locker_papers.id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return paperRow{}, err
	}
	if len(rows) == 0 {
		return paperRow{}, fault.NotFound
	}
	return rows[0], account.Attends(db, actor, rows[0].Person)
}

// shown makes views of rows that the reader may see.
func (d *Desk) shown(db *gorm.DB, rows ...paperRow) ([]Paper, error) {
	var ids, consents []string
	for _, row := range rows {
		ids, consents = append(ids, row.ID), append(consents, row.Consent)
	}
	given, err := d.people.ConsentsByID(db, consents...)
	if err != nil {
		return nil, err
	}
	pages, err := pagesOf(db, ids)
	if err != nil {
		return nil, err
	}
	names, err := kindNames(db)
	if err != nil {
		return nil, err
	}
	list := make([]Paper, 0, len(rows))
	for _, row := range rows {
		p := Paper{
			ID: row.ID, Person: row.Person, Kind: row.Kind, KindName: names[row.Kind], Pages: pages[row.ID], ValidUntil: row.ValidUntil,
			Consent: given[row.Consent], ConsentUntil: row.ConsentUntil, FromCase: row.FromCase, PutRole: row.PutRole, CreatedAt: row.CreatedAt,
			Times: row.Uses, Uses: []Use{},
		}
		if why := row.refuses(given[row.Consent], clock.DateOf(d.store.Clock().Now())); why != nil {
			p.Refused = why.Code
		}
		list = append(list, p)
	}
	return list, nil
}

func pagesOf(db *gorm.DB, papers []string) (map[string][]Page, error) {
	list := map[string][]Page{}
	if len(papers) == 0 {
		return list, nil
	}
	var rows []pageRow
	if err := db.Where("paper IN ?", papers).Order("paper, place").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		list[row.Paper] = append(list[row.Paper], Page{row.File, row.SHA256Sent, row.SHA256Stored})
	}
	return list, nil
}

func kindNames(db *gorm.DB) (map[string]string, error) {
	var rows []kindRow
	err := db.Find(&rows).Error
	names := make(map[string]string, len(rows))
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, err
}

// agreed: the consent is in force on that day. One that a guardian gave for a child which has turned fourteen is none any more.
func agreed(row paperRow, given account.Given, today clock.Date) bool {
	return given.ID != "" && given.WithdrawnAt == nil && !given.Lapsed && !row.ConsentUntil.Before(today)
}
