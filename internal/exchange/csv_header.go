package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"rightshub/internal/fault"
)

// Bounds of the search for a header.
const (
	maxRowsAbove   = 20      // rows above a header
	maxHeaderBytes = 1 << 16 // of the file, which hold the header
)

// headerPlace says where the header of a file is.
type headerPlace struct {
	separator rune
	above     int // rows above it that are not empty
	line      int // its line
	columns   int // names in it that the kind of file has
}

func errNoHeader(header []string) error {
	return fault.New(fault.Invalid,
		"The file has no header. Its first line must be: %s", strings.Join(header, ","))
}

// separatorLine is the first line by which Excel learns the separator of a file.
var separatorLine = regexp.MustCompile(`^"?(?i:sep)=([^\w\s"\x{FFFD}]|\t| )"?[\s,;]*(\n|$)`)

// findHeader finds the row with the most names of the header among the first rows, and the separator with which it has
// them. Where no row has any, the first row counts as the header.
func findHeader(text []byte, header []string) (headerPlace, error) {
	begin := text[:min(len(text), maxHeaderBytes)]
	best := headerPlace{separator: ','}
	declared := separatorLine.FindSubmatch(begin)
	separators := []rune(",;\t|")
	if declared != nil {
		best.separator = []rune(string(declared[1]))[0]
		separators = slices.Insert(separators, 0, best.separator)
	}
	known := len(separators)
	separators = append(separators, otherSeparators(begin)...)
	for i, separator := range separators {
		place := searchHeader(begin, separator, header)
		if isLikely := i < known || place.columns > 2; isLikely && place.columns > best.columns {
			best = place
		}
	}
	if best.columns == 0 && declared != nil {
		best.above = 1
	}
	if declared == nil || best.separator != separators[0] {
		return best, checkSeparator(best)
	}
	return best, nil
}

// maxSeparators bounds how many signs are tried as separators.
const maxSeparators = 20

// otherSeparators returns the first other signs of the text that may stand between cells.
func otherSeparators(text []byte) (out []rune) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for _, c := range string(line) {
		if (unicode.IsPunct(c) || unicode.IsSymbol(c) || c == ' ') && !strings.ContainsRune(",;|\"_#", c) &&
			c != unicode.ReplacementChar && !slices.Contains(out, c) {
			if out = append(out, c); len(out) == maxSeparators {
				break
			}
		}
	}
	return out
}

// searchHeader finds the row with the most names of the header, if this separator is the right one.
func searchHeader(text []byte, separator rune, header []string) (best headerPlace) {
	r := newCSVReader(text, separator)
	for above := 0; above <= maxRowsAbove; above++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var known []string
		for _, cell := range cells {
			if cell = strings.TrimSpace(cell); slices.Contains(header, cell) && !slices.Contains(known, cell) {
				known = append(known, cell)
			}
		}
		if err == nil && len(known) > best.columns {
			line, _ := r.FieldPos(0)
			best = headerPlace{separator, above, line, len(known)}
		}
	}
	return best
}

// checkSeparator fails for a separator that the import does not take unless the first line of the file states it.
func checkSeparator(place headerPlace) error {
	switch {
	case place.separator == ',' || place.separator == ';':
		return nil
	case place.separator == '\t':
		return fault.New(fault.Invalid,
			"The columns are separated by tabs. Save the file with commas or semicolons.")
	case place.separator == '|':
		return fault.New(fault.Invalid,
			"The columns are separated by vertical bars. Save the file with commas or semicolons.")
	}
	return fault.New(fault.Invalid, "The columns are separated by %s. Save the file with commas or semicolons.",
		strconv.QuoteRune(place.separator))
}

// readAbove reads the rows above the header. A title is left out with a remark. It fails for a row that may hold data,
// since the import would lose it.
func (f *csvFile) readAbove(r *csv.Reader, place headerPlace) error {
	for i := range place.above {
		cells, err := r.Read()
		line := 0
		var p *csv.ParseError
		switch {
		case errors.As(err, &p): // a title with quotes in it
			line, cells = p.StartLine, []string{""}
		case allBlank(cells):
			continue
		default:
			line, _ = r.FieldPos(0)
		}
		filled := slices.DeleteFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) == "" })
		switch {
		case i == 0 && strings.HasPrefix(strings.ToLower(cells[0]), "sep="), isHashtagRow(filled):
		case len(filled)*2 > place.columns:
			return fault.New(fault.Invalid, "The header is not the first row, and line %d above it holds data. "+
				"Move the header to the first line.", line)
		default:
			f.remarks = append(f.remarks, Refusal{line, fault.NewField("",
				"is left out, because it is above the header on line %d.", place.line)})
		}
	}
	return nil
}
