package page

import (
	"bytes"
	"context"
	"sync"

	"tongban/internal/access"
	"tongban/internal/catalog"
)

// shelf holds what follows from one publication of the catalogue: the county's facts and the guides asked for so far, as
// bytes. It is thrown away whole when the catalogue changes, or when it is full.
type shelf struct {
	revision int64
	areas    string // the last change to a division
	county   *county
	guides   sync.Map // place → *catalog.Encoded
	size     int      // bytes; under Pages.making
}

type place struct {
	item    string
	village access.Area
}

// roomy is how many bytes of ready pages are kept: 39 items in some thirty villages, which are the ones being scanned.
const roomy = 32 << 20

// shelf in force. The catalogue's revision decides; it changes with the offices too.
func (p *Pages) shelf(ctx context.Context, now *catalog.Snapshot) (*shelf, error) {
	areas, _ := p.Accounts.Ended()
	if s := p.ready.Load(); s.revision == now.Revision && s.areas == areas {
		return s, nil
	}
	p.making.Lock()
	defer p.making.Unlock()
	if s := p.ready.Load(); s.revision == now.Revision && s.areas == areas {
		return s, nil
	}
	facts, err := readCounty(ctx, p.Accounts)
	if err != nil {
		return nil, err
	}
	s := &shelf{revision: now.Revision, areas: areas, county: facts}
	p.ready.Store(s)
	return s, nil
}

// readyGuide is the guide of an item in a village as everybody sees it who has answered nothing yet.
func (p *Pages) readyGuide(s *shelf, now *catalog.Snapshot, it *catalog.Item, v *village) (*catalog.Encoded, error) {
	at := place{item: it.ID}
	if v != nil {
		at.village = v.Code
	}
	if ready, ok := s.guides.Load(at); ok {
		return ready.(*catalog.Encoded), nil
	}
	var page bytes.Buffer
	if err := render(&page, "guide", s.county.guide(now, it, v)); err != nil {
		return nil, err
	}
	p.making.Lock()
	defer p.making.Unlock()
	if ready, ok := s.guides.Load(at); ok { // somebody was faster
		return ready.(*catalog.Encoded), nil
	}
	encoded, err := p.packer.Pack(page.Bytes())
	if err != nil {
		return nil, err
	}
	s.guides.Store(at, &encoded)
	if s.size += len(encoded.Plain) + len(encoded.Gzip); s.size > roomy {
		p.ready.CompareAndSwap(s, &shelf{revision: s.revision, county: s.county})
	}
	return &encoded, nil
}
