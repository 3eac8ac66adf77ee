package store

import (
	"strings"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// sortKey is one key of an order, ready to be written for an alias.
type sortKey struct {
	kind       model.Kind
	desc       bool
	nullable   bool
	expression func(alias string) *sqlFragment // needs no join: neighbours are read by a subquery
}

// sortKeys completes what the caller asked for with the entity's default order and, last, the row's key, so that the
// order is total.
func (c *compiler) sortKeys(e *model.Entity, order []Order) []sortKey {
	if len(order) == 0 {
		column, desc, _ := strings.Cut(e.Order, " ")
		order = []Order{{Field: e.Column(column), Desc: desc == "desc"}}
	}
	var keys []sortKey
	for _, o := range order {
		keys = append(keys, c.sortKey(e, o))
	}
	return append(keys, sortKey{kind: model.UUID, desc: keys[len(keys)-1].desc,
		expression: func(alias string) *sqlFragment { return c.tieBreaker(e, alias) }})
}

func (c *compiler) sortKey(e *model.Entity, o Order) sortKey {
	end := e
	for _, step := range o.Path {
		end = c.model.Target(step)
	}
	key := sortKey{kind: model.Int, desc: o.Desc, nullable: len(o.Path) > 0}
	last := func(alias string) *sqlFragment {
		return (&sqlFragment{}).add("(SELECT count(*)").sub(c.edgeTargetRows(end, alias, &Predicate{Edge: o.Count})).add(")")
	}
	if o.Count == nil {
		key.kind = o.Field.Kind
		_, masks := c.maskedCell(end, "x", o.Field)
		key.nullable = key.nullable || masks || o.Field.Nullable
		last = func(alias string) *sqlFragment {
			cell, _ := c.maskedCell(end, alias, o.Field)
			if o.Field.Kind == model.Texts {
				return c.foldedExpression(c.localizedText(cell))
			}
			return cell
		}
		if key.kind == model.Texts {
			key.kind = model.String
		}
	}
	key.expression = func(alias string) *sqlFragment { return c.valueAtPath(e, o.Path, alias, last) }
	return key
}

// valueAtPath reads a value of the visible row at the end of the path, null where there is none.
func (c *compiler) valueAtPath(e *model.Entity, path []*model.Edge, alias string, last func(string) *sqlFragment) *sqlFragment {
	if len(path) == 0 {
		return last(alias)
	}
	target, t := c.model.Target(path[0]), c.newAlias()
	return (&sqlFragment{}).add("(SELECT ").sub(c.valueAtPath(target, path[1:], t, last)).add(" FROM ", tableAs(target, t)).
		sub(c.joinCondition(e, path[0], alias, t, true)).add(" AND ").sub(c.visibleRows(target, t)).add(")")
}

// orderByClause writes the keys; null is the greatest, in both databases. Backwards turns every key round.
func (c *compiler) orderByClause(keys []sortKey, alias string, backwards bool) *sqlFragment {
	p := &sqlFragment{}
	for i, k := range keys {
		if i > 0 {
			p.add(", ")
		}
		p.sub(k.expression(alias))
		switch desc := k.desc != backwards; {
		case desc && k.nullable:
			p.add(" DESC NULLS FIRST")
		case desc:
			p.add(" DESC")
		case k.nullable:
			p.add(" ASC NULLS LAST")
		}
	}
	return p
}

// afterPosition is the condition that a row comes after the position, in the order or against it.
func (c *compiler) afterPosition(keys []sortKey, alias string, at []any, backwards bool) *sqlFragment {
	if p := c.rowValueComparison(keys, alias, at, backwards); p != nil {
		return p
	}
	p := (&sqlFragment{}).add("(")
	for i, k := range keys {
		if i > 0 {
			p.add(" OR ")
		}
		p.add("(")
		for j, same := range keys[:i] {
			if p.sub(same.expression(alias)); at[j] == nil {
				p.add(" IS NULL AND ")
			} else {
				p.add(" = ").arg(at[j]).add(" AND ")
			}
		}
		desc := k.desc != backwards
		switch {
		case at[i] == nil && !desc: // nothing is greater than null
			p.add("1=0")
		case at[i] == nil:
			p.sub(k.expression(alias)).add(" IS NOT NULL")
		case desc:
			p.sub(k.expression(alias)).add(" < ").arg(at[i])
		case k.nullable:
			p.add("(").sub(k.expression(alias)).add(" > ").arg(at[i]).add(" OR ").sub(k.expression(alias)).add(" IS NULL)")
		default:
			p.sub(k.expression(alias)).add(" > ").arg(at[i])
		}
		p.add(")")
	}
	return p.add(")")
}

// rowValueComparison compares all keys as one row, which an index can serve, where all go the same way and none is null.
func (c *compiler) rowValueComparison(keys []sortKey, alias string, at []any, backwards bool) *sqlFragment {
	left, right := &sqlFragment{}, &sqlFragment{}
	for i, k := range keys {
		if k.nullable || k.desc != keys[0].desc {
			return nil
		}
		if i > 0 {
			left.add(",")
			right.add(",")
		}
		left.sub(k.expression(alias))
		right.arg(at[i])
	}
	op := ") > ("
	if keys[0].desc != backwards {
		op = ") < ("
	}
	return (&sqlFragment{}).add("(").sub(left).add(op).sub(right).add(")")
}

// foldedExpression is folded, of a text in the database. In PostgreSQL "C" knows the case of A to Z alone, and a text without accents,
// which is most, needs no more.
func (c *compiler) foldedExpression(text *sqlFragment) *sqlFragment {
	p := &sqlFragment{}
	if !c.isPostgres {
		return p.add(database.SQLiteFoldFunction, "(").sub(text).add(")")
	}
	return p.add("CASE WHEN octet_length(").sub(text).add(") = length(").sub(text).add(") THEN lower((").sub(text).
		add(`) COLLATE "C") ELSE lower(translate(normalize(`).sub(text).add(", NFD), '" + database.AccentMarks + `', '') COLLATE "C") END`)
}
