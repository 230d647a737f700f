package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongban/internal/account"
	"tongban/internal/offline"
	"tongban/internal/store/storetest"
)

// daysWork is a clerk's day without a network: 300 acts on forty cases, half of them with photos and papers taken along.
func (h *house) daysWork(t *testing.T) (lines [][]queued, photos map[string][]byte) {
	t.Helper()
	zhang, li, papers := h.actor(t, "zhang").Person, h.actor(t, "li").Person, h.claimPapers(t)
	photos = map[string][]byte{}
	for i := range storetest.Rounds(20) {
		card := jpegOf(t, 16+i, 16)
		photos[digestOf(card)] = card
		lines = append(lines, errandLine(fmt.Sprintf("errand-%02d", i), zhang, papers, digestOf(card)), plainLine(fmt.Sprintf("simple-%02d", i), li, papers))
	}
	return lines, photos
}

// phone is one of a clerk's, with its own log-in.
type phone struct {
	*house
	token  string
	random *rand.Rand
	todo   []queued
	done   []queued
	photos map[string][]byte
	calls  int
	told   map[string]int // how often which outcome
}

func (p *phone) post(t *testing.T, ctx context.Context, path, body, kind string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", bearer(p.token))
	r.Header.Set(keyHeader, fmt.Sprintf("%p-%d", p, p.calls))
	p.calls++
	w := httptest.NewRecorder()
	p.http.ServeHTTP(w, r)
	return w
}

// send sends some of what is left, in whatever order, and some of what was done already. A call in five is cut off: the phone
// learns nothing, wherever the server was.
func (p *phone) send(t *testing.T) {
	t.Helper()
	p.random.Shuffle(len(p.todo), func(i, j int) { p.todo[i], p.todo[j] = p.todo[j], p.todo[i] })
	batch := slices.Clone(p.todo[:min(len(p.todo), 45)])
	for len(p.done) > 0 && len(batch) < offline.Most {
		batch = append(batch, p.done[p.random.IntN(len(p.done))])
	}
	p.random.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	lost := p.random.IntN(5) == 0
	if lost {
		go func(after time.Duration) { time.Sleep(after); cut() }(time.Duration(p.random.IntN(150)) * time.Millisecond)
	}
	w := p.post(t, ctx, "/offline", batchOf(t, batch), "application/json")
	if lost {
		return
	}
	if w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
		return
	}
	for _, a := range read[takenView](t, w).Acts {
		p.told[outcomes([]queuedView{a})]++
		switch {
		case a.Result == offline.Created, a.Result == offline.Same:
			at := slices.IndexFunc(p.todo, func(q queued) bool { return q.Key == a.Key })
			if at >= 0 {
				p.done = append(p.done, p.todo[at])
				p.todo = slices.Delete(p.todo, at, at+1)
			}
		case a.WaitsFor == offline.ForPhotos:
			for _, digest := range a.Missing {
				body, kind := form(t, "file", p.photos[digest])
				if w := p.post(t, t.Context(), "/files", body, kind); w.Code != http.StatusCreated {
					t.Errorf("a photo: %d %s", w.Code, w.Body)
				}
			}
		case a.Result != offline.Waits:
			t.Errorf("%s came out as %+v %+v", a.Key, a, a.Problem)
		}
	}
}

// TestQueuedActsInAnyOrder: 300 acts by two phones of one clerk at once, in random order, repeated and cut off, leave the
// same behind as the same acts in their order once.
func TestQueuedActsInAnyOrder(t *testing.T) {
	t.Parallel()
	calm := openCases(t)
	lines, photos := calm.daysWork(t)
	for _, photo := range photos {
		if w := calm.upload(t, "clerk-xinglin", photo); w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	for _, line := range lines {
		wantOutcomes(t, calm.takeAll(t, "clerk-xinglin", line...), strings.TrimSpace(strings.Repeat("created ", len(line))))
	}

	wild := openCases(t)
	lines, photos = wild.daysWork(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var phones []*phone
	for i := range uint64(2) {
		in := wild.login(t, base+"/login/password", map[string]string{"username": "clerk-xinglin", "password": account.DemoPassword(wild.Store.Keys()), "device": fmt.Sprint("phone ", i)})
		phones = append(phones, &phone{house: wild, token: in.AccessToken, random: rand.New(rand.NewPCG(seed, i)), todo: slices.Concat(lines...), photos: photos, told: map[string]int{}})
	}
	var running sync.WaitGroup
	for _, p := range phones {
		running.Go(func() {
			for len(p.todo) > 0 && !t.Failed() && p.calls < 2000 {
				p.send(t)
			}
		})
	}
	running.Wait()
	for _, p := range phones {
		t.Logf("%d calls: %v", p.calls, p.told)
		if len(p.todo) > 0 {
			t.Fatalf("%d acts were never done, such as %+v", len(p.todo), p.todo[0])
		}
	}
	want, got := calm.leftBehind(t), wild.leftBehind(t)
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if want[key] != got[key] {
			t.Errorf("%s:\n%s, want\n%s", key, got[key], want[key])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d things are left, want %d", len(got), len(want))
	}
	faults, err := wild.Store.Fsck(t.Context(), offline.Checks())
	if err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
}

// counted are the tables and conditions of which as many rows must be left; what was uploaded twice is no thing of anybody's.
var counted = [][2]string{
	{"offline_acts", "1 = 1"}, {"notices", "1 = 1"}, {"cases", "1 = 1"}, {"case_materials", "1 = 1"}, {"case_events", "1 = 1"}, {"case_handovers", "1 = 1"},
	{"errands", "1 = 1"}, {"errand_papers", "1 = 1"}, {"errand_events", "1 = 1"}, {"files", "object <> ''"}, {"outbox", "1 = 1"},
	{"trail", "act LIKE 'case.%' OR act LIKE 'errand.%' OR act LIKE 'notice.%' OR act = 'file.attach'"}, {"idempotency", "operation <> 'keepPhoto' AND operation <> 'tellMe'"},
}

var (
	idsAndNumbers = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|(BJ|DB|GZ)\d{12,}`)
	codesOnPaper  = regexp.MustCompile(`/q/[0-9A-Z]+`)
)

// leftBehind is what stands in the tables: how many rows, and each case and errand as its clerk sees it, without ids.
func (h *house) leftBehind(t *testing.T) map[string]string {
	t.Helper()
	left := map[string]string{}
	for _, c := range counted {
		left["rows of "+c[0]] = fmt.Sprint(h.rows(t, c[0], c[1]))
	}
	var rows []offline.Row
	if err := h.Store.Read(t.Context()).Order("line, seq").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		left["act "+row.ActKey] = row.Act + " " + row.ThingKind
		var text bytes.Buffer
		switch row.Act {
		case "openCase":
			_ = json.Indent(&text, h.must(t, "clerk-xinglin", http.StatusOK, "GET", "/cases/"+row.Thing, "").Body.Bytes(), "", " ")
		case "entrustErrand":
			_ = json.Indent(&text, h.must(t, "clerk-xinglin", http.StatusOK, "GET", "/errands/"+row.Thing, "").Body.Bytes(), "", " ")
		default:
			continue
		}
		left["thing of "+row.ActKey] = codesOnPaper.ReplaceAllString(idsAndNumbers.ReplaceAllString(text.String(), "-"), "-")
	}
	return left
}
