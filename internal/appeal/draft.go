package appeal

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/docket"
	"tongban/internal/fault"
)

// draft checks who hands in what, for whom and where, and fills the row so far.
func (d *Desk) draft(ctx context.Context, actor access.Actor, in Submission) (Appeal, error) {
	a := Appeal{Class: in.Class, Urgency: in.Urgency, Identity: in.Identity, AboutOffice: in.AboutOffice, AboutPerson: in.AboutPerson}
	if in.Emergency || in.Urgency == "emergency" {
		return a, ErrCallEmergency
	}
	if a.Urgency == "" {
		a.Urgency = Normal
	}
	switch {
	case !slices.Contains(classes(), a.Class):
		return a, fault.Wrong("body.class", "请选择咨询、求助、投诉、举报或建议")
	case !slices.Contains(urgencies(), a.Urgency):
		return a, fault.Wrong("body.urgency", "请选择紧急程度")
	case !slices.Contains(identities(), a.Identity):
		return a, fault.Wrong("body.identity", "请选择是否公开身份")
	}
	var err error
	if a.Category, err = category(in.Category); err != nil {
		return a, err
	}
	if err := d.petition(ctx, actor, &a, in); err != nil {
		return a, err
	}
	if err := d.site(ctx, &a, in); err != nil {
		return a, err
	}
	if err := d.about(ctx, actor, &a); err != nil {
		return a, err
	}
	if err := d.acceptable(ctx, &a); err != nil {
		return a, err
	}
	if in.Previous == "" {
		return a, nil
	}
	return a, d.reopen(ctx, actor, &a, in.Previous)
}

// petition decides whose appeal it is.
func (d *Desk) petition(ctx context.Context, actor access.Actor, a *Appeal, in Submission) error {
	if actor != access.Stranger() && a.Identity == Anonymous && (actor.Role == resident || actor.Role == clerk) {
		return ErrSignedIn
	}
	if in.Applicant != "" && actor.Role != clerk {
		return fault.Wrong("body.applicant", "只有村办事员可以代别人提交")
	}
	switch {
	case in.OnBehalf != "":
		return d.inTheNameOf(ctx, actor, a, in)
	case actor == access.Stranger():
		return anonymous(a)
	case actor.Role == resident && actor.Signed():
		a.Applicant, a.Village = actor.Person, actor.Area.Village()
		if in.Village == "" && in.Grid == "" {
			self, err := d.people.Resident(ctx, actor, actor.Person)
			if err != nil {
				return err
			}
			a.Village, a.Grid = self.Village, self.Grid
		}
	case actor.Role == clerk:
		if in.Village != "" && !actor.Area.Contains(in.Village) {
			return fault.Wrong("body.village", "只能代本村群众提交")
		}
		served, err := d.people.Resident(ctx, actor, in.Applicant)
		if errors.Is(err, fault.NotFound) {
			return fault.Wrong("body.applicant", "请先在本村登记这位群众")
		} else if err != nil {
			return err
		}
		if err := account.Attends(d.store.Read(ctx), actor, served.ID); err != nil {
			return err
		}
		a.Applicant, a.Agent, a.Village, a.Grid = served.ID, actor.Person, served.Village, served.Grid
	default:
		return fault.NotYours
	}
	return nil
}

func anonymous(a *Appeal) error {
	switch {
	case a.Identity != Anonymous:
		return fault.NeedLogin
	case a.Class != Complaint && a.Class != Report:
		return ErrAnonymousKind
	}
	return nil
}

