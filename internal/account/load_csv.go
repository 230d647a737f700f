package account

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"tongban/internal/clock"
	"tongban/internal/secret"
)

// table is a CSV file under reading: its lines by column name, and every mistake found in it.
type table struct {
	file  string
	lines []line
	wrong []error
}

type line struct {
	at    int
	cells map[string]string
}

// readTable reads a file whose first line names exactly these columns. Lines that begin with # are remarks.
func readTable(folder fs.FS, file string, columns ...string) *table {
	t := &table{file: file}
	content, err := fs.ReadFile(folder, file)
	if err != nil {
		t.wrong = append(t.wrong, err)
		return t
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff")) // spreadsheets write it
	if !utf8.Valid(content) {
		t.fault(1, "不是 UTF-8 编码，请另存为 UTF-8 格式的 CSV")
		return t
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.Comment = '#'
	r.FieldsPerRecord = len(columns)
	for first := true; ; first = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			if first {
				t.fault(1, "第一行应是列名 %s", strings.Join(columns, ","))
			}
			return t
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			t.fault(bad.Line, "应有 %d 列（%s），引号要成对", len(columns), strings.Join(columns, ","))
			return t
		}
		if err != nil {
			t.wrong = append(t.wrong, err)
			return t
		}
		at, _ := r.FieldPos(0)
		if first {
			if !slices.Equal(cells, columns) {
				t.fault(at, "第一行应是列名 %s", strings.Join(columns, ","))
				return t
			}
			continue
		}
		l := line{at, map[string]string{}}
		for i, name := range columns {
			l.cells[name] = strings.TrimSpace(cells[i])
		}
		t.lines = append(t.lines, l)
	}
}

func (t *table) fault(at int, format string, args ...any) {
	t.wrong = append(t.wrong, fmt.Errorf("%s:%d: %s", t.file, at, fmt.Sprintf(format, args...)))
}

// text is a cell in plain words, at most limit characters; an empty one only where it may be.
func (t *table) text(l line, column string, limit int, mayBeEmpty bool) string {
	if l.cells[column] == "" && mayBeEmpty {
		return ""
	}
	text, err := secret.CleanText(l.cells[column], limit)
	switch {
	case err != nil:
		t.fault(l.at, "%s 不能为空，不能有看不见的字符，最多 %d 个字", column, limit)
	case strings.ContainsAny(text, "\n\t"):
		t.fault(l.at, "%s 要写在一行里", column)
	}
	return text
}

// date is a cell such as 2026-01-01; none for an empty one where it may be.
func (t *table) date(l line, column string, mayBeEmpty bool) clock.Date {
	if l.cells[column] == "" && mayBeEmpty {
		return clock.Date{}
	}
	day, err := clock.ParseDate(l.cells[column])
	if err != nil {
		t.fault(l.at, "%s 要写成 2026-01-01 这样的日期", column)
	}
	return day
}
