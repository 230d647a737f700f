package page

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tongban/internal/catalog"
)

// checkPage demands what holds for every page that goes out: nothing that runs, nothing from elsewhere, one sheet that the
// policy names by its hash, Chinese, zoom left alone, a label for every field.
func checkPage(t testing.TB, h http.Header, page string) {
	t.Helper()
	if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "<no value>") {
		t.Error("a template made nothing of something")
	}
	tags := markup(page)
	ids, labelled, sheets := map[string]bool{}, map[string]bool{}, 0
	for _, tag := range tags {
		switch tag.Data {
		case "script", "iframe", "object", "embed", "base", "img":
			t.Errorf("the page has a %s", tag.Data)
		case "html":
			if attr(tag, "lang") != "zh-CN" {
				t.Error("the page is not said to be Chinese")
			}
		case "style":
			sheets++
		case "label":
			labelled[attr(tag, "for")] = true
		}
		for _, a := range tag.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s has the attribute %s", tag.Data, a.Key)
			case slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) && !ours(a.Val):
				t.Errorf("the page leads to %q", a.Val)
			case a.Key == "content" && (strings.Contains(a.Val, "scalable") || strings.Contains(a.Val, "maximum")):
				t.Error("zoom is blocked")
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("the id %q stands twice", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			}
		}
	}
	for _, tag := range tags {
		named := tag.Data == "select" || tag.Data == "input" && slices.Contains([]string{"text", "search"}, attr(tag, "type"))
		if named && !labelled[attr(tag, "id")] {
			t.Errorf("the field %s has no label", attr(tag, "name"))
		}
	}
	if sheets != 1 || strings.Count(page, "<h1>") != 1 {
		t.Errorf("%d sheets", sheets)
	}
	checkHeaders(t, h, page)
}

func checkHeaders(t testing.TB, h http.Header, page string) {
	t.Helper()
	_, after, _ := strings.Cut(page, "<style>")
	inlined, _, _ := strings.Cut(after, "</style>")
	sum := sha256.Sum256([]byte(inlined))
	rules := strings.Split(h.Get("Content-Security-Policy"), "; ")
	for _, rule := range []string{
		"default-src 'self'", "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", "form-action 'self'",
		"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "img-src 'self' data:",
	} {
		if !slices.Contains(rules, rule) {
			t.Errorf("the policy %q lacks %q", rules, rule)
		}
	}
	if h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("Vary") != "Accept-Encoding" || h.Get("Cache-Control") == "" {
		t.Errorf("headers %v", h)
	}
}

// markup are the tags of a page, as a browser reads them.
func markup(page string) []html.Token {
	var tags []html.Token
	for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
		if t := z.Token(); t.Type == html.StartTagToken || t.Type == html.SelfClosingTagToken {
			tags = append(tags, t)
		}
	}
	return tags
}

