package api

import (
	"bufio"
	"context"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/errand"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/flow"
	"tongban/internal/rights"
)

// copyTime is how long a copy may be written. It may be long, and the network slow.
const copyTime = 120 * time.Second

// copyView is the copy of all that is held of a resident. It is written part by part and never stands in memory as a whole;
// complete comes last, so that nobody takes a part for the whole.
type copyView struct {
	MadeAt      time.Time         `json:"made_at"`
	Person      recordView        `json:"person"`
	Consents    []consentView     `json:"consents" doc:"同意过什么"`
	Households  []householdView   `json:"households" doc:"户和户里的人"`
	Helping     []actingView      `json:"helping" doc:"亲友代办、监护"`
	Appeals     []matterView      `json:"appeals" doc:"诉求、答复、经过和评价"`
	Cases       []CaseView        `json:"cases" doc:"办件、材料、决定和经过"`
	Errands     []ErrandView      `json:"errands" doc:"委托村办事员代办的"`
	Locker      []LockerPaperView `json:"locker" doc:"存在材料复用库里的材料，和用在哪些事上"`
	Corrections []correctionView  `json:"corrections" doc:"申请过的更正"`
	Photos      []photoView       `json:"photos" doc:"上传过的照片；打开：/api/v1/files/ 加编号"`
	Messages    []toldView        `json:"messages" doc:"收到的消息"`
	Sessions    []pastView        `json:"sessions" doc:"登录记录"`
	Reads       []readView        `json:"reads" doc:"谁查看过"`
	Complete    bool              `json:"complete" doc:"最后一项；没有它说明没有传完"`
}

// recordView is the one view in which a resident's own values stand in full.
type recordView struct {
	ID          string      `json:"id" format:"uuid"`
	Name        string      `json:"name"`
	Phone       string      `json:"phone"`
	PhoneProven *time.Time  `json:"phone_proven_at,omitempty"`
	IDNumber    string      `json:"id_number"`
	BirthDate   *clock.Date `json:"birth_date,omitempty" doc:"证件号码上的，或者报过的"`
	Village     access.Area `json:"village"`
	VillageName string      `json:"village_name"`
	Grid        access.Area `json:"grid"`
	WeChat      bool        `json:"wechat" doc:"能用微信登录；微信号码本身不保存"`
	CreatedAt   time.Time   `json:"created_at"`
	UpdatedAt   time.Time   `json:"updated_at"`
}

type matterView struct {
	Appeal appealView `json:"appeal"`
	Rating *ratedView `json:"rating,omitempty" doc:"评价；没有评价没有这一项"`
}

type photoView struct {
	File  fileView  `json:"file"`
	Sent  string    `json:"sent_sha256" doc:"手机传来的原图的摘要；原图不保存"`
	About string    `json:"about" doc:"附在哪里；没有用上为空"`
	At    time.Time `json:"at"`
}

type pastView struct {
	ID      string     `json:"id" format:"uuid"`
	Begun   time.Time  `json:"begun_at"`
	Seen    time.Time  `json:"seen_at"`
	Ends    time.Time  `json:"ends_at"`
	EndedAt *time.Time `json:"ended_at,omitempty"`
	Device  bool       `json:"device" doc:"客户端报过设备标识"`
}

