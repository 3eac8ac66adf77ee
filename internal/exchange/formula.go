package exchange

import (
	"regexp"
	"strings"
)

// A spreadsheet runs a cell that begins with certain characters as a formula. An export puts an apostrophe before
// them, which makes the cell a text, and an import removes that apostrophe.
var (
	// formulaStart also matches leading apostrophes, so that a cell which really begins with one is read back
	// unchanged.
	formulaStart = regexp.MustCompile(`^'*(\s*[=+\-@＝＋－＠]|[\t\r\n])`)
	plainNumber  = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)
)

// neutralizeFormula returns the cell as a file holds it. It treats the text behind each semicolon as a cell of its own,
// because French and Spanish spreadsheets separate cells there.
func neutralizeFormula(cell string) string {
	return mapParts(cell, func(cell string) string {
		if formulaStart.MatchString(cell) && !plainNumber.MatchString(cell) {
			return "'" + cell
		}
		return cell
	})
}

// restoreCell undoes neutralizeFormula.
func restoreCell(cell string) string {
	return mapParts(cell, func(cell string) string {
		if cell != "" && cell[0] == '\'' && formulaStart.MatchString(cell) {
			return cell[1:]
		}
		return cell
	})
}

// mapParts applies change to each part of the cell between semicolons.
func mapParts(cell string, change func(string) string) string {
	parts := strings.Split(cell, ";")
	for i := range parts {
		parts[i] = change(parts[i])
	}
	return strings.Join(parts, ";")
}
