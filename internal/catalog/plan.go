package catalog

import "slices"

// changes are the rows that a publication has to write.
type changes struct {
	items        []itemChange
	newCodes     []codeRow
	oldCodes     []codeRow // taken off the county's file, or put back
	places       []Place
	placesDiffer bool
}

// itemChange is an item's new row, and the body of its new version if the content changed.
type itemChange struct {
	was  *itemRow // nil for a new item
	row  itemRow
	body string
}

func (c changes) empty() bool {
	return len(c.items)+len(c.newCodes)+len(c.oldCodes) == 0 && !c.placesDiffer
}

// plan compares the source with what the tables hold. It changes nothing.
func plan(now stored, folder Folder, places []Place) (changes, error) {
	c := changes{places: places, placesDiffer: !slices.Equal(now.places, places)}
	if err := c.planItems(now, folder); err != nil {
		return c, err
	}
	return c, c.planCodes(now, folder)
}

func (c *changes) planItems(now stored, folder Folder) error {
	bodies := map[string]string{}
	for _, row := range now.versions {
		it, err := decodeBody(row)
		if err != nil {
			return err
		}
		// What is stored is encoded again before it is compared: a field that a newer release adds, and that the
		// file does not use, is no change of content.
		if bodies[row.Item], err = encodeBody(it); err != nil {
			return err
		}
	}
	present := map[string]bool{}
	for _, file := range folder.Files {
		it := file.Item
		present[it.ID] = true
		body, err := encodeBody(it)
		if err != nil {
			return err
		}
		was, known := now.items[it.ID]
		switch {
		case !known:
			c.items = append(c.items, itemChange{row: itemRow{ID: it.ID, Seq: it.Seq, Version: 1}, body: body})
		case bodies[it.ID] != body:
			row := itemRow{ID: it.ID, Seq: it.Seq, Version: was.Version + 1}
			c.items = append(c.items, itemChange{was: &was, row: row, body: body})
		case was.Retired:
			c.items = append(c.items, itemChange{was: &was, row: itemRow{ID: it.ID, Seq: it.Seq, Version: was.Version}})
		}
	}
	for _, row := range now.versions {
		if was := now.items[row.Item]; !present[row.Item] && !was.Retired {
			gone := was
			gone.Retired = true
			c.items = append(c.items, itemChange{was: &was, row: gone})
		}
	}
	return nil
}

// planCodes refuses a code whose meaning would change: somebody has it on the wall.
func (c *changes) planCodes(now stored, folder Folder) error {
	known, listed := map[string]codeRow{}, map[string]bool{}
	for _, row := range now.codes {
		known[row.Code] = row
	}
	var wrong []Finding
	for _, line := range folder.Codes {
		listed[line.Code.Code] = true
		row, old := known[line.Code.Code]
		switch {
		case !old:
			c.newCodes = append(c.newCodes, rowOfCode(line.Code))
		case row.code() != line.Code:
			wrong = append(wrong, Finding{File: codesFile, Line: line.Line, Message: "这个码已经印过，指的是别的事项或村，不能改，请换一个新码"})
		case !row.Printed:
			row.Printed = true
			c.oldCodes = append(c.oldCodes, row)
		}
	}
	for _, row := range now.codes {
		if row.Printed && !listed[row.Code] {
			row.Printed = false
			c.oldCodes = append(c.oldCodes, row)
		}
	}
	return refuse(wrong)
}

// lintPlaces warns of items whose office the county does not have.
func lintPlaces(folder Folder, places []Place) []Finding {
	var found []Finding
	for i := range folder.Files {
		file := &folder.Files[i]
		for j, kind := range file.Item.Offices {
			if !slices.ContainsFunc(places, func(p Place) bool { return p.Kind == kind }) {
				found = append(found, Finding{
					File: file.Name, Line: file.line("places", j), Rule: 8, Warning: true, Message: "县里没有这种办理点：" + string(kind),
				})
			}
		}
	}
	return found
}
