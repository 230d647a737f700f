package catalog

import (
	"regexp"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/workday"
)

// Item is a service item (事项) with its whole guide (办事指南), as one published version. It carries the elements of
// GB/T 39046-2020 that the demonstration needs. The yaml tags are the names in the county's files; the stored form uses
// the field names, which therefore must not change (a test reads a body stored in the first release).
//
// An Item is shared between readers: nobody changes it.
type Item struct {
	ID         string   `yaml:"id"`  // UUID, stands in the county's file, so that posters survive a fresh database
	Seq        int      `yaml:"seq"` // place in the county's list
	Name       string   `yaml:"name"`
	Aliases    []string `yaml:"aliases"` // words that villagers say; pinyin in Latin letters where the dictionary would misread
	Theme      string   `yaml:"theme"`
	Department string   `yaml:"department"` // the leading one (实施主体)

	Level        string   `yaml:"level"`     // 行使层级, "1"–"7"
	Type         string   `yaml:"item_type"` // 事项类型, "01" 许可 … "20" 公共服务
	CaseType     CaseType `yaml:"case_type"`
	CountyWide   bool     `yaml:"county_wide"`    // 全县通办
	ClerkCanFile Extent   `yaml:"clerk_can_file"` // whether the village clerk may file for the applicant
	InPerson     Extent   `yaml:"in_person"`      // whether the applicant must appear
	TwoPersons   bool     `yaml:"two_persons"`    // reviewer and decider must differ (许可 only)
	// Joint (联合办理、并联审批): several offices have a say, so up to 45 working days, and 15 more (行政许可法 42).
	Joint      bool     `yaml:"joint" json:",omitzero"`
	Sensitive  []string `yaml:"sensitive"`  // kinds of sensitive personal data that the item touches
	Confidence string   `yaml:"confidence"` // H in the law, M details local, L to be confirmed by the county

	Summary       string   `yaml:"summary"`
	Conditions    []string `yaml:"conditions"`
	LegalLimit    *Limit   `yaml:"legal_limit"` // nil when the law states none
	PromisedLimit Limit    `yaml:"promised_limit"`
	// Extension is the most by which the limits may be extended once, and in what unit; nil: as the county's rules say.
	Extension *Limit `yaml:"extension"`
	// CorrectionLimit is how long the applicant has for a correction before the case lapses (逾期未补正); nil: it never does.
	CorrectionLimit *Limit `yaml:"correction_limit"`

	Fee        Fee         `yaml:"fee"`
	Materials  []Material  `yaml:"materials"`
	Steps      []Step      `yaml:"steps"`
	Situations []Situation `yaml:"situations"`
	Basis      []string    `yaml:"basis"`  // 设定依据: law and article, or a document's number
	Offices    []PlaceKind `yaml:"places"` // kinds of office that take it, such as village_station
	Result     Result      `yaml:"result"`
	FAQ        []Question  `yaml:"faq"`
	CheckedOn  clock.Date  `yaml:"checked_on"` // when somebody last compared it with the law

	// What publication adds. Places are the offices of today, in every version: a person who holds last year's notice
	// needs this year's telephone.
	Version int     `yaml:"-"`
	Code    string  `yaml:"-"` // the county-wide printed one
	Places  []Place `yaml:"-"`
	Hours   string  `yaml:"-"` // of the first place
	Phones  []Phone `yaml:"-"`
	// Waiting is no part of a publication: it changes from day to day.
	Waiting Waiting `yaml:"-" json:"-"`
}

// CaseType says whether an item is done while one waits (即办件) or within a promised time (承诺件).
type CaseType string

const (
	Instant   CaseType = "instant"
	Committed CaseType = "committed"
)

// Extent says how far something goes.
type Extent string

const (
	None Extent = "none"
	Part Extent = "part"
	Full Extent = "full"
)

// Limit is a time limit with a remark for people. Value counts Units; a batch (按批次) has no clock per case.
type Limit struct {
	Value int          `yaml:"value"`
	Unit  workday.Unit `yaml:"unit"`
	Note  string       `yaml:"note"`
}

// Plain is the limit as the calendar counts it.
func (l Limit) Plain() workday.Limit { return workday.Limit{Value: l.Value, Unit: l.Unit} }

// Fee in yuan: "0", "20" or a range "20-40". Basis is the law or administrative regulation that allows it.
type Fee struct {
	Amount string `yaml:"amount"`
	Text   string `yaml:"text"`
	Basis  string `yaml:"basis"`
}

