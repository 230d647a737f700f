package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/wechat/standin"
)

const (
	xinglin    = "219901101201" // 杏林村, of 柳泉镇
	hewan      = "219901101202" // 河湾村
	songling   = "219901201201" // 松岭村, of another town
	liuquan    = "219901101"
	onTheWall  = "9N5A4GA8SG" // the first item, as printed for 杏林村
	ofVillages = "2026-01"    // the text that residents agree to
)

// rehearsal is an installation whose clock the test moves: TONGBAN_ENV=test, with WeChat played by the test.
func rehearsal(t *testing.T) (in installation, moveTo func(time.Time)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "clock")
	moveTo = func(to time.Time) {
		if err := os.WriteFile(file, []byte(to.Format(time.RFC3339)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	moveTo(time.Date(2026, 11, 23, 9, 0, 0, 0, clock.Shanghai)) // a Monday
	weChat := httptest.NewServer(standin.New("wx-test", "test-secret"))
	t.Cleanup(weChat.Close)
	return install(t, "TONGBAN_ENV", "test", "TONGBAN_TEST_CLOCK_FILE", file,
		"TONGBAN_WECHAT_URL", weChat.URL, "TONGBAN_WECHAT_APPID", "wx-test", "TONGBAN_WECHAT_SECRET", "test-secret"), moveTo
}

// open opens the installation's database beside the program, as another replica would.
func (in installation) open(t *testing.T) *store.Store {
	t.Helper()
	keys, err := secret.Load(filepath.Join(in["TONGBAN_DATA"], "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	database := in["TONGBAN_DATABASE"]
	if database == "" {
		database = "sqlite:" + filepath.Join(in["TONGBAN_DATA"], "tongban.db")
	}
	s, err := store.Open(t.Context(), store.Options{Database: database, Clock: clock.System(), Keys: keys, Log: slog.New(slog.DiscardHandler), Patient: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// givePasswords lets the demo county's staff log in. The program does so itself in a demo only.
func (in installation) givePasswords(t *testing.T) (password string) {
	t.Helper()
	s := in.open(t)
	defer s.Close()
	if err := account.New(s, account.Options{EasyPasswords: true}).SetDemoPasswords(t.Context()); err != nil {
		t.Fatal(err)
	}
	return account.DemoPassword(s.Keys())
}

// as logs a member of the staff in.
func (s *serving) as(t *testing.T, username, password string) caller {
	t.Helper()
	nobody := s.stranger()
	return nobody.with(t, nobody.post(t, "/login/password", 200, map[string]string{"username": username, "password": password}))
}

// resident logs somebody in by WeChat; the first time he tells who he is.
func (s *serving) resident(t *testing.T, code, name, village string) caller {
	t.Helper()
	nobody := s.stranger()
	who := nobody.with(t, nobody.post(t, "/login/wechat", 200, map[string]string{"code": code}))
	who.post(t, "/me", 200, map[string]any{"name": name, "phone": "13900000001", "village": village, "consent": map[string]string{"text_version": ofVillages}}).
		is(t, "name", name, "phone", "139****0001", "village", village)
	return who
}

// TestStory is the main story through the whole program: somebody scans a code, takes a notice home, hands in an appeal
// that is handled, answered, followed up and rated, and follows it all the way.
func TestStory(t *testing.T) {
	in, moveTo := rehearsal(t)
	s := in.serve(t)
	password := in.givePasswords(t)

	item, village := scan(t, s)
	takeNotice(t, s, item, village)

	resident := s.resident(t, "zhang.1", "张杏花", village)
	receipt := submit(t, s, resident)
	id := receipt.text(t, "id")
	slip := map[string]string{"number": receipt.text(t, "number"), "query_code": receipt.text(t, "query_code")}
	s.stranger().post(t, "/track", 200, slip).is(t, "kind", "appeal", "status", "submitted", "light", "green", "due_on", "2026-11-30", "history.#", 1)

	handle(t, s, password, id)
	resident.post(t, "/appeals/"+id+"/rate", 200, map[string]any{"level": 1, "solved": true}).is(t, "stars", 5)
	moveTo(time.Date(2026, 11, 23, 9, 5, 0, 0, clock.Shanghai)) // the next round concludes what was rated
	if err := await(func() bool { return resident.get(t, "/appeals/"+id).text(t, "status") == "concluded" }); err != nil {
		t.Fatal("no round concluded the rated appeal")
	}
	tracked := s.stranger().post(t, "/track", 200, slip).is(t, "status", "concluded")
	if at := tracked.text(t, "history.0.at"); !strings.HasPrefix(at, "2026-11-23T09:0") || !strings.HasSuffix(at, "+08:00") {
		t.Errorf("handed in at %s", at)
	}
	if bytes.Contains(tracked.body, []byte("张")) || bytes.Contains(tracked.body, []byte("路灯")) {
		t.Errorf("tracking tells more than the state: %s", tracked.body)
	}
	readInbox(t, resident, slip["number"])

	if err := s.stop(); err != nil {
		t.Fatalf("it did not end well: %v\n%s", err, s.log)
	}
	if printed := in.must(t, "fsck"); !strings.HasSuffix(printed, "no fault found\n") {
		t.Error(printed)
	}
	if printed := in.must(t, "audit", "verify"); !strings.HasSuffix(printed, " rows, untouched\n") {
		t.Error(printed)
	}
	for _, secret := range []string{"张杏花", "13900000001", "路灯", slip["query_code"] + `"`} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
}

// scan opens the code on the wall, as a page and as a program does.
func scan(t *testing.T, s *serving) (item, village string) {
	t.Helper()
	nobody := s.stranger()
	guide := string(nobody.get(t, "./q/"+onTheWall).body)
	code := nobody.get(t, "/codes/"+onTheWall).is(t, "kind", "item", "village", xinglin)
	item, village = code.text(t, "id"), code.text(t, "village")
	name := nobody.get(t, "/items/"+item).text(t, "name")
	if !strings.Contains(guide, name) {
		t.Errorf("the page behind the code does not name %s", name)
	}
	all := nobody.post(t, "/items/"+item+"/checklist", 200, map[string]any{"answers": map[string]any{}}).is(t, "eligible", true)
	mine := nobody.post(t, "/items/"+item+"/checklist", 200, map[string]any{
		"answers": map[string]string{"who": "self", "hukou": "here", "job": "never", "aid": "no", "pay": "self"}, "have": []string{"id_card"},
	}).is(t, "eligible", true, "materials.0.state", "have")
	if fewer, most := mine.at(t, "materials.#").(int), all.at(t, "materials.#").(int); fewer >= most {
		t.Errorf("the answers pruned nothing: %d of %d papers", fewer, most)
	}
	return item, village
}

// takeNotice makes a notice without log-in and reads it back by its number and by the code printed on it.
func takeNotice(t *testing.T, s *serving, item, village string) {
	t.Helper()
	nobody := s.stranger()
	made := nobody.post(t, "/notices", 201, map[string]any{"item_id": item, "village": village, "name": "张杏花", "answers": map[string]string{"who": "self"}})
	number, url := made.text(t, "number"), made.text(t, "url")
	if !strings.HasPrefix(url, s.url+"/q/") || made.header.Get("Location") != base+"/notices/"+number {
		t.Errorf("url %s, location %s", url, made.header.Get("Location"))
	}
	nobody.get(t, "/notices/"+number+"?query_code="+made.text(t, "query_code")).
		is(t, "id", made.text(t, "id"), "name", "张**", "version", 1, "query_code", nil, "answers.who.0", "self")
	page := string(nobody.get(t, "."+strings.TrimPrefix(url, s.url)).body)
	for _, text := range []string{"一次性告知单", made.text(t, "materials.0.name")} {
		if !strings.Contains(page, text) {
			t.Errorf("the notice's page lacks %s", text)
		}
	}
	if got, err := nobody.send("GET", base+"/notices/"+number+"?query_code=000000x", "", nil, ""); err != nil || got.status < 400 {
		t.Errorf("a wrong query code: %d %v", got.status, err)
	}
}

// submit hands in an appeal with a photo.
func submit(t *testing.T, s *serving, resident caller) answer {
	t.Helper()
	kind, form := photo(t)
	file := resident.settled(t, http.MethodPost, "/files", kind, form, uuid.NewString(), 201).is(t, "width", 40, "height", 30)
	receipt := resident.post(t, "/appeals", 201, map[string]any{
		"class": "help", "category": "照明", "text": "村口的路灯有两盏不亮了，晚上老人走路看不清。", "place": "村口老槐树旁",
		"identity": "to_handler", "attachments": []string{file.text(t, "id")},
	}).is(t, "status", "submitted")
	if got, err := s.stranger().send("GET", base+"/files/"+file.text(t, "id"), "", nil, ""); err != nil || got.status != 401 {
		t.Errorf("a stranger asks for the photo: %d %v", got.status, err)
	}
	return receipt
}

// photo is a form with one picture.
func photo(t *testing.T) (kind string, form []byte) {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range 30 {
		picture.Set(i, i, color.RGBA{200, 60, 30, 255})
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "lamp.jpg")
	if err == nil {
		err = jpeg.Encode(part, picture, nil)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), body.Bytes()
}

// handle is the way through the county, up to the follow-up.
func handle(t *testing.T, s *serving, password, id string) {
	t.Helper()
	dispatcher, officer := s.as(t, "dispatcher", password), s.as(t, "officer-liuquan", password)
	dispatcher.get(t, "/appeals?status=submitted").is(t, "items.#", 1, "items.0.id", id)
	officer.get(t, "/appeals").is(t, "items.#", 0)
	dispatcher.post(t, "/appeals/"+id+"/accept", 200, map[string]any{}).is(t, "status", "accepted", "petitioner.name", "张**")
	office := dispatcher.get(t, "/offices?area="+liuquan+"&kind=township_centre").text(t, "items.0.id")
	dispatcher.post(t, "/appeals/"+id+"/dispatch", 200, map[string]any{"office": office}).is(t, "status", "dispatched", "office", office)

	seen := officer.post(t, "/appeals/"+id+"/acknowledge", 200, map[string]any{}).is(t, "status", "acknowledged", "offers.0.do", "contact")
	picture := officer.get(t, "/files/"+seen.text(t, "files.0.id"))
	if _, err := jpeg.Decode(bytes.NewReader(picture.body)); err != nil {
		t.Errorf("the officer's photo: %v", err)
	}
	officer.post(t, "/appeals/"+id+"/contact", 200, map[string]any{"how": "phone"}).is(t, "status", "handling")
	officer.post(t, "/appeals/"+id+"/reply", 200, map[string]any{"text": "两盏灯今天都换好了。", "evidence": "换了灯头两个，现场试亮。"}).is(t, "status", "replied")

	follower := s.as(t, "follow-up", password)
	follower.post(t, "/appeals/"+id+"/start-follow-up", 200, map[string]any{}).is(t, "status", "following_up")
	follower.post(t, "/appeals/"+id+"/attempt", 200, map[string]any{"result": "reached"}).is(t, "counts.attempts", 0)
	for _, who := range []caller{dispatcher, officer} {
		if got, err := who.send("POST", base+"/appeals/"+id+"/conclude", "application/json", []byte(`{"solved":true}`), uuid.NewString()); err != nil || got.status != 403 {
			t.Errorf("whoever handled it concludes it: %d %v %s", got.status, err, got.body)
		}
	}
}

// readInbox waits for the last message, and finds each once.
func readInbox(t *testing.T, resident caller, number string) {
	t.Helper()
	var got []string
	want := []string{"已收到，请记好编号和查询码", "已受理", "已派给承办单位", "已答复，请查看并评价", "已办结"}
	if err := await(func() bool { return resident.get(t, "/me/messages").at(t, "items.#").(int) >= len(want) }); err != nil {
		t.Error("messages are missing")
	}
	inbox := resident.get(t, "/me/messages")
	for _, m := range inbox.at(t, "items").([]any) {
		text := m.(map[string]any)["text"].(string)
		got = append(got, strings.TrimSuffix(strings.TrimPrefix(text, "您的诉求（编号 "+number+"）"), "。"))
	}
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	resident.post(t, "/me/messages/"+inbox.text(t, "items.0.id")+"/read", 200, map[string]any{})
}
