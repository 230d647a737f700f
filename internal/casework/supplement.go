package casework

import (
	"context"
	"fmt"
	"slices"

	"tongban/internal/access"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store"
)

// What may come later (容缺后补) must be able to come, and is asked for before the case is granted.

// supplementable are the states in which papers come that were to come later. Those of a draft come with it, and those of a case that waits
// for its correction with the answer.
var supplementable = []flow.State{Received, Accepted, Reviewing, Suspended}

const notDeferred = "这份材料不是容缺后补的，或者已经补交了"

// Supplement brings papers that were to come later.
type Supplement struct {
	Version  int
	Papers   []Paper
	OnBehalf string
}

// SupplementPapers (补交材料) takes in what was deferred: from the applicant's side as with a correction, or at the hall, from whoever stands there. It is
// no act of the flow, and no claim keeps a colleague from it: the paper is on his table.
func (d *Desk) SupplementPapers(ctx context.Context, actor access.Actor, id string, in Supplement) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, row *Case) error {
		if err := actor.Must(resident, clerk, window, reviewer); err != nil {
			return err
		}
		switch {
		case !slices.Contains(supplementable, row.Status):
			return flow.NotNow
		case in.Version != 0 && in.Version != row.Version:
			return store.ErrLost
		}
		if err := d.Behalf(tx, row, in.OnBehalf); err != nil {
			return err
		}
		stead, err := d.mayAct(tx, row, SupplementPaper, tx.When(nil))
		if err != nil {
			return err
		}
		came, err := d.supplements(tx, row, in.Papers)
		if err != nil {
			return err
		}
		if err := d.hand(tx, row, in.Papers, row.Corrections); err != nil {
			return err
		}
		if err := d.supplemented(tx, row, came, stead); err != nil {
			return err
		}
		tx.Trail(store.Entry{Act: "case." + string(SupplementPaper), Kind: kind, Object: row.ID, Area: row.Village, Fields: []string{"papers"}})
		return nil
	})
}

// supplements refuses what was not to come later, and what does not come now.
func (d *Desk) supplements(tx *store.Tx, row *Case, papers []Paper) (came []string, err error) {
	if len(papers) == 0 {
		return nil, fault.Wrong("body.papers", "请写明补交的是哪份材料")
	}
	awaited, err := d.awaited(tx, row)
	if err != nil {
		return nil, err
	}
	for i, p := range papers {
		switch {
		case !slices.Contains(awaited, p.Material):
			return nil, fault.Wrong(fmt.Sprintf("body.papers.%d.material", i), notDeferred)
		case !p.given():
			return nil, fault.Wrong(fmt.Sprintf("body.papers.%d.state", i), "这里只登记补交来的材料")
		}
		came = append(came, p.Material)
	}
	return came, nil
}

// awaited are the papers that are still to come.
func (d *Desk) awaited(tx *store.Tx, row *Case) (list []string, err error) {
	rows, err := d.materials(tx.DB, row.ID)
	for _, m := range rows {
		if m.State == Deferred {
			list = append(list, m.Material)
		}
	}
	return list, err
}

// supplemented raises the case, and tells that these papers came. The contract with the county's platform has no message for it: of a case that
// was handed over there the history says that somebody must bring the paper to the county itself.
func (d *Desk) supplemented(tx *store.Tx, row *Case, came []string, stead string) error {
	if err := d.docket.Raise(tx, row, map[string]any{}); err != nil {
		return err
	}
	detail := Detail{Materials: came, For: stead}
	if d.platform != nil {
		nth, err := nextHandover(tx.DB, row.ID)
		if err != nil {
			return err
		}
		detail.ToCounty = nth > 1
	}
	tx.Emit(store.Message{Topic: "case." + string(SupplementPaper), Kind: kind, Object: row.ID, Area: row.Village})
	return d.keep(tx, row.ID, &Event{Version: row.Version + 1, Act: SupplementPaper, FromStatus: row.Status, ToStatus: row.Status}, "", detail)
}

// waive refuses to grant while papers are still to come, unless whoever decides says why he does without: that is kept for his colleagues. What the
// county's platform decided is decided.
func (s *step) waive(reason string) error {
	if s.tx.Actor.Role == county {
		return nil
	}
	awaited, err := s.desk.awaited(s.tx, s.row)
	switch {
	case err != nil:
		return err
	case len(awaited) == 0 && reason != "":
		return fault.Wrong("body.deferred_waived", "没有还要补交的材料，不用写")
	case len(awaited) == 0:
		return nil
	}
	if reason == "" {
		item, err := s.desk.items.Version(s.ctx, s.row.Item, s.row.ItemVersion)
		if err != nil {
			return err
		}
		var lacking []fault.Field
		for _, material := range awaited {
			lacking = append(lacking, fault.Field{Location: "body.papers." + material, Message: "还没有补交：" + materialName(item, material)})
		}
		return ErrStillDeferred.At(lacking...)
	}
	if reason, err = docket.Typed("body.deferred_waived", reason, shortestText, longestText); err != nil {
		return err
	}
	waived := Event{Version: s.row.Version + 1, Act: waiveAct, FromStatus: s.row.Status, ToStatus: s.row.Status}
	return s.desk.keep(s.tx, s.row.ID, &waived, reason, Detail{Materials: awaited, For: s.detail.For})
}
