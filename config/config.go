// Package config reads the settings from the environment, and holds the demo county's own data.
//
// Every setting has a working zero: `go run .` needs none. All mistakes are reported together.
package config

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"tongban/internal/cache"
	"tongban/internal/county"
	"tongban/internal/outbound"
	"tongban/internal/store"
)

// Env is what the program is run for.
type Env string

const (
	Demo       Env = "demo"       // a demo county, demo accounts, a stand-in for WeChat
	Test       Env = "test"       // as a demo without its stand-ins, and the test clock is allowed; never for real people
	Production Env = "production" // refuses whatever is only fit for a demo
)

// Settings are everything that can be set. config/example.env explains each one.
type Settings struct {
	Listen         string            `env:"TONGBAN_LISTEN" envDefault:"127.0.0.1:8080"`
	BaseURL        string            `env:"TONGBAN_BASE_URL"`
	Env            Env               `env:"TONGBAN_ENV" envDefault:"demo"`
	Data           string            `env:"TONGBAN_DATA" envDefault:"./data"`
	Database       string            `env:"TONGBAN_DATABASE"`
	Redis          string            `env:"TONGBAN_REDIS"`
	County         string            `env:"TONGBAN_COUNTY"`
	KeyFile        string            `env:"TONGBAN_KEY_FILE"`
	Cipher         string            `env:"TONGBAN_CIPHER" envDefault:"aes"`
	WeChatURL      string            `env:"TONGBAN_WECHAT_URL"`
	WeChatAppID    string            `env:"TONGBAN_WECHAT_APPID"`
	WeChatSecret   string            `env:"TONGBAN_WECHAT_SECRET"`
	WeChatToken    string            `env:"TONGBAN_WECHAT_TOKEN"`
	WeChatAESKey   string            `env:"TONGBAN_WECHAT_AES_KEY"`
	WeChatProofs   map[string]string `env:"TONGBAN_WECHAT_PROOFS"`
	SMSURL         string            `env:"TONGBAN_SMS_URL"`
	SMSKey         string            `env:"TONGBAN_SMS_KEY"`
	CountyURL      string            `env:"TONGBAN_COUNTY_URL"`
	CountyKeys     string            `env:"TONGBAN_COUNTY_KEYS"`
	CountyPlatform string            `env:"TONGBAN_COUNTY_PLATFORM" envDefault:"county"`
	RegistersURL   string            `env:"TONGBAN_REGISTERS_URL"`
	RegistersKeys  string            `env:"TONGBAN_REGISTERS_KEYS"`
	TOTP           string            `env:"TONGBAN_TOTP"`
	StaffIdle      time.Duration     `env:"TONGBAN_STAFF_IDLE" envDefault:"30m"`
	StaffLife      time.Duration     `env:"TONGBAN_STAFF_LIFE" envDefault:"12h"`
	ResidentIdle   time.Duration     `env:"TONGBAN_RESIDENT_IDLE" envDefault:"720h"`
	ResidentLife   time.Duration     `env:"TONGBAN_RESIDENT_LIFE" envDefault:"2160h"`
	InFlight       int               `env:"TONGBAN_IN_FLIGHT" envDefault:"0"`
	Limits         map[string]int    `env:"TONGBAN_LIMITS"`
	TrustedProxies []string          `env:"TONGBAN_TRUSTED_PROXIES"`
	DrainTime      time.Duration     `env:"TONGBAN_DRAIN_TIME" envDefault:"0s"`
	LogLevel       string            `env:"TONGBAN_LOG_LEVEL" envDefault:"info"`
	MetricsListen  string            `env:"TONGBAN_METRICS_LISTEN"`
	TestClockFile  string            `env:"TONGBAN_TEST_CLOCK_FILE"`
}

// Load reads the settings by getenv and answers every mistake at once.
func Load(getenv func(string) string) (Settings, error) {
	var s Settings
	set := environment(getenv)
	f := faults{blamed: map[string]bool{}}
	f.unread(env.ParseWithOptions(&s, env.Options{Environment: set}))
	s.fill()
	s.check(&f, set)
	return s, errors.Join(f.list...)
}

