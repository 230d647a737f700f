package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func TestWordsThatNeedNoSettings(t *testing.T) {
	in := install(t)
	if got := in.must(t, "version"); got != version+"\n" {
		t.Errorf("version: %q", got)
	}
	help := in.must(t, "help")
	for _, name := range []string{"serve", "migrate", "seed", "county", "keys", "keys list", "keys rotate", "keys use", "keys retire", "reseal", "password", "routes", "openapi", "clock", "fsck", "retention", "audit verify", "health", "version", "help"} {
		if !strings.Contains(help, name) {
			t.Errorf("help does not name %s", name)
		}
	}
	if in.must(t, "-h") != help || in.must(t, "--help") != help {
		t.Error("-h is not help")
	}
	if document := in.must(t, "openapi"); !strings.Contains(document, "\nopenapi: 3.1") {
		t.Errorf("openapi: %.80q", document)
	}
	var list []struct {
		Method, Path, Name, Title, Audience, Rate string
		Idempotent, Page                          bool
	}
	if err := json.Unmarshal([]byte(in.must(t, "routes", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(in.must(t, "routes"), "\n"); lines != len(list) || lines < 50 {
		t.Errorf("%d lines, %d routes", lines, len(list))
	}
	for _, r := range list {
		if r.Method == "" || r.Path == "" || r.Name == "" || r.Title == "" || r.Audience == "" || r.Rate == "" {
			t.Errorf("a route says too little: %+v", r)
		}
		if r.Page && r.Idempotent != (r.Name == "writeNotice") {
			t.Errorf("a page's form and its key: %+v", r)
		}
	}
}

func TestMistakesInTheCommand(t *testing.T) {
	in := install(t)
	for _, args := range [][]string{{"serv"}, {"reseal", "now"}, {"retention", "now"}, {"audit"}, {"audit", "burn"}, {"clock", "left"}, {"password"}, {"fsck", "extra"}, {"county", "extra"}, {"migrate", "down"}, {"serve", "now"}, {"routes", "--xml"}, {"seed", "--people", "3"}, {"seed", "--cases", "-1"}, {"seed", "--villages", "-1"}, {"seed", "more"}} {
		if _, err := in.do(t, args...); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
	if _, err := in.do(t, "serv"); err == nil || !strings.Contains(err.Error(), `"serv"`) || !strings.Contains(err.Error(), "migrate") {
		t.Errorf("an unknown sub-command: %v", err)
	}
}

// TestExitCode is what a supervisor or a script sees.
func TestExitCode(t *testing.T) {
	in := install(t)
	if said, err := in.command(t, "version").CombinedOutput(); err != nil || string(said) != version+"\n" {
		t.Errorf("%v %s", err, said)
	}
	in.must(t, "migrate")
	if _, err := in.do(t, "password", "nobody"); err == nil || err.Error() != `no staff account has the username "nobody"` {
		t.Errorf("a password for nobody: %v", err)
	}
	wrong := in.command(t, "audit", "burn")
	var said screen
	wrong.Stderr = &said
	if err := wrong.Run(); err == nil || wrong.ProcessState.ExitCode() != 1 || !strings.HasPrefix(said.String(), "usage: ") {
		t.Errorf("%v %s", err, said.String())
	}
}

// TestEachWrongSettingIsALine: all are told together, before a folder is made or a database opened, by whatever sub-command.
func TestEachWrongSettingIsALine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, wrong := range [][]string{
		{"TONGBAN_LISTEN", "8080", "TONGBAN_ENV", "prod", "TONGBAN_DATABASE", "postgres:x", "TONGBAN_DRAIN_TIME", "soon", "TONGBAN_BASE_URL", "tongban.example.cn"},
		{
			"TONGBAN_LISTEN", "127.0.0.1:99999", "TONGBAN_DATABASE", "mysql:tongban:s3cr3t@tcp(127.0.0.1", "TONGBAN_LIMITS", "king:5,reads:0,writes:9", "TONGBAN_STAFF_IDLE", "soon",
			"TONGBAN_RESIDENT_LIFE", "soon", "TONGBAN_REDIS", "redis://:s3cr3t@127.0.0.1:6379/first",
		},
		{"TONGBAN_LIMITS", "king:5"},
	} {
		for _, command := range [][]string{nil, {"migrate"}, {"keys"}} {
			_, err := installation{"TONGBAN_DATA": data}.with(wrong...).do(t, command...)
			if err == nil {
				t.Fatalf("%v: it starts with %q", command, wrong)
			}
			expected := len(wrong)/2 + 1
			for i := 0; i < len(wrong); i += 2 {
				if len(command) > 0 && command[0] == "keys" && wrong[i] == "TONGBAN_ENV" { // which only asks for keys in production
					expected--
				} else if strings.Count(err.Error(), wrong[i]+":") != 1 {
					t.Errorf("%v: %s is not named once: %v", command, wrong[i], err)
				}
			}
			if lines := strings.Split(err.Error(), "\n"); len(lines) != expected || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%v: %d lines: %q", command, len(lines), lines)
			}
			if strings.Contains(err.Error(), "LIMITS") && !strings.Contains(err.Error(), `"king" is no limit`) {
				t.Errorf("which limit? %v", err)
			}
		}
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("something was made meanwhile")
	}
}

// ready demands that the command says so. It waits three seconds for an answer, which a busy machine may need longer for at a start.
func (in installation) ready(t *testing.T) {
	t.Helper()
	var said string
	var err error
	if await(func() bool { said, err = in.do(t, "health"); return err == nil && said == "ready\n" }) != nil {
		t.Errorf("%s: health says %q, %v", in["TONGBAN_LISTEN"], said, err)
	}
}

// TestHealthAsksWhereTheProgramListens looks at addresses that are not 127.0.0.1, and at all of them.
func TestHealthAsksWhereTheProgramListens(t *testing.T) {
	in := install(t)
	for _, address := range []string{"127.0.0.2:0", "0.0.0.0:0", ":0", "localhost:0"} {
		s := in.with("TONGBAN_LISTEN", address).serve(t)
		host, _, _ := net.SplitHostPort(address)
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.url, "http://"))
		in.with("TONGBAN_LISTEN", net.JoinHostPort(host, port)).ready(t)
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	}
}

