package casework

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/flow"
	"tongban/internal/secret"
)

// documentRow is a paper that an act made, in the same commit: what it was made from, not how it looks.
type documentRow struct {
	ID          string `gorm:"primaryKey"`
	CaseID      string
	Version     int // of the case after the act
	Kind        DocumentKind
	Office      string
	Series      string
	Year        int // local
	Sequence    int // gapless in the series of the office and year
	TextVersion int
	Data        []byte // sealed JSON; empty once it was given up
	Hash        string // SHA-256 of Wording as JSON
	Code        string // of the page that says whether it is genuine
	MadeAt      time.Time
	MadeBy      string // person id; empty for the program and the county's platform
	Role        access.Role
}

func (documentRow) TableName() string { return "case_documents" }

func sealedDocument(id string) secret.Where {
	return secret.Where{Table: "case_documents", Column: "data", Row: id}
}

// number is as it is printed.
func (r *documentRow) number() string {
	return fmt.Sprintf("%s〔%d〕%d号", r.Series, r.Year, r.Sequence)
}

// Document (文书) is a paper of a case as who sees the case reads it.
type Document struct {
	ID     string
	Case   string // its id
	Kind   DocumentKind
	Number string
	Title  string
	Hash   string
	Code   string
	MadeAt time.Time
	Kept   bool // its content was not given up yet
	Says   Wording
}

// Wording is what a document says, word for word. Its hash is that of the document.
type Wording struct {
	Number     string   `json:"number"`
	Title      string   `json:"title"`
	Office     string   `json:"office"`
	MadeOn     string   `json:"made_on"`
	Paragraphs []string `json:"paragraphs"`
}

func (w Wording) hash() (string, error) {
	data, err := json.Marshal(w)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), err
}

// onDay is a moment's local day as papers say it.
func onDay(at time.Time) string { return dateWords(clock.DateOf(at)) }

func dateWords(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
}

// listed puts the defects into the paper, before they are sealed.
func (s *step) listed(rows []defectRow) error {
	item, err := s.desk.items.Version(s.ctx, s.row.Item, s.row.ItemVersion)
	if err != nil {
		return err
	}
	lines := make([]string, 0, len(rows))
	for i, r := range rows {
		text := strings.Join(strings.Fields(string(r.Text)), " ")
		lines = append(lines, fmt.Sprintf("%d. %s：%s。%s", i+1, materialName(item, r.Material), WordText(DefectReasons, r.Reason), text))
	}
	s.paper = map[string]string{"defects": strings.Join(lines, "\n")}
	return nil
}

// document makes what the law demands of the act. The series is locked until commit, so this is the last of all.
func (s *step) document(do flow.Act) error {
	made, found := papers[do]
	if !found || s.tx.Actor.Role == county { // what the county's platform does has a paper of the platform's
		return nil
	}
	var c Case
	if err := s.tx.Where("id = ?", s.row.ID).Take(&c).Error; err != nil {
		return err
	}
	data, err := s.data(&c, do)
	if err != nil {
		return err
	}
	if s.row.Status == Received && (do == Grant || do == Deny) {
		if err := s.issue(&c, AcceptancePaper, data); err != nil {
			return err
		}
	}
	return s.issue(&c, made, data)
}

// data is what a document of the act can say of the case.
func (s *step) data(c *Case, do flow.Act) (map[string]string, error) {
	data := map[string]string{
		"item": c.ItemName, "case": c.number(), "notice_on": dateWords(c.NoticeOn), "due_on": dateWords(c.dues().Binding().On),
		"until_on": dateWords(s.detail.UntilOn), "text": s.text,
	}
	for name, at := range map[string]*time.Time{"received_on": c.ReceivedAt, "accepted_on": c.AcceptedAt} {
		if at != nil {
			data[name] = onDay(*at)
		}
	}
	switch do {
	case Accept: // what was noted is for colleagues
		delete(data, "text")
	case Refuse:
		data["reason"], data["remedies"] = WordText(RefuseReasons, s.code), usualRemedies
	case Dismiss:
		data["reason"] = WordText(DismissReasons, s.code)
	case Suspend:
		data["reason"] = WordText(Procedures, s.code)
	case Deny:
		data["reason"] = WordText(DenyReasons, s.code)
	}
	for name, value := range s.paper {
		data[name] = value
	}
	office, err := s.desk.people.Office(s.ctx, c.Office)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, err
	}
	data["office"] = office.Name
	applicant, err := s.desk.known(s.ctx, c.Applicant)
	if applicant != nil {
		data["applicant"] = applicant.Name.String()
	}
	return data, err
}

