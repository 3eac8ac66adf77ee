package store

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/database"
	"rightshub/internal/model"
)

// sqlFragment is a piece of SQL with its arguments in order; a question mark stands for each.
type sqlFragment struct {
	text strings.Builder
	args []any
}

func (p *sqlFragment) add(words ...string) *sqlFragment {
	if p.text.Cap() == 0 {
		p.text.Grow(128) // most pieces are no longer: they are written without growing
	}
	for _, w := range words {
		p.text.WriteString(w)
	}
	return p
}

func (p *sqlFragment) arg(values ...any) *sqlFragment {
	for i, v := range values {
		if i > 0 {
			p.text.WriteByte(',')
		}
		p.text.WriteByte('?')
		p.args = append(p.args, v)
	}
	return p
}

func (p *sqlFragment) sub(o *sqlFragment) *sqlFragment {
	p.text.WriteString(o.text.String())
	p.args = append(p.args, o.args...)
	return p
}

func (p *sqlFragment) String() string { return p.text.String() }

// compiler writes SQL for one caller. Every table that a statement names gets the caller's row condition from
// visible, and every value of a row comes from cell: a statement that reached around the view would have to be
// written around these two.
type compiler struct {
	view             *access.View
	model            *model.Model
	isPostgres       bool
	languages        []string // the caller's, then the others that every text has one of
	secret           database.Secret
	rowLevelSecurity bool // row-level security holds the hub
	foundByKey       bool // the statement finds its rows by other keys than those of the view
	aliasCount       int
}

func (c *compiler) newAlias() string {
	c.aliasCount++
	return "t" + strconv.Itoa(c.aliasCount)
}

func quote(name string) string { return `"` + name + `"` }

func col(alias, column string) string { return alias + `."` + column + `"` }

// tableAs writes a table and its alias.
func tableAs(e *model.Entity, alias string) string { return quote(e.Table) + " " + alias }

// conditionTable writes a table, and its alias, that a condition of the view looks at on its way; its rows need not be the caller's.
func (c *compiler) conditionTable(name, alias string) string {
	if c.rowLevelSecurity {
		return database.PathViewName(name) + " " + alias
	}
	return quote(name) + " " + alias
}

// visibleRows is the condition that a row is in the caller's view.
func (c *compiler) visibleRows(e *model.Entity, alias string) *sqlFragment {
	return c.allowedRows(e, alias, model.Read)
}

// allowedRows is the condition that a row is there and the caller may do the action to it.
func (c *compiler) allowedRows(e *model.Entity, alias string, a model.Action) *sqlFragment {
	p := &sqlFragment{}
	p.add(col(alias, "archived_at"), " IS NULL")
	cond := c.view.RowsWhere(e.Name, a)
	if cond.Op != access.True {
		p.add(" AND ").sub(c.compileCondition(e, alias, cond))
	}
	return p
}

// compileCondition turns a condition of the view into SQL. It is never null: a missing key reaches nothing.
func (c *compiler) compileCondition(e *model.Entity, alias string, cond access.Cond) *sqlFragment {
	p := &sqlFragment{}
	switch cond.Op {
	case access.True:
		return p.add("1=1")
	case access.And, access.Or:
		p.add("(")
		between := " AND "
		if cond.Op == access.Or {
			between = " OR "
		}
		for i, k := range cond.Kids {
			if i > 0 {
				p.add(between)
			}
			p.sub(c.compileCondition(e, alias, k))
		}
		return p.add(")")
	case access.Not:
		return p.add("(").sub(c.compileCondition(e, alias, cond.Kids[0])).add(") IS NOT TRUE")
	case access.KeyIn:
		return c.columnInViewKeys(col(alias, cond.Column), cond.Values)
	case access.WordIn:
		return p.add(col(alias, cond.Column), " IN (").sub(stringArgs(cond.Words)).add(")")
	case access.InPeriod:
		return c.periodCondition(alias, cond.Column, cond.Day, cond.Last)
	case access.NotEnded:
		until := col(alias, cond.Column)
		return p.add("(", until, " IS NULL OR ", until, " >= ").arg(cond.Day).add(")")
	case access.OwnConsentCovers:
		return c.referralConsentCondition(alias, cond)
	case access.ConsentCovers:
		return c.childConsentCondition(alias, cond)
	case access.ReferredToPartner:
		return c.partnerReferralCondition(alias, cond)
	case access.Via:
		edge := e.Edge(cond.Edge)
		target, kid := c.model.Target(edge), cond.Kids[0]
		if edge.Kind == model.Through && kid.Op == access.KeyIn && kid.Column == "id" {
			via, v := c.model.Entity(edge.Via), c.newAlias()
			return p.add("EXISTS (SELECT 1 FROM ", c.conditionTable(via.Table, v), " WHERE ", col(v, edge.ViaSelf), " = ", col(alias, "id"),
				" AND ", col(v, "archived_at"), " IS NULL AND ").sub(c.columnInViewKeys(col(v, edge.ViaTarget), kid.Values)).add(")")
		}
		t := c.newAlias()
		p.add("EXISTS (SELECT 1 FROM ", c.conditionTable(target.Table, t))
		p.sub(c.joinCondition(e, edge, alias, t, false))
		return p.add(" AND ", col(t, "archived_at"), " IS NULL AND ").sub(c.compileCondition(target, t, kid)).add(")")
	}
	return p.add("1=0")
}

