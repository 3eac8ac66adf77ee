package exchange

import (
	"encoding/csv"
	"io"
	"slices"
)

// A rowWriter writes a file in one format. Flush reports errors of the earlier calls.
type rowWriter interface {
	WriteHeader(columns, hashtags []string) // hashtags is nil unless the file shall have them
	WriteRow(cells []string)
	Flush() error
}

// fileFormats are the formats of exported files. The first is the default, and the one that is imported.
var fileFormats = []struct {
	name      string
	newWriter func(io.Writer) rowWriter
}{
	{"csv", newCSVWriter},
}

// Formats lists the names of the formats of exported files, the default first.
func Formats() (names []string) {
	for _, f := range fileFormats {
		names = append(names, f.name)
	}
	return names
}

// newRowWriter returns a writer of the format, or of the default when there is no such format.
func newRowWriter(o ExportOptions, to io.Writer) rowWriter {
	if o.Excel {
		return newExcelWriter(to)
	}
	return fileFormats[max(slices.Index(Formats(), o.Format), 0)].newWriter(to)
}

// csvWriter writes CSV in UTF-8. It protects readers with a spreadsheet from texts that would run as formulas.
type csvWriter struct{ csv *csv.Writer }

func newCSVWriter(to io.Writer) rowWriter { return csvWriter{csv.NewWriter(to)} }

func (w csvWriter) WriteHeader(columns, hashtags []string) {
	w.csv.Write(columns) // Error reports a failed write after Flush
	if hashtags != nil {
		w.csv.Write(hashtags)
	}
}

func (w csvWriter) WriteRow(cells []string) {
	for i := range cells {
		cells[i] = neutralizeFormula(cells[i])
	}
	w.csv.Write(cells)
}

func (w csvWriter) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}
