package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"testing"

	sqlitedriver "github.com/glebarez/go-sqlite"

	"tongban/internal/store"
)

// stop is called by the statement that is to be stopped, at its first row.
var stop context.CancelFunc

func init() { // a connection knows the functions that there were when it was opened
	sqlitedriver.MustRegisterScalarFunction("test_stop", 0, func(*sqlitedriver.FunctionContext, []driver.Value) (driver.Value, error) {
		stop()
		return int64(1), nil
	})
}

// A statement that is stopped because its time is over is worth trying again; it is no mistake of ours. The driver is asked
// itself: database/sql puts the context's error before it when it sees both.
func TestAStoppedStatementIsUnavailable(t *testing.T) {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(t.Context())
	stop = cancel
	err = conn.Raw(func(driverConn any) error {
		const counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n WHERE i > 1 OR test_stop() = 1"
		_, err := driverConn.(driver.ExecerContext).ExecContext(ctx, counting, nil)
		return err
	})
	if !store.Unavailable(err) {
		t.Errorf("%T %v", err, err)
	}
}
