package rights_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/clock"
	"tongban/internal/errand"
	"tongban/internal/locker"
	"tongban/internal/rights"
)

// entrusts has the clerk take an errand for somebody on a new draft, or for nobody but the resident.
func (c *county) entrusts() string {
	c.t.Helper()
	begun, err := c.draft(clerk)
	must(c.t, err)
	return c.entrustsWith(begun.ID)
}

func (c *county) entrustsWith(draft string) string {
	c.t.Helper()
	seen, err := c.errands.Entrust(c.t.Context(), clerk, errand.Entrustment{
		Case: draft, Scope: "代我办理参保登记", Powers: []string{errand.MayFile}, Until: until, Method: "fingerprint", Witnesses: []string{"王见证", "李见证"},
	})
	must(c.t, err)
	return seen.ID
}

// stores keeps an identity card of the actor's own.
func (c *county) stores(actor access.Actor) locker.Paper {
	c.t.Helper()
	var b bytes.Buffer
	must(c.t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil))
	f, err := c.files.Keep(c.t.Context(), actor, &b)
	must(c.t, err)
	p, err := c.locker.Put(c.t.Context(), actor, locker.Putting{
		Kind: "id_card", Files: []string{f.ID}, Consent: account.Consent{TextVersion: "2026-01"}, ConsentUntil: clock.DateOf(c.store.Clock().Now()).AddDays(200),
	})
	must(c.t, err)
	return p
}

// TestACopyHasErrandsAndStoredPapers: more than a batch come out once each, whole, and nobody else's; a clerk prints the same.
func TestACopyHasErrandsAndStoredPapers(t *testing.T) {
	c := open(t)
	made := map[string]bool{}
	for range 22 {
		made[c.entrusts()] = true
	}
	for range 21 {
		made[c.stores(c.resident).ID] = true
	}
	used := c.stores(c.resident)
	made[used.ID] = true
	begun, err := c.draft(c.resident)
	must(t, err)
	must(t, errOf(c.cases.UsePaper(t.Context(), c.resident, begun.ID, casework.Reuse{Material: "id_card", Paper: used.ID})))
	c.stores(c.helper)
	mine, err := c.rights.CopyMine(t.Context(), c.resident)
	must(t, err)
	printed, err := c.rights.CopyFor(t.Context(), clerk, c.resident.Person, "老人要核对登记")
	must(t, err)
	for name, copied := range map[string]rights.Copy{"his own": mine, "the printed one": printed} {
		left := map[string]bool{}
		for id := range made {
			left[id] = true
		}
		for e, err := range copied.Errands {
			must(t, err)
			if !left[e.ID] || e.Scope != "代我办理参保登记" || len(e.Witnesses) != 2 || len(e.History) != 1 || e.History[0].Actor != "" {
				t.Errorf("%s: %+v", name, e)
			}
			delete(left, e.ID)
		}
		for p, err := range copied.Papers {
			must(t, err)
			if !left[p.ID] || p.Person != c.resident.Person || len(p.Pages) != 1 {
				t.Errorf("%s: %+v", name, p)
			}
			if p.ID == used.ID && (len(p.Uses) != 1 || p.Uses[0].Case != begun.ID) {
				t.Errorf("%s: the use log is %+v", name, p.Uses)
			}
			delete(left, p.ID)
		}
		if len(left) > 0 {
			t.Errorf("%s: %d are missing", name, len(left))
		}
	}
	if n := c.rows("trail", "act = 'person.read' AND object = ? AND body LIKE '%材料复用库%'", c.resident.Person); n != 0 {
		t.Errorf("a copy counts as %d looks into the locker", n)
	}
}

// TestErrandsAndStoredPapersFollowTheAccount: what was entrusted is revoked and its draft discarded, papers are taken out.
func TestErrandsAndStoredPapersFollowTheAccount(t *testing.T) {
	c := full(t)
	id := c.entrusts()
	paper := c.stores(c.resident)
	must(t, errOf(c.rights.CloseMine(t.Context(), c.resident, rights.Word)))
	if n := c.rows("errands", "id = ? AND status = 'revoked' AND open_case IS NULL", id); n != 1 {
		t.Error("what he entrusted was not revoked")
	}
	if n := c.rows("cases", "id = (SELECT case_id FROM errands WHERE id = ?) AND status = 'discarded'", id); n != 1 {
		t.Error("its draft was not discarded")
	}
	if n := c.rows("locker_papers", "id = ? AND removed_at IS NOT NULL", paper.ID); n != 1 {
		t.Error("his paper is still in the locker")
	}
	if n := c.rows("files", "object = ? OR owner = ?", paper.ID, c.resident.Person); n != 0 {
		t.Errorf("%d photos are still his", n)
	}
	faults, err := c.store.Fsck(t.Context(), append(errand.Checks(), casework.Checks()...))
	if err != nil || len(faults) > 0 {
		t.Errorf("%v %v", faults, err)
	}
}
