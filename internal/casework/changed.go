package casework

import (
	"tongban/internal/catalog"
	"tongban/internal/fault"
)

// Change (事项变更) is what a draft would ask for by the item as it is in force now, beside what it asks for by the version of the notice
// that was handed out. The draft keeps its own version to the end; who would rather apply by the new one begins another.
type Change struct {
	Version  int    // in force; 0: the item is no longer handled
	Reason   string // why nobody could apply by the new version with these answers; empty when he could
	Reasked  bool   // the new version asks other questions: the answers do not fit it any more, and its whole list is told
	Added    []ChangedPaper
	Removed  []ChangedPaper
	Changed  []ChangedPaper
	Limit    bool   // the promised or the legal limit is another one
	Fee      string // what it costs now, in words, where that is another amount or told otherwise; empty where it is the same
	InPerson bool   // it has to be applied for in another way
}

// ChangedPaper is a material, and of one that changed what is otherwise now, in words.
type ChangedPaper struct{ ID, Name, Text string }

// change compares the case's own version with the one in force; nil where they are the same.
func (d *Desk) change(c *Case, old *catalog.Item, answers map[string][]string) (*Change, error) {
	now, err := d.items.Guide(c.Item)
	if fault.Of(err).Kind == fault.Missing {
		return &Change{Added: []ChangedPaper{}, Removed: []ChangedPaper{}, Changed: []ChangedPaper{}}, nil
	}
	if err != nil {
		return nil, err
	}
	if now.Version == old.Version {
		return nil, nil // nothing changed
	}
	ch := &Change{
		Version: now.Version, Added: []ChangedPaper{}, Removed: []ChangedPaper{}, Changed: []ChangedPaper{},
		InPerson: now.InPerson != old.InPerson || now.ClerkCanFile != old.ClerkCanFile, Limit: now.PromisedLimit != old.PromisedLimit || limitOf(now.Item) != limitOf(old),
	}
	if now.Fee.Amount != old.Fee.Amount || now.Fee.Text != old.Fee.Text {
		ch.Fee = now.Fee.InWords()
	}
	was, err := old.Prune(answers, nil)
	if err != nil {
		return nil, err
	}
	is, err := now.Prune(answers, nil)
	if err != nil { // its questions are others: what everybody might have to bring
		ch.Reasked = true
		if is, err = now.Prune(nil, nil); err != nil {
			return nil, err
		}
	}
	if ch.Reason = is.Reason; !is.Eligible {
		return ch, nil
	}
	ch.compare(was.Materials, is.Materials)
	return ch, nil
}

func limitOf(it *catalog.Item) (l catalog.Limit) {
	if it.LegalLimit != nil {
		l = *it.LegalLimit
	}
	return l
}

func (ch *Change) compare(was, is []catalog.Needed) {
	before := map[string]catalog.Needed{}
	for _, m := range was {
		before[m.ID] = m
	}
	for _, m := range is {
		old, had := before[m.ID]
		delete(before, m.ID)
		switch text := differs(old, m); {
		case !had:
			ch.Added = append(ch.Added, ChangedPaper{m.ID, m.Name, m.Hint})
		case text != "":
			ch.Changed = append(ch.Changed, ChangedPaper{m.ID, m.Name, text})
		}
	}
	for _, m := range was {
		if _, gone := before[m.ID]; gone {
			ch.Removed = append(ch.Removed, ChangedPaper{ID: m.ID, Name: m.Name})
		}
	}
}

// differs says in words what is otherwise now for who brings the paper; what is only told (basis, issuer) does not count.
func differs(was, is catalog.Needed) (text string) {
	for _, part := range []struct {
		differs bool
		text    string
	}{
		{was.Name != is.Name, "名称改了，原来叫“" + was.Name + "”"},
		{was.Necessity != is.Necessity, necessityWords[is.Necessity]},
		{was.Kind != is.Kind || was.Originals != is.Originals || was.Copies != is.Copies, "要的原件、复印件份数改了"},
		{was.Form != is.Form, "要纸质还是电子的改了"},
		{was.State != is.State, sourceWords[is.State]},
		{was.Hint != is.Hint, "说明改了：" + is.Hint},
	} {
		if !part.differs {
			continue
		}
		if text != "" {
			text += "；"
		}
		text += part.text
	}
	return text
}

var necessityWords = map[string]string{"required": "现在必须交", "optional": "现在没有也能办", "deferrable": "现在一时没有可以后补"}

var sourceWords = map[catalog.State]string{catalog.Bring: "现在要自己带", catalog.VillageIssues: "现在村里可开", catalog.CountyLooksUp: "现在不用带，县里联网查"}
