package page

import (
	"errors"
	"net/http"

	"tongban/internal/catalog"
	"tongban/internal/fault"
)

// scan answers /q/{code}: whatever stands on a wall or on a notice. It asks for no login and no app.
func (p *Pages) scan(w http.ResponseWriter, r *http.Request) error {
	now := p.Catalog.Now()
	code, err := now.Code(r.PathValue("code"))
	if errors.Is(err, catalog.ErrCodeUnknown) {
		return p.scanNotice(w, r)
	}
	if err != nil {
		return err
	}
	p.Catalog.Scanned(code.Code)
	s, err := p.shelf(r.Context(), now)
	if err != nil {
		return err
	}
	v := s.county.villages[code.Village]
	if code.Kind == catalog.CodeVillage {
		return p.showHome(w, r, s.county, now, v, "")
	}
	guide, err := now.Guide(code.ID)
	if err != nil {
		return err
	}
	return p.sendGuide(w, r, s, now, guide.Item, v)
}

// scanNotice shows the notice to whoever holds the paper; print=1 lays it out for the printer.
func (p *Pages) scanNotice(w http.ResponseWriter, r *http.Request) error {
	query, err := queryOf(r)
	if err != nil {
		return err
	}
	n, err := p.Notices.ByCode(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	c, _, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	view, err := p.noticeView(c, n)
	if err != nil {
		return err
	}
	view.Paper = query.Get("print") != ""
	return p.show(w, r, http.StatusOK, "notice", view)
}

// aboutCode reports whether a fault says that a printed code leads nowhere.
func aboutCode(e *fault.Error) bool {
	return e.Fault == catalog.ErrCodeUnknown || e.Fault == catalog.ErrCodeMistyped
}