// faults are the mistakes, each setting blamed once: what could not be read is not judged as well.
type faults struct {
	list   []error
	blamed map[string]bool
}

func (f *faults) bad(name, format string, args ...any) {
	if !f.blamed[name] {
		f.blamed[name] = true
		f.list = append(f.list, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
	}
}

// environment asks only for our own names, so that run can be tested without touching the process.
func environment(getenv func(string) string) map[string]string {
	found := map[string]string{}
	for _, name := range Names() {
		if v := strings.TrimSpace(getenv(name)); v != "" {
			found[name] = v
		}
	}
	return found
}

// Names lists every setting.
func Names() []string {
	params, err := env.GetFieldParams(&Settings{})
	if err != nil {
		panic(err) // a malformed tag above
	}
	names := make([]string, 0, len(params))
	for _, p := range params {
		names = append(names, p.Key)
	}
	return names
}

// unread names the setting in place of the struct's field, and quotes nothing of what was set.
func (f *faults) unread(err error) {
	if err == nil {
		return
	}
	several, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		several.Errors = []error{err}
	}
	for _, e := range several.Errors {
		if p, ok := errors.AsType[env.ParseError](e); ok {
			f.bad(keyOf(p.Name), "cannot be read as %s", p.Type)
			continue
		}
		f.list = append(f.list, e)
	}
}

func keyOf(field string) string {
	params, _ := env.GetFieldParams(&Settings{})
	for _, p := range params {
		if strings.EqualFold(strings.ReplaceAll(strings.TrimPrefix(p.Key, "TONGBAN_"), "_", ""), field) {
			return p.Key
		}
	}
	return field
}

// fill derives what was left empty from the rest.
func (s *Settings) fill() {
	if s.Database == "" {
		s.Database = "sqlite:" + filepath.Join(s.Data, "tongban.db")
	}
	if s.KeyFile == "" {
		s.KeyFile = filepath.Join(s.Data, "keys.json")
	}
	if s.TOTP == "" {
		s.TOTP = "off"
		if s.Env == Production {
			s.TOTP = "admins"
		}
	}
	s.BaseURL = strings.TrimRight(s.BaseURL, "/")
}

