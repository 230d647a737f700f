package api

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/offline"
)

type offlineIn struct {
	Body struct {
		Acts []queuedBody `json:"acts" minItems:"1" maxItems:"50" doc:"排队的各步，次序不要紧；每一步各办各的"`
	}
}

// queuedBody is one act as the phone queued it.
type queuedBody struct {
	Key    ID         `json:"key" doc:"这一步的编号，手机定（UUID），永远不变；同一位办事员不能重复"`
	Line   ID         `json:"line" doc:"手机上的哪一件，手机定（UUID）：同一件的各步依次办"`
	Seq    int        `json:"seq" minimum:"1" maximum:"100000" doc:"在这一件里的顺序号，从 1 起，不能空号；被退回的一步没有占号"`
	Act    string     `json:"act" maxLength:"40" doc:"相当于单独调用哪个接口（operationId）：makeNotice openCase editCase usePaper submitCase discardCase correctCase withdrawCase deliverCase entrustErrand identifyErrand takeErrandPapers returnErrandPapers visitErrand checkErrand fileErrand pauseErrand resumeErrand handOverErrand followUpErrand terminateErrand"`
	DoneAt *time.Time `json:"done_at,omitempty" doc:"实际什么时候办的，照手机的钟。只作记录，期限照收到的时间算；不能晚于现在、早于前面的一步，也不能太久以前"`
	On     string     `json:"on,omitempty" maxLength:"80" doc:"在哪一件上办：编号，或 act: 加上开出它的那一步的 key；新开的不填"`
	Body   anObject   `json:"body,omitempty" doc:"和单独调用时的内容一样。照片写 sha256: 加上上传内容的校验值；case、notice_code、paper 可以写 act: 加上那一步的 key"`
}

// anObject is a JSON object that is read later, by the rules of the call that it stands for.
type anObject []byte

// UnmarshalJSON keeps the text.
func (o *anObject) UnmarshalJSON(text []byte) error {
	*o = append(anObject(nil), text...)
	return nil
}

// Schema documents it.
func (anObject) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// content is all that the phone says of the act, in one form: the order of names and white space mean nothing.
func (q queuedBody) content() ([]byte, error) {
	body := jsontext.Value(append([]byte(nil), q.Body...))
	if len(body) == 0 {
		body = jsontext.Value("{}")
	}
	if err := body.Canonicalize(); err != nil {
		return nil, err
	}
	return []byte(hashOf([]byte(q.On), body)), nil
}

type takenView struct {
	Acts []queuedView `json:"acts" doc:"每一步的结果，和交来的次序一样"`
}

// queuedView is what came of an act.
type queuedView struct {
	Key      string          `json:"key" format:"uuid"`
	Result   offline.Outcome `json:"result" enum:"created,same,conflict,invalid,waits" doc:"created 刚办好；same 以前办过，没有重办；conflict 和现在的情况冲突；invalid 退回；waits 还没有办，原样再补报"`
	Done     *queuedDoneView `json:"done,omitempty" doc:"created 和 same 才有"`
	WaitsFor offline.Why     `json:"waits_for,omitempty" enum:"earlier,refused,reference,photos,later" doc:"earlier 等前一步；refused 前一步或引用的一步这次没有办成；reference 等引用的一步；photos 等照片；later 过一会儿再补报"`
	Missing  []string        `json:"missing_photos,omitempty" doc:"先上传这些照片（校验值；已经没有了的，是它的编号），再补报"`
	Problem  *queuedProblem  `json:"problem,omitempty" doc:"conflict、invalid 和 later 才有"`
}

type queuedDoneView struct {
	Kind       string `json:"kind" enum:"notice,case,errand"`
	ID         string `json:"id" format:"uuid"`
	Number     string `json:"number" doc:"告知单、办件或代办的编号；草稿没有"`
	CaseNumber string `json:"case_number" doc:"报送的代办：办件编号"`
	Version    int    `json:"version" doc:"办好那时的版本；告知单为 0"`
	QueryCode  string `json:"query_code" doc:"告知单或办件的查询码，写在回执上；三十天后不再告诉"`
	URL        string `json:"url" doc:"告知单的网页"`
	Paper      string `json:"paper" doc:"收材料：这一笔的编号"`
}

