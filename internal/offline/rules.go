package offline

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.yaml.in/yaml/v4"
)

const rulesFile = "offline.yaml"

// Rules are the county's own for what a phone says of the time of an act.
type Rules struct {
	Oldest struct {
		Days int `yaml:"days"` // calendar days before the receipt
	} `yaml:"oldest"`
	Skew struct {
		Minutes int `yaml:"minutes"` // by how much a phone's clock may be wrong
	} `yaml:"skew"`
}

func (r Rules) oldest() time.Duration { return time.Duration(r.Oldest.Days) * 24 * time.Hour }
func (r Rules) skew() time.Duration   { return time.Duration(r.Skew.Minutes) * time.Minute }

// Lint names every senseless bound.
func (r Rules) Lint() error {
	var wrong []error
	if r.Oldest.Days < 1 || r.Oldest.Days > 366 {
		wrong = append(wrong, fmt.Errorf("%s: oldest.days: 要填 1 到 366 的整数", rulesFile))
	}
	if r.Skew.Minutes < 0 || r.Skew.Minutes > 60 {
		wrong = append(wrong, fmt.Errorf("%s: skew.minutes: 要填 0 到 60 的整数", rulesFile))
	}
	return errors.Join(wrong...)
}

// UsualRules are those of a county whose folder says nothing.
func UsualRules() (r Rules) {
	r.Oldest.Days, r.Skew.Minutes = 30, 10
	return r
}

// ReadRules reads offline.yaml in a county's folder. A folder of an earlier release has none; unknown keys and senseless bounds are named.
func ReadRules(folder fs.FS) (Rules, error) {
	r := UsualRules()
	text, err := fs.ReadFile(folder, rulesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if err := yaml.Load(text, &r, yaml.WithKnownFields()); err != nil {
		return r, fmt.Errorf("%s: %w", rulesFile, err)
	}
	return r, r.Lint()
}
