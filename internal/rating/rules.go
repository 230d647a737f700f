package rating

import (
	"errors"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v4"

	"tongban/internal/casework"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

const rulesFile = "ratings.yaml"

// Rules are the county's own limits for what is done about a poor rating, and for rating a second time. The usual limits are those of
// 辽宁 (2020): called back within one working day, corrected within fifteen.
type Rules struct {
	Contact workday.Limit `yaml:"contact"` // from the rating
	Correct workday.Limit `yaml:"correct"` // from the finding that it is true
	Answer  workday.Limit `yaml:"answer"`  // from the correction, or from another finding
	Check   workday.Limit `yaml:"check"`   // from the answer
	Again   workday.Limit `yaml:"again"`   // from the first reopening, for all that is done again

	Addition casework.DaysRule `yaml:"addition"` // calendar days from the first rating, for the second one
}

func workdays(n int) workday.Limit { return workday.Limit{Value: n, Unit: workday.Workdays} }

var usualRules = Rules{workdays(1), workdays(15), workdays(3), workdays(5), workdays(5), casework.DaysRule{Days: 90}}

// mostDays is how long who rated is kept at the least: a county must be able to call him back on what he says last.
const mostDays = 365

// Lint names every senseless limit.
func (r Rules) Lint() error {
	var wrong []error
	for _, l := range []struct {
		key   string
		limit workday.Limit
	}{{"contact", r.Contact}, {"correct", r.Correct}, {"answer", r.Answer}, {"check", r.Check}, {"again", r.Again}} {
		if l.limit.Check() != nil || l.limit.Value < 1 || l.limit.Unit != workday.Workdays && l.limit.Unit != workday.CalendarDays {
			wrong = append(wrong, fmt.Errorf("%s: %s: 要写明时限，如 {value: 1, unit: workday}", rulesFile, l.key))
		}
	}
	if r.Addition.Days < 1 || r.Addition.Days > mostDays {
		wrong = append(wrong, fmt.Errorf("%s: addition.days: 要填 1 到 %d 的整数", rulesFile, mostDays))
	}
	return errors.Join(wrong...)
}

// limit of the clock that runs in a state, of a redress that was reopened or not; none in the last one.
func (r Rules) limit(s flow.State, reopened bool) workday.Limit {
	if reopened && doneAgain(s) {
		return r.Again
	}
	switch s {
	case Opened:
		return r.Contact
	case Correcting:
		return r.Correct
	case ToAnswer:
		return r.Answer
	case Answered:
		return r.Check
	}
	return workday.Limit{}
}

// ReadRules reads ratings.yaml in a county's folder. A folder of an earlier release has none; unknown keys and senseless limits
// are named.
func ReadRules(folder fs.FS) (Rules, error) {
	r := usualRules
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
