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
// the header in any order. A row of HXL hashtags beneath it is passed over.
func readCSV(file io.Reader, header []string) (rows []record, lines []int, err error) {
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "The file cannot be read.")
	}
	if len(text) > maxFile {
		return nil, nil, fault.New(fault.TooLarge, "The file is larger than %d bytes: split it.", maxFile)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, nil, fault.New(fault.Invalid, "The file is not UTF-8: save it as \"CSV UTF-8\".")
	}
	r := csv.NewReader(bytes.NewReader(text))
	if line, _, _ := bytes.Cut(text, []byte("\n")); bytes.ContainsRune(line, ';') && !bytes.ContainsRune(line, ',') {
		r.Comma = ';'
	}
	first, err := r.Read()
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "The file has no header. Its first line must be: %s", strings.Join(header, ","))
	}
	for i := range first {
		first[i] = strings.TrimSpace(first[i])
	}
	for len(first) > 1 && first[len(first)-1] == "" { // spreadsheets write columns that were once used
		first = first[:len(first)-1]
	}
	if err := sameColumns(first, header); err != nil {
		return nil, nil, err
	}
	for under := true; ; under = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, nil
		}
		if err == nil && blank(cells) {
			continue
		}
		if err != nil || !blank(cells[len(first):]) {
			line := len(rows) + 2
			var p *csv.ParseError
			if errors.As(err, &p) {
				line = p.Line
			}
			return nil, nil, fault.New(fault.Invalid, "Line %d cannot be read: it has another number of columns than the header, or a quote that does not end.", line)
		}
		if under && isHashtags(cells) {
			continue
		}
		row := record{}
		for i, name := range first {
			row[name] = meant(strings.TrimSpace(cells[i]))
		}
		line, _ := r.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line)
	}
}

// blank reports whether cells say nothing, as those of rows and columns of a spreadsheet that were once used.
func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// sameColumns refuses columns that are not those of the header, whatever their order.
func sameColumns(columns, header []string) error {
	if len(columns) == 1 && strings.Contains(columns[0], "\t") {
		return fault.New(fault.Invalid, "The columns are separated by tabs: save the file with commas or semicolons.")
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
	if len(unknown)+len(missing)+len(twice) == 0 {
		return nil
	}
	list := func(names []string) string {
		if len(names) == 0 {
			return "-"
		}
		return strings.Join(names, ", ")
	}
	return fault.New(fault.Invalid, "The header is not that of this kind. Unknown columns: %s. Missing: %s. Twice: %s. Its columns, in any order, are: %s",
		list(unknown), list(missing), list(twice), strings.Join(header, ","))
}
