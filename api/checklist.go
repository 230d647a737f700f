package api

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/catalog"
)

// answersIn are the answers to the questions of a guide: question → option, or list of options.
type answersIn map[string]choice

// choice is what was chosen of one question. A client with radio buttons sends a text, one with ticks a list.
type choice []string

// UnmarshalJSON takes both.
func (c *choice) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*c = choice{one}
		return nil
	}
	var many []string
	if json.Unmarshal(text, &many) != nil || many == nil {
		return errors.New("neither an option nor a list of options")
	}
	*c = many
	return nil
}

// Schema documents both.
func (choice) Schema(huma.Registry) *huma.Schema {
	longest, most := 64, 50
	option := &huma.Schema{Type: huma.TypeString, MaxLength: &longest}
	either := &huma.Schema{
		Description: "一个选项，或几个选项的列表",
		OneOf:       []*huma.Schema{option, {Type: huma.TypeArray, Items: option, MaxItems: &most}},
	}
	for _, s := range either.OneOf {
		s.PrecomputeMessages()
	}
	return either
}

func (a answersIn) chosen() map[string][]string {
	chosen := make(map[string][]string, len(a))
	for question, options := range a {
		chosen[question] = options
	}
	return chosen
}

// checklistView is what one applicant needs after his answers (办事清单).
type checklistView struct {
	ItemID    string       `json:"item_id" format:"uuid"`
	Version   int          `json:"version"`
	Eligible  bool         `json:"eligible" doc:"按回答，现在能不能办"`
	Reason    string       `json:"reason" doc:"不能办的原因和该怎么办；能办时为空"`
	Materials []neededView `json:"materials" doc:"不能办时为空，免得白准备"`
	Steps     []stepView   `json:"steps"`
	Open      []string     `json:"open" doc:"还没回答、答了能让清单更短的问题"`
}

// neededView is a material with who brings it.
type neededView struct {
	MaterialView
	State catalog.State `json:"state" enum:"have,bring,village_issues,county_looks_up" doc:"手里有了、要带来、村里给、县里查"`
}

func viewChecklist(l catalog.Checklist) checklistView {
	return checklistView{
		ItemID: l.Item.ID, Version: l.Item.Version, Eligible: l.Eligible, Reason: l.Reason,
		Materials: views(l.Materials, viewNeeded), Steps: views(l.Steps, viewStep), Open: l.Open,
	}
}

func viewNeeded(n catalog.Needed) neededView { return neededView{viewMaterial(n.Material), n.State} }

type checklistIn struct {
	ID   ID `path:"id"`
	Body struct {
		Answers answersIn `json:"answers,omitempty" doc:"问题编号 → 选项"`
		Have    []string  `json:"have,omitempty" maxItems:"100" doc:"手里已有的材料编号；这件事不要的不算，不像编号的退回"`
	}
}

// makeChecklist stores nothing.
func (s *Server) makeChecklist(_ context.Context, in *checklistIn) (*reply[checklistView], error) {
	guide, err := s.Catalog.Guide(string(in.ID))
	if err != nil {
		return nil, err
	}
	l, err := guide.Prune(in.Body.Answers.chosen(), in.Body.Have)
	if err != nil {
		return nil, err
	}
	return show(viewChecklist(l)), nil
}
