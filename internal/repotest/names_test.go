package repotest_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// maxReceivers is how many types of a package may have an unexported method of the same one-word name. A word that
// names a method of more types means something different on each, and a search for it finds all of them.
const maxReceivers = 3

// widelyUsedMethods lists the exceptions to maxReceivers, with the reason.
var widelyUsedMethods = map[string]string{}

// isOneWord reports whether a name consists of one word in lower case.
func isOneWord(name string) bool {
	return name != "_" && !strings.ContainsFunc(name, unicode.IsUpper)
}

// No word names an unexported method of more than three types of a package.
func TestOneWordMethodNames(t *testing.T) {
	methods := map[string]map[string]string{} // package and name -> receiver -> position
	for _, f := range listHandWrittenGo(t) {
		for _, d := range f.syntax.Decls {
			m, ok := d.(*ast.FuncDecl)
			if !ok || m.Recv == nil || !isOneWord(m.Name.Name) {
				continue
			}
			key := f.directory() + "." + m.Name.Name
			if methods[key] == nil {
				methods[key] = map[string]string{}
			}
			methods[key][receiverName(m)] = f.fset.Position(m.Pos()).String()
		}
	}
	for _, key := range slices.Sorted(maps.Keys(methods)) {
		if on := methods[key]; len(on) > maxReceivers && widelyUsedMethods[key] == "" {
			t.Errorf("%s is a method of %d types (%s), and at most %d may share a one-word name.\n\t"+
				"Name each by verb and object:\n\t%s", key, len(on), strings.Join(slices.Sorted(maps.Keys(on)), ", "),
				maxReceivers, strings.Join(slices.Sorted(maps.Values(on)), "\n\t"))
		}
	}
	for key := range widelyUsedMethods {
		if len(methods[key]) <= maxReceivers {
			t.Errorf("widelyUsedMethods lists %s, which needs no exception any more. Remove the line.", key)
		}
	}
}

// receiverName returns the name of the type a method belongs to.
func receiverName(m *ast.FuncDecl) string {
	e := m.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// unusedWords lists the words that identifiers and comments do not use, with the plain term for each. A word that is
// still in use has the number of its uses. That number may only fall; nobody raises it.
var unusedWords = []struct {
	words string // the word and its other forms
	where int
	most  int
	plain string
}{
	{"beneath", anywhere, 3, "parent, under the parent"},
	{"crowd crowds", anywhere, 4, "load test"},
	{"desk desks", anywhere, 0, "the office, the person in charge"},
	{"dirt", anywhere, 0, "stale data"},
	{"door doors", anywhere, 0, "authenticator, entry point"},
	{"handed", anywhere, 0, "transferred, passed"},
	{"heard", anywhere, 0, "received, rolePolicies"},
	{"holds", inNames, 12, "contains, grants, or the verb for the check"},
	{"housed", anywhere, 0, "has its office in"},
	{"kept", anywhere, 30, "stored, retained, unchanged"},
	{"mark marks", inNames, 12, "known rows, checkpoint, position"},
	{"prints", inNames, 0, "fingerprints"},
	{"reach reaches", inNames, 60, "scope, dependencies"},
	{"seat seats seated", anywhere, 13, "head office, default office"},
	{"sight sights", anywhere, 0, "disclosure, what is visible"},
	{"stays", inNames, 8, "the verb for the check: checkCountryMove"},
	{"themselves", inNames, 0, "self: forbidSelfEdit"},
	{"thing things", anywhere, 0, "the term for what it is"},
	{"told", anywhere, 1, "reported, disclosed, message"},
	{"unsettled", anywhere, 0, "not final, not frozen"},
	{"wall walls", anywhere, 0, "row-level security"},
	{"whoever", anywhere, 3, "the caller, the user, any person"},
	{"whom", anywhere, 6, "the person, the approver"},
	{"whose", anywhere, 23, "with, of the"},
}

// Where a word is not used. A common verb is plain in a comment, and says too little as a name.
const (
	anywhere = iota
	inNames
)

// namedWords matches the words of a comment or an identifier. The words of an identifier begin in upper case.
var namedWords = regexp.MustCompile(`\p{Lu}?\p{Ll}+`)

// Identifiers and comments use the terms of the field.
func TestUnusedWords(t *testing.T) {
	row := map[string]int{}
	for i, w := range unusedWords {
		for _, word := range strings.Fields(w.words) {
			row[word] = i
		}
	}
	found := make([][]string, len(unusedWords))
	for _, f := range listHandWrittenGo(t) {
		note := func(at token.Position, where int, text string) {
			for _, word := range namedWords.FindAllString(text, -1) {
				word = strings.ToLower(word)
				if i, ok := row[word]; ok && unusedWords[i].where <= where {
					found[i] = append(found[i], fmt.Sprintf("%s:%d %s", at.Filename, at.Line, word))
				}
			}
		}
		for _, group := range f.syntax.Comments {
			for _, comment := range group.List {
				at := f.fset.Position(comment.Pos())
				for line := range strings.SplitSeq(comment.Text, "\n") {
					note(at, anywhere, line)
					at.Line++
				}
			}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				note(f.fset.Position(id.Pos()), inNames, id.Name)
			}
			return true
		})
	}
	for i, w := range unusedWords {
		switch n := len(found[i]); {
		case n > w.most:
			t.Errorf("%q is used %d times in %s, and at most %d are allowed. Write %q instead:\n\t%s", w.words, n,
				[]string{"names and comments", "names"}[w.where], w.most, w.plain, joinSome(found[i]))
		case n < w.most:
			t.Logf("%q is used %d times now: lower its number in unusedWords from %d to %d", w.words, n, w.most, n)
		}
	}
}

