package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tongban/internal/access"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/secret"
)

// TestSeedGoesByTheFolder: a county's own villages are filled, so many of them as are asked for, and no more than there are.
func TestSeedGoesByTheFolder(t *testing.T) {
	in := install(t).with("TONGBAN_COUNTY", ownCounty(t))
	in.must(t, "seed", "--villages", "2", "--residents", "4", "--cases", "1", "--appeals", "1")
	s := in.open(t)
	defer s.Close()
	var villages []string
	err := s.Read(t.Context()).Table("persons").Where("kind = ?", access.Resident).Distinct().Order("village").Pluck("village", &villages).Error
	if err != nil || !slices.Equal(villages, []string{xinglin, hewan}) {
		t.Errorf("%v %v", villages, err)
	}
	if _, err := in.do(t, "seed", "--villages", "4"); err == nil || !strings.Contains(err.Error(), "clerks of 3 villages") {
		t.Error(err)
	}
	item := filepath.Join(in["TONGBAN_COUNTY"], "items/01-pension-enrol.yaml")
	if err := os.WriteFile(item, []byte(strings.Replace(readText(t, item), "in_person: none", "in_person: full", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := in.do(t, "seed"); err == nil || !strings.Contains(err.Error(), "--cases 0") {
		t.Errorf("nobody can apply from afar: %v", err)
	}
	in.must(t, "seed", "--cases", "0", "--residents", "1", "--appeals", "1")
}

// TestSeedMakesTheSameAgain seeds two databases with one seed, and a third with another. Each is given back before the next is asked for:
// on a server to make one takes longer than all else here.
func TestSeedMakesTheSameAgain(t *testing.T) {
	var first, second, third []string
	t.Run("first", func(t *testing.T) { first = seeded(t, "7") })
	t.Run("again", func(t *testing.T) { second = seeded(t, "7") })
	t.Run("another seed", func(t *testing.T) { third = seeded(t, "8") })
	if d := cmp.Diff(first, second); d != "" {
		t.Error(d)
	}
	if len(first) != 12+7+9 || cmp.Equal(first, third) {
		t.Errorf("%q\n%q", first, third)
	}
}

func seeded(t *testing.T, seed string) (words []string) {
	t.Helper()
	in := install(t)
	if got := in.must(t, "seed", "--residents", "12", "--cases", "7", "--appeals", "9", "--seed", seed); got != "12 residents, 7 cases and 9 appeals\n" {
		t.Errorf("%q", got)
	}
	in.must(t, "fsck")
	in.must(t, "audit", "verify")
	s := in.open(t)
	defer s.Close()
	var people []struct {
		ID, Village string
		Name, Phone []byte
	}
	err := s.Read(t.Context()).Table("persons").Select("id, village, name, phone").Where("kind = ?", access.Resident).Order("id").Find(&people).Error
	if err != nil {
		t.Fatal(err)
	}
	unsealed := func(table, column, row string, value []byte) string {
		plain, err := s.Keys().Open(secret.Where{Table: table, Column: column, Row: row}, value)
		if err != nil {
			t.Fatal(err)
		}
		return string(plain)
	}
	names := map[string]string{}
	for _, p := range people {
		names[p.ID] = unsealed("persons", "name", p.ID, p.Name) + " " + unsealed("persons", "phone", p.ID, p.Phone) + " " + p.Village
		words = append(words, names[p.ID])
	}
	var appeals []appeal.Appeal
	if err := s.Read(t.Context()).Order("id").Find(&appeals).Error; err != nil {
		t.Fatal(err)
	}
	for _, a := range appeals {
		words = append(words, names[a.Applicant]+" "+string(a.Class)+" "+unsealed("appeals", "text", a.ID, a.Text))
	}
	var cases []casework.Case
	if err := s.Read(t.Context()).Order("id").Find(&cases).Error; err != nil {
		t.Fatal(err)
	}
	items := map[string]bool{}
	for _, c := range cases {
		items[c.Item] = true
		if c.Number == nil || c.Status == casework.Flow.Start {
			t.Errorf("%s was not handed in", c.ItemName)
		}
		var papers int64
		if err := s.Read(t.Context()).Table("case_materials").Where("case_id = ? AND state = ?", c.ID, casework.Given).Count(&papers).Error; err != nil {
			t.Fatal(err)
		}
		words = append(words, fmt.Sprint(names[c.Applicant], " ", c.ItemName, " ", unsealed("cases", "answers", c.ID, c.Answers), " ", papers))
	}
	if len(items) < 3 {
		t.Errorf("all ask for the same: %v", items)
	}
	slices.Sort(words) // ids of one millisecond stand in any order
	return words
}
