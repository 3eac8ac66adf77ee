package database

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// sqlName matches a name with or without quotes and schema.
const sqlName = "[`\"]?(?:\\w+[`\"]?\\.[`\"]?)?(\\w+)[`\"]?"

// The statements that a plan understands.
var (
	createTablePattern = regexp.MustCompile(`(?is)^CREATE TABLE (?:IF NOT EXISTS )?` + sqlName)
	createIndexPattern = regexp.MustCompile(
		`(?is)^CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?` + sqlName + ` ON (?:ONLY )?` + sqlName)
	dropIndexPattern  = regexp.MustCompile(`(?is)^DROP INDEX (?:CONCURRENTLY )?(?:IF EXISTS )?` + sqlName)
	dropTablePattern  = regexp.MustCompile(`(?is)^DROP TABLE (?:IF EXISTS )?` + sqlName)
	alterTablePattern = regexp.MustCompile(`(?is)^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?` + sqlName + `\s+(.*)$`)
	changeRowsPattern = regexp.MustCompile(`(?is)^(INSERT INTO|UPDATE|DELETE FROM) (?:ONLY )?` + sqlName)
	switchPattern     = regexp.MustCompile(`(?is)^PRAGMA `)
	referencePattern  = regexp.MustCompile(`(?is)\bREFERENCES ` + sqlName)
)

// planStatement adds what a statement does. A statement that it does not understand counts as the strongest lock.
func (p *migrationPlanner) planStatement(ctx context.Context, s migrationStatement) error {
	if m := createTablePattern.FindStringSubmatch(s.text); m != nil {
		return p.planCreateTable(ctx, m[1], s.text)
	}
	if m := createIndexPattern.FindStringSubmatch(s.text); m != nil {
		p.indexes[m[1]] = m[2]
		if err := p.add(ctx, m[2], "", LockWriters, indexedRowsPerSecond); err != nil {
			return err
		}
		t, err := p.table(ctx, m[2])
		if err == nil {
			t.Indexes = append(t.Indexes, m[1])
		}
		return err
	}
	if m := dropIndexPattern.FindStringSubmatch(s.text); m != nil {
		return p.add(ctx, p.indexes[m[1]], "drops the index "+m[1], LockAll, 0)
	}
	if m := dropTablePattern.FindStringSubmatch(s.text); m != nil {
		if p.isReplaced(m[1]) { // its rows are in the new table
			return nil
		}
		return p.add(ctx, m[1], "drops the table and its rows", LockAll, 0)
	}
	if m := alterTablePattern.FindStringSubmatch(s.text); m != nil {
		return p.planAlterTable(ctx, m[1], m[2])
	}
	if m := changeRowsPattern.FindStringSubmatch(s.text); m != nil {
		if table := p.rebuilt[m[2]]; table != "" {
			return p.add(ctx, table, "", LockAll, copiedRowsPerSecond)
		}
		action := map[string]string{"INSERT INTO": "adds rows", "UPDATE": "changes rows", "DELETE FROM": "deletes rows"}
		return p.add(ctx, m[2], action[strings.ToUpper(m[1])], LockRows, copiedRowsPerSecond)
	}
	if switchPattern.MatchString(s.text) {
		return nil
	}
	unknown := fmt.Sprintf("runs the statement on line %d, which this plan cannot judge", s.line)
	return p.add(ctx, "", unknown, LockAll, 0)
}

// planCreateTable adds a new table. On SQLite a table new_x beside x is how x is rebuilt.
func (p *migrationPlanner) planCreateTable(ctx context.Context, name, text string) error {
	if old, ok := strings.CutPrefix(name, "new_"); ok && !p.db.IsPostgres() {
		p.rebuilt[name] = old
		return p.add(ctx, old, "rebuilds the table", LockAll, 0)
	}
	p.created[name] = true
	if err := p.add(ctx, name, "", LockNothing, 0); err != nil {
		return err
	}
	return p.planReferences(ctx, name, text)
}

