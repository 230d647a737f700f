package casework

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	platform "tongban/internal/county"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Handing over (报送): where the county has a platform of its own, it must hear of what the applicant's side does: a case that is submitted,
// an answer to its correction, a withdrawal. Each is a row and a letter of the outbox in the act's own commit, so that nobody waits for
// the county, and is told in order. What is told is frozen with the act: under one key the county gets the same content, however often.

// HandoverTopic is the topic of the letters that HandOver carries.
const HandoverTopic = "case_handover.tell"

const handoverKind = "case_handover"

// What is handed over.
const (
	toldSubmit   = "submit"
	toldCorrect  = "correct"
	toldWithdraw = "withdraw"
)

// leadsTo is how the county has a case once it was told, and nothing else happened.
var leadsTo = map[string]platform.State{toldSubmit: platform.Submitted, toldCorrect: platform.Received, toldWithdraw: platform.Withdrawn}

// The statuses of a handover.
const (
	handoverWaits  = "waiting"
	handoverSent   = "sent"
	handoverByHand = "by_hand" // somebody did it at the county's screen
	handoverNoNeed = "no_need" // somebody says why it is not to be done any more
)

// handoverRow is one thing to be told to the county.
type handoverRow struct {
	ID        string `gorm:"primaryKey"`
	CaseID    string
	Nth       int // of the case, from 1: told in this order
	Act       string
	Status    string
	Content   []byte // sealed JSON; nil once it is settled: the county has it
	MadeAt    time.Time
	SettledAt *time.Time
	SettledBy string // who did it by hand; kept as evidence, no view tells it
	Ahead     bool   // the county had gone on before it answered
}

func (handoverRow) TableName() string { return "case_handovers" }

func sealedHandover(id string) secret.Where {
	return secret.Where{Table: "case_handovers", Column: "content", Row: id}
}

// sheet is the content of a handover.
type sheet struct {
	Item      platform.Item
	CaseType  string
	Applicant person
	Agent     person
	Channel   string
	Area      string
	Office    string
	At        time.Time
	Papers    []platform.Paper
	Answers   []platform.Answer
}

// person is somebody in full, on his way to the county.
type person struct{ Name, IDNumber, Phone string }

func (p person) party() platform.Party {
	out := platform.Party{Kind: "person", Name: platform.Revealed(p.Name), Phone: platform.Revealed(p.Phone)}
	if p == (person{}) {
		return platform.Party{}
	}
	if p.IDNumber != "" {
		out.IDType, out.IDNumber = "id_card", platform.Revealed(p.IDNumber)
	}
	return out
}

// Connect says which platform cases are handed over to, and whose news is carried into them; nil for what there is not. Before the
// program serves.
func (d *Desk) Connect(to platform.Platform, news *platform.Desk) {
	d.platform, d.news = to, news
	if news != nil {
		news.Register(d.hear)
		news.FindBy(refBy)
	}
}

// handOver tells the county of the act, if it is to know of the case.
func (s *step) handOver(act string, fill func(*sheet) error) {
	if s.desk.platform == nil {
		return
	}
	s.after(func() error {
		nth, err := nextHandover(s.tx.DB, s.row.ID)
		if err != nil || nth == 1 && act != toldSubmit {
			return err // what the county never heard of is not withdrawn there
		}
		told := sheet{At: s.tx.Now}
		if err := fill(&told); err != nil {
			return err
		}
		content, err := json.Marshal(told)
		if err != nil {
			return err
		}
		h := handoverRow{ID: s.tx.NewID(), CaseID: s.row.ID, Nth: nth, Act: act, Status: handoverWaits, MadeAt: s.tx.Now}
		h.Content = s.desk.store.Keys().Seal(sealedHandover(h.ID), content)
		s.tx.Emit(store.Message{Topic: HandoverTopic, Kind: handoverKind, Object: h.ID, Area: s.row.Village})
		return s.tx.Create(&h).Error
	})
}

func nextHandover(db *gorm.DB, id string) (nth int, err error) {
	err = db.Model(&handoverRow{}).Where("case_id = ?", id).Select("COALESCE(MAX(nth), 0) + 1").Scan(&nth).Error
	return nth, err
}

// whyInformed stands in the trail beside each value that goes to the county.
const whyInformed = "报送县级平台"

