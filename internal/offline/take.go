package offline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// taking is one call under way.
type taking struct {
	desk    *Desk
	actor   access.Actor
	acts    []Act
	results []Result

	kept    map[string]Row  // by key: those of this call and what they name, as far as they were done
	last    map[string]int  // by line: how far it has come
	refused map[string]int  // by line: the first place that was refused in this call
	failed  map[string]bool // keys that were refused in this call
}

// Take does a clerk's queued acts, each in a commit of its own, and tells of each what came of it, in the order in which they
// were given. It may be called again for ever. An act that is refused undoes none of the others; those behind it wait.
func (d *Desk) Take(ctx context.Context, actor access.Actor, acts []Act) ([]Result, error) {
	if err := actor.Must(access.Clerk); err != nil {
		return nil, err
	}
	if len(acts) == 0 || len(acts) > Most {
		return nil, fault.Wrong("body.acts", fmt.Sprintf("一次补报 1 到 %d 步", Most))
	}
	t := &taking{desk: d, actor: actor, acts: acts, results: make([]Result, len(acts)), refused: map[string]int{}, failed: map[string]bool{}}
	if err := t.look(ctx); err != nil {
		return nil, err
	}
	order := make([]int, len(acts))
	for i := range acts {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(acts[a].Line, acts[b].Line), cmp.Compare(acts[a].Seq, acts[b].Seq))
	})
	for len(order) > 0 { // lines may wait for each other: round after round, as long as something comes of it
		var waiting []int
		for _, i := range order {
			t.results[i] = t.turn(ctx, acts[i])
			t.results[i].Key = acts[i].Key
			if t.results[i].Outcome == Waits {
				waiting = append(waiting, i)
			}
		}
		if len(waiting) == len(order) || ctx.Err() != nil {
			break
		}
		order = waiting
	}
	return t.results, nil
}

// look finds out what was done before.
func (t *taking) look(ctx context.Context) error {
	var keys, lines []string
	for _, a := range t.acts {
		keys, lines = append(append(keys, a.Key), a.Needs...), append(lines, a.Line)
	}
	t.kept, t.last = map[string]Row{}, map[string]int{}
	own := func() *gorm.DB { return t.desk.seenBy(t.actor)(t.desk.store.Read(ctx)) }
	var rows []Row
	if err := own().Where("act_key IN ?", once(keys)).Find(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		t.kept[row.ActKey] = row
	}
	var ends []struct {
		Line string
		Last int
	}
	if err := own().Model(&Row{}).Select("line, MAX(seq) AS last").Where("line IN ?", once(lines)).Group("line").Find(&ends).Error; err != nil {
		return err
	}
	for _, end := range ends {
		t.last[end.Line] = end.Last
	}
	return nil
}

