package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/standin"
)

// deadly is a county that does what it is asked, and has the program killed before it hears of it, the first time.
type deadly struct {
	*standin.Server
	once sync.Once
	done chan struct{} // the county has done it
	gone chan struct{} // the program is gone
}

func (d *deadly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first := false
	d.once.Do(func() { first = true })
	if !first {
		d.Server.ServeHTTP(w, r)
		return
	}
	d.Server.ServeHTTP(httptest.NewRecorder(), r)
	close(d.done)
	<-d.gone
	panic(http.ErrAbortHandler)
}

// TestKilledBetweenSendAndMark: the program dies after the county took a case over, and before it could note so. It tells it again under the same key when the
// letter's lease is over: the county has the case once, and the case its number.
func TestKilledBetweenSendAndMark(t *testing.T) {
	const key = "k1:0123456789abcdef0123456789abcdef"
	keys, err := county.ParseKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := county.ReadMapping(os.DirFS("config/county"))
	if err != nil {
		t.Fatal(err)
	}
	d := &deadly{Server: standin.New(keys, mapping, clock.System()), done: make(chan struct{}), gone: make(chan struct{})}
	server := httptest.NewServer(d)
	defer server.Close()
	in := install(t, "TONGBAN_REDIS", "", "TONGBAN_BASE_URL", "http://tongban.test", "TONGBAN_COUNTY_KEYS", key, "TONGBAN_COUNTY_URL", server.URL)
	p := in.child(t, "UTC")
	someone := p.stranger()
	tokens := someone.post(t, "/login/wechat", 200, map[string]string{"code": "killed.1"})
	someone = someone.with(t, tokens)
	someone.post(t, "/me", 200, map[string]any{"name": "郑笔耕", "village": xinglin, "consent": map[string]string{"text_version": ofVillages}})
	someone = someone.with(t, someone.post(t, "/token", 200, map[string]any{"refresh_token": tokens.text(t, "refresh_token")}))
	id := someone.post(t, "/cases", 201, map[string]any{
		"item_id": claimItem, "answers": map[string]string{"age": "yes", "other": "none", "years": "full", "card": "ready"},
		"papers": []map[string]any{{"material": "id_card"}, {"material": "hukou_book"}, {"material": "ss_card"}, {"material": "application_form"}},
	}).text(t, "id")
	someone.post(t, "/cases/"+id+"/submit", 200, map[string]any{})
	select {
	case <-d.done:
	case <-time.After(patience):
		t.Fatal("the county was not told")
	}
	p.kill()
	close(d.gone)

	s := in.open(t)
	defer s.Close()
	var row casework.Case
	look := func() casework.Case {
		row = casework.Case{}
		if err := s.Read(t.Context()).Where("id = ?", id).Take(&row).Error; err != nil {
			t.Fatal(err)
		}
		return row
	}
	if look().CountyNumber != "" || len(d.Standings()) != 1 {
		t.Fatalf("the number is %q, the county has %d cases", row.CountyNumber, len(d.Standings()))
	}
	p = in.child(t, "UTC")
	for end := time.Now().Add(2 * time.Minute); look().CountyNumber == "" && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
	}
	p.term(t)
	if got := d.Standings(); len(got) != 1 || got[0].Number != row.CountyNumber || d.Calls() != 2 {
		t.Errorf("our number %q after %d calls, the county has %+v", row.CountyNumber, d.Calls(), got)
	}
	in.must(t, "fsck")
	in.must(t, "audit", "verify")
}
