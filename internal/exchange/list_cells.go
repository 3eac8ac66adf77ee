package exchange

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"rightshub/internal/query"
)

// listWords says which entries a list may have.
type listWords struct {
	read   func(entry string) (word string, ok bool) // returns the entry in the form in which it is stored
	reason string                                    // of a refusal
}

var articlePattern = regexp.MustCompile(`^([1-9]|[1-4][0-9]|5[0-4])$`)

var (
	// crcArticles are the articles of the Convention on the Rights of the Child, which has 54.
	crcArticles = listWords{
		func(entry string) (string, bool) { return entry, articlePattern.MatchString(entry) },
		"has an entry that is no article of the Convention on the Rights of the Child. Write numbers from 1 to 54.",
	}
	// languageTags are tags of BCP 47 that name a known language. Their letters get the case that RFC 5646 recommends.
	languageTags = listWords{
		func(entry string) (string, bool) {
			tag, err := language.Raw.Parse(entry)
			return tag.String(), err == nil && tag != language.Und
		},
		"has an entry that is no language of BCP 47. Write fr or wo-SN.",
	}
)

// listCell reads a list of articles or of languages. No entry of them has a comma, so a comma is a wrong separator.
func (row fileRow) listCell(column string, words listWords) cell {
	if strings.ContainsAny(row[column], ",|\n") {
		return cell{column: column, err: invalidCell(column,
			"has a comma or another separator. Separate the entries by semicolons.")}
	}
	entries := splitList(row[column])
	if entries == nil {
		return cell{column: column}
	}
	for i, entry := range entries {
		word, ok := words.read(entry)
		if !ok {
			return cell{column: column, err: invalidCell(column, words.reason)}
		}
		entries[i] = word
	}
	return cell{column: column, value: entries}
}

// asListOf writes a list. The cell stays empty when an import would refuse an entry or store it otherwise.
func asListOf(words listWords) cellFormat {
	return formatNonNull(func(v query.Value) string {
		for _, entry := range v.List() {
			if word, ok := words.read(entry); !ok || word != entry {
				return ""
			}
		}
		return joinList(v.List())
	})
}

// joinList joins the entries with semicolons. It returns "" when listCell would not return the same entries.
func joinList(entries []string) string {
	cell := strings.Join(entries, ";")
	if !slices.Equal(splitList(cell), entries) || strings.Contains(cell, ",") {
		return ""
	}
	return cell
}
