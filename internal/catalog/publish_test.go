package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/cache"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

func count(t testing.TB, st *store.Store, table string) int {
	t.Helper()
	var n int64
	if err := st.Read(t.Context()).Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestPublishTwiceIsOneVersion(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	first := mustPublish(t, d, twoItems(t))
	if diff := cmp.Diff([]string{lowID, oldID}, first.Added); diff != "" || first.Revision != 1 || first.Codes != 4 {
		t.Errorf("the first publication did %+v", first)
	}
	trail, letters := count(t, st, "trail"), count(t, st, "outbox")
	if trail != 3 || letters != 1 {
		t.Errorf("%d trail rows and %d letters, want 3 and 1", trail, letters)
	}
	second := mustPublish(t, d, twoItems(t))
	if second.Revision != 1 || len(second.Added)+len(second.Changed)+len(second.Retired)+second.Codes != 0 {
		t.Errorf("publishing the same again did %+v", second)
	}
	if count(t, st, "item_versions") != 2 || count(t, st, "trail") != trail || count(t, st, "outbox") != letters {
		t.Error("publishing the same again wrote something")
	}
}

func TestChangedContentIsANewVersion(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	mustPublish(t, d, twoItems(t))
	before, err := d.Guide(lowID)
	if err != nil {
		t.Fatal(err)
	}
	folder := twoItems(t)
	folder["items/01.yaml"].Data = []byte(strings.Replace(lowText(t), "办事员替您填好申请。", "带上身份证。", 1))
	done := mustPublish(t, d, folder)
	if diff := cmp.Diff(Published{Revision: 2, Changed: []string{lowID}}, done); diff != "" {
		t.Error(diff)
	}
	after, err := d.Guide(lowID)
	if err != nil {
		t.Fatal(err)
	}
	if after.Version != 2 || after.Steps[0].Text != "带上身份证。" || after.ETag == before.ETag {
		t.Errorf("the guide is version %d, %q, %s", after.Version, after.Steps[0].Text, after.ETag)
	}
	old, err := d.Version(t.Context(), lowID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if old.Version != 1 || old.Steps[0].Text != "办事员替您填好申请。" || len(old.Places) != 3 {
		t.Errorf("the old version reads %d, %q, %d places", old.Version, old.Steps[0].Text, len(old.Places))
	}
	if same, err := d.Version(t.Context(), lowID, 2); err != nil || same != after.Item {
		t.Errorf("the version in force is read anew: %v", err)
	}
	if _, err := d.Version(t.Context(), lowID, 3); err == nil {
		t.Error("a version that was never published exists")
	} else {
		wantFault(t, err, ErrVersionUnknown)
	}
	// Back to the old text: a third version, since a notice may quote the second.
	if done := mustPublish(t, d, twoItems(t)); len(done.Changed) != 1 {
		t.Errorf("going back did %+v", done)
	}
	if guide, err := d.Guide(lowID); err != nil || guide.Version != 3 || guide.Plain == nil {
		t.Errorf("after going back: %+v, %v", guide, err)
	}
}

func TestMissingItemsAreRetired(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	mustPublish(t, d, twoItems(t))
	one := folderOf("items/01.yaml", lowText(t), "codes.csv", strings.Replace(twoCodes, "5KF0DBGNMC,item,"+oldID+",\n", "", 1))
	done := mustPublish(t, d, one)
	if diff := cmp.Diff([]string{oldID}, done.Retired); diff != "" || len(done.Changed) > 0 {
		t.Errorf("did %+v", done)
	}
	_, err := d.Guide(oldID)
	wantFault(t, err, ErrItemRetired)
	if code, err := d.Now().Code("5KF0DBGNMC"); err != nil || code.ID != oldID {
		t.Errorf("the code on the wall lost its meaning: %+v, %v", code, err)
	}
	if code := d.Now().CodeOf(oldID, ""); code != "" {
		t.Errorf("a retired item is printed with %s", code)
	}
	if n := len(d.Now().Search(Query{})); n != 1 {
		t.Errorf("the list has %d items", n)
	}
	if it, err := d.Version(t.Context(), oldID, 1); err != nil || it.ID != oldID {
		t.Errorf("the retired version cannot be read: %v", err)
	}
	if done := mustPublish(t, d, twoItems(t)); !cmp.Equal(done.Changed, []string{oldID}) {
		t.Errorf("coming back did %+v", done)
	}
	if guide, err := d.Guide(oldID); err != nil || guide.Version != 1 || d.Now().CodeOf(oldID, "") != "5KF0DBGNMC" {
		t.Errorf("the item is not back: %v", err)
	}
}

func TestACodeNeverChangesItsMeaning(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	mustPublish(t, d, twoItems(t))
	folder := twoItems(t)
	folder["codes.csv"].Data = []byte(strings.Replace(twoCodes, "5KF0DBGNMC,item,"+oldID+",", "5KF0DBGNMC,item,"+lowID+",219901201201", 1))
	_, err := d.Publish(t.Context(), publisher, Source{FS: folder, Places: offices})
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok || len(refusal.Findings) != 1 || refusal.Findings[0].Line != 4 || refusal.Findings[0].File != "codes.csv" {
		t.Fatalf("got %v", err)
	}
	if r, err := revision(st.Read(t.Context())); err != nil || r != 1 {
		t.Errorf("the refused publication left revision %d, %v", r, err)
	}
	// A replaced sticker has a new code; the old one, gone from the file, is still understood.
	folder["codes.csv"].Data = []byte(strings.Replace(twoCodes, "5KF0DBGNMC", "WC3YR5KYYJ", 1))
	mustPublish(t, d, folder)
	if code := d.Now().CodeOf(oldID, village); code != "WC3YR5KYYJ" {
		t.Errorf("printed is %s", code)
	}
	if code, err := d.Now().Code("5kf0-dbg-nmc"); err != nil || code.ID != oldID {
		t.Errorf("the old sticker stands for %+v, %v", code, err)
	}
}

func TestPublishRefusesWhoMayNot(t *testing.T) {
	d := deskOn(t, storetest.Open(t))
	for _, role := range access.Roles() {
		_, err := d.Publish(t.Context(), access.Actor{Person: "p", Role: role, Area: "219901"}, Source{FS: twoItems(t)})
		if role == access.Publisher {
			if err != nil {
				t.Errorf("the publisher is refused: %v", err)
			}
			continue
		}
		wantFault(t, err, fault.NotYours)
	}
	if _, err := d.Publish(t.Context(), access.Round("219901"), Source{FS: twoItems(t)}); err != nil {
		t.Errorf("the program itself is refused: %v", err)
	}
}

func TestPublishRefusesABrokenFolderWhole(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	folder := twoItems(t)
	folder["items/02.yaml"].Data = []byte(strings.Replace(oldText(t), "value: 25", "value: 31", 1))
	_, err := d.Publish(t.Context(), publisher, Source{FS: folder, Places: offices})
	wantFault(t, err, ErrRefused)
	if !strings.Contains(err.Error(), "items/02.yaml:") || !strings.Contains(err.Error(), "规则1") {
		t.Errorf("the refusal reads %v", err)
	}
	if count(t, st, "items") != 0 || count(t, st, "codes") != 0 {
		t.Error("a part was published")
	}
}

func TestOfficesArePublishedToo(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	mustPublish(t, d, twoItems(t))
	moved := append([]Place{}, offices...)
	moved[0].Phone = "0000-9999"
	done, err := d.Publish(t.Context(), publisher, Source{FS: twoItems(t), Places: moved[:2]})
	if err != nil {
		t.Fatal(err)
	}
	if done.Revision != 2 || len(done.Changed) > 0 || len(done.Warnings) != 2 || !strings.Contains(done.Warnings[0].String(), "township_centre") {
		t.Errorf("did %+v", done)
	}
	guide, err := d.Guide(lowID)
	if err != nil {
		t.Fatal(err)
	}
	if guide.Version != 1 || guide.Phones[0].Number != "0000-9999" || guide.Hours != "周一至周五 8:30-16:30" || len(guide.Places) != 2 {
		t.Errorf("the guide says %+v %+v", guide.Phones, guide.Places)
	}
}

// The program starts with the demonstration county, and a second start changes nothing.
func TestPublishTheDemonstrationCounty(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	county := os.DirFS("../../config/county")
	if done := mustPublish(t, d, county); len(done.Added) != 39 || done.Codes != 159 || len(done.Warnings) == 0 {
		t.Errorf("added %d items, %d codes, %d warnings", len(done.Added), done.Codes, len(done.Warnings))
	}
	if done := mustPublish(t, d, county); done.Revision != 1 || done.Codes != 0 {
		t.Errorf("the second start did %+v", done)
	}
	fresh, err := Load(county)
	if err != nil {
		t.Fatal(err)
	}
	for _, guide := range d.Now().Guides() {
		want := *fresh.Files[guide.Seq-1].Item
		want.Version, want.Code = 1, d.Now().CodeOf(guide.ID, "")
		want.Places, want.Hours, want.Phones = guide.Places, guide.Hours, guide.Phones
		if diff := cmp.Diff(&want, guide.Item); diff != "" {
			t.Errorf("%s does not come back as it was written: %s", guide.ID, diff)
		}
	}
}

// Replicas that start together publish one catalogue.
func TestPublishAtOnce(t *testing.T) {
	st, o := storetest.Fresh(t)
	desks := []*Desk{deskOn(t, st), deskOn(t, storetest.Again(t, o)), deskOn(t, storetest.Again(t, o))}
	var group sync.WaitGroup
	for _, d := range desks {
		group.Go(func() {
			if _, err := d.Publish(context.WithoutCancel(t.Context()), publisher, Source{FS: twoItems(t), Places: offices}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if r, err := revision(st.Read(t.Context())); err != nil || r != 1 || count(t, st, "item_versions") != 2 {
		t.Errorf("revision %d, %d versions, %v", r, count(t, st, "item_versions"), err)
	}
}

// Another replica follows by looking, and at once when it is told.
func TestReplicasFollow(t *testing.T) {
	st, o := storetest.Fresh(t)
	words, err := cache.Open("", clock.System(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer words.Close()
	writer := New(st, words, slog.New(slog.DiscardHandler), encodeName)
	for name, every := range map[string]time.Duration{"told": time.Hour, "looking": 10 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			heard := cache.Broadcast(words)
			if name == "looking" {
				heard = nil
			}
			reader := New(storetest.Again(t, o), heard, slog.New(slog.DiscardHandler), encodeName)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				reader.Watch(ctx, every)
				close(ended)
			}()
			folder := twoItems(t)
			followed := false
			for n := 0; n < 20 && !followed; n++ { // the first word may come before the watch listens
				folder["items/01.yaml"].Data = []byte(strings.Replace(lowText(t), "公示七天", fmt.Sprintf("公示%s第%d次", name, n), 1))
				want := mustPublish(t, writer, folder).Revision
				for looks := 0; looks < 100 && !followed; looks++ {
					time.Sleep(50 * time.Millisecond)
					followed = reader.Now().Revision >= want
				}
			}
			if !followed {
				t.Fatal("the reader did not follow")
			}
			stop()
			<-ended
		})
	}
}

// A snapshot is one publication: readers never see two mixed, and a publication is never taken back.
func TestSnapshotSwapsWhole(t *testing.T) {
	st := storetest.Open(t)
	d := deskOn(t, st)
	texts := func(n int) fstest.MapFS {
		mark := fmt.Sprintf("公示第%d版", n)
		return folderOf("items/01.yaml", strings.Replace(lowText(t), "公示七天", mark, 1), "items/02.yaml", strings.Replace(oldText(t), "公示七天", mark, 1))
	}
	mustPublish(t, d, texts(1))
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			var last int64
			for {
				select {
				case <-stop:
					return
				default:
				}
				now := d.Now()
				low, err1 := now.Guide(lowID)
				old, err2 := now.Guide(oldID)
				if err1 != nil || err2 != nil || low.Steps[2].Title != old.Steps[2].Title || int64(low.Version) != now.Revision || now.Revision < last {
					t.Error("a reader saw a mixture or an older publication")
					return
				}
				last = now.Revision
				now.Search(Query{Text: "db"})
			}
		})
	}
	for n := 2; n <= 8; n++ {
		mustPublish(t, d, texts(n))
	}
	close(stop)
	group.Wait()
	if d.Now().Revision != 8 {
		t.Errorf("revision %d", d.Now().Revision)
	}
}
