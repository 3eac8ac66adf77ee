package exchange

import (
	"strings"
	"testing"
)

// A cell that is written is no formula, and is read back as it was.
func FuzzFormula(f *testing.F) {
	for _, seed := range []string{"", "=1", "'=1", "''=1", "'a", "-5", "'-5", "+5", "-5-5", "@x", "\tx", "\rx", "\nx", " =x", "＝x", "-", "1e5", "- 1", "a;=b", "a;'=b;;-5", ";	"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		out := neutralizeFormula(cell)
		if got := restoreCell(out); got != cell {
			t.Errorf("%q is written as %q and read as %q", cell, out, got)
		}
		for _, part := range strings.Split(out, ";") { // which is where some spreadsheets begin another cell
			if part != "" && strings.ContainsRune("=+@\t\r\n", rune(part[0])) || strings.HasPrefix(part, "-") && !plainNumber.MatchString(part) {
				t.Errorf("%q is written as %q", cell, out)
			}
		}
	})
}