// InWords is what people are told that it costs.
func (f Fee) InWords() string {
	switch {
	case f.Text != "":
		return f.Text
	case f.Amount == "" || f.Amount == "0":
		return "不收费"
	}
	return f.Amount + "元"
}

// Material is one paper (申请材料). The same paper has the same ID in every item, so that a paper lent once can be reused.
type Material struct {
	ID            string `yaml:"id"`
	Name          string `yaml:"name"`
	Kind          string `yaml:"kind"` // original | copy | either | both
	Form          string `yaml:"form"` // paper | electronic | either | both
	Originals     int    `yaml:"originals"`
	Copies        int    `yaml:"copies"`
	Necessity     string `yaml:"necessity"` // required | optional | deferrable (容缺后补)
	Source        string `yaml:"source"`    // self | government | shared_license | filled_online | other
	Issuer        string `yaml:"issuer"`
	Basis         string `yaml:"basis"` // why it may be asked
	Hint          string `yaml:"hint"`
	VillageIssues bool   `yaml:"village_issues"`  // the village station hands it out or fills it in on the spot
	CountyLooksUp bool   `yaml:"county_looks_up"` // the county looks it up (数据共享): nobody need bring it
	When          When   `yaml:"when"`
	// WhyBrought says why the paper itself is needed (以原件核验) where the county looks the same paper up for another item.
	WhyBrought string `yaml:"why_brought" json:",omitzero"`
	// Sample is the model (示范文本) of a form that the applicant fills: what he writes, as one who filled it would read it out.
	Sample string `yaml:"sample" json:",omitzero"`
}

// Step is one step of the procedure (办理流程).
type Step struct {
	Title string `yaml:"title"`
	Text  string `yaml:"text"`
	Place string `yaml:"place"`
	When  When   `yaml:"when"`
}

// Situation is a question (情形) whose answers decide which materials and steps apply.
type Situation struct {
	ID       string   `yaml:"id"`
	Question string   `yaml:"question"`
	Type     string   `yaml:"type"` // One or Many
	Options  []Option `yaml:"options"`
	When     When     `yaml:"when"` // asked only after these answers to earlier questions
}

// How many options a situation's answer may name.
const (
	One  = "one"
	Many = "many"
)

// Option is one possible answer. With Stop the applicant cannot apply now: it says why, and what to do instead.
type Option struct {
	ID   string `yaml:"id"`
	Text string `yaml:"text"`
	Stop string `yaml:"stop"`
}

// When is a condition on answers: every question named must have one of its options chosen. Empty means always.
type When map[string][]string

// Result is what the applicant gets.
type Result struct {
	Kind string `yaml:"kind"` // license | approval | other | none
	Name string `yaml:"name"`
}

// Question is a frequent question with its answer.
type Question struct {
	Q string `yaml:"q"`
	A string `yaml:"a"`
}

// PlaceKind is what sort of office it is, in the words of the county's offices, such as village_station.
type PlaceKind string

// Place is an office where the item can be handed in.
type Place struct {
	Kind    PlaceKind
	Name    string
	Area    access.Area
	Address string
	Hours   string
	Phone   string
}

// Phone is a number with the office that answers it.
type Phone struct{ Name, Number string }

// Material by its id, nil when the item has none of that name.
func (it *Item) Material(id string) *Material {
	for i := range it.Materials {
		if it.Materials[i].ID == id {
			return &it.Materials[i]
		}
	}
	return nil
}

// formName is the name of a paper that the applicant himself fills and signs.
var formName = regexp.MustCompile(`(申请|登记|申领|确认)表|(申请|承诺|授权|委托|同意|协商)书|声明|说明$|家庭协议`)

// isForm tells whether the applicant fills the paper, online or on a blank that the village has: then he needs a model of it.
func (m Material) isForm() bool {
	return m.Source == "filled_online" || m.Source == "self" && (m.VillageIssues || formName.MatchString(m.Name))
}

// Situation by its id, nil when the item asks no such question.
func (it *Item) Situation(id string) *Situation {
	for i := range it.Situations {
		if it.Situations[i].ID == id {
			return &it.Situations[i]
		}
	}
	return nil
}

// Option by its id, nil when there is no such answer.
func (s *Situation) Option(id string) *Option {
	for i := range s.Options {
		if s.Options[i].ID == id {
			return &s.Options[i]
		}
	}
	return nil
}
