package exchange

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// record is one row of a file: its cells by the names of their columns.
type record map[string]string

// cell is what a row says about one field: the column that it stands in, and its value, nil where the row does not say.
type cell struct {
	column    string // several are joined by ", "; each then ends in its language, as title_fr
	value     any
	err       error  // why the cell cannot be taken
	yearOnly  bool   // the value is a day of which only the year is said
	impliedBy string // the value is a state that the column says of another field: where that changes, the state moves
}

// equalsStored reports whether the stored value is what the cell says, as far as a file can say it.
func (c cell) equalsStored(f *model.Field, stored query.Value) bool {
	switch v := c.value.(type) {
	case string:
		return !stored.Null && normalizeText(stored.Text) == normalizeText(v)
	case time.Time:
		if c.yearOnly {
			return !stored.Null && stored.Time.Year() == v.Year()
		}
	}
	return stored.EqualsInput(f.Kind, c.value)
}

// normalizeText is a text without what a file loses of it: space around it, and how its lines end.
func normalizeText(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// columnsOfLanguages are the cell's columns for texts in some languages.
func (c cell) columnsOfLanguages(languages []string) (columns []string) {
	all := strings.Split(c.column, ", ")
	for _, column := range all {
		if _, language, _ := strings.Cut(column, "_"); len(all) == 1 || slices.Contains(languages, language) {
			columns = append(columns, column)
		}
	}
	return columns
}

// rowValues is what a row says about one row of the model, by the names of the model's fields and edges.
type rowValues map[string]cell

// splitList reads the entries of a cell.
func splitList(text string) []string {
	var out []string
	for _, s := range strings.Split(text, ";") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (row record) listCell(column string) cell {
	if entries := splitList(row[column]); entries != nil {
		return cell{column: column, value: entries}
	}
	return cell{column: column}
}

func (row record) textCell(column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	return cell{column: column, value: row[column]}
}

// wordCell reads a word of the model's, in the file's small letters or in the API's capitals.
func (row record) wordCell(column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	return cell{column: column, value: strings.ToLower(row[column])}
}

// wordPair is a word of a file and the model's own.
type wordPair struct{ file, model string }

// translatedCell translates a word of the file into the model's own, and refuses an unknown one.
func (row record) translatedCell(column string, known []wordPair) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	var all []string
	for _, p := range known {
		if p.file == strings.ToLower(row[column]) {
			return cell{column: column, value: p.model}
		}
		all = append(all, p.file)
	}
	slices.Sort(all)
	return cell{column: column, err: invalidCell(column, "is not one of %s.", strings.Join(all, ", "))}
}

func (row record) numberCell(column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	n, err := strconv.ParseInt(row[column], 10, 32)
	if err != nil {
		return cell{column: column, err: invalidCell(column, "is not a whole number: write 1234, with nothing between the thousands.")}
	}
	return cell{column: column, value: n}
}

// yearCell reads a year as its first day.
func (row record) yearCell(column string) cell {
	c := row.numberCell(column)
	if n, ok := c.value.(int64); ok {
		c.value, c.yearOnly = time.Date(int(n), 1, 1, 0, 0, 0, 0, time.UTC), true
	}
	return c
}

// maxAmount is the greatest amount that is read.
const maxAmount = 1_000_000_000_000

// amountCell reads an amount.
func (row record) amountCell(column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	f, err := strconv.ParseFloat(row[column], 64)
	if err != nil || f != f || f > maxAmount || f < -maxAmount {
		return cell{column: column, err: invalidCell(column, "is not a number: write 1234.5, with a point and nothing between the thousands.")}
	}
	if f < 0 {
		return cell{column: column, value: int64(f*100 - 0.5)}
	}
	return cell{column: column, value: int64(f*100 + 0.5)}
}
