package workday

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestReadCalendar(t *testing.T) {
	// As a spreadsheet saves it: a byte order mark, line ends of two characters, quotes, stray blanks.
	c, err := ReadCalendar(strings.NewReader("\ufeffdate,kind,name,notice\r\n" +
		"2028-01-03, off ,\"元旦, 补休\",某通知\r\n2028-01-08,workday,元旦调休上班,某通知\r\n2029-01-01,off,元旦, \r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Day{
		{date(t, "2028-01-03"), Off, "元旦, 补休", "某通知"},
		{date(t, "2028-01-08"), MakeUp, "元旦调休上班", "某通知"},
		{date(t, "2029-01-01"), Off, "元旦", ""},
	}
	if diff := cmp.Diff(want, c.Days()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Year{{2028, Official}, {2029, StatutoryOnly}}, c.Years()); diff != "" {
		t.Error(diff)
	}
}

func TestOneNoticeMakesTheYearOfficial(t *testing.T) {
	c, err := ReadCalendar(strings.NewReader("date,kind,name,notice\n2028-01-01,off,元旦,\n2028-05-01,off,劳动节,某通知\n2028-10-01,off,国庆节,\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Status(2028) != Official {
		t.Errorf("2028 is %q", c.Status(2028))
	}
}

func TestReadCalendarSaysWhatIsWrongAndWhere(t *testing.T) {
	const head = "date,kind,name,notice\n"
	for _, v := range []struct{ name, table, want string }{
		{"empty", "", "第1行：没有表头"},
		{"another header", "日期,kind,name,notice\n", "第1行：表头须为 date,kind,name,notice"},
		{"too few columns", "date,kind\n", "第1行：不是四列的 csv"},
		{"a short row", head + "2028-01-01,off,元旦,\n2028-01-02,off\n", "第3行：不是四列的 csv"},
		{"an open quote", head + "2028-01-01,off,\"元旦,\n", "不是四列的 csv"},
		{"a day that is none", head + "2027-02-29,off,x,\n", "第2行：日期须写成 2026-01-01"},
		{"another way to write dates", head + "2027/02/05,off,x,\n", "第2行：日期须写成 2026-01-01"},
		{"after a name of two lines", head + "2028-01-01,off,\"元\n旦\",\n2028-13-01,off,x,\n", "第4行：日期须写成"},
		{"another encoding", head + "2028-01-01,off,\xd4\xaa\xb5\xa9,\n", "第2行：文件须存为 UTF-8"},
		{"an unknown kind", head + "2028-01-01,rest,元旦,\n", "2028-01-01：类别只能是 off 或 workday"},
		{"twice", head + "2028-01-01,off,元旦,\n2028-01-01,off,元旦,某通知\n", "2028-01-01：同一天写了两次"},
		{"a make-up day out of the air", head + "2028-01-08,workday,x,\n", "2028-01-08：调休上班须写明通知文号"},
	} {
		c, err := ReadCalendar(strings.NewReader(v.table))
		if err == nil || c != nil {
			t.Errorf("%s was taken", v.name)
		} else if !strings.Contains(err.Error(), v.want) {
			t.Errorf("%s: %v, want %s", v.name, err, v.want)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := ReadCalendar(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a failing reader: %v", err)
	}
}

// Whatever is read is refused or understood: written out and read again it is the same calendar.
func FuzzReadCalendar(f *testing.F) {
	shipped, err := os.ReadFile("../../config/county/holidays.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(shipped)
	f.Fuzz(func(t *testing.T, table []byte) {
		c, err := ReadCalendar(bytes.NewReader(table))
		if err != nil {
			if c != nil {
				t.Fatal("a refused table gave a calendar")
			}
			return
		}
		var written bytes.Buffer
		w := csv.NewWriter(&written)
		if err := w.Write(columns); err != nil {
			t.Fatal(err)
		}
		for _, d := range c.Days() {
			if c.Working(d.Date) != (d.Kind == MakeUp) {
				t.Errorf("%s is %s, but worked: %t", d.Date, d.Kind, c.Working(d.Date))
			}
			if d.Kind == MakeUp && c.Status(d.Date.Year) != Official {
				t.Errorf("%s is made up without a notice", d.Date)
			}
			if err := w.Write([]string{d.Date.String(), string(d.Kind), d.Name, d.Notice}); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		again, err := ReadCalendar(&written)
		if err != nil {
			t.Fatalf("not read again: %v", err)
		}
		if diff := cmp.Diff(c.Days(), again.Days()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(c.Years(), again.Years()); diff != "" {
			t.Error(diff)
		}
	})
}