// check judges each setting by itself and beside the others; set are the names that were set.
func (s *Settings) check(f *faults, set map[string]string) {
	for _, r := range []struct {
		name  string
		wrong bool
		what  string
	}{
		{"TONGBAN_LISTEN", !isListen(s.Listen), "an address such as 127.0.0.1:8080"},
		{"TONGBAN_METRICS_LISTEN", s.MetricsListen != "" && !isListen(s.MetricsListen), "an address such as 127.0.0.1:9090, or nothing"},
		{"TONGBAN_ENV", !slices.Contains([]Env{Demo, Test, Production}, s.Env), "demo, test or production"},
		{"TONGBAN_DATABASE", !store.Readable(s.Database), "sqlite:PATH or mysql:DSN, such as mysql:NAME:PASSWORD@tcp(127.0.0.1:3306)/tongban"},
		{"TONGBAN_BASE_URL", s.BaseURL != "" && !isURL(s.BaseURL, "http", "https"), "an address such as https://tongban.example.cn"},
		{"TONGBAN_REDIS", s.Redis != "" && !(isURL(s.Redis, "redis", "rediss", "unix") && cache.Readable(s.Redis)), "an address such as redis://127.0.0.1:6379/0"},
		{"TONGBAN_WECHAT_URL", s.WeChatURL != "" && !isOutward(s.WeChatURL), "an address such as https://api.weixin.qq.com"},
		{"TONGBAN_WECHAT_SECRET", s.WeChatAppID != "" && s.WeChatSecret == "", "the mini-program's own, set together with TONGBAN_WECHAT_APPID"},
		{
			"TONGBAN_WECHAT_AES_KEY", (s.WeChatToken == "") != (s.WeChatAESKey == "") || s.WeChatAESKey != "" && !pushKey.MatchString(s.WeChatAESKey),
			"the 43 letters and digits of WeChat's console, set together with TONGBAN_WECHAT_TOKEN",
		},
		{"TONGBAN_SMS_URL", s.SMSURL != "" && !isOutward(s.SMSURL), "an address such as https://sms.example.cn/send"},
		{
			"TONGBAN_SMS_KEY", (s.SMSURL == "") != (s.SMSKey == "") || s.SMSKey != "" && len(s.SMSKey) < 32,
			"at least 32 characters that the gateway knows too, set together with TONGBAN_SMS_URL",
		},
		{"TONGBAN_COUNTY_URL", s.CountyURL != "" && !isOutward(s.CountyURL), "an address such as https://county.example.cn/village"},
		{
			"TONGBAN_COUNTY_KEYS", s.CountyURL != "" && s.CountyKeys == "" || s.CountyKeys != "" && !isKeys(s.CountyKeys),
			"ID:SECRET as shared with the platform, the secret with at least 32 characters, or two of them; an address needs it",
		},
		{"TONGBAN_REGISTERS_URL", s.RegistersURL != "" && !isOutward(s.RegistersURL), "an address such as https://data.county.example.cn/look-up"},
		{
			"TONGBAN_REGISTERS_KEYS", (s.RegistersURL == "") != (s.RegistersKeys == "") || s.RegistersKeys != "" && !isKeys(s.RegistersKeys),
			"ID:SECRET as shared with the registers, the secret with at least 32 characters, or two of them, set together with TONGBAN_REGISTERS_URL",
		},
		{"TONGBAN_REGISTERS_KEYS", s.sharesSecrets(), "another secret than the platform's: neither may speak for the other"},
		{"TONGBAN_COUNTY_PLATFORM", !platformName.MatchString(s.CountyPlatform), "a short name of letters, digits, - and _"},
		{"TONGBAN_CIPHER", s.Cipher != "aes" && s.Cipher != "sm", "aes or sm"},
		{"TONGBAN_TOTP", !slices.Contains([]string{"off", "admins", "deciders"}, s.TOTP), "off, admins or deciders"},
		{"TONGBAN_TRUSTED_PROXIES", slices.ContainsFunc(s.Proxies(), isNoProxy), "addresses or CIDRs with commas between them"},
		{"TONGBAN_LOG_LEVEL", !slices.Contains([]string{"debug", "info", "warn", "error"}, s.LogLevel), "debug, info, warn or error"},
		{"TONGBAN_DRAIN_TIME", s.DrainTime < 0 || s.DrainTime > time.Minute, "0s to 1m"},
		{"TONGBAN_IN_FLIGHT", s.InFlight < 0, "a number of requests, or 0"},
		{"TONGBAN_COUNTY", s.County != "" && !isFolder(s.County), "a folder with the county's data"},
		{"TONGBAN_TEST_CLOCK_FILE", s.TestClockFile != "" && (s.Env == Demo || s.Env == Production), "only where TONGBAN_ENV is test"},
	} {
		if r.wrong {
			f.bad(r.name, "%s", r.what)
		}
	}
	for path, text := range s.WeChatProofs {
		if !proofPath.MatchString(path) || !proofText.MatchString(text) {
			f.bad("TONGBAN_WECHAT_PROOFS", "/q/NAME.txt:TEXT or /NAME.txt:TEXT, as WeChat's file is named and what stands in it")
		}
	}
	f.checkSession("TONGBAN_STAFF_IDLE", s.StaffIdle, "TONGBAN_STAFF_LIFE", s.StaffLife, set)
	f.checkSession("TONGBAN_RESIDENT_IDLE", s.ResidentIdle, "TONGBAN_RESIDENT_LIFE", s.ResidentLife, set)
	if s.Env == Production {
		s.checkProduction(f.bad)
	}
}

