package exchange

import (
	"regexp"
	"strings"
)

// A spreadsheet takes a cell that begins with certain characters for a formula, and runs it. An apostrophe before them
// makes it a text; what is read back loses that apostrophe again.
var (
	formula = regexp.MustCompile(`^'*(\s*[=+\-@＝＋－＠]|[\t\r\n])`) // after apostrophes of its own, so that these stay
	number  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
)

// neutral is a cell as it is written. What stands behind a semicolon counts as a cell of its own: spreadsheets in French
// and Spanish take it for one.
func neutral(cell string) string {
	return each(cell, func(cell string) string {
		if formula.MatchString(cell) && !number.MatchString(cell) {
			return "'" + cell
		}
		return cell
	})
}

// meant is a cell as it was before it was written.
func meant(cell string) string {
	return each(cell, func(cell string) string {
		if cell != "" && cell[0] == '\'' && formula.MatchString(cell) {
			return cell[1:]
		}
		return cell
	})
}

func each(cell string, do func(string) string) string {
	parts := strings.Split(cell, ";")
	for i := range parts {
		parts[i] = do(parts[i])
	}
	return strings.Join(parts, ";")
}
