// Package query turns a caller's view and a selection into SQL. It runs no statement. Package store sends the
// statements to the database and scans their rows. Packages accounts and changefeed run a few themselves.
//
// Compiler.VisibleRows limits every table that a caller reads to the rows of the caller's view. Compiler.MaskedCell
// writes every value that a caller reads, and is null where the view masks it. Both hold alike for selections, filters,
// orders and cursors. Only the conditions of the view itself read other rows, through Compiler.CompileCondition.
package query

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

// Compiler writes the SQL of one statement for one caller. Each table that a statement names takes its row condition
// from VisibleRows, and each value takes its expression from MaskedCell. A statement can leave the view only by
// avoiding these two methods.
//
// A Compiler with IsPostgres alone can write statements that depend on no view. It numbers its aliases and is not safe
// for concurrent use.
type Compiler struct {
	View       *access.View // the caller's view
	Model      *model.Model
	IsPostgres bool // write for PostgreSQL, otherwise for SQLite

	// Languages holds the code of the caller's language first, then the other codes of languages.All,
	// so that every multilingual text has a value in one of them.
	Languages []string

	Secret database.Secret // pseudonyms derive from it

	// RowLevelSecurity states that PostgreSQL itself restricts the hub to the rows of the view. The conditions of the
	// view then read tables through the views that database.PathViewName names.
	RowLevelSecurity bool

	// FoundByKey states that the statement finds its rows by other keys than those of the view, or by an index that
	// begins with these. The planner of PostgreSQL then does not see the keys of the view (columnInViewKeys gives the
	// reason).
	FoundByKey bool

	aliasCount int

	setsOfKeys   bool // conditions of the view are written as sets of keys (inSetsOfKeys)
	countsGroups bool // conditions on counts are written with groups (countCondition)
}

// NewAlias returns a table alias that no other table of the statement has.
func (c *Compiler) NewAlias() string {
	c.aliasCount++
	return "t" + strconv.Itoa(c.aliasCount)
}

// Quote returns a name as a quoted SQL identifier. The name comes from the model and contains no quotation mark.
func Quote(name string) string { return `"` + name + `"` }

// Col returns the quoted column of the table with the alias.
func Col(alias, column string) string { return alias + `."` + column + `"` }

// TableAs returns the table of an entity with its alias, for a FROM or a JOIN. It does not limit the rows. The
// statement must add VisibleRows for the same alias.
func TableAs(e *model.Entity, alias string) string { return Quote(e.Table) + " " + alias }

// conditionTable returns a table and its alias for a condition of the view that passes through the table. The rows that
// it passes need not be visible to the caller. Under row-level security they are read through a view of the owner.
func (c *Compiler) conditionTable(name, alias string) string {
	if c.RowLevelSecurity {
		return database.PathViewName(name) + " " + alias
	}
	return Quote(name) + " " + alias
}

// VisibleRows returns the condition that the row of the alias is not archived and that the caller may read it.
func (c *Compiler) VisibleRows(e *model.Entity, alias string) *Fragment {
	return c.AllowedRows(e, alias, model.Read)
}

// AllowedRows returns the condition that the row of the alias is not archived and that the view allows the caller the
// action on it. The condition matches no row when the view does not allow the action at all. Two or more terms are
// joined by AND without parentheses, so a caller that adds OR must add them.
func (c *Compiler) AllowedRows(e *model.Entity, alias string, a model.Action) *Fragment {
	p := &Fragment{}
	p.Add(Col(alias, "archived_at"), " IS NULL")
	cond := c.View.RowsWhere(e.Name, a)
	if cond.Op != access.True {
		p.Add(" AND ").Sub(c.CompileCondition(e, alias, cond))
	}
	return p
}

