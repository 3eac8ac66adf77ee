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

// readCSV reads a whole file in UTF-8. The columns of the header may come in any order. They are separated by commas,
// or by semicolons as French and Spanish spreadsheets write them. A row of HXL hashtags beneath the header is
// skipped. lines holds the line number of each row. unread holds a refusal for each line that cannot be parsed. err
// is set when the file as a whole cannot be read.
func readCSV(file io.Reader, header []string) (rows []fileRow, lines []int, unread []Refusal, err error) {
	text, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return nil, nil, nil, fault.New(fault.Invalid, "The file cannot be read.")
	}
	if len(text) > maxFileBytes {
		return nil, nil, nil, fault.New(fault.TooLarge,
			"The file is larger than %d bytes. Split it into several files.", maxFileBytes)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, nil, nil, fault.New(fault.Invalid, "The file is not UTF-8. Save it as \"CSV UTF-8\".")
	}
	r := csv.NewReader(bytes.NewReader(text))
	if line, _, _ := bytes.Cut(text, []byte("\n")); bytes.ContainsRune(line, ';') && !bytes.ContainsRune(line, ',') {
		r.Comma = ';'
	}
	names, err := r.Read()
	if err != nil {
		return nil, nil, nil, fault.New(fault.Invalid,
			"The file has no header. Its first line must be: %s", strings.Join(header, ","))
	}
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	width := len(names)
	for len(names) > 1 && names[len(names)-1] == "" { // spreadsheets keep writing columns that were emptied
		names = names[:len(names)-1]
	}
	if err := checkColumns(names, header); err != nil {
		return nil, nil, nil, err
	}
	for belowHeader := true; ; belowHeader = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, unread, nil
		}
		if err == nil && allBlank(cells) {
			continue
		}
		var p *csv.ParseError
		if errors.As(err, &p) && !errors.Is(err, csv.ErrFieldCount) {
			unread = append(unread, Refusal{p.StartLine, fault.NewField("",
				"a quote does not end, or is inside a cell. Put the cell in quotes and double each quote in it.")})
			continue
		}
		line, _ := r.FieldPos(0)
		if columns := len(names); err != nil || !allBlank(cells[columns:]) {
			if err != nil {
				columns = width
			}
			unread = append(unread, Refusal{line, fault.NewField("",
				"the row has %d columns, but the header has %d. Look for a missing or an extra separator.",
				len(cells), columns)})
			continue
		}
		if belowHeader && isHashtagRow(cells) {
			continue
		}
		row := fileRow{}
		for i, name := range names {
			row[name] = readCell(name, cells[i])
		}
		rows, lines = append(rows, row), append(lines, line)
	}
}

// allBlank reports whether all cells are blank. Spreadsheets write such cells for rows and columns that were emptied.
func allBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// checkColumns returns an error unless columns holds each name of header once and no other name, in any order. The
// optional columns may be missing.
func checkColumns(columns, header []string) error {
	if len(columns) == 1 && strings.Contains(columns[0], "\t") {
		return fault.New(fault.Invalid, "The columns are separated by tabs. Save the file with commas or semicolons.")
	}
	if len(columns) == 1 && strings.Contains(columns[0], "|") {
		return fault.New(fault.Invalid,
			"The columns are separated by vertical bars. Save the file with commas or semicolons.")
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
