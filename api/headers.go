package api

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
)

const requestIDHeader = "X-Request-Id"

// The guard headers are on every answer, so their values are made once: nobody changes a header's value in place.
var (
	noSniff      = []string{"nosniff"}
	noReferrer   = []string{"no-referrer"} // a link of ours may hold a query code
	noContent    = []string{"default-src 'none'; frame-ancestors 'none'"}
	noStore      = []string{"no-store"}
	askAgain     = []string{"public, no-cache"} // may be kept, is asked for again with its ETag
	byEncoding   = []string{"Accept-Encoding"}
	asJSON       = []string{"application/json"}
	gzipped      = []string{"gzip"}
	onlySecurely = []string{"max-age=31536000"}
)

// guardHeaders: a page sets its own content policy, a public read its own Cache-Control. An answer from memory has only
// what it needs, because each header costs as much as finding the answer: it is no page, and its address holds no secret.
func guardHeaders(h http.Header, r *Route, https bool) {
	h["X-Content-Type-Options"] = noSniff
	if https {
		h["Strict-Transport-Security"] = onlySecurely
	}
	if r != nil && r.inMemory {
		h["Cache-Control"], h["Vary"] = askAgain, byEncoding
		return
	}
	h["Referrer-Policy"] = noReferrer
	h["Content-Security-Policy"] = noContent
	h["Cache-Control"] = noStore
}

var (
	traceShape     = regexp.MustCompile(`^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}`)
	requestIDShape = regexp.MustCompile(`^[0-9a-fA-F][0-9a-fA-F-]{15,63}$`)
)

// requestID takes over the id that a proxy gave, if it has the shape of one, else makes its own.
func requestID(h http.Header) string {
	if given := h.Get("Traceparent"); given != "" {
		if trace := traceShape.FindStringSubmatch(given); trace != nil && strings.Trim(trace[1], "0") != "" {
			return trace[1]
		}
	}
	if given := h.Get(requestIDHeader); given != "" && requestIDShape.MatchString(given) {
		return given
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails
	return hex.EncodeToString(id[:])
}
