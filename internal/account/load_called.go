package account

import (
	"errors"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
)

// A file never undoes a call: it keeps being loaded, and where both speak of the same, the call stands. What calls changed is read in
// the transaction that loads, after the rows of which the file speaks are locked: a call comes before or after.

// areasAsCalled are the areas with the names that calls gave them.
func areasAsCalled(db *gorm.DB, listed []Area) ([]Area, error) {
	if err := holdPlaces(db, pluck(listed, func(a Area) access.Area { return a.Code }), nil); err != nil {
		return nil, err
	}
	var renamed []Area
	err := db.Where("code IN (SELECT new FROM area_changes WHERE kind = ?)", AreaRenamed).Find(&renamed).Error
	listed = slices.Clone(listed) // the transaction may run again
	for i, a := range listed {
		if at := slices.IndexFunc(renamed, func(r Area) bool { return r.Code == a.Code }); at >= 0 {
			listed[i].Name = renamed[at].Name
		}
	}
	return listed, err
}

// officesAsCalled are the offices as calls left them: one that was changed by a call stays as it is, one of an area that ended stands
// in the area after it.
func officesAsCalled(db *gorm.DB, listed []Office) ([]Office, error) {
	err := holdPlaces(db, pluck(listed, func(o Office) access.Area { return o.Area }), pluck(listed, func(o Office) string { return o.Code }))
	if err != nil {
		return nil, err
	}
	next, err := successors(db)
	if err != nil {
		return nil, err
	}
	var changed []Office
	err = db.Where("id IN (SELECT office FROM office_changes)").Find(&changed).Error
	listed = slices.Clone(listed)
	for i, o := range listed {
		if to := follow(next, o.Area); to != o.Area {
			listed[i].stand(to)
		}
		if at := slices.IndexFunc(changed, func(c Office) bool { return c.Code == o.Code }); at >= 0 {
			listed[i] = changed[at]
		}
	}
	return listed, err
}

// staffAsCalled is the staff without the posts in areas and offices that ended: those stay ended. Who has no other is not listed.
func staffAsCalled(db *gorm.DB, listed []member) ([]member, error) {
	var posts []postLine
	for _, m := range listed {
		posts = append(posts, m.posts...)
	}
	err := holdPlaces(db, pluck(posts, func(p postLine) access.Area { return p.area }), pluck(posts, func(p postLine) string { return p.office }))
	if err != nil {
		return nil, err
	}
	next, err := successors(db)
	if err != nil {
		return nil, err
	}
	var ended []string
	err = db.Model(&Office{}).Where("id IN ("+closedOffices+")").Pluck("code", &ended).Error
	var left []member
	for _, m := range listed {
		m.posts = slices.DeleteFunc(slices.Clone(m.posts), func(p postLine) bool {
			return slices.Contains(ended, p.office) || follow(next, p.area) != p.area
		})
		if len(m.posts) > 0 {
			left = append(left, m)
		}
	}
	return left, err
}

// holdPlaces locks areas and offices by their codes: who ends one of them at this moment waits, or has done it.
func holdPlaces(db *gorm.DB, areas []access.Area, offices []string) error {
	var held []Area
	var there []Office
	return errors.Join(
		forUpdate(db).Select("code").Where("code IN ?", areas).Order("code").Find(&held).Error,
		forUpdate(db).Select("id").Where("code IN ?", offices).Order("id").Find(&there).Error,
	)
}
