// Package languages lists the languages of the hub. Messages, pages and explanations have a text in each of them, and
// every multilingual text of a row has a value in at least one.
package languages

import "slices"

// Count is the number of languages.
const Count = 3

// All lists the codes of the languages (ISO 639-1). Lists of texts have the same order. English is the first.
var All = [Count]string{"en", "fr", "es"}

// OwnNames holds the name of each language in the language itself.
var OwnNames = Texts{"English", "Français", "Español"}

// Default is the language of callers who accept none of All. It is the first of All.
const Default = "en"

// IsKnown reports whether the code belongs to a language of the hub.
func IsKnown(code string) bool { return slices.Contains(All[:], code) }

// Index returns the place of the code in All, or -1.
func Index(code string) int { return slices.Index(All[:], code) }

// Texts is a text in each language of All, in that order.
type Texts [Count]string
