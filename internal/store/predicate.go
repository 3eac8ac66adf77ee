package store

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// where turns what a caller asks for into SQL, on what the caller may see: fields are masked cells, and rows reached
// by edges are visible ones. The result may be null, which counts as false.
func (c *compiler) where(e *model.Entity, alias string, pred *Pred) *part {
	p := &part{}
	switch pred.Op {
	case PredAnd, PredOr:
		if len(pred.Kids) == 0 {
			return p.add(map[PredOp]string{PredAnd: "1=1", PredOr: "1=0"}[pred.Op])
		}
		p.add("(")
		for i := range pred.Kids {
			if i > 0 {
				p.add(map[PredOp]string{PredAnd: " AND ", PredOr: " OR "}[pred.Op])
			}
			p.sub(c.where(e, alias, &pred.Kids[i]))
		}
		return p.add(")")
	case PredNot:
		return p.add("(").sub(c.where(e, alias, &pred.Kids[0])).add(") IS NOT TRUE")
	case PredOne:
		if target := c.model.Target(pred.Edge); atMostOne(target, &pred.Kids[0]) {
			// a key that is looked up once can be found by the index of the foreign key
			t := c.alias()
			return p.add("(", col(alias, pred.Edge.Column), " = (SELECT ", col(t, "id"), " FROM ", table(target, t), " WHERE ").sub(c.visible(target, t)).
				add(" AND ").sub(c.where(target, t, &pred.Kids[0])).add(")").sub(c.followed(e, alias, pred.Edge)).add(")")
		}
		return p.add("EXISTS (SELECT 1").sub(c.reach(e, alias, pred)).add(")")
	case PredSome, PredNone:
		if pred.Op == PredNone {
			p.add("NOT ")
		}
		return p.add("EXISTS (SELECT 1").sub(c.reach(e, alias, pred)).add(")")
	case PredCount:
		p.add("(SELECT count(*)").sub(c.reach(e, alias, pred)).add(")")
		return c.compare(p, model.Int, pred)
	}
	if pred.Field == nil {
		return c.compare((&part{}).add(col(alias, "id")), model.UUID, c.own(e, pred))
	}
	cell, _ := c.cell(e, alias, pred.Field)
	return c.compare(cell, pred.Field.Kind, pred)
}

// atMostOne reports whether a condition can hold for one row only: it asks for a value of a unique key.
func atMostOne(e *model.Entity, p *Pred) bool {
	if p.Op == PredAnd {
		return slices.ContainsFunc(p.Kids, func(k Pred) bool { return atMostOne(e, &k) })
	}
	return p.Op == PredField && p.Compare == Eq && (p.Field == nil || slices.ContainsFunc(e.Unique, func(key []string) bool { return len(key) == 1 && key[0] == p.Field.Column }))
}

// reach is the FROM and WHERE of the visible rows at the end of the predicate's edge that satisfy it.
func (c *compiler) reach(e *model.Entity, alias string, pred *Pred) *part {
	target, t := c.model.Target(pred.Edge), c.alias()
	p := (&part{}).add(" FROM ", table(target, t)).sub(c.link(e, pred.Edge, alias, t, true)).add(" AND ").sub(c.visible(target, t))
	if len(pred.Kids) > 0 {
		p.add(" AND ").sub(c.where(target, t, &pred.Kids[0]))
	}
	return p
}

var comparisons = map[Compare]string{Eq: " = ", Neq: " <> ", Lt: " < ", Lte: " <= ", Gt: " > ", Gte: " >= "}

// compare compares a value. An empty list matches nothing, and its opposite whatever has a value.
func (c *compiler) compare(value *part, kind model.Kind, pred *Pred) *part {
	p := &part{}
	list := kind == model.Strings || kind == model.Enums
	switch pred.Compare {
	case Null:
		if pred.Values[0].(bool) {
			return p.add("(").sub(value).add(") IS NULL")
		}
		return p.add("(").sub(value).add(") IS NOT NULL")
	case AmongOf, NotAmong:
		if len(pred.Values) == 0 {
			if pred.Compare == AmongOf {
				return p.add("1=0")
			}
			return p.add("(").sub(value).add(") IS NOT NULL")
		}
		p.add("(").sub(value).add(map[Compare]string{AmongOf: ") IN (", NotAmong: ") NOT IN ("}[pred.Compare])
		for i, v := range pred.Values {
			if i > 0 {
				p.add(",")
			}
			p.arg(plain(v))
		}
		return p.add(")")
	case Contains, HasPrefix:
		switch {
		case list:
			return c.lists(value, pred.Values[0])
		case kind == model.Texts && c.pg:
			return p.add("EXISTS (SELECT 1 FROM jsonb_each_text(").sub(value).add(") j WHERE ").sub(c.has((&part{}).add("j.value"), pred)).add(")")
		case kind == model.Texts:
			return p.add("EXISTS (SELECT 1 FROM json_each(CAST((").sub(value).add(") AS TEXT)) j WHERE ").sub(c.has((&part{}).add("j.value"), pred)).add(")")
		}
		return p.sub(c.has((&part{}).add("(").sub(value).add(")"), pred))
	}
	return p.add("(").sub(value).add(")", comparisons[pred.Compare]).arg(plain(pred.Values[0]))
}

// lists is the condition that a JSON list has the value.
func (c *compiler) lists(list *part, value any) *part {
	if c.pg {
		return (&part{}).add("jsonb_exists(").sub(list).add(",").arg(value).add(")")
	}
	return (&part{}).add("EXISTS (SELECT 1 FROM json_each(CAST((").sub(list).add(") AS TEXT)) j WHERE j.value = ").arg(value).add(")")
}

// own turns the ids that a condition compares into the rows' own keys.
func (c *compiler) own(e *model.Entity, pred *Pred) *Pred {
	names := c.pseudonym(e)
	if names == nil {
		return pred
	}
	own := *pred
	own.Values = nil
	for _, v := range pred.Values {
		if id, ok := v.(uuid.UUID); ok {
			v = names.own(id)
		}
		own.Values = append(own.Values, v)
	}
	return &own
}

// has finds a text in another.
func (c *compiler) has(value *part, pred *Pred) *part {
	needle, p := folded(pred.Values[0].(string)), &part{}
	if c.pg {
		p.add("strpos(").sub(c.fold(value)).add(",CAST(").arg(needle).add(" AS text))")
	} else {
		p.add("instr(").sub(c.fold(value)).add(",").arg(needle).add(")")
	}
	if pred.Compare == HasPrefix {
		return p.add(" = 1")
	}
	return p.add(" > 0")
}

// plain is a value as both drivers take it.
func plain(v any) any {
	switch v := v.(type) {
	case uuid.UUID:
		return v.String()
	case time.Time:
		return v.UTC()
	}
	return v
}
