package county_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/county/contract"
	"tongban/internal/county/standin"
	"tongban/internal/store/storetest"
)

var quiet = slog.New(slog.DiscardHandler)

// keysOf makes keys of these ids.
func keysOf(t testing.TB, ids ...string) county.Keys {
	t.Helper()
	var parts []string
	for _, id := range ids {
		parts = append(parts, id+":"+strings.Repeat(id, 32))
	}
	keys, err := county.ParseKeys(strings.Join(parts, ","))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func mapping(t testing.TB) *county.Mapping {
	t.Helper()
	m, err := county.ReadMapping(os.DirFS("../../config/county"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fake is a stand-in on loopback and a client that speaks with it.
type fake struct {
	*standin.Server
	client *county.Client
	clock  *clock.Clock
}

func openFake(t testing.TB, c *clock.Clock, patience time.Duration) *fake {
	t.Helper()
	f := &fake{Server: standin.New(keysOf(t, "k1"), mapping(t), c), clock: c}
	server := httptest.NewServer(f.Server)
	t.Cleanup(server.Close)
	client, err := county.NewClient(county.Options{URL: server.URL + "/gov/v1/", Keys: keysOf(t, "k1"), Mapping: mapping(t), Clock: c, Log: quiet, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	f.client = client
	return f
}

func (f *fake) play(t testing.TB, script standin.Script) {
	t.Helper()
	if err := f.Play(script); err != nil {
		t.Fatal(err)
	}
}

// TestHTTPAdapter: the client and the stand-in keep the contract. Its news come in as a callback would.
func TestHTTPAdapter(t *testing.T) {
	contract.Run(t, func(t *testing.T) contract.House {
		f := openFake(t, clock.At(storetest.Monday), 0)
		var told []county.Event
		ears := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			if _, err := keysOf(t, "k1").Verify(r.Header, county.Message{Method: r.Method, Target: r.URL.RequestURI(), Body: body}); err != nil {
				t.Error(err)
			}
			e, problem, err := mapping(t).DecodeEvent(body)
			if err != nil || problem != "" {
				t.Errorf("%s: %q, %v", body, problem, err)
			}
			told = append(told, e)
		}))
		t.Cleanup(ears.Close)
		return contract.House{
			Platform: f.client, Advance: f.clock.Advance, Now: f.clock.Now,
			Act: func(t *testing.T, ref string, act county.Act) {
				t.Helper()
				if err := f.Act(ref, act); err != nil {
					t.Fatalf("%s %s: %v", act, ref, err)
				}
			},
			Events: func(t *testing.T) []county.Event {
				t.Helper()
				if err := f.Deliver(t.Context(), ears.URL+"/callbacks"); err != nil {
					t.Fatal(err)
				}
				news := told
				told = nil
				return news
			},
		}
	})
}

// completed is the mapping after the county added a code that it lacked.
func completed(t testing.TB) *county.Mapping {
	t.Helper()
	text, err := os.ReadFile("../../config/county/exchange.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more := strings.Replace(string(text), `        receive: "1"`, `        receive: ["1", "88"]`, 1)
	m, err := county.ReadMapping(fstest.MapFS{"exchange.yaml": {Data: []byte(more)}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
