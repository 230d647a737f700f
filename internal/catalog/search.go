package catalog

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tongban/internal/access"
)

// Query is what a villager asks of the list. The zero Query is the whole list.
type Query struct {
	Village    access.Area // whose printed codes to answer with; every item is open to every village
	Theme      string
	Text       string // Chinese, full pinyin or initials, in any case and width
	CountyWide *bool
}

// Entry is a line of the list: an item and the code printed for it.
type Entry struct {
	*Item
	Code string // of the village asked for, else the county-wide one; empty when none is printed
}

// Rank of a hit, the best first. Sound comes after writing, because many words sound alike.
const (
	nameStart = iota
	nameInside
	aliasInside
	soundWhole // of a whole name or alias
	soundStart
	soundInside
	initialsWhole
	initialsStart
	initialsInside
	aside // in what is written around the name: theme, department, summary
	notFound
)

// Search lists the items that fit, best hit first, and in the county's order among equals. Of several words all must fit.
// A whole question, such as 怎么办低保, is asked again by its telling words when nothing fits it as it stands.
func (s *Snapshot) Search(q Query) []Entry {
	text := strings.TrimSpace(q.Text)
	found := s.find(q, text)
	if telling := tellingWords(text); len(found) == 0 && telling != "" {
		found = s.find(q, telling)
	}
	return found
}

func (s *Snapshot) find(q Query, text string) []Entry {
	type hit struct {
		entry Entry
		rank  int
	}
	var hits []hit
	for _, guide := range s.guides {
		it := guide.Item
		if q.Theme != "" && it.Theme != q.Theme || q.CountyWide != nil && it.CountyWide != *q.CountyWide {
			continue
		}
		rank := nameStart
		if text != "" {
			if rank = guide.words.rank(text); rank == notFound {
				continue
			}
		}
		hits = append(hits, hit{Entry{it, s.CodeOf(it.ID, q.Village)}, rank})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	entries := make([]Entry, len(hits))
	for i, h := range hits {
		entries[i] = h.entry
	}
	return entries
}

// words is what is searched of one item. A county's forty items take a tenth of a millisecond to go through, even twice,
// so there is no cleverer index.
type words struct {
	name    phrase
	aliases []phrase
	around  []string
}

func wordsOf(it *Item) words {
	w := words{name: phraseOf(it.Name), around: []string{fold(it.Theme), fold(it.Department), fold(it.Summary)}}
	for _, alias := range it.Aliases {
		w.aliases = append(w.aliases, phraseOf(alias))
	}
	return w
}

// rank tries the text as one word, then its words one by one.
func (w words) rank(text string) int {
	rank := w.rankWord(fold(text))
	parts := strings.Fields(text)
	if rank < notFound || len(parts) < 2 {
		return rank
	}
	rank = nameStart
	for _, part := range parts {
		rank = max(rank, w.rankWord(fold(part)))
	}
	return rank
}

func (w words) rankWord(word string) int {
	spoken := latin(word)
	if word == "" || spoken && len(word) < 2 { // one letter begins half the words there are
		return notFound
	}
	switch i := strings.Index(w.name.text, word); {
	case i == 0:
		return nameStart
	case i > 0:
		return nameInside
	}
	for _, alias := range w.aliases {
		if strings.Contains(alias.text, word) {
			return aliasInside
		}
	}
	if !spoken {
		return w.rankAside(word)
	}
	rank := w.name.rankSound(word)
	for _, alias := range w.aliases {
		rank = min(rank, alias.rankSound(word))
	}
	return rank
}

// rankAside passes over single characters: one of them stands in every second summary.
func (w words) rankAside(word string) int {
	if utf8.RuneCountInString(word) < 2 || !slices.ContainsFunc(w.around, func(text string) bool { return strings.Contains(text, word) }) {
		return notFound
	}
	return aside
}

// fold makes writing comparable: one width, one case, no blanks or punctuation.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(text))
}

func latin(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= unicode.MaxASCII })
}