// CompileCondition turns a condition of the view on the row of the alias, of entity e, into SQL. A condition about a
// missing key never holds. A condition that passes an edge holds only if the edge leads to a row that is not archived.
// An unknown operation gives a condition that matches no row.
func (c *Compiler) CompileCondition(e *model.Entity, alias string, cond access.Cond) *Fragment {
	p := &Fragment{}
	switch cond.Op {
	case access.True:
		return p.Add("1=1")
	case access.And, access.Or:
		if cond.Op == access.Or {
			if union := c.keyUnion(e, alias, cond.Kids); union != nil {
				return union
			}
		}
		p.Add("(")
		between := " AND "
		if cond.Op == access.Or {
			between = " OR "
		}
		for i, k := range cond.Kids {
			if i > 0 {
				p.Add(between)
			}
			p.Sub(c.CompileCondition(e, alias, k))
		}
		return p.Add(")")
	case access.Not:
		return p.Add("(").Sub(c.CompileCondition(e, alias, cond.Kids[0])).Add(") IS NOT TRUE")
	case access.KeyIn:
		return c.columnInViewKeys(Col(alias, cond.Column), cond.Values)
	case access.WordIn:
		return p.Add(Col(alias, cond.Column), " IN (").Sub(stringArgs(cond.Words)).Add(")")
	case access.InPeriod:
		return c.periodCondition(alias, cond.Column, cond.Day, cond.Last)
	case access.NotEnded:
		until := Col(alias, cond.Column)
		return p.Add("(", until, " IS NULL OR ", until, " >= ").Arg(cond.Day).Add(")")
	case access.OwnConsentCovers:
		return c.referralConsentCondition(alias, cond)
	case access.ConsentCovers:
		return c.childConsentCondition(alias, cond)
	case access.ReferredToPartner:
		return c.partnerReferralCondition(alias, cond)
	case access.Via:
		edge := e.Edge(cond.Edge)
		target, kid := c.Model.Target(edge), cond.Kids[0]
		if leadsToKeys(edge, kid) {
			via, v := c.Model.Entity(edge.Via), c.NewAlias()
			return p.Add("EXISTS (SELECT 1 FROM ", c.conditionTable(via.Table, v),
				" WHERE ", Col(v, edge.ViaSelf), " = ", Col(alias, "id"),
				" AND ", Col(v, "archived_at"), " IS NULL AND ").
				Sub(c.columnInViewKeys(Col(v, edge.ViaTarget), kid.Values)).Add(")")
		}
		t := c.NewAlias()
		p.Add("EXISTS (SELECT 1 FROM ", c.conditionTable(target.Table, t))
		p.Sub(c.joinCondition(e, edge, alias, t, false))
		return p.Add(" AND ", Col(t, "archived_at"), " IS NULL AND ").
			Sub(c.CompileCondition(target, t, kid)).Add(")")
	}
	return p.Add("1=0")
}

// ColumnInKeys returns the condition that a column, an SQL expression of type key, is one of the keys. Without keys the
// list is empty and no row matches.
func (c *Compiler) ColumnInKeys(column string, keys []uuid.UUID) *Fragment {
	p := &Fragment{}
	switch {
	case len(keys) == 1:
		return p.Add(column, " = ").Arg(keys[0].String())
	case c.IsPostgres:
		return p.Add(column, " = ANY(").Arg(pq.Array(KeyStrings(keys))).Add(")")
	}
	p.Add(column, " IN (")
	for i, k := range keys {
		if i > 0 {
			p.Add(",")
		}
		p.Arg(k.String())
	}
	return p.Add(")")
}

// columnInViewKeys returns the condition that a column is one of the keys of the view. When PostgreSQL sees the keys,
// and takes one country for larger than others, it plans the statement anew each time, which costs more than the
// statement itself. A caller with few rows may need such a plan. A statement that finds its rows by other keys, or by
// an index that begins with these, does not. With FoundByKey the keys therefore stand in a subquery that the planner
// does not look into.
func (c *Compiler) columnInViewKeys(column string, keys []uuid.UUID) *Fragment {
	switch {
	case !c.IsPostgres || !c.FoundByKey:
		return c.ColumnInKeys(column, keys)
	case len(keys) == 1:
		return (&Fragment{}).Add(column, " = (SELECT CAST(").Arg(keys[0].String()).Add(" AS uuid))")
	}
	return (&Fragment{}).Add(column, " = ANY(CAST((SELECT CAST(").Arg(pq.Array(KeyStrings(keys))).
		Add(" AS uuid[])) AS uuid[]))")
}

// KeyStrings returns the keys in their text form, in the same order.
func KeyStrings(keys []uuid.UUID) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return out
}