// checkSession judges how long a session lives, and how long when nobody uses it.
func (f *faults) checkSession(idle string, unused time.Duration, life string, whole time.Duration, set map[string]string) {
	if unused < time.Minute {
		f.bad(idle, "1m at least")
	}
	if whole < time.Minute || whole > longestLife {
		f.bad(life, "1m at least, and a year (8784h) at most")
	}
	if f.blamed[idle] || f.blamed[life] || unused <= whole {
		return
	}
	if _, ours := set[idle]; ours {
		f.bad(idle, "no longer than %s, which is %s", life, whole)
	} else { // a default is not to blame
		f.bad(life, "no shorter than %s, which is %s", idle, unused)
	}
}

func isListen(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = net.LookupPort("tcp", port) // a number, or a name that the system knows
	}
	return err == nil
}

// isOutward asks who will call it, and who demands more than a shape.
func isOutward(address string) bool {
	_, err := outbound.New(address, outbound.Limits{})
	return err == nil
}

func isKeys(text string) bool {
	_, err := county.ParseKeys(text)
	return err == nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func isNoProxy(name string) bool {
	_, notRange := netip.ParsePrefix(name)
	_, notOne := netip.ParseAddr(name)
	return notRange != nil && notOne != nil
}

// sharesSecrets: a secret of the registers is the platform's too.
func (s *Settings) sharesSecrets() bool {
	for key := range strings.SplitSeq(s.RegistersKeys, ",") {
		if _, shared, ok := strings.Cut(key, ":"); ok && strings.Contains(s.CountyKeys, shared) {
			return true
		}
	}
	return false
}

// A file of WeChat's has a name of its own, and one line.
var (
	proofPath = regexp.MustCompile(`^/(q/)?[A-Za-z0-9_-]{1,64}\.txt$`)
	proofText = regexp.MustCompile(`^[!-~]{1,200}$`)
)

// pushKey is base64 of 32 bytes without its =.
var pushKey = regexp.MustCompile(`^[A-Za-z0-9+/]{43}$`)

// longestLife of a session is a year: who comes once a year should not be logged in for ever.
const longestLife = 366 * 24 * time.Hour

// Proxies are the trusted proxies; "none" says that there is none, and means it.
func (s *Settings) Proxies() []string {
	if len(s.TrustedProxies) == 1 && s.TrustedProxies[0] == "none" {
		return nil
	}
	return s.TrustedProxies
}

// checkProduction demands what a demo makes by itself.
func (s *Settings) checkProduction(bad func(name, format string, args ...any)) {
	if !isURL(s.BaseURL, "https") {
		bad("TONGBAN_BASE_URL", "production needs the https address that is printed on posters")
	}
	if s.County == "" {
		bad("TONGBAN_COUNTY", "production does not serve the demo county")
	}
	if len(s.TrustedProxies) == 0 {
		// Without it a proxy makes all visitors one, and the limits of one visitor those of the county.
		bad("TONGBAN_TRUSTED_PROXIES", "production speaks behind a proxy that holds the certificate: name it, or say none")
	}
	for name, value := range map[string]string{"TONGBAN_WECHAT_APPID": s.WeChatAppID, "TONGBAN_WECHAT_SECRET": s.WeChatSecret} {
		if value == "" {
			bad(name, "production needs the mini-program's own")
		}
	}
}

var platformName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

func isURL(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme && (u.Host != "" || scheme == "unix") {
			return true
		}
	}
	return false
}

//go:embed county
var demo embed.FS

// CountyFS is the county's own data: the folder that was set, else the demo county.
func (s *Settings) CountyFS() fs.FS {
	if s.County != "" {
		return os.DirFS(s.County)
	}
	return DemoCountyFS()
}

// DemoCountyFS is the embedded demo county.
func DemoCountyFS() fs.FS {
	folder, err := fs.Sub(demo, "county")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return folder
}

// DemoCounty reports whether the county's data is the embedded demonstration.
func (s *Settings) DemoCounty() bool { return s.County == "" }
