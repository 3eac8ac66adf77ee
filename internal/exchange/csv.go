package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rightshub/internal/fault"
)

// readCSV reads a whole file: UTF-8, commas or the semicolons of spreadsheets in French and Spanish, and the columns of
// the header in any order. A row of HXL hashtags beneath it is passed over. A line that is no row is refused by itself.
func readCSV(file io.Reader, header []string) (rows []record, lines []int, unread []Refusal, err error) {
	text, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return nil, nil, nil, fault.New(fault.Invalid, "The file cannot be read.")
	}
	if len(text) > maxFileBytes {
		return nil, nil, nil, fault.New(fault.TooLarge, "The file is larger than %d bytes: split it.", maxFileBytes)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, nil, nil, fault.New(fault.Invalid, "The file is not UTF-8: save it as \"CSV UTF-8\".")
	}
	r := csv.NewReader(bytes.NewReader(text))
	if line, _, _ := bytes.Cut(text, []byte("\n")); bytes.ContainsRune(line, ';') && !bytes.ContainsRune(line, ',') {
		r.Comma = ';'
	}
	first, err := r.Read()
	if err != nil {
		return nil, nil, nil, fault.New(fault.Invalid, "The file has no header. Its first line must be: %s", strings.Join(header, ","))
	}
	for i := range first {
		first[i] = strings.TrimSpace(first[i])
	}
	width := len(first)
	for len(first) > 1 && first[len(first)-1] == "" { // spreadsheets write columns that were once used
		first = first[:len(first)-1]
	}
	if err := checkColumns(first, header); err != nil {
		return nil, nil, nil, err
	}
	for under := true; ; under = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, unread, nil
		}
		if err == nil && allBlank(cells) {
			continue
		}
		var p *csv.ParseError
		if errors.As(err, &p) && !errors.Is(err, csv.ErrFieldCount) {
			unread = append(unread, Refusal{p.StartLine, fault.NewField("", "a quote does not end, or stands within a cell: put such a cell in quotes, and write each quote within it twice.")})
			continue
		}
		line, _ := r.FieldPos(0)
		if has := len(first); err != nil || !allBlank(cells[has:]) {
			if err != nil {
				has = width
			}
			unread = append(unread, Refusal{line, fault.NewField("", "the row has %d columns, and the header has %d: look for a separator too many or too few.", len(cells), has)})
			continue
		}
		if under && isHashtagRow(cells) {
			continue
		}
		row := record{}
		for i, name := range first {
			row[name] = restoreCell(strings.TrimSpace(cells[i]))
		}
		rows, lines = append(rows, row), append(lines, line)
	}
}

// allBlank reports whether cells say nothing, as those of rows and columns of a spreadsheet that were once used.
func allBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// checkColumns refuses columns that are not those of the header, whatever their order.
func checkColumns(columns, header []string) error {
	if len(columns) == 1 && strings.Contains(columns[0], "\t") {
		return fault.New(fault.Invalid, "The columns are separated by tabs: save the file with commas or semicolons.")
	}
	if len(columns) == 1 && strings.Contains(columns[0], "|") {
		return fault.New(fault.Invalid, "The columns are separated by vertical bars: save the file with commas or semicolons.")
	}
	var unknown, missing, twice []string
	for i, name := range columns {
		if !slices.Contains(header, name) {
			unknown = append(unknown, strconv.Quote(name))
		} else if slices.Index(columns, name) < i {
			twice = append(twice, name)
		}
	}
	for _, name := range header {
		if !slices.Contains(columns, name) {
			missing = append(missing, name)
		}
	}
	var wrong fault.Sentences
	if len(unknown) > 0 {
		wrong = append(wrong, fault.NewField("", "Unknown columns: %s.", strings.Join(unknown, ", ")))
	}
	if len(missing) > 0 {
		wrong = append(wrong, fault.NewField("", "Missing: %s.", strings.Join(missing, ", ")))
	}
	if len(twice) > 0 {
		wrong = append(wrong, fault.NewField("", "Twice: %s.", strings.Join(twice, ", ")))
	}
	if len(wrong) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "The header is not that of this kind. %s Its columns, in any order, are: %s", wrong, strings.Join(header, ","))
}
