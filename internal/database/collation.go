package database

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Search and the order of translated texts ignore accents and the case of A to Z, so that ecole finds École. Both
// databases and Go do the same.

// AccentMarks are the marks that folding removes. Unicode's form NFD writes them behind their letter. They are the
// marks of the languages that use Latin letters.
const AccentMarks = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0323\u0326\u0327\u0328\u0331"

// FoldText returns the text by which search and order compare.
func FoldText(s string) string {
	plain := true
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] < 0x80
	}
	if !plain {
		s = norm.NFD.String(s)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case !plain && strings.ContainsRune(AccentMarks, r):
			return -1
		}
		return r
	}, s)
}

// SQLiteFoldFunction is the name of FoldText in SQLite.
const SQLiteFoldFunction = "hub_fold"
