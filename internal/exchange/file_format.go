package exchange

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"rightshub/internal/fault"
)

// otherFormats are what people send in place of CSV, by how such a file begins.
var otherFormats = []struct {
	start   *regexp.Regexp
	message string
}{
	{
		regexp.MustCompile(`^PK\x03\x04[\s\S]{26}mimetypeapplication/vnd\.oasis`),
		`The file is a workbook of LibreOffice. Open it there and save it as "CSV UTF-8".`,
	},
	{
		regexp.MustCompile(`^(PK\x03\x04|\xD0\xCF\x11\xE0)`),
		`The file is an Excel workbook, or another archive. Open it in Excel and save it as "CSV UTF-8".`,
	},
	{regexp.MustCompile(`^%PDF-`), `The file is a PDF. Export its table as "CSV UTF-8".`},
	{regexp.MustCompile(`^\s*[\[{]\s*["\[\]{}]`), `The file is JSON. Save its rows as "CSV UTF-8".`},
	{
		regexp.MustCompile(`^\s*<[A-Za-z?!]`),
		`The file is XML or HTML. Open it in a spreadsheet and save it as "CSV UTF-8".`,
	},
}

// checkFormat fails unless the file may be CSV in UTF-8, and says what it is instead.
func checkFormat(text []byte) error {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	for _, f := range otherFormats {
		if f.start.Match(latin1(text[:min(len(text), 200)])) {
			return fault.New(fault.Invalid, f.message)
		}
	}
	if !utf8.Valid(text) || bytes.ContainsRune(text, 0) { // UTF-16 has a zero in each letter of English
		return fault.New(fault.Invalid, "The file is not UTF-8. Save it as \"CSV UTF-8\".")
	}
	return nil
}

// latin1 returns the bytes as runes, since a pattern matches no byte that is not UTF-8.
func latin1(text []byte) []byte {
	out := make([]rune, len(text))
	for i, b := range text {
		out[i] = rune(b)
	}
	return []byte(string(out))
}

// endLinesWithNewline returns a text with line ends that the reader of CSV knows. Excel's "CSV (Macintosh)" ends lines
// with a carriage return. A carriage return inside quotes belongs to the cell.
func endLinesWithNewline(text []byte) []byte {
	end := bytes.IndexAny(text, "\r\n")
	if end < 0 || text[end] == '\n' || bytes.HasPrefix(text[end:], []byte("\r\n")) {
		return text
	}
	out, quoted := bytes.Clone(text), false
	for i, b := range out {
		switch {
		case b == '"':
			quoted = !quoted
		case b == '\r' && !quoted && !bytes.HasPrefix(out[i+1:], []byte("\n")):
			out[i] = '\n'
		}
	}
	return out
}
