package server

import (
	"context"
	"net/http"

	"golang.org/x/text/language"

	"rightshub/internal/languages"
)

// languageCache holds the parsed Accept-Language headers that were used last, since most callers send one of a few
// headers.
var languageCache = newWeightedLRU[string, []string](64 << 10)

// acceptedLanguages returns the languages of the Accept-Language header, best first, without regions and scripts. It
// ignores a header that is malformed or longer than 200 bytes.
func acceptedLanguages(r *http.Request) (out []string) {
	header := r.Header.Get("Accept-Language")
	if header == "" || len(header) > 200 {
		return nil
	}
	if out, ok := languageCache.get(header); ok {
		return out
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	for _, t := range tags {
		base, _ := t.Base()
		out = append(out, base.String())
	}
	languageCache.add(header, out, len(header))
	return out
}

// languagesKey is the key of the request's languages in its context.
type languagesKey struct{}

// requestLanguages returns the languages that the request accepts, best first.
func requestLanguages(ctx context.Context) []string {
	list, _ := ctx.Value(languagesKey{}).([]string)
	return list
}

// responseLanguage returns the first of the accepted languages that the hub has texts in, or English.
func responseLanguage(accepted []string) string {
	for _, l := range accepted {
		if languages.IsKnown(l) {
			return l
		}
	}
	return languages.Default
}
