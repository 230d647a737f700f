package casework

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/store/storetest"
)

func (h *house) documents(actor access.Actor, id string) []Document {
	h.t.Helper()
	list, err := h.Documents(h.t.Context(), actor, id)
	must(h.t, err)
	return list
}

// Every row of the flow makes just the papers that the law demands, in its own commit, and the check finds them genuine.
func TestEveryRowMakesItsDocuments(t *testing.T) {
	t.Parallel()
	h := open(t)
	var calls storetest.Sample
	for _, r := range Flow.Rows {
		for _, role := range r.By {
			if !calls.Takes() {
				continue
			}
			id := h.ready(r, role)
			before := h.documents(h.system(), id)
			must(t, h.do(r.Do, h.with(role), id))
			fresh := h.documents(h.system(), id)[len(before):]
			var expected, got []DocumentKind
			if r.From == Received && (r.Do == Grant || r.Do == Deny) {
				expected = append(expected, AcceptancePaper)
			}
			if of, found := papers[r.Do]; found {
				expected = append(expected, of)
			}
			for _, d := range fresh {
				got = append(got, d.Kind)
				h.genuine(d)
			}
			if role == county { // its platform makes the papers of what it does
				expected = nil
			}
			if !slices.Equal(got, expected) {
				t.Errorf("%s in %s by %s made %v, want %v", r.Do, r.From, role, got, expected)
			}
		}
	}
	h.gapless()
}

func (h *house) genuine(d Document) {
	h.t.Helper()
	g, err := h.CheckDocument(h.t.Context(), strings.ToLower(d.Code))
	must(h.t, err)
	if !g.Checked || !g.Agrees || g.Number != d.Number || g.Title != d.Title || g.Office == "" || g.MadeOn.IsZero() || g.Hash != d.Hash {
		h.t.Errorf("%s: the check says %+v", d.Kind, g)
	}
	if text := strings.Join(d.Says.Paragraphs, "\n"); strings.ContainsAny(text, "{}") || strings.Contains(text, "田𠮷顺") || !strings.Contains(text, "办件编号 BJ") {
		h.t.Errorf("%s says %s", d.Kind, text)
	}
}

// gapless: every series counts from one on.
func (h *house) gapless() {
	h.t.Helper()
	var rows []documentRow
	must(h.t, h.store.Read(h.t.Context()).Order("office, series, year, sequence").Find(&rows).Error)
	last := map[string]int{}
	for _, r := range rows {
		key := r.Office + r.Series + string(rune(r.Year))
		if r.Sequence != last[key]+1 {
			h.t.Errorf("%s comes after %d", r.number(), last[key])
		}
		last[key] = r.Sequence
	}
}

// Who does not see the case sees none of its documents, and one case's is not read through another.
func TestDocumentsAreSeenWithTheCase(t *testing.T) {
	t.Parallel()
	h := open(t)
	id, beside := h.to(Delivered, h.file(claim)), h.to(Received, h.file(claim))
	list := h.documents(h.with(window), id)
	if len(list) < 4 {
		t.Fatalf("%d documents", len(list))
	}
	for _, role := range append(access.Roles(), system, county) {
		actor := h.with(role)
		sees, err := h.CanSee(t.Context(), actor, id)
		must(t, err)
		_, err = h.Documents(t.Context(), actor, id)
		_, one := h.Document(t.Context(), actor, id, list[0].ID)
		if sees {
			must(t, err)
			must(t, one)
		} else {
			want(t, err, fault.NotFound)
			want(t, one, fault.NotFound)
		}
	}
	_, err := h.Documents(t.Context(), h.other, id)
	want(t, err, fault.NotFound)
	_, err = h.Document(t.Context(), h.window(), beside, list[0].ID)
	want(t, err, fault.NotFound)
	_, err = h.CheckDocument(t.Context(), list[0].Code[1:])
	want(t, err, fault.NotFound)
}

