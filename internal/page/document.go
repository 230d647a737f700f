package page

import (
	"html/template"
	"io"
	"net/http"

	"tongban/internal/casework"
)

// documentsPage is the papers of a case, each on a sheet of its own. It holds nothing of the county that may change: a document is
// printed again as it was.
type documentsPage struct {
	frame
	Sheets []documentSheet
}

type documentSheet struct {
	casework.Document
	QR   template.HTML
	Link string
}

// Documents writes the page of papers to print, with its headers. Those whose content was given up are left out.
func (p *Pages) Documents(h http.Header, w io.Writer, list []casework.Document) error {
	view := documentsPage{frame: frame{Title: "文书", Private: true, Paper: true}}
	for _, d := range list {
		if !d.Kept {
			continue
		}
		link := p.BaseURL + "/d/" + d.Code
		code, err := drawQR(link, "验真的二维码")
		if err != nil {
			return err
		}
		view.Sheets = append(view.Sheets, documentSheet{d, code, link})
	}
	h["Content-Security-Policy"], h["Cache-Control"], h["Content-Type"] = ourPolicy, keptNever, htmlType
	return render(w, "documents", view)
}

// genuineView is what anybody is told of a document by its code.
type genuineView struct {
	frame
	Of casework.Genuine
}

// checkDocument answers /d/{code}, which stands on a document.
func (p *Pages) checkDocument(w http.ResponseWriter, r *http.Request) error {
	g, err := p.Cases.CheckDocument(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	c, _, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	view := genuineView{c.frame("文书验真", nil), g}
	view.Private = true
	return p.show(w, r, http.StatusOK, "genuine", view)
}
