// Package query turns a caller's view and a selection into SQL. It runs nothing: package store sends what it writes. Every
// table of a statement passes through Compiler.VisibleRows, and every value through Compiler.MaskedCell, in selections,
// filters, orders and cursors alike.
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

// Fragment is a piece of SQL with its arguments in order; a question mark stands for each.
type Fragment struct {
	text strings.Builder
	Args []any
}

func (p *Fragment) Add(words ...string) *Fragment {
	if p.text.Cap() == 0 {
		p.text.Grow(128) // most pieces are no longer: they are written without growing
	}
	for _, w := range words {
		p.text.WriteString(w)
	}
	return p
}

func (p *Fragment) Arg(values ...any) *Fragment {
	for i, v := range values {
		if i > 0 {
			p.text.WriteByte(',')
		}
		p.text.WriteByte('?')
		p.Args = append(p.Args, v)
	}
	return p
}

func (p *Fragment) Sub(o *Fragment) *Fragment {
	p.text.WriteString(o.text.String())
	p.Args = append(p.Args, o.Args...)
	return p
}

func (p *Fragment) String() string { return p.text.String() }

// Compiler writes SQL for one caller. Every table that a statement names gets the caller's row condition from
// visible, and every value of a row comes from cell: a statement that reached around the view would have to be
// written around these two.
type Compiler struct {
	View             *access.View
	Model            *model.Model
	IsPostgres       bool
	Languages        []string // the caller's, then the others that every text has one of
	Secret           database.Secret
	RowLevelSecurity bool // row-level security holds the hub
	FoundByKey       bool // the statement finds its rows by other keys than those of the view
	aliasCount       int
}

func (c *Compiler) NewAlias() string {
	c.aliasCount++
	return "t" + strconv.Itoa(c.aliasCount)
}

func Quote(name string) string { return `"` + name + `"` }

func Col(alias, column string) string { return alias + `."` + column + `"` }

// TableAs writes a table and its alias.
func TableAs(e *model.Entity, alias string) string { return Quote(e.Table) + " " + alias }

// conditionTable writes a table, and its alias, that a condition of the view looks at on its way; its rows need not be the caller's.
func (c *Compiler) conditionTable(name, alias string) string {
	if c.RowLevelSecurity {
		return database.PathViewName(name) + " " + alias
	}
	return Quote(name) + " " + alias
}

// VisibleRows is the condition that a row is in the caller's view.
func (c *Compiler) VisibleRows(e *model.Entity, alias string) *Fragment {
	return c.AllowedRows(e, alias, model.Read)
}

// AllowedRows is the condition that a row is there and the caller may do the action to it.
func (c *Compiler) AllowedRows(e *model.Entity, alias string, a model.Action) *Fragment {
	p := &Fragment{}
	p.Add(Col(alias, "archived_at"), " IS NULL")
	cond := c.View.RowsWhere(e.Name, a)
	if cond.Op != access.True {
		p.Add(" AND ").Sub(c.CompileCondition(e, alias, cond))
	}
	return p
}

// CompileCondition turns a condition of the view into SQL. It is never null: a missing key reaches nothing.
func (c *Compiler) CompileCondition(e *model.Entity, alias string, cond access.Cond) *Fragment {
	p := &Fragment{}
	switch cond.Op {
	case access.True:
		return p.Add("1=1")
	case access.And, access.Or:
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
		if edge.Kind == model.Through && kid.Op == access.KeyIn && kid.Column == "id" {
			via, v := c.Model.Entity(edge.Via), c.NewAlias()
			return p.Add("EXISTS (SELECT 1 FROM ", c.conditionTable(via.Table, v), " WHERE ", Col(v, edge.ViaSelf), " = ", Col(alias, "id"),
				" AND ", Col(v, "archived_at"), " IS NULL AND ").Sub(c.columnInViewKeys(Col(v, edge.ViaTarget), kid.Values)).Add(")")
		}
		t := c.NewAlias()
		p.Add("EXISTS (SELECT 1 FROM ", c.conditionTable(target.Table, t))
		p.Sub(c.joinCondition(e, edge, alias, t, false))
		return p.Add(" AND ", Col(t, "archived_at"), " IS NULL AND ").Sub(c.CompileCondition(target, t, kid)).Add(")")
	}
	return p.Add("1=0")
}

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

// columnInViewKeys is among for the keys of a view. PostgreSQL plans a statement anew each time where it takes one country for larger
// than others, which costs more than the statement itself. A caller with few rows may need that; but not where rows are
// found by other keys, or by an index that begins with these: then the planner is not shown them.
func (c *Compiler) columnInViewKeys(column string, keys []uuid.UUID) *Fragment {
	switch {
	case !c.IsPostgres || !c.FoundByKey:
		return c.ColumnInKeys(column, keys)
	case len(keys) == 1:
		return (&Fragment{}).Add(column, " = (SELECT CAST(").Arg(keys[0].String()).Add(" AS uuid))")
	}
	return (&Fragment{}).Add(column, " = ANY(CAST((SELECT CAST(").Arg(pq.Array(KeyStrings(keys))).Add(" AS uuid[])) AS uuid[]))")
}

func KeyStrings(keys []uuid.UUID) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return out
}

// joinCondition is the WHERE that ties the row of the alias "there" to the one of "here", of entity e, over the edge. The caller
// must be allowed to follow the reference, and over a joining entity the joining row must be in the caller's view too,
// unless the condition is the policy's own (view is false).
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
	return p.Add(" WHERE ", Col(there, "id"), " IN (").Sub(c.throughTargetKeys(edge, Col(here, "id"), view)).Add(")")
}