// joinSome joins at most 40 lines.
func joinSome(lines []string) string {
	const most = 40
	if n := len(lines); n > most {
		lines = append(slices.Clone(lines[:most]), fmt.Sprintf("and %d more", n-most))
	}
	return strings.Join(lines, "\n\t")
}

// maxColumns is how wide a line may be. A column is a character, and so is a tab, as linters count by default.
const maxColumns = 120

// anyWidth lists the files and directories that may have lines of any width, and why.
var anyWidth = []struct{ prefix, why string }{
	{"internal/codegen/testdata/rules/wrong.go", "the expected message stands at the end of the line it is about"},
	{"internal/database/testdata/upgrade/", "the rows of an earlier version are loaded as they were written"},
	{"internal/proof/leak_table_test.go", "an anchor is the very text of a line of the program"},
	{"internal/server/testdata/heavy/", "a document is sent as it is, and is big on purpose"},
	{"internal/server/testdata/hostile/", "a document is sent as it is, and is big on purpose"},
	{"migrations/", "a migration never changes once it has landed"},
}

// wideLines is how many lines of a directory are wider than maxColumns. A number may only fall; nobody raises it, and
// a directory that is not in the table has none.
var wideLines = map[string]int{
	"cmd/rightshub":             5,
	"graph":                     109,
	"graph/testdata/client/src": 10,
	"internal/access":           1,
	"internal/codegen":          1,
	"internal/database":         9,
	"internal/fault":            1,
	"internal/hostile":          2,
	"internal/query":            2,
	"internal/server":           1,
}

// Lines of hand-written files fit into 120 columns.
func TestLineWidths(t *testing.T) {
	found := map[string][]string{}
files:
	for _, f := range listHandWritten(t) {
		for _, a := range anyWidth {
			if strings.HasPrefix(f.path, a.prefix) {
				continue files
			}
		}
		for i, line := range f.lines {
			if n := utf8.RuneCountInString(line); n > maxColumns {
				directory := path.Dir(f.path)
				found[directory] = append(found[directory], fmt.Sprintf("%s:%d has %d columns", f.path, i+1, n))
			}
		}
	}
	for _, directory := range slices.Sorted(maps.Keys(found)) {
		if n, most := len(found[directory]), wideLines[directory]; n > most {
			t.Errorf("%s has %d lines over %d columns, and at most %d are allowed. Break these lines:\n\t%s",
				directory, n, maxColumns, most, joinSome(found[directory]))
		}
	}
	for _, directory := range slices.Sorted(maps.Keys(wideLines)) {
		if n, most := len(found[directory]), wideLines[directory]; n < most {
			t.Errorf("%s has %d lines over %d columns now: lower its number in wideLines from %d to %d",
				directory, n, maxColumns, most, n)
		}
	}
}

// No file has the marks that git leaves where two changes meet.
func TestMergeMarks(t *testing.T) {
	for _, f := range listHandWritten(t) {
		for i, line := range f.lines {
			if strings.HasPrefix(line, "<<<<<<< ") || strings.HasSuffix(line, ">>>>>>> main") ||
				strings.HasPrefix(line, ">>>>>>> ") {
				t.Errorf("%s:%d has a mark of a merge: finish it", f.path, i+1)
			}
		}
	}
}
