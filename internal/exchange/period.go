package exchange

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Forms of a period, after its dashes and spaces are made alike.
var (
	yearPattern    = regexp.MustCompile(`^\d{4}$`)
	monthPattern   = regexp.MustCompile(`^\d{4}-\d{2}$`)
	dayPattern     = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	quarterPattern = regexp.MustCompile(`^(?:[QTqt]([1-4])[ -]?(\d{4})|(\d{4})[ -]?[QTqt]([1-4]))$`)
	yearsPattern   = regexp.MustCompile(`^(\d{4})(?:-| - |/| / )(\d{4})$`)
	rangePattern   = regexp.MustCompile(`^([\d-]+)(?:/| / | - )([\d-]+)$`)

	dashes = strings.NewReplacer("‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "−", "-", "\u00a0", " ",
		"\u202f", " ")
)

// readPeriod reads a year, a range of years, a month, a quarter, a day, or a range of months or days. It returns the
// first and the last day, and the period in the form in which it is stored, so that each period has one text.
func readPeriod(text string) (start, end time.Time, stored string, ok bool) {
	text = strings.Join(strings.Fields(dashes.Replace(text)), " ")
	if m := quarterPattern.FindStringSubmatch(text); m != nil {
		year, quarter := m[2]+m[3], m[1]+m[4]
		n, _ := strconv.Atoi(quarter)
		start, err := time.Parse(time.DateOnly, year+"-01-01")
		start = start.AddDate(0, 3*(n-1), 0)
		return start, start.AddDate(0, 3, -1), year + "-Q" + quarter, err == nil
	}
	first, last, stored := text, text, text
	if m := yearsPattern.FindStringSubmatch(text); m != nil {
		first, last, stored = m[1], m[2], m[1]+"-"+m[2]
	} else if m := rangePattern.FindStringSubmatch(text); m != nil && len(m[1]) == len(m[2]) {
		first, last, stored = m[1], m[2], m[1]+"/"+m[2]
	}
	start, _, startOK := daysOf(first)
	_, end, endOK := daysOf(last)
	return start, end, stored, startOK && endOK && !end.Before(start)
}

// daysOf returns the first and the last day of a year, a month or a day.
func daysOf(text string) (first, last time.Time, ok bool) {
	var err error
	switch {
	case yearPattern.MatchString(text):
		first, err = time.Parse("2006", text)
		last = first.AddDate(1, 0, -1)
	case monthPattern.MatchString(text):
		first, err = time.Parse("2006-01", text)
		last = first.AddDate(0, 1, -1)
	case dayPattern.MatchString(text):
		first, err = time.Parse(time.DateOnly, text)
		last = first
	default:
		return first, last, false
	}
	return first, last, err == nil && first.Year() >= 1800 && last.Year() <= 2200
}

// plainPeriod returns the stored form of a period, and other words as they are.
func plainPeriod(text string) string {
	if _, _, stored, ok := readPeriod(text); ok {
		return stored
	}
	return text
}

// periodCells reads the period of a new figure, or the new period of a figure, with its first and its last day. A
// stored figure keeps its own words.
func periodCells(row fileRow) (period, start, end cell) {
	period, start, end = cell{column: "period"}, cell{column: "period"}, cell{column: "period"}
	if row["period"] == "" {
		return period, start, end
	}
	first, last, stored, ok := readPeriod(row["period"])
	if !ok {
		period.err = invalidCell("period", "is not a period, or ends before it begins. "+
			"Write 2024, 2015-2021, 2024-03, 2024-Q1 or 2024-01-01/2024-03-31.")
		return period, start, end
	}
	period.value, start.value, end.value = stored, first, last
	return period, start, end
}