// queuedProblem says of an act what a problem says of a call.
type queuedProblem struct {
	Title   string    `json:"title" doc:"给人看的一句话"`
	Code    string    `json:"code" doc:"给程序判断用"`
	Detail  string    `json:"detail,omitempty"`
	Errors  []wrong   `json:"errors,omitempty"`
	Current *standing `json:"current,omitempty" doc:"现在的状态和版本（conflict）"`
}

// takeOffline has no Idempotency-Key: each act has its own, which is never forgotten.
func (s *Server) takeOffline(ctx context.Context, in *offlineIn) (*reply[takenView], error) {
	acts := make([]offline.Act, 0, len(in.Body.Acts))
	for _, q := range in.Body.Acts {
		act, err := s.queued(access.From(ctx), q)
		if err != nil {
			return nil, err
		}
		acts = append(acts, act)
	}
	results, err := s.Offline.Take(ctx, access.From(ctx), acts)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		if r.Fault != nil && (r.Fault.Kind == fault.Broken || r.Fault.Kind == fault.Unavailable) {
			s.Log.LogAttrs(ctx, slog.LevelError, "a queued act was not done", slog.String("request_id", callID(ctx)), slog.String("act", acts[i].Name), slog.Any("error", r.Fault))
		}
	}
	return show(takenView{views(results, s.viewQueued)}), nil
}

func (s *Server) viewQueued(r offline.Result) queuedView {
	v := queuedView{Key: r.Key, Result: r.Outcome, WaitsFor: r.Why, Missing: r.Missing}
	if d := r.Done; d.ID != "" {
		v.Done = &queuedDoneView{Kind: d.Kind, ID: d.ID, Number: d.Number, CaseNumber: d.CaseNumber, Version: d.Version, QueryCode: d.QueryCode, Paper: d.Part}
		if d.Code != "" {
			v.Done.URL = s.BaseURL + "/q/" + d.Code
		}
	}
	if f := r.Fault; f != nil {
		f = promised(f)
		v.Problem = &queuedProblem{Title: f.Title, Code: f.Code, Detail: f.Detail, Errors: views(f.Fields, func(f fault.Field) wrong { return wrong(f) })}
		if now := f.Current; now != nil {
			offers, _ := now.Offers.([]flow.Offer)
			v.Problem.Current = &standing{now.Status, now.Version, offers}
		}
	}
	return v
}

// queued makes of what the phone sent an act that the desk can take. Only a name that is ours stands in a row or a log.
func (s *Server) queued(actor access.Actor, q queuedBody) (offline.Act, error) {
	content, err := q.content()
	if err != nil {
		return offline.Act{}, malformed("body.acts", "不是正确的 JSON")
	}
	a := offline.Act{Key: string(q.Key), Line: string(q.Line), Seq: q.Seq, DoneAt: q.DoneAt, Content: content}
	verb, known := s.verbs[q.Act]
	if !known {
		a.Wrong = offline.ErrUnknown
		return a, nil
	}
	n, err := names(q, verb)
	if err != nil {
		a.Wrong = err
		return a, nil
	}
	a.Name, a.Needs, a.Photos, a.Pages, a.Alone = q.Act, n.needs, n.photos, n.pages, s.alone(actor, q.Act, verb, n)
	a.Run = func(ctx context.Context, with offline.With) error {
		on, body, err := s.filled(ctx, n, with)
		if err != nil {
			return err
		}
		if err := s.fits(q.Act, body); err != nil {
			return err
		}
		text, err := encode(body)
		if err != nil {
			return err
		}
		return verb.do(ctx, actor, on, text)
	}
	return a, nil
}

// fits holds the body against the document of the call, as huma does when the call is made by itself.
func (s *Server) fits(name string, body map[string]any) error {
	for _, r := range s.list {
		if r.Name != name {
			continue
		}
		schema := s.huma.OpenAPI().Paths[r.Path].Post.RequestBody.Content["application/json"].Schema
		var found huma.ValidateResult
		path := huma.NewPathBuffer(nil, 0)
		path.Push("body")
		huma.Validate(s.huma.OpenAPI().Components.Schemas, schema, path, huma.ModeWriteToServer, body, &found)
		if len(found.Errors) > 0 {
			return understand(422, "", found.Errors)
		}
		return nil
	}
	return fmt.Errorf("api: no route %s", name)
}