func attr(tag html.Token, name string) string {
	for _, a := range tag.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// ours reports whether a link stays here or dials a number.
func ours(link string) bool {
	return strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//") && !strings.HasPrefix(link, "/\\") ||
		strings.HasPrefix(link, "#") || strings.HasPrefix(link, "tel:") || link == "data:,"
}

func TestHome(t *testing.T) {
	h := open(t)
	page := h.get("/")
	wantText(t, page, "青禾县", "社会保险", "城乡居民基本养老保险参保登记", "杏林村", "松岭村", `href="/track"`, "tel:12345", "县政务服务大厅")
	if strings.Contains(page, "演示") {
		t.Error("accounts are shown without having been given")
	}
	page = h.get("/?village=" + string(xinglin))
	wantText(t, page, "杏林村便民服务站", "tel:04005550211", "/items/"+pension+"?village="+string(xinglin))
	wantText(t, h.get("/?q=yanglao"), "城乡居民基本养老保险参保登记", "找到")
	wantText(t, h.get("/?q=没有这种事"), "没有找到")
	wantText(t, h.get("/?q=%FF&village=1"), "按类别找")
}

func TestDemonstrationShowsWallsAndAccounts(t *testing.T) {
	h := open(t)
	var err error
	h.Staff, err = h.Accounts.DemoAccounts(t.Context())
	must(t, err)
	h.Password = "abcd-efgh-2345"
	page := h.get("/")
	wantText(t, page, "clerk-xinglin", "苗杏芳", "村办事员、第一网格网格长（网格员）", "abcd-efgh-2345", "KBRX5D0YNV")
	if n := strings.Count(page, "<svg"); n != 3 {
		t.Errorf("%d codes for three villages", n)
	}
	for _, searching := range []string{"/?q=x", "/?village=" + string(xinglin)} {
		if strings.Contains(h.get(searching), "abcd-efgh-2345") {
			t.Error("the password is shown where nobody looks for it")
		}
	}
}

func TestScan(t *testing.T) {
	h := open(t)
	county := h.get("/q/EQ4KX4RQB3")
	wantText(t, county, "城乡居民基本养老保险参保登记", "看我要带什么", "县政务服务大厅")
	inVillage := h.get("/q/9n5a-4ga8-sg")
	wantText(t, inVillage, "tel:04005550211", `name="village" value="219901101201"`)
	if strings.Contains(inVillage, "河湾村") {
		t.Error("another village's station is named")
	}
	wantText(t, h.get("/q/KBRX5D0YNV"), "杏林村 办事不出屯", "按类别找")
	must(t, h.Catalog.Flush(t.Context()))
	var scans int64
	must(t, h.store.Read(t.Context()).Table("scans").Select("SUM(scans)").Scan(&scans).Error)
	if scans != 3 {
		t.Errorf("%d scans were counted", scans)
	}
}

func TestCodeThatLeadsNowhere(t *testing.T) {
	h := open(t)
	fresh := catalog.NewCode(9)
	for code, says := range map[string]string{
		fresh: "没有这个码", "EQ4KX4RQB4": "可能抄错了一个字", "%3Cscript%3E": "可能抄错了一个字", strings.Repeat("A", 300): "可能抄错了一个字",
	} {
		page := h.ask(httptest.NewRequest("GET", "/q/"+code, nil), 404)
		wantText(t, page, says, "再扫一次", "tel:12345", "杏林村便民服务站", "tel:04005550311")
	}
	wantText(t, h.ask(httptest.NewRequest("GET", "/items/x", nil), 404), "没有这个事项")
}

func TestGuideIsKept(t *testing.T) {
	h := open(t)
	ask := func(encoding, known string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/items/"+pension+"?village="+string(xinglin), nil)
		r.Header.Set("Accept-Encoding", encoding)
		r.Header.Set("If-None-Match", known)
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, r)
		return w
	}
	plain, packed := ask("", ""), ask("br, gzip", "")
	if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > plain.Body.Len()/2 {
		t.Error("the page is not compressed for whoever takes it")
	}
	if plain.Header().Get("ETag") == packed.Header().Get("ETag") || plain.Header().Get("Cache-Control") != "public, no-cache" {
		t.Errorf("headers %v", plain.Header())
	}
	if packed.Header().Get("Content-Length") != strconv.Itoa(packed.Body.Len()) {
		t.Error("the length is not told beforehand")
	}
	for encoding, first := range map[string]*httptest.ResponseRecorder{"": plain, "gzip": packed} {
		again := ask(encoding, `"x", W/`+first.Header().Get("ETag"))
		if again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("ETag") != first.Header().Get("ETag") {
			t.Errorf("%q: %d with %d bytes", encoding, again.Code, again.Body.Len())
		}
	}
	if ask("gzip;q=0", "").Header().Get("Content-Encoding") != "" {
		t.Error("gzip was refused and sent")
	}
	if !slices.Equal(ask("", "").Body.Bytes(), plain.Body.Bytes()) {
		t.Error("the same page differs")
	}
}

// TestRoutesConvert: the api takes these fields in this order.
func TestRoutesConvert(t *testing.T) {
	type page struct {
		Method, Path, Name, Title string
		Status                    int
		Guess, Idempotent         bool
		Handler                   http.HandlerFunc
	}
	for _, r := range New(Deps{Status: statusOf}).Routes() {
		if p := page(r); p.Handler == nil || p.Name == "" || p.Title == "" || p.Guess != (p.Name == "showTrack" || p.Name == "checkDocument") {
			t.Errorf("%+v", r)
		}
	}
}
