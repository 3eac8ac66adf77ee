package exchange

import "regexp"

// A spreadsheet takes a cell that begins with certain characters for a formula, and runs it. An apostrophe before them
// makes it a text; what is read back loses that apostrophe again.
var (
	formula = regexp.MustCompile(`^'*(\s*[=+\-@＝＋－＠]|[\t\r\n])`) // after apostrophes of its own, so that these stay
	number  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
)

// neutral is a cell as it is written.
func neutral(cell string) string {
	if formula.MatchString(cell) && !number.MatchString(cell) {
		return "'" + cell
	}
	return cell
}

// meant is a cell as it was before it was written.
func meant(cell string) string {
	if cell != "" && cell[0] == '\'' && formula.MatchString(cell) {
		return cell[1:]
	}
	return cell
}
