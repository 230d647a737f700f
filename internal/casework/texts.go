package casework

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"tongban/internal/flow"
)

const textsFile = "documents.yaml"

// DocumentKind is one of the papers that the law demands (行政许可法 32, 38, 42, 44, 45).
type DocumentKind string

// The kinds of documents (文书).
const (
	ReceiptPaper    DocumentKind = "receipt"    // 收件凭证
	AcceptancePaper DocumentKind = "acceptance" // 受理通知书
	CorrectionPaper DocumentKind = "correction" // 补正告知书
	RefusalPaper    DocumentKind = "refusal"    // 不予受理通知书
	DismissalPaper  DocumentKind = "dismissal"  // 不受理告知书
	ProcedurePaper  DocumentKind = "procedure"  // 特别程序告知书
	ExtensionPaper  DocumentKind = "extension"  // 延期告知书
	GrantPaper      DocumentKind = "grant"      // 准予决定书
	DenialPaper     DocumentKind = "denial"     // 不予决定书
	DeliveryPaper   DocumentKind = "delivery"   // 送达回证
)

// papers are the documents that acts make. Who decides an instant case at once accepts it too.
var papers = map[flow.Act]DocumentKind{
	Receive: ReceiptPaper, Accept: AcceptancePaper, AskCorrection: CorrectionPaper, Refuse: RefusalPaper, Dismiss: DismissalPaper,
	Suspend: ProcedurePaper, Extend: ExtensionPaper, Grant: GrantPaper, Deny: DenialPaper, Deliver: DeliveryPaper,
}

// Text is one version of what a kind of document says.
type Text struct {
	Kind    DocumentKind `yaml:"kind"`
	Version int          `yaml:"version"`
	Title   string       `yaml:"title"`
	Series  string       `yaml:"series"` // the word in the number, one to four characters
	Text    []string     `yaml:"text"`   // paragraphs, with places such as {item}
}

// Texts are all versions of all kinds. Old ones stay: what was made with them is made again with them.
type Texts []Text

// newest is the version with which documents are made now; nil for none.
func (all Texts) newest(of DocumentKind) *Text {
	var found *Text
	for i, t := range all {
		if t.Kind == of && (found == nil || t.Version > found.Version) {
			found = &all[i]
		}
	}
	return found
}

// version is one of them; nil for none.
func (all Texts) version(of DocumentKind, n int) *Text {
	i := slices.IndexFunc(all, func(t Text) bool { return t.Kind == of && t.Version == n })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// places are what a text may leave open.
var places = []string{
	"applicant", "item", "case", "received_on", "notice_on", "accepted_on", "due_on", "until_on", "delivered_on", "defects", "reason", "text", "remedies",
	"opinions", "approver", "method", "relation", "receiver", "proof", "provisional",
}

var place = regexp.MustCompile(`\{([^{}]*)\}`)

// citesOpinions: the paragraph is printed whenever other offices were asked, for what else it needs is always there.
func citesOpinions(paragraph string) bool {
	var used []string
	for _, name := range place.FindAllStringSubmatch(paragraph, -1) {
		used = append(used, name[1])
	}
	others := slices.DeleteFunc(slices.Clone(used), func(name string) bool { return slices.Contains([]string{"opinions", "item", "case"}, name) })
	return slices.Contains(used, "opinions") && len(others) == 0
}

// filled puts the data into the paragraphs. One that needs what there is not is left out; a value of several lines makes several.
func (t *Text) filled(data map[string]string) []string {
	paragraphs := []string{}
	for _, line := range t.Text {
		whole := true
		line = place.ReplaceAllStringFunc(line, func(name string) string {
			value := data[strings.Trim(name, "{}")]
			whole = whole && value != ""
			return value
		})
		if whole {
			paragraphs = append(paragraphs, strings.Split(line, "\n")...)
		}
	}
	return paragraphs
}

// kinds lists all kinds of documents, in order.
func kinds() (list []DocumentKind) {
	for _, of := range papers {
		list = append(list, of)
	}
	slices.Sort(list)
	return list
}

// CheckTexts names each version of a text that papers were made with and that is no more: without it they cannot be made again. For the
// start, before anybody asks for one; the index answers, however many papers there are.
func (d *Desk) CheckTexts(ctx context.Context) error {
	var lost []error
	for _, of := range kinds() {
		for last := 0; ; {
			var used []documentRow
			err := d.store.Read(ctx).Select("kind", "text_version", "series", "year", "sequence").Where("kind = ? AND text_version > ?", of, last).
				Order("text_version").Limit(1).Find(&used).Error
			if err != nil {
				return err
			}
			if len(used) == 0 {
				break
			}
			r := used[0]
			if last = r.TextVersion; d.rules.Texts.version(of, last) == nil {
				lost = append(lost, fmt.Errorf("%s: %s %d: 已经发出的文书（如 %s）还要用这个版本的文本重印，不能删；请把它放回来", textsFile, of, last, r.number()))
			}
		}
	}
	return errors.Join(lost...)
}

// Check names what is wrong, and which kind has no text.
func (all Texts) Check() error {
	var wrong []error
	bad := func(t Text, message string) {
		wrong = append(wrong, fmt.Errorf("%s: %s %d: %s", textsFile, t.Kind, t.Version, message))
	}
	for i, t := range all {
		same := func(o Text) bool { return o.Kind == t.Kind && o.Version == t.Version }
		switch series := len([]rune(t.Series)); {
		case t.Version < 1:
			bad(t, "version 要填 1 以上的整数")
		case slices.ContainsFunc(all[:i], same):
			bad(t, "同一个版本写了两次")
		case t.Title == "" || len(t.Text) == 0:
			bad(t, "要有 title 和 text")
		case series < 1 || series > 4:
			bad(t, "series 要一到四个字")
		}
		for _, used := range place.FindAllStringSubmatch(strings.Join(t.Text, "\n"), -1) {
			if !slices.Contains(places, used[1]) {
				bad(t, used[0]+" 不认识；可以用 "+strings.Join(places, "、"))
			}
		}
	}
	for _, of := range papers {
		if all.newest(of) == nil {
			wrong = append(wrong, fmt.Errorf("%s: 没有 %s 的文本", textsFile, of))
		}
	}
	for _, of := range []DocumentKind{GrantPaper, DenialPaper} {
		if t := all.newest(of); t != nil && !slices.ContainsFunc(t.Text, citesOpinions) {
			bad(*t, "决定书要写明征求了哪些单位的意见：请加一个版本，里面有一段写 {opinions}，这一段不能再有 {item}、{case} 以外的内容")
		}
	}
	return errors.Join(wrong...)
}

// readTexts reads documents.yaml in the first folder that has one; none where no folder has.
func readTexts(folders []fs.FS) (Texts, error) {
	for _, folder := range folders {
		data, err := fs.ReadFile(folder, textsFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var all Texts
		if err := yaml.Load(data, &all, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("%s: %w", textsFile, err)
		}
		return all, all.Check()
	}
	return nil, nil
}
