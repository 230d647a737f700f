package api

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" // WeChat's protocol
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/wechat"
)

const (
	pushToken  = "AAAAA"
	pushAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	pushAppID  = "wx-test"
)

// weChat pushes as WeChat does, by code that shares nothing with ours.
func weChat(t *testing.T, h *house, message, appID string, at time.Time) *httptest.ResponseRecorder {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(pushAESKey + "=")
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	plain := binary.BigEndian.AppendUint32([]byte("fedcba9876543210"), uint32(len(message)))
	plain = append(plain, message+appID...)
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	encrypt := base64.StdEncoding.EncodeToString(plain)
	body, err := json.Marshal(map[string]string{"ToUserName": "gh_1", "Encrypt": encrypt})
	if err != nil {
		t.Fatal(err)
	}
	return h.pushed(t, pushQuery("msg_signature", at, encrypt), string(body))
}

func pushQuery(name string, at time.Time, more ...string) url.Values {
	query := url.Values{"timestamp": {fmt.Sprint(at.Unix())}, "nonce": {"486452656"}}
	parts := append([]string{pushToken, query.Get("timestamp"), query.Get("nonce")}, more...)
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) // WeChat's protocol
	query.Set(name, hex.EncodeToString(sum[:]))
	return query
}

func (h *house) pushed(t *testing.T, query url.Values, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", "/wechat/push?"+query.Encode(), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return h.do(t, r)
}

func openPushHouse(t *testing.T) *house {
	t.Helper()
	return openHouse(t, func(d *Deps) {
		var err error
		if d.Push, err = wechat.NewPush(pushToken, pushAESKey, pushAppID, d.Store.Clock()); err != nil {
			t.Fatal(err)
		}
		d.Pushes = wechat.NewInbox(d.Store)
		d.Rights.ForgottenBy(wechat.NewInbox(d.Store).Forget)
	})
}

// keptPush is what the inbox holds, as whoever looks into the database sees it.
type keptPush struct {
	ID, Mark, Event, Person string
	Body                    []byte
	SentAt                  time.Time
}

func (h *house) kept(t *testing.T) (list []keptPush) {
	t.Helper()
	if err := h.Store.Read(t.Context()).Table("wechat_pushes").Order("id").Find(&list).Error; err != nil {
		t.Fatal(err)
	}
	return list
}

func subscribed(event, from string, at int64) string {
	return fmt.Sprintf(`{"ToUserName":"gh_1","FromUserName":%q,"CreateTime":%d,"MsgType":"event","Event":%q,"List":{"TemplateId":"t","SubscribeStatusString":"accept"}}`, from, at, event)
}

// TestAClosedAccountKeepsNoPush: an event holds the openid of who agreed to be told; with his account it goes, another's stays.
func TestAClosedAccountKeepsNoPush(t *testing.T) {
	h := openPushHouse(t)
	for _, who := range []string{"zhang", "li"} {
		h.token(t, who)
		weChat(t, h, subscribed("subscribe_msg_popup_event", "demo-"+who, h.clock.Now().Unix()), pushAppID, h.clock.Now())
	}
	h.wantRows(t, 2, "wechat_pushes", "person IN (SELECT wechat_index FROM persons)")
	h.must(t, "zhang", 200, "POST", "/me/close", closing)
	h.wantRows(t, 1, "wechat_pushes", "1 = 1")
	h.wantRows(t, 1, "wechat_pushes", "person IN (SELECT wechat_index FROM persons)")
}

