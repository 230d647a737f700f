package page

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongban/internal/fault"
)

// TestSorryNeedsNothing: with no database and no catalogue a person still learns where to go.
func TestSorryNeedsNothing(t *testing.T) {
	var log bytes.Buffer
	p := New(Deps{Status: statusOf, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for _, c := range []struct {
		err    error
		status int
		says   string
		retry  string
		logged bool
	}{
		{errors.New("dsn root:secret"), 500, fault.Internal.Title, "", true},
		{fmt.Errorf("wrapped: %w", fault.Busy.After(90*time.Second)), 503, fault.Busy.Title, "90", true},
	} {
		log.Reset()
		w := httptest.NewRecorder()
		p.fail(w, httptest.NewRequest("GET", "/", nil), c.err)
		if w.Code != c.status || w.Header().Get("Retry-After") != c.retry || (log.Len() > 0) != c.logged {
			t.Errorf("%v: %d, retry after %q, log %q", c.err, w.Code, w.Header().Get("Retry-After"), &log)
		}
		checkPage(t, w.Header(), w.Body.String())
		wantText(t, w.Body.String(), c.says, "tel:12345", "到村便民服务站")
		if strings.Contains(w.Body.String(), "secret") {
			t.Error("the cause is told to the visitor")
		}
	}
}
