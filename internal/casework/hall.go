package casework

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/deputy"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/queue"
	"tongban/internal/store"
)

// A case is claimed (认领) by whoever of the office takes it in hand. Until he releases it, the step ends or his post does,
// no colleague acts on it but his deputy. Nobody need claim: what nobody has in hand is everybody's as before.

// hallRoles are the roles in which a case is claimed, and inHall says whose acts a claim keeps others from; the applicant's side, the county's
// platform and the rounds go by the law.
var hallRoles = []access.Role{window, reviewer, decider}

func inHall(role access.Role) bool { return slices.Contains(hallRoles, role) }

// weigh looks at who has these cases in hand. A claim in a post that is over is none. What a colleague has in hand, for whom the
// actor does not stand in, is barred to him.
func (d *Desk) weigh(db *gorm.DB, actor access.Actor, rows ...*Case) error {
	var posts []string
	for _, c := range rows {
		if c.HolderPost != "" {
			posts = append(posts, c.HolderPost)
		}
	}
	if len(posts) == 0 {
		return nil
	}
	today := clock.DateOf(d.store.Clock().Now())
	held, err := account.HeldPosts(db, today, posts...)
	if err != nil {
		return err
	}
	others := false
	for _, c := range rows {
		if c.HolderPost != "" && !held[c.HolderPost] {
			c.Holder, c.HolderPost, c.HeldAt = "", "", nil
		}
		c.barred = inHall(actor.Role) && c.Holder != "" && c.Holder != actor.Person
		others = others || c.barred
	}
	if !others {
		return nil
	}
	covered, err := deputy.Covered(db, actor, today)
	for _, c := range rows {
		c.barred = c.barred && !slices.ContainsFunc(covered, func(r deputy.Deputy) bool { return r.Post == c.HolderPost })
	}
	return err
}

// standsFor is by which row the actor acts for a colleague on this case (AB岗); nil when it is his own, or nobody's. What he
// may do he may by his own post; the row says in whose stead.
func (d *Desk) standsFor(db *gorm.DB, actor access.Actor, c *Case) (*deputy.Deputy, error) {
	assigned := actor.Role == reviewer && c.Holder == "" && c.Reviewer != "" && c.Reviewer != actor.Person && slices.Contains([]flow.State{Reviewing, Suspended}, c.Status)
	if !inHall(actor.Role) || !assigned && (c.Holder == "" || c.Holder == actor.Person) {
		return nil, nil // his own
	}
	covered, err := deputy.Covered(db, actor, clock.DateOf(d.store.Clock().Now()))
	at := slices.IndexFunc(covered, func(r deputy.Deputy) bool { return r.Post == c.HolderPost || assigned && r.Person == c.Reviewer })
	if err != nil || at < 0 {
		return nil, err
	}
	return &covered[at], nil
}

// trailDeputy keeps that the actor did it in somebody's stead.
func trailDeputy(tx *store.Tx, c *Case, r *deputy.Deputy) {
	if r != nil {
		tx.Trail(store.Entry{Act: "deputy.act", Kind: kind, Object: c.ID, Area: c.Village, From: r.Person, To: r.Deputy, Why: r.ID})
	}
}

// Claim takes a case in hand: of the actor's office, and such that his role has something to do on it.
func (d *Desk) Claim(ctx context.Context, actor access.Actor, id string, in Plain) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if err := actor.Must(hallRoles...); err != nil {
			return err
		}
		if err := d.docket.Fresh(c, in.Version); err != nil {
			return err
		}
		switch {
		case c.barred:
			return ErrClaimed
		case c.Holder == actor.Person: // whoever asks twice has it
			return nil
		case len(d.offers(c, actor)) == 0:
			return flow.NotNow
		case own(c, actor):
			return ErrTwoPersons
		}
		return d.take(tx, c)
	})
}

// own: he reviewed it himself, and the item wants another to decide.
func own(c *Case, actor access.Actor) bool {
	return actor.Role == decider && c.TwoPersons && c.Reviewer == actor.Person
}

// both: he would stand in for whoever decides what he reviewed himself. Neither a claim nor a release leads around that.
func both(stand *deputy.Deputy, c *Case, actor access.Actor) bool {
	return stand != nil && actor.Role == decider && c.Reviewer == actor.Person
}

// take writes the claim; ErrLost when the row was changed since it was read.
func (d *Desk) take(tx *store.Tx, c *Case) error {
	stand, err := d.standsFor(tx.DB, tx.Actor, c)
	if err != nil {
		return err
	}
	if both(stand, c, tx.Actor) {
		return ErrTwoPersons
	}
	if err := d.docket.Raise(tx, c, map[string]any{"holder": tx.Actor.Person, "holder_post": tx.Actor.Post, "held_at": tx.Now}); err != nil {
		return err
	}
	trailDeputy(tx, c, stand)
	tx.Trail(store.Entry{Act: "case.claim", Kind: kind, Object: c.ID, Area: c.Village, From: c.Holder, To: tx.Actor.Person})
	return nil
}

