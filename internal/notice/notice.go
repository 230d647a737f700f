// Package notice makes one-time notices (一次性告知单): what a villager must bring for one service item, written down once and
// wholly, after his answers, before he applies.
//
// A notice is made without login. It keeps the item's version and the answers, not the text: whoever opens it later sees
// the very list that he was given, beside the offices of today. Three keys open it: the number with the query code, and
// the code printed on the paper itself.
package notice

import (
	"time"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// ErrNotEligible refuses a notice to somebody who cannot apply now; the detail says why and what to do instead.
var ErrNotEligible = fault.New(fault.Invalid, "notice.not_eligible", "按您的回答，这件事现在还办不了")

// ErrTooMany ends a flood: notices are made without login.
var ErrTooMany = fault.New(fault.TooMany, "notice.too_many_today", "今天这里开的告知单太多了，请明天再开，或到村便民服务站办理")

// CodeKind is what `/codes/{code}` calls the code of a notice. Such codes stand in no county's file.
const CodeKind = "notice"

// Notice is a one-time notice as its reader sees it.
type Notice struct {
	ID       string
	Number   string // GZ…
	Code     string // printed on the paper: opens this notice without the query code
	Village  account.Area
	Name     secret.Name // of whom it is for; zero when nobody said
	Answers  map[string][]string
	List     catalog.Checklist // of exactly the version it was made from
	Places   []catalog.Place   // where people of the village hand it in, as of today
	Outdated bool              // the item has a newer version, or is no longer handled: better make a new notice
	MadeAt   time.Time
}

// Made is a fresh notice with its query code, which is told once and kept by nobody.
type Made struct {
	Notice
	QueryCode string
}

// Desk is where notices are made and read.
type Desk struct {
	store    *store.Store
	items    *catalog.Desk
	accounts *account.Desk
}

// New opens the desk.
func New(s *store.Store, items *catalog.Desk, accounts *account.Desk) *Desk {
	return &Desk{s, items, accounts}
}

// row is a notice as stored. The answers are sealed: "my child is disabled" is sensitive even without a name.
type row struct {
	ID        string `gorm:"primaryKey"`
	Number    string
	Code      string
	QueryMAC  string `gorm:"column:query_mac"`
	Item      string
	Version   int
	Answers   []byte // sealed JSON
	Name      []byte // sealed; NULL for none
	County    access.Area
	Town      access.Area
	Village   access.Area
	CreatedAt time.Time
}

func (row) TableName() string { return "notices" }

func sealedAnswers(id string) secret.Where {
	return secret.Where{Table: "notices", Column: "answers", Row: id}
}

func sealedName(id string) secret.Where {
	return secret.Where{Table: "notices", Column: "name", Row: id}
}
