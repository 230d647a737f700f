package account

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

const (
	xinglin  access.Area = "219901101201"
	hewan    access.Area = "219901101202"
	songling access.Area = "219901201201"
)

var errUsedCode = fault.New(fault.Unauthenticated, "test.code_expired", "测试用")

// phones stands for WeChat: codes by openid, each good once.
type phones map[string]string

func (p phones) CodeToSession(_ context.Context, code string) (openID, unionID string, err error) {
	openID, known := p[code]
	if !known {
		return "", "", errUsedCode
	}
	return openID, "", nil
}

// Phone takes phone.NUMBER, as often as it is asked.
func (p phones) Phone(_ context.Context, code string) (secret.Phone, error) {
	number, proven := strings.CutPrefix(code, "phone.")
	if !proven {
		return secret.Phone{}, errUsedCode
	}
	return secret.ParsePhone(number)
}

var somePhones = phones{"code-1": "openid-1", "code-1-again": "openid-1", "code-2": "openid-2", "code-3": "openid-3"}

// open gives a desk with the demo county, its accounts and passwords.
func open(t *testing.T) *Desk {
	t.Helper()
	d, _ := openFresh(t)
	return d
}

func openFresh(t *testing.T) (*Desk, store.Options) {
	t.Helper()
	s, o := demo.Fresh(t)
	return New(s, Options{EasyPasswords: true, WeChat: somePhones}), o
}

// demo is the county with the people who work there.
var demo = storetest.Filled(func(ctx context.Context, s *store.Store) error {
	d := New(s, Options{EasyPasswords: true})
	_, err := d.Load(ctx, access.Round(""), demoCounty())
	return errors.Join(err, d.SetDemoPasswords(ctx))
})

func demoCounty() Source { return Source{FS: os.DirFS("../../config/county"), Demo: true} }

// replica is a second desk on the same database.
func replica(t *testing.T, o store.Options) *Desk {
	t.Helper()
	return New(storetest.Again(t, o), Options{EasyPasswords: true, WeChat: somePhones})
}

func (d *Desk) password() string { return DemoPassword(d.store.Keys()) }

func login(t *testing.T, d *Desk, username, device string) Tokens {
	t.Helper()
	tokens, err := d.LoginPassword(t.Context(), username, d.password(), "", device)
	must(t, err)
	return tokens
}

// as logs a demo staff member in and answers who he is.
func as(t *testing.T, d *Desk, username string) access.Actor {
	t.Helper()
	return who(t, d, login(t, d, username, "pc-of-"+username))
}

func who(t *testing.T, d *Desk, tokens Tokens) access.Actor {
	t.Helper()
	actor, err := d.Identify(t.Context(), tokens.Access)
	must(t, err)
	return actor
}

func resident(t *testing.T, d *Desk, code string) access.Actor {
	t.Helper()
	tokens, err := d.LoginWeChat(t.Context(), WeChatLogin{Code: code})
	must(t, err)
	return who(t, d, tokens)
}

func pass(d *Desk, wait time.Duration) { d.store.Clock().Advance(wait) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func errOf[T any](_ T, err error) error { return err }

func want(t *testing.T, err error, is *fault.Fault) {
	t.Helper()
	if !errors.Is(err, is) {
		t.Fatalf("got %v, want %v", err, is)
	}
}

func trailed(t *testing.T, d *Desk, act, object string) int {
	t.Helper()
	var n int64
	must(t, d.store.Read(t.Context()).Model(&store.TrailRow{}).Where("act = ? AND object = ?", act, object).Count(&n).Error)
	return int(n)
}

func rows(t *testing.T, d *Desk, table string) int {
	t.Helper()
	var n int64
	must(t, d.store.Read(t.Context()).Table(table).Count(&n).Error)
	return int(n)
}

func verified(t *testing.T, d *Desk) {
	t.Helper()
	must(t, errOf(d.store.Verify(t.Context())))
}
