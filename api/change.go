package api

import "tongban/internal/casework"

// changeView is what the item asks for now, beside what a draft was begun with.
type changeView struct {
	Version  int                `json:"item_version" doc:"现在的版本；0 表示这件事已经不办了"`
	Reason   string             `json:"reason" doc:"按新版本、照现在的回答还办不了的话，为什么；能办为空"`
	Reasked  bool               `json:"questions_changed" doc:"新版本问的情形不一样了，下面按没有回答列出"`
	Added    []changedPaperView `json:"added" doc:"新要的材料"`
	Removed  []changedPaperView `json:"removed" doc:"不再要的材料"`
	Changed  []changedPaperView `json:"changed" doc:"要求改了的材料"`
	Limit    bool               `json:"limits_changed" doc:"办理时限改了"`
	Fee      string             `json:"fee" doc:"收费改了的话，现在怎么收；没有改为空"`
	InPerson bool               `json:"ways_changed" doc:"能不能代办、要不要到场改了"`
}

type changedPaperView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Text string `json:"text" doc:"改了什么；新要的是它的说明"`
}

func viewChange(c *casework.Change) *changeView {
	if c == nil {
		return nil
	}
	papers := func(list []casework.ChangedPaper) []changedPaperView {
		return views(list, func(p casework.ChangedPaper) changedPaperView { return changedPaperView(p) })
	}
	return &changeView{c.Version, c.Reason, c.Reasked, papers(c.Added), papers(c.Removed), papers(c.Changed), c.Limit, c.Fee, c.InPerson}
}
