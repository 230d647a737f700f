package page

import (
	"net/http"
	"strings"

	"tongban/internal/clock"
)

// privacyView is the privacy notice (个人信息告知书) to read, or to print and sign.
type privacyView struct {
	frame
	Heading, Version string
	InForce          clock.Date
	Parts            []privacyPart
}

// privacyPart is a heading with its paragraphs; the first part has none.
type privacyPart struct {
	Heading    string
	Paragraphs []string
}

// privacy answers /privacy, with ?version= for one that somebody agreed to earlier.
func (p *Pages) privacy(w http.ResponseWriter, r *http.Request) error {
	query, err := queryOf(r)
	if err != nil {
		return err
	}
	text, err := p.Accounts.PrivacyText(r.Context(), query.Get("version"))
	if err != nil {
		return err
	}
	c, _, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, "privacy", privacyView{
		frame: c.frame(text.Title, nil), Heading: text.Title, Version: text.Version, InForce: text.InForce, Parts: partsOf(text.Text),
	})
}

func partsOf(text string) []privacyPart {
	parts := []privacyPart{{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		last := &parts[len(parts)-1]
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			parts = append(parts, privacyPart{Heading: heading})
		} else if line != "" {
			last.Paragraphs = append(last.Paragraphs, line)
		}
	}
	return parts
}