func (c *compiler) columnInKeys(column string, keys []uuid.UUID) *sqlFragment {
	p := &sqlFragment{}
	switch {
	case len(keys) == 1:
		return p.add(column, " = ").arg(keys[0].String())
	case c.isPostgres:
		return p.add(column, " = ANY(").arg(pq.Array(keyStrings(keys))).add(")")
	}
	p.add(column, " IN (")
	for i, k := range keys {
		if i > 0 {
			p.add(",")
		}
		p.arg(k.String())
	}
	return p.add(")")
}

// columnInViewKeys is among for the keys of a view. PostgreSQL plans a statement anew each time where it takes one country for larger
// than others, which costs more than the statement itself. A caller with few rows may need that; but not where rows are
// found by other keys, or by an index that begins with these: then the planner is not shown them.
func (c *compiler) columnInViewKeys(column string, keys []uuid.UUID) *sqlFragment {
	switch {
	case !c.isPostgres || !c.foundByKey:
		return c.columnInKeys(column, keys)
	case len(keys) == 1:
		return (&sqlFragment{}).add(column, " = (SELECT CAST(").arg(keys[0].String()).add(" AS uuid))")
	}
	return (&sqlFragment{}).add(column, " = ANY(CAST((SELECT CAST(").arg(pq.Array(keyStrings(keys))).add(" AS uuid[])) AS uuid[]))")
}

func keyStrings(keys []uuid.UUID) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return out
}

// joinCondition is the WHERE that ties the row of the alias "there" to the one of "here", of entity e, over the edge. The caller
// must be allowed to follow the reference, and over a joining entity the joining row must be in the caller's view too,
// unless the condition is the policy's own (view is false).
func (c *compiler) joinCondition(e *model.Entity, edge *model.Edge, here, there string, view bool) *sqlFragment {
	p := &sqlFragment{}
	switch edge.Kind {
	case model.ToOne:
		p.add(" WHERE ", col(there, "id"), " = ", col(here, edge.Column))
		if view {
			p.sub(c.followableEdge(e, here, edge))
		}
		return p
	case model.ToMany:
		p.add(" WHERE ", col(there, edge.Column), " = ", col(here, "id"))
		if view {
			p.sub(c.followableEdge(c.model.Target(edge), there, edge))
		}
		return p
	}
	return p.add(" WHERE ", col(there, "id"), " IN (").sub(c.throughTargetKeys(edge, col(here, "id"), view)).add(")")
}

// throughTargetKeys lists the keys at the end of a Through edge of one row, each once.
func (c *compiler) throughTargetKeys(edge *model.Edge, self string, view bool) *sqlFragment {
	via, v := c.model.Entity(edge.Via), c.newAlias()
	from, there := tableAs(via, v), c.visibleUnderParent(via, v, edge.ViaSelf)
	if !view {
		from, there = c.conditionTable(via.Table, v), (&sqlFragment{}).add(col(v, "archived_at"), " IS NULL")
	}
	return (&sqlFragment{}).add("SELECT DISTINCT ", col(v, edge.ViaTarget), " AS id FROM ", from, " WHERE ", col(v, edge.ViaSelf), " = ", self, " AND ").sub(there)
}

// clearCondition says where a field's value is shown as it is, given that its row is: always, never, or by a condition.
func (c *compiler) clearCondition(e *model.Entity, f *model.Field) (access.Cond, bool) {
	rows := c.view.RowsWhere(e.Name, model.Read)
	if f.Traces && c.view.PseudonymKey(e.Name) != "" {
		return access.Cond{}, rows.Op == access.False
	}
	if f.Tag.Ident == classification.None { // what does not identify is shown with its row
		return rows, true
	}
	clear := c.view.ClearWhere(e.Name, f.Name, f.Tag)
	return clear, sameCondition(clear, rows)
}

// derivedCondition says where a field that tells less than another is shown, given that its row is.
func (c *compiler) derivedCondition(e *model.Entity, f *model.Field, d *model.Derived) (access.Cond, bool) {
	shown := c.view.GeneralisedWhere(e.Name, d.Name, f.Tag)
	return shown, sameCondition(shown, c.view.RowsWhere(e.Name, model.Read))
}

// derivedCell is the value from which such a field is computed: null where it is not shown. It tells no more than the cell would.
func (c *compiler) derivedCell(e *model.Entity, alias string, f *model.Field, d *model.Derived) *sqlFragment {
	shown, always := c.derivedCondition(e, f, d)
	value := c.unmaskedValue(e, alias, f)
	switch {
	case always:
		return (&sqlFragment{}).add(value)
	case shown.Op == access.False:
		return (&sqlFragment{}).add(c.typedNull(f))
	}
	return (&sqlFragment{}).add("CASE WHEN ").sub(c.compileCondition(e, alias, shown)).add(" THEN ", value, " END")
}

