package model

import (
	"strings"
	"unicode"
)

// Reasons for which KeyProblem refuses a text.
const (
	KeyHasOuterSpace = "begins or ends with a space. Write the code without it."
	KeyIsInvisible   = "holds a line end, a tab or another invisible character. Write the code without it."
	KeyHasSeparator  = "holds a comma or a semicolon, which separate codes in a list. Write the code without it."
)

// KeyProblem returns why a text cannot be the value of a natural key, or "". A file must be able to name every row. Its
// reader trims cells, and joins and splits lists of codes, so a code must survive both unchanged. Two codes must not
// look the same either. The API, the imports and the exports all use this rule.
func KeyProblem(key string) string {
	switch {
	case strings.ContainsFunc(key, isInvisible):
		return KeyIsInvisible
	case strings.TrimSpace(key) != key:
		return KeyHasOuterSpace
	case strings.ContainsAny(key, ",;"):
		return KeyHasSeparator
	}
	return ""
}

// isInvisible reports whether a character has no shape of its own, such as a line end, a tab or a zero-width space.
func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// IsNaturalKey reports whether the field is the natural key of the entity, by which files name its rows.
func (e *Entity) IsNaturalKey(f *Field) bool {
	return f.Kind == String && f.Column == e.CodeColumn && f.Column != ""
}
