package exchange

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Words of the hub's three languages, in small letters without accents, for what a file of results says in free text.
var (
	targetWords = []string{"target", "targets", "cible", "cibles", "meta", "metas", "objectif", "objectifs",
		"objetivo", "objetivos"}
	actualWords = []string{"actual", "achieved", "realise", "realisee", "realises", "realisees", "atteint",
		"realizado", "logrado", "alcanzado"}
	percentWords = []string{"%", "percent", "per cent", "percents", "percentage", "pct", "pourcent", "pour cent",
		"pourcentage", "pourcentages", "porcentaje", "porcentajes", "por ciento"}
)

// bracketPattern matches a note in brackets, such as "(target, minimum)".
var bracketPattern = regexp.MustCompile(`[(\[（][^()\[\]（）]*[)\]）]`)

// foldText writes a text in small letters, without accents, and with single spaces.
func foldText(text string) string {
	var out strings.Builder
	for _, c := range norm.NFKD.String(strings.ToLower(text)) {
		if !unicode.Is(unicode.Mn, c) {
			out.WriteRune(c)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// wordsOf splits a folded text into its words. The sign of percentage is a word.
func wordsOf(folded string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(folded, "%", " % "), func(c rune) bool {
		return c != '%' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

// hasWord reports whether one of the words stands in the folded text.
func hasWord(folded string, words []string) bool {
	text := " " + strings.Join(wordsOf(folded), " ") + " "
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, " "+word+" ") })
}

// figureKind returns the kind of the figures of an indicator with this name, which a note in brackets states, such as
// "(target, minimum)" or "(cible)". It is not ok when the name mentions a target without saying so in brackets, or
// states both kinds, since a plan must not count as an achievement.
func figureKind(indicator string) (kind string, ok bool) {
	name := foldText(indicator)
	var target, actual bool
	for _, note := range bracketPattern.FindAllString(name, -1) {
		for _, entry := range strings.FieldsFunc(note, func(c rune) bool { return strings.ContainsRune("()[],;/", c) }) {
			entry = strings.TrimSpace(entry)
			target = target || slices.Contains(targetWords, entry)
			actual = actual || slices.Contains(actualWords, entry)
		}
	}
	switch {
	case target:
		return "target", !actual
	case actual:
		return "actual", true
	}
	return "actual", !hasWord(name, targetWords)
}

// measureForUnit returns the measure of an indicator with this unit. It is not ok when the unit mentions a percentage
// among other words, such as "percentage points".
func measureForUnit(unit string) (measure string, ok bool) {
	folded := foldText(unit)
	if slices.Contains(percentWords, strings.Join(wordsOf(folded), " ")) {
		return "percentage", true
	}
	return "unit", !hasWord(folded, percentWords)
}

// figureKindCell reads the kind of the figures of a row of results from the name of the indicator.
func figureKindCell(row fileRow) cell {
	kind, ok := figureKind(row["indicator"])
	if !ok {
		return cell{column: "indicator", err: invalidCell("indicator",
			"does not say clearly whether the figure is aimed at or reached. Add (target) or (actual) at its end.")}
	}
	return cell{column: "indicator", value: kind}
}

// measureCell reads the measure of an indicator from the unit of a row of results.
func measureCell(row fileRow) cell {
	if row["unit"] == "" {
		return cell{column: "unit"}
	}
	measure, ok := measureForUnit(row["unit"])
	if !ok {
		return cell{column: "unit", err: invalidCell("unit",
			"names a percentage among other words. Write percent, or another unit.")}
	}
	return cell{column: "unit", value: measure}
}