// sameCondition reports whether two conditions of one view are the same.
func sameCondition(a, b access.Cond) bool {
	return a.Op == b.Op && (a.Op == access.True || a.Op == access.False || reflect.DeepEqual(a, b))
}

// followCondition says where a reference may be followed, there and back, given that the row that holds it is visible.
func (c *compiler) followCondition(holder *model.Entity, edge *model.Edge) (access.Cond, bool) {
	rows := c.view.RowsWhere(holder.Name, model.Read)
	if edge.Tag.Ident == classification.None {
		return rows, true
	}
	clear := c.view.ClearWhere(holder.Name, edge.Name, edge.Tag)
	return clear, sameCondition(clear, rows)
}

// followableEdge is that condition, for the alias of the row that holds the reference; empty where it always holds.
func (c *compiler) followableEdge(holder *model.Entity, alias string, edge *model.Edge) *sqlFragment {
	clear, always := c.followCondition(holder, edge)
	if always {
		return &sqlFragment{}
	}
	return (&sqlFragment{}).add(" AND ").sub(c.compileCondition(holder, alias, clear))
}

// maskedCell is the value of a field as the caller may see it: null where it is masked.
func (c *compiler) maskedCell(e *model.Entity, alias string, f *model.Field) (p *sqlFragment, masks bool) {
	p = &sqlFragment{}
	names := c.pseudonymsOf(e)
	if f.Pseudonym && names != nil {
		return c.pseudonymCode(names, alias), false
	}
	if f.Column == "version" && names != nil { // how often a row changed, and when, is the same under every grant
		return p.add("CAST(1 AS bigint)"), false // a bare 1 would order by the first column
	}
	clear, always := c.clearCondition(e, f)
	value := c.unmaskedValue(e, alias, f)
	switch {
	case always:
		return p.add(value), false
	case clear.Op == access.False:
		return p.add(c.typedNull(f)), true
	}
	return p.add("CASE WHEN ").sub(c.compileCondition(e, alias, clear)).add(" THEN ", value, " END"), true
}

// unmaskedValue is what is told of a field where it is not masked: the stored value, or the month of it.
func (c *compiler) unmaskedValue(e *model.Entity, alias string, f *model.Field) string {
	stored := col(alias, f.Column)
	if c.showsMonthOnly(e, f) {
		return c.truncateToMonth(f, stored)
	}
	return stored
}

// showsMonthOnly reports whether the field is a day or an instant of rows under pseudonyms: of these the month is shown, as its
// first day, since by the days the same rows under another grant, and a child whose story is known, could be found.
func (c *compiler) showsMonthOnly(e *model.Entity, f *model.Field) bool {
	return (f.Kind == model.Date || f.Kind == model.Time) && c.view.PseudonymKey(e.Name) != ""
}

// truncateToMonth is the first day of the month of a value of the field.
func (c *compiler) truncateToMonth(f *model.Field, value string) string {
	switch {
	case !c.isPostgres:
		return "(substr(" + value + ", 1, 7) || '-01 00:00:00+00:00')"
	case f.Kind == model.Date:
		return "CAST(date_trunc('month', CAST(" + value + " AS timestamp)) AS date)"
	}
	return "date_trunc('month', " + value + ", 'UTC')"
}

// typedNull is a null of the field's type, so that PostgreSQL knows how to compare it.
func (c *compiler) typedNull(f *model.Field) string {
	if !c.isPostgres {
		return "NULL"
	}
	return "CAST(NULL AS " + map[model.Kind]string{model.String: "text", model.Enum: "text", model.Int: "bigint", model.Decimal: "bigint",
		model.Float: "double precision", model.Bool: "boolean", model.Time: "timestamptz", model.Date: "date", model.UUID: "uuid",
		model.Enums: "jsonb", model.Strings: "jsonb", model.Texts: "jsonb"}[f.Kind] + ")"
}

// localizedText is a multilingual text in the first of the caller's languages that it has, else in any.
func (c *compiler) localizedText(cell *sqlFragment) *sqlFragment {
	p := (&sqlFragment{}).add("COALESCE(")
	for i, lang := range c.languages {
		if i > 0 {
			p.add(",")
		}
		if c.isPostgres {
			p.add("(").sub(cell).add(`)->>'`, lang, `'`)
		} else {
			p.add("json_extract(CAST((").sub(cell).add(`) AS TEXT),'$.`, lang, `')`)
		}
	}
	return p.add(")")
}

// Languages are those of the hub: every multilingual text has at least one of them.
var Languages = []string{"en", "fr", "es"}

// renderStatement returns the statement as the database wants it.
func (c *compiler) renderStatement(p *sqlFragment) (string, []any) {
	text := p.String()
	if !c.isPostgres {
		return text, p.args
	}
	var b strings.Builder
	b.Grow(len(text) + 2*len(p.args))
	for n := 1; ; n++ {
		before, after, more := strings.Cut(text, "?")
		b.WriteString(before)
		if !more {
			return b.String(), p.args
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		text = after
	}
}
