package api

import (
	"context"
	"io"
	"time"

	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/casework"
)

// caseDocumentView is a paper of a case. What it says is masked like everything else of the case.
type caseDocumentView struct {
	ID         string                `json:"id" format:"uuid"`
	Kind       casework.DocumentKind `json:"kind" enum:"receipt,acceptance,correction,refusal,dismissal,procedure,extension,grant,denial,delivery"`
	Number     string                `json:"number" doc:"文号：每个单位每年从 1 号起，不跳号"`
	Title      string                `json:"title"`
	Office     string                `json:"office" doc:"哪个单位出的；内容过了保存期限为空"`
	Paragraphs []string              `json:"words" doc:"正文；过了保存期限为空"`
	Kept       bool                  `json:"kept" doc:"内容还在保存期限内"`
	Hash       string                `json:"hash" doc:"内容的 SHA-256"`
	Check      string                `json:"check_path" doc:"验真页面的地址，文书上的二维码打开的就是它"`
	MadeAt     time.Time             `json:"made_at"`
}

type caseDocumentsView struct {
	Documents []caseDocumentView `json:"documents" doc:"从早到晚"`
}

func viewCaseDocument(d casework.Document) caseDocumentView {
	return caseDocumentView{d.ID, d.Kind, d.Number, d.Title, d.Says.Office, append([]string{}, d.Says.Paragraphs...), d.Kept, d.Hash, "/d/" + d.Code, d.MadeAt}
}

func (s *Server) listCaseDocuments(ctx context.Context, in *caseIn) (*reply[caseDocumentsView], error) {
	list, err := s.Cases.Documents(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(caseDocumentsView{views(list, viewCaseDocument)}), nil
}

type caseDocumentIn struct {
	ID       ID `path:"id"`
	Document ID `path:"document"`
}

// readCaseDocument answers one of them. One whose content was given up is only in the list.
func (s *Server) readCaseDocument(ctx context.Context, in *caseDocumentIn) (*reply[caseDocumentView], error) {
	one, err := s.Cases.Document(ctx, access.From(ctx), string(in.ID), string(in.Document))
	if err != nil {
		return nil, err
	}
	return show(viewCaseDocument(one)), nil
}

// printCaseDocuments answers the papers of a case to print, or with document=… one of them.
func (s *Server) printCaseDocuments(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var list []casework.Document
	var err error
	if one := c.Query("document"); one != "" {
		list = make([]casework.Document, 1)
		list[0], err = s.Cases.Document(ctx, access.From(ctx), id, one)
	} else {
		list, err = s.Cases.Documents(ctx, access.From(ctx), id)
	}
	if err != nil {
		return err
	}
	return s.stream(c, func(w io.Writer) error { return s.DocumentsPage(c.Writer.Header(), w, list) })
}
