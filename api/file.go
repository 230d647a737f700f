package api

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/file"
)

type fileView struct {
	ID     string `json:"id" format:"uuid"`
	SHA256 string `json:"sha256" doc:"保存的照片（已转正、去掉拍摄信息）的摘要"`
	Size   int64  `json:"size" doc:"字节"`
	Width  int    `json:"width" doc:"像素；PDF 为 0"`
	Height int    `json:"height" doc:"像素；PDF 为 0"`
	Media  string `json:"media" enum:"image/jpeg,application/pdf" doc:"照片或 PDF"`
	Pages  int    `json:"pages" doc:"PDF 的页数；照片为 0"`
}

func (v fileView) location() string { return "/files/" + v.ID }

func viewFile(f *file.File) fileView {
	return fileView{f.ID, f.SHA256Stored, f.Size, f.Width, f.Height, f.Media, f.Pages}
}

func (s *Server) keepPhoto(ctx context.Context, in *photo) (*made[fileView], error) {
	sent, _, err := in.open()
	if err != nil {
		return nil, err
	}
	defer sent.Close()
	return created(ctx, viewFile, func(ctx context.Context) (*file.File, error) {
		return s.Files.Keep(ctx, access.From(ctx), sent)
	})
}

// photoPolicy keeps a browser from taking a photo for anything but a picture, whatever its bytes say.
const photoPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

// readPhoto answers a photo to whoever may see what it belongs to. His own browser may keep it, but asks each time.
func (s *Server) readPhoto(c *gin.Context) error {
	how := "inline"
	switch c.Query("download") {
	case "", "false":
	case "true":
		how = "attachment"
	default:
		return fault.Wrong("query.download", "应为 true 或 false")
	}
	ctx := c.Request.Context()
	kept, content, err := s.Files.Open(ctx, access.From(ctx), c.Param("id"))
	if err != nil {
		return err
	}
	defer content.Close()
	etag := `"` + kept.SHA256Stored + `"`
	c.Header("ETag", etag)
	c.Header("Cache-Control", "private, no-cache")
	c.Header("Vary", "Authorization")
	c.Header("Content-Security-Policy", photoPolicy)
	if matches(c.GetHeader("If-None-Match"), etag) {
		c.Status(http.StatusNotModified)
		return nil
	}
	if kept.Media == file.PDF { // never shown in the browser: it is saved, and opened elsewhere
		how = "attachment"
	}
	c.Header("Content-Type", kept.Media)
	c.Header("Content-Disposition", how+`; filename="`+kept.ID+kept.Ending()+`"`)
	c.Header("Content-Length", strconv.FormatInt(kept.Size, 10))
	c.Status(http.StatusOK)
	_, _ = io.Copy(c.Writer, content) // a client that went away needs no answer
	return nil
}

func documentPhoto(op *huma.Operation, _ huma.Registry) {
	answers(op, file.JPEG, &huma.Schema{Type: huma.TypeString, Format: "binary"})
	op.Responses["200"].Content[file.PDF] = op.Responses["200"].Content[file.JPEG]
	op.Responses["304"] = &huma.Response{Description: "没有变化"}
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "download", In: "query", Description: "要保存成文件时写 true", Schema: &huma.Schema{Type: huma.TypeBoolean},
	})
}
