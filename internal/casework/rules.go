package casework

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.yaml.in/yaml/v4"

	"tongban/internal/workday"
)

const rulesFile = "casework.yaml"

// fiveDays is within how long the county accepts, refuses or tells all defects at once; silence accepts (行政许可法 32).
var fiveDays = workday.Limit{Value: 5, Unit: workday.Workdays}

// Rules are the county's own for cases.
type Rules struct {
	OfficeHours OfficeHours   `yaml:"office_hours"`
	Extension   ExtensionRule `yaml:"extension"`
	Delivery    workday.Limit `yaml:"delivery"` // from the decision
	Conclude    DaysRule      `yaml:"conclude"` // calendar days from the delivery
	Rating      DaysRule      `yaml:"rating"`   // calendar days from the decision
	Waiting     WaitingRule   `yaml:"waiting"`  // what people are told of how long others waited
	Texts       Texts         `yaml:"-"`        // of the documents; a file of their own
}

// OfficeHours as the clock on the wall shows them, such as 8:30 and 16:30. Empty ones are none: the whole day counts.
type OfficeHours struct {
	Open  string `yaml:"open"`
	Close string `yaml:"close"`
}

// ExtensionRule is the most working days by which limits may be extended, where the item says nothing else.
type ExtensionRule struct {
	Most int `yaml:"most"`
}

// DaysRule is a time in calendar days.
type DaysRule struct {
	Days int `yaml:"days"`
}

// hours are the office hours as the calendar takes them; Check has read them already.
func (r Rules) hours() workday.OfficeHours {
	opens, _ := wallTime(r.OfficeHours.Open)
	closes, _ := wallTime(r.OfficeHours.Close)
	return workday.OfficeHours{Open: opens, Close: closes}
}

func wallTime(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	at, err := time.Parse("15:04", text)
	if err != nil {
		return 0, err
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, nil
}

// Check names every senseless rule.
func (r Rules) Check() error {
	var wrong []error
	bad := func(key, message string) { wrong = append(wrong, fmt.Errorf("%s: %s: %s", rulesFile, key, message)) }
	opens, err := wallTime(r.OfficeHours.Open)
	closes, errClose := wallTime(r.OfficeHours.Close)
	switch {
	case err != nil || errClose != nil:
		bad("office_hours", `写成 {open: "8:30", close: "16:30"}`)
	case r.OfficeHours != OfficeHours{} && opens >= closes:
		bad("office_hours", "下班要在上班以后")
	}
	if r.Extension.Most < 1 || r.Extension.Most > 60 {
		bad("extension.most", "要填 1 到 60 的整数")
	}
	if r.Delivery.Check() != nil || r.Delivery.Value < 1 || r.Delivery.Unit != workday.Workdays && r.Delivery.Unit != workday.CalendarDays {
		bad("delivery", "要写明时限，如 {value: 10, unit: workday}")
	}
	if r.Conclude.Days < 1 || r.Conclude.Days > 3660 {
		bad("conclude.days", "要填 1 到 3660 的整数")
	}
	if r.Rating.Days < 1 || r.Rating.Days > 365 {
		bad("rating.days", "要填 1 到 365 的整数")
	}
	if r.Waiting.Months < 1 || r.Waiting.Months > mostMonths {
		bad("waiting.months", "要填 1 到 12 的整数")
	}
	if r.Waiting.Least < leastDecided || r.Waiting.Least > 1000 {
		bad("waiting.least", "要填 3 到 1000 的整数：办完的太少，说出来就等于说了某个人")
	}
	return errors.Join(wrong...)
}

// usualRules are those of a county whose folder says nothing.
var usualRules = Rules{
	Extension: ExtensionRule{Most: 10}, Delivery: workday.Limit{Value: 10, Unit: workday.Workdays}, Conclude: DaysRule{Days: 30}, Rating: DaysRule{Days: 30},
	Waiting: WaitingRule{Months: 3, Least: 5},
}

// ReadRules reads casework.yaml in a county's folder. A folder of an earlier release has none; unknown and repeated keys and
// senseless values are named. The texts of documents come from the first folder that has them: the county's, else a spare one.
func ReadRules(folder fs.FS, spare ...fs.FS) (Rules, error) {
	r := usualRules
	var err error
	if r.Texts, err = readTexts(append([]fs.FS{folder}, spare...)); err != nil {
		return r, err
	}
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
	return r, r.Check()
}
