package account

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
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
	// broken: it could not be read to its end, so that what was read of it means nothing.
	broken bool
}

type line struct {
	at    int
	cells map[string]string
}

// mistake is what is wrong in a line of a file.
type mistake struct {
	file string
	line int
	text string // Chinese
}

func (m mistake) Error() string { return fmt.Sprintf("%s:%d: %s", m.file, m.line, m.text) }

// layout is the columns of a table: all of the first, and perhaps the further ones as well.
type layout struct{ columns, further []string }

// readTable reads a file whose first line names exactly these columns.
func readTable(folder fs.FS, file string, columns ...string) *table {
	return readLayout(folder, file, layout{columns: columns})
}

func readLayout(folder fs.FS, file string, of layout) *table {
	content, err := fs.ReadFile(folder, file)
	if err != nil {
		return &table{file: file, broken: true, wrong: []error{err}}
	}
	return parseTable(file, content, of)
}

// parseTable reads what a file holds. Lines that begin with # are remarks.
func parseTable(file string, content []byte, of layout) *table {
	t := &table{file: file, broken: true}
	content = bytes.TrimPrefix(content, []byte("\ufeff")) // spreadsheets write it
	if !utf8.Valid(content) {
		t.fault(1, "不是 UTF-8 编码，请另存为 UTF-8 格式的 CSV")
		return t
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.Comment, r.FieldsPerRecord = '#', -1
	columns := of.columns
	for first := true; ; first = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			if first {
				t.fault(1, "第一行应是列名 %s", strings.Join(columns, ","))
			}
			t.broken = first
			return t
		}
		if err != nil { // the bytes are in memory: only their shape can be wrong
			at := 1
			if bad, ok := errors.AsType[*csv.ParseError](err); ok {
				at = bad.Line
			}
			t.fault(at, "引号要成对，里面的引号写两个")
			return t
		}
		at, _ := r.FieldPos(0)
		if first {
			if whole := slices.Concat(of.columns, of.further); slices.Equal(cells, whole) {
				columns = whole
			}
			if !slices.Equal(cells, columns) {
				t.fault(at, "第一行应是列名 %s", strings.Join(columns, ","))
				return t
			}
			continue
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" { // spreadsheets leave such rows
			continue
		}
		if len(cells) < len(of.columns) || len(cells) > len(columns) {
			t.fault(at, "应有 %d 列（%s）", len(columns), strings.Join(columns, ","))
			continue
		}
		l := line{at, map[string]string{}}
		for i, name := range columns {
			if l.cells[name] = ""; i < len(cells) { // the last ones may be left out
				l.cells[name] = strings.TrimSpace(cells[i])
			}
		}
		t.lines = append(t.lines, l)
	}
}

func (t *table) fault(at int, format string, args ...any) {
	t.wrong = append(t.wrong, mistake{t.file, at, fmt.Sprintf(format, args...)})
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
	day, err := clock.ParseDate(dashed(l.cells[column]))
	if err != nil {
		t.fault(l.at, "%s 要写成 2026-01-01 这样的日期", column)
	}
	return day
}

var slashed = regexp.MustCompile(`^(\d{4})/(\d{1,2})/(\d{1,2})$`)

// dashed undoes what a spreadsheet makes of 2026-01-01 when it saves: 2026/1/1.
func dashed(cell string) string {
	part := slashed.FindStringSubmatch(cell)
	if part == nil {
		return cell
	}
	return fmt.Sprintf("%s-%02s-%02s", part[1], part[2], part[3])
}

// formulas are how a cell begins that a spreadsheet would calculate; full-width signs are taken for the others there.
const formulas = "=+-@＝＋－＠"

// noFormula refuses cells that whoever opens the list in a spreadsheet would run.
func (t *table) noFormula(l line, columns ...string) {
	for _, column := range columns {
		if cell := l.cells[column]; cell != "" && strings.ContainsRune(formulas, []rune(cell)[0]) {
			t.fault(l.at, "%s 不能以 = + - @ 开头，表格软件会当成公式", column)
		}
	}
}
