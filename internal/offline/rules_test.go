package offline

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRulesAreReadAndHeld: those of the demo county are the usual ones; a senseless bound or an unknown key is named.
func TestRulesAreReadAndHeld(t *testing.T) {
	demo, err := ReadRules(os.DirFS("../../config/county"))
	if err != nil || demo != UsualRules() {
		t.Errorf("%+v, %v", demo, err)
	}
	if none, err := ReadRules(fstest.MapFS{}); err != nil || none != UsualRules() {
		t.Errorf("%+v, %v", none, err)
	}
	for text, named := range map[string]string{
		"oldest: {days: 0}": "oldest.days", "oldest: {days: 367}": "oldest.days", "skew: {minutes: 61}": "skew.minutes", "skew: {minutes: -1}": "skew.minutes", "older: {days: 3}": "older",
	} {
		if _, err := ReadRules(fstest.MapFS{rulesFile: {Data: []byte(text)}}); err == nil || !strings.Contains(err.Error(), named) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
