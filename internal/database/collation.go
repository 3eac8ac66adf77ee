package database

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Texts are searched, and texts in several languages ordered, without regard to accents and to the case of A to Z: who
// types ecole finds École. The same in both databases, and in Go.

// AccentMarks are the marks that are passed over, as Unicode writes them behind their letter in its form NFD: those of the
// languages that are written in Latin letters.
const AccentMarks = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0323\u0326\u0327\u0328\u0331"

// FoldText is a text as it is searched and ordered by.
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

// SQLiteFoldFunction is folded in SQLite.
const SQLiteFoldFunction = "hub_fold"
