package query

import (
	"strings"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// SortKey is one key of an order. It writes its expression for any alias.
type SortKey struct {
	Kind       model.Kind // kind of the expression's value
	desc       bool
	nullable   bool                         // the expression can be null
	expression func(alias string) *Fragment // needs no join, since a subquery reads the rows at the end of edges
}

// sortKeys returns the keys of the requested order, or of the entity's default order when none is requested. The
// tie-breaker of the row is the last key, so that the order is total.
func (c *Compiler) sortKeys(e *model.Entity, order []Order) []SortKey {
	if len(order) == 0 {
		column, desc, _ := strings.Cut(e.Order, " ")
		order = []Order{{Field: e.Column(column), Desc: desc == "desc"}}
	}
	var keys []SortKey
	for _, o := range order {
		keys = append(keys, c.sortKey(e, o))
	}
	return append(keys, SortKey{
		Kind:       model.UUID,
		desc:       keys[len(keys)-1].desc,
		expression: func(alias string) *Fragment { return c.tieBreaker(e, alias) },
	})
}

// sortKey returns the key for one requested order of rows of the entity. Its value is a masked cell, or the number of
// visible rows at the end of an edge. A multilingual text is ordered by its folded text in the caller's language.
func (c *Compiler) sortKey(e *model.Entity, o Order) SortKey {
	end := e
	for _, step := range o.Path {
		end = c.Model.Target(step)
	}
	key := SortKey{Kind: model.Int, desc: o.Desc, nullable: len(o.Path) > 0}
	last := func(alias string) *Fragment { return c.countAtEdge(end, alias, &Predicate{Edge: o.Count}) }
	if o.Count == nil {
		key.Kind = o.Field.Kind
		_, masks := c.MaskedCell(end, "x", o.Field)
		key.nullable = key.nullable || masks || o.Field.Nullable
		last = func(alias string) *Fragment {
			cell, _ := c.MaskedCell(end, alias, o.Field)
			if o.Field.Kind == model.Texts {
				return c.foldedExpression(c.localizedText(cell))
			}
			return cell
		}
		if key.Kind == model.Texts {
			key.Kind = model.String
		}
	}
	key.expression = func(alias string) *Fragment { return c.valueAtPath(e, o.Path, alias, last) }
	return key
}

// valueAtPath returns an expression for a value of the row at the end of the path, where last writes the value for the
// alias of that row. It is null when a row on the path is missing or hidden from the caller.
func (c *Compiler) valueAtPath(
	e *model.Entity, path []*model.Edge, alias string, last func(string) *Fragment,
) *Fragment {
	if len(path) == 0 {
		return last(alias)
	}
	target, t := c.Model.Target(path[0]), c.NewAlias()
	return (&Fragment{}).Add("(SELECT ").Sub(c.valueAtPath(target, path[1:], t, last)).
		Add(" FROM ", TableAs(target, t)).
		Sub(c.joinCondition(e, path[0], alias, t, true)).Add(" AND ").Sub(c.VisibleRows(target, t)).Add(")")
}

// orderByClause returns the terms of an ORDER BY. Null is the greatest value in both databases. With backwards, the
// direction of every key is reversed.
func (c *Compiler) orderByClause(keys []SortKey, alias string, backwards bool) *Fragment {
	p := &Fragment{}
	for i, k := range keys {
		if i > 0 {
			p.Add(", ")
		}
		p.Sub(k.expression(alias))
		switch desc := k.desc != backwards; {
		case desc && k.nullable:
			p.Add(" DESC NULLS FIRST")
		case desc:
			p.Add(" DESC")
		case k.nullable:
			p.Add(" ASC NULLS LAST")
		}
	}
	return p
}

// afterPosition returns the condition that a row comes after the position in the order, or with backwards before it.
// The position has one value for each key, nil for null.
func (c *Compiler) afterPosition(keys []SortKey, alias string, at []any, backwards bool) *Fragment {
	if p := c.rowValueComparison(keys, alias, at, backwards); p != nil {
		return p
	}
	p := (&Fragment{}).Add("(")
	for i, k := range keys {
		if i > 0 {
			p.Add(" OR ")
		}
		p.Add("(")
		for j, same := range keys[:i] {
			if p.Sub(same.expression(alias)); at[j] == nil {
				p.Add(" IS NULL AND ")
			} else {
				p.Add(" = ").Arg(at[j]).Add(" AND ")
			}
		}
		desc := k.desc != backwards
		switch {
		case at[i] == nil && !desc: // no value is greater than null
			p.Add("1=0")
		case at[i] == nil:
			p.Sub(k.expression(alias)).Add(" IS NOT NULL")
		case desc:
			p.Sub(k.expression(alias)).Add(" < ").Arg(at[i])
		case k.nullable:
			p.Add("(").Sub(k.expression(alias)).Add(" > ").Arg(at[i]).
				Add(" OR ").Sub(k.expression(alias)).Add(" IS NULL)")
		default:
			p.Sub(k.expression(alias)).Add(" > ").Arg(at[i])
		}
		p.Add(")")
	}
	return p.Add(")")
}

// rowValueComparison returns the condition of afterPosition as one comparison of row values, which can use an index. It
// returns nil when the keys have different directions, or when one of them can be null.
func (c *Compiler) rowValueComparison(keys []SortKey, alias string, at []any, backwards bool) *Fragment {
	left, right := &Fragment{}, &Fragment{}
	for i, k := range keys {
		if k.nullable || k.desc != keys[0].desc {
			return nil
		}
		if i > 0 {
			left.Add(",")
			right.Add(",")
		}
		left.Sub(k.expression(alias))
		right.Arg(at[i])
	}
	op := ") > ("
	if keys[0].desc != backwards {
		op = ") < ("
	}
	return (&Fragment{}).Add("(").Sub(left).Add(op).Sub(right).Add(")")
}

// foldedExpression returns an expression for a text with A to Z in lower case and without accents, which equals
// database.FoldText of the text.
// On PostgreSQL an ASCII text, which most are, takes a short way. Collation "C" knows the case of A to Z only, which is
// enough for it.
func (c *Compiler) foldedExpression(text *Fragment) *Fragment {
	p := &Fragment{}
	if !c.IsPostgres {
		return p.Add(database.SQLiteFoldFunction, "(").Sub(text).Add(")")
	}
	return p.Add("CASE WHEN octet_length(").Sub(text).Add(") = length(").Sub(text).Add(")").
		Add(" THEN lower((").Sub(text).Add(`) COLLATE "C")`).
		Add(" ELSE lower(translate(normalize(").Sub(text).
		Add(", NFD), '", database.AccentMarks, `', '') COLLATE "C") END`)
}
