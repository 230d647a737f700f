package account

import (
	"regexp"
	"time"

	"tongban/internal/fault"
	"tongban/internal/store"
)

// How a resident gave his consent (同意) to being registered (PIPL 14).
const (
	Signed      = "signed"      // 签字
	Fingerprint = "fingerprint" // 按手印
	Spoken      = "spoken"      // 口头，读给他听过
	OnScreen    = "on_screen"   // 本人在手机上勾选
)

// Consent is what a resident agreed to, and how.
type Consent struct {
	TextVersion string // of the privacy notice that he was shown or read
	How         string
	GivenBy     string // id of the guardian who agreed for a child; empty when he did himself
}

type consentRow struct {
	ID           string `gorm:"primaryKey"`
	Person       string
	Kind         string
	TextVersion  string
	How          string
	GivenBy      string // person id; a guardian's for a child
	RecordedBy   string // person id of the clerk; his own when he did it himself
	At           time.Time
	WithdrawnAt  *time.Time
	WithdrawnBy  string // person id; kept as evidence, no view tells it
	WithdrawnHow string // how it was told; a clerk writes it down, who did it on his own screen may have none
}

func (consentRow) TableName() string { return "consents" }

var versionShape = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$`)

// Check finds the version written, and how one of these ways.
func (c Consent) Check(ways ...string) error {
	if !versionShape.MatchString(c.TextVersion) {
		return fault.Wrong("body.consent.text_version", "请先请本人看过（或念给他听）个人信息告知书，并写明是哪一版")
	}
	for _, how := range ways {
		if c.How == how {
			return nil
		}
	}
	return fault.Wrong("body.consent.how", "请写明本人怎样表示同意：签字、按手印或口头")
}

func (c Consent) keep(tx *store.Tx, person string) error {
	_, err := c.KeepAs(tx, ToRegistration, person)
	return err
}

// KeepAs keeps a consent to something of that kind, and answers its id.
func (c Consent) KeepAs(tx *store.Tx, kind, person string) (id string, err error) {
	if err := told(tx, c.TextVersion); err != nil {
		return "", err
	}
	id = tx.NewID()
	giver := person
	if c.GivenBy != "" {
		giver = c.GivenBy
	}
	return id, tx.Create(&consentRow{
		ID: id, Person: person, Kind: kind, TextVersion: c.TextVersion, How: c.How,
		GivenBy: giver, RecordedBy: tx.Actor.Person, At: tx.Now,
	}).Error
}

// WithdrawConsent marks a consent as withdrawn from now on, and how that was said; one that is already stays as it is.
func WithdrawConsent(tx *store.Tx, id, how string) (withdrawn bool, err error) {
	done := tx.Table("consents").Where("id = ? AND withdrawn_at IS NULL", id).
		UpdateColumns(map[string]any{"withdrawn_at": tx.Now, "withdrawn_by": tx.Actor.Person, "withdrawn_how": how})
	return done.RowsAffected == 1, done.Error
}
