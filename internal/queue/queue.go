// Package queue is what the work lists (工作列表) of the desks have in common. A desk says as data which rows of its table wait
// for whom; here a list is narrowed to one of them, and all that a role has are counted by one statement.
package queue

import (
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// Condition is a piece of SQL on the desk's own table, and its values.
type Condition struct {
	SQL  string
	Args []any
}

// Where makes a condition.
func Where(sql string, args ...any) Condition { return Condition{sql, args} }

// Either holds when one of both does.
func (c Condition) Either(other Condition) Condition {
	return Condition{"(" + c.SQL + " OR " + other.SQL + ")", slices.Concat(c.Args, other.Args)}
}

// And holds when both do.
func (c Condition) And(other Condition) Condition {
	return Condition{"(" + c.SQL + " AND " + other.SQL + ")", slices.Concat(c.Args, other.Args)}
}

// Asked is who asks, and when.
type Asked struct {
	Actor access.Actor
	Now   time.Time // UTC, whole seconds
}

// Queue is one work list.
type Queue struct {
	Name  string
	Title string // Chinese
	By    []access.Role
	In    []flow.State          // the rows' states; none: Also finds them by itself, whatever their state
	Also  func(Asked) Condition // what else holds of them; nil for nothing
}

// Table is a desk's table with the columns id and status, and the queues of its rows.
type Table struct {
	Name   string
	Queues []Queue
}

// Count is how many rows wait in a queue.
type Count struct {
	Queue, Title string
	N            int64
}

// Of are the queues of a role, in the order in which the desk lists them.
func (t Table) Of(role access.Role) (list []Queue) {
	for _, q := range t.Queues {
		if slices.Contains(q.By, role) {
			list = append(list, q)
		}
	}
	return list
}

// Find is the role's queue with that name.
func (t Table) Find(role access.Role, name string) (Queue, bool) {
	list := t.Of(role)
	at := slices.IndexFunc(list, func(q Queue) bool { return q.Name == name })
	if at < 0 {
		return Queue{}, false
	}
	return list[at], true
}

// States are those in which the rows of the role's queue are; none when they are found whatever their state, or there is no such queue.
func (t Table) States(role access.Role, name string) []flow.State {
	q, _ := t.Find(role, name)
	return q.In
}

// Narrow keeps a query to the rows of the queue.
func (t Table) Narrow(db *gorm.DB, q Queue, asked Asked) *gorm.DB {
	c := t.condition(q, asked)
	return db.Where(c.SQL, c.Args...)
}

func (t Table) condition(q Queue, asked Asked) Condition {
	state := Where(t.Name+".status IN ?", q.In)
	switch {
	case q.Also == nil:
		return state
	case q.In == nil:
		return q.Also(asked)
	}
	return state.And(q.Also(asked))
}

// Count counts all queues of the actor's role among the rows that seen leaves him, by one statement. It looks only at rows in
// a state of some queue, and so at what is under way, however long the table's history is. A queue that goes by no state
// is counted beside, in the same statement.
func (t Table) Count(db *gorm.DB, seen func(*gorm.DB) *gorm.DB, asked Asked) ([]Count, error) {
	list := t.Of(asked.Actor.Role)
	if len(list) == 0 {
		return []Count{}, nil
	}
	fresh := func() *gorm.DB { return seen(db.Session(&gorm.Session{NewDB: true}).Table(t.Name)) }
	var columns []string
	var args []any
	var states []flow.State
	for _, q := range list {
		if q.In == nil {
			columns, args = append(columns, "(?)"), append(args, t.Narrow(fresh(), q, asked).Select("COUNT(1)"))
			continue
		}
		c := t.condition(q, asked)
		columns, args = append(columns, "COALESCE(SUM(CASE WHEN "+c.SQL+" THEN 1 ELSE 0 END), 0)"), append(args, c.Args...)
		for _, s := range q.In {
			if !slices.Contains(states, s) {
				states = append(states, s)
			}
		}
	}
	counts := make([]Count, len(list))
	cells := make([]any, len(list))
	for i, q := range list {
		counts[i] = Count{Queue: q.Name, Title: q.Title}
		cells[i] = &counts[i].N
	}
	query := fresh().Where(t.Name+".status IN ?", states).Select(strings.Join(columns, ", "), args...)
	if query.Error != nil { // of what seen looked up
		return nil, query.Error
	}
	return counts, query.Row().Scan(cells...)
}
