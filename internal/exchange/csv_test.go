package exchange

import (
	"fmt"
	"strings"
	"testing"

	"rightshub/internal/fault"
)

var partnerHeader = []string{"code", "name", "acronym", "country_iso2", "partner_type", "website", "source_url"}

// readPartners reads a file of partners and describes what was read, or the error.
func readPartners(t *testing.T, text string) string {
	t.Helper()
	file, err := readCSV(strings.NewReader(text), partnerHeader)
	if err != nil {
		f := fault.As(err)
		if french, _ := f.Translated("fr"); french == f.Message {
			t.Errorf("there is no French for %s", f.Message)
		}
		return f.Message
	}
	var out []string
	for i, row := range file.rows {
		out = append(out, fmt.Sprintf("%d %s=%s", file.lines[i], row["code"], row["name"]))
	}
	for _, r := range file.refused {
		out = append(out, fmt.Sprintf("refused %d %s", r.Line, r.Reason))
	}
	for _, r := range file.remarks {
		out = append(out, fmt.Sprintf("remark %d %s", r.Line, r.Reason))
	}
	return strings.Join(out, "; ")
}

const (
	header    = "code,name,acronym,country_iso2,partner_type,website,source_url\n"
	row       = "X1,Ecole,,BF,ngo,,\n"
	hashtags  = "#org+code,#org+name,#org+acronym,#country+code,#org+type,#meta+url,#meta+url\n"
	semicolon = "code;name;acronym;country_iso2;partner_type;website;source_url\n"
)

