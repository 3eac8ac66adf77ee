package database

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Lines returns the plan as lines for a terminal, the file first and then one line per table.
func (v PlannedVersion) Lines() []string {
	out := []string{v.File}
	created := 0
	total := v.check
	for _, t := range v.Tables {
		out = append(out, "  "+t.line(v.sqlite))
		total += t.Work
		if t.Created {
			created++
		}
	}
	switch {
	case created == len(v.Tables):
		return append(out, "  Nothing waits, because only new tables are used.")
	case v.sqlite:
		return append(out, "  SQLite locks the whole file while the version runs, "+formatEstimate(total)+
			". Writers wait and readers go on.")
	}
	return append(out, fmt.Sprintf("  PostgreSQL holds these locks until the version is done, %s. "+
		"A version that waits for a lock for more than %s gives up and changes nothing.",
		formatEstimate(total), lockTimeout))
}

// line says what the version does to the table.
func (t PlannedTable) line(sqlite bool) string {
	actions := slices.Clone(t.Actions)
	if t.Created {
		actions = append([]string{"creates the table"}, actions...)
	}
	switch n := len(t.Indexes); {
	case n == 1 && !t.Created:
		actions = append(actions, "makes the index "+t.Indexes[0])
	case n == 1:
		actions = append(actions, "makes 1 index")
	case n > 1:
		actions = append(actions, fmt.Sprintf("makes %d indexes", n))
	}
	name := t.Name
	if name == "" {
		name = "(database)"
	}
	line := name + ": " + strings.Join(actions, ", ") + "."
	if t.Created {
		return line
	}
	if t.Name != "" {
		unit := "rows"
		if t.Rows == 1 {
			unit = "row"
		}
		line += fmt.Sprintf(" %d %s, %s.", t.Rows, unit, formatEstimate(t.Work))
	}
	if sqlite {
		return line
	}
	return line + map[TableLock]string{
		LockNothing: "", LockRows: " Writers of the same rows wait.", LockWriters: " Writers wait and readers go on.",
		LockAll: " Readers and writers wait.",
	}[t.Lock]
}

// formatEstimate says roughly how long something takes.
func formatEstimate(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than 1 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("about %d s", int(d.Seconds()+0.5))
	}
	return fmt.Sprintf("about %d min", int(d.Minutes()+0.5))
}
