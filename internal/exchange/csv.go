package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"rightshub/internal/fault"
)

// csvFile is a file after reading.
type csvFile struct {
	separator rune
	rows      []fileRow
	lines     []int     // the line number of each row
	refused   []Refusal // lines that cannot be parsed
	remarks   []Refusal // lines that were left out, and why
}

// readCSV reads a whole file in UTF-8. The columns of the header may come in any order. They are separated by commas,
// by semicolons as French and Spanish spreadsheets write them, or as a first line such as "sep=;" says. A row of HXL
// hashtags above or under the header is skipped. The error is about the file as a whole.
func readCSV(file io.Reader, header []string) (*csvFile, error) {
	text, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "The file cannot be read.")
	}
	if len(text) > maxFileBytes {
		return nil, fault.New(fault.TooLarge,
			"The file is larger than %d bytes. Split it into several files.", maxFileBytes)
	}
	if err := checkFormat(text); err != nil {
		return nil, err
	}
	text = endLinesWithNewline(bytes.TrimPrefix(text, []byte("\ufeff")))
	place, err := findHeader(text, header)
	if err != nil {
		return nil, err
	}
	f := &csvFile{separator: place.separator}
	r := newCSVReader(text, place.separator)
	if err := f.readAbove(r, place); err != nil {
		return nil, err
	}
	names, err := f.readHeader(r, header)
	if err != nil {
		return nil, err
	}
	f.readRows(r, names)
	return f, nil
}

// newCSVReader returns a reader of rows of any width.
func newCSVReader(text []byte, separator rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = separator
	r.FieldsPerRecord = -1
	return r
}

// readHeader reads the names of the columns, and lets the reader expect their number from here on.
func (f *csvFile) readHeader(r *csv.Reader, header []string) (names []string, err error) {
	names, err = r.Read()
	if err != nil {
		return nil, errNoHeader(header)
	}
	r.FieldsPerRecord = len(names)
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	for len(names) > 1 && names[len(names)-1] == "" { // spreadsheets keep writing columns that were emptied
		names = names[:len(names)-1]
	}
	return names, checkColumns(names, header)
}

// readRows reads the rows under the header.
func (f *csvFile) readRows(r *csv.Reader, names []string) {
	for first := true; ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if !hasParseError(err) && allBlank(cells) {
			continue
		}
		if !first || hasParseError(err) || !f.skipHashtags(r, cells) {
			f.addRow(r, names, cells, err)
		}
		first = false
	}
}

// hasParseError reports whether a line cannot be divided into cells.
func hasParseError(err error) bool { return err != nil && !errors.Is(err, csv.ErrFieldCount) }

// addRow adds a row, or the reason why its line cannot be read.
func (f *csvFile) addRow(r *csv.Reader, names, cells []string, err error) {
	var p *csv.ParseError
	if hasParseError(err) && errors.As(err, &p) {
		f.refused = append(f.refused, Refusal{p.StartLine, fault.NewField("",
			"a quote does not end, or is inside a cell. Put the cell in quotes and double each quote in it.")})
		return
	}
	line, _ := r.FieldPos(0)
	if columns := len(names); err != nil || !allBlank(cells[columns:]) {
		if err != nil {
			columns = r.FieldsPerRecord
		}
		f.refused = append(f.refused, Refusal{line, fault.NewField("",
			"the row has %d columns, but the header has %d. Look for a missing or an extra separator.",
			len(cells), columns)})
		return
	}
	row := fileRow{}
	for i, name := range names {
		row[name] = readCell(name, cells[i])
	}
	f.rows, f.lines = append(f.rows, row), append(f.lines, line)
}

// allBlank reports whether all cells are blank. Spreadsheets write such cells for rows and columns that were emptied.
func allBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// checkColumns returns an error unless columns holds each name of header once and no other name, in any order. The
// optional columns may be missing.
func checkColumns(columns, header []string) error {
	var unknown, missing, twice []string
	for i, name := range columns {
		if !slices.Contains(header, name) {
			unknown = append(unknown, strconv.Quote(name))
		} else if slices.Index(columns, name) < i {
			twice = append(twice, name)
		}
	}
	for _, name := range header {
		if !slices.Contains(columns, name) && !slices.Contains(optionalColumns, name) {
			missing = append(missing, name)
		}
	}
	var problems fault.Sentences
	if len(unknown) > 0 {
		problems = append(problems, fault.NewField("", "Unknown columns: %s.", strings.Join(unknown, ", ")))
	}
	if len(missing) > 0 {
		problems = append(problems, fault.NewField("", "Missing columns: %s.", strings.Join(missing, ", ")))
	}
	if len(twice) > 0 {
		problems = append(problems, fault.NewField("", "Duplicate columns: %s.", strings.Join(twice, ", ")))
	}
	if len(problems) == 0 {
		return nil
	}
	return fault.New(fault.Invalid,
		"The header does not fit this kind of file. %s The columns, in any order, are: %s",
		problems, strings.Join(header, ","))
}
