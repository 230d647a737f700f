package errand

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"testing"
	"time"

	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/locker"
	"tongban/internal/store"
)

// photo is one that the clerk took.
func (h *house) photo() string {
	h.t.Helper()
	var b bytes.Buffer
	must(h.t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil))
	f, err := h.files.Keep(h.t.Context(), h.clerk(), &b)
	must(h.t, err)
	return f.ID
}

// TestSigned: the hash on the errand is that of the very bytes which are shown as the signed paper.
func TestSigned(t *testing.T) {
	t.Parallel()
	h := open(t)
	in := h.entrustment(h.draft())
	page := h.photo()
	in.Method, in.Witnesses, in.Attachments = signed, nil, []string{page, h.photo()}
	seen, err := h.Entrust(t.Context(), h.clerk(), in)
	must(t, err)
	if len(seen.Witnesses) != 0 || seen.Method != signed || len(seen.History[0].Files) != 2 {
		t.Errorf("%+v", seen)
	}
	_, from, err := h.files.Open(t.Context(), h.resident, page) // who entrusted sees what was signed
	must(t, err)
	kept, err := io.ReadAll(from)
	must(t, errors.Join(err, from.Close()))
	if sum := sha256.Sum256(kept); hex.EncodeToString(sum[:]) != seen.SignatureSHA256 {
		t.Errorf("the hash is %s", seen.SignatureSHA256)
	}
	in = h.entrustment(h.draft())
	in.Method, in.Witnesses, in.Attachments = signed, nil, []string{page} // that one is signed for another case
	_, err = h.Entrust(t.Context(), h.clerk(), in)
	want(t, err, fault.BadField)
	h.sound()
}

// TestItsCaseTakesItAlong: what ends the case without a decision ends the errand in the same commit, and only an errand that waits for one.
func TestItsCaseTakesItAlong(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, state := range beforeResult {
		id := h.to(state)
		must(t, h.endCase(id))
		seen, err := h.Get(t.Context(), h.resident, id)
		must(t, err)
		last := seen.History[len(seen.History)-1]
		if seen.Status != Stopped || last.Act != Stop || last.Code != caseOver || last.Role != "system" || h.row(id).OpenCase != nil {
			t.Errorf("in %s: %s %+v", state, seen.Status, last)
		}
		_, err = h.Visit(t.Context(), h.clerk(), id, Visit{Text: "上门说明。"})
		want(t, err, ErrNotNow)
	}
	for _, end := range []func(id string) error{
		func(id string) error {
			_, err := h.cases.Receive(t.Context(), h.as("window-hall", "window"), id, casework.Plain{})
			must(t, err)
			_, err = h.cases.Refuse(t.Context(), h.as("window-hall", "window"), id, casework.Reasoned{Reason: "not_our_power", Text: "请到户籍地办理。"})
			return err
		},
		func(id string) error {
			_, err := h.cases.Receive(t.Context(), h.as("window-hall", "window"), id, casework.Plain{})
			must(t, err)
			_, err = h.cases.Accept(t.Context(), h.as("window-hall", "window"), id, casework.Acceptance{})
			must(t, err)
			_, err = h.cases.Terminate(t.Context(), h.as("decider", "decider"), id, casework.Reasoned{Reason: casework.TerminateReasons[0].Code, Text: "申请人已经去世。"})
			return err
		},
	} {
		id := h.to(SentIn)
		must(t, end(h.row(id).CaseID))
		if now := h.row(id).Status; now != Stopped {
			t.Errorf("the errand of a case that was ended by the county is %s", now)
		}
	}
	paused := h.to(Paused) // its case is granted, delivered and filed away meanwhile: the result waits for who paused
	h.grant(paused)
	window, delivered := h.as("window-hall", "window"), h.row(paused).CaseID
	_, err := h.cases.Deliver(t.Context(), window, delivered, casework.Delivery{Method: "in_person", Relation: "self", Proof: "本人签字"})
	must(t, err)
	_, err = h.cases.Conclude(t.Context(), window, delivered, casework.Plain{})
	must(t, err)
	if now := h.row(paused).Status; now != Paused {
		t.Errorf("a paused errand whose case was decided is %s", now)
	}
	revoked := h.to(Revoked)
	version := h.row(revoked).Version
	must(t, h.endCase(revoked))
	if now := h.row(revoked); now.Status != Revoked || now.Version != version {
		t.Errorf("what was over already is %s", now.Status)
	}
	h.sound()
}