// planReferences adds the tables to which new foreign keys of the table refer. Their writers wait too.
func (p *migrationPlanner) planReferences(ctx context.Context, from, text string) error {
	for _, m := range referencePattern.FindAllStringSubmatch(text, -1) {
		if p.created[m[1]] || m[1] == from || !p.db.IsPostgres() {
			continue
		}
		if err := p.add(ctx, m[1], "is referred to by "+from, LockWriters, 0); err != nil {
			return err
		}
	}
	return nil
}

// dropColumn is the action of the alteration whose cost differs between the databases.
const dropColumn = "drops the column $1 and its values"

// alterations are the changes of ALTER TABLE, in the order in which they are tried. In the action $1 is the name.
var alterations = []struct {
	pattern   *regexp.Regexp
	action    string
	lock      TableLock
	perSecond int64
}{
	{alteration(`ADD COLUMN (?:IF NOT EXISTS )?NAME .*\b(?:GENERATED|SERIAL|BIGSERIAL|random|gen_random_uuid)\b`),
		"adds the column $1 and writes every row again", LockAll, copiedRowsPerSecond},
	{alteration(`ADD COLUMN (?:IF NOT EXISTS )?NAME`), "adds the column $1", LockAll, 0},
	{alteration(`DROP COLUMN (?:IF EXISTS )?NAME`), dropColumn, LockAll, 0},
	{alteration(`ALTER COLUMN NAME (?:SET DATA )?TYPE`), "changes the type of $1 and writes every row again",
		LockAll, copiedRowsPerSecond},
	{alteration(`ALTER COLUMN NAME SET NOT NULL`), "requires the column $1 and reads every row",
		LockAll, scannedRowsPerSecond},
	{alteration(`ALTER COLUMN NAME DROP NOT NULL`), "lets the column $1 be empty", LockAll, 0},
	{alteration(`ALTER COLUMN NAME (?:SET|DROP) DEFAULT`), "changes the default of $1", LockAll, 0},
	{alteration(`ADD CONSTRAINT NAME FOREIGN KEY`), "adds the foreign key $1 and reads every row",
		LockWriters, scannedRowsPerSecond},
	{alteration(`ADD CONSTRAINT NAME CHECK`), "adds the check $1 and reads every row", LockAll, scannedRowsPerSecond},
	{alteration(`ADD CONSTRAINT NAME (?:UNIQUE|PRIMARY KEY)`), "adds the key $1 with its index",
		LockAll, indexedRowsPerSecond},
	{alteration(`DROP CONSTRAINT (?:IF EXISTS )?NAME`), "drops the constraint $1", LockAll, 0},
	{alteration(`RENAME COLUMN NAME`), "renames the column $1", LockAll, 0},
	{alteration(`RENAME TO NAME`), "renames the table to $1", LockAll, 0},
}

// alteration compiles a pattern in which NAME matches a name.
func alteration(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?is)^` + strings.ReplaceAll(pattern, "NAME", sqlName))
}

// planAlterTable adds the changes of ALTER TABLE.
func (p *migrationPlanner) planAlterTable(ctx context.Context, table, changes string) error {
	if p.rebuilt[table] != "" { // it takes the name of the table that it replaces
		return nil
	}
changes:
	for _, change := range splitTopLevel(changes) {
		for _, a := range alterations {
			m := a.pattern.FindStringSubmatch(change)
			if m == nil {
				continue
			}
			if !p.db.IsPostgres() && a.action == dropColumn { // SQLite writes the rows again without the column
				a.perSecond = copiedRowsPerSecond
			}
			if err := p.add(ctx, table, strings.ReplaceAll(a.action, "$1", m[1]), a.lock, a.perSecond); err != nil {
				return err
			}
			continue changes
		}
		const unknown = "changes the table in a way that this plan cannot judge"
		if err := p.add(ctx, table, unknown, LockAll, copiedRowsPerSecond); err != nil {
			return err
		}
	}
	return p.planReferences(ctx, table, changes)
}

// splitTopLevel splits a text at the commas outside parentheses and quotes.
func splitTopLevel(text string) []string {
	var out []string
	depth, start, quote := 0, 0, rune(0)
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	return append(out, strings.TrimSpace(strings.TrimSuffix(text[start:], ";")))
}
