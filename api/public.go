package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// kept is a public answer as it goes out: whole, compressed, or only the word that nothing changed.
type kept struct {
	status   int
	etag     string
	encoding string
	body     []byte
}

// worthZipping is the size in bytes from which compression saves a packet.
const worthZipping = 1400

// keepable gives a public answer its strong ETag, one per encoding, and leaves out what the client has already.
func keepable(body []byte, request http.Header) kept {
	sum := sha256.Sum256(body)
	k := kept{status: http.StatusOK, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, body: body}
	if len(body) >= worthZipping && takesGzip(request.Get("Accept-Encoding")) {
		k.etag = strings.TrimSuffix(k.etag, `"`) + `-gzip"`
		k.encoding = "gzip"
	}
	if matches(request.Get("If-None-Match"), k.etag) {
		return kept{status: http.StatusNotModified, etag: k.etag}
	}
	if k.encoding != "" {
		k.body = zip(body)
	}
	return k
}

// matches compares weakly, as If-None-Match asks (RFC 9110, 13.1.2).
func matches(header, etag string) bool {
	for given := range strings.SplitSeq(header, ",") {
		given = strings.TrimPrefix(strings.TrimSpace(given), "W/")
		if given == "*" || given == etag {
			return true
		}
	}
	return false
}

// takesGzip reads Accept-Encoding: gzip, unless it is refused by q=0.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

func zip(body []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}
