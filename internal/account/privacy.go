package account

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// PrivacyText (个人信息告知书) is one version of what people are told before they agree (PIPL 17). A consent names its
// version, so a version never changes: another wording is another version. Stored versions stay when a file is gone, for
// somebody may have agreed to them.
type PrivacyText struct {
	Version string `gorm:"primaryKey"`
	InForce clock.Date
	Title   string
	Text    string // plain Chinese; "## " begins a part
}

func (PrivacyText) TableName() string { return "privacy_texts" }

// PrivacyTexts are the versions that have come into force, newest first; the first one is what people are shown today.
func (d *Desk) PrivacyTexts(ctx context.Context) ([]PrivacyText, error) {
	var list []PrivacyText
	err := d.store.Read(ctx).Where("in_force <= ?", clock.DateOf(d.now())).Order("in_force DESC, version DESC").Find(&list).Error
	return list, err
}

// PrivacyText is the version that is asked for; without one, the newest in force.
func (d *Desk) PrivacyText(ctx context.Context, version string) (PrivacyText, error) {
	list, err := d.PrivacyTexts(ctx)
	if err != nil {
		return PrivacyText{}, err
	}
	for _, t := range list {
		if version == "" || version == t.Version {
			return t, nil
		}
	}
	return PrivacyText{}, fault.NotFound
}

// told: the version is one that people could have been shown by now.
func told(tx *store.Tx, version string) error {
	var n int64
	err := tx.Model(&PrivacyText{}).Where("version = ? AND in_force <= ?", version, clock.DateOf(tx.Now)).Count(&n).Error
	if err == nil && n == 0 {
		err = fault.Wrong("body.consent.text_version", "没有这一版个人信息告知书，请重新打开告知书看一遍再同意")
	}
	return err
}

// keepPrivacy adds the versions that are new.
func keepPrivacy(tx *store.Tx, listed []PrivacyText) (changed int, err error) {
	var fresh []PrivacyText
	for _, t := range listed {
		var stored []PrivacyText
		if err := tx.Where("version = ?", t.Version).Limit(1).Find(&stored).Error; err != nil {
			return 0, err
		}
		switch {
		case len(stored) == 0:
			fresh = append(fresh, t)
			tx.Trail(store.Entry{Act: "privacy.load", Kind: "privacy_text", Object: t.Version, Area: access.Area("")})
		case stored[0] != t:
			return 0, privacyFault(t.Version+".md", 1, "这一版已经公布过，可能有人按它同意过，不能再改；请另写一版")
		}
	}
	return len(fresh), create(tx, fresh)
}
