package appeal

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tongban/internal/flow"
	"tongban/internal/store"
)

func TestTrackByNumberAndCode(t *testing.T) {
	h := open_(t)
	receipt, err := h.Submit(t.Context(), h.resident, submission())
	must(t, err)
	id, number := receipt.Appeal.ID, receipt.Appeal.Number
	h.to(SendBackAsked, id)
	running, err := h.Track(t.Context(), "192.0.2.1", number, receipt.QueryCode)
	must(t, err)
	must(t, h.do(RefuseSendBack, h.dispatcher(), id))
	for _, do := range []flow.Act{Acknowledge, Contact, Note, Reply} {
		must(t, h.do(do, h.officer(), id))
	}
	grouped := number[:2] + " " + strings.ToLower(number[2:8]) + "-" + number[8:]
	tracked, err := h.Track(t.Context(), "192.0.2.1", grouped, " "+receipt.QueryCode+" ")
	must(t, err)
	var said []string
	for _, m := range tracked.History {
		said = append(said, m.Text)
	}
	expected := "诉求已提交 已受理 已派给承办单位 承办单位已签收 承办人已联系群众 承办单位已答复"
	if running.Stands || running.Closed || !tracked.Stands || tracked.Closed {
		t.Errorf("a limit is told when none runs, or not when one does: %+v, %+v", running, tracked)
	}
	if got := strings.Join(said, " "); got != expected || tracked.Status != Replied || tracked.StatusText != "已答复" || tracked.Number != number {
		t.Errorf("%s: %s", tracked.StatusText, got)
	}
}

func TestTrackGivesOneAnswerToEveryWrongOne(t *testing.T) {
	h := open_(t)
	receipt, err := h.Submit(t.Context(), h.resident, submission())
	must(t, err)
	number := receipt.Appeal.Number
	wrong := fmt.Sprintf("%06d", (atoi(receipt.QueryCode)+1)%1_000_000)
	other := number[:len(number)-1] + string('0'+(number[len(number)-1]-'0'+1)%10)
	for i, c := range [][2]string{{number, wrong}, {other, receipt.QueryCode}, {"SQ1", "123456"}, {"", ""}, {strings.Repeat("9", 10_000), strings.Repeat("9", 10_000)}} {
		_, err := h.Track(t.Context(), fmt.Sprint("198.51.100.", i), c[0], c[1])
		want(t, err, store.ErrNoMatch)
	}
	// Five wrong ones in a day lock the number for whoever never opened it …
	for i := range 5 {
		_, err := h.Track(t.Context(), fmt.Sprint("203.0.113.", i), number, wrong)
		want(t, err, store.ErrNoMatch)
	}
	_, err = h.Track(t.Context(), "203.0.113.99", number, receipt.QueryCode)
	want(t, err, store.ErrNoMatch)
	// … until the next day.
	h.pass(25 * time.Hour)
	_, err = h.Track(t.Context(), "203.0.113.99", number, receipt.QueryCode)
	must(t, err)
	for range 20 {
		_, err = h.Track(t.Context(), "203.0.113.7", number, wrong)
	}
	want(t, err, store.ErrSlowDown)
}

func atoi(text string) (n int) {
	for _, r := range text {
		n = n*10 + int(r-'0')
	}
	return n
}

func TestWhatTheInboxSays(t *testing.T) {
	h := open_(t)
	id := h.to(Concluded, h.submit().ID)
	anonymous := h.anonymousReplied()
	var letters []store.Letter
	must(t, h.store.Read(t.Context()).Order("id").Find(&letters).Error)
	told := map[string]string{}
	for _, l := range letters {
		person, text, err := h.Told(t.Context(), l)
		must(t, err)
		if l.Object == anonymous && person != "" {
			t.Errorf("%s of an anonymous appeal is told to somebody", l.Topic)
		}
		if (person == "") != (text == "") {
			t.Errorf("%s: half a message", l.Topic)
		}
		if person != "" && person != h.resident.Person {
			t.Errorf("%s goes to somebody else", l.Topic)
		}
		if l.Object == id {
			told[l.Topic] = text
		}
	}
	number := h.row(id).Number
	if told["appeal.reply"] != "您的诉求（编号 "+number+"）已答复，请查看并评价。" {
		t.Errorf("%q", told["appeal.reply"])
	}
	if told["appeal.acknowledge"] != "" || told["appeal.conclude"] == "" || told["appeal.submit"] == "" {
		t.Errorf("%v", told)
	}
	for _, l := range []store.Letter{{Topic: "case.accept", Kind: "case"}, {Topic: "appeal.reply", Kind: kind, Object: "gone"}} {
		if person, text, err := h.Told(t.Context(), l); err != nil || person != "" || text != "" {
			t.Errorf("%s: %q %q %v", l.Topic, person, text, err)
		}
	}
}

// Every coded word has its text, and every fault its sentence; a client draws its lists from them.
func TestWordsAreWhole(t *testing.T) {
	for _, list := range [][]Word{Channels, DeclineReasons, SendBackReasons, ContactWays, AttemptResults} {
		seen := map[string]bool{}
		for _, w := range list {
			if w.Code == "" || w.Text == "" || seen[w.Code] || len(w.Code) > 32 {
				t.Errorf("%+v", w)
			}
			seen[w.Code] = true
		}
	}
	h := open_(t)
	id := h.submit().ID
	_, err := h.Decline(t.Context(), h.dispatcher(), id, Refusal{Reason: "because", Text: "不归县里管的事。"})
	wrongField(t, err, "body.reason")
	_, err = h.Divert(t.Context(), h.dispatcher(), id, Diversion{Channel: "petition"})
	wrongField(t, err, "body.text")
	if errors.Is(err, ErrNotNow) {
		t.Error("a wrong field is told as a conflict")
	}
}
