//go:build unix && !race

package main

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/net/html"
)

// visitor goes through the pages with nothing but links and forms.
type visitor struct {
	t     *testing.T
	s     *serving
	pages []shown
	slip  []string // number and query code of an appeal, as filled in
}

var answersHere = []string{"a.who", "self", "a.hukou", "here", "a.job", "never", "a.aid", "no", "a.pay", "self"}

// shown is a page as it was sent.
type shown struct {
	name, path string
	status     int
	header     http.Header
	body       []byte
	tree       *html.Node
}

// goThrough is the way of somebody with an old phone: he finds what he needs, answers, takes the notice home, prints it, and follows what
// he handed in.
func (v *visitor) goThrough() {
	t := v.t
	v.s = install(t).serve(t)
	home := v.open("home", "/")
	listed := v.send(home, "找一找", "found", 200, "q", "养老")
	if len(listed.links("/items/")) == 0 {
		t.Fatal("nothing was found")
	}
	v.send(home, "找一找", "found-nothing", 200, "q", "没有这种事")
	v.open("village", home.links("/?village=")[0])

	guide := v.open("guide", "/q/"+onTheWall)
	open := v.send(guide, "看我要带什么", "list-open", 200)
	open.says(t, "个问题没答")
	v.send(guide, "看我要带什么", "list-stopped", 200, "a.who", "student").says(t, "现在还办不了")
	list := v.send(guide, "看我要带什么", "list", 200, answersHere...)
	list.holds(t, "重新看我要带什么", answersHere...)
	held := v.send(list, "记下我有的", "list-held", 200, "have", "id_card")
	held.holds(t, "重新看我要带什么", append(answersHere, "have", "id_card")...)

	wrong := v.send(held, "生成一次性告知单", "list-wrong", 422, "name", "12345")
	wrong.holds(t, "重新看我要带什么", append(answersHere, "have", "id_card")...)
	notice := v.send(wrong, "生成一次性告知单", "notice", 201, "name", "王秀兰")
	number, code := notice.finds(t, `<dt>编号</dt><dd><b>([^<]+)<`), notice.finds(t, `<p class="code">(\d{6})<`)
	v.send(list, "生成打印用的单子", "notice-to-print", 201).says(t, `class="paper"`, "纸张选 A4")
	again := v.open("notice-scanned", notice.header.Get("Location"))
	v.open("notice-printed", again.links("?print=1")[0]).says(t, `class="paper"`)

	track := v.open("track", again.links("/track")[0])
	v.send(track, "查一查", "track-wrong", 404, "number", number, "query_code", "000000")
	v.send(track, "查一查", "track-notice", 200, "number", number, "query_code", code).says(t, "一次性告知单", "王**")
	v.follow(track)
	v.open("privacy", track.links("/privacy")[0])
	v.openWith("sorry", "/q/EQ4KX4RQB4", "", 404)
	v.open("docs", "/docs")
	nowhere := v.open("guide-of-the-county", "/q/EQ4KX4RQB3")
	v.send(nowhere, "看我要带什么", "list-without-village", 200, answersHere...).says(t, "您是哪个村的")
}

// follow tracks an appeal and a case that somebody handed in by the mini-program, and looks at the case's papers.
func (v *visitor) follow(track shown) {
	t := v.t
	t.Helper()
	resident := v.s.resident(t, "lookout.1", "张杏花", xinglin)
	appeal := submit(t, v.s, resident)
	slip := func(a answer) []string {
		return []string{"number", a.text(t, "number"), "query_code", a.text(t, "query_code")}
	}
	v.slip = slip(appeal)
	v.send(track, "查一查", "track-appeal", 200, v.slip...).says(t, "办到哪一步了")

	claim := resident.get(t, "/items?q="+url.QueryEscape("养老保险待遇申领")).text(t, "items.0.id")
	id := resident.post(t, "/cases", 201, map[string]any{
		"item_id": claim, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": "ready"},
		"papers": []map[string]any{{"material": "id_card"}, {"material": "hukou_book"}, {"material": "ss_card"}, {"material": "application_form"}},
	}).text(t, "id")
	v.send(track, "查一查", "track-case", 200, slip(resident.post(t, "/cases/"+id+"/submit", 200, map[string]any{}))...).says(t, "办到哪一步了")
	// by day a round may be faster, so whatever it is told
	window := v.s.as(t, "window-hall", v.s.printed(t, `has the password (\S+)`))
	if _, err := window.send(http.MethodPost, base+"/cases/"+id+"/receive", "application/json", []byte("{}"), uuid.NewString()); err != nil {
		t.Fatal(err)
	}
	v.openWith("documents", base+"/cases/"+id+"/documents.html", resident.token, 200)
	v.openWith("copy", base+"/me/export.html", resident.token, 200)
	v.open("genuine", resident.get(t, "/cases/"+id+"/documents").text(t, "documents.0.check_path")).says(t, "是真的")
}