// throughTargetKeys lists the keys at the end of a Through edge of one row, each once.
func (c *Compiler) throughTargetKeys(edge *model.Edge, self string, view bool) *Fragment {
	via, v := c.Model.Entity(edge.Via), c.NewAlias()
	from, there := TableAs(via, v), c.visibleUnderParent(via, v, edge.ViaSelf)
	if !view {
		from, there = c.conditionTable(via.Table, v), (&Fragment{}).Add(Col(v, "archived_at"), " IS NULL")
	}
	return (&Fragment{}).Add("SELECT DISTINCT ", Col(v, edge.ViaTarget), " AS id FROM ", from, " WHERE ", Col(v, edge.ViaSelf), " = ", self, " AND ").Sub(there)
}

// ClearCondition says where a field's value is shown as it is, given that its row is: always, never, or by a condition.
func (c *Compiler) ClearCondition(e *model.Entity, f *model.Field) (access.Cond, bool) {
	rows := c.View.RowsWhere(e.Name, model.Read)
	if f.Traces && c.View.PseudonymKey(e.Name) != "" {
		return access.Cond{}, rows.Op == access.False
	}
	if f.Tag.Ident == classification.None { // what does not identify is shown with its row
		return rows, true
	}
	clear := c.View.ClearWhere(e.Name, f.Name, f.Tag)
	return clear, sameCondition(clear, rows)
}

// DerivedCondition says where a field that tells less than another is shown, given that its row is.
func (c *Compiler) DerivedCondition(e *model.Entity, f *model.Field, d *model.Derived) (access.Cond, bool) {
	shown := c.View.GeneralisedWhere(e.Name, d.Name, f.Tag)
	return shown, sameCondition(shown, c.View.RowsWhere(e.Name, model.Read))
}

// derivedCell is the value from which such a field is computed: null where it is not shown. It tells no more than the cell would.
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

// sameCondition reports whether two conditions of one view are the same.
func sameCondition(a, b access.Cond) bool {
	return a.Op == b.Op && (a.Op == access.True || a.Op == access.False || reflect.DeepEqual(a, b))
}

// FollowCondition says where a reference may be followed, there and back, given that the row that holds it is visible.
func (c *Compiler) FollowCondition(holder *model.Entity, edge *model.Edge) (access.Cond, bool) {
	rows := c.View.RowsWhere(holder.Name, model.Read)
	if edge.Tag.Ident == classification.None {
		return rows, true
	}
	clear := c.View.ClearWhere(holder.Name, edge.Name, edge.Tag)
	return clear, sameCondition(clear, rows)
}

// followableEdge is that condition, for the alias of the row that holds the reference; empty where it always holds.
func (c *Compiler) followableEdge(holder *model.Entity, alias string, edge *model.Edge) *Fragment {
	clear, always := c.FollowCondition(holder, edge)
	if always {
		return &Fragment{}
	}
	return (&Fragment{}).Add(" AND ").Sub(c.CompileCondition(holder, alias, clear))
}

// MaskedCell is the value of a field as the caller may see it: null where it is masked.
func (c *Compiler) MaskedCell(e *model.Entity, alias string, f *model.Field) (p *Fragment, masks bool) {
	p = &Fragment{}
	names := c.PseudonymsOf(e)
	if f.Pseudonym && names != nil {
		return c.pseudonymCode(names, alias), false
	}
	if f.Column == "version" && names != nil { // how often a row changed, and when, is the same under every grant
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

// unmaskedValue is what is told of a field where it is not masked: the stored value, or the month of it.
func (c *Compiler) unmaskedValue(e *model.Entity, alias string, f *model.Field) string {
	stored := Col(alias, f.Column)
	if c.showsMonthOnly(e, f) {
		return c.truncateToMonth(f, stored)
	}
	return stored
}

// showsMonthOnly reports whether the field is a day or an instant of rows under pseudonyms: of these the month is shown, as its
// first day, since by the days the same rows under another grant, and a child whose story is known, could be found.
func (c *Compiler) showsMonthOnly(e *model.Entity, f *model.Field) bool {
	return (f.Kind == model.Date || f.Kind == model.Time) && c.View.PseudonymKey(e.Name) != ""
}

// truncateToMonth is the first day of the month of a value of the field.
func (c *Compiler) truncateToMonth(f *model.Field, value string) string {
	switch {
	case !c.IsPostgres:
		return "(substr(" + value + ", 1, 7) || '-01 00:00:00+00:00')"
	case f.Kind == model.Date:
		return "CAST(date_trunc('month', CAST(" + value + " AS timestamp)) AS date)"
	}
	return "date_trunc('month', " + value + ", 'UTC')"
}

// typedNull is a null of the field's type, so that PostgreSQL knows how to compare it.
func (c *Compiler) typedNull(f *model.Field) string {
	if !c.IsPostgres {
		return "NULL"
	}
	return "CAST(NULL AS " + map[model.Kind]string{model.String: "text", model.Enum: "text", model.Int: "bigint", model.Decimal: "bigint",
		model.Float: "double precision", model.Bool: "boolean", model.Time: "timestamptz", model.Date: "date", model.UUID: "uuid",
		model.Enums: "jsonb", model.Strings: "jsonb", model.Texts: "jsonb"}[f.Kind] + ")"
}

// localizedText is a multilingual text in the first of the caller's languages that it has, else in any.
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

// Languages are those of the hub: every multilingual text has at least one of them.
var Languages = []string{"en", "fr", "es"}

// RenderStatement returns the statement as the database wants it.
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
