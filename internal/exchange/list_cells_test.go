package exchange

import (
	"errors"
	"strings"
	"testing"

	"rightshub/internal/query"
)

// TestLists reads lists of articles and of languages, and writes again what it has read.
func TestLists(t *testing.T) {
	const comma = "has a comma or another separator. Separate the entries by semicolons."
	for _, c := range []struct {
		words      listWords
		text, want string
	}{
		{crcArticles, "", ""},
		{crcArticles, "3; 4;19", "3;4;19"},
		{crcArticles, "1;54", "1;54"},
		{crcArticles, "3,4,19", comma},
		{crcArticles, "55", crcArticles.reason},
		{crcArticles, "99", crcArticles.reason},
		{crcArticles, "0", crcArticles.reason},
		{crcArticles, "-3", crcArticles.reason},
		{crcArticles, "03", crcArticles.reason},
		{crcArticles, "3;art. 5", crcArticles.reason},
		{crcArticles, "3-5", crcArticles.reason},
		{languageTags, "fr;EN;wo-sn", "fr;en;wo-SN"},
		{languageTags, "FR", "fr"},
		{languageTags, "fr, en", comma},
		{languageTags, "francais", languageTags.reason},
		{languageTags, "français", languageTags.reason},
		{languageTags, "fr;zz", languageTags.reason},
		{languageTags, "und", languageTags.reason},
		{languageTags, "f", languageTags.reason},
	} {
		got := fileRow{"list": c.text}.listCell("list", c.words)
		entries, _ := got.value.([]string)
		text := strings.Join(entries, ";")
		var invalid cellError
		if errors.As(got.err, &invalid) {
			text = invalid.Reason
		}
		if text != c.want {
			t.Errorf("%q is read as %q, want %q", c.text, text, c.want)
		}
		if got.err != nil {
			continue
		}
		stored := pathValues{query.Value{Text: `["` + strings.Join(entries, `","`) + `"]`}}
		if text := asListOf(c.words)("en", []pathValues{stored}); len(entries) > 0 && text != c.want {
			t.Errorf("%q is written as %q", entries, text)
		}
	}
	upper := pathValues{query.Value{Text: `["FR"]`}}
	if text := asListOf(languageTags)("en", []pathValues{upper}); text != "" {
		t.Errorf("FR is written as %q, which is read as fr", text)
	}
}
