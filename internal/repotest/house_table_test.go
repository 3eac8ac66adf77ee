package repotest_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A place is a position in a file, and the size of what is there.
type place struct {
	size int
	at   string
}

// houseMeasures are what the table of the house measures, over the hand-written Go that is not a test.
type houseMeasures struct {
	files, functions []place // sorted by size
	unexported       int     // functions and methods
	oneWord          []place
	lines            int
	wide, veryWide   []place
	sentences        int // of comments
	colons           []place
	commentLines     int
	relativePronouns []place
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?][)"'’”]*\s+|\n\s*\n`)
	// wordColon matches a colon after a word, and neither the scheme of an address nor a time of day.
	wordColon        = regexp.MustCompile(`:(\s|$)`)
	relativePronouns = regexp.MustCompile(`(?i)\bwho(m|se)?\b`)
)

// measureHouse measures the files.
func measureHouse(files []*sourceFile) houseMeasures {
	var m houseMeasures
	for _, f := range files {
		m.files = append(m.files, place{len(f.lines), f.path})
		m.lines += len(f.lines)
		for i, line := range f.lines {
			p := place{utf8.RuneCountInString(line), fmt.Sprintf("%s:%d", f.path, i+1)}
			if p.size > 120 {
				m.wide = append(m.wide, p)
			}
			if p.size > 160 {
				m.veryWide = append(m.veryWide, p)
			}
		}
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				m.addFunction(f.fset, fn)
			}
		}
		for _, group := range f.syntax.Comments {
			m.addComment(f.fset.Position(group.Pos()), group.Text())
		}
	}
	bySize := func(a, b place) int { return cmp.Compare(a.size, b.size) }
	slices.SortFunc(m.files, bySize)
	slices.SortFunc(m.functions, bySize)
	return m
}

// addFunction measures a function or method.
func (m *houseMeasures) addFunction(fset *token.FileSet, fn *ast.FuncDecl) {
	at := fset.Position(fn.Pos())
	p := place{
		fset.Position(fn.End()).Line - at.Line + 1,
		fmt.Sprintf("%s:%d %s", at.Filename, at.Line, fn.Name.Name),
	}
	m.functions = append(m.functions, p)
	if name := fn.Name.Name; !fn.Name.IsExported() && name != "init" && name != "main" {
		m.unexported++
		if isOneWord(name) {
			m.oneWord = append(m.oneWord, p)
		}
	}
}

// addComment measures a comment. Its text has no directives such as go:embed.
func (m *houseMeasures) addComment(at token.Position, text string) {
	m.commentLines += strings.Count(text, "\n")
	p := place{at: fmt.Sprintf("%s:%d", at.Filename, at.Line)}
	for range relativePronouns.FindAllString(text, -1) {
		m.relativePronouns = append(m.relativePronouns, p)
	}
	for _, sentence := range sentenceEnd.Split(text, -1) {
		if strings.TrimSpace(sentence) == "" {
			continue
		}
		m.sentences++
		if wordColon.MatchString(sentence) {
			m.colons = append(m.colons, p)
		}
	}
}

// percentile returns the size at or below which p percent of the sorted places are.
func percentile(sorted []place, p int) float64 {
	return float64(sorted[min(len(sorted)-1, len(sorted)*p/100)].size)
}

// percentOf returns n as a percentage of a total.
func percentOf(n []place, total int) float64 { return 100 * float64(len(n)) / float64(max(total, 1)) }

// longest returns the last of the sorted places, the longest first.
func longest(sorted []place) []place {
	last := slices.Clone(sorted[max(0, len(sorted)-len(sorted)/10):])
	slices.Reverse(last)
	return last
}

// The table of the house, for the tree as it is. The command prints it:
//
//	go test ./internal/repotest -run TestHouseTable -v
//
// What is allowed today may only fall, until it is the aim.
func TestHouseTable(t *testing.T) {
	m := measureHouse(slices.DeleteFunc(listHandWrittenGo(t), (*sourceFile).isTest))
	const none = -1 // there is no limit
	var table strings.Builder
	fmt.Fprintf(&table, "%-40s %8s %8s %8s\n", "hand-written Go without tests", "today", "at most", "aim")
	for _, r := range []struct {
		name              string
		value, limit, aim float64
		places            []place
		remedy            string
	}{
		{"files: lines, p50", percentile(m.files, 50), none, none, nil, ""},
		{"files: lines, p90", percentile(m.files, 90), 260, 260, longest(m.files), "Split files by meaning."},
		{"files: lines, longest", percentile(m.files, 100), none, none, nil, ""}, // TestFileLengths limits it
		{"functions: lines, p50", percentile(m.functions, 50), none, none, nil, ""},
		{"functions: lines, p90", percentile(m.functions, 90), 40, 40, longest(m.functions), "Split functions."},
		{"functions: lines, longest", percentile(m.functions, 100), 95, 95, longest(m.functions), "Split functions."},
		{"one-word unexported functions, %", percentOf(m.oneWord, m.unexported), 20, 13, m.oneWord,
			"Name functions by verb and object."},
		{"lines over 120 columns, %", percentOf(m.wide, m.lines), 0.3, 0.2, m.wide, "Break lines."},
		{"lines over 160 columns, %", percentOf(m.veryWide, m.lines), 0.1, 0, m.veryWide, "Break lines."},
		{"comment sentences with a colon, %", percentOf(m.colons, m.sentences), 5, 5, m.colons, "Write two sentences."},
		{"who, whom, whose per 100 comment lines", percentOf(m.relativePronouns, m.commentLines), 1, 0.4,
			m.relativePronouns, "Name the person: the caller, the approver, the user."},
	} {
		fmt.Fprintf(&table, "%-40s %8.1f", r.name, r.value)
		if r.limit != none {
			fmt.Fprintf(&table, " %8.1f %8.1f", r.limit, r.aim)
		}
		if r.limit != none && r.value > r.aim {
			table.WriteString("  not there yet")
		}
		table.WriteByte('\n')
		if r.limit != none && r.value > r.limit {
			places := make([]string, len(r.places))
			for i, p := range r.places {
				places[i] = p.at
			}
			t.Errorf("%s is %.1f, and at most %.1f is allowed. %s\n\t%s", r.name, r.value, r.limit, r.remedy, joinSome(places))
		}
	}
	t.Logf("%d files, %d lines, %d functions\n%s", len(m.files), m.lines, len(m.functions), &table)
}
