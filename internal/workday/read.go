package workday

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"tongban/internal/clock"
)

var columns = []string{"date", "kind", "name", "notice"}

const byteOrderMark = "\ufeff" // spreadsheets put one before UTF-8

// ReadCalendar reads a holiday table: csv in UTF-8 with the columns date,kind,name,notice.
//
// A year with a notice in any row is official, a year of rows without one statutory only. The statute can tell holidays
// only: spans and make-up days are never derived, they come with a notice or not at all.
func ReadCalendar(from io.Reader) (*Calendar, error) {
	buffered := bufio.NewReader(from)
	if start, err := buffered.Peek(len(byteOrderMark)); err == nil && string(start) == byteOrderMark {
		_, _ = buffered.Discard(len(byteOrderMark)) // what was peeked can be discarded
	}
	rows := csv.NewReader(buffered)
	rows.FieldsPerRecord = len(columns)

	header, err := rows.Read()
	if err != nil {
		return nil, unreadable(err)
	}
	if !slices.Equal(header, columns) {
		return nil, errors.New("第1行：表头须为 date,kind,name,notice")
	}
	var days []Day
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return NewCalendar(days, yearsOf(days))
		}
		if err != nil {
			return nil, unreadable(err)
		}
		day, err := readDay(row)
		if err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("第%d行：%w", line, err)
		}
		days = append(days, day)
	}
}

func readDay(row []string) (Day, error) {
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
		if !utf8.ValidString(row[i]) {
			return Day{}, errors.New("文件须存为 UTF-8")
		}
	}
	date, err := clock.ParseDate(row[0])
	if err != nil {
		return Day{}, errors.New("日期须写成 2026-01-01，并且真有这一天")
	}
	return Day{Date: date, Kind: Kind(row[1]), Name: row[2], Notice: row[3]}, nil
}

func yearsOf(days []Day) []Year {
	var years []Year
	for _, d := range days {
		i := slices.IndexFunc(years, func(y Year) bool { return y.Year == d.Date.Year })
		if i < 0 {
			years, i = append(years, Year{d.Date.Year, StatutoryOnly}), len(years)
		}
		if d.Notice != "" {
			years[i].Status = Official
		}
	}
	return years
}

// unreadable says in Chinese, and with the line, what the csv reader stumbled over.
func unreadable(err error) error {
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("第%d行：不是四列的 csv：%w", wrong.Line, wrong.Err)
	}
	if errors.Is(err, io.EOF) {
		return errors.New("第1行：没有表头")
	}
	return fmt.Errorf("读不出节假日表：%w", err)
}
