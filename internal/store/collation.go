package store

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Texts are searched, and texts in several languages ordered, without regard to accents and to the case of A to Z: who
// types ecole finds École. The same in both databases, and in Go.

// accentMarks are the marks that are passed over, as Unicode writes them behind their letter in its form NFD: those of the
// languages that are written in Latin letters.
const accentMarks = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0323\u0326\u0327\u0328\u0331"

// foldText is a text as it is searched and ordered by.
func foldText(s string) string {
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
		case !plain && strings.ContainsRune(accentMarks, r):
			return -1
		}
		return r
	}, s)
}

// sqliteFoldFunction is folded in SQLite.
const sqliteFoldFunction = "hub_fold"

// foldedExpression is folded, of a text in the database. In PostgreSQL "C" knows the case of A to Z alone, and a text without accents,
// which is most, needs no more.
func (c *compiler) foldedExpression(text *sqlFragment) *sqlFragment {
	p := &sqlFragment{}
	if !c.isPostgres {
		return p.add(sqliteFoldFunction, "(").sub(text).add(")")
	}
	return p.add("CASE WHEN octet_length(").sub(text).add(") = length(").sub(text).add(") THEN lower((").sub(text).
		add(`) COLLATE "C") ELSE lower(translate(normalize(`).sub(text).add(", NFD), '" + accentMarks + `', '') COLLATE "C") END`)
}
