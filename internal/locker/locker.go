// Package locker is 材料复用库: papers that people let the village keep, so that nobody asks for them twice.
//
// What kinds of papers there are is the county's list (papers.yaml); a person's paper of a kind is a row of its own, with its
// pages in order. It is kept and used only as long as he agrees to just that (PIPL 14, 15): each use asks for the consent, for the
// last day of the paper, for whose paper it is and for whose clerk uses it, and each refusal is in the trail. What a paper was
// used for is kept beside it. A case gets copies of the pages: what was handed in stays as it was handed in.
package locker

import (
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/family"
	"tongban/internal/fault"
	"tongban/internal/file"
	"tongban/internal/store"
)

// The faults of the locker. Those of a use are in the trail too, see Refused.
var (
	ErrOtherVillage = fault.New(fault.Forbidden, "locker.other_village", "这份材料是别的村的群众存的，只有他那个村的办事员能用")
	ErrOtherPerson  = fault.New(fault.Forbidden, "locker.other_person", "这份材料不是申请人本人的，不能用在这件事上")
	ErrNoConsent    = fault.New(fault.Forbidden, "locker.no_consent", "本人没有同意再用这份材料，或者已经撤回、到期。请先征得本人同意")
	ErrExpired      = fault.New(fault.Invalid, "locker.expired", "这份材料已经过期，请交新的")
	ErrRemoved      = fault.New(fault.Invalid, "locker.removed", "这份材料已经从材料库里删除，请重新交")
	ErrOtherKind    = fault.New(fault.Invalid, "locker.other_kind", "这份材料和要交的不是同一种")
	ErrFull         = fault.New(fault.Invalid, "locker.full", "存的材料太多了，请先删掉不用的")
)

// refusals are those of a use, which the trail keeps.
var refusals = []*fault.Fault{ErrOtherVillage, ErrOtherPerson, ErrNoConsent, ErrExpired, ErrRemoved, ErrOtherKind}

const (
	kind     = "locker_paper" // of the object, in the trail; and of photos of its pages
	mostHeld = 40             // papers that one person has here
	// longestConsent: nobody agrees for ever; he is asked again after three years at the latest.
	longestConsent = 3
	longestValid   = 50 // years that a paper with a last day may be good for
)

// Desk is where papers are put into the locker, lent to cases, and taken out.
type Desk struct {
	store    *store.Store
	files    *file.Desk
	people   *account.Desk
	families *family.Desk
}

// New opens the desk, and tells files who may see a page. Once in a program: files takes each kind once.
func New(s *store.Store, files *file.Desk, people *account.Desk, families *family.Desk) *Desk {
	d := &Desk{s, files, people, families}
	files.SeenWith(kind, d.canSeePage)
	files.TakesPDF(kind)
	return d
}

// paperRow is one person's paper.
type paperRow struct {
	ID           string `gorm:"primaryKey"`
	Person       string
	Kind         string
	ValidUntil   clock.Date // last day on which it is good; none for one that is good for ever (长期)
	Consent      string     // id of the consent to keep and use it
	ConsentUntil clock.Date // last day of that
	OverOn       clock.Date // the earlier of both, or the day on which it was removed: from when its time to be given up counts
	FromCase     string     // whose paper it was first; empty for one that was put here
	PutBy        string     // person id; this and by whom and why it was removed are kept as evidence, no view tells it
	PutRole      access.Role
	Uses         int
	CreatedAt    time.Time
	RemovedAt    *time.Time
	RemovedBy    string
	RemovedWhy   Removing
}

func (paperRow) TableName() string { return "locker_papers" }

// pageRow is one page of a paper. The digests stay when the photo is gone.
type pageRow struct {
	Paper        string `gorm:"primaryKey"`
	Place        int    `gorm:"primaryKey"`
	File         string
	SHA256Sent   string `gorm:"column:sha256_sent"`
	SHA256Stored string `gorm:"column:sha256_stored"`
}

func (pageRow) TableName() string { return "locker_pages" }

// useRow is one use of a paper.
type useRow struct {
	ID       string `gorm:"primaryKey"`
	Paper    string
	CaseID   string
	Material string // of the case's item
	UsedBy   string
	Role     access.Role
	UsedAt   time.Time
}

func (useRow) TableName() string { return "locker_uses" }

// Removing says why a paper was taken out.
type Removing string

const (
	Asked    Removing = "asked"    // 本人要求
	Replaced Removing = "replaced" // 换了新的
	Mistake  Removing = "mistake"  // 存错了
	closed   Removing = "closed"   // his account was closed
)

// Paper is a paper in the locker as he himself or the clerk of his village may know it.
type Paper struct {
	ID           string
	Person       string
	Kind         string
	KindName     string
	Pages        []Page
	ValidUntil   clock.Date // zero: for ever
	Consent      account.Given
	ConsentUntil clock.Date
	FromCase     string
	PutRole      access.Role
	CreatedAt    time.Time
	Times        int    // how often it was used
	Refused      string // the code with which its use would be refused now; empty while it can be used
	Uses         []Use  // oldest first; not in lists
}

// Page is one page, in order.
type Page struct {
	File         string // id of the photo
	SHA256Sent   string
	SHA256Stored string
}

// Use is one line of the use log.
type Use struct {
	Case     string
	Number   string // of the case, for people; only in copies, and empty while it is a draft
	Material string
	By       string // staff: the person; empty for the owner himself
	Role     access.Role
	At       time.Time
}