// submission is a new case as the county must know it.
func (s *step) submission(told *sheet) error {
	item, err := s.desk.items.Version(s.ctx, s.row.Item, s.row.ItemVersion)
	if err != nil {
		return err
	}
	// The national codes are not in the catalogue: the item goes by its own id, which never changes.
	told.Item = platform.Item{HandleItemCode: item.ID, Name: item.Name, Version: item.Version}
	told.CaseType, told.Area, told.Channel = string(s.row.CaseType), string(s.row.Village), "computer"
	applicant, err := s.desk.people.Inform(s.tx, s.row.Applicant, whyInformed)
	if err != nil {
		return err
	}
	told.Applicant = person{applicant.Name, applicant.IDNumber, applicant.Phone}
	switch {
	case s.row.Agent != "":
		told.Channel = "window"
		clerk, err := s.desk.people.Inform(s.tx, s.row.Agent, whyInformed, "name")
		if err != nil {
			return err
		}
		told.Agent.Name = clerk.Name
		office, err := s.desk.people.Office(s.ctx, s.tx.Actor.Office)
		if err == nil {
			told.Office = office.Name
		}
	case s.row.Helper != "":
		helper, err := s.desk.people.Inform(s.tx, s.row.Helper, whyInformed)
		if err != nil {
			return err
		}
		told.Agent = person{helper.Name, helper.IDNumber, helper.Phone}
	}
	told.Papers, err = s.papersFor(nil)
	return err
}

// papersFor are the photos of the case's papers: of those that answer defects, where there are any, one for each. A paper without a photo has
// no digest that would prove it; it is handed to the county itself.
func (s *step) papersFor(defects []defectRow) (list []platform.Paper, err error) {
	item, err := s.desk.items.Version(s.ctx, s.row.Item, s.row.ItemVersion)
	if err != nil {
		return nil, err
	}
	rows, err := s.desk.materials(s.tx.DB, s.row.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(rows))
	for _, m := range rows {
		ids = append(ids, m.ID)
	}
	photos, err := s.desk.files.Attached(s.tx.DB, materialKind, ids...)
	if err != nil {
		return nil, err
	}
	for _, m := range rows {
		p := platform.Paper{Name: materialName(item, m.Material), Form: "paper", Copies: m.Copies}
		if defects != nil && m.ChangedIn != s.detail.Correction {
			continue
		}
		if m.TakenAs == AsElectronic {
			p.Form = AsElectronic
		}
		answers := []string{""}
		if defects != nil {
			answers = countyDefects(defects, m.Material)
		}
		if defects != nil {
			photos[m.ID] = m.newlyHandedIn(photos[m.ID])
		}
		for _, f := range photos[m.ID] {
			p.ID, p.File, p.SHA256 = f.ID, f.ID+f.Ending(), f.SHA256Stored
			for _, p.Defect = range answers {
				list = append(list, p)
			}
		}
	}
	return list, nil
}

// countyDefects are the county's ids of what it misses in a paper.
func countyDefects(defects []defectRow, material string) (ids []string) {
	for _, f := range defects {
		if f.CountyID != "" && f.Material == material {
			ids = append(ids, f.CountyID)
		}
	}
	return ids
}

// answersFor answers each defect that the county named: in the words that were given, and where only a paper came, by saying so.
func (s *step) answersFor(defects []defectRow, words map[string]string) (list []platform.Answer) {
	for _, f := range defects {
		text := words[f.ID]
		if text == "" {
			text = "材料已补交"
		}
		if f.CountyID != "" {
			list = append(list, platform.Answer{Defect: f.CountyID, Text: text})
		}
	}
	return list
}

// remedied tells the county the answer to what it asked for; what our own hall asked for it does not know of.
func (s *step) remedied(defects []defectRow, words map[string]string) {
	if !slices.ContainsFunc(defects, func(f defectRow) bool { return f.CountyID != "" }) {
		return
	}
	s.handOver(toldCorrect, func(told *sheet) (err error) {
		told.Answers = s.answersFor(defects, words)
		told.Papers, err = s.papersFor(defects)
		return err
	})
}

// errTurn: something of the same case must be told first, and is on its way.
var errTurn = errors.New("casework: an earlier handover waits")

// errNoPlatform: the connection was switched off while a letter was on its way.
var errNoPlatform = errors.New("casework: there is no platform any more")

// longestTurn is how soon a letter looks again whether it is its turn.
const longestTurn = 10 * time.Minute

// HandoverPlan is the county's plan, but that a letter waits for its turn as long as the one before it is tried: that is no failure of its own.
func HandoverPlan(err error, attempts int, age time.Duration) (wait time.Duration, again bool) {
	if errors.Is(err, errTurn) {
		return min(time.Duration(attempts)*time.Minute, longestTurn), true
	}
	return platform.Plan(err, attempts, age)
}