// joinCondition returns the WHERE clause that ties the row of the alias there to the row of the alias here, of entity
// e, over the edge. It follows FROM with the table of there. With view, the caller must be allowed to follow the
// reference, and the row of a joining entity must be visible too. The statement itself must limit here and there to
// visible rows. A condition of the policy itself passes view as false and follows every reference.
//
// Over a joining entity, a JOIN with its table precedes the WHERE clause, and there appears once for each joining row.
// A subquery of distinct keys would appear once too, but PostgreSQL would compute it again for each row of here.
func (c *Compiler) joinCondition(e *model.Entity, edge *model.Edge, here, there string, view bool) *Fragment {
	p := &Fragment{}
	switch edge.Kind {
	case model.ToOne:
		p.Add(" WHERE ", Col(there, "id"), " = ", Col(here, edge.Column))
		if view {
			p.Sub(c.followableEdge(e, here, edge))
		}
		return p
	case model.ToMany:
		p.Add(" WHERE ", Col(there, edge.Column), " = ", Col(here, "id"))
		if view {
			p.Sub(c.followableEdge(c.Model.Target(edge), there, edge))
		}
		return p
	}
	via, v := c.Model.Entity(edge.Via), c.NewAlias()
	from, visible := c.joiningRows(via, v, view, edge.ViaSelf, edge.ViaTarget)
	return p.Add(" JOIN ", from, " ON ", Col(v, edge.ViaTarget), " = ", Col(there, "id"),
		" WHERE ", Col(v, edge.ViaSelf), " = ", Col(here, "id"), " AND ").Sub(visible)
}

// joiningRows returns a joining entity's table as the alias, and the condition on its rows. With view, the rows must be
// visible to the caller. The rows to which the columns of keys lead must be visible by other conditions of the
// statement.
func (c *Compiler) joiningRows(
	via *model.Entity, alias string, view bool, keys ...string,
) (from string, visible *Fragment) {
	if !view {
		return c.conditionTable(via.Table, alias), (&Fragment{}).Add(Col(alias, "archived_at"), " IS NULL")
	}
	return TableAs(via, alias), c.visibleUnderParent(via, alias, keys...)
}

// throughTargetKeys returns a SELECT of the distinct keys that a Through edge leads to from the row with the key self,
// an SQL expression, over joining rows that are visible to the caller. The column is named id.
func (c *Compiler) throughTargetKeys(edge *model.Edge, self string) *Fragment {
	via, v := c.Model.Entity(edge.Via), c.NewAlias()
	from, there := c.joiningRows(via, v, true, edge.ViaSelf)
	return (&Fragment{}).Add("SELECT DISTINCT ", Col(v, edge.ViaTarget), " AS id FROM ", from,
		" WHERE ", Col(v, edge.ViaSelf), " = ", self, " AND ").Sub(there)
}

// ClearCondition returns the condition under which the caller sees the value of a field in a visible row. The result
// always reports that every visible row shows the value. The zero Cond with always false means that no row shows it.
func (c *Compiler) ClearCondition(e *model.Entity, f *model.Field) (clear access.Cond, always bool) {
	rows := c.View.RowsWhere(e.Name, model.Read)
	if f.HiddenUnderPseudonym && c.View.PseudonymKey(e.Name) != "" {
		return access.Cond{}, rows.Op == access.False
	}
	if f.Tag.Ident == classification.None { // the field identifies nobody and is shown with its row
		return rows, true
	}
	clear = c.View.ClearWhere(e.Name, f.Name, f.Tag)
	return clear, sameCondition(clear, rows)
}

// DerivedCondition returns the condition under which the caller sees d, a generalised value of the field f, in a
// visible row. The result always reports that every visible row shows it.
func (c *Compiler) DerivedCondition(
	e *model.Entity, f *model.Field, d *model.Derived,
) (shown access.Cond, always bool) {
	shown = c.View.GeneralisedWhere(e.Name, d.Name, f.Tag)
	return shown, sameCondition(shown, c.View.RowsWhere(e.Name, model.Read))
}

// derivedCell returns the stored value from which a generalised value is computed. It is null where the generalised
// value is not shown. Under a pseudonym it has the month only, like the cell of the field itself.
func (c *Compiler) derivedCell(e *model.Entity, alias string, f *model.Field, d *model.Derived) *Fragment {
	shown, always := c.DerivedCondition(e, f, d)
	value := c.unmaskedValue(e, alias, f)
	switch {
	case always:
		return (&Fragment{}).Add(value)
	case shown.Op == access.False:
		return (&Fragment{}).Add(c.typedNull(f))
	}
	return (&Fragment{}).Add("CASE WHEN ").Sub(c.CompileCondition(e, alias, shown)).Add(" THEN ", value, " END")
}

// sameCondition reports whether two conditions of one view are equal.
func sameCondition(a, b access.Cond) bool {
	return a.Op == b.Op && (a.Op == access.True || a.Op == access.False || reflect.DeepEqual(a, b))
}

