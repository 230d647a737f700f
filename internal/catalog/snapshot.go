package catalog

import (
	"slices"

	"tongban/internal/access"
)

// Snapshot is the catalogue of one publication, whole and unchanging: many read it at once.
type Snapshot struct {
	Revision int64
	guides   []*Guide // in the county's order
	byID     map[string]*Guide
	retired  map[string]bool
	codes    map[string]Code
	printed  map[poster]string
	places   []Place
}

// Guide is a published item with its answer ready to send.
type Guide struct {
	*Item
	Encoded
	words words
	body  string // as it is stored
}

// poster is a place for a code: an item in a village, an item county-wide, or a village.
type poster struct {
	item    string
	village access.Area
}

// Guides lists every item in force, in the county's order. The list is shared: read only.
func (s *Snapshot) Guides() []*Guide { return s.guides }

// Guide finds an item in force.
func (s *Snapshot) Guide(id string) (*Guide, error) {
	if guide, ok := s.byID[id]; ok {
		return guide, nil
	}
	if s.retired[id] {
		return nil, ErrItemRetired
	}
	return nil, ErrItemUnknown
}

// Code finds what a code stands for, as typed or scanned. A mistyped one is told apart from an unknown one.
func (s *Snapshot) Code(typed string) (Code, error) {
	if code, ok := s.codes[typed]; ok {
		return code, nil
	}
	canonical, err := ParseCode(typed)
	if err != nil {
		return Code{}, err
	}
	if code, ok := s.codes[canonical]; ok {
		return code, nil
	}
	return Code{}, ErrCodeUnknown
}

// CodeOf is the code printed for an item in a village, else the county-wide one; empty when there is none.
func (s *Snapshot) CodeOf(item string, village access.Area) string {
	if code, ok := s.printed[poster{item, village}]; ok {
		return code
	}
	return s.printed[poster{item, ""}]
}

// VillageCode is the code at a village station's door; empty when there is none.
func (s *Snapshot) VillageCode(village access.Area) string { return s.printed[poster{"", village}] }

// PlacesIn lists where people of a village hand the item in: their own station, their town, the county.
// Without a village it is the guide's own list.
func (s *Snapshot) PlacesIn(it *Item, village access.Area) []Place {
	if village == "" {
		return it.Places
	}
	var near []Place
	for _, kind := range it.Offices {
		for _, p := range s.places {
			if p.Kind == kind && p.Area.Contains(village) {
				near = append(near, p)
			}
		}
	}
	return near
}

// build makes a snapshot of what the tables hold. A guide in which nothing changed is taken over from the last one: a publication
// changes one item of hundreds, and to decode and pack them all is most of the work.
func build(last *Snapshot, revision int64, now stored, encode func(*Item) ([]byte, error)) (*Snapshot, error) {
	s := &Snapshot{
		Revision: revision, places: now.places,
		byID: map[string]*Guide{}, retired: map[string]bool{}, codes: map[string]Code{}, printed: map[poster]string{},
	}
	for _, row := range now.codes {
		code := row.code()
		s.codes[code.Code] = code
		if row.Printed {
			s.printed[poster{code.ID, code.Village}] = code.Code
		}
	}
	packer, moved := NewPacker(), !slices.Equal(last.places, now.places)
	for _, row := range now.versions {
		if now.items[row.Item].Retired {
			s.retired[row.Item] = true
			continue
		}
		code, waiting := s.CodeOf(row.Item, ""), now.waits[row.Item]
		guide, known := last.byID[row.Item]
		if !known || moved || guide.body != row.Body || guide.Version != row.Version || guide.Code != code || guide.Waiting != waiting {
			it, err := decodeBody(row)
			if err != nil {
				return nil, err
			}
			it.settle(now.places)
			it.Code, it.Waiting = code, waiting
			if guide, err = guideOf(it, encode, packer); err != nil {
				return nil, err
			}
			guide.body = row.Body
		}
		s.guides, s.byID[row.Item] = append(s.guides, guide), guide
	}
	return s, nil
}

func guideOf(it *Item, encode func(*Item) ([]byte, error), packer *Packer) (*Guide, error) {
	plain, err := encode(it)
	if err != nil {
		return nil, err
	}
	encoded, err := packer.Pack(plain)
	if err != nil {
		return nil, err
	}
	return &Guide{Item: it, Encoded: encoded, words: wordsOf(it)}, nil
}

// mostPlaces of one kind are listed in a guide. A county has hundreds of village stations: a list of all helps nobody, and
// whoever scanned a village's code is shown his own (PlacesIn).
const mostPlaces = 12

var collective = map[PlaceKind]string{
	"village_station": "各村便民服务站（到您自己的村就行）", "township_centre": "各乡镇便民服务中心（到您自己的乡镇就行）",
}

// settle adds today's offices to an item.
func (it *Item) settle(places []Place) {
	for _, kind := range it.Offices {
		var same []Place
		for _, p := range places {
			if p.Kind == kind {
				same = append(same, p)
			}
		}
		if len(same) > mostPlaces {
			name := collective[kind]
			if name == "" {
				name = "您所在地的办理点"
			}
			same = []Place{{Kind: kind, Name: name, Hours: same[0].Hours}}
		}
		it.Places = append(it.Places, same...)
	}
	for _, p := range it.Places {
		if it.Hours == "" {
			it.Hours = p.Hours
		}
		if p.Phone != "" && !slices.ContainsFunc(it.Phones, func(known Phone) bool { return known.Number == p.Phone }) {
			it.Phones = append(it.Phones, Phone{p.Name, p.Phone})
		}
	}
}
