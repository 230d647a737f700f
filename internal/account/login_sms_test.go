package account

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
)

// gateway keeps the last code of each phone.
type gateway struct {
	mu   sync.Mutex
	last map[string]string
	sent int
	down bool
}

var errDown = fault.New(fault.Unavailable, "test.sms_down", "测试用")

func (g *gateway) SendCode(_ context.Context, phone, code string, _ time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.down {
		return errDown
	}
	g.last[phone] = code
	g.sent++
	return nil
}

func openSMS(t *testing.T) (*Desk, *gateway) {
	t.Helper()
	d, g := open(t), &gateway{last: map[string]string{}}
	d.sms = g
	return d, g
}

// codeOf asks for a code and answers it.
func codeOf(t *testing.T, d *Desk, g *gateway, phone string) string {
	t.Helper()
	must(t, d.SendSMSCode(t.Context(), phone, "192.0.2.1"))
	return g.last[phone]
}

func bySMS(t *testing.T, d *Desk, g *gateway, phone string) SMSLogin {
	t.Helper()
	pass(d, time.Minute)
	got, err := d.LoginSMS(t.Context(), phone, codeOf(t, d, g, phone), "phone")
	must(t, err)
	return got
}

func TestFirstLoginBySMSRegisters(t *testing.T) {
	d, g := openSMS(t)
	first := bySMS(t, d, g, elderPhone)
	me := who(t, d, first.Tokens)
	if me.Role != access.Resident || me.Area != "" || first.Choice != "" || trailed(t, d, "person.register", me.Person) != 1 {
		t.Errorf("%+v, %+v", me, first)
	}
	if again := bySMS(t, d, g, elderPhone); again.Tokens.Person.ID != me.Person {
		t.Error("the second log-in is somebody else")
	}
	got, err := d.UpdateMe(t.Context(), me, Told{Name: "王淑芬", Village: xinglin, TextVersion: "2026-01"})
	if err != nil || got.Phone.String() != "138****1234" || got.WeChat {
		t.Errorf("%+v, %v", got, err)
	}
	verified(t, d)
}

func TestSMSOpensTheOneRegisteredResident(t *testing.T) {
	d, g := openSMS(t)
	there := elder(t, d, "王淑芬")
	got := bySMS(t, d, g, elderPhone)
	if got.Tokens.Person.ID != there.ID || got.Tokens.Person.Name != "王淑芬" || who(t, d, got.Tokens).Area != xinglin {
		t.Errorf("%+v", got)
	}
	if _, proven, err := proofOf(d.store.Read(t.Context()), there.ID); err != nil || !proven {
		t.Error("the phone is not proven")
	}
	disableElder(t, d)
	pass(d, time.Minute)
	want(t, errOf(d.LoginSMS(t.Context(), elderPhone, codeOf(t, d, g, elderPhone), "")), ErrDisabled)
}

// A number that somebody typed by mistake, or in malice, opens his record to nobody and shuts nobody out.
func TestTypedPhoneOpensNothing(t *testing.T) {
	d, g := openSMS(t)
	typist := resident(t, d, "code-1")
	must(t, errOf(d.UpdateMe(t.Context(), typist, Told{Name: "周五福", Phone: elderPhone, Village: xinglin, TextVersion: "2026-01"})))
	if got := bySMS(t, d, g, elderPhone); got.Choice != "" || got.Tokens.Person.ID == typist.Person {
		t.Errorf("%+v", got)
	}
	prove(t, d, typist, "13900007777")
	if got := bySMS(t, d, g, "13900007777"); got.Tokens.Person.ID != typist.Person {
		t.Errorf("what he has proven does not let him in: %+v", got)
	}
}

func TestFamilyChooses(t *testing.T) {
	d, g := openSMS(t)
	wife, husband := elder(t, d, "王淑芬"), elder(t, d, "赵德柱")
	asked := bySMS(t, d, g, elderPhone)
	if asked.Choice == "" || asked.Tokens.Access != "" || len(asked.People) != 2 {
		t.Fatalf("%+v", asked)
	}
	for _, p := range asked.People {
		if p.Name != "王**" && p.Name != "赵**" {
			t.Errorf("the name %q is told", p.Name)
		}
	}
	stranger := bySMS(t, d, g, "13900007777").Tokens.Person.ID
	want(t, errOf(d.ChooseSMS(t.Context(), asked.Choice, stranger, "")), ErrSMSChoice)
	want(t, errOf(d.ChooseSMS(t.Context(), "other", wife.ID, "")), ErrSMSChoice)
	tokens, err := d.ChooseSMS(t.Context(), asked.Choice, husband.ID, "phone")
	must(t, err)
	if who(t, d, tokens).Person != husband.ID {
		t.Error("the wrong one is in")
	}
	want(t, errOf(d.ChooseSMS(t.Context(), asked.Choice, wife.ID, "")), ErrSMSChoice) // once
	late := bySMS(t, d, g, elderPhone)
	pass(d, choiceLife)
	want(t, errOf(d.ChooseSMS(t.Context(), late.Choice, wife.ID, "")), ErrSMSChoice)
	verified(t, d)
}

