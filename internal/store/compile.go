package store

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// part is a piece of SQL with its arguments in order; a question mark stands for each.
type part struct {
	text strings.Builder
	args []any
}

func (p *part) add(words ...string) *part {
	if p.text.Cap() == 0 {
		p.text.Grow(128) // most pieces are no longer: they are written without growing
	}
	for _, w := range words {
		p.text.WriteString(w)
	}
	return p
}

func (p *part) arg(values ...any) *part {
	for i, v := range values {
		if i > 0 {
			p.text.WriteByte(',')
		}
		p.text.WriteByte('?')
		p.args = append(p.args, v)
	}
	return p
}

func (p *part) sub(o *part) *part {
	p.text.WriteString(o.text.String())
	p.args = append(p.args, o.args...)
	return p
}

func (p *part) String() string { return p.text.String() }

// compiler writes SQL for one caller. Every table that a statement names gets the caller's row condition from
// visible, and every value of a row comes from cell: a statement that reached around the view would have to be
// written around these two.
type compiler struct {
	view    *access.View
	model   *model.Model
	pg      bool
	langs   []string // the caller's, then the others that every text has one of
	secret  Secret
	walled  bool // row-level security holds the hub
	found   bool // the statement finds its rows by other keys than those of the view
	aliases int
}

func (c *compiler) alias() string {
	c.aliases++
	return "t" + strconv.Itoa(c.aliases)
}

func quote(name string) string { return `"` + name + `"` }

func col(alias, column string) string { return alias + `."` + column + `"` }

// table writes a table and its alias.
func table(e *model.Entity, alias string) string { return quote(e.Table) + " " + alias }

// path writes a table, and its alias, that a condition of the view looks at on its way; its rows need not be the caller's.
func (c *compiler) path(name, alias string) string {
	if c.walled {
		return beside(name) + " " + alias
	}
	return quote(name) + " " + alias
}

// visible is the condition that a row is in the caller's view.
func (c *compiler) visible(e *model.Entity, alias string) *part {
	return c.allowed(e, alias, model.Read)
}

// allowed is the condition that a row is there and the caller may do the action to it.
func (c *compiler) allowed(e *model.Entity, alias string, a model.Action) *part {
	p := &part{}
	p.add(col(alias, "archived_at"), " IS NULL")
	cond := c.view.Rows(e.Name, a)
	if cond.Op != access.True {
		p.add(" AND ").sub(c.cond(e, alias, cond))
	}
	return p
}

// cond turns a condition of the view into SQL. It is never null: a missing key reaches nothing.
func (c *compiler) cond(e *model.Entity, alias string, cond access.Cond) *part {
	p := &part{}
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
			p.sub(c.cond(e, alias, k))
		}
		return p.add(")")
	case access.Not:
		return p.add("(").sub(c.cond(e, alias, cond.Kids[0])).add(") IS NOT TRUE")
	case access.In:
		return c.held(col(alias, cond.Column), cond.Values)
	case access.Is:
		return p.add(col(alias, cond.Column), " IN (").sub(words(cond.Words)).add(")")
	case access.Within:
		return c.within(alias, cond.Column, cond.Day, cond.Last)
	case access.Lasting:
		until := col(alias, cond.Column)
		return p.add("(", until, " IS NULL OR ", until, " >= ").arg(cond.Day).add(")")
	case access.Agreed:
		return c.agreed(alias, cond)
	case access.Covered:
		return c.covered(alias, cond)
	case access.Referred:
		return c.referred(alias, cond)
	case access.Via:
		edge := e.Edge(cond.Edge)
		target, kid := c.model.Target(edge), cond.Kids[0]
		if edge.Kind == model.Through && kid.Op == access.In && kid.Column == "id" {
			via, v := c.model.Entity(edge.Via), c.alias()
			return p.add("EXISTS (SELECT 1 FROM ", c.path(via.Table, v), " WHERE ", col(v, edge.ViaSelf), " = ", col(alias, "id"),
				" AND ", col(v, "archived_at"), " IS NULL AND ").sub(c.held(col(v, edge.ViaTarget), kid.Values)).add(")")
		}
		t := c.alias()
		p.add("EXISTS (SELECT 1 FROM ", c.path(target.Table, t))
		p.sub(c.link(e, edge, alias, t, false))
		return p.add(" AND ", col(t, "archived_at"), " IS NULL AND ").sub(c.cond(target, t, kid)).add(")")
	}
	return p.add("1=0")
}

