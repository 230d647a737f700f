package config

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func getenv(set map[string]string) func(string) string {
	return func(name string) string { return set[name] }
}

func TestNothingNeedsToBeSet(t *testing.T) {
	s, err := Load(getenv(nil))
	if err != nil {
		t.Fatal(err)
	}
	if s.Database != "sqlite:data/tongban.db" || s.KeyFile != "data/keys.json" || s.Env != Demo || !s.DemoCounty() {
		t.Errorf("%+v", s)
	}
	if f, err := s.CountyFS().Open("holidays.csv"); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
}

// TestWhoeverIsWrongIsBlamedOnceAndNobodyElse: what could not be read is not judged as well, nor is another by it, and nothing that was set is said.
func TestWhoeverIsWrongIsBlamedOnceAndNobodyElse(t *testing.T) {
	secret := strings.Repeat("s3cr3t", 6)
	for name, c := range map[string]struct {
		set    map[string]string
		blamed []string
	}{
		"five": {map[string]string{
			"TONGBAN_LISTEN": "8080", "TONGBAN_ENV": "prod", "TONGBAN_DATABASE": "postgres:x", "TONGBAN_DRAIN_TIME": "soon", "TONGBAN_REDIS": "127.0.0.1",
		}, []string{"TONGBAN_DATABASE", "TONGBAN_DRAIN_TIME", "TONGBAN_ENV", "TONGBAN_LISTEN", "TONGBAN_REDIS"}},
		"an idle time that is none":         {map[string]string{"TONGBAN_STAFF_IDLE": "soon"}, []string{"TONGBAN_STAFF_IDLE"}},
		"a life that is none":               {map[string]string{"TONGBAN_STAFF_LIFE": "soon"}, []string{"TONGBAN_STAFF_LIFE"}},
		"a resident's life that is none":    {map[string]string{"TONGBAN_RESIDENT_LIFE": "soon", "TONGBAN_RESIDENT_IDLE": "48h"}, []string{"TONGBAN_RESIDENT_LIFE"}},
		"a resident's idle time":            {map[string]string{"TONGBAN_RESIDENT_IDLE": "soon"}, []string{"TONGBAN_RESIDENT_IDLE"}},
		"a life under the default idleness": {map[string]string{"TONGBAN_STAFF_LIFE": "20m"}, []string{"TONGBAN_STAFF_LIFE"}},
		"idleness over the default life":    {map[string]string{"TONGBAN_STAFF_IDLE": "20h"}, []string{"TONGBAN_STAFF_IDLE"}},
		"no life":                           {map[string]string{"TONGBAN_STAFF_LIFE": "0s"}, []string{"TONGBAN_STAFF_LIFE"}},
		"a test clock of a wrong kind":      {map[string]string{"TONGBAN_ENV": "tset", "TONGBAN_TEST_CLOCK_FILE": "clock"}, []string{"TONGBAN_ENV"}},
		"ports that are none": {map[string]string{"TONGBAN_LISTEN": "127.0.0.1:99999", "TONGBAN_METRICS_LISTEN": "127.0.0.1:metrics!"},
			[]string{"TONGBAN_LISTEN", "TONGBAN_METRICS_LISTEN"}},
		"a DSN that is none":         {map[string]string{"TONGBAN_DATABASE": "mysql:tongban:" + secret + "@tcp(127.0.0.1:3306"}, []string{"TONGBAN_DATABASE"}},
		"a DSN without a database":   {map[string]string{"TONGBAN_DATABASE": "mysql:tongban:" + secret + "@tcp(127.0.0.1:3306)/"}, []string{"TONGBAN_DATABASE"}},
		"a Redis without a number":   {map[string]string{"TONGBAN_REDIS": "redis://:" + secret + "@127.0.0.1:6379/first"}, []string{"TONGBAN_REDIS"}},
		"limits that are none":       {map[string]string{"TONGBAN_LIMITS": "reads"}, []string{"TONGBAN_LIMITS"}},
		"a gateway without TLS":      {map[string]string{"TONGBAN_SMS_URL": "http://sms.example.cn", "TONGBAN_SMS_KEY": secret}, []string{"TONGBAN_SMS_URL"}},
		"two keys that are one":      {map[string]string{"TONGBAN_COUNTY_KEYS": "k1:" + secret + ",k1:" + secret}, []string{"TONGBAN_COUNTY_KEYS"}},
		"a key that is short, twice": {map[string]string{"TONGBAN_COUNTY_KEYS": "k1:" + secret, "TONGBAN_REGISTERS_KEYS": "k2:s3cr3t"}, []string{"TONGBAN_REGISTERS_KEYS"}},
		"an appid alone":             {map[string]string{"TONGBAN_WECHAT_APPID": "wx"}, []string{"TONGBAN_WECHAT_SECRET"}},
	} {
		_, err := Load(getenv(c.set))
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		var blamed []string
		for line := range strings.Lines(err.Error()) {
			who, _, _ := strings.Cut(line, ":")
			blamed = append(blamed, who)
		}
		slices.Sort(blamed)
		if !slices.Equal(blamed, c.blamed) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %q", name, err)
		}
	}
}