// site is where the matter is: any village of the county; when nothing is said, where the petitioner lives.
func (d *Desk) site(ctx context.Context, a *Appeal, in Submission) error {
	if in.Village != "" || in.Grid != "" {
		a.Grid = in.Grid
	}
	if in.Village != "" {
		a.Village = in.Village
	}
	deepest := a.Village
	if a.Grid != "" {
		deepest = a.Grid
	}
	if a.Village.Level() != access.VillageLevel {
		return fault.Wrong("body.village", "请选择事情发生在哪个村")
	}
	if deepest != a.Village && (deepest.Level() != access.GridLevel || deepest.Village() != a.Village) {
		return fault.Wrong("body.grid", "请选择这个村的网格")
	}
	if _, err := d.people.Live(ctx, deepest); errors.Is(err, fault.NotFound) {
		if deepest != a.Village {
			return fault.Wrong("body.grid", "没有这个网格，请重新选择")
		}
		return fault.Wrong("body.village", "没有这个村，请重新选择")
	} else if err != nil {
		return err
	}
	a.County, a.Town = a.Village.County(), a.Village.Town()
	return nil
}

// about checks who is complained of. A clerk does not file what complains of himself or of his own office: he would know
// who complained.
func (d *Desk) about(ctx context.Context, actor access.Actor, a *Appeal) error {
	if a.AboutOffice != "" {
		if _, err := d.people.Office(ctx, a.AboutOffice); errors.Is(err, fault.NotFound) {
			return fault.Wrong("body.about_office", "没有这个单位，请重新选择")
		} else if err != nil {
			return err
		}
	}
	if a.AboutPerson != "" {
		if _, err := d.people.StaffName(ctx, a.AboutPerson); errors.Is(err, fault.NotFound) {
			return fault.Wrong("body.about_person", "没有这位工作人员，请重新选择")
		} else if err != nil {
			return err
		}
	}
	if actor.Role != clerk {
		return nil
	}
	serves, err := d.serves(ctx, actor.Person, a.AboutOffice)
	if err != nil {
		return err
	}
	if a.AboutPerson == actor.Person || serves {
		return ErrAboutYourself
	}
	return nil
}

// serves: the staff member holds a post at the office now.
func (d *Desk) serves(ctx context.Context, person, office string) (bool, error) {
	if person == "" || office == "" {
		return false, nil
	}
	var posts []account.Post
	err := d.store.Read(ctx).Where("person = ? AND office = ?", person, office).Find(&posts).Error
	today := d.today()
	return slices.ContainsFunc(posts, func(p account.Post) bool { return p.On(today) }), err
}

// reopen links a new appeal to the concluded one about the same matter, within the window.
func (d *Desk) reopen(ctx context.Context, actor access.Actor, a *Appeal, id string) error {
	old, err := d.load(d.store.Read(ctx), actor, id)
	if errors.Is(err, fault.NotFound) || err == nil && old.Applicant != a.Applicant {
		return fault.Wrong("body.previous", "找不到原来那件诉求")
	}
	switch {
	case err != nil:
		return err
	case old.Status != Concluded:
		return ErrNotConcluded
	case daysOver(old.ConcludedAt, d.limits.Reopening.Days, d.store.Clock().Now()):
		return ErrReopenLate
	}
	a.Previous = old.ID
	return nil
}

var longNumber = regexp.MustCompile(`[0-9]{7}`)

// category is stored in plain, so it must not hold a phone or ID number.
func category(text string) (string, error) {
	clean, err := docket.Typed("body.category", text, 0, 20)
	if err != nil {
		return "", err
	}
	if longNumber.MatchString(clean) {
		return "", fault.Wrong("body.category", "类别里请不要写号码")
	}
	return clean, nil
}

// dangers are words that may mean that somebody is in danger now. The text alone does not decide: "去年起火的房子" is no fire.
var dangers = []string{"起火", "着火", "火灾", "触电", "被打", "打人", "行凶", "落水", "溺水", "煤气中毒", "农药中毒", "昏迷", "车祸", "跳楼", "轻生", "塌方"}

func advice(text string) string {
	if slices.ContainsFunc(dangers, func(word string) bool { return strings.Contains(text, word) }) {
		return "如果现在有人有危险，请马上打电话：报警110，火警119，急救120，交通事故122。"
	}
	return ""
}
