package api

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/workday"
)

// ItemView is a service item in a list. (huma skips embedded types that are not exported.)
type ItemView struct {
	ID           string           `json:"id" format:"uuid"`
	Code         string           `json:"code" doc:"墙上的码；没有印为空"`
	Name         string           `json:"name"`
	Theme        string           `json:"theme"`
	Department   string           `json:"department" doc:"牵头部门"`
	CaseType     catalog.CaseType `json:"case_type" enum:"instant,committed" doc:"即办件、承诺件"`
	CountyWide   bool             `json:"county_wide" doc:"全县通办"`
	ClerkCanFile catalog.Extent   `json:"clerk_can_file" enum:"none,part,full" doc:"村里能不能代办"`
	InPerson     catalog.Extent   `json:"in_person" enum:"none,part,full" doc:"本人要不要到场"`
	Summary      string           `json:"summary"`
	Waiting      string           `json:"waiting" doc:"最近办的人等了多久，一句话；还没有数为空"`
}

func viewItem(it *catalog.Item, code string) ItemView {
	return ItemView{
		it.ID, code, it.Name, it.Theme, it.Department, it.CaseType, it.CountyWide, it.ClerkCanFile, it.InPerson, it.Summary, it.Waiting.Text(),
	}
}

// guideView is the whole guide (办事指南). The fee and the result are sentences for people.
type guideView struct {
	ItemView
	Version       int             `json:"version"`
	Conditions    []string        `json:"conditions"`
	Materials     []MaterialView  `json:"materials"`
	Steps         []stepView      `json:"steps"`
	Situations    []situationView `json:"situations"`
	LegalLimit    *limitView      `json:"legal_limit,omitempty" doc:"法律没有规定时没有这一项"`
	PromisedLimit limitView       `json:"promised_limit"`
	WaitingTime   *waitingView    `json:"waiting_time,omitempty" doc:"最近办的人等了多久，按天更新；还没有数，或者办完的太少，没有这一项"`
	Fee           string          `json:"fee"`
	Basis         []string        `json:"basis"`
	Result        string          `json:"result"`
	Hours         string          `json:"hours"`
	Places        []placeView     `json:"places"`
	Phones        []phoneView     `json:"phones"`
	FAQ           []faqView       `json:"faq"`
	CheckedOn     clock.Date      `json:"checked_on" doc:"最近一次核对的日期"`
}

type MaterialView struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Kind          string `json:"kind" enum:"original,copy,either,both"`
	Form          string `json:"form" enum:"paper,electronic,either,both"`
	Originals     int    `json:"originals"`
	Copies        int    `json:"copies"`
	Necessity     string `json:"necessity" enum:"required,optional,deferrable" doc:"必要、可选、可容缺后补"`
	Source        string `json:"source" enum:"self,government,shared_license,filled_online,other"`
	Issuer        string `json:"issuer" doc:"谁开的"`
	Hint          string `json:"hint"`
	VillageIssues bool   `json:"village_issues" doc:"村站点现场给"`
	CountyLooksUp bool   `json:"county_looks_up" doc:"县里联网查，不用带"`
	WhyBrought    string `json:"why_brought,omitempty" doc:"别的事项由县里查、这里还要带原件的原因"`
	Sample        string `json:"sample,omitempty" doc:"示范文本：要自己填的表照着怎么填"`
}

type stepView struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	Place string `json:"place"`
}

type situationView struct {
	ID       string       `json:"id"`
	Question string       `json:"question"`
	Type     string       `json:"type" enum:"one,many" doc:"单选、多选"`
	Options  []optionView `json:"options"`
}

type optionView struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type limitView struct {
	Value int          `json:"value"`
	Unit  workday.Unit `json:"unit" enum:"workday,calendar_day,hour,batch"`
	Text  string       `json:"text" doc:"给人看的写法"`
	Note  string       `json:"note"`
}

// waitingView is how long people waited for an item from handing in to the decision.
type waitingView struct {
	Months  int `json:"months" doc:"最近几个月"`
	Decided int `json:"decided" doc:"其间办结的件数"`
	Median  int `json:"median_workdays" doc:"一半的人不超过几个工作日；当天办结为 0"`
	P90     int `json:"p90_workdays" doc:"十个人里有九个不超过"`
}

