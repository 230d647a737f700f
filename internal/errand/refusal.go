package errand

import (
	"tongban/internal/docket"
	"tongban/internal/fault"
)

// Refusal (拒收): who should receive the result does not sign, and it is left with him before two witnesses (留置送达).
type Refusal struct {
	Reason    string
	Witnesses []string // two names
}

// refused keeps why it was refused, and before whom it was left.
func (s *step) refused(in Refusal) error {
	reason, err := docket.Typed("body.refusal.reason", in.Reason, shortestText, 500)
	if err != nil {
		return err
	}
	one, two, err := twoWitnesses("body.refusal.witnesses", in.Witnesses, "拒收要有两名见证人")
	if err != nil {
		return err
	}
	s.change(map[string]any{
		"refusal":             s.seal(sealed("refusal", s.row.ID), reason),
		"refusal_witness_one": s.seal(sealed("refusal_witness_one", s.row.ID), one), "refusal_witness_two": s.seal(sealed("refusal_witness_two", s.row.ID), two),
	})
	return nil
}

// twoWitnesses are two names that differ.
func twoWitnesses(field string, names []string, few string) (one, two string, err error) {
	if len(names) != 2 {
		return "", "", fault.Wrong(field, few)
	}
	if one, err = docket.Typed(field, names[0], 2, longestName); err != nil {
		return "", "", err
	}
	if two, err = docket.Typed(field, names[1], 2, longestName); err != nil {
		return "", "", err
	}
	if one == two {
		return "", "", fault.Wrong(field, "两名见证人要是两个人")
	}
	return one, two, nil
}