func TestProductionRefusesWhatIsForDemos(t *testing.T) {
	_, err := Load(getenv(map[string]string{"TONGBAN_ENV": "production", "TONGBAN_TEST_CLOCK_FILE": "clock", "TONGBAN_DATA": t.TempDir()}))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{"TONGBAN_BASE_URL", "TONGBAN_COUNTY", "TONGBAN_TRUSTED_PROXIES", "TONGBAN_WECHAT_APPID", "TONGBAN_WECHAT_SECRET", "TONGBAN_TEST_CLOCK_FILE"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not demanded: %v", name, err)
		}
	}
	_, err = Load(getenv(map[string]string{
		"TONGBAN_ENV": "production", "TONGBAN_BASE_URL": "https://tongban.example.cn/", "TONGBAN_COUNTY": t.TempDir(), "TONGBAN_TRUSTED_PROXIES": "none",
		"TONGBAN_WECHAT_APPID": "wx", "TONGBAN_WECHAT_SECRET": "s",
	}))
	if err != nil {
		t.Errorf("a good production is refused: %v", err)
	}
}

func TestSMSNeedsAddressAndKey(t *testing.T) {
	long := strings.Repeat("k", 32)
	for name, c := range map[string]struct {
		url, key string
		good     bool
	}{
		"neither": {"", "", true}, "both": {"https://sms.example.cn/send", long, true}, "no key": {"https://sms.example.cn/send", "", false},
		"a short key": {"https://sms.example.cn/send", long[1:], false}, "no address": {"", long, false}, "no address at all": {"sms", long, false},
	} {
		_, err := Load(getenv(map[string]string{"TONGBAN_DATA": t.TempDir(), "TONGBAN_SMS_URL": c.url, "TONGBAN_SMS_KEY": c.key}))
		if (err == nil) != c.good || err != nil && strings.Contains(err.Error(), long[1:]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPushNeedsTokenAndKey(t *testing.T) {
	key := strings.Repeat("k", 43)
	for name, c := range map[string]struct {
		token, key string
		good       bool
	}{
		"neither": {"", "", true}, "both": {"AAAAA", key, true}, "no key": {"AAAAA", "", false}, "no token": {"", key, false},
		"a short key": {"AAAAA", key[1:], false}, "signs in it": {"AAAAA", key[1:] + "!", false},
	} {
		_, err := Load(getenv(map[string]string{"TONGBAN_WECHAT_TOKEN": c.token, "TONGBAN_WECHAT_AES_KEY": c.key}))
		if (err == nil) != c.good || err != nil && strings.Contains(err.Error(), key[1:]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWeChatProofs(t *testing.T) {
	for set, good := range map[string]bool{
		"": true, "/q/a1B2c3.txt:0123abcd": true, "/q/a.txt:x,/MP_verify_y.txt:y:z": true,
		"/q/a.html:x": false, "q/a.txt:x": false, "/../a.txt:x": false, "/api/a.txt:x": false, "/q/a.txt:": false, "/q/a.txt:两": false,
	} {
		s, err := Load(getenv(map[string]string{"TONGBAN_WECHAT_PROOFS": set}))
		if (err == nil) != good {
			t.Errorf("%q: %v", set, err)
		}
		if strings.Contains(set, ",") && s.WeChatProofs["/MP_verify_y.txt"] != "y:z" {
			t.Errorf("%v", s.WeChatProofs)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		good bool
	}{
		"shorter":                       {map[string]string{"TONGBAN_STAFF_IDLE": "10m", "TONGBAN_STAFF_LIFE": "8h"}, true},
		"equal":                         {map[string]string{"TONGBAN_STAFF_IDLE": "8h", "TONGBAN_STAFF_LIFE": "8h"}, true},
		"at once":                       {map[string]string{"TONGBAN_STAFF_IDLE": "0s"}, false},
		"idle for longer than it lives": {map[string]string{"TONGBAN_RESIDENT_IDLE": "100h", "TONGBAN_RESIDENT_LIFE": "99h"}, false},
		"for ever":                      {map[string]string{"TONGBAN_RESIDENT_LIFE": "9000h"}, false},
	} {
		if _, err := Load(getenv(c.set)); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCountyPlatformNeedsKeys(t *testing.T) {
	key := "k1:" + strings.Repeat("s", 32)
	for name, c := range map[string]struct {
		url, keys, platform string
		good                bool
	}{
		"nothing": {"", "", "", true}, "both": {"https://county.example.cn/village", key, "county-2", true}, "callbacks only": {"", key, "", true},
		"no key": {"https://county.example.cn", "", "", false}, "no address": {"county", key, "", false}, "a short key": {"", key[:34], "", false}, "two keys": {"", key + ",k2:" + strings.Repeat("t", 32), "", true}, "a name with spaces": {"", key, "the county", false},
	} {
		_, err := Load(getenv(map[string]string{"TONGBAN_DATA": t.TempDir(), "TONGBAN_COUNTY_URL": c.url, "TONGBAN_COUNTY_KEYS": c.keys, "TONGBAN_COUNTY_PLATFORM": c.platform}))
		if (err == nil) != c.good || err != nil && strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRegistersNeedTheirOwnKeys(t *testing.T) {
	key := "k1:" + strings.Repeat("s", 32)
	for name, c := range map[string]struct {
		url, keys string
		good      bool
	}{
		"nothing": {"", "", true}, "both": {"https://data.county.example.cn/look-up", key, true}, "two keys": {"https://data.county.example.cn", key + ",k2:" + strings.Repeat("t", 32), true},
		"no key": {"https://data.county.example.cn", "", false}, "a key for nothing": {"", key, false}, "no address": {"county", key, false}, "a short key": {"https://data.county.example.cn", key[:34], false},
		"the platform's": {"https://data.county.example.cn", key + ",k9:" + strings.Repeat("c", 32), false},
	} {
		_, err := Load(getenv(map[string]string{"TONGBAN_DATA": t.TempDir(), "TONGBAN_REGISTERS_URL": c.url, "TONGBAN_REGISTERS_KEYS": c.keys, "TONGBAN_COUNTY_KEYS": "k1:" + strings.Repeat("c", 32)}))
		if (err == nil) != c.good || err != nil && (strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "TONGBAN_REGISTERS_")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestExampleIsComplete proves that example.env names every setting once, with its real default.
func TestExampleIsComplete(t *testing.T) {
	text, err := os.ReadFile("example.env")
	if err != nil {
		t.Fatal(err)
	}
	example := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		if _, twice := example[name]; twice {
			t.Errorf("%s stands twice", name)
		}
		example[name] = value
	}
	for _, name := range Names() {
		if _, ok := example[name]; !ok {
			t.Errorf("%s is missing in example.env", name)
		}
	}
	if len(example) != len(Names()) {
		t.Errorf("example.env has %d settings, the program %d", len(example), len(Names()))
	}
	asWritten, err := Load(getenv(example))
	if err != nil {
		t.Fatal(err)
	}
	unset, err := Load(getenv(nil))
	if err != nil || !reflect.DeepEqual(asWritten, unset) {
		t.Errorf("the example's values are not the defaults:\n%+v\n%+v", asWritten, unset)
	}
}

func TestDurationsAreRead(t *testing.T) {
	s, err := Load(getenv(map[string]string{"TONGBAN_DRAIN_TIME": "5s", "TONGBAN_TRUSTED_PROXIES": "10.0.0.1,10.1.0.0/16"}))
	if err != nil || s.DrainTime != 5*time.Second || len(s.TrustedProxies) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := Load(getenv(map[string]string{"TONGBAN_TRUSTED_PROXIES": "10.0.0.1,proxy"})); err == nil {
		t.Error("a proxy by name is believed")
	}
}
