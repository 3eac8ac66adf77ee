package exchange

import (
	"strings"
	"testing"
)

// FuzzFormula checks that a written cell is no formula, and that it is read back unchanged.
func FuzzFormula(f *testing.F) {
	for _, seed := range []string{
		"", "=1", "'=1", "''=1", "'a", "-5", "'-5", "+5", "-5-5", "@x", "\tx", "\rx", "\nx", " =x", "＝x", "-", "1e5",
		"- 1", "-5,5", "'-5,5", "a;=b", "a;'=b;;-5", ";	",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		out := neutralizeFormula(cell)
		if got := restoreCell(out); got != cell {
			t.Errorf("%q is written as %q and read as %q", cell, out, got)
		}
		for _, part := range strings.Split(out, ";") { // some spreadsheets begin another cell at a semicolon
			formula := part != "" && strings.ContainsRune("=+@\t\r\n", rune(part[0]))
			if formula || strings.HasPrefix(part, "-") && !plainNumber.MatchString(part) {
				t.Errorf("%q is written as %q", cell, out)
			}
		}
	})
}
