package model

import "testing"

// TestParseDecimal checks that an amount is read exactly, and refused where it can be read in two ways.
func TestParseDecimal(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "12.3": 1230, "12.34": 1234, "-0.05": -5, "-0": 0, "007": 700, "9999999999999": 999999999999900,
	} {
		if n, ok := ParseDecimal(text); !ok || n != want {
			t.Errorf("%q is %d %v, want %d", text, n, ok, want)
		}
	}
	for _, text := range []string{
		"", "-", "12.345", "1.005", "-0.005", "0x1p4", "0x10", "1e3", "1E3", "1.", ".5", "+1", "1_000", "1,5", "1 000",
		"NaN", "Inf", "99999999999999", "1.2.3", "--1", "١٢", "1\n",
	} {
		if n, ok := ParseDecimal(text); ok {
			t.Errorf("%q is read as %d", text, n)
		}
	}
}
