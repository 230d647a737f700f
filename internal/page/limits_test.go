package page

import (
	"context"
	"strings"
	"testing"

	"tongban/internal/access"
	"tongban/internal/fault"
)

// What a stranger does at a page counts against the village that he names, and is told as a page when that is too much.
func TestPagesCountForTheVillage(t *testing.T) {
	h := open(t)
	var named []string
	busy := fault.New(fault.TooMany, "test.village_busy", "这个村现在办事的人太多，请稍等片刻再试")
	h.Named = func(_ context.Context, village access.Area) error {
		named = append(named, string(village))
		return busy
	}
	h.Numbered = func(_ context.Context, number string) error {
		named = append(named, number)
		return busy
	}
	slip := h.appeal()
	before := h.notices()
	pages := []string{
		h.post("/items/"+pension+"/notice", answered(h), 429),
		h.post("/track", map[string][]string{"number": {slip.Appeal.Number}, "query_code": {slip.QueryCode}}, 429),
	}
	for _, text := range pages {
		if !strings.Contains(text, busy.Title) || strings.Contains(text, "已受理") {
			t.Errorf("%s", text)
		}
	}
	if len(named) != 2 || named[0] != string(xinglin) || named[1] != slip.Appeal.Number || h.notices() != before {
		t.Errorf("named %v, %d notices", named, h.notices()-before)
	}
}