func TestWeChatPushes(t *testing.T) {
	h := openPushHouse(t)
	now := h.clock.Now()
	query := pushQuery("signature", now)
	query.Set("echostr", "4375120948345356249<b>")
	w := h.send(t, "", "GET", "/wechat/push?"+query.Encode(), "")
	if w.Code != 200 || w.Body.String() != "4375120948345356249<b>" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	query.Set("nonce", "1")
	wants(t, "another nonce", h.send(t, "", "GET", "/wechat/push?"+query.Encode(), ""), 403, "wechat.push_refused")

	success := func(what, message string) {
		t.Helper()
		if w := weChat(t, h, message, pushAppID, h.clock.Now()); w.Code != 200 || w.Body.String() != "success" {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	popup := subscribed("subscribe_msg_popup_event", "demo-zhang", now.Unix())
	success("an event", popup)
	h.clock.Advance(5 * time.Second)
	success("the same again, signed anew", popup)
	success("another event", subscribed("subscribe_msg_sent_event", "demo-zhang", now.Unix()))
	success("another villager", subscribed("subscribe_msg_popup_event", "demo-li", now.Unix()))
	success("another time", subscribed("subscribe_msg_popup_event", "demo-zhang", now.Unix()+1))
	success("with a trace", strings.Replace(subscribed("subscribe_msg_sent_event", "demo-wang", 1), "{", `{"trace_id":"t-1",`, 1))
	success("the trace again", strings.Replace(subscribed("subscribe_msg_sent_event", "demo-wang", 2), "{", `{"trace_id":"t-1",`, 1))
	success("what somebody writes", `{"FromUserName":"demo-zhang","CreateTime":1,"MsgType":"text","Content":"我的证件号码是110101199003070011","MsgId":1}`)
	success("an event that nobody asked for", subscribed("user_enter_tempsession", "demo-zhang", now.Unix()))
	list := h.kept(t)
	if len(list) != 5 {
		t.Fatalf("%d are kept: %+v", len(list), list)
	}
	first := list[0]
	if first.Event != "subscribe_msg_popup_event" || first.SentAt.Unix() != now.Unix() || first.Person != h.Store.Keys().Index("wechat", "demo-zhang") {
		t.Errorf("%+v", first)
	}
	for _, k := range list {
		if bytes.Contains(k.Body, []byte("demo-")) || strings.Contains(k.Mark+k.Person, "demo") {
			t.Errorf("the openid can be read: %+v", k)
		}
	}
	if strings.Contains(h.log.String(), "demo-zhang") || strings.Contains(h.log.String(), "110101199003070011") {
		t.Error("the log tells who it was")
	}
	if _, err := h.Store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestForeignPushesChangeNothing(t *testing.T) {
	h := openPushHouse(t)
	now := h.clock.Now()
	message := subscribed("subscribe_msg_popup_event", "demo-zhang", now.Unix())
	wants(t, "another appid", weChat(t, h, message, "wx0000", now), 403, "wechat.push_refused")
	wants(t, "old", weChat(t, h, message, pushAppID, now.Add(-10*time.Minute-time.Second)), 403, "wechat.push_refused")
	wants(t, "of tomorrow", weChat(t, h, message, pushAppID, now.Add(24*time.Hour)), 403, "wechat.push_refused")
	wants(t, "unsigned", h.pushed(t, nil, message), 403, "wechat.push_refused")
	wants(t, "nothing", h.pushed(t, pushQuery("msg_signature", now), ""), 403, "wechat.push_refused")
	wants(t, "too large", h.pushed(t, pushQuery("msg_signature", now), strings.Repeat(" ", 64<<10+1)), 413, "request.too_large")
	unsized := newUnsized("POST", "/wechat/push", strings.Repeat(" ", 64<<10+1))
	wants(t, "too large, and not said", h.do(t, unsized), 413, "request.too_large")
	if list := h.kept(t); len(list) != 0 {
		t.Errorf("kept: %+v", list)
	}
}

// Of many repetitions at once one is kept, and all are told so.
func TestAPushIsKeptOnce(t *testing.T) {
	h := openPushHouse(t)
	message := subscribed("subscribe_msg_popup_event", "demo-zhang", h.clock.Now().Unix())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if w := weChat(t, h, message, pushAppID, h.clock.Now()); w.Code != 200 || w.Body.String() != "success" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if list := h.kept(t); len(list) != 1 {
		t.Errorf("%d are kept", len(list))
	}
}

// A push that could not be kept is not answered with success: it comes again.
func TestAPushThatIsNotKeptComesAgain(t *testing.T) {
	h := openPushHouse(t)
	if err := h.Store.Close(); err != nil {
		t.Fatal(err)
	}
	w := weChat(t, h, subscribed("subscribe_msg_popup_event", "demo-zhang", h.clock.Now().Unix()), pushAppID, h.clock.Now())
	wants(t, "without a database", w, 503, "request.busy")
}

func TestPushIsOffWithoutItsToken(t *testing.T) {
	h := openHouse(t)
	for _, method := range []string{"GET", "POST"} {
		wants(t, method, h.send(t, "", method, "/wechat/push", ""), 404, "request.not_found")
	}
}
