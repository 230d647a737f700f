package store_test

import (
	"bytes"
	"fmt"
	"log"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"

	sqldriver "github.com/go-sql-driver/mysql"

	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// What a server says during a failover is no mistake of ours: the visitor is asked to come again.
func TestAServerThatGaveUpItsPlaceIsAway(t *testing.T) {
	for number, want := range map[uint16]bool{
		1290: true, 1836: true, 1792: true, 1047: true, 1317: true, 9001: true, 9002: true, 9003: true, 9004: true, 9005: true,
		1040: true, 1053: true, 1969: true, 3024: true,
		1054: false, 1062: false, 1064: false, 1146: false,
	} {
		err := fmt.Errorf("read: %w", &sqldriver.MySQLError{Number: number, Message: "no"})
		if store.Unavailable(err) != want {
			t.Errorf("%d: unavailable is %v", number, !want)
		}
	}
}

// What servers know, as they answer SHOW VARIABLES: a setting by a name that one does not know would refuse every connection.
func TestSettingsGoByTheServersNames(t *testing.T) {
	limit := map[string]string{"max_statement_time": fmt.Sprint(8 * store.Slowed), "max_execution_time": fmt.Sprint(8000 * store.Slowed)}
	for server, c := range map[string]struct{ known, set []string }{
		"MariaDB 10.11": {[]string{"tx_isolation", "max_statement_time"}, []string{"tx_isolation", "max_statement_time"}},
		"MariaDB 11.4":  {[]string{"transaction_isolation", "tx_isolation", "max_statement_time"}, []string{"transaction_isolation", "max_statement_time"}},
		"MySQL 8":       {[]string{"transaction_isolation", "max_execution_time"}, []string{"transaction_isolation", "max_execution_time"}},
		"something":     {[]string{"max_execution_time"}, nil},
	} {
		set, err := store.Adapted(c.known...)
		if (err == nil) != (c.set != nil) || err == nil && !slices.Equal(slices.Sorted(maps.Keys(set)), slices.Sorted(slices.Values(c.set))) {
			t.Errorf("%s: %v, %v", server, set, err)
		}
		if err == nil && set[c.set[0]] != "'READ-COMMITTED'" || err == nil && set[c.set[1]] != limit[c.set[1]] {
			t.Errorf("%s: %v", server, set)
		}
	}
	if !storetest.OnMySQL() {
		return
	}
	var rows []struct{ Value string }
	err := storetest.Open(t).Read(t.Context()).Raw("SHOW VARIABLES WHERE Variable_name IN ('transaction_isolation', 'tx_isolation')").Scan(&rows).Error
	if err != nil || len(rows) == 0 || rows[0].Value != "READ-COMMITTED" {
		t.Errorf("the server's transactions are %v, %v", rows, err)
	}
}

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
	if got := limit(o); got != 8*store.Slowed {
		t.Errorf("a request's statement has %v seconds", got)
	}
	o.Patient = true
	if got := limit(o); got != 0 {
		t.Errorf("a command's statement has %v seconds", got)
	}
}

func TestPingReadsATable(t *testing.T) {
	s := storetest.Open(t)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The connections answer, and yet nothing can be read.
	err := s.Write(t.Context(), clerk, func(tx *store.Tx) error { return tx.Exec("ALTER TABLE leases RENAME TO leases_away").Error })
	if err != nil {
		t.Fatal(err)
	}
	if s.Ping(t.Context()) == nil {
		t.Error("a database whose tables cannot be read is ready")
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
