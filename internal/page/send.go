package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"

	"tongban/internal/catalog"
)

// Values of headers, made once: a header map takes them as they are.
var (
	htmlType   = []string{"text/html; charset=utf-8"}
	ourPolicy  = []string{policy}
	keptShort  = []string{"public, no-cache"} // may be kept, is asked for again with its ETag
	keptNever  = []string{"no-store"}
	byEncoding = []string{"Accept-Encoding"}
	zipped     = []string{"gzip"}
)

func head(w http.ResponseWriter, cache []string) http.Header {
	h := w.Header()
	h["Content-Security-Policy"] = ourPolicy
	h["Cache-Control"] = cache
	h["Vary"] = byEncoding
	return h
}

// sendReady sends a page that is kept as bytes, or only the word that the visitor has it already.
func sendReady(w http.ResponseWriter, r *http.Request, page *catalog.Encoded) {
	h := head(w, keptShort)
	body, tag := page.Plain, page.ETag
	packed := takesGzip(r.Header.Get("Accept-Encoding"))
	if packed {
		body, tag = page.Gzip, page.GzipETag
	}
	h["Etag"] = []string{tag}
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Type"] = htmlType
	if packed {
		h["Content-Encoding"] = zipped
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))} // else net/http sends it in chunks
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // a visitor who went away needs no page
}

// worthZipping is the size in bytes from which compression saves a packet.
const worthZipping = 1400

// sendOnce sends a page made for one visitor, which nobody may keep.
func (p *Pages) sendOnce(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := head(w, keptNever)
	h["Content-Type"] = htmlType
	if len(body) < worthZipping || !takesGzip(r.Header.Get("Accept-Encoding")) {
		w.WriteHeader(status)
		_, _ = w.Write(body)
		return
	}
	h["Content-Encoding"] = zipped
	w.WriteHeader(status)
	packer, ok := p.zips.Get().(*gzip.Writer)
	if !ok {
		packer = gzip.NewWriter(nil)
	}
	defer p.zips.Put(packer)
	packer.Reset(w)
	_, _ = packer.Write(body)
	_ = packer.Close()
}

// show renders a page for one visitor and sends it. Nothing goes out before all of it is there.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, name string, view any) error {
	var body bytes.Buffer
	if err := render(&body, name, view); err != nil {
		return err
	}
	p.sendOnce(w, r, status, body.Bytes())
	return nil
}

// takesGzip reads Accept-Encoding: gzip, unless it is refused by q=0.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			return weight == "" || strings.Trim(weight, "0.") != ""
		}
	}
	return false
}

// matches compares weakly, as If-None-Match asks (RFC 9110, 13.1.2).
func matches(header, tag string) bool {
	if header == "" {
		return false
	}
	for given := range strings.SplitSeq(header, ",") {
		given = strings.TrimPrefix(strings.TrimSpace(given), "W/")
		if given == "*" || given == tag {
			return true
		}
	}
	return false
}
