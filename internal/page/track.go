package page

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/workday"
)

// trackView is the form that asks for number and query code.
type trackView struct {
	frame
	Number string // as typed before; the query code is never given back
	Wrong  string
}

// progressView is how a matter stands, in words.
type progressView struct {
	frame
	Number, Status string
	Closed         bool
	Due            string // until when; empty where no clock runs
	Light          workday.Light
	Lamp           string // the light in words: a colour alone is no information
	History        []milestone
}

type milestone struct{ ISO, When, Text string }

func (p *Pages) askTrack(w http.ResponseWriter, r *http.Request) error {
	return p.showForm(w, r, http.StatusOK, "", "")
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, status int, number, wrong string) error {
	c, _, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	return p.show(w, r, status, "track", trackView{c.frame("查进度", nil), shorten(number, longestName), wrong})
}

// showTrack answers whoever holds the slip: with the progress of a matter, or with the notice itself. Tries are counted by
// the desks; a wrong code, an unknown number and a locked one look alike.
func (p *Pages) showTrack(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	number, code := typedCode(form.Get("number")), typedCode(form.Get("query_code"))
	if number == "" || code == "" {
		return p.showForm(w, r, p.Status(fault.BadField), form.Get("number"), "编号和查询码都要填")
	}
	if p.Numbered != nil {
		if err := p.Numbered(r.Context(), number); err != nil {
			return err
		}
	}
	switch kind, _ := store.NumberKind(number); kind {
	case "GZ":
		err = p.showFound(w, r, number, code)
	case casework.Letters:
		err = p.showProgress(w, r, p.Cases.Track, number, code)
	default:
		err = p.showProgress(w, r, p.Appeals.Track, number, code)
	}
	if errors.Is(err, store.ErrNoMatch) {
		return p.showForm(w, r, p.Status(store.ErrNoMatch), form.Get("number"), store.ErrNoMatch.Title)
	}
	return err
}

// typedCode takes a number as phones type it: full width, with blanks and hyphens between the groups.
func typedCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(shorten(typed, longestName)))
}

func (p *Pages) showFound(w http.ResponseWriter, r *http.Request, number, code string) error {
	n, err := p.Notices.ByNumber(r.Context(), r.RemoteAddr, number, code)
	if err != nil {
		return err
	}
	c, _, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	view, err := p.noticeView(c, n)
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, "notice", view)
}

// tracker is a desk's way from number and query code to how the matter stands.
type tracker func(ctx context.Context, address, number, queryCode string) (docket.Tracked, error)

func (p *Pages) showProgress(w http.ResponseWriter, r *http.Request, track tracker, number, code string) error {
	t, err := track(r.Context(), r.RemoteAddr, number, code)
	if err != nil {
		return err
	}
	c, _, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, "progress", progressOf(c.frame("办理进度", nil), t))
}

// progressOf tells the limit while it runs, and while it waits for the applicant his own last day.
func progressOf(f frame, t docket.Tracked) progressView {
	view := progressView{frame: f, Number: t.Number, Status: t.StatusText, Closed: t.Closed}
	view.Private = true
	if !t.Stands {
		view.Light, view.Lamp, view.Due = t.Light, lamps[t.Light], latest(t.DueAt, t.DueOn, t.Provisional)
	}
	if !t.CorrectOn.IsZero() {
		view.Due = "请您最晚" + dayed(t.CorrectOn, t.Provisional) + "补齐材料，过了这一天申请就结束。"
	}
	for _, m := range t.History {
		view.History = append(view.History, milestone{m.At.In(clock.Shanghai).Format(time.RFC3339), momentOf(m.At), m.Text})
	}
	return view
}

// latest is the limit in words; nothing for none.
func latest(at *time.Time, on clock.Date, provisional bool) string {
	switch {
	case at != nil:
		return "最晚" + momentOf(*at) + "给您结果。"
	case !on.IsZero():
		return "最晚" + dayed(on, provisional) + "给您结果。"
	}
	return ""
}

// dayed is a day, and beside it that it may still change.
func dayed(on clock.Date, provisional bool) string {
	if provisional {
		return dayOf(on) + workday.ProvisionalText
	}
	return dayOf(on)
}

// lamps are the lights in words.
var lamps = map[workday.Light]string{
	workday.Green: "在期限内，正在办。", workday.Amber: "快到期了。", workday.Red: "已经超过期限，可以打电话催办。",
}