// walk has the browser itself go from the scan to the paper, and find both the notice and an appeal again.
func (v *visitor) walk(p *phone) {
	p.goes(v.s.url + "/q/" + onTheWall)
	p.reads("城乡居民基本养老保险参保登记")
	p.fill(answersHere...)
	p.press("看我要带什么", "您要带的材料", "要带1样，县里能查1样")
	p.fill("have", "id_card")
	p.press("记下我有的", "您要带的材料", "已有1样（去时带上），县里能查1样")
	p.fill("name", "王秀兰")
	p.press("生成一次性告知单", "一次性告知单", "只显示这一次", "王秀兰", "要带1样，县里能查1样")
	number, code := p.finds(`GZ\d+ \d+ \d+`), p.finds(`查询码\s+(\d{6})\s`)
	p.goes(p.finds(`http://\S+/q/\w+`)) // as its code says
	p.reads("一次性告知单", number, "王**")
	p.press("打印这张单子", "一次性告知单", "纸张选 A4", number)
	p.prints("scanned", 2)
	p.press("回到手机上看的样子", "一次性告知单", number)
	p.press("查进度", "查进度")
	p.fill("number", number, "query_code", "000000")
	p.press("查一查", "查进度", "编号或查询码不对")
	p.fill("query_code", code) // the number stands there still
	p.press("查一查", "一次性告知单", number, "王**")
	p.press("查进度", "查进度")
	p.fill(v.slip...)
	p.press("查一查", "办理进度", "办到哪一步了")

	shortest, longest, named := v.extremes()
	for _, paper := range []struct {
		name string
		of   item
		most int
	}{{"shortest", shortest, 2}, {"longest", longest, 3}, {"longest-name", named, 3}} {
		p.goes(v.s.url + "/items/" + paper.of.ID + "?village=" + xinglin)
		p.reads(paper.of.Name)
		p.press("看我要带什么", "您要带的材料", "个问题没答")
		p.press("生成打印用的单子", "一次性告知单", "纸张选 A4", "查询码")
		p.prints(paper.name, paper.most)
	}
	for _, said := range p.said {
		if !strings.HasPrefix(said, "Failed to load resource: the server responded") { // the wrong query code
			p.t.Errorf("the browser complains: %s", said)
		}
	}
}

func (v *visitor) open(name, path string) shown { v.t.Helper(); return v.openWith(name, path, "", 200) }

func (v *visitor) openWith(name, path, token string, status int) shown {
	v.t.Helper()
	who := v.s.stranger()
	who.token = token
	got, err := who.send(http.MethodGet, path, "", nil, "")
	return v.keep(name, path, status, got, err)
}

// send fills in the form that has a button of this name, as it stands in the page, and presses the button. Filled in are name, value pairs;
// what the page does not offer cannot be.
func (v *visitor) send(from shown, button, name string, status int, filled ...string) shown {
	v.t.Helper()
	f := from.form(v.t, button)
	for i := 0; i < len(filled); i += 2 {
		f.fill(v.t, filled[i], filled[i+1])
	}
	var got answer
	var err error
	if f.method == http.MethodGet {
		got, err = v.s.stranger().send(f.method, f.action+"?"+f.values.Encode(), "", nil, "")
	} else {
		got, err = v.s.stranger().send(f.method, f.action, "application/x-www-form-urlencoded", []byte(f.values.Encode()), "")
	}
	return v.keep(name, f.action, status, got, err)
}

