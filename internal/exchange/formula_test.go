package exchange

import (
	"strings"
	"testing"
)

// A cell that is written is no formula, and is read back as it was.
func FuzzFormula(f *testing.F) {
	for _, seed := range []string{"", "=1", "'=1", "''=1", "'a", "-5", "'-5", "+5", "-5-5", "@x", "\tx", "\rx", "\nx", " =x", "＝x", "-", "1e5", "- 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		out := neutral(cell)
		if got := meant(out); got != cell {
			t.Errorf("%q is written as %q and read as %q", cell, out, got)
		}
		if out != "" && strings.ContainsRune("=+@\t\r\n", rune(out[0])) || strings.HasPrefix(out, "-") && !number.MatchString(out) {
			t.Errorf("%q is written as %q", cell, out)
		}
	})
}
