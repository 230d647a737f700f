package page

import (
	"embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed templates/*.html
var files embed.FS

// templates by the name of the page: each is layout.html with the parts that several pages share and a "main" of its own.
var templates = parse("home", "guide", "list", "notice", "track", "progress", "privacy", "sorry", "copy", "documents", "genuine")

func parse(names ...string) map[string]*template.Template {
	shared := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"dial": dial, "hours": hoursOf, "day": dayOf, "moment": momentOf, "grouped": grouped, "how": howOf, "class": classOf, "opinion": opinionOf, "entrusting": entrustings, "next": func(i int) int { return i + 1 },
	}).ParseFS(files, "templates/layout.html", "templates/parts.html"))
	all := map[string]*template.Template{}
	for _, name := range names {
		all[name] = template.Must(template.Must(shared.Clone()).ParseFS(files, "templates/"+name+".html"))
	}
	return all
}

func render(w io.Writer, name string, view any) error {
	if err := templates[name].Execute(w, view); err != nil {
		return fmt.Errorf("page: %s: %w", name, err)
	}
	return nil
}

// frame is what every page has around its content.
type frame struct {
	Title   string
	County  string // its name; empty while nothing is loaded
	Village *village
	Near    *where // always shown: where a person helps; nil while nothing is loaded
	Private bool   // of one visitor: not for search engines
	Paper   bool   // laid out for printing
}

// Sheet is the style of all pages.
func (frame) Sheet() template.CSS { return sheet }

// Home is the way back: to his village, if he came from one.
func (f frame) Home() string {
	if f.Village == nil {
		return "/"
	}
	return "/?village=" + string(f.Village.Code)
}

func (c *county) frame(title string, v *village) frame {
	return frame{Title: title, County: c.Name, Village: v, Near: c.near(v)}
}
