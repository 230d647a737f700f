package catalog

import "fmt"

// lintShared warns of a paper that the county looks up for one item and that people bring for another (rule 4). The same id is
// the same paper: either the county can look it up here too, or the file says why the paper itself is needed (why_brought).
func lintShared(f Folder) []Finding {
	lookedUp := map[string]string{} // material: the first file in which the county looks it up
	for _, file := range f.Files {
		for _, m := range file.Item.Materials {
			if m.CountyLooksUp && lookedUp[m.ID] == "" {
				lookedUp[m.ID] = file.Name
			}
		}
	}
	var found []Finding
	for i := range f.Files {
		file := &f.Files[i]
		for j, m := range file.Item.Materials {
			if first := lookedUp[m.ID]; first != "" && !m.CountyLooksUp && m.WhyBrought == "" {
				found = append(found, Finding{
					File: file.Name, Line: file.line("materials", j), Rule: 4, Warning: true,
					Message: fmt.Sprintf("“%s”在 %s 由县里查，这里要群众带：改成县里查，或者写明为什么要带（why_brought）", m.Name, first),
				})
			}
		}
	}
	return found
}
