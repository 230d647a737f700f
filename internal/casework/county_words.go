package casework

import (
	"math"
	"slices"
	"strings"
	"unicode"

	platform "tongban/internal/county"
	"tongban/internal/docket"
	"tongban/internal/secret"
)

// The sentences where the county says nothing.
const (
	countySaysNothing = "县级平台没有写明原因，请向办理单位询问。"
	countyProof       = "以县级平台的送达记录为准"
	countyApprover    = "县级平台"
)

// legible is a text of the county's as a person here might have typed it: its platform's line ends and what is no character are no reason to refuse its
// act, which is done. Nothing is left of what says nothing.
func legible(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Noncharacter_Code_Point, r) || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	clean, err := secret.CleanText(text, math.MaxInt)
	if err != nil {
		return ""
	}
	return clean
}

// countyWords are what the applicant reads: the opinion, the document, the result. A reason is never left out.
func countyWords(e platform.Event, reason bool) string {
	var parts []string
	add := func(label, text string) {
		if text = legible(text); text != "" {
			parts = append(parts, label+text)
		}
	}
	add("", e.Opinion)
	if reason && len(parts) == 0 {
		add("", countySaysNothing)
	}
	add("文书编号：", e.Document)
	add("结果名称：", e.Result.Name)
	add("结果编号：", e.Result.Number)
	text := strings.Join(parts, "\n")
	if n := len([]rune(text)); n > longestText {
		text = string([]rune(text)[:longestText])
	} else if reason && n < shortestText {
		text = "县级平台说明：" + text
	}
	return text
}

// countyDefects are the county's, each tied to our paper of that name; what is about none of them is answered in words. The county is not
// held to a permission that it cannot ask for; a repeated return counts all the same.
func (s *step) countyDefects(list []platform.Defect) error {
	if len(list) > mostDefects {
		list = list[:mostDefects]
	}
	item, err := s.desk.items.Version(s.ctx, s.row.Item, s.row.ItemVersion)
	if err != nil {
		return err
	}
	materials, err := s.desk.materials(s.tx.DB, s.row.ID)
	if err != nil {
		return err
	}
	before, err := toldBefore(s.tx.DB, s.row.ID)
	if err != nil {
		return err
	}
	rows := make([]defectRow, 0, len(list))
	for i, f := range list {
		row := defectRow{Place: i, Reason: f.Reason, CountyID: f.ID}
		if !docket.Known(DefectReasons, f.Reason) {
			row.Reason = "other"
		}
		text := legible(f.Text)
		at := slices.IndexFunc(materials, func(m materialRow) bool { return materialName(item, m.Material) == f.Material })
		switch {
		case at >= 0:
			row.Material = materials[at].Material
			told := slices.ContainsFunc(before, func(r defectRow) bool { return r.Material == row.Material && r.Reason == row.Reason })
			row.Earlier = s.row.Corrections > 0 && materials[at].ChangedIn != s.row.Corrections && !told
		case legible(f.Material) != "":
			text = legible(f.Material) + "：" + text
		}
		if text == "" {
			text = countySaysNothing
		}
		row.Text = []byte(text)
		rows = append(rows, row)
	}
	return s.askCorrection(rows, slices.ContainsFunc(rows, func(r defectRow) bool { return r.Earlier }))
}
