package casework

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	platform "tongban/internal/county"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// What the county looks up (免提交): papers that nobody need bring. Whoever agrees to it has the county asked while he stands there, so that he
// knows now whether to fetch the paper after all, and not from a correction notice.

// LooksUpIn tells where the county looks papers up; without it each is looked up in the hall, as ever. Call it while the program is put together.
func (d *Desk) LooksUpIn(r platform.Registers) { d.registers = r }

// The outcomes of a look-up.
const (
	LookupFound  = "found"  // the register has it: nothing is to be brought
	LookupAbsent = "absent" // it has not: the paper is asked for like any other
	LookupDown   = "down"   // nobody knows: the hall looks it up, or the paper is handed in
)

// Lookup is what came of looking a paper up, the last time.
type Lookup struct {
	Outcome string // one of the above
	Ref     string // by which the register knows what it found, also at an earlier look
	At      time.Time
}

func (m materialRow) looked() *Lookup {
	if m.LookupAt == nil {
		return nil
	}
	return &Lookup{m.Lookup, m.LookupRef, *m.LookupAt}
}

// asked: somebody had it looked up. Missing after that, it must be brought.
func (m materialRow) asked() bool { return m.LookupAt != nil }

// foundSince are the papers that the registers found after the notice asked for them, each with what it is known by there. What comes with the
// answer, or is taken back by it, counts as that.
func (s *step) foundSince(notice correctionRow, in Correction) (map[string]string, error) {
	rows, err := s.desk.materials(s.tx.DB, s.row.ID)
	found := map[string]string{}
	for _, m := range rows {
		named := slices.ContainsFunc(in.Papers, func(p Paper) bool { return p.Material == m.Material })
		if m.State == LookedUp && m.Lookup == LookupFound && !m.LookupAt.Before(notice.AskedAt) && !named {
			found[m.Material] = m.LookupRef
		}
	}
	return found, err
}

// foundInWords tells the county's platform what was found, for it gets no paper. Our own hall sees it with the case.
func foundInWords(defects []defectRow, found map[string]string, words map[string]string) {
	for _, f := range defects {
		if ref, there := found[f.Material]; there && f.CountyID != "" && words[f.ID] == "" {
			words[f.ID] = "已通过数据共享查到这份材料，查询编号：" + ref
		}
	}
}

// foundFor notes that these papers came with the answer to the notice: what is wrong with them may be asked for next.
func (s *step) foundFor(notice correctionRow, found map[string]string) error {
	if len(found) == 0 {
		return nil
	}
	return s.tx.Table("case_materials").Where("case_id = ? AND material IN ?", s.row.ID, slices.Sorted(maps.Keys(found))).UpdateColumn("changed_in", notice.Number).Error
}

// Inquiring has the county asked for one of the case's papers.
type Inquiring struct {
	Version  int
	Material string // id, as the item names it
	Consent  account.Consent
}

// lookUps is how often a resident's papers are looked up in a day: more than any matter needs.
var lookUps = store.Allowance{Kind: "look_up", Most: 30, Window: 24 * time.Hour}

// whyLookedUp stands in the trail beside each value that goes to the registers.
const whyLookedUp = "请县里查材料："

// LookUp (数据共享查询) asks the county's registers for a paper of a draft, or of a case that waits for its correction: the applicant himself or
// the clerk for him, with consent to just this. Who only helps may not agree for him. Consent and the reading of name and number are committed
// before anything leaves the house. Registers that do not answer leave the case as it was, and the call succeeds: the clerk goes on with the paper.
//
// A request that comes again before its first answer was kept asks again; what it may change is the same.
func (d *Desk) LookUp(ctx context.Context, actor access.Actor, id string, in Inquiring) (Seen, error) {
	if err := d.store.Replayed(ctx); err != nil {
		return Seen{}, err
	}
	q, err := d.inquire(ctx, actor, id, in)
	if err != nil {
		return Seen{}, d.Standing(ctx, actor, id, err)
	}
	found, failed := d.registers.LookUp(ctx, q)
	var seen Seen
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := d.learn(ctx, tx, id, q, found, failed); err != nil {
			return err
		}
		seen, err = d.docket.Reread(ctx, tx, id)
		tx.Answer(seen)
		return err
	})
	if err != nil {
		return Seen{}, d.Standing(ctx, actor, id, err)
	}
	return seen, nil
}

