package page

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/notice"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// errForm refuses a form that is not whole, such as one without the key that our page put into it.
var errForm = fault.New(fault.Malformed, "page.form_incomplete", "这张表没有传全，请返回上一页再提交一次")

// Bounds of a form: more than any of ours ever holds.
const (
	largestForm = 16 << 10 // bytes
	longestName = 40       // characters, as names go
	keepAnswer  = 24 * time.Hour
)

func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, largestForm)
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, err
		}
		return nil, errForm.Because(err)
	}
	return r.PostForm, nil
}

// writeNotice makes the notice that a list's form asks for, and shows it at once: the query code is told here and nowhere
// else. Sent again, by a double tap or a reload, the form finds its own notice.
func (p *Pages) writeNotice(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	c, now, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	village := access.Area(form.Get("village"))
	if p.Named != nil {
		if err := p.Named(r.Context(), village); err != nil {
			return err
		}
	}
	var item *catalog.Item // once it is found
	told, err := p.makeOnce(r.Context(), r.PathValue("id"), form, func(ctx context.Context) error {
		guide, err := now.Guide(r.PathValue("id"))
		if err != nil {
			return err
		}
		item = guide.Item
		_, err = p.Notices.Make(ctx, access.Stranger(), notice.Request{
			ItemID: guide.ID, Village: village, Answers: answersOf(item, form), Name: form.Get("name"),
		})
		return err
	})
	if e := fault.Of(err); err != nil && item != nil && e.Fault == fault.BadField && len(e.Fields) > 0 {
		return p.showWrong(w, r, c, item, c.villages[village], form, e)
	}
	if err != nil {
		return err
	}
	n, err := p.Notices.ByCode(r.Context(), told.Code)
	if err != nil {
		return err
	}
	view, err := p.noticeView(c, n)
	if err != nil {
		return err
	}
	view.QueryCode, view.Name = told.QueryCode, ownName(form.Get("name"))
	view.Paper = form.Get("print") != ""
	w.Header().Set("Location", "/q/"+n.Code)
	return p.show(w, r, http.StatusCreated, "notice", view)
}

// told is what the maker of a notice is told once; it is what the idempotency key keeps, encrypted.
type told struct{ Code, QueryCode string }

// makeOnce makes the notice under the form's key: the commit holds notice and key, so the same form never makes two.
// It follows the API's rules for keys: a UUID, whose caller is the operation, since nobody is logged in here. A form that was
// answered once is answered so again, even if its item has changed since; on which button it was sent does not matter.
func (p *Pages) makeOnce(ctx context.Context, item string, form url.Values, write func(context.Context) error) (told, error) {
	id, err := uuid.Parse(form.Get("key"))
	if err != nil || id == uuid.Nil {
		return told{}, errForm
	}
	content := maps.Clone(form)
	content.Del("key")
	content.Del("print")
	sum := sha256.Sum256([]byte(item + "?" + content.Encode()))
	var answer told
	claim := &store.Claim{
		Caller: "open:writeNotice", Key: id.String(), Operation: "writeNotice", Hash: hex.EncodeToString(sum[:]), Keep: keepAnswer,
		View: func(done any) (store.Answer, error) {
			made, ok := done.(notice.Made)
			if !ok {
				return store.Answer{}, fmt.Errorf("page: the notice's desk answered %T", done)
			}
			answer = told{made.Code, made.QueryCode}
			body, err := json.Marshal(answer)
			return store.Answer{Location: "/q/" + made.Code, Body: body}, err
		},
	}
	ctx = store.WithClaim(ctx, claim)
	if err = p.Notices.MadeBefore(ctx); err == nil {
		err = write(ctx)
	}
	if before, ok := errors.AsType[*store.Replay](err); ok {
		return answer, json.Unmarshal(before.Body, &answer)
	}
	return answer, err
}

// ownName is the name as its owner just typed it, without what cannot be seen. Later readers of the notice see it masked.
func ownName(typed string) string {
	name, err := secret.CleanText(typed, longestName)
	if err != nil {
		return ""
	}
	return name
}

// noticeView is a one-time notice on the screen and on paper.
type noticeView struct {
	frame
	Notice    notice.Notice
	Item      *catalog.Item
	Name      string
	QueryCode string // only for whoever just made the notice
	Count     string
	Papers    []paper
	Steps     []step
	Costs     []fact
	QR        template.HTML
	Link      string // what the QR holds, to be typed by whoever has no camera
}

func (p *Pages) noticeView(c *county, n notice.Notice) (noticeView, error) {
	it := n.List.Item
	maybe := hangsOn(n.List.Open)
	v := &village{Area: n.Village}
	if known := c.villages[n.Village.Code]; known != nil {
		v = known
	}
	view := noticeView{
		frame: c.frame("一次性告知单："+it.Name, v), Notice: n, Item: it, Name: n.Name.String(),
		Count: countOf(n.List.Materials), Papers: papersOf(n.List, maybe), Steps: stepsOf(n.List, maybe),
		Costs: []fact{{"多久办好", limitOf(&it.PromisedLimit)}, {"要花钱吗", it.Fee.Text}}, Link: p.BaseURL + "/q/" + n.Code,
	}
	view.Private = true
	var err error
	view.QR, err = p.qrOf(n.Code, "这张告知单的二维码")
	return view, err
}