// issue makes one document.
func (s *step) issue(c *Case, of DocumentKind, data map[string]string) error {
	text := s.desk.rules.Texts.newest(of)
	if text == nil {
		return fmt.Errorf("casework: %s has no text of %s", textsFile, of)
	}
	r := documentRow{
		ID: s.tx.NewID(), CaseID: c.ID, Version: c.Version, Kind: of, Office: c.Office, Series: text.Series, Year: clock.DateOf(s.now).Year,
		TextVersion: text.Version, Code: rand.Text(), MadeAt: s.now, MadeBy: s.tx.Actor.Person, Role: s.tx.Actor.Role,
	}
	var err error
	if r.Sequence, err = s.tx.Series(r.Office, r.Series, r.Year); err != nil {
		return err
	}
	data = maps.Clone(data)
	if c.provisionalIn(of) {
		data["provisional"] = provisionalPaper
	}
	if r.Hash, err = r.worded(text, data).hash(); err != nil {
		return err
	}
	plain, err := json.Marshal(data)
	if err != nil {
		return err
	}
	r.Data = s.desk.store.Keys().Seal(sealedDocument(r.ID), plain)
	return s.tx.Create(&r).Error
}

func (r *documentRow) worded(text *Text, data map[string]string) Wording {
	return Wording{r.number(), text.Title, data["office"], onDay(r.MadeAt), text.filled(data)}
}

// again makes the document once more from its row and the text of its version, as that reader may know it. Its hash is that of the whole.
func (d *Desk) again(r *documentRow, reader access.Role) (Document, error) {
	doc := Document{ID: r.ID, Case: r.CaseID, Kind: r.Kind, Number: r.number(), Hash: r.Hash, Code: r.Code, MadeAt: r.MadeAt, Kept: len(r.Data) > 0}
	text := d.rules.Texts.version(r.Kind, r.TextVersion)
	if text == nil {
		return doc, fmt.Errorf("casework: %s lost version %d of %s", textsFile, r.TextVersion, r.Kind)
	}
	doc.Title = text.Title
	if !doc.Kept {
		return doc, nil
	}
	plain, err := d.store.Keys().Open(sealedDocument(r.ID), r.Data)
	if err != nil {
		return doc, err
	}
	var data map[string]string
	if err := json.Unmarshal(plain, &data); err != nil {
		return doc, err
	}
	if receiver, named := data["receiver"]; named {
		data["receiver"] = receiverTo(reader, receiver)
	}
	doc.Says = r.worded(text, data)
	return doc, nil
}

// Documents lists the papers of a case, oldest first, for whoever sees the case. The content of those of a case long concluded is given up.
func (d *Desk) Documents(ctx context.Context, actor access.Actor, id string) ([]Document, error) {
	if _, err := d.seenOrAsked(d.store.Read(ctx), actor, id); err != nil {
		return nil, err
	}
	var rows []documentRow
	if err := d.store.Read(ctx).Where("case_id = ?", id).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]Document, 0, len(rows))
	for i := range rows {
		doc, err := d.again(&rows[i], actor.Role)
		if err != nil {
			return nil, err
		}
		list = append(list, doc)
	}
	return list, nil
}

// Document is one of them. Another case's is not there, nor one whose content was given up.
func (d *Desk) Document(ctx context.Context, actor access.Actor, id, document string) (Document, error) {
	if _, err := d.seenOrAsked(d.store.Read(ctx), actor, id); err != nil {
		return Document{}, err
	}
	r, err := d.oneDocument(ctx, "id = ? AND case_id = ?", document, id)
	if err != nil {
		return Document{}, err
	}
	doc, err := d.again(r, actor.Role)
	if err == nil && !doc.Kept {
		err = fault.NotFound
	}
	return doc, err
}

// Genuine is what anybody with the code of a document is told: nothing of what it says, nor of whom.
type Genuine struct {
	Number, Title, Office string
	MadeOn                clock.Date
	Hash                  string
	Checked               bool // its content is still kept, so that the hash could be compared
	Agrees                bool // what would be printed now has the same hash
}

// CheckDocument says whether a document is genuine (验真).
func (d *Desk) CheckDocument(ctx context.Context, code string) (Genuine, error) {
	r, err := d.oneDocument(ctx, "code = ?", strings.ToUpper(code))
	if err != nil {
		return Genuine{}, err
	}
	doc, err := d.again(r, system)
	if err != nil {
		return Genuine{}, err
	}
	g := Genuine{Number: doc.Number, Title: doc.Title, MadeOn: clock.DateOf(r.MadeAt), Hash: r.Hash, Checked: doc.Kept}
	office, err := d.people.Office(ctx, r.Office)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return g, err
	}
	g.Office = office.Name
	if doc.Kept {
		now, err := doc.Says.hash()
		if err != nil {
			return g, err
		}
		g.Agrees = now == r.Hash
	}
	return g, nil
}

func (d *Desk) oneDocument(ctx context.Context, where string, values ...any) (*documentRow, error) {
	var rows []documentRow
	if err := d.store.Read(ctx).Where(where, values...).Limit(1).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.NotFound
	}
	return &rows[0], nil
}
