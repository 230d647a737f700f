package account

import (
	"cmp"
	"errors"

	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// Field is a part of a resident's registration that can be corrected.
type Field string

// The fields. A village is given by its code, or by that of a grid in it.
const (
	NameField     Field = "name"
	PhoneField    Field = "phone"
	IDNumberField Field = "id_number"
	VillageField  Field = "village"
)

// ErrSame refuses a correction that changes nothing.
var ErrSame = fault.New(fault.Conflict, "person.same", "和现在登记的一样，不用更正")

const valueField = "body.value"

var errCorrectable = fault.Wrong("body.field", "请选择要更正姓名、电话、证件号码还是所在村")

// Corrected is a right value for one field, read and found in order. Only phone and ID number may be taken away.
type Corrected struct {
	Field   Field
	name    secret.Name
	phone   secret.Phone
	number  secret.IDNumber
	area    access.Area
	nothing bool
}

// ReadCorrection reads what was typed for a field.
func (d *Desk) ReadCorrection(field Field, typed string) (c Corrected, err error) {
	c = Corrected{Field: field, nothing: typed == "" && (field == PhoneField || field == IDNumberField)}
	switch {
	case c.nothing:
		return c, nil
	case field == NameField:
		c.name, err = secret.ParseName(typed)
	case field == PhoneField:
		c.phone, err = secret.ParsePhone(typed)
	case field == IDNumberField:
		c.number, err = secret.ParseIDNumber(typed, clock.DateOf(d.now()))
	case field == VillageField:
		area := access.Area(typed)
		if level := area.Level(); level != access.VillageLevel && level != access.GridLevel {
			return c, fault.Wrong(valueField, "请选择村或网格")
		}
		c.area = area
	default:
		return c, errCorrectable
	}
	if err != nil {
		return c, fault.Wrong(valueField, fault.Of(err).Title)
	}
	return c, nil
}

// Equal says whether both would write the same.
func (c Corrected) Equal(other Corrected) bool { return c == other }

// Mask is the value as a list may show it; a village is no secret.
func (c Corrected) Mask() string {
	switch c.Field {
	case NameField:
		return c.name.String()
	case PhoneField:
		return c.phone.String()
	case IDNumberField:
		return c.number.String()
	case VillageField:
		return string(c.area)
	}
	return ""
}

// Correct (更正, PIPL 46) writes a right value into the row, as the clerk of the resident's village has seen it in his papers. A
// phone that was proven is so no longer; what it was before is told to nobody, the trail names the field.
func (d *Desk) Correct(tx *store.Tx, id string, c Corrected, why string) (Resident, error) {
	p, err := onePerson(seenBy(tx.Actor)(forUpdate(tx.DB)).Where("id = ? AND kind = ?", id, residentKind))
	if err != nil {
		return Resident{}, err
	}
	if err := tx.Actor.Must(access.Clerk); err != nil {
		return Resident{}, err
	}
	if err := Attends(tx.DB, tx.Actor, p.ID); err != nil {
		return Resident{}, err
	}
	from := p.area().Village()
	set, err := d.correction(tx, &p, c)
	if err != nil {
		return Resident{}, err
	}
	set["version"], set["updated_at"] = p.Version+1, tx.Now
	if err := changePerson(tx, p, set); err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			err = ErrAlreadyHere
		}
		return Resident{}, err
	}
	p.Version++
	tx.Trail(store.Entry{Act: "person.correct", Kind: "person", Object: p.ID, Area: from, Why: why, Fields: []string{string(c.Field)}})
	return d.masked(p)
}

// correction changes the row in memory, and says which columns are to be written.
func (d *Desk) correction(tx *store.Tx, p *personRow, c Corrected) (map[string]any, error) {
	keys := d.store.Keys()
	switch c.Field {
	case NameField:
		was, err := p.name(keys)
		if err != nil || was.Equal(c.name) {
			return nil, cmp.Or(err, error(ErrSame))
		}
		p.Name = c.name.Seal(keys, sealedAt("name", p.ID))
		return map[string]any{"name": p.Name}, nil
	case PhoneField:
		was, err := p.phone(keys)
		if err != nil || was.Equal(c.phone) {
			return nil, cmp.Or(err, error(ErrSame))
		}
		p.Phone, p.PhoneIndex = c.phone.Seal(keys, sealedAt("phone", p.ID)), orNull(c.phone.Index(keys))
		return map[string]any{"phone": p.Phone, "phone_index": p.PhoneIndex}, tx.Where("person = ?", p.ID).Delete(&proofRow{}).Error
	case IDNumberField:
		was, err := secret.OpenIDNumber(keys, sealedAt("id_number", p.ID), p.IDNumber)
		if err != nil || was.Equal(c.number) {
			return nil, cmp.Or(err, error(ErrSame))
		}
		p.IDNumber, p.IDIndex = c.number.Seal(keys, sealedAt("id_number", p.ID)), orNull(c.number.Index(keys))
		set := map[string]any{"id_number": p.IDNumber, "id_index": p.IDIndex}
		if born := was.Born(); c.nothing && !born.IsZero() { // a child stays one without its number
			p.Born = born.Seal(keys, sealedAt("born", p.ID))
			set["born"] = p.Born
		}
		return set, nil
	case VillageField:
		if p.area() == c.area {
			return nil, ErrSame
		}
		if err := placed(tx.DB, c.area); err != nil {
			return nil, fault.Wrong(valueField, "没有这个村或网格，请重新选择")
		}
		p.live(c.area)
		return map[string]any{"county": p.County, "town": p.Town, "village": p.Village, "grid": p.Grid}, nil
	}
	return nil, errCorrectable
}
