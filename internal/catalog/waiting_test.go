package catalog

import "testing"

func TestWaitingInPlainWords(t *testing.T) {
	for want, w := range map[string]Waiting{
		"": {},
		"最近三个月办完的太少，说不准要等多久":                      {Months: 3},
		"最近三个月，十有八九当天就办完":                         {Months: 3, Enough: true, Decided: 9},
		"最近一个月，一半的人当天就办完，十个人里有九个等了不超过 4 个工作日":     {Months: 1, Enough: true, Decided: 9, P90: 4},
		"最近两个月，十个人里有九个等了不超过 2 个工作日":               {Months: 2, Enough: true, Decided: 9, Median: 2, P90: 2},
		"最近十二个月，一半的人等了不超过 2 个工作日，十个人里有九个不超过 15 个": {Months: 12, Enough: true, Decided: 9, Median: 2, P90: 15},
	} {
		if got := w.Text(); got != want {
			t.Errorf("%+v: %q, want %q", w, got, want)
		}
	}
}
