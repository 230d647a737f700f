// Command tongban (通办) lets villagers do government business without leaving the village.
//
// `tongban` or `tongban serve` serves; `tongban help` lists the other sub-commands. Settings come from the environment
// (config/example.env); none is needed for the demo.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"tongban/api"
	"tongban/config"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const usage = `tongban (通办): village government services

  serve           serve until SIGTERM (the default)
  migrate         bring the database's schema up to date; --to N: as far as a migration, forward only
  seed            fill in invented residents, cases and appeals: --villages N --residents N --cases N --appeals N --seed S
  county          check the county's folder and list what is wrong with it; exits 1 when it cannot be published
  keys            make the file of keys, once, for a new installation
  keys list       the keys: ids, algorithms, which are current; never what they are
  keys rotate USE a new data or signing key, current from now on; --later only publishes it
  keys use ID     make a published key the current one
  keys retire ID  forget an old key that nothing needs any more; --leaked: a signing key at once
  reseal          seal everything anew that is sealed with an old data key, while the program serves
  password NAME   give a staff account a password for its first log-in, which is changed there
  routes          list the API (--json)
  openapi         print the OpenAPI document
  clock           compare this machine's clock with what the database knows; exits 1 when it may be wrong
                  (--right: a person has looked, and it is right)
  fsck            look for what must never be found in the database; exits 1 when something is
  retention       say what personal data is kept how long, and what is due; --apply gives that up now
  audit verify    check the chain of the trail; exits 1 and names the first row that was touched
                  (--heads FILE: and compare it with heads that were kept earlier)
  audit export    print the trail as JSON lines, with its hashes and heads: --from DAY --to DAY
  fakecounty      play the county's platform and registers for a rehearsal: --listen ADDRESS --callbacks URL --script FILE
  health          ask a running server whether it is ready
  version, help

Settings come from the environment: config/example.env lists them all.
`

// run is the program. Tests start it with an environment and streams of their own.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	command, rest := "serve", args
	if len(args) > 0 {
		command, rest = args[0], args[1:]
	}
	switch command {
	case "help", "-h", "--help":
		_, err := io.WriteString(stdout, usage)
		return err
	case "version":
		_, err := fmt.Fprintln(stdout, version)
		return err
	case "routes":
		return listRoutes(rest, stdout)
	case "openapi":
		return printDocument(stdout)
	case "keys":
		if len(rest) == 0 {
			return firstKeys(getenv, stdout)
		}
	}

	if len(rest) > 0 && slices.Contains([]string{"serve", "county", "fsck", "health"}, command) {
		return fmt.Errorf("%s takes nothing more: what is %q?", command, rest[0])
	}
	settings, err := readSettings(getenv)
	if err != nil {
		return err
	}
	p := program{settings: settings, log: logger(stderr, settings.LogLevel), out: stdout}
	switch command {
	case "serve":
		return p.serve(ctx)
	case "migrate":
		return p.migrate(ctx, rest)
	case "seed":
		return p.seed(ctx, rest)
	case "county":
		return p.checkCounty()
	case "keys":
		return p.changeKeys(ctx, rest)
	case "reseal":
		return p.reseal(ctx, rest)
	case "password":
		return p.password(ctx, rest)
	case "clock":
		return p.clock(ctx, rest)
	case "fsck":
		return p.fsck(ctx)
	case "retention":
		return p.retention(ctx, rest)
	case "audit":
		return p.audit(ctx, rest)
	case "health":
		return p.health(ctx)
	case "fakecounty":
		return p.fakeCounty(ctx, rest)
	}
	return fmt.Errorf("unknown sub-command %q\n\n%s", command, usage)
}

// readSettings answers every mistake at once, before anything is opened. The limits have names that only the API knows.
func readSettings(getenv func(string) string) (config.Settings, error) {
	settings, err := config.Load(getenv)
	if err = errors.Join(err, api.CheckLimits(settings.Limits)); err != nil {
		return settings, fmt.Errorf("the settings cannot be used:\n%w", err)
	}
	return settings, nil
}

// logger writes one JSON line per event. Everything personal masks itself before it gets here.
func logger(to io.Writer, level string) *slog.Logger {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: least}))
}
