package account

import (
	"slices"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// member is a staff member with the posts that the file gives him; his first post says where he belongs.
type member struct {
	username string
	name     secret.Name
	posts    []postLine
	line     int // where he stands first
}

// postLine is one line of staff.csv.
type postLine struct {
	role        access.Role
	title       string
	office      string // code
	area        access.Area
	from, until clock.Date
}

// keepStaff finds people by username and their posts by role, office and area: ids are made once and stay.
func (d *Desk) keepStaff(tx *store.Tx, listed []member, offices map[string]string, demo bool) (persons, posts int, err error) {
	known, held, err := storedStaff(tx, listed)
	if err != nil {
		return 0, 0, err
	}
	var people []personRow
	var fresh []Post
	for _, m := range listed {
		old, found := known[m.username]
		p, changed, err := d.keepMember(tx, m, old, demo)
		if err != nil {
			return 0, 0, err
		}
		if !found {
			people = append(people, p)
		}
		persons += changed
		for _, line := range m.posts {
			post, changed, err := keepPost(tx, line.post(p.ID, offices[line.office]), held)
			if err != nil {
				return 0, 0, err
			}
			if post != nil {
				fresh = append(fresh, *post)
			}
			posts += changed
		}
	}
	if err := create(tx, people); err != nil {
		return 0, 0, err
	}
	return persons, posts, create(tx, fresh)
}

// storedStaff is who of the listed is known by his username, and the posts that they hold.
func storedStaff(tx *store.Tx, listed []member) (map[string]personRow, map[postKey]stored, error) {
	var people []personRow
	names := pluck(listed, func(m member) string { return m.username })
	if err := tx.Where("kind = ? AND username IN ?", staffKind, names).Find(&people).Error; err != nil {
		return nil, nil, err
	}
	known := map[string]personRow{}
	for _, p := range people {
		known[*p.Username] = p
	}
	var held []Post
	if len(people) > 0 {
		if err := tx.Where("person IN ?", pluck(people, func(p personRow) string { return p.ID })).Find(&held).Error; err != nil {
			return nil, nil, err
		}
	}
	var settled []string
	if err := tx.Model(&calledPost{}).Where("post IN ?", pluck(held, func(p Post) string { return p.ID })).Pluck("post", &settled).Error; err != nil {
		return nil, nil, err
	}
	posts := map[postKey]stored{}
	for _, p := range held {
		posts[keyOf(p)] = stored{p, slices.Contains(settled, p.ID)}
	}
	return known, posts, nil
}

// keepMember prepares a new account, or follows a changed name or place.
func (d *Desk) keepMember(tx *store.Tx, m member, old personRow, demo bool) (p personRow, changed int, err error) {
	keys := d.store.Keys()
	p = old
	p.live(m.posts[0].area)
	if old.ID == "" {
		p.ID, p.Kind, p.Username, p.Demo = tx.NewID(), staffKind, &m.username, demo
		p.Version, p.CreatedAt, p.UpdatedAt = 1, tx.Now, tx.Now
		p.Name = m.name.Seal(keys, sealedAt("name", p.ID))
	} else {
		was, err := old.name(keys)
		if err != nil {
			return p, 0, err
		}
		if was.Equal(m.name) && old.area() == p.area() {
			return p, 0, nil
		}
		p.Name = m.name.Seal(keys, sealedAt("name", p.ID))
		err = changePerson(tx, old, map[string]any{
			"name": p.Name, "county": p.County, "town": p.Town, "village": p.Village, "grid": p.Grid,
			"version": old.Version + 1, "updated_at": tx.Now,
		})
		if err != nil {
			return p, 0, err
		}
	}
	tx.Trail(store.Entry{Act: "person.load", Kind: "person", Object: p.ID, Area: p.area(), Fields: []string{"username", "name", "area"}})
	return p, 1, nil
}

func (l postLine) post(person, office string) Post {
	return Post{Person: person, Role: l.role, Title: l.title, Office: office, Area: l.area, ValidFrom: l.from, ValidUntil: l.until}
}

type postKey struct {
	person string
	role   access.Role
	office string
	area   access.Area
}

func keyOf(p Post) postKey { return postKey{p.Person, p.Role, p.Office, p.Area} }

// stored is a post as it is known; a settled one was given or ended by a call, and the file does not change it any more.
type stored struct {
	Post
	settled bool
}

// keepPost follows a changed post, or answers a new one that is to be inserted.
func keepPost(tx *store.Tx, p Post, known map[postKey]stored) (fresh *Post, changed int, err error) {
	old, found := known[keyOf(p)]
	p.ID, p.CreatedAt, p.UpdatedAt = old.ID, old.CreatedAt, old.UpdatedAt
	if p == old.Post || old.settled {
		return nil, 0, nil
	}
	if found {
		err := tx.Table("posts").Where("id = ?", p.ID).UpdateColumns(map[string]any{
			"title": p.Title, "valid_from": p.ValidFrom, "valid_until": p.ValidUntil, "updated_at": tx.Now,
		}).Error
		if err != nil {
			return nil, 0, err
		}
	} else {
		p.ID, p.CreatedAt, p.UpdatedAt = tx.NewID(), tx.Now, tx.Now
		fresh = &p
	}
	tx.Trail(store.Entry{Act: "post.load", Kind: "post", Object: p.ID, Area: wide(p.Area), To: string(p.Role)})
	return fresh, 1, nil
}
