package casework

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/catalog"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/store"
)

// Paper is what somebody says of one of the case's papers.
type Paper struct {
	Material string        // id, as the item names it
	State    MaterialState // given if not said; deferred where the item lets it come later; missing takes it back
	TakenAs  string        // original, copy or electronic; original if not said
	Copies   int           // how many; one if not said
	Files    []string      // photos of its pages
}

// mostCopies is more than anybody asks for.
const mostCopies = 99

func (d *Desk) materials(db *gorm.DB, id string) (rows []materialRow, err error) {
	err = db.Where("case_id = ?", id).Order("place, id").Find(&rows).Error
	return rows, err
}

// listPapers writes the papers that the case needs. Those that were on the list stay as they are; those that fell out go, and
// with them what was said of them.
func (d *Desk) listPapers(tx *store.Tx, row *Case, list catalog.Checklist, old []materialRow, papers []Paper) error {
	for _, m := range old {
		if !slices.ContainsFunc(list.Materials, func(n catalog.Needed) bool { return n.ID == m.Material }) {
			if err := tx.Where("id = ?", m.ID).Delete(&materialRow{}).Error; err != nil {
				return err
			}
		}
	}
	for place, n := range list.Materials {
		if i := slices.IndexFunc(old, func(m materialRow) bool { return m.Material == n.ID }); i >= 0 {
			if err := tx.Table("case_materials").Where("id = ?", old[i].ID).UpdateColumn("place", place).Error; err != nil {
				return err
			}
			continue
		}
		m := materialRow{ID: tx.NewID(), CaseID: row.ID, Material: n.ID, Place: place, Necessity: n.Necessity, State: Missing}
		if n.State == catalog.CountyLooksUp {
			m.State = LookedUp
		}
		if err := tx.Create(&m).Error; err != nil {
			return err
		}
	}
	return d.hand(tx, row, papers, 0)
}

// hand notes the papers that came, in answer to a correction or (0) with the application.
func (d *Desk) hand(tx *store.Tx, row *Case, papers []Paper, correction int) error {
	if len(papers) == 0 {
		return nil
	}
	rows, err := d.materials(tx.DB, row.ID)
	if err != nil {
		return err
	}
	for i, p := range papers {
		here := fmt.Sprintf("body.papers.%d", i)
		at := slices.IndexFunc(rows, func(m materialRow) bool { return m.Material == p.Material })
		if at < 0 || slices.ContainsFunc(papers[:i], func(other Paper) bool { return other.Material == p.Material }) {
			return fault.Wrong(here+".material", "这件办件不要这份材料，或者写了两次")
		}
		set, wrong := p.columns(rows[at])
		if wrong.Location != "" {
			return fault.Wrong(here+"."+wrong.Location, wrong.Message)
		}
		if err := d.instead(tx, row, rows[at]); err != nil {
			return err
		}
		if p.given() {
			set["changed_at"], set["changed_in"] = tx.Now, correction
		}
		if err := tx.Table("case_materials").Where("id = ?", rows[at].ID).UpdateColumns(set).Error; err != nil {
			return err
		}
		if err := d.files.Attach(tx, materialKind, rows[at].ID, p.Files); err != nil {
			return file.Located(err, here+".files")
		}
	}
	return nil
}

func (p Paper) given() bool { return p.State == "" || p.State == Given }

// columns are what is to be set for the paper, or what is wrong with it.
func (p Paper) columns(m materialRow) (set map[string]any, wrong fault.Field) {
	switch {
	case p.State == Missing, p.State == Deferred && m.Necessity == "deferrable":
		if len(p.Files) > 0 {
			return nil, fault.Field{Location: "files", Message: "没有交的材料不能附照片"}
		}
		return map[string]any{"state": string(p.State), "taken_as": "", "copies": 0, "locker_paper": ""}, wrong
	case p.State == Deferred:
		return nil, fault.Field{Location: "state", Message: "这份材料不能容缺后补"}
	case !p.given():
		return nil, fault.Field{Location: "state", Message: "请选择 given、deferred 或 missing"}
	case p.TakenAs != "" && !docket.Known(TakenWays, p.TakenAs):
		return nil, fault.Field{Location: "taken_as", Message: "请选择原件、复印件或电子件"}
	case p.Copies < 0 || p.Copies > mostCopies:
		return nil, fault.Field{Location: "copies", Message: fmt.Sprintf("份数为 1 到 %d", mostCopies)}
	}
	if p.TakenAs == "" {
		p.TakenAs = AsOriginal
	}
	return map[string]any{"state": string(Given), "taken_as": p.TakenAs, "copies": max(p.Copies, 1), "locker_paper": ""}, wrong
}

// complete refuses what lacks a required paper among those, and notes of those which may come later that they will.
func (d *Desk) complete(s *step, which func(materialRow) bool) error {
	rows, err := d.materials(s.tx.DB, s.row.ID)
	if err != nil {
		return err
	}
	item, err := d.items.Version(s.ctx, s.row.Item, s.row.ItemVersion)
	if err != nil {
		return err
	}
	var lacking []fault.Field
	for _, m := range rows {
		switch {
		case m.State != Missing || m.Necessity == "optional" || !which(m):
		case m.Necessity == "deferrable":
			if err := s.tx.Table("case_materials").Where("id = ?", m.ID).UpdateColumn("state", string(Deferred)).Error; err != nil {
				return err
			}
		default:
			lacking = append(lacking, fault.Field{Location: "body.papers." + m.Material, Message: "还缺：" + materialName(item, m.Material)})
		}
	}
	if len(lacking) > 0 {
		return ErrMaterials.At(lacking...)
	}
	return nil
}

func materialName(item *catalog.Item, id string) string {
	if m := item.Material(id); m != nil {
		return m.Name
	}
	return id
}
