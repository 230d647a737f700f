package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"tongban/internal/store/storetest"
)

// asProgram tells the test binary to be the program instead of the tests. Nobody but these tests knows it.
const asProgram = "TONGBAN_TEST_AS_PROGRAM"

// sideBySide are the long tests that run at once. They wait for leases and for programs more than they work.
const sideBySide = "6"

// TestMain is also the way by which tests run the program in a process of its own, which can be killed.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	if err := flag.Set("test.parallel", sideBySide); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(storetest.Dropping{M: m})
}

// child is the program in a process of its own.
type child struct {
	serving
	process *exec.Cmd
	gone    chan struct{} // closed when it has ended
	err     error         // what it ended with
}

// command is the program in a process of its own, not started yet.
func (in installation) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "TONGBAN_") {
			c.Env = append(c.Env, setting)
		}
	}
	c.Env = append(c.Env, asProgram+"=1")
	for name, value := range in {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// child starts the program in a process whose machine stands in the zone (TZ).
func (in installation) child(t *testing.T, zone string) *child {
	t.Helper()
	c := &child{serving: serving{out: &screen{}, log: &screen{}, web: browser()}, process: in.with("TZ", zone).command(t), gone: make(chan struct{})}
	c.process.Stdout, c.process.Stderr = c.out, c.log
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.gone)
		c.err = c.process.Wait()
	}()
	t.Cleanup(c.kill)
	if err := await(func() bool { return over(c.gone) || c.address() }); err != nil || over(c.gone) {
		t.Fatalf("the program does not serve: %v %v\n%s%s", err, c.err, c.out, c.log)
	}
	return c
}

// stillRuns demands that the program has not ended by itself.
func (c *child) stillRuns(t *testing.T) {
	t.Helper()
	if over(c.gone) {
		t.Errorf("the program ended by itself: %v\n%s", c.err, c.log)
	}
}

// kill is kill -9.
func (c *child) kill() {
	_ = c.process.Process.Kill() // it may have ended
	<-c.gone
	c.web.CloseIdleConnections()
}

// term is SIGTERM, after which it must end well.
func (c *child) term(t *testing.T) {
	t.Helper()
	if err := c.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := await(func() bool { return over(c.gone) }); err != nil || c.err != nil {
		t.Fatal(fmt.Errorf("after SIGTERM: %w %w\n%s", err, c.err, c.log))
	}
	c.web.CloseIdleConnections()
}
