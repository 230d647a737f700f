// Package page is the face for people without the mini-program: HTML pages on the phone, at the clerk's desk and on paper.
//
// No page has a script. One sheet of style is inlined, so a page is one request on a weak network. The pages are large by
// default: there is no second version for the elderly (适老化). What a villager scans most, the guide of an item in his
// village, is kept ready as bytes.
package page

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/notice"
)

// Deps are what the pages stand on.
type Deps struct {
	Catalog  *catalog.Desk
	Notices  *notice.Desk
	Cases    *casework.Desk
	Appeals  *appeal.Desk
	Accounts *account.Desk
	// Named and Numbered count what a stranger does against the village that he names, or that his number holds; the api's.
	Named    func(ctx context.Context, village access.Area) error
	Numbered func(ctx context.Context, number string) error
	Proofs   map[string]string      // paths and texts of WeChat's files, see proofs
	BaseURL  string                 // as printed in codes, such as https://example.gov.cn
	Status   func(*fault.Fault) int // the HTTP status of a fault; the api's
	Log      *slog.Logger           // our own failures; nil for nobody
	Staff    []account.DemoAccount  // listed at "/" with sample codes, if there are any: a demonstration's
	Password string                 // theirs
}

// Pages are all pages.
type Pages struct {
	Deps
	ready  atomic.Pointer[shelf]
	making sync.Mutex      // of the ready pages
	packer *catalog.Packer // of making
	zips   sync.Pool       // of gzip.Writer, for pages made once
}

// New makes the pages; the desks may still be empty.
func New(d Deps) *Pages {
	d.Log = cmp.Or(d.Log, slog.New(slog.DiscardHandler))
	p := &Pages{Deps: d, packer: catalog.NewPacker()}
	p.ready.Store(&shelf{revision: -1})
	return p
}

// Route is a page's line in the list of routes. The handler finds {x} of the path by r.PathValue("x") and takes r.RemoteAddr
// for the visitor's address. The fields are those of the api's own Page, so that one converts to the other.
type Route struct {
	Method, Path, Name, Title string
	Status                    int  // of success
	Guess                     bool // it answers a guess at a secret
	Idempotent                bool // it makes something once, under the key that its form holds
	Handler                   http.HandlerFunc
}

// Routes lists all pages.
func (p *Pages) Routes() []Route {
	return append(p.proofs(), []Route{
		{"GET", "/", "showHome", "首页：找事项", http.StatusOK, false, false, p.page(p.home)},
		{"GET", "/q/{code}", "scanCode", "扫码打开的页面", http.StatusOK, false, false, p.page(p.scan)},
		{"GET", "/d/{code}", "checkDocument", "文书验真", http.StatusOK, true, false, p.page(p.checkDocument)},
		{"GET", "/items/{id}", "showGuide", "办事指南（网页）", http.StatusOK, false, false, p.page(p.guide)},
		{"POST", "/items/{id}", "showList", "答了问题，看要带的材料（网页）", http.StatusOK, false, false, p.page(p.showList)},
		{"POST", "/items/{id}/notice", "writeNotice", "生成一次性告知单（网页）", http.StatusCreated, false, true, p.page(p.writeNotice)},
		{"GET", "/track", "askTrack", "查进度（填编号）", http.StatusOK, false, false, p.page(p.askTrack)},
		{"GET", "/privacy", "showPrivacy", "个人信息告知书（网页）", http.StatusOK, false, false, p.page(p.privacy)},
		{"POST", "/track", "showTrack", "查进度（看结果）", http.StatusOK, true, false, p.page(p.showTrack)},
	}...)
}

// page lets a handler return its error.
func (p *Pages) page(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			p.fail(w, r, err)
		}
	}
}