// inquire commits the consent, and takes name and number out under it. The request's key stays free for the commit of the answer.
func (d *Desk) inquire(ctx context.Context, actor access.Actor, id string, in Inquiring) (q platform.Inquiry, err error) {
	err = d.store.Write(store.WithClaim(ctx, nil), actor, func(tx *store.Tx) error {
		row, m, err := d.lookable(ctx, tx, id, in)
		if err != nil {
			return err
		}
		if d.registers == nil {
			return ErrNoRegisters
		}
		consent, err := d.locker.AgreeTo(tx, account.ToLookUp, row.Applicant, in.Consent)
		if err != nil {
			return err
		}
		item, err := d.items.Version(ctx, row.Item, row.ItemVersion)
		if err != nil {
			return err
		}
		who, err := d.people.Inform(tx, row.Applicant, whyLookedUp+materialName(item, m.Material), "name", "id_number")
		if err != nil {
			return err
		}
		if who.IDNumber == "" {
			return ErrNoIDNumber
		}
		q = platform.Inquiry{
			ID: tx.NewID(), Item: row.Item, Material: m.Material, Consent: consent, Name: platform.Revealed(who.Name), IDNumber: platform.Revealed(who.IDNumber),
		}
		tx.Trail(store.Entry{Act: "case.look_up", Kind: kind, Object: row.ID, Area: row.Village, From: m.Material, To: q.ID, Why: consent})
		if wait, err := tx.Try(lookUps, row.Applicant); err != nil || wait > 0 {
			return errors.Join(err, askedOften(wait))
		}
		return nil
	})
	return q, err
}

func askedOften(wait time.Duration) error {
	if wait > 0 {
		return ErrAskedOften.After(wait)
	}
	return nil
}

// learn notes what came of it, if the case still waits for that paper.
func (d *Desk) learn(ctx context.Context, tx *store.Tx, id string, q platform.Inquiry, found platform.Finding, failed error) error {
	row, m, err := d.lookable(ctx, tx, id, Inquiring{Material: q.Material})
	if err != nil {
		return err
	}
	outcome, set := LookupFound, map[string]any{"lookup": LookupFound, "lookup_at": tx.Now}
	switch {
	case failed != nil && m.State == LookedUp && m.Lookup == LookupFound: // it holds, and when it was found
		outcome, set = LookupDown, map[string]any{"lookup": LookupFound}
	case failed != nil:
		outcome, set["lookup"] = LookupDown, LookupDown
	case found.Found:
		set["lookup_ref"], set["state"] = found.Ref, string(LookedUp)
	default:
		outcome, set["lookup"], set["lookup_ref"] = LookupAbsent, LookupAbsent, ""
		if m.State == LookedUp {
			set["state"] = string(Missing)
		}
	}
	if err := tx.Table("case_materials").Where("id = ?", m.ID).UpdateColumns(set).Error; err != nil {
		return err
	}
	if err := d.docket.Raise(tx, row, map[string]any{}); err != nil {
		return err
	}
	tx.Trail(store.Entry{Act: "case.looked_up", Kind: kind, Object: row.ID, Area: row.Village, From: q.Material, To: q.ID, Why: outcome})
	return nil
}

// lookable is the case with the paper, if it may be looked up there: one that its item says the county can, and that was not handed in.
func (d *Desk) lookable(ctx context.Context, tx *store.Tx, id string, in Inquiring) (*Case, materialRow, error) {
	none := materialRow{}
	row, err := d.load(tx.DB, tx.Actor, id)
	if err != nil {
		return nil, none, err
	}
	if err := tx.Actor.Must(resident, clerk); err != nil {
		return nil, none, err
	}
	switch {
	case tx.Actor.Role == resident && row.Applicant != tx.Actor.Person:
		return nil, none, fault.NotYours
	case row.Status != Draft && row.Status != Correcting:
		return nil, none, flow.NotNow
	case in.Version != 0 && in.Version != row.Version:
		return nil, none, store.ErrLost
	}
	if _, err := d.mayAct(tx, row, LookUp, tx.Now); err != nil {
		return nil, none, err
	}
	m, err := d.material(tx, row, in.Material)
	if err != nil {
		return nil, none, err
	}
	item, err := d.items.Version(ctx, row.Item, row.ItemVersion)
	if err != nil {
		return nil, none, err
	}
	if listed := item.Material(m.Material); listed == nil || !listed.CountyLooksUp {
		return nil, none, fault.Wrong("body.material", "这份材料县里查不了，请直接交")
	}
	if m.State == Given {
		return nil, none, fault.Wrong("body.material", "这份材料已经交了，不用再查")
	}
	return row, m, nil
}
