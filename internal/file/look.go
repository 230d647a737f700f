package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

var (
	// activeKeys lead to what acts, or lies within; whatever their values are.
	activeKeys = []string{"JS", "JavaScript", "EF", "EmbeddedFiles", "XFA", "RichMediaContent", "RichMediaSettings", "Encrypt"}
	// activeNames are kinds of actions, notes and files, wherever they stand.
	activeNames = []string{
		"JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "Rendition", "Movie", "Sound", "RichMedia", "RichMediaExecute",
		"EmbeddedFile", "FileAttachment", "Screen", "3D", "Thread",
	}
	// selfOpening keys lead to what is done without a touch: when the file or a page opens, or after something else was done.
	selfOpening = []string{"OpenAction", "AA", "Next"}
)

var (
	activeWord = regexp.MustCompile(`/(?:` + strings.Join(slices.Concat(activeKeys, activeNames), "|") + `)[^A-Za-z0-9]`)
	errBundles = ErrDamaged.Because(errors.New("too many bundles of objects"))
	errPacked  = ErrDamaged.Because(errors.New("too much is packed in bundles"))
)

// look is one look through a PDF: at every object that its table names, within one time and one measure of memory.
type look struct {
	ctx      context.Context
	table    map[int]*model.XRefTableEntry
	bundles  int
	unpacked int              // bytes of bundles
	parsed   int              // bytes of objects in them, as often as they are read
	opened   map[opening]bool // those looked at
}

func newLook(ctx context.Context, table map[int]*model.XRefTableEntry) *look {
	return &look{ctx: ctx, table: table, opened: map[opening]bool{}}
}

// opening is an object that something opens by itself, as one action or as a table of them.
type opening struct {
	object int
	table  bool
}

// all refuses what could act and counts the pages. Bundles come first: an object in one keeps the whole bundle unpacked, so it is read
// only when all of them together are known to be small.
func (l *look) all() (pages int, err error) {
	for _, visit := range []func(types.Object) error{l.bundle, func(o types.Object) error {
		object, err := l.unbundled(o)
		if err != nil {
			return err
		}
		if d, ok := dictOf(object); ok && nameIn(d, "Type") == "Page" {
			pages++
		}
		return l.harmless(object, 0)
	}} {
		for _, entry := range l.table {
			if err := l.ctx.Err(); err != nil {
				return 0, ErrDamaged.Because(err)
			}
			if entry == nil || entry.Free {
				continue
			}
			if entry.Object == nil && entry.Compressed {
				return 0, ErrDamaged.Because(errors.New("a bundle that cannot be read"))
			}
			if err := visit(entry.Object); err != nil {
				return 0, err
			}
		}
	}
	return pages, nil
}

