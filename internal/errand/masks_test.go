package errand

import (
	"fmt"
	"strings"
	"testing"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// TestASupervisorReadsNoNames: who watches over an errand sees what was signed and when, by masks, and no photo; its parties see all of it.
func TestASupervisorReadsNoNames(t *testing.T) {
	t.Parallel()
	h := open(t)
	names := []string{"田老大", "王见证", "李见证", "田小妹", "田二哥"}
	in, card := h.entrustment(h.draft()), h.photo()
	in.Relation, in.Entruster, in.Attachments = "family", names[0], []string{card}
	seen, err := h.Entrust(t.Context(), h.clerk(), in)
	must(t, err)
	id := seen.ID
	_, err = h.Identify(t.Context(), h.clerk(), id, Identity{How: "in_person", Document: "id_card"})
	must(t, err)
	_, err = h.TakePapers(t.Context(), h.clerk(), id, Papers{Name: "户口簿", Form: "copy", Count: 1, Signer: names[3], Signature: signed})
	must(t, err)
	must(t, h.do(Check, h.clerk(), id))
	must(t, h.do(File, h.clerk(), id))
	h.grant(id)
	_, err = h.HandOver(t.Context(), h.clerk(), id, Handing{Relation: "family", Receiver: names[4], Proof: "签字"})
	must(t, err)
	supervisor := h.as("supervisor", access.Supervisor)
	for _, reader := range []access.Actor{h.resident, h.clerk(), supervisor} {
		watches := reader.Role == access.Supervisor
		seen, err := h.Get(t.Context(), reader, id)
		must(t, err)
		text := fmt.Sprintf("%+v", seen)
		for _, name := range names {
			if strings.Contains(text, name) == watches {
				t.Errorf("%s reads of %s: %t", reader.Role, name, watches)
			}
		}
		if photos := len(seen.History[0].Files); (photos > 0) == watches {
			t.Errorf("%s is told of %d photos", reader.Role, photos)
		}
		_, photo, err := h.files.Open(t.Context(), reader, card)
		if watches {
			want(t, err, fault.NotFound)
		} else {
			must(t, err)
			must(t, photo.Close())
		}
	}
	seen, err = h.Get(t.Context(), supervisor, id)
	must(t, err)
	if seen.Entruster != "田**" || seen.Receiver != "田**" || strings.Join(seen.Witnesses, " ") != "王** 李**" || seen.Papers[0].Signer != "田**" || seen.Papers[0].Name != "户口簿" {
		t.Errorf("he reads %+v", seen)
	}
}
