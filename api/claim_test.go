package api

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func (st *stand) letters() int {
	st.t.Helper()
	letters, err := st.Store.Due(st.t.Context(), 1000)
	if err != nil {
		st.t.Fatal(err)
	}
	return len(letters)
}

func TestKeyIsDemanded(t *testing.T) {
	st := openStand(t)
	const path, body = "/api/v1/toys", `{"name":"小车"}`
	st.refused(st.send("POST", path, body), 400, "idempotency.missing")
	for _, key := range []string{"short", strings.Repeat("x", 65), "has a space in", "中文中文中文中文", "tab\tinside1"} {
		st.refused(st.send("POST", path, body, keyHeader, key, "Authorization", bearer("zhang")), 400, "idempotency.malformed")
	}
	for _, key := range []string{"12345678", "00000000-0000-0000-0000-000000000000", "{" + someKey + "}", strings.ReplaceAll(someKey, "-", "")} {
		st.refused(st.send("POST", path, body, keyHeader, key), 400, "idempotency.malformed")
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header["Idempotency-Key"] = []string{someKey, someKey}
	st.refused(st.do(r), 400, "idempotency.malformed")
	if st.played.Load() != 0 {
		t.Error("a refused request was done")
	}
	if w := st.send("POST", path, body, keyHeader, "draft-0001", "Authorization", bearer("zhang")); w.Code != 201 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSameKeySameAnswer(t *testing.T) {
	st := openStand(t)
	const path, body = "/api/v1/toys", `{"name":"小车"}`
	first := st.send("POST", path, body, keyHeader, someKey)
	if first.Code != 201 || !strings.HasPrefix(first.Header().Get("Location"), "/api/v1/toys/") {
		t.Fatalf("%d %s %v", first.Code, first.Body, first.Header())
	}
	again := st.send("POST", path, body, keyHeader, strings.ToUpper(someKey))
	if again.Code != 201 || again.Body.String() != first.Body.String() || again.Header().Get("Location") != first.Header().Get("Location") {
		t.Errorf("first %s %v\nagain %s %v", first.Body, first.Header(), again.Body, again.Header())
	}
	if st.played.Load() != 1 || st.letters() != 1 {
		t.Errorf("done %d times, %d letters", st.played.Load(), st.letters())
	}
	st.refused(st.send("POST", path, `{"name":"大车"}`, keyHeader, someKey), 422, "idempotency.other_content")
	st.refused(st.send("POST", path, body+" ", keyHeader, someKey), 422, "idempotency.other_content")

	act := "/api/v1/toys/" + someID + "/play"
	one := st.send("POST", act, `{"how":"well"}`, keyHeader, someKey, "Authorization", bearer("wang"))
	two := st.send("POST", act, `{"how":"well"}`, keyHeader, someKey, "Authorization", bearer("wang"))
	if one.Code != 200 || one.Body.String() != two.Body.String() || one.Header().Get("Location") != "" {
		t.Errorf("%d %s, then %d %s", one.Code, one.Body, two.Code, two.Body)
	}
	other := strings.Replace(act, "ff/", "fe/", 1)
	st.refused(st.send("POST", other, `{"how":"well"}`, keyHeader, someKey, "Authorization", bearer("wang")), 422, "idempotency.other_content")
}

func TestNobodySeesAnothersAnswer(t *testing.T) {
	st := openStand(t)
	const path = "/api/v1/toys"
	mine := st.send("POST", path, `{"name":"小车"}`, keyHeader, someKey)
	// a stranger who has the key but not the very content learns only that the key is used
	w := st.send("POST", path, `{"name":"小马"}`, keyHeader, someKey)
	st.refused(w, 422, "idempotency.other_content")
	if strings.Contains(w.Body.String(), "小车") || w.Header().Get("Location") != "" {
		t.Errorf("he saw it: %s %v", w.Body, w.Header())
	}
	// another operation and a person's own calls have their own keys
	for _, c := range []struct{ path, token string }{{"/api/v1/gifts", ""}, {path, "zhang"}, {path, "li"}} {
		headers := []string{keyHeader, someKey}
		if c.token != "" {
			headers = append(headers, "Authorization", bearer(c.token))
		}
		his := st.send("POST", c.path, `{"name":"小车"}`, headers...)
		if his.Code != 201 || his.Body.String() == mine.Body.String() {
			t.Errorf("%+v: %d %s", c, his.Code, his.Body)
		}
	}
	if st.played.Load() != 4 {
		t.Errorf("done %d times", st.played.Load())
	}
}

func TestRefusalsAreNotKept(t *testing.T) {
	st := openStand(t)
	st.refused(st.send("POST", "/api/v1/toys", `{"name":"车"}`, keyHeader, someKey), 422, "request.invalid")
	if w := st.send("POST", "/api/v1/toys", `{"name":"小车"}`, keyHeader, someKey); w.Code != 201 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestSameKeyAtOnce(t *testing.T) {
	st := openStand(t)
	answers := make([]*httptest.ResponseRecorder, 20)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			r := httptest.NewRequest("POST", "/api/v1/toys", strings.NewReader(`{"name":"小车"}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(keyHeader, someKey)
			answers[i] = httptest.NewRecorder()
			st.http.ServeHTTP(answers[i], r)
		})
	}
	all.Wait()
	for _, w := range answers {
		if w.Code != 201 || w.Body.String() != answers[0].Body.String() {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if n := st.letters(); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestUpload(t *testing.T) {
	st := openStand(t)
	const path = "/api/v1/photos"
	send := func(name string, content []byte, key string) *httptest.ResponseRecorder {
		body, kind := form(t, name, content)
		return st.send("POST", path, body, "Content-Type", kind, keyHeader, key, "Authorization", bearer("zhang"))
	}
	content := []byte(strings.Repeat("photo", 1<<19)) // over what is held in memory: it goes through a temporary file
	first := send("file", content, someKey)
	again := send("file", content, someKey) // another boundary
	if first.Code != 201 || first.Body.String() != again.Body.String() || st.played.Load() != 1 {
		t.Errorf("%d %s, then %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	st.refused(send("file", append(content, 'x'), someKey), 422, "idempotency.other_content")
	st.refused(send("picture", content, someKey), 422, "request.invalid")
	st.refused(send("file", make([]byte, 11<<20), someKey), 413, "request.too_large")
	st.refused(st.send("POST", path, "{}", keyHeader, someKey, "Authorization", bearer("zhang")), 415, "request.unsupported_type")
	body, kind := form(t, "file", content)
	st.refused(st.send("POST", path, body[:1000], "Content-Type", kind, keyHeader, someKey, "Authorization", bearer("zhang")), 400, "request.malformed")
	r := newUnsized("POST", path, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"+strings.Repeat("y", 11<<20)+"\r\n--x--\r\n")
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set(keyHeader, someKey)
	r.Header.Set("Authorization", bearer("zhang"))
	st.refused(st.do(r), 413, "request.too_large")
}

func TestClaimReachesTheStoreWhole(t *testing.T) {
	st := openStand(t)
	st.send("POST", "/api/v1/toys", `{"name":"小车"}`, keyHeader, someKey)
	var row struct {
		Caller, IdemKey, Operation, Hash string
	}
	if err := st.Store.Read(t.Context()).Table("idempotency").Take(&row).Error; err != nil {
		t.Fatal(err)
	}
	want := struct{ Caller, IdemKey, Operation, Hash string }{"open:makeToy", someKey, "makeToy", row.Hash}
	if row != want || len(row.Hash) != 64 {
		t.Errorf("%+v", row)
	}
}
