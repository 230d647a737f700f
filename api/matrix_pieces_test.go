package api

import "testing"

const anUpload thing = "upload under way"

func init() {
	relations[anUpload] = []relation{his, neighbours, elsewhere, faraway, deleted, unknown}
	relations[aSparse] = relations[anUpload]
	rules["beginUpload"] = []rule{{who: person, want: madeIt, body: `{"size":10,"sha256":"` + digestOf(nil) + `"}`}}
	rules["readUpload"] = []rule{{who: person, of: anUpload, want: ok}}
	rules["addPiece"] = []rule{{who: person, of: anUpload, want: told{409, "file.other_offset"}, photo: true, query: "?at=5"}}
	rules["finishUpload"] = []rule{{who: person, of: anUpload, want: told{409, "file.not_whole"}}}
	rules["abandonUpload"] = []rule{{who: person, of: aSparse, want: told{status: 204}}}
}

const aSparse thing = "upload that is not wanted any more"

// sendPieces has everybody begin two uploads, of which nothing comes.
func (m *matrix) sendPieces(t *testing.T) {
	t.Helper()
	begin := func(who string) string {
		return read[uploadView](t, m.must(t, who, 201, "POST", "/uploads", `{"size":1000000,"sha256":"`+digestOf(nil)+`"}`)).ID
	}
	for rel, who := range map[relation]string{his: "zhang", neighbours: "li", elsewhere: "wang", faraway: "zhao"} {
		m.place(anUpload, rel, "", begin(who))
		m.place(aSparse, rel, "", begin(who))
	}
	for _, c := range m.callers {
		if c.role != "" && !c.forged {
			m.place(anUpload, his, c.name, begin(c.name))
			m.place(aSparse, his, c.name, begin(c.name))
		}
	}
	gone := begin("wu")
	m.must(t, "wu", 204, "DELETE", "/uploads/"+gone, "")
	m.place(anUpload, deleted, "", gone)
	m.place(aSparse, deleted, "", gone)
}
