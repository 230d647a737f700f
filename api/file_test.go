package api

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// jpegOf is a photo of w × h pixels.
func jpegOf(t testing.TB, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(x * 5), uint8(y * 7), 90, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const whereItWas = "N43 53 06 E125 19 27"

// fromPhone adds what a phone writes into a photo: that it was held sideways, and where.
func fromPhone(photo []byte) []byte {
	le := binary.LittleEndian
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00")
	exif = le.AppendUint16(exif, 2) // two entries
	exif = append(exif, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0)
	exif = append(exif, 0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0) // the position stands 38 bytes on
	exif = le.AppendUint32(exif, 0)
	exif = append(exif, whereItWas...)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(exif)+2))
	return bytes.Join([][]byte{photo[:2], segment, exif, photo[2:]}, nil)
}

// bomb is a PNG of 74 bytes that claims 50,000 × 50,000 pixels.
func bomb() []byte {
	chunk := func(kind string, data []byte) []byte {
		body := append([]byte(kind), data...)
		out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
	}
	size := binary.BigEndian.AppendUint32(nil, 50_000)
	head := append(append(bytes.Clone(size), size...), 8, 2, 0, 0, 0)
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head), chunk("IDAT", make([]byte, 17)), chunk("IEND", nil)}, nil)
}

// upload sends one file.
func (h *house) upload(t testing.TB, who string, content []byte, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	body, kind := form(t, "file", content)
	return h.send(t, who, "POST", "/api/v1/files", body, append([]string{"Content-Type", kind, keyHeader, uuid.NewString()}, headers...)...)
}

func TestPhotoComesBackClean(t *testing.T) {
	h := openHouse(t)
	sent := fromPhone(jpegOf(t, 64, 32))
	w := h.upload(t, "zhang", sent)
	kept := read[fileView](t, w)
	if w.Code != 201 || kept.Width != 32 || kept.Height != 64 || len(kept.SHA256) != 64 || w.Header().Get("Location") != "/api/v1/files/"+kept.ID {
		t.Fatalf("%d %s %v", w.Code, w.Body, w.Header())
	}
	path := "/api/v1/files/" + kept.ID
	got := h.send(t, "zhang", "GET", path, "")
	if got.Code != 200 || int64(got.Body.Len()) != kept.Size || got.Header().Get("Content-Type") != "image/jpeg" {
		t.Fatalf("%d %v", got.Code, got.Header())
	}
	for _, never := range []string{whereItWas, "Exif", "N43"} {
		if bytes.Contains(got.Body.Bytes(), []byte(never)) {
			t.Errorf("the photo still holds %s", never)
		}
	}
	if m, err := jpeg.Decode(bytes.NewReader(got.Body.Bytes())); err != nil || m.Bounds().Dx() != 32 {
		t.Errorf("%v %v", m, err)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": photoPolicy, "Cache-Control": "private, no-cache",
		"Content-Disposition": `inline; filename="` + kept.ID + `.jpg"`, "ETag": `"` + kept.SHA256 + `"`, "Vary": "Authorization",
	} {
		if have := got.Header().Get(name); have != want {
			t.Errorf("%s: %q", name, have)
		}
	}
	if w := h.send(t, "zhang", "GET", path+"?download=true", ""); !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment;") {
		t.Errorf("%v", w.Header())
	}
	if w := h.send(t, "zhang", "GET", path, "", "If-None-Match", got.Header().Get("ETag")); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("%d", w.Code)
	}
	other := func(name, who, path string, status int, code string) scenario {
		return scenario{name: name, who: who, method: "GET", path: path, status: status, code: code}
	}
	h.play(t, map[string]string{"photo": kept.ID},
		other("a neighbour", "li", "/files/{photo}", 404, "request.not_found"),
		other("another village", "wang", "/files/{photo}", 404, "request.not_found"),
		other("his clerk, before it belongs to anything", "clerk-xinglin", "/files/{photo}", 404, "request.not_found"),
		other("with its ETag, still", "li", "/files/{photo}", 404, "request.not_found"),
		other("nobody", "", "/files/{photo}", 401, "token.missing"),
		other("unknown", "zhang", "/files/"+someID, 404, "request.not_found"),
		other("no id", "zhang", "/files/..%2f..%2fkeys.json", 404, "request.not_found"),
		other("how?", "zhang", "/files/{photo}?download=perhaps", 422, "request.invalid"),
	)
}

func TestUploadTwice(t *testing.T) {
	h := openHouse(t)
	photo := jpegOf(t, 20, 20)
	first, again := h.upload(t, "zhang", photo, keyHeader, someKey), h.upload(t, "zhang", photo, keyHeader, someKey)
	if first.Code != 201 || again.Body.String() != first.Body.String() || again.Header().Get("Location") != first.Header().Get("Location") {
		t.Errorf("%d %s, then %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if w := h.upload(t, "zhang", jpegOf(t, 21, 20), keyHeader, someKey); problemOf(t, w).Code != "idempotency.other_content" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.upload(t, "li", photo, keyHeader, someKey); w.Code != 201 || w.Body.String() == first.Body.String() {
		t.Errorf("somebody else with the same key: %d %s", w.Code, w.Body)
	}
}

func TestUploadsThatAreNoPhoto(t *testing.T) {
	h := openHouse(t)
	if n := len(bomb()); n != 74 {
		t.Fatalf("the bomb has %d bytes", n)
	}
	gif, _ := hex.DecodeString("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
	whole := jpegOf(t, 200, 200)
	for name, c := range map[string]struct {
		content []byte
		status  int
		code    string
	}{
		"a PNG of 50,000 × 50,000": {bomb(), 422, "file.too_many_pixels"},
		"half a photo":             {whole[:len(whole)/2], 422, "file.damaged"},
		"empty":                    {nil, 415, "file.unsupported"},
		"text":                     {[]byte("<script>alert(1)</script>"), 415, "file.unsupported"},
		"SVG":                      {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 415, "file.unsupported"},
		"GIF":                      {gif, 415, "file.unsupported"},
		"a PDF of nothing":         {[]byte("%PDF-1.7\n%EOF"), 422, "file.damaged"},
		"11 MB":                    {append(bytes.Clone(whole), make([]byte, 11<<20)...), 413, "request.too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			w := h.upload(t, "zhang", c.content)
			if p := problemOf(t, w); w.Code != c.status || p.Code != c.code {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	body, kind := form(t, "photo", whole)
	h.play(t, nil,
		scenario{name: "under another name", who: "zhang", method: "POST", path: "/files", body: body, headers: []string{"Content-Type", kind}, status: 422, code: "request.invalid", at: "body.file"},
		scenario{name: "as JSON", who: "zhang", method: "POST", path: "/files", body: `{"file":"x"}`, status: 415, code: "request.unsupported_type"},
		scenario{name: "cut off", who: "zhang", method: "POST", path: "/files", body: body[:len(body)/2], headers: []string{"Content-Type", kind}, status: 400, code: "request.malformed"},
		scenario{name: "without a key", who: "zhang", method: "POST", path: "/files", key: "-", body: body, headers: []string{"Content-Type", kind}, status: 400, code: "idempotency.missing"},
		scenario{name: "nobody", method: "POST", path: "/files", body: body, headers: []string{"Content-Type", kind}, status: 401, code: "token.missing"},
	)
}
