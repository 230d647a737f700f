//go:build !race

package main

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"
)

// ledgers takes the ledger of errands, with masks and with names in full: the masked one shows nobody.
func (a *aviary) ledgers(t *testing.T, clerk caller) {
	t.Helper()
	month := clerk.get(t, "/errands?limit=1").text(t, "items.0.created_at")[:len("2026-11")]
	a.ofThisMonth = "?by=village&from=" + month + "&through=" + month
	masked := unpacked(t, a.must(t, clerk, "/errands/ledger", map[string]any{"month": month}).body)
	if found := canariesIn(masked); len(found) > 0 || !bytes.Contains(masked, []byte("钟***")) {
		t.Errorf("a ledger with masks shows %q: %s", found, masked)
	}
	full := unpacked(t, a.must(t, clerk, "/errands/ledger", map[string]any{"month": month, "names": "full", "cause": "file", "note": "月底造册"}).body)
	if !bytes.Contains(full, []byte(canaryOf(0).name)) { // else the search would look into a closed box
		t.Errorf("a ledger with names in full does not name who entrusted: %s", full)
	}
}

// redress is what is done about a poor rating, with a canary in all that is said; it stays to be checked.
func (a *aviary) redress(t *testing.T, id string, c canary) {
	t.Helper()
	a.ids["redress"] = []string{id}
	supervisor := a.staff["supervisor"]
	a.must(t, supervisor, "/redresses/"+id+"/confirm", map[string]any{"how": "phone", "text": c.words()})
	a.must(t, supervisor, "/redresses/"+id+"/correct", map[string]any{"text": c.words()})
	a.must(t, supervisor, "/redresses/"+id+"/answer", map[string]any{"text": c.words()})
}

// unpacked is what stands in a workbook, which is a bundle of packed files; anything else is itself.
func unpacked(t *testing.T, body []byte) []byte {
	t.Helper()
	if !bytes.HasPrefix(body, []byte("PK\x03\x04")) {
		return body
	}
	bundle, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	noFault(t, err)
	var all bytes.Buffer
	for _, part := range bundle.File {
		in, err := part.Open()
		noFault(t, err)
		_, err = io.Copy(&all, io.LimitReader(in, 16<<20))
		noFault(t, err)
		noFault(t, in.Close())
	}
	return all.Bytes()
}
