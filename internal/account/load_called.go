package account

import (
	"errors"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
)

// called is what calls changed since the county's files were written. A file never undoes a call: it keeps being loaded, and
// where both speak of the same, the call stands.
type called struct {
	next  map[access.Area]access.Area // areas that ended, and where they go on
	names map[access.Area]string      // of areas that were renamed
	// offices that were made or changed, by their codes as they stand now, and of those the ones that ended
	offices map[string]Office
	ended   map[string]bool
}

func whatCallsChanged(db *gorm.DB) (c called, err error) {
	if c.next, err = successors(db); err != nil {
		return c, err
	}
	var renamed []Area
	err = db.Where("code IN (SELECT new FROM area_changes WHERE kind = ?)", AreaRenamed).Find(&renamed).Error
	c.names = map[access.Area]string{}
	for _, a := range renamed {
		c.names[a.Code] = a.Name
	}
	return c, errors.Join(err, c.officesOf(db))
}

func (c *called) officesOf(db *gorm.DB) error {
	var changed, ended []Office
	err := errors.Join(
		db.Where("id IN (SELECT office FROM office_changes)").Find(&changed).Error,
		db.Where("id IN ("+closedOffices+")").Find(&ended).Error,
	)
	c.offices, c.ended = map[string]Office{}, map[string]bool{}
	for _, o := range changed {
		c.offices[o.Code] = o
	}
	for _, o := range ended {
		c.ended[o.Code] = true
	}
	return err
}

// overrule puts into what the files say what calls said later: names; offices that were changed by call stay as they are; those of an area that ended stand in the one after it;
// posts there stay ended, and who had no other is not listed any more.
func (c called) overrule(files *county) {
	for i, a := range files.areas {
		if name, renamed := c.names[a.Code]; renamed {
			files.areas[i].Name = name
		}
	}
	for i, o := range files.offices {
		if to := follow(c.next, o.Area); to != o.Area {
			o.Area = to
			o.County, o.Town, o.Village = string(to.County()), string(to.Town()), string(to.Village())
			files.offices[i] = o
		}
		if as, changed := c.offices[o.Code]; changed {
			files.offices[i] = as
		}
	}
	for i := range files.staff {
		files.staff[i].posts = slices.DeleteFunc(files.staff[i].posts, func(p postLine) bool { return c.ended[p.office] || follow(c.next, p.area) != p.area })
	}
	files.staff = slices.DeleteFunc(files.staff, func(m member) bool { return len(m.posts) == 0 })
}
