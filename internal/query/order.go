package query

import (
	"strings"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// SortKey is one key of an order, ready to be written for an alias.
type SortKey struct {
	Kind       model.Kind
	desc       bool
	nullable   bool
	expression func(alias string) *Fragment // needs no join: neighbours are read by a subquery
}

// sortKeys completes what the caller asked for with the entity's default order and, last, the row's key, so that the
// order is total.
func (c *Compiler) sortKeys(e *model.Entity, order []Order) []SortKey {
	if len(order) == 0 {
		column, desc, _ := strings.Cut(e.Order, " ")
		order = []Order{{Field: e.Column(column), Desc: desc == "desc"}}
	}
	var keys []SortKey
	for _, o := range order {
		keys = append(keys, c.sortKey(e, o))
	}
	return append(keys, SortKey{Kind: model.UUID, desc: keys[len(keys)-1].desc,
		expression: func(alias string) *Fragment { return c.tieBreaker(e, alias) }})
}

func (c *Compiler) sortKey(e *model.Entity, o Order) SortKey {
	end := e
	for _, step := range o.Path {
		end = c.Model.Target(step)
	}
	key := SortKey{Kind: model.Int, desc: o.Desc, nullable: len(o.Path) > 0}
	last := func(alias string) *Fragment {
		return (&Fragment{}).Add("(SELECT count(*)").Sub(c.edgeTargetRows(end, alias, &Predicate{Edge: o.Count})).Add(")")
	}
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

// valueAtPath reads a value of the visible row at the end of the path, null where there is none.
func (c *Compiler) valueAtPath(e *model.Entity, path []*model.Edge, alias string, last func(string) *Fragment) *Fragment {
	if len(path) == 0 {
		return last(alias)
	}
	target, t := c.Model.Target(path[0]), c.NewAlias()
	return (&Fragment{}).Add("(SELECT ").Sub(c.valueAtPath(target, path[1:], t, last)).Add(" FROM ", TableAs(target, t)).
		Sub(c.joinCondition(e, path[0], alias, t, true)).Add(" AND ").Sub(c.VisibleRows(target, t)).Add(")")
}

// orderByClause writes the keys; null is the greatest, in both databases. Backwards turns every key round.
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

// afterPosition is the condition that a row comes after the position, in the order or against it.
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
		case at[i] == nil && !desc: // nothing is greater than null
			p.Add("1=0")
		case at[i] == nil:
			p.Sub(k.expression(alias)).Add(" IS NOT NULL")
		case desc:
			p.Sub(k.expression(alias)).Add(" < ").Arg(at[i])
		case k.nullable:
			p.Add("(").Sub(k.expression(alias)).Add(" > ").Arg(at[i]).Add(" OR ").Sub(k.expression(alias)).Add(" IS NULL)")
		default:
			p.Sub(k.expression(alias)).Add(" > ").Arg(at[i])
		}
		p.Add(")")
	}
	return p.Add(")")
}

// rowValueComparison compares all keys as one row, which an index can serve, where all go the same way and none is null.
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

// foldedExpression is folded, of a text in the database. In PostgreSQL "C" knows the case of A to Z alone, and a text without accents,
// which is most, needs no more.
func (c *Compiler) foldedExpression(text *Fragment) *Fragment {
	p := &Fragment{}
	if !c.IsPostgres {
		return p.Add(database.SQLiteFoldFunction, "(").Sub(text).Add(")")
	}
	return p.Add("CASE WHEN octet_length(").Sub(text).Add(") = length(").Sub(text).Add(") THEN lower((").Sub(text).
		Add(`) COLLATE "C") ELSE lower(translate(normalize(`).Sub(text).Add(", NFD), '" + database.AccentMarks + `', '') COLLATE "C") END`)
}
