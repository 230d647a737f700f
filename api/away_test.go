package api

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"testing"

	"tongban/internal/fault"
)

// A database that is away is not our mistake: the client is asked to come again.
func TestDatabaseAwayIsBusy(t *testing.T) {
	for _, away := range []error{
		driver.ErrBadConn, sql.ErrConnDone, &net.OpError{Op: "dial", Err: errors.New("connection refused")},
	} {
		if e := promised(fmt.Errorf("read: %w", away)); e.Fault != fault.Busy || !errors.Is(e.Cause, away) {
			t.Errorf("%v became %v", away, e)
		}
	}
	if e := promised(errors.New("anything else")); e.Fault != fault.Internal {
		t.Errorf("%v", e)
	}
	if e := promised(fault.NotFound.Because(driver.ErrBadConn)); e.Fault != fault.NotFound {
		t.Errorf("%v", e)
	}
}
