package page

import (
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"tongban/internal/access"
	"tongban/internal/catalog"
)

// homeView is the way in: a county's, or a village's of its own.
type homeView struct {
	frame
	Asked  bool // a search
	Text   string
	Found  []link
	Themes []theme
	Towns  []town
	Walls  []wall  // demonstration only
	Staff  []staff // demonstration only
	Secret string  // the demonstration's password
}

type theme struct {
	Name  string
	Items []link
}

type link struct{ Name, Href string }

// wall is a code as it hangs on a wall.
type wall struct {
	Title, Code string
	QR          template.HTML
}

type staff struct{ Username, Name, Posts string }

// longestSearch in characters.
const longestSearch = 64

// home answers /, with ?village= for a village and ?q= for a search.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	query, err := queryOf(r)
	if err != nil {
		return err
	}
	c, now, err := p.facts(r.Context())
	if err != nil {
		return err
	}
	return p.showHome(w, r, c, now, c.villages[access.Area(query.Get("village"))], shorten(query.Get("q"), longestSearch))
}

func (p *Pages) showHome(w http.ResponseWriter, r *http.Request, c *county, now *catalog.Snapshot, v *village, text string) error {
	title := c.Name + "办事指南"
	if v != nil {
		title = v.Name + "办事指南"
	}
	view := homeView{frame: c.frame(title, v), Text: strings.TrimSpace(text)}
	view.Asked = view.Text != ""
	found := now.Search(catalog.Query{Village: view.area(), Text: view.Text})
	if view.Asked {
		for _, e := range found {
			view.Found = append(view.Found, view.link(e.Item))
		}
	} else {
		view.Themes = view.themesOf(found)
	}
	if v == nil {
		view.Towns = c.towns
	}
	if v == nil && !view.Asked {
		if err := p.demonstrate(&view, c, now); err != nil {
			return err
		}
	}
	return p.show(w, r, http.StatusOK, "home", view)
}

// link leads to an item's guide, in the village that one came from.
func (f frame) link(it *catalog.Item) link {
	href := "/items/" + it.ID
	if f.Village != nil {
		href += "?village=" + string(f.Village.Code)
	}
	return link{it.Name, href}
}

func (f frame) themesOf(entries []catalog.Entry) []theme {
	var themes []theme
	at := map[string]int{}
	for _, e := range entries {
		i, ok := at[e.Theme]
		if !ok {
			i = len(themes)
			at[e.Theme] = i
			themes = append(themes, theme{Name: e.Theme})
		}
		themes[i].Items = append(themes[i].Items, f.link(e.Item))
	}
	return themes
}

// demonstrate adds the walls and the accounts of a demonstration, if there are accounts.
func (p *Pages) demonstrate(view *homeView, c *county, now *catalog.Snapshot) error {
	if len(p.Staff) == 0 {
		return nil
	}
	view.Secret = p.Password
	for _, a := range p.Staff {
		var posts []string
		for _, post := range a.Posts {
			title := post.Title
			if label := post.Role.Label(); label != title {
				title += "（" + label + "）"
			}
			posts = append(posts, title)
		}
		view.Staff = append(view.Staff, staff{a.Username, a.Name, strings.Join(posts, "、")})
	}
	for _, t := range c.towns {
		for _, v := range t.Villages {
			code := now.VillageCode(v.Code)
			if code == "" {
				continue
			}
			picture, err := p.qrOf(code, v.Name+"的二维码")
			if err != nil {
				return err
			}
			view.Walls = append(view.Walls, wall{v.Name, code, picture})
		}
	}
	return nil
}

// shorten cuts a text after some characters; bad UTF-8 becomes nothing.
func shorten(text string, most int) string {
	if !utf8.ValidString(text) {
		return ""
	}
	for i := range text {
		if most--; most < 0 {
			return text[:i]
		}
	}
	return text
}
