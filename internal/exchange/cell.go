package exchange

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// fileRow is one row of a file. It maps the name of a column to the text of the cell.
type fileRow map[string]string

// cell is the value that a row gives to one field or edge of the model.
type cell struct {
	column    string // the file's column; several are joined by ", " and each then ends in its language, as in title_fr
	value     any    // nil when the cell is empty, which leaves the stored value alone
	err       error  // the reason why the cell cannot be imported
	yearOnly  bool   // the file gives only the year of this date
	impliedBy string // the field that implies this state; the state moves only when that field changes

	row uuid.UUID // the stored row with this key, where the value alone does not name it
}

// equalsStored reports whether the stored value equals the cell, within what a file can express.
// It ignores line endings, surrounding space, and the month and day of a date of which the file gives the year.
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

// normalizeText removes what a file cannot preserve, which is surrounding space and the kind of line ending.
func normalizeText(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// columnsOfLanguages returns the columns of the cell that hold texts in the given languages.
// A single column counts for every language.
func (c cell) columnsOfLanguages(languages []string) (columns []string) {
	all := strings.Split(c.column, ", ")
	for _, column := range all {
		if _, language, _ := strings.Cut(column, "_"); len(all) == 1 || slices.Contains(languages, language) {
			columns = append(columns, column)
		}
	}
	return columns
}

// rowValues maps the fields and edges of an entity to the cells that a row of the file gives them.
type rowValues map[string]cell

// splitList returns the entries of a cell, which semicolons separate. It drops empty entries.
func splitList(text string) []string {
	var out []string
	for _, s := range strings.Split(text, ";") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (row fileRow) textCell(column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	return cell{column: column, value: row[column]}
}

// wordCell reads an enum value in the lower case of the files or in the upper case of the API.
func (row fileRow) wordCell(column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	return cell{column: column, value: strings.ToLower(row[column])}
}

// wordPair pairs a word of a file with the enum value of the model.
type wordPair struct{ file, model string }

// translatedCell translates a word of the file into an enum value of the model. An unknown word is an error of the
// cell.
func (row fileRow) translatedCell(column string, known []wordPair) cell {
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

func (row fileRow) numberCell(column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	n, ok := model.ParseDecimal(row[column]) // programs write a whole number as 2.0 too
	if !ok || n%100 != 0 || n/100 != int64(int32(n/100)) {
		err := invalidCell(column, "is not a whole number. Write 1234, with nothing between the thousands.")
		if strings.HasSuffix(column, "_year") { // people write the whole date
			err = invalidCell(column, "is not a year. Write 2009, without a month and a day.")
		}
		return cell{column: column, err: err}
	}
	return cell{column: column, value: n / 100}
}

// yearCell reads a year as the first day of that year.
func (row fileRow) yearCell(column string) cell {
	c := row.numberCell(column)
	if n, ok := c.value.(int64); ok {
		c.value, c.yearOnly = time.Date(int(n), 1, 1, 0, 0, 0, 0, time.UTC), true
	}
	return c
}

// maxAmount is the greatest absolute amount that the hub takes.
const maxAmount = 1_000_000_000_000

// amountCell reads an amount by the rule of the API, and returns it in hundredths.
func (row fileRow) amountCell(column string) cell {
	if row[column] == "" {
		return cell{column: column}
	}
	n, ok := model.ParseDecimal(row[column])
	if !ok {
		err := invalidCell(column, "is not a number. Write 1234.5, with a point, at most two decimals and nothing "+
			"between the thousands. 12.345 could mean 12345 or 12.35. Write the one that is meant.")
		return cell{column: column, err: err}
	}
	return cell{column: column, value: n}
}