func once(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// turn gives an act its turn.
func (t *taking) turn(ctx context.Context, a Act) Result {
	if row, before := t.kept[a.Key]; before && row.Seq > 0 {
		return t.came(a, row, t.desk.again(t.actor, a, row))
	}
	if a.Wrong != nil {
		return t.came(a, Row{}, a.Wrong)
	}
	if at, stopped := t.refused[a.Line]; stopped && at < a.Seq {
		return Result{Outcome: Waits, Why: ForRefused}
	}
	if a.Seq > t.last[a.Line]+1 {
		return Result{Outcome: Waits, Why: ForEarlier}
	}
	with := With{Things: map[string]Thing{}}
	for _, key := range a.Needs {
		row, done := t.kept[key]
		switch {
		case t.failed[key]:
			return Result{Outcome: Waits, Why: ForRefused}
		case !done:
			return Result{Outcome: Waits, Why: ForReference}
		}
		with.Things[key] = row.thing()
	}
	if ctx.Err() != nil {
		return t.came(a, Row{}, fault.Busy.Because(ctx.Err()))
	}
	return t.try(ctx, a, with)
}

// try calls the verb.
func (t *taking) try(ctx context.Context, a Act, with With) Result {
	k := &keeper{desk: t.desk, actor: t.actor, act: a}
	if a.Alone.Form != nil {
		form, err := a.Alone.Form(ctx, with)
		if err != nil {
			return t.came(a, Row{}, err)
		}
		k.content = t.desk.content(t.actor, cmp.Or(a.Alone.Caller, t.actor.Person), a.Name, form)
	}
	under := store.WithClaim(ctx, k.claim())
	if err := t.desk.store.Replayed(under); err != nil { // else it is judged by today's rules what was done once
		return t.came(a, k.row, err)
	}
	said, err := t.said(ctx, a)
	if err != nil {
		return t.came(a, Row{}, err)
	}
	var missing []string
	if with.Photos, missing, err = t.photos(ctx, a); err != nil {
		return t.came(a, Row{}, err)
	}
	if len(missing) == 0 {
		if err = a.Run(store.WithSaid(under, said), with); err == nil && !k.kept {
			err = errors.New("offline: the verb of " + a.Name + " wrote nothing")
		}
		if fault.Of(err).Kind == fault.Invalid {
			_, missing, _ = t.photos(ctx, a) // they may have gone just now
		}
	}
	if len(missing) > 0 {
		// They are gone from among the loose ones when this very act took them meanwhile, sent from another phone.
		if err := t.desk.store.Replayed(under); err != nil {
			return t.came(a, k.row, err)
		}
		return Result{Outcome: Waits, Why: ForPhotos, Missing: missing}
	}
	return t.came(a, k.row, err)
}

// photos finds those that the act names: ids by digest, and what is not here.
func (t *taking) photos(ctx context.Context, a Act) (ids map[string]string, missing []string, err error) {
	if ids, err = t.desk.files.Loose(ctx, t.actor, a.Photos); err != nil {
		return nil, nil, err
	}
	for _, digest := range once(a.Photos) {
		if ids[digest] == "" {
			missing = append(missing, digest)
		}
	}
	gone, err := t.desk.files.Gone(ctx, t.actor, once(a.Pages))
	return ids, append(missing, gone...), err
}

// said is when the clerk did it, as he says: not later than now, not older than the county's bound, and not before what it rests on.
func (t *taking) said(ctx context.Context, a Act) (store.Said, error) {
	if a.DoneAt == nil {
		return store.Said{Line: a.Line}, nil
	}
	rules := t.desk.rules
	s := store.Said{At: a.DoneAt.UTC().Truncate(time.Second), Skew: rules.skew(), Line: a.Line}
	now := t.desk.store.Clock().Now()
	switch {
	case s.At.After(now.Add(s.Skew)):
		return s, fault.Wrong("done_at", "写的时间还没有到，请检查手机的时间")
	case s.At.Before(now.Add(-rules.oldest())):
		return s, fault.Wrong("done_at", fmt.Sprintf("写的时间在 %d 天以前，太久了，请不写实际办理时间再补报", rules.Oldest.Days))
	}
	var before []Row
	if a.Seq > 1 {
		if err := t.desk.seenBy(t.actor)(t.desk.store.Read(ctx)).Where("line = ? AND seq = ?", a.Line, a.Seq-1).Find(&before).Error; err != nil {
			return s, err
		}
	}
	for _, key := range a.Needs {
		before = append(before, t.kept[key])
	}
	for _, row := range before {
		if s.At.Before(row.when().Add(-s.Skew)) {
			return s, fault.Wrong("done_at", "写的时间早于它前面的一步，请检查手机的时间")
		}
	}
	return s, nil
}

// came is what came of an act, and what it means for those behind it.
func (t *taking) came(a Act, row Row, err error) Result {
	r := Result{Outcome: Created}
	if _, before := errors.AsType[*store.Replay](err); before {
		r.Outcome, err = Same, nil
	}
	if err == nil {
		t.kept[a.Key], t.last[a.Line] = row, max(t.last[a.Line], a.Seq)
		r.Done, err = t.desk.doneOn(row)
	}
	if err == nil {
		return r
	}
	r.Fault = fault.Of(err)
	switch r.Fault.Kind {
	case fault.TooMany, fault.Unavailable, fault.Broken:
		return Result{Outcome: Waits, Why: ForLater, Fault: r.Fault}
	case fault.Conflict:
		// The phone sends while another client stands at the counter: nothing is wrong with the act.
		if r.Outcome = Conflict; errors.Is(err, store.ErrInProgress) || errors.Is(err, account.ErrOtherClient) {
			return Result{Outcome: Waits, Why: ForLater, Fault: r.Fault}
		}
	default:
		r.Outcome = Invalid
	}
	if errors.Is(err, ErrPlaceTaken) {
		t.last[a.Line] = max(t.last[a.Line], a.Seq)
	}
	if _, done := t.kept[a.Key]; !done { // else the row stands, whatever else was sent under its key
		t.failed[a.Key] = true
	}
	if at, stopped := t.refused[a.Line]; a.Seq > t.last[a.Line] && (!stopped || a.Seq < at) { // else the place was filled all the same
		t.refused[a.Line] = a.Seq
	}
	return r
}