// harmless refuses an object in which something could act.
func (l *look) harmless(o types.Object, level int) error {
	if level > deepest {
		return ErrDamaged.Because(errors.New("objects too deep"))
	}
	switch o := o.(type) {
	case types.Array:
		for _, v := range o {
			if err := l.harmless(v, level+1); err != nil {
				return err
			}
		}
	case types.Name:
		return nil // a bare name is a colour or a font; kinds stand in dictionaries
	default:
		d, ok := dictOf(o)
		if !ok {
			return nil
		}
		for key, v := range d {
			if slices.Contains(activeKeys, plainName(key)) {
				return ErrActivePDF.Because(fmt.Errorf("/%s", key))
			}
			if slices.Contains([]string{"S", "Type", "Subtype"}, plainName(key)) {
				kind, err := l.kind(v)
				if err != nil {
					return err
				}
				if slices.Contains(activeNames, kind) {
					return ErrActivePDF.Because(fmt.Errorf("/%s /%s", key, kind))
				}
			}
			if slices.Contains(selfOpening, plainName(key)) {
				if err := l.opens(v, plainName(key) == "AA", 0); err != nil {
					return err
				}
			}
			if err := l.harmless(v, level+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// opens refuses an action that opens an address: a link that is touched may, what is done without a touch may not. References are
// followed to the action itself and no further, because its own /Next is looked at where it stands: so a page or a heading that stands
// at such a place is left alone.
func (l *look) opens(o types.Object, table bool, level int) error {
	if level > deepest {
		return ErrDamaged.Because(errors.New("actions too deep"))
	}
	switch o := o.(type) {
	case types.IndirectRef:
		at := opening{o.ObjectNumber.Value(), table}
		entry := l.table[at.object]
		if l.opened[at] || entry == nil || entry.Free {
			return nil
		}
		l.opened[at] = true
		target, err := l.unbundled(entry.Object)
		if err != nil {
			return err
		}
		return l.opens(target, table, level+1)
	case types.Array:
		for _, v := range o {
			if err := l.opens(v, table, level+1); err != nil {
				return err
			}
		}
		return nil
	}
	d, ok := dictOf(o)
	if !ok {
		return nil
	}
	for key, v := range d {
		switch {
		case table:
			if err := l.opens(v, false, level+1); err != nil {
				return err
			}
		case plainName(key) == "S":
			kind, err := l.kind(v)
			if err != nil {
				return err
			}
			if kind == "URI" {
				return ErrActivePDF.Because(errors.New("an address that opens by itself"))
			}
		}
	}
	return nil
}

// kind is a name, also one that stands in an object of its own.
func (l *look) kind(o types.Object) (string, error) {
	if ref, ok := o.(types.IndirectRef); ok {
		entry := l.table[ref.ObjectNumber.Value()]
		if entry == nil || entry.Free {
			return "", nil
		}
		target, err := l.unbundled(entry.Object)
		if err != nil {
			return "", err
		}
		o = target
	}
	if name, ok := o.(types.Name); ok {
		return plainName(string(name)), nil
	}
	return "", nil
}

// bundle looks into packed objects as text as well: another reader might find objects there where ours finds none.
func (l *look) bundle(o types.Object) error {
	d, ok := dictOf(o)
	if !ok || nameIn(d, "Type") != "ObjStm" {
		return nil
	}
	if l.bundles++; l.bundles > mostBundles {
		return errBundles
	}
	var packed types.StreamDict
	switch o := o.(type) {
	case types.StreamDict:
		packed = o
	case *types.StreamDict:
		packed = *o
	case types.ObjectStreamDict:
		packed = o.StreamDict
	case *types.ObjectStreamDict:
		packed = o.StreamDict
	}
	if err := packed.DecodeWithLimit(mostDecoded); err != nil {
		return ErrDamaged.Because(err)
	}
	if l.unpacked += len(packed.Content); l.unpacked > mostPacked {
		return errPacked
	}
	if word := activeWord.Find(unescaped(packed.Content)); word != nil {
		return ErrActivePDF.Because(fmt.Errorf("%s in a bundle", word))
	}
	return nil
}

// unbundled is the object itself, also of one that lies packed with others and that the reader has not looked at yet. A table may name
// the same one many times, and each time it is read anew.
func (l *look) unbundled(o types.Object) (types.Object, error) {
	packed, ok := o.(types.LazyObjectStreamObject)
	if !ok {
		return o, nil
	}
	raw, err := packed.GetData()
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	if l.parsed += len(raw); l.parsed > mostPacked {
		return nil, errPacked
	}
	object, err := packed.DecodedObject(l.ctx)
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	return object, nil
}

// dictOf is the dictionary that an object is, or has.
func dictOf(o types.Object) (types.Dict, bool) {
	switch o := o.(type) {
	case types.Dict:
		return o, true
	case types.StreamDict:
		return o.Dict, true
	case *types.StreamDict:
		return o.Dict, true
	case types.ObjectStreamDict:
		return o.Dict, true
	case *types.ObjectStreamDict:
		return o.Dict, true
	case types.XRefStreamDict:
		return o.Dict, true
	case *types.XRefStreamDict:
		return o.Dict, true
	}
	return nil, false
}

func nameIn(d types.Dict, key string) string {
	if n, ok := d[key].(types.Name); ok {
		return plainName(string(n))
	}
	return ""
}

// plainName undoes the escapes by which a name can be hidden: /J#53 is /JS.
func plainName(name string) string {
	plain, err := types.DecodeName(name)
	if err != nil {
		return name
	}
	return plain
}

// unescaped is a text with the escapes of its names undone, in one pass and one piece of memory; without any it is the text itself.
func unescaped(text []byte) []byte {
	first := bytes.IndexByte(text, '#')
	if first < 0 {
		return text
	}
	plain := append(make([]byte, 0, len(text)), text[:first]...)
	for i := first; i < len(text); i++ {
		if text[i] == '#' && i+2 < len(text) {
			high, ok1 := digit(text[i+1])
			low, ok2 := digit(text[i+2])
			if ok1 && ok2 {
				plain = append(plain, high<<4|low)
				i += 2
				continue
			}
		}
		plain = append(plain, text[i])
	}
	return plain
}

// digit is the worth of a hexadecimal one.
func digit(c byte) (worth byte, ok bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return (c | 0x20) - 'a' + 10, true
	}
	return 0, false
}
