package api

import (
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/fault"
)

// greetPush answers WeChat's console, which checks the address once.
func (s *Server) greetPush(c *gin.Context) error {
	if s.Push == nil {
		return fault.NotFound // message push is off
	}
	echo, err := s.Push.Greet(c.Request.URL.Query())
	if err != nil {
		return err
	}
	return writeText(c, echo)
}

// takePush keeps what WeChat pushes. It is told "success" only when that is kept; else it sends it again.
func (s *Server) takePush(c *gin.Context) error {
	if s.Push == nil {
		return fault.NotFound
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return cutOff(err)
	}
	pushed, err := s.Push.Open(c.Request.URL.Query(), body)
	if err != nil {
		return err
	}
	if err := s.Pushes.Keep(c.Request.Context(), pushed); err != nil {
		return err
	}
	return writeText(c, "success")
}

func writeText(c *gin.Context, text string) error {
	c.Header("Content-Type", "text/plain; charset=utf-8")
	c.Status(http.StatusOK)
	_, _ = c.Writer.WriteString(text) // a client that went away needs no answer
	return nil
}

func documentPush(op *huma.Operation, _ huma.Registry) {
	answers(op, "text/plain", &huma.Schema{Type: huma.TypeString})
	for _, name := range []string{"timestamp", "nonce"} {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: huma.TypeString}})
	}
}
