package deputy

import (
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/queue"
)

// standing are the rows by which the actor stands in for somebody on that day, in the post in which he acts. What was ended stood until the day
// before: an act of then may come in late.
func standing(actor access.Actor, day clock.Date) queue.Condition {
	return queue.Where("deputies.deputy_post = ? AND (deputies.ended_at IS NULL OR deputies.ended_at >= ?) AND deputies.first_on <= ? AND deputies.last_on >= ?",
		actor.Post, day.End().UTC(), day, day)
}

// PostIn is the condition that the post in the column is one in which the actor stands in.
func PostIn(column string, actor access.Actor, day clock.Date) queue.Condition {
	return within(column, "post", actor, day)
}

// PersonIn is the condition that the person in the column is one for whom he stands in.
func PersonIn(column string, actor access.Actor, day clock.Date) queue.Condition {
	return within(column, "person", actor, day)
}

func within(column, of string, actor access.Actor, day clock.Date) queue.Condition {
	c := standing(actor, day)
	return queue.Where(column+" IN (SELECT deputies."+of+" FROM deputies WHERE "+c.SQL+")", c.Args...)
}

// Covered are the rows by which the actor stands in for somebody on that day.
func Covered(db *gorm.DB, actor access.Actor, day clock.Date) (list []Deputy, err error) {
	c := standing(actor, day)
	err = db.Where(c.SQL, c.Args...).Order("id").Find(&list).Error
	return list, err
}