func viewRecord(c rights.Copy) recordView {
	r := c.Record
	v := recordView{
		ID: r.ID, Name: r.Name, Phone: r.Phone, PhoneProven: r.Proven, IDNumber: r.IDNumber, Village: r.Village, VillageName: c.VillageName,
		Grid: r.Grid, WeChat: r.WeChat, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if !r.BirthDate.IsZero() {
		v.BirthDate = &r.BirthDate
	}
	return v
}

func viewMatter(m rights.Matter) matterView {
	v := matterView{Appeal: viewAppeal(m.Seen)}
	v.Appeal.Offers = []flow.Offer{} // paper has no buttons
	v.Rating = viewRated(m.Rating)
	return v
}

func viewApplication(a rights.Application) CaseView {
	v := viewCase(a.Seen)
	v.Offers = []flow.Offer{} // nor has a case on it
	v.Rating = viewRated(a.Rating)
	return v
}

func viewEntrusted(e errand.Seen) ErrandView {
	v := viewErrand(e)
	v.Offers = []flow.Offer{}
	return v
}

func viewSent(f file.File) photoView {
	v := photoView{viewFile(&f), f.SHA256Sent, "", f.CreatedAt}
	if f.Object != "" {
		v.About = f.Kind + ":" + f.Object
	}
	return v
}

func viewPast(s account.PastSession) pastView {
	return pastView{s.ID, s.Begun, s.Seen, s.Ends, s.EndedAt, s.HasDevice}
}

func viewTold(m rights.Message) toldView { return toldView{m.ID, m.Text, m.At, m.ReadAt} }

// toldView is a message in a copy.
type toldView struct {
	ID     string     `json:"id" format:"uuid"`
	Text   string     `json:"text"`
	At     time.Time  `json:"at"`
	ReadAt *time.Time `json:"read_at,omitempty"`
}

// copyMine answers the resident's own copy as JSON.
func (s *Server) copyMine(c *gin.Context) error {
	ctx := c.Request.Context()
	made, err := s.Rights.CopyMine(ctx, access.From(ctx))
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h["Content-Type"] = asJSON
	h["Content-Disposition"] = []string{`attachment; filename="tongban-` + strings.ReplaceAll(clock.DateOf(made.Made).String(), "-", "") + `.json"`}
	return s.stream(c, func(w io.Writer) error { return writeCopy(w, made) })
}

// copyMinePage answers it as a page to read and to print.
func (s *Server) copyMinePage(c *gin.Context) error {
	ctx := c.Request.Context()
	made, err := s.Rights.CopyMine(ctx, access.From(ctx))
	if err != nil {
		return err
	}
	return s.sendCopy(c, made)
}

func (s *Server) sendCopy(c *gin.Context, made rights.Copy) error {
	return s.stream(c, func(w io.Writer) error { return s.CopyPage(c.Request.Context(), c.Writer.Header(), w, made) })
}

type printCopyIn struct {
	ID   ID `path:"id"`
	Body struct {
		Reason string `json:"reason" maxLength:"400" doc:"为什么要，会留痕；不要写电话、证件号码"`
	}
}

// printCopy gives the clerk a page to print for somebody who stands before him.
func (s *Server) printCopy(ctx context.Context, in *printCopyIn) (*huma.StreamResponse, error) {
	made, err := s.Rights.CopyFor(ctx, access.From(ctx), string(in.ID), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(answer huma.Context) {
		c := humagin.Unwrap(answer)
		if err := s.sendCopy(c, made); err != nil {
			s.refuse(c, err)
		}
	}}, nil
}

// stream lets write send a long answer. What fails before the first byte is a problem like any other; afterwards the connection
// is cut, so that the client sees that something is missing.
func (s *Server) stream(c *gin.Context, write func(io.Writer) error) error {
	end := clock.System().Now().Add(copyTime + 10*time.Second)
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(end) // a recorder in a test has none
	c.Status(http.StatusOK)
	w := bufio.NewWriter(c.Writer)
	err := write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil || !c.Writer.Written() {
		if err != nil {
			delete(c.Writer.Header(), "Content-Disposition")
		}
		return err
	}
	c.Set(faultKey, fault.Of(err))
	panic(http.ErrAbortHandler)
}

func writeCopy(w io.Writer, c rights.Copy) error {
	out := &parts{w: w}
	out.put("made_at", c.Made)
	out.put("person", viewRecord(c))
	writeList(out, "consents", c.Consents, viewConsent)
	writeList(out, "households", c.Households, viewHousehold)
	writeList(out, "helping", c.Helping, viewActing)
	writeList(out, "appeals", c.Appeals, viewMatter)
	writeList(out, "cases", c.Cases, viewApplication)
	writeList(out, "errands", c.Errands, viewEntrusted)
	writeList(out, "locker", c.Papers, viewLockerPaper)
	writeList(out, "corrections", c.Corrections, viewCorrection)
	writeList(out, "photos", c.Photos, viewSent)
	writeList(out, "messages", c.Messages, viewTold)
	writeList(out, "sessions", c.Sessions, viewPast)
	writeList(out, "reads", c.Reads, viewRead)
	out.put("complete", true)
	out.text("}\n")
	return out.err
}

// parts writes an object member by member; after an error it writes nothing more.
type parts struct {
	w     io.Writer
	begun bool
	err   error
}

func (p *parts) text(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

func (p *parts) name(name string) {
	if p.begun {
		p.text(",\n\"" + name + "\":")
	} else {
		p.text("{\"" + name + "\":")
	}
	p.begun = true
}

func (p *parts) value(v any) {
	if p.err != nil {
		return
	}
	text, err := encode(v)
	if err != nil {
		p.err = err
		return
	}
	_, p.err = p.w.Write(text)
}

func (p *parts) put(name string, v any) {
	p.name(name)
	p.value(v)
}

func writeList[T, V any](p *parts, name string, all iter.Seq2[T, error], view func(T) V) {
	if p.err != nil { // what follows a failure is not even read
		return
	}
	p.name(name)
	p.text("[")
	first := true
	for v, err := range all {
		if err != nil {
			p.err = err
		}
		if p.err != nil {
			return
		}
		if !first {
			p.text(",\n")
		}
		first = false
		p.value(view(v))
	}
	p.text("]")
}

func documentCopy(op *huma.Operation, schemas huma.Registry) { gives[copyView](op, schemas) }
