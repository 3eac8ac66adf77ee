package query

import (
	"time"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// compilePredicate turns a predicate of the caller on the row of the alias, of entity e, into SQL. It works on what the
// caller may see. Fields are masked cells, and edges lead to visible rows only. The condition may be null, which counts
// as false.
func (c *Compiler) compilePredicate(e *model.Entity, alias string, pred *Predicate) *Fragment {
	p := &Fragment{}
	switch pred.Op {
	case PredicateAnd, PredicateOr:
		if len(pred.Operands) == 0 {
			return p.Add(map[PredicateOp]string{PredicateAnd: "1=1", PredicateOr: "1=0"}[pred.Op])
		}
		p.Add("(")
		for i := range pred.Operands {
			if i > 0 {
				p.Add(map[PredicateOp]string{PredicateAnd: " AND ", PredicateOr: " OR "}[pred.Op])
			}
			p.Sub(c.compilePredicate(e, alias, &pred.Operands[i]))
		}
		return p.Add(")")
	case PredicateNot:
		return p.Add("(").Sub(c.compilePredicate(e, alias, &pred.Operands[0])).Add(") IS NOT TRUE")
	case PredicateToOne:
		if target := c.Model.Target(pred.Edge); matchesAtMostOneRow(target, &pred.Operands[0]) {
			// The subquery gives one key, and the index of the foreign key finds the rows with it.
			t := c.NewAlias()
			return p.Add("(", Col(alias, pred.Edge.Column), " = (SELECT ", Col(t, "id"), " FROM ", TableAs(target, t),
				" WHERE ").Sub(c.VisibleRows(target, t)).
				Add(" AND ").Sub(c.compilePredicate(target, t, &pred.Operands[0])).Add(")").
				Sub(c.followableEdge(e, alias, pred.Edge)).Add(")")
		}
		return p.Add("EXISTS (SELECT 1").Sub(c.edgeTargetRows(e, alias, c.NewAlias(), pred)).Add(")")
	case PredicateSome, PredicateNone:
		if pred.Op == PredicateNone {
			p.Add("NOT ")
		}
		return p.Add("EXISTS (SELECT 1").Sub(c.edgeTargetRows(e, alias, c.NewAlias(), pred)).Add(")")
	case PredicateCount:
		return c.countCondition(e, alias, pred)
	}
	if pred.Field == nil {
		return c.compileComparison((&Fragment{}).Add(Col(alias, "id")), model.UUID, c.resolvePseudonyms(e, pred))
	}
	cell, _ := c.MaskedCell(e, alias, pred.Field)
	return c.compileComparison(cell, pred.Field.Kind, pred)
}

// edgeTargetRows returns the FROM and WHERE clauses of the visible rows at the end of the predicate's edge that satisfy
// its operand, with the alias t. Without an operand it returns those of all visible rows there. A row may appear once
// for each joining row that leads to it.
func (c *Compiler) edgeTargetRows(e *model.Entity, alias, t string, pred *Predicate) *Fragment {
	target := c.Model.Target(pred.Edge)
	visible := c.visibleAtEdge(pred, t)
	p := (&Fragment{}).Add(" FROM ", TableAs(target, t)).
		Sub(c.joinCondition(e, pred.Edge, alias, t, true)).Add(" AND ").Sub(visible)
	if len(pred.Operands) > 0 {
		p.Add(" AND ").Sub(c.compilePredicate(target, t, &pred.Operands[0]))
	}
	return p
}

// visibleAtEdge returns the condition of VisibleRows for the row of the alias at the end of the predicate's edge. A
// count is taken for one row of the edge's origin at a time. Its rows are tested one by one, unless the caller sees few
// of them.
func (c *Compiler) visibleAtEdge(pred *Predicate, alias string) *Fragment {
	target := c.Model.Target(pred.Edge)
	visible := func() *Fragment {
		if pred.Edge.Kind == model.ToMany {
			return c.visibleUnderParent(target, alias, pred.Edge.Column)
		}
		return c.VisibleRows(target, alias)
	}
	counts := pred.Op != PredicateSome && pred.Op != PredicateNone && pred.Op != PredicateToOne
	if counts && !c.namesPersons(target, c.View.RowsWhere(target.Name, model.Read)) {
		return visible()
	}
	return c.inSetsOfKeys(visible)
}

// comparisonOperators maps the comparisons with one value to their operators in SQL.
var comparisonOperators = map[Comparison]string{
	Eq: " = ", Neq: " <> ", Lt: " < ", Lte: " <= ", Gt: " > ", Gte: " >= ",
}

// compileComparison returns the comparison of an expression of the kind with the values of the predicate. OneOf with an
// empty list matches no row. NotOneOf with an empty list matches every row that has a value.
func (c *Compiler) compileComparison(value *Fragment, kind model.Kind, pred *Predicate) *Fragment {
	p := &Fragment{}
	list := kind == model.Strings || kind == model.Enums
	switch pred.Comparison {
	case IsNull:
		if pred.Values[0].(bool) {
			return p.Add("(").Sub(value).Add(") IS NULL")
		}
		return p.Add("(").Sub(value).Add(") IS NOT NULL")
	case OneOf, NotOneOf:
		if len(pred.Values) == 0 {
			if pred.Comparison == OneOf {
				return p.Add("1=0")
			}
			return p.Add("(").Sub(value).Add(") IS NOT NULL")
		}
		p.Add("(").Sub(value).Add(map[Comparison]string{OneOf: ") IN (", NotOneOf: ") NOT IN ("}[pred.Comparison])
		for i, v := range pred.Values {
			if i > 0 {
				p.Add(",")
			}
			p.Arg(driverValue(v))
		}
		return p.Add(")")
	case Contains, HasPrefix:
		switch {
		case list:
			return c.listContains(value, pred.Values[0])
		case kind == model.Texts && c.IsPostgres:
			return p.Add("EXISTS (SELECT 1 FROM jsonb_each_text(").Sub(value).Add(") j WHERE ").
				Sub(c.textMatches((&Fragment{}).Add("j.value"), pred)).Add(")")
		case kind == model.Texts:
			return p.Add("EXISTS (SELECT 1 FROM json_each(CAST((").Sub(value).Add(") AS TEXT)) j WHERE ").
				Sub(c.textMatches((&Fragment{}).Add("j.value"), pred)).Add(")")
		}
		return p.Sub(c.textMatches((&Fragment{}).Add("(").Sub(value).Add(")"), pred))
	}
	return p.Add("(").Sub(value).Add(")", comparisonOperators[pred.Comparison]).Arg(driverValue(pred.Values[0]))
}

// listContains returns the condition that a JSON list, an SQL expression, contains the value.
func (c *Compiler) listContains(list *Fragment, value any) *Fragment {
	if c.IsPostgres {
		return (&Fragment{}).Add("jsonb_exists(").Sub(list).Add(",").Arg(value).Add(")")
	}
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM json_each(CAST((").Sub(list).
		Add(") AS TEXT)) j WHERE j.value = ").Arg(value).Add(")")
}

// resolvePseudonyms returns the predicate with the stored keys of rows in place of their pseudonyms. It returns the
// predicate itself when the caller sees the entity without pseudonyms.
func (c *Compiler) resolvePseudonyms(e *model.Entity, pred *Predicate) *Predicate {
	names := c.PseudonymsOf(e)
	if names == nil {
		return pred
	}
	own := *pred
	own.Values = nil
	for _, v := range pred.Values {
		if id, ok := v.(uuid.UUID); ok {
			v = names.StoredKey(id)
		}
		own.Values = append(own.Values, v)
	}
	return &own
}

// textMatches returns the condition that a text, an SQL expression, contains the predicate's text or begins with it.
// Accents and the case of A to Z do not count.
func (c *Compiler) textMatches(value *Fragment, pred *Predicate) *Fragment {
	needle, p := database.FoldText(pred.Values[0].(string)), &Fragment{}
	if c.IsPostgres {
		p.Add("strpos(").Sub(c.foldedExpression(value)).Add(",CAST(").Arg(needle).Add(" AS text))")
	} else {
		p.Add("instr(").Sub(c.foldedExpression(value)).Add(",").Arg(needle).Add(")")
	}
	if pred.Comparison == HasPrefix {
		return p.Add(" = 1")
	}
	return p.Add(" > 0")
}

// driverValue returns a value in a form that both drivers take.
func driverValue(v any) any {
	switch v := v.(type) {
	case uuid.UUID:
		return v.String()
	case time.Time:
		return v.UTC()
	}
	return v
}