// TestNeitherWithoutTheOther: where the errand cannot be ended the case stays as it was.
func TestNeitherWithoutTheOther(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.to(SentIn)
	refused := errors.New("no disk")
	h.cases.Accompany(casework.Beside{
		Submits: func(*store.Tx, *casework.Case) error { return nil },
		Moved:   func(*store.Tx, *casework.Case, flow.State) error { return refused },
	})
	want(t, h.endCase(id), refused)
	c, err := casework.Known(h.store.Read(t.Context()), h.row(id).CaseID)
	must(t, err)
	if casework.Flow.IsFinal(c.Status) || h.row(id).Status != SentIn {
		t.Errorf("%s %s", c.Status, h.row(id).Status)
	}
}

// TestARefusedPaperIsInTheTrail: filing by the errand leaves the row that the call on cases leaves.
func TestARefusedPaperIsInTheTrail(t *testing.T) {
	t.Parallel()
	h := open(t)
	paper, err := h.locker.Put(t.Context(), h.clerk(), locker.Putting{
		Person: h.resident.Person, Kind: "id_card", Files: []string{h.photo()},
		Consent: account.Consent{TextVersion: "2026-01", How: account.Signed}, ConsentUntil: h.today().AddDays(20),
	})
	must(t, err)
	id := h.to(Checked)
	_, err = h.cases.UsePaper(t.Context(), h.clerk(), h.row(id).CaseID, casework.Reuse{Material: "id_card", Paper: paper.ID})
	must(t, err)
	var rest []casework.Paper
	for _, p := range h.papers(id) {
		if p.Material != "id_card" {
			rest = append(rest, p)
		}
	}
	_, err = h.locker.Withdraw(t.Context(), h.resident, paper.ID, "")
	must(t, err)
	_, err = h.File(t.Context(), h.clerk(), id, Filing{Papers: rest})
	want(t, err, casework.ErrLentOver)
	var rows []store.TrailRow
	must(t, h.store.Read(t.Context()).Where("object = ? AND act = 'locker.refuse' AND area = ?", paper.ID, xinglin).Find(&rows).Error)
	if len(rows) != 1 {
		t.Fatalf("%d rows in the trail", len(rows))
	}
	body, err := rows[0].Text()
	must(t, err)
	if body.Why != locker.ErrNoConsent.Code || body.To != h.row(id).CaseID || rows[0].Person != h.clerk().Person {
		t.Errorf("the trail says %+v", body)
	}
	if now := h.row(id).Status; now != Checked {
		t.Errorf("it is %s", now)
	}
}

// TestTheCaseIsUnderDispute: as long as the case goes on, its errand's papers and photos stay, however long ago the errand ended.
func TestTheCaseIsUnderDispute(t *testing.T) {
	t.Parallel()
	h := open(t)
	in := h.entrustment(h.draft())
	in.Method, in.Witnesses, in.Attachments = signed, nil, []string{h.photo()}
	seen, err := h.Entrust(t.Context(), h.clerk(), in)
	must(t, err)
	id := seen.ID
	_, err = h.Identify(t.Context(), h.clerk(), id, Identity{How: "in_person", Document: "id_card"})
	must(t, err)
	_, err = h.TakePapers(t.Context(), h.clerk(), id, Papers{Name: "户口簿", Form: casework.AsCopy, Count: 1, Signer: "田顺", Signature: signed})
	must(t, err)
	must(t, h.do(Check, h.clerk(), id))
	must(t, h.do(File, h.clerk(), id))
	must(t, h.do(Revoke, h.resident, id)) // the case goes on
	h.pass(6 * 365 * 24 * time.Hour)
	due := func() map[string]int64 {
		n := map[string]int64{}
		for _, p := range Perishables[1:] {
			var rows int64
			must(t, p.Due(h.store.Read(t.Context()).Table(p.Table), h.store.Clock().Now()).Count(&rows).Error)
			n[p.Code] = rows
		}
		return n
	}
	if n := due(); n["errand_paper.over"] != 0 || n["errand_photo.over"] != 0 {
		t.Errorf("the case is open, and due are %v", n)
	}
	must(t, h.endCase(id))
	if n := due(); n["errand_paper.over"] != 1 || n["errand_photo.over"] != 1 {
		t.Errorf("the case is over, and due are %v", n)
	}
}
