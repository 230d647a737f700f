package page

import (
	"context"
	"io"
	"iter"
	"net/http"
	"time"

	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/docket"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/locker"
	"tongban/internal/rating"
	"tongban/internal/rights"
)

// copyPage is all that is held of a resident, to read and to print. The lists are read while the page is written.
type copyPage struct {
	frame
	Made        time.Time
	ByClerk     bool
	Record      account.Record
	VillageName string
	lists       rights.Copy
	broken      error // why a list ended early
}

// Copy writes the page of somebody's copy, with its headers. After an error half of it may be written.
func (p *Pages) Copy(ctx context.Context, h http.Header, w io.Writer, c rights.Copy) error {
	facts, _, err := p.facts(ctx)
	if err != nil {
		return err
	}
	view := &copyPage{
		frame: facts.frame("我的个人信息副本", nil), Made: c.Made, ByClerk: c.ByClerk, Record: c.Record, VillageName: c.VillageName, lists: c,
	}
	view.Private = true
	h["Content-Security-Policy"], h["Cache-Control"], h["Content-Type"] = ourPolicy, keptNever, htmlType
	if err := render(w, "copy", view); err != nil {
		return err
	}
	return view.broken
}

func (v *copyPage) Consents() iter.Seq[account.Given]        { return kept(v, v.lists.Consents) }
func (v *copyPage) Households() iter.Seq[family.Household]   { return kept(v, v.lists.Households) }
func (v *copyPage) Helping() iter.Seq[family.Acting]         { return kept(v, v.lists.Helping) }
func (v *copyPage) Appeals() iter.Seq[rights.Matter]         { return kept(v, v.lists.Appeals) }
func (v *copyPage) Cases() iter.Seq[rights.Application]      { return kept(v, v.lists.Cases) }
func (v *copyPage) Errands() iter.Seq[errand.Seen]           { return kept(v, v.lists.Errands) }
func (v *copyPage) Papers() iter.Seq[locker.Paper]           { return kept(v, v.lists.Papers) }
func (v *copyPage) Messages() iter.Seq[rights.Message]       { return kept(v, v.lists.Messages) }
func (v *copyPage) Sessions() iter.Seq[account.PastSession]  { return kept(v, v.lists.Sessions) }
func (v *copyPage) Reads() iter.Seq[rights.Read]             { return kept(v, v.lists.Reads) }
func (v *copyPage) Corrections() iter.Seq[rights.Correction] { return kept(v, v.lists.Corrections) }
func (v *copyPage) Photos() iter.Seq[photoLine] {
	return func(yield func(photoLine) bool) {
		for f := range kept(v, v.lists.Photos) {
			if !yield(photoLine{f.ID, f.SHA256Stored, f.CreatedAt}) {
				return
			}
		}
	}
}

type photoLine struct {
	ID, SHA256 string
	At         time.Time
}

// kept keeps the error of a list aside, since a template takes values only.
func kept[T any](v *copyPage, all iter.Seq2[T, error]) iter.Seq[T] {
	return func(yield func(T) bool) {
		if v.broken != nil {
			return
		}
		for one, err := range all {
			if err != nil {
				v.broken = err
				return
			}
			if !yield(one) {
				return
			}
		}
	}
}

// How somebody agreed, what kind an appeal is and how he rated, in words.
var (
	howWords = map[string]string{
		account.Signed: "签字", account.Fingerprint: "按手印", account.Spoken: "口头", account.OnScreen: "在手机上勾选",
	}
	classWords = map[appeal.Class]string{
		appeal.Consult: "咨询", appeal.Help: "求助", appeal.Complaint: "投诉", appeal.Report: "举报", appeal.Suggestion: "建议",
	}
	levelOpinions = map[rating.Level]string{
		rating.VerySatisfied: "非常满意", rating.Satisfied: "满意", rating.Acceptable: "基本满意", rating.Unsatisfied: "不满意", rating.VeryUnsatisfied: "非常不满意",
	}
)

// entrustings say in words what codes stand in an errand.
func entrustings(what, code string) string {
	return docket.TextOf(map[string][]errand.Word{
		"power": errand.Powers, "method": errand.Methods, "relation": errand.Relations, "checked": errand.IdentityWays, "document": errand.Documents,
		"form": errand.Forms, "signature": errand.Signatures, "fee": errand.Fees, "followed_up": errand.FollowUpResults,
	}[what], code)
}

func howOf(how string) string         { return howWords[how] }
func classOf(c appeal.Class) string   { return classWords[c] }
func opinionOf(l rating.Level) string { return levelOpinions[l] }
