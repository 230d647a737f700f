package appeal

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/flow"
)

// Whoever is told that there is a reply can read it, and nothing else of somebody else's appeal.
func TestFollowersReadTheMastersReply(t *testing.T) {
	h := open_(t)
	master := h.submit().ID
	receipt, err := h.Submit(t.Context(), h.other, submission())
	must(t, err)
	own, filed := receipt.Appeal.ID, h.file()
	for _, id := range []string{own, filed} {
		h.pass(time.Second)
		_, err := h.Merge(t.Context(), h.dispatcher(), id, Merger{Master: master})
		must(t, err)
	}
	must(t, h.do(Supplement, h.resident, master))
	h.pass(time.Hour)
	h.to(Replied, master)
	must(t, h.do(Supplement, h.resident, master))

	for _, c := range []struct {
		name  string
		actor access.Actor
		id    string
		reads bool
	}{
		{"the petitioner", h.other, own, true},
		{"the clerk who filed it", h.clerk(), filed, true},
		{"for whom it was filed", h.resident, filed, true},
		{"the dispatcher, who has the master", h.dispatcher(), own, false},
	} {
		seen, err := h.Get(t.Context(), c.actor, c.id)
		must(t, err)
		text := shownJSON(t, seen)
		if reads := strings.Contains(text, "水泵已经换好了。"); reads != c.reads {
			t.Errorf("%s reads the reply: %v", c.name, reads)
		}
		for _, private := range []string{"今天又停水了", "现场试水正常", h.officer().Person, h.office("civil-affairs")} {
			if strings.Contains(text, private) {
				t.Errorf("%s reads %s", c.name, private)
			}
		}
		if !slices.IsSortedFunc(seen.History, func(x, y Happening) int { return x.At.Compare(y.At) }) {
			t.Errorf("%s: the history is out of order", c.name)
		}
		if last := seen.History[len(seen.History)-1]; c.reads && (last.Act != Reply || last.Text != "一起办理的那件：承办单位已答复" || last.From != Merged || last.To != Merged) {
			t.Errorf("%s: the last line is %+v", c.name, last)
		}
	}

	// The master complains of the clerk: what was answered about him is not his to read.
	h.force(master, map[string]any{"about_person": h.clerk().Person})
	seen, err := h.Get(t.Context(), h.clerk(), filed)
	must(t, err)
	if strings.Contains(shownJSON(t, seen), "水泵已经换好了。") {
		t.Error("the clerk reads what was answered about himself")
	}
	h.sound()
}

func TestFollowersReadWhyTheMasterEnded(t *testing.T) {
	h := open_(t)
	for do, words := range map[flow.Act]string{Decline: "不归县里管的事。", Divert: "请到县信访局反映。"} {
		master, id := h.submit().ID, h.submit().ID
		_, err := h.Merge(t.Context(), h.dispatcher(), id, Merger{Master: master})
		must(t, err)
		must(t, h.do(do, h.dispatcher(), master))
		seen, err := h.Get(t.Context(), h.resident, id)
		must(t, err)
		if last := seen.History[len(seen.History)-1]; last.Words != words {
			t.Errorf("%s: %+v", do, last)
		}
	}
}

// Merged into what was answered before: the reply stands where it belongs in time.
func TestAnEarlierReplyComesEarlier(t *testing.T) {
	h := open_(t)
	id := h.submit().ID
	h.pass(time.Minute)
	master := h.to(Replied, h.submit().ID)
	h.pass(time.Minute)
	_, err := h.Merge(t.Context(), h.dispatcher(), id, Merger{Master: master})
	must(t, err)
	seen, err := h.Get(t.Context(), h.resident, id)
	must(t, err)
	var acts []flow.Act
	for _, line := range seen.History {
		acts = append(acts, line.Act)
	}
	if !slices.Equal(acts, []flow.Act{submitAct, Reply, Merge}) {
		t.Errorf("the history is %v", acts)
	}
}
