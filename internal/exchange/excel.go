package exchange

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"regexp"
	"slices"
	"strings"
)

// excelWriter writes CSV as French and Spanish Excel opens it with a double click. It begins with a byte order mark,
// has semicolons between the cells, and ends its rows with CRLF. A line end inside a cell stays as it is, since
// csv.Writer.UseCRLF would change it.
type excelWriter struct {
	to  *bufio.Writer
	row bytes.Buffer
	csv *csv.Writer // writes to row
}

func newExcelWriter(to io.Writer) rowWriter {
	w := &excelWriter{to: bufio.NewWriter(to)}
	w.csv = csv.NewWriter(&w.row)
	w.csv.Comma = ';'
	return w
}

func (w *excelWriter) WriteHeader(columns, hashtags []string) {
	w.to.WriteString("\ufeff") // Flush reports a failed write
	w.writeLine(columns)
	if hashtags != nil {
		w.writeLine(hashtags)
	}
}

func (w *excelWriter) WriteRow(cells []string) {
	for i := range cells {
		cells[i] = neutralizeFormula(cells[i])
	}
	w.writeLine(cells)
}

func (w *excelWriter) writeLine(cells []string) {
	w.row.Reset()
	w.csv.Write(cells)
	w.csv.Flush()
	w.to.Write(bytes.TrimSuffix(w.row.Bytes(), []byte("\n")))
	w.to.WriteString("\r\n")
}

func (w *excelWriter) Flush() error { return w.to.Flush() }

// Decimals of cells, with a point as the hub writes them and with a comma as French and Spanish spreadsheets do.
var (
	pointDecimal = regexp.MustCompile(`^-?[0-9]+\.[0-9]+$`)
	commaDecimal = regexp.MustCompile(`^-?[0-9]+,[0-9]+$`)
)

// writeDecimalCommas gives the decimals of a row a comma.
func (k *fileKind) writeDecimalCommas(row []string) {
	for i, c := range k.columns {
		if slices.Contains(k.decimalColumns, c.name) && pointDecimal.MatchString(row[i]) {
			row[i] = strings.Replace(row[i], ".", ",", 1)
		}
	}
}

// readDecimalCommas gives the decimals of a row the point with which the hub reads them.
func (k *fileKind) readDecimalCommas(row fileRow) {
	for _, name := range k.decimalColumns {
		if commaDecimal.MatchString(row[name]) {
			row[name] = strings.Replace(row[name], ",", ".", 1)
		}
	}
}
