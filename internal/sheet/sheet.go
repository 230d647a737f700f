// Package sheet writes workbooks (电子表格, .xlsx) as people open them in Excel or WPS. Every cell is text and stays text: what
// somebody typed is never run as a formula, whatever it begins with, and a number of nineteen digits keeps its last ones.
package sheet

import (
	"errors"
	"io"

	"github.com/xuri/excelize/v2"
)

// Type is the media type of a workbook.
const Type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Page is one table of a workbook, with its heading above it.
type Page struct {
	Name    string // on its tab; at most 31 characters
	Heading string
	Columns []Column
	Rows    [][]string // each as long as Columns
}

// Column is the head of a column.
type Column struct {
	Title string
	Width float64 // in characters
}

// asText is the number format "@": whoever edits a cell edits text.
const asText = 49

// firstRow is where the rows begin, under heading and titles.
const firstRow = 3

// Write sends a workbook of these pages.
func Write(w io.Writer, pages ...Page) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	text, err := book.NewStyle(&excelize.Style{NumFmt: asText, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return err
	}
	bold := &excelize.Font{Bold: true}
	title, err := book.NewStyle(&excelize.Style{NumFmt: asText, Font: bold, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}})
	if err != nil {
		return err
	}
	// Without a wrap a heading stands in one line over the empty cells beside it, however narrow the first column is.
	heading, err := book.NewStyle(&excelize.Style{NumFmt: asText, Font: bold, Alignment: &excelize.Alignment{Vertical: "center"}})
	if err != nil {
		return err
	}
	for i, p := range pages {
		if i == 0 {
			err = book.SetSheetName(book.GetSheetName(0), p.Name)
		} else {
			_, err = book.NewSheet(p.Name)
		}
		if err == nil {
			err = p.write(book, text, title, heading)
		}
		if err != nil {
			return err
		}
	}
	return book.Write(w)
}

func (p Page) write(book *excelize.File, text, title, heading int) error {
	out, err := book.NewStreamWriter(p.Name)
	if err != nil {
		return err
	}
	titles := make([]string, 0, len(p.Columns))
	for i, c := range p.Columns {
		if err := out.SetColWidth(i+1, i+1, c.Width); err != nil {
			return err
		}
		titles = append(titles, c.Title)
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: firstRow - 1, TopLeftCell: "A3", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := put(out, 1, heading, []string{p.Heading}); err != nil {
		return err
	}
	if err := put(out, firstRow-1, title, titles); err != nil {
		return err
	}
	for i, row := range p.Rows {
		if err := put(out, firstRow+i, text, row); err != nil {
			return err
		}
	}
	return out.Flush()
}

// put writes a row of strings: an inline string is text for every reader, and no formula.
func put(out *excelize.StreamWriter, row, style int, values []string) error {
	cells := make([]any, 0, len(values))
	for _, v := range values {
		cells = append(cells, excelize.Cell{StyleID: style, Value: v})
	}
	at, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return err
	}
	return out.SetRow(at, cells)
}
