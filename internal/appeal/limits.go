package appeal

import (
	"tongban/internal/workday"
)

// Limits are the county's own numbers for appeals (诉求时限): none of them is law. They stand in limits.yaml.
type Limits struct {
	Clocks    map[Class]map[Urgency]Clock `yaml:"clocks"` // every class and every urgency
	SendBack  SendBackLimit               `yaml:"send_back"`
	Extension ExtensionLimit              `yaml:"extension"`
	Shelving  ShelvingLimit               `yaml:"shelving"`
	Redo      RedoLimit                   `yaml:"redo"`
	FollowUp  FollowUpLimit               `yaml:"follow_up"`
	Rating    DaysLimit                   `yaml:"rating"`    // from the reply
	Reopening DaysLimit                   `yaml:"reopening"` // from the conclusion
}

// Clock is the two limits of one class and urgency, both from submission.
type Clock struct {
	Contact workday.Limit `yaml:"contact"` // the petitioner is contacted
	Result  workday.Limit `yaml:"result"`  // he has a reply
}

// SendBackLimit: an office may ask within a time from the dispatch, and so many send-backs are agreed by whoever
// dispatches; the next one the county's supervisor decides.
type SendBackLimit struct {
	Within workday.Limit `yaml:"within"`
	Times  int           `yaml:"times"`
}

// ExtensionLimit is the most working days by which a due date moves, once.
type ExtensionLimit struct {
	Most int `yaml:"most"`
}

// ShelvingLimit is the most calendar days until a shelved appeal is looked at again.
type ShelvingLimit struct {
	MostDays int `yaml:"most_days"`
}

// RedoLimit is how often an appeal is redone before it is supervised (督办) too.
type RedoLimit struct {
	Times int `yaml:"times"`
}

// FollowUpLimit: so long after the reply the program starts the follow-up, so long it may last, so many attempts fail before it ends.
type FollowUpLimit struct {
	Opens    workday.Limit `yaml:"opens"`
	Closes   workday.Limit `yaml:"closes"`
	Attempts int           `yaml:"attempts"`
}

// DaysLimit is a window in calendar days.
type DaysLimit struct {
	Days int `yaml:"days"`
}

// clock of a class and urgency.
func (l Limits) clock(c Class, u Urgency) Clock { return l.Clocks[c][u] }