func viewWaiting(w catalog.Waiting) *waitingView {
	if !w.Enough {
		return nil
	}
	return &waitingView{w.Months, w.Decided, w.Median, w.P90}
}

type placeView struct {
	Kind    catalog.PlaceKind `json:"kind"`
	Name    string            `json:"name"`
	Address string            `json:"address"`
	Hours   string            `json:"hours"`
	Phone   string            `json:"phone"`
	Area    access.Area       `json:"area"`
}

type phoneView struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

type faqView struct {
	Q string `json:"q"`
	A string `json:"a"`
}

// EncodeGuide writes the answer that readers of a guide get. The catalogue calls it when a guide changed.
func EncodeGuide(it *catalog.Item) ([]byte, error) { return encode(viewGuide(it)) }

func viewGuide(it *catalog.Item) guideView {
	v := guideView{
		ItemView: viewItem(it, it.Code), Version: it.Version, Conditions: it.Conditions,
		Materials: views(it.Materials, viewMaterial), Steps: views(it.Steps, viewStep), Situations: views(it.Situations, viewSituation),
		PromisedLimit: viewLimit(it.PromisedLimit), WaitingTime: viewWaiting(it.Waiting), Fee: it.Fee.InWords(), Basis: it.Basis, Result: it.Result.Name,
		Hours: it.Hours, Places: views(it.Places, viewPlace), CheckedOn: it.CheckedOn,
		Phones: views(it.Phones, func(p catalog.Phone) phoneView { return phoneView(p) }),
		FAQ:    views(it.FAQ, func(q catalog.Question) faqView { return faqView(q) }),
	}
	if it.LegalLimit != nil {
		legal := viewLimit(*it.LegalLimit)
		v.LegalLimit = &legal
	}
	return v
}

// views shows each of a list.
func views[T, V any](all []T, view func(T) V) []V {
	shown := make([]V, len(all))
	for i, one := range all {
		shown[i] = view(one)
	}
	return shown
}

func viewMaterial(m catalog.Material) MaterialView {
	return MaterialView{
		m.ID, m.Name, m.Kind, m.Form, m.Originals, m.Copies, m.Necessity, m.Source, m.Issuer, m.Hint, m.VillageIssues, m.CountyLooksUp,
		m.WhyBrought, m.Sample,
	}
}

func viewStep(s catalog.Step) stepView { return stepView{s.Title, s.Text, s.Place} }

func viewSituation(s catalog.Situation) situationView {
	return situationView{s.ID, s.Question, s.Type, views(s.Options, func(o catalog.Option) optionView { return optionView{o.ID, o.Text} })}
}

func viewLimit(l catalog.Limit) limitView {
	return limitView{l.Value, l.Unit, l.Plain().Text(), l.Note}
}

func viewPlace(p catalog.Place) placeView {
	return placeView{p.Kind, p.Name, p.Address, p.Hours, p.Phone, p.Area}
}

// readGuide is what villagers ask for most: bytes that lie ready, and nothing else.
func (s *Server) readGuide(c *gin.Context) error {
	if c.Request.URL.RawQuery != "" {
		return fault.Wrong("query", "这里没有可以选的条件")
	}
	guide, err := s.Catalog.Guide(c.Param("id"))
	if err != nil {
		return err
	}
	header, body, etag := c.Writer.Header(), guide.Plain, guide.ETag // the header's values are put in as they are: they are well-formed
	zipped := takesGzip(c.Request.Header.Get("Accept-Encoding"))
	if zipped {
		body, etag = guide.Gzip, guide.GzipETag
	}
	header["Etag"] = []string{etag}
	if asked := c.Request.Header.Get("If-None-Match"); asked != "" && matches(asked, etag) {
		c.Status(http.StatusNotModified)
		return nil
	}
	if zipped {
		header["Content-Encoding"] = gzipped
	}
	header["Content-Type"] = asJSON
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.Status(http.StatusOK)
	_, _ = c.Writer.Write(body) // a client that went away needs no answer
	return nil
}

func documentGuide(op *huma.Operation, schemas huma.Registry) { gives[guideView](op, schemas) }
