//go:build !race

package main

import (
	"context"
	"fmt"
	"time"

	"tongban/internal/access"
	"tongban/internal/notice"
	"tongban/internal/offline"
)

// queued is what the phone of the clerk who files case i sent: the third act of the case's line.
func (c *crowd) queued(b *batch, i int, clerk string, village access.Area, at time.Time) {
	for n := range 3 {
		b.other("offline_acts", map[string]any{
			"id": c.key('o', i, n, at), "person": clerk, "act_key": c.key('q', i, n, at), "line": c.key('l', i, 0, at), "seq": n + 1, "village": village,
			"act": "editCase", "digest": "-", "thing_kind": "case", "thing": c.key('c', i, 0, at), "part": "", "answer": []byte("-"), "done_at": at,
		})
	}
}

// offlineCalls are a batch with all that can be asked of it, and what happens to its rows.
func (h *house) offlineCalls(c *crowd, actors map[string]access.Actor) []call {
	clerk := actors["clerk-xinglin"]
	none := func(context.Context, offline.With) error { return nil }
	begin := func(ctx context.Context, _ offline.With) error {
		_, err := h.notices.Make(ctx, clerk, notice.Request{ItemID: claimed, Village: clerk.Area})
		return err
	}
	var rounds int
	return []call{
		{"clerk sends what was queued", func(ctx context.Context) error {
			rounds++
			line, at := c.key('z', rounds, 0, monday), monday
			first := offline.Act{Key: c.key('x', rounds, 1, at), Line: line, Seq: 1, Name: "makeNotice", Run: begin}
			photo := offline.Act{Key: c.key('x', rounds, 2, at), Line: line, Seq: 2, Name: "editCase", Needs: []string{first.Key}, Photos: []string{fmt.Sprintf("%064d", 1)}, Run: none}
			place := offline.Act{Key: c.key('x', rounds, 3, at), Line: line, Seq: 1, Name: "makeNotice", Run: begin}
			list, err := h.offline.Take(ctx, clerk, []offline.Act{first, photo, place, first})
			if err != nil {
				return err
			}
			if list[0].Outcome != offline.Created || list[1].Why != offline.ForPhotos || list[2].Fault == nil || list[3].Outcome != offline.Same {
				return fmt.Errorf("came out as %+v", list)
			}
			return nil
		}},
		{"a village ends, with what was queued there", func(ctx context.Context) error {
			_, err := h.offline.Carry(ctx, clerk.Area[:10]+"98", clerk.Area)
			return err
		}},
	}
}
