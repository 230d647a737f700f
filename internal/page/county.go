package page

import (
	"context"

	"tongban/internal/access"
	"tongban/internal/account"
)

// county is what the pages know of the county beside its catalogue: where people live, and where they can go.
type county struct {
	account.Area
	towns    []town
	villages map[access.Area]*village
	hall     *account.Office // nil where the county has none
}

type town struct {
	account.Area
	Villages []*village
}

type village struct {
	account.Area
	Town    string          // its name
	Station *account.Office // nil where the village has none
}

// where is an office to walk to and a number to call, for whoever gets no further here. It stands at the foot of every page.
type where struct{ Name, Address, Hours, Phone string }

func whereIs(o *account.Office) *where { return &where{o.Name, o.Address, o.Hours, o.Phone} }

// readCounty reads areas and offices. A county that is not loaded yet is empty.
func readCounty(ctx context.Context, accounts *account.Desk) (*county, error) {
	c := &county{villages: map[access.Area]*village{}}
	top, err := accounts.Areas(ctx, "")
	if err != nil || len(top) == 0 {
		return c, err
	}
	c.Area = top[0]
	towns, err := accounts.Areas(ctx, c.Code)
	if err != nil {
		return nil, err
	}
	villages, err := accounts.Villages(ctx, c.Code)
	if err != nil {
		return nil, err
	}
	for _, t := range towns {
		settled := town{Area: t}
		for _, v := range villages {
			if v.Code.Town() == t.Code {
				one := &village{Area: v, Town: t.Name}
				c.villages[v.Code] = one
				settled.Villages = append(settled.Villages, one)
			}
		}
		if len(settled.Villages) > 0 {
			c.towns = append(c.towns, settled)
		}
	}
	_, ended := accounts.Ended()
	for old, to := range ended { // what was printed for a village that ended opens the one where it goes on
		if v := c.villages[to]; v != nil {
			c.villages[old] = v
		}
	}
	return c, c.readOffices(ctx, accounts)
}

func (c *county) readOffices(ctx context.Context, accounts *account.Desk) error {
	offices, err := accounts.Offices(ctx, c.Code, account.CountyHall, account.VillageStation)
	if err != nil {
		return err
	}
	for i, o := range offices {
		switch v := c.villages[o.Area]; {
		case o.Kind == account.CountyHall && c.hall == nil:
			c.hall = &offices[i]
		case v != nil && v.Station == nil:
			v.Station = &offices[i]
		}
	}
	return nil
}

// near is the office to name to somebody of a village: his own station, else the county's hall. Nil where there is none.
func (c *county) near(v *village) *where {
	switch {
	case v != nil && v.Station != nil:
		return whereIs(v.Station)
	case c.hall != nil:
		return whereIs(c.hall)
	}
	return nil
}

// fewStations is how many telephones still make a list that one finds his own in.
const fewStations = 12

// stations lists every village's station where they are few; none where the list would help nobody.
func (c *county) stations() []*where {
	if len(c.villages) > fewStations {
		return nil
	}
	var all []*where
	for _, t := range c.towns {
		for _, v := range t.Villages {
			if v.Station != nil {
				all = append(all, whereIs(v.Station))
			}
		}
	}
	return all
}
