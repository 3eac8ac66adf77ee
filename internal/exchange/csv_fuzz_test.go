package exchange

import (
	"bytes"
	"testing"
)

// FuzzCSV checks that readCSV returns rows with no other columns than the header, each with its line, or an error.
func FuzzCSV(f *testing.F) {
	header := []string{"iso2", "name_en"}
	for _, seed := range []string{
		"iso2,name_en\nBF,Burkina Faso\n",
		"\ufeffiso2,name_en\nBF,\"a, b\"\n",
		"name_en,iso2\n",
		"",
		"iso2\nBF\n",
		"iso2,name_en\nBF\n",
		"iso2,name_en\n\"BF,x\n",
		"iso2,iso2,name_en\na,b,c\n",
		"iso2;name_en\nBF;x\n",
		"sep=;\r\niso2;name_en\r\nBF;x\r\n",
		"iso2,name_en\rBF,x\r",
		"List\n\niso2,name_en\n\n#country,#name+2\nBF,x\n",
		"iso2,name_en\n=1+1,@x\n",
		"iso2,name_en\n\xff,x\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := readCSV(bytes.NewReader(text), header)
		if err != nil {
			return
		}
		if len(file.rows) != len(file.lines) {
			t.Errorf("%d rows on %d lines", len(file.rows), len(file.lines))
		}
		for _, row := range file.rows {
			if len(row) > len(header) {
				t.Errorf("a row has other columns: %v", row)
			}
		}
	})
}