// TestStopAnswersFirst: from the word to stop on, /readyz says so, and until the load balancer has noticed, whoever comes is
// still answered. A machine that was too busy to ask within that time asks another program, which gives it more.
func TestStopAnswersFirst(t *testing.T) {
	for drain := 1500 * time.Millisecond; !answersWhileItDrains(t, drain); drain *= 4 {
		if 4*drain > time.Minute { // more may not be set
			t.Fatal("it does not say that it is stopping")
		}
	}
}

func answersWhileItDrains(t *testing.T, drain time.Duration) (inTime bool) {
	t.Helper()
	s := install(t, "TONGBAN_DRAIN_TIME", drain.String()).serve(t)
	ready := func() (answer, error) { return s.stranger().send("GET", "/readyz", "", nil, "") }
	got, err := ready()
	if err != nil {
		t.Fatal(err)
	}
	if got.is(t, "status", "ok", "durability", "full", "version", version); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- s.stop() }()
	for err == nil && !strings.Contains(string(got.body), "draining") && time.Since(began) < drain+patience {
		time.Sleep(50 * time.Millisecond) // a caller may look only so often
		got, err = ready()
	}
	var areas answer
	if err == nil {
		areas, err = s.stranger().send("GET", base+"/areas", "", nil, "")
	}
	if late := time.Since(began) > drain; err != nil && !late {
		t.Errorf("after %v of %v: %v", time.Since(began), drain, err)
	}
	if err == nil {
		if got.is(t, "status", "draining"); got.status != 503 {
			t.Errorf("it is stopping, and says %d", got.status)
		}
		areas.is(t, "items.0.name", "青禾县")
	}
	inTime = err == nil || t.Failed()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := ready(); err == nil {
		t.Error("it still answers")
	}
	return inTime
}

// TestWhereTheMachineStands: the same night in two zones of the host gives the same days and the same words.
func TestWhereTheMachineStands(t *testing.T) {
	told := map[string]string{}
	for _, zone := range []string{"Pacific/Kiritimati", "America/Los_Angeles"} {
		in, moveTo := rehearsal(t)
		moveTo(time.Date(2026, 11, 27, 23, 5, 0, 0, time.FixedZone("", 8*3600))) // a Friday night in Shanghai
		p := in.child(t, zone)
		resident := p.resident(t, "zhang.1", "张杏花", xinglin)
		receipt := resident.post(t, "/appeals", 201, map[string]any{"class": "help", "text": "水渠堵了浇不上地", "identity": "to_handler"})
		seen := resident.get(t, "/appeals/"+receipt.text(t, "id"))
		told[zone] = strings.Join([]string{
			receipt.text(t, "number")[:14], receipt.text(t, "due_on"), seen.text(t, "contact_by"), seen.text(t, "created_at")[:13],
		}, " ")
		p.term(t)
	}
	const want = "SQ101201261127 2026-12-04 2026-12-01T00:00:00+08:00 2026-11-27T23"
	for zone, got := range told {
		if got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
}

// TestTheClockCommand: after two months without a sign of life nothing is given up before a person has looked at the clock.
func TestTheClockCommand(t *testing.T) {
	in := install(t, "TONGBAN_ENV", "test")
	in.must(t, "migrate")
	if said := in.must(t, "clock"); !strings.Contains(said, "the rounds go by it") {
		t.Errorf("a new database: %s", said)
	}
	s := in.open(t)
	err := s.Write(t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table("rounds").Create(map[string]any{"name": "tries", "ran_at": tx.Now.AddDate(0, 0, -61)}).Error
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"clock"}, {"retention", "--apply"}} {
		if _, err := in.do(t, args...); err == nil || !strings.Contains(err.Error(), "61 days ago") {
			t.Errorf("%v: %v", args, err)
		}
	}
	in.must(t, "retention")
	in.must(t, "clock", "--right")
	in.must(t, "clock")
	in.must(t, "retention", "--apply")
	in.must(t, "audit", "verify")
}

// TestCommandsArePatient: of a county's rows one statement may take longer than any request may.
func TestCommandsArePatient(t *testing.T) {
	if !storetest.OnMySQL() {
		return // SQLite has no such limit
	}
	in := install(t)
	settings, err := config.Load(in.getenv)
	if err != nil {
		t.Fatal(err)
	}
	p := program{settings: settings, log: slog.New(slog.DiscardHandler), out: io.Discard}
	for patient, with := range map[bool]func(func(*store.Store) error) error{
		true: func(do func(*store.Store) error) error { return p.withStore(t.Context(), do) },
		false: func(do func(*store.Store) error) error {
			s, err := p.openStore(t.Context())
			if err != nil {
				return err
			}
			return errors.Join(do(s), s.Close())
		},
	} {
		err := with(func(s *store.Store) error {
			var seconds float64
			if err := s.Read(t.Context()).Raw("SELECT @@max_statement_time").Row().Scan(&seconds); err != nil {
				return err
			}
			if (seconds == 0) != patient {
				t.Errorf("a statement has %v seconds, patient: %t", seconds, patient)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
