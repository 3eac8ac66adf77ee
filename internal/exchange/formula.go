package exchange

import (
	"regexp"
	"strings"
)

// A spreadsheet takes a cell that begins with certain characters for a formula, and runs it. An apostrophe before them
// makes it a text; what is read back loses that apostrophe again.
var (
	formulaStart = regexp.MustCompile(`^'*(\s*[=+\-@＝＋－＠]|[\t\r\n])`) // after apostrophes of its own, so that these stay
	plainNumber  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
)

// neutralizeFormula is a cell as it is written. What stands behind a semicolon counts as a cell of its own: spreadsheets in French
// and Spanish take it for one.
func neutralizeFormula(cell string) string {
	return mapParts(cell, func(cell string) string {
		if formulaStart.MatchString(cell) && !plainNumber.MatchString(cell) {
			return "'" + cell
		}
		return cell
	})
}

// restoreCell is a cell as it was before it was written.
func restoreCell(cell string) string {
	return mapParts(cell, func(cell string) string {
		if cell != "" && cell[0] == '\'' && formulaStart.MatchString(cell) {
			return cell[1:]
		}
		return cell
	})
}

func mapParts(cell string, do func(string) string) string {
	parts := strings.Split(cell, ";")
	for i := range parts {
		parts[i] = do(parts[i])
	}
	return strings.Join(parts, ";")
}
