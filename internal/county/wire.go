package county

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

var digest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// checkPapers keeps back what could prove nothing later.
func checkPapers(papers []Paper) error {
	if len(papers) > mostRecords {
		return errors.New("too many papers")
	}
	for _, p := range papers {
		if p.ID == "" || p.Name == "" || !digest.MatchString(p.SHA256) {
			return errors.New("a paper without id, name or digest")
		}
	}
	return nil
}

func (m *Mapping) writePapers(papers []Paper) ([]map[string]string, error) {
	list := make([]map[string]string, 0, len(papers))
	for _, p := range papers {
		o, err := m.write(material, values{
			"id": p.ID, "name": p.Name, "form": p.Form, "copies": strconv.Itoa(p.Copies), "file": p.File, "sha256": p.SHA256, "defect": p.Defect,
		})
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// writeSubmission: what it refuses is a mistake of ours, and goes to a person.
func (m *Mapping) writeSubmission(s Submission) ([]byte, error) {
	summary, err := clean(s.Summary, 200)
	if err != nil {
		return nil, errors.New("a summary that is no text")
	}
	if !idShape(s.Ref) || s.Item.Name == "" || s.Applicant.Name == (Private{}) || s.AppliedAt.IsZero() {
		return nil, errors.New("a submission without number, item, applicant or time")
	}
	if err := checkPapers(s.Papers); err != nil {
		return nil, err
	}
	v := values{
		"ref": s.Ref, "catalog_code": s.Item.CatalogCode, "task_code": s.Item.TaskCode, "handle_item_code": s.Item.HandleItemCode,
		"item_name": s.Item.Name, "item_version": strconv.Itoa(s.Item.Version), "case_type": s.CaseType, "channel": s.Channel, "summary": summary,
		"applicant_kind": s.Applicant.Kind, "applicant_name": s.Applicant.Name.value(), "applicant_id_type": s.Applicant.IDType,
		"applicant_id": s.Applicant.IDNumber.value(), "applicant_phone": s.Applicant.Phone.value(),
		"agent_name": s.Agent.Name.value(), "agent_id_type": s.Agent.IDType, "agent_id": s.Agent.IDNumber.value(), "agent_phone": s.Agent.Phone.value(),
		"area": s.Area, "office": s.Office, "applied_at": writeTime(s.AppliedAt),
	}
	return m.message(v, s.Papers, nil)
}

func (m *Mapping) writeCorrection(c Correction) ([]byte, error) {
	if !idShape(c.Ref) || c.At.IsZero() || len(c.Papers)+len(c.Answers) == 0 {
		return nil, errors.New("a correction without number, time or content")
	}
	if err := checkPapers(c.Papers); err != nil {
		return nil, err
	}
	var answers []map[string]string
	for _, a := range c.Answers {
		text, err := clean(a.Text, longestText)
		if err != nil || a.Defect == "" {
			return nil, errors.New("an answer that is no text, or to nothing")
		}
		o, err := m.write(defect, values{"id": a.Defect, "answer": text})
		if err != nil {
			return nil, err
		}
		answers = append(answers, o)
	}
	return m.message(values{"ref": c.Ref, "number": c.Number, "applied_at": writeTime(c.At)}, c.Papers, answers)
}

func (m *Mapping) writeWithdrawal(w Withdrawal) ([]byte, error) {
	reason, err := clean(w.Reason, 500)
	if err != nil {
		return nil, errors.New("a reason that is no text")
	}
	if !idShape(w.Ref) || w.At.IsZero() {
		return nil, errors.New("a withdrawal without number or time")
	}
	return m.message(values{"ref": w.Ref, "number": w.Number, "applied_at": writeTime(w.At), "reason": reason}, nil, nil)
}

func (m *Mapping) message(v values, papers []Paper, answers []map[string]string) ([]byte, error) {
	head, err := m.write(acceptance, v)
	if err != nil {
		return nil, err
	}
	message := map[string]any{m.tables[acceptance].name: head}
	if len(papers) > 0 {
		if message[m.tables[material].name], err = m.writePapers(papers); err != nil {
			return nil, err
		}
	}
	if len(answers) > 0 {
		message[m.tables[defect].name] = answers
	}
	return encode(message)
}

// nextMember is where a list says how to go on.
const nextMember = "next"

func (m *Mapping) readChanges(answer []byte) (Changes, error) {
	message, err := parse(answer)
	if err != nil {
		return Changes{}, err
	}
	if _, given := message[m.tables[process].name]; !given {
		return Changes{}, fmt.Errorf("no %s", process)
	}
	list, err := m.objects(message, process)
	if err != nil {
		return Changes{}, err
	}
	var out Changes
	for _, o := range list {
		s, err := m.readStanding(o)
		if err != nil {
			out.Unread++
			continue
		}
		out.List = append(out.List, s)
	}
	if raw, given := message[nextMember]; given {
		next, ok := plainText(raw)
		if !ok || len(next) > 400 {
			return Changes{}, errors.New("a next that is no text")
		}
		out.Next = next
	}
	return out, nil
}

// EncodeStanding and the others below are the platform's side of the wire, for stand-ins: what they write, the client reads.
func (m *Mapping) EncodeStanding(s Standing) ([]byte, error) {
	o, err := m.writeStanding(s)
	if err != nil {
		return nil, err
	}
	return encode(map[string]any{m.tables[process].name: o})
}

// EncodeChanges writes a page.
func (m *Mapping) EncodeChanges(c Changes) ([]byte, error) {
	list := []map[string]string{}
	for _, s := range c.List {
		o, err := m.writeStanding(s)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return encode(map[string]any{m.tables[process].name: list, nextMember: c.Next})
}

// Request is what a stand-in reads in a request; whom it is about it need not know.
type Request struct {
	Ref     string
	Papers  []Paper
	Answers []Answer
}

// DecodeRequest reads a submission, a correction or a withdrawal.
func (m *Mapping) DecodeRequest(body []byte) (r Request, err error) {
	message, err := parse(body)
	if err != nil {
		return r, err
	}
	o, err := m.object(message, acceptance)
	if err != nil {
		return r, err
	}
	v, _, err := m.read(acceptance, o)
	if err != nil {
		return r, err
	}
	r.Ref = v["ref"]
	err = errors.Join(
		m.each(message, material, func(v values) { r.Papers = append(r.Papers, paperOf(v)) }),
		m.each(message, defect, func(v values) { r.Answers = append(r.Answers, Answer{v["id"], v["answer"]}) }),
	)
	return r, err
}

func paperOf(v values) Paper {
	copies, _ := number(v["copies"])
	return Paper{v["id"], v["name"], v["form"], copies, v["file"], v["sha256"], v["defect"]}
}

func (m *Mapping) each(message map[string]jsontext.Value, record string, do func(values)) error {
	list, err := m.objects(message, record)
	for _, o := range list {
		v, _, err := m.read(record, o)
		if err != nil {
			return err
		}
		do(v)
	}
	return err
}
