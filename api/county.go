package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/county"
)

// keptView is the answer to a callback of the county's platform. It says nothing of what became of the event, so that a repetition is
// answered the same.
type keptView struct {
	ID         string    `json:"id" format:"uuid"`
	EventID    string    `json:"event_id" doc:"县级平台的消息编号"`
	ReceivedAt time.Time `json:"received_at"`
}

// connected: the county has a platform of its own.
func connected(s *Server) bool { return s.County != nil }

// takeCallback keeps a message that proves itself by its signature. The gate has read it within its limits.
func (s *Server) takeCallback(c *gin.Context) error {
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return cutOff(err)
	}
	message := county.Message{Method: c.Request.Method, Target: c.Request.URL.RequestURI(), Body: body}
	kept, err := s.County.Take(c.Request.Context(), c.Request.Header, message)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, keptView{kept.ID, kept.EventID, kept.ReceivedAt})
}

func documentCallback(op *huma.Operation, schemas huma.Registry) {
	gives[keptView](op, schemas)
	op.Description += "以请求头里的签名为凭，写法见说明文件 county.md。没有接县级平台时为 404。"
	for _, name := range []string{county.KeyHeader, county.TimestampHeader, county.NonceHeader, county.SignatureHeader} {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "header", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	anything := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: anything}}}
}

// countyEventView is an event in the inbox: numbers and codes. What it says in words stays sealed.
type countyEventView struct {
	ID         string        `json:"id" format:"uuid"`
	EventID    string        `json:"event_id" doc:"县级平台的消息编号"`
	Ref        string        `json:"ref" doc:"本系统的办件编号；没有写明为空"`
	Number     string        `json:"number" doc:"县级平台的办件编号"`
	Act        county.Act    `json:"act" doc:"做了什么；看不懂为空"`
	Raw        string        `json:"raw" doc:"县级平台自己的写法"`
	Seq        int           `json:"seq" doc:"这件办件的第几条；不编号为 0"`
	Status     county.Status `json:"status" enum:"waiting,applied,late,unknown" doc:"waiting 等着办，applied 已办，late 来迟了不办，unknown 看不懂或没有这件"`
	Why        string        `json:"why" doc:"没有办的原因"`
	Tries      int           `json:"tries" doc:"试过几次"`
	ReceivedAt time.Time     `json:"received_at"`
	SettledAt  *time.Time    `json:"settled_at,omitempty" doc:"办好或搁下的时间"`
}

func viewCountyEvent(k county.Kept) countyEventView {
	return countyEventView{
		k.ID, k.EventID, k.Ref, k.Number, k.Act, k.Raw, k.Seq, k.Status, k.Why, k.Tries, k.ReceivedAt, k.SettledAt,
	}
}

type countyEventsIn struct {
	Paging
	Status county.Status `query:"status" enum:"waiting,applied,late,unknown" doc:"只看这一种"`
}

func (s *Server) listCountyEvents(ctx context.Context, in *countyEventsIn) (*reply[list[countyEventView]], error) {
	find := func(after string, limit int) ([]county.Kept, error) {
		return s.County.Events(ctx, access.From(ctx), in.Status, after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(k county.Kept) string { return k.ID }, viewCountyEvent)
}
