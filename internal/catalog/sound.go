package catalog

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// phrase is a name or an alias as it is searched: folded writing, and the readings of each character.
//
// A character with several readings is found by each of them (重 as zhong and chong), since the dictionary does not
// know which one a word means. What it misses an alias in Latin letters supplies: one syllable a word, "chong qing".
type phrase struct {
	text   string
	sounds [][]string
}

func phraseOf(text string) phrase {
	p := phrase{text: fold(text)}
	if latin(p.text) {
		for syllable := range strings.FieldsSeq(text) {
			if syllable = fold(syllable); syllable != "" {
				p.sounds = append(p.sounds, []string{syllable})
			}
		}
		return p
	}
	for _, r := range p.text {
		if r < unicode.MaxASCII {
			p.sounds = append(p.sounds, []string{string(r)})
		} else if readings := readingsOf(r); len(readings) > 0 {
			p.sounds = append(p.sounds, readings)
		}
	}
	return p
}

// knownReadings are the readings of characters that were asked for: the dictionary writes each anew, and a county's items use a few hundred.
var knownReadings sync.Map // rune to []string

func readingsOf(r rune) []string {
	if readings, found := knownReadings.Load(r); found {
		return readings.([]string)
	}
	readings := pinyin.SinglePinyin(r, allReadings)
	slices.Sort(readings)
	readings = slices.Compact(readings)
	knownReadings.Store(r, readings)
	return readings
}

var allReadings = pinyin.Args{Style: pinyin.Normal, Heteronym: true, Fallback: pinyin.Fallback}

// rankSound compares letters with the phrase's pinyin and, after that, with its initials. A match begins with a
// character; full pinyin may end in the middle of one, because people see the list while they type.
func (p phrase) rankSound(letters string) int {
	rank := notFound
	for i := range p.sounds {
		heard := inside
		if i == 0 {
			heard = start
		}
		if spelled, all := spells(p.sounds[i:], letters); spelled {
			rank = min(rank, soundWhole+heard.or(all && i == 0))
		} else if len(letters) <= len(p.sounds)-i && p.begins(i, letters) {
			rank = min(rank, initialsWhole+heard.or(i == 0 && len(letters) == len(p.sounds)))
		}
	}
	return rank
}

// place of a match in a phrase, in the order of the ranks.
type place int

const (
	whole place = iota
	start
	inside
)

func (p place) or(all bool) int {
	if all {
		return int(whole)
	}
	return int(p)
}

// begins reports whether the characters from i on begin with the letters, one each.
func (p phrase) begins(i int, letters string) bool {
	for j := range len(letters) {
		if !slices.ContainsFunc(p.sounds[i+j], func(s string) bool { return s[0] == letters[j] }) {
			return false
		}
	}
	return true
}

// spells reports whether the characters sound like the letters, and whether both end together.
func spells(sounds [][]string, letters string) (spelled, all bool) {
	if letters == "" {
		return true, len(sounds) == 0
	}
	if len(sounds) == 0 {
		return false, false
	}
	for _, sound := range sounds[0] {
		switch {
		case strings.HasPrefix(letters, sound):
			if ok, end := spells(sounds[1:], letters[len(sound):]); ok {
				spelled, all = true, all || end
			}
		case strings.HasPrefix(sound, letters):
			spelled = true
		}
	}
	return spelled, all
}
