package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tongban/internal/cache"
	"tongban/internal/clock"
)

// BenchmarkGuide compares what villagers ask for most with the least that net/http can do: a handler that writes the same
// bytes. Both stand in one other process behind http.Server on loopback, one core for it and one for the clients, which
// are raw keep-alive connections in a closed loop. The base and ours take turns; what counts is the ratio of each turn:
// of answers per second, and beside it of answers per second of the server's processor time, which says more on a machine
// that does other work as well. Nothing is left out of ours: request id, limits, headers and the log's line are all on.
func BenchmarkGuide(b *testing.B) {
	if os.Getenv(benchServer) != "" {
		serveGuide(b)
		return
	}
	bare, ours := startGuideServer(b)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	kinds := []struct {
		name   string
		budget float64 // performance: at least this
		header string
	}{
		{"identity", 0.80, ""},
		{"gzip", 1.10, "Accept-Encoding: gzip\r\n"},
		{"304", 1.30, "If-None-Match: " + ours.ETag + "\r\n"},
	}
	for b.Loop() {
		ratios, thrift, rates := make([][]float64, len(kinds)), make([][]float64, len(kinds)), make([]float64, len(kinds))
		for round := range benchRounds {
			for i, kind := range kinds {
				base := func() turn { return takeTurn(b, bare, "") }
				mine := func() turn { return takeTurn(b, ours, kind.header) }
				var x, y turn
				if round%2 == 0 { // whoever goes first is not always the same
					x, y = base(), mine()
				} else {
					y, x = mine(), base()
				}
				ratios[i] = append(ratios[i], y.rate/x.rate)
				thrift[i] = append(thrift[i], x.cost/y.cost)
				rates[i] += y.rate / benchRounds
			}
		}
		fmt.Printf("\nthe guide's answer (%d bytes) against bare net/http: %d rounds of %v, %d connections\n", ours.Size, benchRounds, benchTurn, benchConnections)
		fmt.Printf("%-10s%-24s%-24s%8s%14s\n", "", "answers/s: median", "per cpu second: median", "budget", "answers/s")
		for i, kind := range kinds {
			fmt.Printf("%-10s%-24s%-24s%7.2f×%14.0f\n", kind.name, spread(ratios[i]), spread(thrift[i]), kind.budget, rates[i])
			b.ReportMetric(ratios[i][benchRounds/2], kind.name+"/bare")
		}
	}
}

const (
	benchServer      = "TONGBAN_BENCH_SERVER"
	benchRounds      = 9
	benchTurn        = 700 * time.Millisecond
	benchConnections = 64
)

// guideServer is where one of the two answers.
type guideServer struct {
	Address, Path, ETag string
	Size                int
	Meter               string // address of meter
}

// startGuideServer runs this very test program again as the server.
func startGuideServer(b *testing.B) (bare, ours guideServer) {
	b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkGuide$", "-test.benchtime=1x")
	server.Env = append(os.Environ(), benchServer+"=1", "GOMAXPROCS=1")
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stop(); _ = server.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), benchServer); ok {
			both := []*guideServer{&bare, &ours}
			if err := json.Unmarshal([]byte(text), &both); err != nil {
				b.Fatal(err)
			}
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return bare, ours
		}
	}
	b.Fatal("the server did not start")
	return bare, ours
}

// serveGuide is the other process. It ends with its parent's word.
func serveGuide(b *testing.B) {
	devNull, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(devNull, nil))
	h := openHouse(b, func(d *Deps) { d.Log, d.Limiter = log, patient(b) })
	h.near = patient(b)
	guide, err := h.Catalog.Guide(pension)
	if err != nil {
		b.Fatal(err)
	}
	length := strconv.Itoa(len(guide.Plain))
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", length)
		_, _ = w.Write(guide.Plain)
	})
	watch := listenTo(b, http.HandlerFunc(meter), log)
	var where []guideServer
	for _, handler := range []http.Handler{bare, h.Handler()} {
		where = append(where, guideServer{listenTo(b, handler, log), base + "/items/" + pension, guide.ETag, len(guide.Plain), watch})
	}
	text, err := json.Marshal(where)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("\n%s%s\n", benchServer, text)
	select {} // until the parent kills it
}

func listenTo(b *testing.B, handler http.Handler, log *slog.Logger) (address string) {
	b.Helper()
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = HTTP(handler, log).Serve(listener) }()
	return listener.Addr().String()
}

// counting counts as always and refuses nobody.
type counting struct{ cache.Limiter }

func patient(b *testing.B) cache.Limiter {
	b.Helper()
	c, err := cache.Open("", clock.System(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	return counting{c}
}

func (c counting) Allow(ctx context.Context, class, who string, rate cache.Rate) (bool, time.Duration) {
	rate.Burst = int(rate.Per / 2) // a try every two nanoseconds
	return c.Limiter.Allow(ctx, class, who, rate)
}

// spread sorts ratios and writes their median, least and greatest.
func spread(ratios []float64) string {
	slices.Sort(ratios)
	return fmt.Sprintf("%.2f× (%.2f–%.2f)", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
}

// turn is what one server did in its turn.
type turn struct {
	rate float64 // answers per second
	cost float64 // seconds of the server's processor for one answer
}

func takeTurn(b *testing.B, to guideServer, header string) turn {
	b.Helper()
	request := []byte("GET " + to.Path + " HTTP/1.1\r\nHost: tongban\r\n" + header + "\r\n")
	var done atomic.Int64
	var over atomic.Bool
	var all sync.WaitGroup
	for range benchConnections {
		conn, err := net.Dial("tcp", to.Address)
		if err != nil {
			b.Fatal(err)
		}
		all.Go(func() {
			defer conn.Close()
			size, err := firstAnswer(conn, request)
			answer := make([]byte, size)
			for err == nil && !over.Load() {
				if _, err = conn.Write(request); err == nil {
					_, err = io.ReadFull(conn, answer) // every answer is as long as the first
				}
				done.Add(1)
			}
			if err != nil {
				b.Error(err)
			}
		})
	}
	runtime.GC()
	time.Sleep(benchTurn / 7) // until all are at it
	began, before, used := time.Now(), done.Load(), to.used(b)
	time.Sleep(benchTurn)
	answers, cost := float64(done.Load()-before), to.used(b)-used
	took := time.Since(began).Seconds()
	over.Store(true)
	all.Wait()
	return turn{answers / took, cost / answers}
}

// used is how many seconds of processor the server's process has taken so far.
func (g guideServer) used(b *testing.B) float64 {
	b.Helper()
	answer, err := http.Get("http://" + g.Meter)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	var seconds float64
	if _, err := fmt.Fscan(answer.Body, &seconds); err != nil {
		b.Fatal(err)
	}
	return seconds
}

// meter tells it.
func meter(w http.ResponseWriter, _ *http.Request) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	fmt.Fprintf(w, "%f", float64(u.Utime.Nano()+u.Stime.Nano())/1e9)
}

// firstAnswer reads one answer and tells how many bytes it has, head and body.
func firstAnswer(conn net.Conn, request []byte) (int, error) {
	if _, err := conn.Write(request); err != nil {
		return 0, err
	}
	counted := &countingReader{from: conn}
	answer, err := http.ReadResponse(bufio.NewReader(counted), nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 && answer.StatusCode != 304 || answer.ContentLength < 0 && answer.StatusCode == 200 {
		return 0, fmt.Errorf("answered %s", answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return counted.read, err
}

type countingReader struct {
	from io.Reader
	read int
}

func (r *countingReader) Read(into []byte) (int, error) {
	n, err := r.from.Read(into)
	r.read += n
	return n, err
}