// MaskedCell returns the value of a field of the row with the alias as the caller may see it. The value is null where
// the view masks it. The result masks reports that the view masks it in at least one row, so that a column that is
// never null may be null here. Under a pseudonym the pseudonym field gives the code of pseudonymCode, the version is 1,
// and a day or a time is reduced to its month.
func (c *Compiler) MaskedCell(e *model.Entity, alias string, f *model.Field) (p *Fragment, masks bool) {
	p = &Fragment{}
	names := c.PseudonymsOf(e)
	if f.Pseudonym && names != nil {
		return c.pseudonymCode(names, alias), false
	}
	if f.Column == "version" && names != nil { // the number of changes would be the same under every grant
		return p.Add("CAST(1 AS bigint)"), false // a bare 1 would order by the first column
	}
	clear, always := c.ClearCondition(e, f)
	value := c.unmaskedValue(e, alias, f)
	switch {
	case always:
		return p.Add(value), false
	case clear.Op == access.False:
		return p.Add(c.typedNull(f)), true
	}
	return p.Add("CASE WHEN ").Sub(c.CompileCondition(e, alias, clear)).Add(" THEN ", value, " END"), true
}

// unmaskedValue returns the value of a field that is not masked. It is the stored value, or only its month where
// showsMonthOnly says so.
func (c *Compiler) unmaskedValue(e *model.Entity, alias string, f *model.Field) string {
	stored := Col(alias, f.Column)
	if c.showsMonthOnly(e, f) {
		return c.truncateToMonth(f, stored)
	}
	return stored
}

// showsMonthOnly reports whether the field is a day or a time of a row under a pseudonym. The caller sees the first day
// of its month instead. Exact days would identify the same row under another grant, and a child with a known story.
func (c *Compiler) showsMonthOnly(e *model.Entity, f *model.Field) bool {
	return (f.Kind == model.Date || f.Kind == model.Time) && c.View.PseudonymKey(e.Name) != ""
}

// truncateToMonth returns the first day of the month of a value, an SQL expression of the field's type.
func (c *Compiler) truncateToMonth(f *model.Field, value string) string {
	switch {
	case !c.IsPostgres:
		return "(substr(" + value + ", 1, 7) || '-01 00:00:00+00:00')"
	case f.Kind == model.Date:
		return "CAST(date_trunc('month', CAST(" + value + " AS timestamp)) AS date)"
	}
	return "date_trunc('month', " + value + ", 'UTC')"
}

// nullTypes maps the kind of a field to the type of its null in PostgreSQL.
var nullTypes = map[model.Kind]string{
	model.String: "text", model.Enum: "text",
	model.Int: "bigint", model.Decimal: "bigint", model.Float: "double precision", model.Bool: "boolean",
	model.Time: "timestamptz", model.Date: "date", model.UUID: "uuid",
	model.Enums: "jsonb", model.Strings: "jsonb", model.Texts: "jsonb",
}

// typedNull returns a null of the field's type, because PostgreSQL cannot compare a null without a type.
func (c *Compiler) typedNull(f *model.Field) string {
	if !c.IsPostgres {
		return "NULL"
	}
	return "CAST(NULL AS " + nullTypes[f.Kind] + ")"
}

// localizedText returns a multilingual text in the first of the compiler's languages in which the text has a value.
func (c *Compiler) localizedText(cell *Fragment) *Fragment {
	p := (&Fragment{}).Add("COALESCE(")
	for i, lang := range c.Languages {
		if i > 0 {
			p.Add(",")
		}
		if c.IsPostgres {
			p.Add("(").Sub(cell).Add(`)->>'`, lang, `'`)
		} else {
			p.Add("json_extract(CAST((").Sub(cell).Add(`) AS TEXT),'$.`, lang, `')`)
		}
	}
	return p.Add(")")
}

// RenderStatement returns the text and the arguments of a complete statement in the form of the database. SQLite takes
// question marks. For PostgreSQL they become $1, $2 and so on.
func (c *Compiler) RenderStatement(p *Fragment) (string, []any) {
	text := p.String()
	if !c.IsPostgres {
		return text, p.Args
	}
	var b strings.Builder
	b.Grow(len(text) + 2*len(p.Args))
	for n := 1; ; n++ {
		before, after, more := strings.Cut(text, "?")
		b.WriteString(before)
		if !more {
			return b.String(), p.Args
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		text = after
	}
}
