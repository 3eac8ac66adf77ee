package store

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// compilePredicate turns what a caller asks for into SQL, on what the caller may see: fields are masked cells, and rows reached
// by edges are visible ones. The result may be null, which counts as false.
func (c *compiler) compilePredicate(e *model.Entity, alias string, pred *Predicate) *sqlFragment {
	p := &sqlFragment{}
	switch pred.Op {
	case PredicateAnd, PredicateOr:
		if len(pred.Operands) == 0 {
			return p.add(map[PredicateOp]string{PredicateAnd: "1=1", PredicateOr: "1=0"}[pred.Op])
		}
		p.add("(")
		for i := range pred.Operands {
			if i > 0 {
				p.add(map[PredicateOp]string{PredicateAnd: " AND ", PredicateOr: " OR "}[pred.Op])
			}
			p.sub(c.compilePredicate(e, alias, &pred.Operands[i]))
		}
		return p.add(")")
	case PredicateNot:
		return p.add("(").sub(c.compilePredicate(e, alias, &pred.Operands[0])).add(") IS NOT TRUE")
	case PredicateToOne:
		if target := c.model.Target(pred.Edge); matchesAtMostOneRow(target, &pred.Operands[0]) {
			// a key that is looked up once can be found by the index of the foreign key
			t := c.newAlias()
			return p.add("(", col(alias, pred.Edge.Column), " = (SELECT ", col(t, "id"), " FROM ", tableAs(target, t), " WHERE ").sub(c.visibleRows(target, t)).
				add(" AND ").sub(c.compilePredicate(target, t, &pred.Operands[0])).add(")").sub(c.followableEdge(e, alias, pred.Edge)).add(")")
		}
		return p.add("EXISTS (SELECT 1").sub(c.edgeTargetRows(e, alias, pred)).add(")")
	case PredicateSome, PredicateNone:
		if pred.Op == PredicateNone {
			p.add("NOT ")
		}
		return p.add("EXISTS (SELECT 1").sub(c.edgeTargetRows(e, alias, pred)).add(")")
	case PredicateCount:
		p.add("(SELECT count(*)").sub(c.edgeTargetRows(e, alias, pred)).add(")")
		return c.compileComparison(p, model.Int, pred)
	}
	if pred.Field == nil {
		return c.compileComparison((&sqlFragment{}).add(col(alias, "id")), model.UUID, c.resolvePseudonyms(e, pred))
	}
	cell, _ := c.maskedCell(e, alias, pred.Field)
	return c.compileComparison(cell, pred.Field.Kind, pred)
}

// matchesAtMostOneRow reports whether a condition can hold for one row only: it asks for a value of a unique key.
func matchesAtMostOneRow(e *model.Entity, p *Predicate) bool {
	if p.Op == PredicateAnd {
		return slices.ContainsFunc(p.Operands, func(k Predicate) bool { return matchesAtMostOneRow(e, &k) })
	}
	return p.Op == PredicateField && p.Comparison == Eq && (p.Field == nil || slices.ContainsFunc(e.Unique, func(key []string) bool { return len(key) == 1 && key[0] == p.Field.Column }))
}

// edgeTargetRows is the FROM and WHERE of the visible rows at the end of the predicate's edge that satisfy it.
func (c *compiler) edgeTargetRows(e *model.Entity, alias string, pred *Predicate) *sqlFragment {
	target, t := c.model.Target(pred.Edge), c.newAlias()
	p := (&sqlFragment{}).add(" FROM ", tableAs(target, t)).sub(c.joinCondition(e, pred.Edge, alias, t, true)).add(" AND ").sub(c.visibleRows(target, t))
	if len(pred.Operands) > 0 {
		p.add(" AND ").sub(c.compilePredicate(target, t, &pred.Operands[0]))
	}
	return p
}

var comparisonOperators = map[Comparison]string{Eq: " = ", Neq: " <> ", Lt: " < ", Lte: " <= ", Gt: " > ", Gte: " >= "}

// compileComparison compares a value. An empty list matches nothing, and its opposite whatever has a value.
func (c *compiler) compileComparison(value *sqlFragment, kind model.Kind, pred *Predicate) *sqlFragment {
	p := &sqlFragment{}
	list := kind == model.Strings || kind == model.Enums
	switch pred.Comparison {
	case IsNull:
		if pred.Values[0].(bool) {
			return p.add("(").sub(value).add(") IS NULL")
		}
		return p.add("(").sub(value).add(") IS NOT NULL")
	case OneOf, NotOneOf:
		if len(pred.Values) == 0 {
			if pred.Comparison == OneOf {
				return p.add("1=0")
			}
			return p.add("(").sub(value).add(") IS NOT NULL")
		}
		p.add("(").sub(value).add(map[Comparison]string{OneOf: ") IN (", NotOneOf: ") NOT IN ("}[pred.Comparison])
		for i, v := range pred.Values {
			if i > 0 {
				p.add(",")
			}
			p.arg(driverValue(v))
		}
		return p.add(")")
	case Contains, HasPrefix:
		switch {
		case list:
			return c.listContains(value, pred.Values[0])
		case kind == model.Texts && c.isPostgres:
			return p.add("EXISTS (SELECT 1 FROM jsonb_each_text(").sub(value).add(") j WHERE ").sub(c.textMatches((&sqlFragment{}).add("j.value"), pred)).add(")")
		case kind == model.Texts:
			return p.add("EXISTS (SELECT 1 FROM json_each(CAST((").sub(value).add(") AS TEXT)) j WHERE ").sub(c.textMatches((&sqlFragment{}).add("j.value"), pred)).add(")")
		}
		return p.sub(c.textMatches((&sqlFragment{}).add("(").sub(value).add(")"), pred))
	}
	return p.add("(").sub(value).add(")", comparisonOperators[pred.Comparison]).arg(driverValue(pred.Values[0]))
}

// listContains is the condition that a JSON list has the value.
func (c *compiler) listContains(list *sqlFragment, value any) *sqlFragment {
	if c.isPostgres {
		return (&sqlFragment{}).add("jsonb_exists(").sub(list).add(",").arg(value).add(")")
	}
	return (&sqlFragment{}).add("EXISTS (SELECT 1 FROM json_each(CAST((").sub(list).add(") AS TEXT)) j WHERE j.value = ").arg(value).add(")")
}

// resolvePseudonyms turns the ids that a condition compares into the rows' own keys.
func (c *compiler) resolvePseudonyms(e *model.Entity, pred *Predicate) *Predicate {
	names := c.pseudonymsOf(e)
	if names == nil {
		return pred
	}
	own := *pred
	own.Values = nil
	for _, v := range pred.Values {
		if id, ok := v.(uuid.UUID); ok {
			v = names.storedKey(id)
		}
		own.Values = append(own.Values, v)
	}
	return &own
}

// textMatches finds a text in another.
func (c *compiler) textMatches(value *sqlFragment, pred *Predicate) *sqlFragment {
	needle, p := database.FoldText(pred.Values[0].(string)), &sqlFragment{}
	if c.isPostgres {
		p.add("strpos(").sub(c.foldedExpression(value)).add(",CAST(").arg(needle).add(" AS text))")
	} else {
		p.add("instr(").sub(c.foldedExpression(value)).add(",").arg(needle).add(")")
	}
	if pred.Comparison == HasPrefix {
		return p.add(" = 1")
	}
	return p.add(" > 0")
}

// driverValue is a value as both drivers take it.
func driverValue(v any) any {
	switch v := v.(type) {
	case uuid.UUID:
		return v.String()
	case time.Time:
		return v.UTC()
	}
	return v
}
