package account

import "tongban/internal/fault"

// wrongs gathers what is wrong with several fields, so that all of it is told at once.
type wrongs []*fault.Error

// at notes the fault of one field; none is none.
func (w *wrongs) at(place string, err error) {
	if err == nil {
		return
	}
	e := fault.Of(err)
	if len(e.Fields) == 0 {
		e = e.Fault.At(fault.Field{Location: place, Message: e.Title})
	}
	*w = append(*w, e)
}

// err is nothing, the one fault with its own code, or all of them as wrong fields.
func (w wrongs) err() error {
	if len(w) == 0 {
		return nil
	}
	if len(w) == 1 {
		return w[0]
	}
	var all []fault.Field
	for _, e := range w {
		all = append(all, e.Fields...)
	}
	return fault.BadField.At(all...)
}