// itsTurn fails while something of the case is to be told before; for good, when that needs a person, who then settles both.
func (d *Desk) itsTurn(ctx context.Context, h *handoverRow) error {
	db := d.store.Read(ctx)
	var earlier []string
	err := db.Model(&handoverRow{}).Where("case_id = ? AND nth < ? AND status = ?", h.CaseID, h.Nth, handoverWaits).Pluck("id", &earlier).Error
	if err != nil || len(earlier) == 0 {
		return err
	}
	stuck, err := stuckOf(db, h.CaseID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(earlier, func(id string) bool { return slices.Contains(stuck, id) }) {
		return platform.ErrHuman.Because(errors.New("casework: an earlier handover needs a person"))
	}
	return platform.ErrAgain.Because(errTurn)
}

// HandOver tells the county what a letter is about. For the courier: it may be called again at any time, after a crash too.
func (d *Desk) HandOver(ctx context.Context, l store.Letter) error {
	var h handoverRow
	err := d.store.Read(ctx).Where("id = ?", l.Object).Take(&h).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && h.Status != handoverWaits {
		return nil
	}
	if err != nil {
		return err
	}
	if d.platform == nil {
		return platform.ErrHuman.Because(errNoPlatform)
	}
	if err := d.itsTurn(ctx, &h); err != nil {
		return err
	}
	var c Case
	if err := d.store.Read(ctx).Where("id = ?", h.CaseID).Take(&c).Error; err != nil {
		return err
	}
	standing, err := d.tell(ctx, l.ID, &c, &h)
	if err != nil {
		return err
	}
	return d.told(ctx, &c, &h, standing)
}

func (d *Desk) tell(ctx context.Context, key string, c *Case, h *handoverRow) (platform.Standing, error) {
	content, err := d.store.Keys().Open(sealedHandover(h.ID), h.Content)
	if err != nil {
		return platform.Standing{}, err
	}
	var told sheet
	if err := json.Unmarshal(content, &told); err != nil {
		return platform.Standing{}, err
	}
	switch h.Act {
	case toldCorrect:
		return d.platform.Correct(ctx, key, platform.Correction{Ref: c.number(), At: told.At, Papers: told.Papers, Answers: told.Answers})
	case toldWithdraw:
		return d.platform.Withdraw(ctx, key, platform.Withdrawal{Ref: c.number(), At: told.At, Reason: "申请人撤回"})
	}
	return d.platform.Submit(ctx, key, platform.Submission{
		Ref: c.number(), Item: told.Item, CaseType: told.CaseType, Channel: told.Channel, Summary: told.Item.Name, Applicant: told.Applicant.party(),
		Agent: told.Agent.party(), Area: told.Area, Office: told.Office, AppliedAt: told.At, Papers: told.Papers,
	})
}

// told notes that the county knows, and what it calls the case.
func (d *Desk) told(ctx context.Context, c *Case, h *handoverRow, s platform.Standing) error {
	ahead := s.State != leadsTo[h.Act]
	return d.store.Write(ctx, round(c), func(tx *store.Tx) error {
		done := tx.Model(&handoverRow{}).Where("id = ? AND status = ?", h.ID, handoverWaits).
			UpdateColumns(map[string]any{"status": handoverSent, "content": nil, "settled_at": tx.Now, "ahead": ahead})
		if done.Error != nil || done.RowsAffected == 0 { // another courier was faster
			return done.Error
		}
		if err := keepCountyNumber(tx, c.ID, s.Number); err != nil {
			return err
		}
		if !ahead { // otherwise what came between is still to be heard
			if err := d.reached(tx, s); err != nil {
				return err
			}
		}
		tx.Trail(store.Entry{Act: "case.hand_over", Kind: kind, Object: c.ID, Area: c.Village, From: handoverWaits, To: handoverSent, Why: h.Act})
		return nil
	})
}

// Handing is how a case was handed over, for whoever sees the case.
type Handing string

// How a case was handed over; empty where the county was not to be told.
const (
	HandingWaits   Handing = "waiting"      // on its way
	HandingStuck   Handing = "needs_person" // it did not get there, and somebody must do it by hand
	HandingSent    Handing = "sent"
	HandingByHand  Handing = "by_hand"
	HandingNoNeed  Handing = "no_need" // the case was over before it got there
	stuckHandovers         = "SELECT h.id FROM outbox o JOIN case_handovers h ON h.id = o.object WHERE o.status = 'stuck' AND o.kind = 'case_handover' AND h.status = 'waiting'"
)

// handing looks at all that was to be told of the case; what went worst counts.
func (d *Desk) handing(db *gorm.DB, id string) (Handing, error) {
	var rows []handoverRow
	if err := db.Select("id", "nth", "status").Where("case_id = ?", id).Order("nth").Find(&rows).Error; err != nil || len(rows) == 0 {
		return "", err
	}
	waits := slices.ContainsFunc(rows, func(h handoverRow) bool { return h.Status == handoverWaits })
	if !waits {
		return Handing(rows[0].Status), nil
	}
	stuck, err := stuckOf(db, id)
	if err != nil || len(stuck) == 0 {
		return HandingWaits, err
	}
	return HandingStuck, nil
}

// stuckOf are the case's handovers whose letters need a person.
func stuckOf(db *gorm.DB, id string) (ids []string, err error) {
	err = db.Model(&handoverRow{}).Where("case_id = ? AND id IN ("+stuckHandovers+")", id).Order("nth").Pluck("id", &ids).Error
	return ids, err
}
