package family

import (
	"regexp"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
)

// Households (户): the clerk of a village keeps them. Nobody may do anything for anybody by belonging to one; it only makes it
// easier to ask.

// Kin is how a member stands to the head: a code of GB/T 4761-2008.
type Kin string

// Head (户主) is the one to whom the others stand.
const Head Kin = "02"

// kin are the codes that a household of a village needs, with the standard's words.
var kin = map[Kin]string{
	Head: "户主", "10": "配偶", "20": "子", "28": "女婿", "30": "女", "38": "儿媳", "40": "孙子、孙女、外孙子、外孙女", "50": "父母", "51": "父亲", "52": "母亲",
	"60": "祖父母、外祖父母", "70": "兄、弟、姐、妹", "80": "其他", "97": "其他亲属", "99": "非亲属",
}

// Text is the code's Chinese word; empty for none.
func (k Kin) Text() string { return kin[k] }

// Leaving is why somebody leaves a household, or why it ends.
type Leaving string

// closedAccount is why somebody leaves of whom nothing is kept any more; nobody chooses it.
const closedAccount Leaving = "closed"

var leavings = map[Leaving]string{"moved": "迁出", "marriage": "婚嫁", "split": "分户", "merged": "并户", "death": "死亡", "mistake": "登记有误"}

// numberShape has no room for a name or an ID number.
var numberShape = regexp.MustCompile(`^[0-9A-Za-z第组队户号][0-9A-Za-z第组队户号-]{0,11}$`)

// The faults of households.
var (
	// ErrHouseholdNumber refuses a number of an open household of the village.
	ErrHouseholdNumber = fault.New(fault.Conflict, "household.number_taken", "本村已经有这个户号了")
	// ErrInHousehold refuses a second household at a time.
	ErrInHousehold = fault.New(fault.Conflict, "household.has_one", "这位群众已经在一个户里，请先从那一户移出")
	// ErrHeadStays keeps a household from having no head.
	ErrHeadStays = fault.New(fault.Conflict, "household.head_stays", "户主不能直接移出，请先变更户主；只剩户主一人的，请销户")
	// ErrHouseholdEnded refuses to change what is history.
	ErrHouseholdEnded = fault.New(fault.Conflict, "household.ended", "这一户已经销户")
	errLeaving        = fault.Wrong("body.why", "请选择原因：迁出、婚嫁、分户、并户、死亡、登记有误")
	errKin            = fault.Wrong("body.relation", "请选择和户主的关系")
)

// householdRow is a household. Ended rows stay as history.
type householdRow struct {
	ID         string `gorm:"primaryKey"`
	Number     string // 户号, the village's own
	County     string
	Town       string
	Village    access.Area
	Head       string  // person id
	OpenNumber *string // village and number, while it is not ended; unique
	Version    int
	EndedAt    *time.Time
	Why        Leaving
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (householdRow) TableName() string { return "households" }

// memberRow is somebody's time in a household.
type memberRow struct {
	ID         string `gorm:"primaryKey"`
	Household  string
	Person     string
	Relation   Kin
	OpenPerson *string // the person while he is in it; unique
	Since      clock.Date
	Until      clock.Date // zero while he is in it
	Why        Leaving
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

func (memberRow) TableName() string { return "household_members" }

// Household as one of its members, or its clerk, may know it. The reader's own name is in full, a clerk reads all in full and in the
// trail, others' are masked.
type Household struct {
	ID       string
	Number   string
	Village  access.Area
	Head     string // person id
	HeadName string
	Version  int
	EndedAt  *time.Time
	Members  []Member // of one; not told in a list
}

// Member is somebody who is in the household now.
type Member struct {
	Person   string
	Name     string
	Relation Kin
	Since    clock.Date
}

func openNumber(village access.Area, number string) *string {
	key := string(village) + "|" + number
	return &key
}
