package clock

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a civil date, such as a birthday or a due date: a day on the calendar, not a moment.
// It is never made from midnight, because Asia/Shanghai had days without one (1940-06-01, 1986-05-04).
// The zero Date means "none". It is stored as DATE and written 2026-11-23.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

const dateLayout = "2006-01-02"

// ParseDate reads 2026-11-23 and refuses days that do not exist.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(dateLayout, text)
	if err != nil {
		return Date{}, fmt.Errorf("not a date: %q", text)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// DateOf is the day in Shanghai on which the moment t falls.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Shanghai).Date()
	return Date{y, m, d}
}

// noon stands for the day in arithmetic: in UTC every day has one.
func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// AddDays is the date n calendar days later; n may be negative.
func (d Date) AddDays(n int) Date {
	y, m, day := d.noon().AddDate(0, 0, n).Date()
	return Date{y, m, day}
}

// AddYears is the day n years later that has the same month and day, and the last day of that month where the year has no
// such day (民法典 202): a year after 29 February it is the 28th. n may be negative.
func (d Date) AddYears(n int) Date {
	there := Date{d.Year + n, d.Month, d.Day}
	if y, m, day := there.noon().Date(); m != d.Month { // it ran over into the next month
		return Date{y, m, day}.AddDays(-day)
	}
	return there
}

// DaysUntil counts the calendar days from d to other; negative when other is earlier.
func (d Date) DaysUntil(other Date) int { return int(other.noon().Sub(d.noon()) / (24 * time.Hour)) }

// Weekday of the date.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.noon().Before(other.noon()) }

// Start is the first moment of the day in Shanghai.
func (d Date) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, Shanghai) }

// End is 24:00 of the day in Shanghai: a limit that is due on d is overdue from End on.
func (d Date) End() time.Time { return d.AddDays(1).Start() }

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String writes 2026-11-23, and nothing for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes the date for JSON and YAML.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Value stores the date, NULL for none.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads a DATE column as either engine gives it: SQLite text or a parsed time, MySQL a time.
func (d *Date) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		*d = Date{}
		return nil
	case time.Time:
		*d = Date{v.Year(), v.Month(), v.Day()}
		return nil
	case []byte:
		return d.Scan(string(v))
	case string:
		if n := len(dateLayout); len(v) > n && (v[n] == ' ' || v[n] == 'T') {
			v = v[:n]
		}
		return d.UnmarshalText([]byte(v))
	}
	return fmt.Errorf("a date cannot be read from %T", from)
}

// GormDataType names the column type to gorm.
func (Date) GormDataType() string { return "date" }