// TestHashtagRows reads files with hashtags as other programs and people write them.
func TestHashtagRows(t *testing.T) {
	blank := ",,,,,,\n"
	for text, want := range map[string]string{
		header + hashtags + row:                                  "3 X1=Ecole",
		header + blank + hashtags + row:                          "4 X1=Ecole",
		header + "\n\n" + blank + hashtags + blank + row:         "7 X1=Ecole",
		header + strings.ToUpper(hashtags) + row:                 "3 X1=Ecole",
		hashtags + header + row:                                  "3 X1=Ecole",
		blank + strings.ToUpper(hashtags) + blank + header + row: "5 X1=Ecole",
		header + "#org+code,,,#country +code,,,\n" + row:         "3 X1=Ecole",
		header + "#org+code,#org+name\n" + row:                   "3 X1=Ecole",
		semicolon + strings.ReplaceAll(hashtags+row, ",", ";"):   "3 X1=Ecole",
		header + strings.Replace(hashtags, "name", "2013", 1) + row: "3 X1=Ecole; remark 2 looks like HXL hashtags, " +
			"but #org+2013 is none.",
		header + "#org+1,#2,#3,#country+code,#org,#meta,#meta\n" + row: "3 X1=Ecole; remark 2 looks like HXL hashtags, " +
			"but #org+1 is none.",
		header + "#org+1,#2,#3,#4,#org,#meta,\n" + row: "3 X1=Ecole; refused 2 looks like HXL hashtags, " +
			"but #org+1 is none.",
		header + "X0,#1 of all,,,,,\n" + row:   "2 X0=#1 of all; 3 X1=Ecole",
		header + row + "#org+code,#org,,,,,\n": "2 X1=Ecole; 3 #org+code=#org",
	} {
		if got := readPartners(t, text); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// TestHeaders finds the header of files as spreadsheets write them.
func TestHeaders(t *testing.T) {
	const (
		read      = "2 X1=Ecole"
		title     = "3 X1=Ecole; remark 1 is left out, because it is above the header on line "
		separated = "The columns are separated by "
		save      = ". Save the file with commas or semicolons."
	)
	semicolons := func(text string) string { return strings.ReplaceAll(text, ",", ";") }
	crlf := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	for text, want := range map[string]string{
		header + row:                            read,
		"\ufeff" + crlf(semicolons(header+row)): read,

		// Excel's first line.
		crlf("sep=;\n" + semicolons(header+row)):               "3 X1=Ecole",
		"\ufeff\"SEP=;\"\n" + semicolons(header+row):           "3 X1=Ecole",
		"sep=,,,,,,\n" + header + row:                          "3 X1=Ecole",
		"sep=|\n" + strings.ReplaceAll(header+row, ",", "|"):   "3 X1=Ecole",
		"sep=\t\n" + strings.ReplaceAll(header+row, ",", "\t"): "3 X1=Ecole",
		"sep=^\n" + strings.ReplaceAll(header+row, ",", "^"):   "3 X1=Ecole",
		"sep=,\n" + semicolons(header+row):                     "3 X1=Ecole",
		"sep=;\n" + semicolons("Partners,,,,,,\n"+header+hashtags+row): "5 X1=Ecole; remark 2 is left out, because it is " +
			"above the header on line 3.",

		// Line ends.
		strings.ReplaceAll(header+row, "\n", "\r"):                                      read,
		strings.ReplaceAll(semicolons(header+row), "\n", "\r"):                          read,
		strings.ReplaceAll(header, "\n", "\r") + "X1,\"Ecole\nhaute\r\",,,,,\rX2,,,,,,": "2 X1=Ecole\nhaute; 4 X2=",
		strings.ReplaceAll(header+row, "\n", "\r\r\n"):                                  "3 X1=Ecole",

		// Titles.
		"Liste des partenaires 2024\n" + header + row:           title + "2.",
		semicolons("Liste 2024,,,,,,\n,,,,,,\n" + header + row): "4" + title[1:] + "3.",
		"A \"list\" of all\n" + header + row:                    title + "2.",
		row + header: "The header is not the first row, and line 1 above it holds data. " +
			"Move the header to the first line.",

		// Separators.
		strings.ReplaceAll(header+row, ",", "\t"): separated + "tabs" + save,
		strings.ReplaceAll(header+row, ",", "|"):  separated + "vertical bars" + save,
		strings.ReplaceAll(header+row, ",", "^"):  separated + "'^'" + save,
		strings.ReplaceAll(header+row, ",", "；"):  separated + "'；'" + save,

		// Names.
		strings.Replace(semicolon, "name", "\"name, nom\"", 1) + semicolons(row): "The header does " +
			"not fit this kind of file. Unknown columns: \"name, nom\". Missing columns: name. " +
			"The columns, in any order, are: " + strings.TrimSpace(header),
		"":        "The file has no header. Its first line must be: " + strings.TrimSpace(header),
		"sep=;\n": "The file has no header. Its first line must be: " + strings.TrimSpace(header),
	} {
		if got := readPartners(t, text); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// TestOtherFormats names the format of a file that is no CSV.
func TestOtherFormats(t *testing.T) {
	const (
		workbook = `The file is an Excel workbook, or another archive. Open it in Excel and save it as "CSV UTF-8".`
		markup   = `The file is XML or HTML. Open it in a spreadsheet and save it as "CSV UTF-8".`
		rows     = `The file is JSON. Save its rows as "CSV UTF-8".`
		coding   = `The file is not UTF-8. Save it as "CSV UTF-8".`
	)
	for text, want := range map[string]string{
		"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xff\xfe": workbook,
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":                        workbook,
		"PK\x03\x04" + strings.Repeat("\x00", 26) + "mimetypeapplication/vnd.oasis.opendocument": "The file is a " +
			`workbook of LibreOffice. Open it there and save it as "CSV UTF-8".`,
		"%PDF-1.7\n":                       `The file is a PDF. Export its table as "CSV UTF-8".`,
		`[{"code":"X1"}]`:                  rows,
		"\ufeff\n { \"rows\": [] }":        rows,
		"[]":                               rows,
		`<?xml version="1.0"?><Workbook/>`: markup,
		"\n<html><table>":                  markup,
		"<!DOCTYPE html>":                  markup,
		"\xff\xfec\x00o\x00":               coding,
		"c\x00o\x00d\x00e\x00":             coding,
		header + "X1,\xe9cole,,,,,\n":      coding,
	} {
		if got := readPartners(t, text); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", text, got, want)
		}
	}
}
