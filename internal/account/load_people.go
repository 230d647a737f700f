package account

import (
	"slices"

	"gorm.io/gorm"

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
	duties      []string // codes
	told        bool     // the file has a column of duties
	line        int
}

// keepStaff finds people by username and their posts by role, office and area: ids are made once and stay.
func (d *Desk) keepStaff(tx *store.Tx, listed []member, offices map[string]string, demo bool) (persons, posts int, err error) {
	if listed, err = staffAsCalled(tx.DB, listed); err != nil {
		return 0, 0, err
	}
	known, held, err := storedStaff(tx.DB, listed)
	if err != nil {
		return 0, 0, err
	}
	var people []personRow
	var fresh []Post
	var carried carrying
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
			post := line.post(p.ID, offices[line.office])
			old := held[keyOf(post)]
			post, changed, err := keepPost(tx, post, old)
			if err != nil {
				return 0, 0, err
			}
			if old.ID == "" {
				fresh = append(fresh, post)
			}
			if carried.follow(post, line, old) && changed == 0 {
				changed = 1
				trailLoaded(tx, post)
			}
			posts += changed
		}
	}
	if err := create(tx, people); err != nil {
		return 0, 0, err
	}
	if err := create(tx, fresh); err != nil {
		return 0, 0, err
	}
	return persons, posts, carried.keep(tx)
}

// carrying gathers which posts get other duties.
type carrying struct {
	changed []string
	rows    []postDuty
}

// follow notes what the file says, where it says something else than is known.
func (c *carrying) follow(p Post, l postLine, old stored) bool {
	if !l.told || old.settled || slices.Equal(old.duties, slices.Sorted(slices.Values(l.duties))) {
		return false
	}
	c.changed = append(c.changed, p.ID)
	c.rows = append(c.rows, dutyRows(p.ID, l.duties)...)
	return true
}

func (c *carrying) keep(tx *store.Tx) error {
	if len(c.changed) == 0 {
		return nil
	}
	if err := tx.Where("post IN ?", c.changed).Delete(&postDuty{}).Error; err != nil {
		return err
	}
	return create(tx, c.rows)
}

// storedStaff is who of the listed is known by his username, and the posts that they hold.
func storedStaff(db *gorm.DB, listed []member) (map[string]personRow, map[postKey]stored, error) {
	var people []personRow
	names := pluck(listed, func(m member) string { return m.username })
	if err := db.Where("kind = ? AND username IN ?", staffKind, names).Find(&people).Error; err != nil {
		return nil, nil, err
	}
	known := map[string]personRow{}
	for _, p := range people {
		known[*p.Username] = p
	}
	var held []Post
	if len(people) > 0 {
		if err := db.Where("person IN ?", pluck(people, func(p personRow) string { return p.ID })).Find(&held).Error; err != nil {
			return nil, nil, err
		}
	}
	var settled []string
	if err := db.Model(&calledPost{}).Where("post IN ?", pluck(held, func(p Post) string { return p.ID })).Pluck("post", &settled).Error; err != nil {
		return nil, nil, err
	}
	var carried []postDuty
	if err := db.Where("post IN ?", pluck(held, func(p Post) string { return p.ID })).Order("duty").Find(&carried).Error; err != nil {
		return nil, nil, err
	}
	duties := map[string][]string{}
	for _, c := range carried {
		duties[c.Post] = append(duties[c.Post], c.Duty)
	}
	posts := map[postKey]stored{}
	for _, p := range held {
		posts[keyOf(p)] = stored{p, slices.Contains(settled, p.ID), duties[p.ID]}
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
	duties  []string // codes, in their order
}

// keepPost follows a changed post; a new one gets its id, and is to be inserted.
func keepPost(tx *store.Tx, p Post, old stored) (kept Post, changed int, err error) {
	p.ID, p.CreatedAt, p.UpdatedAt = old.ID, old.CreatedAt, old.UpdatedAt
	if old.ID != "" && (p == old.Post || old.settled) {
		return old.Post, 0, nil
	}
	if old.ID != "" {
		err := tx.Table("posts").Where("id = ?", p.ID).UpdateColumns(map[string]any{
			"title": p.Title, "valid_from": p.ValidFrom, "valid_until": p.ValidUntil, "updated_at": tx.Now,
		}).Error
		if err != nil {
			return p, 0, err
		}
	} else {
		p.ID, p.CreatedAt, p.UpdatedAt = tx.NewID(), tx.Now, tx.Now
	}
	trailLoaded(tx, p)
	return p, 1, nil
}

func trailLoaded(tx *store.Tx, p Post) {
	tx.Trail(store.Entry{Act: "post.load", Kind: "post", Object: p.ID, Area: wide(p.Area), To: string(p.Role)})
}
