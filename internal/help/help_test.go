package help_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rightshub/internal/help"
	"rightshub/internal/languages"
)

var (
	codeBlock  = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan   = regexp.MustCompile("``.+?``|`[^`]+`")
	heading    = regexp.MustCompile("(?m)^#+ ")
	tableRow   = regexp.MustCompile(`(?m)^\|.*\|$`)
	listItem   = regexp.MustCompile("(?m)^- ")
	headingIDs = regexp.MustCompile(`<h\d id="([^"]*)"`)
)

// An outline is what a page has in each language.
type outline struct{ codeBlocks, codeSpans, headings, tableRows, listItems []string }

func readOutline(t *testing.T, language, reader string) outline {
	t.Helper()
	text, err := os.ReadFile("pages/" + language + "/" + reader + ".md")
	if err != nil {
		t.Fatal(err)
	}
	prose := codeBlock.ReplaceAllString(string(text), "")
	rows := tableRow.FindAllString(prose, -1)
	for i, row := range rows {
		rows[i] = strings.Repeat("|", strings.Count(row, "|"))
	}
	spans := codeSpan.FindAllString(prose, -1)
	slices.Sort(spans)
	return outline{codeBlock.FindAllString(string(text), -1), spans, heading.FindAllString(prose, -1), rows,
		listItem.FindAllString(prose, -1)}
}

// A page has the same code blocks, names, headings, tables and lists in each language. The English blocks are run by
// TestDocumentation of the package graph.
func TestTranslationsHaveTheSameOutline(t *testing.T) {
	for _, reader := range help.Readers {
		english := readOutline(t, "en", reader)
		for _, language := range languages.All[1:] {
			other := readOutline(t, language, reader)
			for _, part := range []struct {
				name      string
				got, want []string
			}{
				{"code blocks", other.codeBlocks, english.codeBlocks},
				{"names in backticks", other.codeSpans, english.codeSpans},
				{"headings", other.headings, english.headings},
				{"rows of tables", other.tableRows, english.tableRows},
				{"list items", other.listItems, english.listItems},
			} {
				for i := range max(len(part.got), len(part.want)) {
					if i >= len(part.got) || i >= len(part.want) || part.got[i] != part.want[i] {
						t.Errorf("pages/%s/%s.md: %s differ from the English page from number %d on: %q, want %q", language,
							reader, part.name, i+1, part.got[min(i, len(part.got)):], part.want[min(i, len(part.want)):])
						break
					}
				}
			}
		}
	}
}

// Every page is rendered with a title and anchors of its own. It has no scripts, pictures or styles.
func TestPages(t *testing.T) {
	pages, err := help.Pages()
	if err != nil || len(pages) != len(languages.All)*len(help.Readers) {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, p := range pages {
		ids := headingIDs.FindAllString(p.HTML, -1)
		slices.Sort(ids)
		if p.Title == "" || len(ids) == 0 || len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Errorf("%s/%s has the title %q and the anchors %q", p.Language, p.Reader, p.Title, ids)
		}
		for _, word := range []string{"<script", "<img", "style=", "raw HTML omitted", ".md\""} {
			if strings.Contains(p.HTML, word) {
				t.Errorf("%s/%s contains %q", p.Language, p.Reader, word)
			}
		}
	}
}
