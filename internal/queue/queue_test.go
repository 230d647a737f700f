package queue

import (
	"reflect"
	"testing"

	"tongban/internal/access"
	"tongban/internal/flow"
)

func also(sql string, args ...any) func(Asked) Condition {
	return func(Asked) Condition { return Where(sql, args...) }
}

var table = Table{Name: "things", Queues: []Queue{
	{Name: "new", Title: "新的", By: []access.Role{access.Window}, In: []flow.State{"a"}},
	{Name: "mine", Title: "我的", By: []access.Role{access.Window}, In: []flow.State{"a", "b"}, Also: also("things.who = ?", "w")},
	{Name: "mine", Title: "他的", By: []access.Role{access.Reviewer}, In: []flow.State{"c"}, Also: also("things.who = ?", "r")},
	{Name: "stuck", Title: "卡住的", By: []access.Role{access.Window, access.Reviewer}, Also: also("things.stuck")},
}}

// A name may mean something else to another role, and what a role does not have is not there for it.
func TestWhoseQueues(t *testing.T) {
	for role, want := range map[access.Role][]string{
		access.Window: {"新的", "我的", "卡住的"}, access.Reviewer: {"他的", "卡住的"}, access.Clerk: nil,
	} {
		var got []string
		for _, q := range table.Of(role) {
			got = append(got, q.Title)
			if found, ok := table.Find(role, q.Name); !ok || found.Title != q.Title {
				t.Errorf("%s: %s is %q", role, q.Name, found.Title)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %v, want %v", role, got, want)
		}
	}
	if _, found := table.Find(access.Reviewer, "new"); found {
		t.Error("a reviewer finds the window's queue")
	}
}

// The values stand in the order of their places, however conditions are put together.
func TestConditions(t *testing.T) {
	for _, c := range []struct {
		got  Condition
		sql  string
		args []any
	}{
		{Where("a = ?", 1).And(Where("b = ?", 2)), "(a = ? AND b = ?)", []any{1, 2}},
		{Where("a = ?", 1).Either(Where("b = ?", 2)).And(Where("c = ?", 3)), "((a = ? OR b = ?) AND c = ?)", []any{1, 2, 3}},
		{table.condition(table.Queues[0], Asked{}), "things.status IN ?", []any{[]flow.State{"a"}}},
		{table.condition(table.Queues[1], Asked{}), "(things.status IN ? AND things.who = ?)", []any{[]flow.State{"a", "b"}, "w"}},
		{table.condition(table.Queues[3], Asked{}), "things.stuck", nil},
	} {
		if c.got.SQL != c.sql || len(c.got.Args) != len(c.args) || len(c.args) > 0 && !reflect.DeepEqual(c.got.Args, c.args) {
			t.Errorf("%s %v, want %s %v", c.got.SQL, c.got.Args, c.sql, c.args)
		}
	}
}
