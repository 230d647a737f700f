package errand

import (
	"context"

	"gorm.io/gorm"

	"tongban/internal/account"
	"tongban/internal/store"
)

// leave is the clerk's turning to another client. That the identity of who entrusts was checked holds while he stands there: before the
// papers were checked it has to be done again when he comes back, since nobody knows who comes then. What is not filed yet is told.
func (d *Desk) leave(ctx context.Context, tx *store.Tx, client string) (parked []account.Parked, err error) {
	mine := func() *gorm.DB {
		return tx.Model(&Errand{}).Where("principal = ? AND agent = ? AND status IN ?", client, tx.Actor.Person, []string{string(Entrusted), string(Checked)})
	}
	if err := mine().UpdateColumn("version", gorm.Expr("version")).Error; err != nil { // held: nobody checks the papers meanwhile
		return nil, err
	}
	var rows []Errand
	if err := mine().Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for i := range rows {
		e := &rows[i]
		parked = append(parked, account.Parked{Kind: kind, ID: e.ID, Text: e.ItemName + "，" + Flow.Text(e.Status)})
		if e.Status != Entrusted || e.IdentityAt == nil {
			continue
		}
		s := &step{desk: d, ctx: ctx, tx: tx, row: e, set: map[string]any{"identity_how": "", "identity_document": "", "identity_by": "", "identity_at": nil}}
		if err := s.note(unproveAct); err != nil {
			return nil, err
		}
	}
	return parked, nil
}
