package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/store"
)

// health is what the operator's checks read.
type health struct {
	Status     string `json:"status" enum:"ok,draining,down" doc:"ok 正常；draining 正在停止；down 数据库不可用"`
	Durability string `json:"durability,omitempty" doc:"full 表示断电也不丢已确认的数据"`
	Clock      string `json:"clock,omitempty" enum:"right,doubted" doc:"right 本机时钟可信；doubted 时钟可能不对，定时任务都停着，要有人去看（tongban clock）"`
	Version    string `json:"version,omitempty" doc:"程序的版本"`
}

// alive says that the process runs. It asks nobody, so that a slow database does not get the process killed.
func (s *Server) alive(c *gin.Context) error {
	return writeJSON(c, http.StatusOK, health{Status: "ok"})
}

// ready says whether visitors may be sent here.
func (s *Server) ready(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	h := health{Status: "ok", Durability: s.Store.Durability(), Version: s.Version}
	if s.Store.Ping(ctx) != nil {
		h.Status = "down"
	} else {
		h.Clock = s.clockNow(ctx)
	}
	if s.draining.Load() {
		h.Status = "draining"
	}
	if h.Status == "ok" {
		return writeJSON(c, http.StatusOK, h)
	}
	c.Header("Retry-After", "5")
	return writeJSON(c, http.StatusServiceUnavailable, h)
}

// clockNow says whether the rounds go by the machine's clock. A wrong one keeps no visitor away: what they do can be put right.
func (s *Server) clockNow(ctx context.Context) string {
	err := s.Store.ClockFits(ctx)
	if _, doubted := errors.AsType[*store.ClockDoubt](err); doubted {
		return "doubted"
	}
	if err != nil {
		return "" // nobody knows
	}
	return "right"
}

func documentHealth(op *huma.Operation, schemas huma.Registry) {
	gives[health](op, schemas)
	op.Responses["503"] = &huma.Response{
		Description: "正在停止，或数据库不可用",
		Headers:     op.Responses["200"].Headers,
		Content:     op.Responses["200"].Content,
	}
}

// writeJSON is the answer of a raw route.
func writeJSON(c *gin.Context, status int, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "application/json")
	c.Status(status)
	_, _ = c.Writer.Write(body) // a client that went away needs no answer
	return nil
}
