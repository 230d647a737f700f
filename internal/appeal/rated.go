package appeal

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// ToRate is the appeal, if its rating is the actor's to give (好差评): the petitioner, his helper, or a clerk where his village filed it.
func (d *Desk) ToRate(tx *store.Tx, id string) (Appeal, error) {
	a, err := d.load(tx.DB, tx.Actor, id)
	if err != nil {
		return Appeal{}, err
	}
	if err := tx.Actor.Must(access.Resident, access.Clerk); err != nil {
		return Appeal{}, err
	}
	return *a, nil
}

// Rateable is the appeal, if the actor may rate it now: from the reply on, while the county's window is open. A merged one is rated
// on its master's reply.
func (d *Desk) Rateable(tx *store.Tx, id string) (Appeal, error) {
	a, err := d.ToRate(tx, id)
	if err != nil {
		return Appeal{}, err
	}
	replied, err := repliedAt(tx.DB, &a)
	switch {
	case err != nil:
		return Appeal{}, err
	case replied.RepliedAt == nil:
		return Appeal{}, ErrNotYetRateable
	case daysOver(replied.RepliedAt, d.limits.Rating.Days, tx.Now):
		return Appeal{}, ErrRatingOver
	}
	return a, nil
}

// repliedAt is whichever appeal has the reply: this one or its master.
func repliedAt(db *gorm.DB, a *Appeal) (*Appeal, error) {
	if a.Status != Merged {
		return a, nil
	}
	var master Appeal
	err := db.Where("id = ?", a.Master).Take(&master).Error
	return &master, err
}

// Rated notes on the appeal that it was rated, for the follow-up: one under way is concluded by the next round.
func (d *Desk) Rated(tx *store.Tx, a Appeal, solved *bool) error {
	set := map[string]any{"rated_at": tx.Now}
	if solved != nil {
		set["solved"] = *solved
	}
	if a.Status == FollowingUp {
		set["next_at"] = tx.Now
	}
	if err := d.docket.Raise(tx, &a, set); err != nil {
		return err
	}
	return d.keep(tx, a.ID, &Event{Version: a.Version + 1, Act: rateAct, FromStatus: a.Status, ToStatus: a.Status}, "", Detail{Solved: solved})
}

// HideAbout (回避) keeps from the actor the rows about appeals that complain of him, or of an office where he holds a post, and
// about those that were handled as one with such an appeal (并案). The column has the appeal's id; they are counted as HideTrail does.
func (d *Desk) HideAbout(db *gorm.DB, column string, actor access.Actor) *gorm.DB {
	today := clock.DateOf(d.store.Clock().Now())
	const complaints = "(SELECT COUNT(1) FROM appeal_about b WHERE b.appeal = "
	his := []any{actor.Person, actor.Office, actor.Person, today, today}
	db = db.Where(complaints+column+" AND "+ofHim+") = 0", his...)
	for _, other := range []struct{ of, whose string }{ // nested, so that no engine begins with all complaints
		{"(SELECT COUNT(1) FROM appeals a WHERE a.id = ", "a.master"},
		{"(SELECT COUNT(1) FROM appeals f WHERE f.master = ", "f.id"},
		{"(SELECT COUNT(1) FROM appeals a JOIN appeals f ON f.master = a.master AND f.master <> '' WHERE a.id = ", "f.id"},
	} {
		db = db.Where(other.of+column+" AND "+complaints+other.whose+" AND "+ofHim+") > 0) = 0", his...)
	}
	return db
}

// HandledBy says whether the person had a hand in the handling of the appeal, or of its master.
func (d *Desk) HandledBy(db *gorm.DB, id, person string) (bool, error) {
	var events []Event
	err := db.Where("actor = ? AND (appeal = ? OR appeal IN (SELECT master FROM appeals WHERE id = ? AND master <> ''))", person, id, id).Find(&events).Error
	return handledBy(events, person), err
}