func (v *visitor) keep(name, path string, status int, got answer, err error) shown {
	v.t.Helper()
	if err != nil || got.status != status {
		v.t.Fatalf("%s at %s: %d %v\n%s", name, path, got.status, err, got.body)
	}
	tree, err := html.Parse(bytes.NewReader(got.body))
	if err != nil {
		v.t.Fatal(err)
	}
	p := shown{name, path, got.status, got.header, got.body, tree}
	v.pages = append(v.pages, p)
	return p
}

// form is what a browser would send of a form.
type form struct {
	method, action string
	values         url.Values
	offered        map[string][]string // what can be ticked or chosen
	typed          []string            // what can be typed into
	only           []string            // of which one alone is sent
}

// form finds the form that has this button.
func (p shown) form(t *testing.T, button string) form {
	t.Helper()
	for node := range p.tree.Descendants() {
		if node.Type != html.ElementNode || node.Data != "form" {
			continue
		}
		f := form{http.MethodGet, p.path, url.Values{}, map[string][]string{}, nil, nil}
		pressed := false
		if strings.EqualFold(attribute(node, "method"), "post") {
			f.method = http.MethodPost
		}
		if to := attribute(node, "action"); to != "" {
			f.action = to
		}
		for field := range node.Descendants() {
			name := attribute(field, "name")
			if field.Data == "button" && strings.TrimSpace(textOf(field)) == button {
				pressed = true
				if name != "" {
					f.values.Add(name, attribute(field, "value"))
				}
			} else if name != "" {
				f.take(field, name)
			}
		}
		if pressed {
			return f
		}
	}
	t.Fatalf("%s has no form with the button %s", p.name, button)
	return form{}
}

func (f *form) take(field *html.Node, name string) {
	value := attribute(field, "value")
	switch kind := attribute(field, "type"); {
	case field.Data == "select":
		for option := range field.Descendants() {
			if option.Data == "option" {
				f.offered[name] = append(f.offered[name], attribute(option, "value"))
			}
		}
		f.only = append(f.only, name)
		f.values.Set(name, f.offered[name][0])
	case kind == "radio" || kind == "checkbox":
		f.offered[name] = append(f.offered[name], value)
		if kind == "radio" {
			f.only = append(f.only, name)
		}
		if has(field, "checked") {
			f.values.Add(name, value)
		}
	case kind == "hidden":
		f.values.Add(name, value)
	case field.Data == "input":
		f.typed = append(f.typed, name)
		f.values.Set(name, value)
	}
}

func (f *form) fill(t *testing.T, name, value string) {
	t.Helper()
	switch {
	case slices.Contains(f.typed, name), slices.Contains(f.only, name) && slices.Contains(f.offered[name], value):
		f.values.Set(name, value)
	case slices.Contains(f.offered[name], value):
		f.values.Add(name, value)
	default:
		t.Fatalf("nobody can fill in %s=%s", name, value)
	}
}

// holds demands that a form would send this again, untouched: nothing that was ticked is lost.
func (p shown) holds(t *testing.T, button string, filled ...string) {
	t.Helper()
	sent := p.form(t, button).values
	for i := 0; i < len(filled); i += 2 {
		if !slices.Contains(sent[filled[i]], filled[i+1]) {
			t.Errorf("%s forgets %s=%s: %v", p.name, filled[i], filled[i+1], sent)
		}
	}
}

func (p shown) says(t *testing.T, texts ...string) shown {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(string(p.body), text) {
			t.Errorf("%s does not say %s", p.name, text)
		}
	}
	return p
}

// finds answers the group of a pattern.
func (p shown) finds(t *testing.T, pattern string) string {
	t.Helper()
	groups := found(string(p.body), pattern)
	if len(groups) == 0 {
		t.Fatalf("%s has no %s", p.name, pattern)
	}
	return groups[0]
}

// links are those that have this in their address.
func (p shown) links(part string) (list []string) {
	for node := range p.tree.Descendants() {
		if to := attribute(node, "href"); node.Data == "a" && strings.Contains(to, part) {
			list = append(list, to)
		}
	}
	return list
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(node *html.Node, name string) bool {
	return slices.ContainsFunc(node.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(node *html.Node) string {
	var b strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}
