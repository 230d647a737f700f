package catalog

import (
	"errors"
	"fmt"

	"gorm.io/gorm"

	"tongban/internal/store"
)

// Waiting (等多久) is how long people waited for an item of late, from handing in to the decision, in working days. The zero
// Waiting is that nobody counted yet.
type Waiting struct {
	Months  int  // of which it tells, up to the last midnight
	Enough  bool // else too few were decided to say, and the rest is 0
	Decided int
	Median  int // half of them waited at most so long
	P90     int // nine tenths
}

var monthWords = []string{"", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"}

// Text says it in plain words; nothing for the zero Waiting.
func (w Waiting) Text() string {
	if w.Months < 1 || w.Months >= len(monthWords) {
		return ""
	}
	lately := "最近" + monthWords[w.Months] + "个月"
	switch {
	case !w.Enough:
		return lately + "办完的太少，说不准要等多久"
	case w.P90 == 0:
		return lately + "，十有八九当天就办完"
	case w.Median == 0:
		return fmt.Sprintf("%s，一半的人当天就办完，十个人里有九个等了不超过 %d 个工作日", lately, w.P90)
	case w.Median == w.P90:
		return fmt.Sprintf("%s，十个人里有九个等了不超过 %d 个工作日", lately, w.P90)
	}
	return fmt.Sprintf("%s，一半的人等了不超过 %d 个工作日，十个人里有九个不超过 %d 个", lately, w.Median, w.P90)
}

// WaitingBy names who knows how long people waited, by item. It is asked whenever a snapshot is built, so the figure stands in
// the encoded bytes and costs a reader nothing. Called before the first Reload.
func (d *Desk) WaitingBy(known func(*gorm.DB) (map[string]Waiting, error)) { d.waiting = known }

// Refresh has every replica build its snapshot anew, though nothing was published: what others know of the items changed in
// this transaction. A guide whose bytes stay the same keeps its ETag.
func Refresh(tx *store.Tx) error {
	raised := tx.Exec("UPDATE catalog_state SET revision = revision + 1 WHERE id = ?", onlyState)
	if raised.Error == nil && raised.RowsAffected != 1 {
		return errors.New("catalog: nothing was published yet")
	}
	return raised.Error
}

// waits adds to what the tables hold how long people waited.
func (d *Desk) waits(db *gorm.DB, now *stored) (err error) {
	if d.waiting != nil {
		now.waits, err = d.waiting(db)
	}
	return err
}
