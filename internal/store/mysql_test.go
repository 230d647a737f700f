package store_test

import (
	"bytes"
	"log"
	"net"
	"strings"
	"testing"

	sqldriver "github.com/go-sql-driver/mysql"

	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// An operator's command waits for its statements; a request does not.
func TestACommandsStatementsMayTakeLong(t *testing.T) {
	if !storetest.OnMySQL() {
		return // SQLite has no such limit
	}
	_, o := storetest.Fresh(t)
	limit := func(o store.Options) (seconds float64) {
		t.Helper()
		s := storetest.Again(t, o)
		for _, db := range []func(any) error{
			func(to any) error { return s.Read(t.Context()).Raw("SELECT @@max_statement_time").Row().Scan(to) },
			func(to any) error {
				return s.Write(t.Context(), clerk, func(tx *store.Tx) error { return tx.Raw("SELECT @@max_statement_time").Row().Scan(to) })
			},
		} {
			if err := db(&seconds); err != nil {
				t.Fatal(err)
			}
		}
		return seconds
	}
	if got := limit(o); got != 8 {
		t.Errorf("a request's statement has %v seconds", got)
	}
	o.Patient = true
	if got := limit(o); got != 0 {
		t.Errorf("a command's statement has %v seconds", got)
	}
}

// The driver's own log would stand among our lines, in another form.
func TestTheDriverIsSilent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close() // no server speaks
		}
	}()
	var said bytes.Buffer
	if err := sqldriver.SetLogger(log.New(&said, "", 0)); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), store.Options{Database: "mysql:u:p@tcp(" + listener.Addr().String() + ")/x", Keys: storetest.Keys(t)})
	if err == nil || said.Len() != 0 {
		t.Errorf("%v; it said %s", err, strings.TrimSpace(said.String()))
	}
}
