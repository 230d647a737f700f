package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/docs"
	"tongban/internal/fault"
)

// readPaper answers a document of the docs folder, such as states.md: what runs here carries its own papers.
func (s *Server) readPaper(c *gin.Context) error {
	name := c.Param("name")
	if !strings.HasSuffix(name, ".md") && name != "openapi.yaml" {
		return fault.NotFound
	}
	text, err := docs.Files.ReadFile(name)
	if err != nil {
		return fault.NotFound // the file system is embedded: there is no other error
	}
	return writePublic(c, "text/plain; charset=utf-8", text)
}

func documentPaper(op *huma.Operation, _ huma.Registry) {
	answers(op, "text/plain", &huma.Schema{Type: huma.TypeString})
}
