package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"tongban/internal/clock"
	"tongban/internal/fault"
)

// photo is the input of an upload: exactly one file under the name "file". Its declared type and name are the client's
// word and not looked at.
type photo struct{ content []byte }

// open gives the file as it was sent, and its size in bytes. The caller closes it.
func (p *photo) open() (io.ReadSeekCloser, int64, error) {
	return inMemory{bytes.NewReader(p.content), p.content}, int64(len(p.content)), nil
}

// inMemory is a file that nobody needs to copy: see file.Darkroom.
type inMemory struct {
	*bytes.Reader
	content []byte
}

func (m inMemory) Bytes() []byte { return m.content }
func (inMemory) Close() error    { return nil }

var errOneFile = fault.Wrong("body.file", "请只传一个文件，名称为 file")

// receivePhoto takes the one file of an upload into memory, where the tray has room for it; it lies there until the call
// ends. A second try has another boundary, so the digest is of the file alone.
func (s *Server) receivePhoto(ctx context.Context, c *gin.Context, r *Route, who string) (digest [sha256.Size]byte, err error) {
	kind, params := contentType(c)
	if kind != "multipart/form-data" || params["boundary"] == "" {
		return digest, errContentType.With("请用 multipart/form-data")
	}
	size := c.Request.ContentLength // of the whole body, which is a little more than the file
	if size < 0 {
		size = r.BodyLimit
	}
	free, err := s.tray.take(ctx, who, size)
	if err != nil {
		return digest, err
	}
	served := callOf(ctx)
	served.putDown = free
	allowSlowUpload(c)
	served.sent, err = onlyFile(multipart.NewReader(c.Request.Body, params["boundary"]), size)
	if query := c.Request.URL.RawQuery; query != "" { // it may say what is to be done with the file
		return sha256.Sum256(append(append([]byte(query), 0), served.sent...)), err
	}
	return sha256.Sum256(served.sent), err
}

// onlyFile reads a form of one file and nothing else, in a body of size bytes.
func onlyFile(form *multipart.Reader, size int64) ([]byte, error) {
	part, err := form.NextPart()
	switch {
	case err == io.EOF: // the form's proper end is bare, a broken one is wrapped
		return nil, errOneFile
	case err != nil:
		return nil, cutOff(err)
	}
	content := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead)) // never grows
	if _, err := content.ReadFrom(part); err != nil {
		return nil, cutOff(err)
	}
	switch _, err := form.NextPart(); {
	case err == nil:
		return nil, errOneFile
	case err != io.EOF: // as above
		return nil, cutOff(err)
	case part.FormName() != "file" || part.FileName() == "":
		return nil, errOneFile
	}
	return content.Bytes(), nil
}

// allowSlowUpload lengthens the connection's deadlines: a photo over a village's network takes its time.
// A connection's deadline is the machine's time, whatever the program's clock says. A recorder in a test has none.
func allowSlowUpload(c *gin.Context) {
	end := clock.System().Now().Add(uploadTime)
	rc := http.NewResponseController(c.Writer)
	_ = rc.SetReadDeadline(end)
	_ = rc.SetWriteDeadline(end.Add(10 * time.Second))
}

func fileBody(what string) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type:       huma.TypeObject,
		Required:   []string{"file"},
		Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary", Description: what}},
	}}}}
}