// An older document stays as it was when the text has a new version; a text changed under its version, and changed data, are found out.
func TestDocumentsStayWhenTheTextChanges(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Accepted, h.file(claim))
	before := h.documents(h.window(), id)
	texts := h.rules.Texts
	fresh := *texts.newest(AcceptancePaper)
	fresh.Version, fresh.Text = fresh.Version+1, []string{"新的文本：{item}（办件编号 {case}）"}
	h.rules.Texts = append(slices.Clone(texts), fresh)
	for i, d := range h.documents(h.window(), id) {
		if d.Hash != before[i].Hash || !slices.Equal(d.Says.Paragraphs, before[i].Says.Paragraphs) || d.Title != before[i].Title {
			t.Errorf("%s changed with the text", d.Kind)
		}
	}
	second := h.documents(h.window(), h.to(Accepted, h.file(claim)))
	if last := second[len(second)-1]; !strings.HasPrefix(last.Says.Paragraphs[0], "新的文本：") {
		t.Errorf("the new text is not used: %v", last.Says)
	}
	h.rules.Texts = slices.Clone(texts)
	for i := range h.rules.Texts {
		h.rules.Texts[i].Title += "（改）"
	}
	g, err := h.CheckDocument(t.Context(), before[0].Code)
	must(t, err)
	if !g.Checked || g.Agrees {
		t.Errorf("a changed text agrees: %+v", g)
	}
}

// Acts at the same moment, some of which fail, leave no gap and no number twice.
func TestDocumentNumbersAreGapless(t *testing.T) {
	t.Parallel()
	h := open(t)
	const many = 12
	var ids []string
	for range many {
		ids = append(ids, h.to(Received, h.file(claim)))
	}
	var group sync.WaitGroup
	for _, id := range ids {
		for _, do := range []flow.Act{Accept, Refuse, Accept} {
			group.Go(func() { _ = h.do(do, h.window(), id) }) // one wins
		}
	}
	group.Wait()
	h.gapless()
	for _, id := range ids {
		if list := h.documents(h.window(), id); len(list) != 2 {
			t.Errorf("%d documents of one receipt and one answer", len(list))
		}
	}
}

// TestATextInUseStays: a folder that lost the version of a text with which papers were made is refused, with its name and a paper of it.
func TestATextInUseStays(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(Accepted, h.file(claim))
	must(t, h.CheckTexts(t.Context()))
	number := ""
	for _, d := range h.documents(h.window(), id) {
		if d.Kind == AcceptancePaper {
			number = d.Number
		}
	}
	texts := slices.Clone(h.rules.Texts)
	for i := range texts {
		if texts[i].Kind == AcceptancePaper {
			texts[i].Version += 10
		}
	}
	h.rules.Texts = texts
	err := h.CheckTexts(t.Context())
	if err == nil || !strings.Contains(err.Error(), "documents.yaml: acceptance 2: ") || !strings.Contains(err.Error(), number) || strings.Contains(err.Error(), "\n") {
		t.Errorf("a version in use is gone: %v", err)
	}
}

// TestASupervisorReadsNoReceiver: who took the result is a name that was typed, for him a mask, in the case and on its paper; the paper stays genuine.
func TestASupervisorReadsNoReceiver(t *testing.T) {
	t.Parallel()
	h := open(t)
	id, own := h.to(Granted, h.file(claim)), h.to(Granted, h.file(claim))
	must(t, errOf(h.Deliver(t.Context(), h.window(), id, Delivery{Method: "in_person", Relation: "family", Receiver: "王小明", Proof: "签字"})))
	must(t, errOf(h.Deliver(t.Context(), h.window(), own, Delivery{Method: "in_person", Relation: Self, Proof: "签字"})))
	last := func(list []Document) Document { return list[len(list)-1] }
	for _, c := range []struct {
		reader   access.Actor
		receiver string
	}{{h.window(), "王小明"}, {h.resident, "王小明"}, {h.clerk(), "王小明"}, {h.supervisor(), "王**"}} {
		seen, err := h.Get(t.Context(), c.reader, id)
		must(t, err)
		listed := last(h.documents(c.reader, id))
		paper, err := h.Document(t.Context(), c.reader, id, listed.ID)
		must(t, err)
		line := "签收人：" + c.receiver + "（"
		for _, says := range []Wording{listed.Says, paper.Says} {
			if !slices.ContainsFunc(says.Paragraphs, func(p string) bool { return strings.HasPrefix(p, line) }) {
				t.Errorf("%s reads %v", c.reader.Role, says.Paragraphs)
			}
		}
		if seen.Delivery.Receiver != c.receiver || seen.Delivery.Proof != "签字" {
			t.Errorf("%s reads %+v", c.reader.Role, seen.Delivery)
		}
		h.genuine(paper)
	}
	seen, err := h.Get(t.Context(), h.supervisor(), own)
	must(t, err)
	if seen.Delivery.Receiver != himself {
		t.Errorf("himself is masked: %+v", seen.Delivery)
	}
}