func (c *compiler) among(column string, keys []uuid.UUID) *part {
	p := &part{}
	switch {
	case len(keys) == 1:
		return p.add(column, " = ").arg(keys[0].String())
	case c.pg:
		return p.add(column, " = ANY(").arg(pq.Array(texts(keys))).add(")")
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

// held is among for the keys of a view. PostgreSQL plans a statement anew each time where it takes one country for larger
// than others, which costs more than the statement itself. A caller with few rows may need that; but not where rows are
// found by other keys, or by an index that begins with these: then the planner is not shown them.
func (c *compiler) held(column string, keys []uuid.UUID) *part {
	switch {
	case !c.pg || !c.found:
		return c.among(column, keys)
	case len(keys) == 1:
		return (&part{}).add(column, " = (SELECT CAST(").arg(keys[0].String()).add(" AS uuid))")
	}
	return (&part{}).add(column, " = ANY(CAST((SELECT CAST(").arg(pq.Array(texts(keys))).add(" AS uuid[])) AS uuid[]))")
}

func texts(keys []uuid.UUID) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return out
}

// link is the WHERE that ties the row of the alias "there" to the one of "here", of entity e, over the edge. The caller
// must be allowed to follow the reference, and over a joining entity the joining row must be in the caller's view too,
// unless the condition is the policy's own (view is false).
func (c *compiler) link(e *model.Entity, edge *model.Edge, here, there string, view bool) *part {
	p := &part{}
	switch edge.Kind {
	case model.ToOne:
		p.add(" WHERE ", col(there, "id"), " = ", col(here, edge.Column))
		if view {
			p.sub(c.followed(e, here, edge))
		}
		return p
	case model.ToMany:
		p.add(" WHERE ", col(there, edge.Column), " = ", col(here, "id"))
		if view {
			p.sub(c.followed(c.model.Target(edge), there, edge))
		}
		return p
	}
	return p.add(" WHERE ", col(there, "id"), " IN (").sub(c.targets(edge, col(here, "id"), view)).add(")")
}

// targets lists the keys at the end of a Through edge of one row, each once.
func (c *compiler) targets(edge *model.Edge, self string, view bool) *part {
	via, v := c.model.Entity(edge.Via), c.alias()
	from, there := table(via, v), c.beneath(via, v, edge.ViaSelf)
	if !view {
		from, there = c.path(via.Table, v), (&part{}).add(col(v, "archived_at"), " IS NULL")
	}
	return (&part{}).add("SELECT DISTINCT ", col(v, edge.ViaTarget), " AS id FROM ", from, " WHERE ", col(v, edge.ViaSelf), " = ", self, " AND ").sub(there)
}

// clear says where a field's value is shown as it is, given that its row is: always, never, or by a condition.
func (c *compiler) clear(e *model.Entity, f *model.Field) (access.Cond, bool) {
	rows := c.view.Rows(e.Name, model.Read)
	if f.Traces && c.view.Pseudonyms(e.Name) != "" {
		return access.Cond{}, rows.Op == access.False
	}
	if f.Tag.Ident == classification.None { // what does not identify is shown with its row
		return rows, true
	}
	clear := c.view.Clear(e.Name, f.Name, f.Tag)
	return clear, same(clear, rows)
}

// generalises says where a field that tells less than another is shown, given that its row is.
func (c *compiler) generalises(e *model.Entity, f *model.Field, d *model.Derived) (access.Cond, bool) {
	shown := c.view.Generalised(e.Name, d.Name, f.Tag)
	return shown, same(shown, c.view.Rows(e.Name, model.Read))
}

// generalised is the value from which such a field is computed: null where it is not shown. It tells no more than the cell would.
func (c *compiler) generalised(e *model.Entity, alias string, f *model.Field, d *model.Derived) *part {
	shown, always := c.generalises(e, f, d)
	value := c.value(e, alias, f)
	switch {
	case always:
		return (&part{}).add(value)
	case shown.Op == access.False:
		return (&part{}).add(c.null(f))
	}
	return (&part{}).add("CASE WHEN ").sub(c.cond(e, alias, shown)).add(" THEN ", value, " END")
}

// same reports whether two conditions of one view are the same.
func same(a, b access.Cond) bool {
	return a.Op == b.Op && (a.Op == access.True || a.Op == access.False || reflect.DeepEqual(a, b))
}

// follows says where a reference may be followed, there and back, given that the row that holds it is visible.
func (c *compiler) follows(holder *model.Entity, edge *model.Edge) (access.Cond, bool) {
	rows := c.view.Rows(holder.Name, model.Read)
	if edge.Tag.Ident == classification.None {
		return rows, true
	}
	clear := c.view.Clear(holder.Name, edge.Name, edge.Tag)
	return clear, same(clear, rows)
}

// followed is that condition, for the alias of the row that holds the reference; empty where it always holds.
func (c *compiler) followed(holder *model.Entity, alias string, edge *model.Edge) *part {
	clear, always := c.follows(holder, edge)
	if always {
		return &part{}
	}
	return (&part{}).add(" AND ").sub(c.cond(holder, alias, clear))
}

// cell is the value of a field as the caller may see it: null where it is masked.
func (c *compiler) cell(e *model.Entity, alias string, f *model.Field) (p *part, masks bool) {
	p = &part{}
	names := c.pseudonym(e)
	if f.Pseudonym && names != nil {
		return c.code(names, alias), false
	}
	if f.Column == "version" && names != nil { // how often a row changed, and when, is the same under every grant
		return p.add("CAST(1 AS bigint)"), false // a bare 1 would order by the first column
	}
	clear, always := c.clear(e, f)
	value := c.value(e, alias, f)
	switch {
	case always:
		return p.add(value), false
	case clear.Op == access.False:
		return p.add(c.null(f)), true
	}
	return p.add("CASE WHEN ").sub(c.cond(e, alias, clear)).add(" THEN ", value, " END"), true
}

// value is what is told of a field where it is not masked: the stored value, or the month of it.
func (c *compiler) value(e *model.Entity, alias string, f *model.Field) string {
	stored := col(alias, f.Column)
	if c.coarse(e, f) {
		return c.month(f, stored)
	}
	return stored
}

// coarse reports whether the field is a day or an instant of rows under pseudonyms: of these the month is shown, as its
// first day, since by the days the same rows under another grant, and a child whose story is known, could be found.
func (c *compiler) coarse(e *model.Entity, f *model.Field) bool {
	return (f.Kind == model.Date || f.Kind == model.Time) && c.view.Pseudonyms(e.Name) != ""
}

// month is the first day of the month of a value of the field.
func (c *compiler) month(f *model.Field, value string) string {
	switch {
	case !c.pg:
		return "(substr(" + value + ", 1, 7) || '-01 00:00:00+00:00')"
	case f.Kind == model.Date:
		return "CAST(date_trunc('month', CAST(" + value + " AS timestamp)) AS date)"
	}
	return "date_trunc('month', " + value + ", 'UTC')"
}

// null is a null of the field's type, so that PostgreSQL knows how to compare it.
func (c *compiler) null(f *model.Field) string {
	if !c.pg {
		return "NULL"
	}
	return "CAST(NULL AS " + map[model.Kind]string{model.String: "text", model.Enum: "text", model.Int: "bigint", model.Decimal: "bigint",
		model.Float: "double precision", model.Bool: "boolean", model.Time: "timestamptz", model.Date: "date", model.UUID: "uuid",
		model.Enums: "jsonb", model.Strings: "jsonb", model.Texts: "jsonb"}[f.Kind] + ")"
}

// spoken is a multilingual text in the first of the caller's languages that it has, else in any.
func (c *compiler) spoken(cell *part) *part {
	p := (&part{}).add("COALESCE(")
	for i, lang := range c.langs {
		if i > 0 {
			p.add(",")
		}
		if c.pg {
			p.add("(").sub(cell).add(`)->>'`, lang, `'`)
		} else {
			p.add("json_extract(CAST((").sub(cell).add(`) AS TEXT),'$.`, lang, `')`)
		}
	}
	return p.add(")")
}

// Languages are those of the hub: every multilingual text has at least one of them.
var Languages = []string{"en", "fr", "es"}

// finish returns the statement as the database wants it.
func (c *compiler) finish(p *part) (string, []any) {
	text := p.String()
	if !c.pg {
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