func TestCodesAreGoodOnceAndForFiveMinutes(t *testing.T) {
	d, g := openSMS(t)
	code := codeOf(t, d, g, elderPhone)
	want(t, errOf(d.LoginSMS(t.Context(), "13900007777", code, "")), ErrSMSWrong) // another phone's
	want(t, errOf(d.LoginSMS(t.Context(), elderPhone, code, strings.Repeat("d", 200))), fault.BadField)
	must(t, errOf(d.LoginSMS(t.Context(), elderPhone, code, "")))
	want(t, errOf(d.LoginSMS(t.Context(), elderPhone, code, "")), ErrSMSWrong)
	pass(d, time.Minute)
	code = codeOf(t, d, g, elderPhone)
	pass(d, SMSLife)
	want(t, errOf(d.LoginSMS(t.Context(), elderPhone, code, "")), ErrSMSWrong)
	code = codeOf(t, d, g, elderPhone)
	for range 5 {
		want(t, errOf(d.LoginSMS(t.Context(), elderPhone, wrongCode(code), "")), ErrSMSWrong)
	}
	want(t, errOf(d.LoginSMS(t.Context(), elderPhone, code, "")), ErrSMSWrong)
	pass(d, 25*time.Hour)
	must(t, d.SweepSMSCodes(t.Context()))
	if n := rows(t, d, "sms_codes"); n != 0 {
		t.Errorf("%d codes are left", n)
	}
}

func wrongCode(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestOneOfManyUsesACode(t *testing.T) {
	d, g := openSMS(t)
	code := codeOf(t, d, g, elderPhone)
	var won atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			switch _, err := d.LoginSMS(t.Context(), elderPhone, code, ""); {
			case err == nil:
				won.Add(1)
			case fault.Of(err).Fault != ErrSMSWrong:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}

func TestMessagesAreCounted(t *testing.T) {
	d, g := openSMS(t)
	send := func(phone, address string) error { return d.SendSMSCode(t.Context(), phone, address) }
	must(t, send(elderPhone, "a"))
	want(t, send(elderPhone, "b"), ErrSMSTooMany) // within a minute
	for range 4 {
		pass(d, time.Minute)
		must(t, send(elderPhone, "a"))
	}
	pass(d, time.Minute)
	want(t, send(elderPhone, "a"), ErrSMSTooMany) // the sixth in an hour
	pass(d, time.Hour)
	for range 5 {
		pass(d, time.Minute)
		must(t, send(elderPhone, "a"))
	}
	pass(d, time.Hour)
	want(t, send(elderPhone, "a"), ErrSMSTooMany) // the eleventh in a day
	for i := range 20 {
		must(t, send(fmt.Sprintf("139000000%02d", i), "flood"))
	}
	want(t, send("13900000099", "flood"), ErrSMSTooMany)
	if g.sent != 30 {
		t.Errorf("%d messages were paid for", g.sent)
	}
}

// Known or not, the answer and what is stored look alike.
func TestSendingTellsNothing(t *testing.T) {
	d, g := openSMS(t)
	elder(t, d, "王淑芬")
	for _, phone := range []string{elderPhone, "13900007777"} {
		must(t, d.SendSMSCode(t.Context(), phone, "192.0.2.1"))
	}
	if g.sent != 2 || rows(t, d, "sms_codes") != 2 {
		t.Errorf("%d sent", g.sent)
	}
	want(t, d.SendSMSCode(t.Context(), "0421-7654321", ""), fault.BadField)
	want(t, d.SendSMSCode(t.Context(), "12", ""), secret.ErrPhone)
	g.down = true
	want(t, d.SendSMSCode(t.Context(), "13900008888", ""), errDown)
	d.sms = nil
	want(t, d.SendSMSCode(t.Context(), elderPhone, ""), errNoSMS)
}
