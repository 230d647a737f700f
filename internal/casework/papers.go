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
	Files    []string      // all photos of its pages, in their order; nil leaves those that it has
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

// hand notes the papers that came, in answer to a correction or (0) with the application. The photos of a draft's paper, or of an answer, are
// what was said last of them: what was named before and is not named now is let go, and so are all when the paper is taken back.
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
		m := rows[at]
		set, wrong := p.columns(row, m)
		if wrong.Location != "" {
			return fault.Wrong(here+"."+wrong.Location, wrong.Message)
		}
		if p.State == Missing {
			state, err := d.withoutPaper(tx, row, m)
			if err != nil {
				return err
			}
			set["state"] = string(state)
		}
		first, err := d.handedInBefore(tx, row, m, correction)
		if err != nil {
			return err
		}
		if p.given() {
			set["changed_at"], set["changed_in"], set["photos_before"] = tx.Now, correction, first
		}
		if err := tx.Table("case_materials").Where("id = ?", m.ID).UpdateColumns(set).Error; err != nil {
			return err
		}
		if !p.given() || m.LockerPaper != "" { // copies from the locker are no photos of what comes in their place
			if err := d.files.Renew(tx, materialKind, m.ID, first, nil); err != nil {
				return err
			}
		}
		if p.Files == nil {
			continue
		}
		if err := d.files.Renew(tx, materialKind, m.ID, first, p.Files); err != nil {
			return file.Located(err, here+".files")
		}
	}
	return nil
}

// handedInBefore is how many photos of a paper were handed in before the answer under way: they are evidence, and stay beside what it brings.
func (d *Desk) handedInBefore(tx *store.Tx, row *Case, m materialRow, answering int) (int, error) {
	switch {
	case row.Status == Draft:
		return 0, nil
	case row.Status == Correcting && m.ChangedIn == answering: // it came from the locker already
		return m.PhotosBefore, nil
	}
	photos, err := d.files.Attached(tx.DB, materialKind, m.ID)
	return len(photos[m.ID]), err
}

// lastHandedIn are the photos that came last: those before were told to be wrong.
func (m materialRow) lastHandedIn(photos []file.File) []file.File {
	if fresh := m.newlyHandedIn(photos); len(fresh) > 0 {
		return fresh
	}
	return photos
}

// newlyHandedIn are those of the last answer alone; none where it brought the paper without a photo.
func (m materialRow) newlyHandedIn(photos []file.File) []file.File {
	return photos[min(m.PhotosBefore, len(photos)):]
}

// withoutPaper is how a paper stands that is taken back: the county looks it up again, unless it was found to be absent there.
func (d *Desk) withoutPaper(tx *store.Tx, row *Case, m materialRow) (MaterialState, error) {
	item, err := d.items.Version(tx.Statement.Context, row.Item, row.ItemVersion)
	if err != nil {
		return "", err
	}
	if listed := item.Material(m.Material); listed != nil && listed.CountyLooksUp && m.Lookup != LookupAbsent {
		return LookedUp, nil
	}
	return Missing, nil
}

func (p Paper) given() bool { return p.State == "" || p.State == Given }

// columns are what is to be set for the paper, or what is wrong with it.
func (p Paper) columns(row *Case, m materialRow) (set map[string]any, wrong fault.Field) {
	switch {
	case p.State == Missing && row.Status != Draft && m.Necessity != "optional" && (m.State == Given || m.State == Deferred):
		return nil, fault.Field{Location: "state", Message: "已经提交的必交材料不能撤回，请交正确的材料"}
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