// ReleaseReasons are why a supervisor takes a case out of somebody's hands.
var ReleaseReasons = []Word{{"absent", "承办人不在"}, {"waiting", "认领后久未办理"}, {"balance", "调配工作量"}}

// Releasing gives a case back.
type Releasing struct {
	Version int
	Reason  string // one of ReleaseReasons; a supervisor must say
}

// Release (放回) gives the case back to the office: whoever has it in hand, his deputy, or a supervisor when he can not be
// waited for.
func (d *Desk) Release(ctx context.Context, actor access.Actor, id string, in Releasing) (Seen, error) {
	return d.docket.Write(ctx, actor, id, func(tx *store.Tx, c *Case) error {
		if err := actor.Must(append(slices.Clone(hallRoles), supervisor)...); err != nil {
			return err
		}
		if err := d.docket.Fresh(c, in.Version); err != nil {
			return err
		}
		switch {
		case in.Reason == "" && actor.Role == supervisor, in.Reason != "" && !docket.Known(ReleaseReasons, in.Reason):
			return fault.Wrong("body.reason", "请从列出的选项里选一个")
		case c.Holder == "":
			return ErrUnclaimed
		case c.barred:
			return ErrClaimed
		}
		stand, err := d.standsFor(tx.DB, actor, c)
		if err != nil {
			return err
		}
		if both(stand, c, actor) {
			return ErrTwoPersons
		}
		if err := d.docket.Raise(tx, c, map[string]any{"holder": "", "holder_post": "", "held_at": nil}); err != nil {
			return err
		}
		trailDeputy(tx, c, stand)
		tx.Trail(store.Entry{Act: "case.release", Kind: kind, Object: c.ID, Area: c.Village, From: c.Holder, Why: in.Reason})
		return nil
	})
}

// Nexting asks for the next case.
type Nexting struct {
	Queue string // one of the pools; the role's first if not said
	Item  string // only of this item; empty for any
}

// pools are the queues from which a role takes its next case. Each is of one state, so that an index has it in order.
var pools = map[access.Role][]string{
	window: {"to_accept", "to_receive", "to_file"}, reviewer: {"to_review"}, decider: {"to_decide", "instant"},
}

// nextTries bounds how often somebody else may be faster.
const nextTries = 50

// Next (取下一件) claims the case of the queue whose clock ends first among those that nobody has in hand. Of two who ask at once
// each gets another: who comes second finds the row changed, and looks again.
func (d *Desk) Next(ctx context.Context, actor access.Actor, in Nexting) (Seen, error) {
	if err := actor.Must(hallRoles...); err != nil {
		return Seen{}, err
	}
	mine := pools[actor.Role]
	if in.Queue == "" {
		in.Queue = mine[0]
	}
	pool, found := queues.Find(actor.Role, in.Queue)
	if !found || !slices.Contains(mine, in.Queue) {
		return Seen{}, fault.Wrong("body.queue", "不能从这个工作列表里取件")
	}
	var seen Seen
	err := d.store.Write(ctx, actor, func(tx *store.Tx) error {
		for range nextTries {
			c, err := d.first(tx, pool, in.Item)
			if err != nil {
				return err
			}
			if err = d.take(tx, c); errors.Is(err, store.ErrLost) {
				continue
			} else if err != nil {
				return err
			}
			if seen, err = d.docket.Reread(ctx, tx, c.ID); err != nil {
				return err
			}
			tx.Answer(seen)
			return nil
		}
		return fault.Busy
	})
	return seen, err
}

// first is the most urgent case of the pool that nobody has in hand.
func (d *Desk) first(tx *store.Tx, pool queue.Queue, item string) (*Case, error) {
	asked := queue.Asked{Actor: tx.Actor, Now: tx.Now.UTC()}
	none := free(asked)
	db := queues.Narrow(d.seenBy(tx.Actor)(tx.DB), pool, asked).Where(none.SQL, none.Args...)
	if item != "" {
		db = db.Where("cases.item = ?", item)
	}
	if tx.Actor.Role == decider {
		db = db.Where("NOT (cases.two_persons AND cases.reviewer = ?)", tx.Actor.Person)
	}
	var rows []Case
	if err := db.Order("cases.urgent_at, cases.id").Limit(1).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrQueueEmpty
	}
	rows[0].Holder, rows[0].HolderPost = "", "" // of a post that is over
	return &rows[0], nil
}
