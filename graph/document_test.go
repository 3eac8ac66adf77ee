package graph_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// author writes random documents that the schema allows, from the model: every entity, field, operator, edge and
// order has its turn. Values come from the database, so that conditions hit.
type author struct {
	*rand.Rand
	values map[*model.Field][]string // GraphQL literals
	ids    map[*model.Entity][]string
}

func pick[T any](a *author, list []T) T { return list[a.IntN(len(list))] }

// document is one operation with one to three root fields.
func (a *author) document() string {
	var b strings.Builder
	b.WriteString("{")
	for i := range 1 + a.IntN(3) {
		e := pick(a, inventory.Model.Entities())
		ids := a.ids[e]
		switch {
		case len(ids) > 0 && a.IntN(5) == 0:
			fmt.Fprintf(&b, " r%d:node(id:%q){id __typename ...on %s%s}", i, pick(a, ids), e.Name, a.selection(e, 2))
		case len(ids) > 0 && a.IntN(8) == 0:
			fmt.Fprintf(&b, " r%d:%s(id:%q)%s", i, e.Singular(), pick(a, ids), a.selection(e, 2))
		default:
			fmt.Fprintf(&b, " r%d:%s%s", i, e.Plural, a.list(e, 2))
		}
	}
	return b.String() + "}"
}

// list is the arguments and the selection of a connection.
func (a *author) list(e *model.Entity, depth int) string {
	args := []string{fmt.Sprintf("%s:%d", pick(a, []string{"first", "first", "last"}), a.IntN(6))}
	if a.IntN(3) > 0 {
		args = append(args, "where:"+a.where(e, 3))
	}
	if a.IntN(2) == 0 {
		var keys []string
		for range 1 + a.IntN(2) {
			keys = append(keys, fmt.Sprintf("{field:%s direction:%s}", pick(a, inventory.Model.OrderFields(e)).Name, pick(a, []string{"ASC", "DESC"})))
		}
		args = append(args, "orderBy:["+strings.Join(keys, " ")+"]")
	}
	return fmt.Sprintf("(%s){totalCount pageInfo{hasNextPage hasPreviousPage startCursor endCursor} edges{cursor node%s}}", strings.Join(args, ", "), a.selection(e, depth))
}

// selection is some of the fields and edges of a row.
func (a *author) selection(e *model.Entity, depth int) string {
	out := "{id masked access{canUpdate canDelete canApprove}"
	for _, f := range e.Fields {
		if f.Internal || a.IntN(2) == 0 {
			continue
		}
		out += " " + f.Name
		for _, d := range f.Derived {
			out += " " + d.Name
		}
	}
	for _, edge := range e.Edges {
		switch target := inventory.Model.Target(&edge); {
		case depth == 0 || a.IntN(3) > 0:
		case edge.Kind == model.ToOne:
			out += " " + edge.Name + a.selection(target, depth-1)
		case a.IntN(2) == 0:
			out += " " + edge.Name + a.list(target, 0)
		}
	}
	return out + "}"
}

func (a *author) where(e *model.Entity, depth int) string {
	if depth > 0 {
		switch a.IntN(8) {
		case 0:
			return "{not:" + a.where(e, depth-1) + "}"
		case 1:
			return "{or:[" + a.where(e, depth-1) + " " + a.where(e, depth-1) + "]}"
		case 2:
			return "{and:[" + a.where(e, depth-1) + " " + a.where(e, depth-1) + "]}"
		case 3, 4, 5:
			if len(e.Edges) > 0 {
				return a.overEdge(e, depth)
			}
		}
	}
	var fields []*model.Field
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Filterable() && len(a.values[f]) > 0 {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return "{}"
	}
	f := pick(a, fields)
	v := func() string { return pick(a, a.values[f]) }
	ops := []string{"isNull:" + pick(a, []string{"true", "false"})}
	switch f.Kind {
	case model.Texts:
		ops = append(ops, "contains:"+v(), "hasPrefix:"+v())
	case model.Strings, model.Enums:
		ops = append(ops, "contains:"+v())
	default:
		ops = append(ops, "eq:"+v(), "neq:"+v())
		if f.Kind != model.Bool {
			ops = append(ops, "in:["+v()+" "+v()+"]", "notIn:["+v()+"]", "in:[]")
		}
		if f.Kind != model.Bool && f.Kind != model.Enum {
			ops = append(ops, "lt:"+v(), "lte:"+v(), "gt:"+v(), "gte:"+v())
		}
		if f.Kind == model.String {
			ops = append(ops, "contains:"+v(), "hasPrefix:"+v())
		}
	}
	return fmt.Sprintf("{%s:{%s}}", f.Name, pick(a, ops))
}

func (a *author) overEdge(e *model.Entity, depth int) string {
	edge := pick(a, e.Edges)
	target := inventory.Model.Target(&edge)
	if edge.Kind == model.ToOne {
		return fmt.Sprintf("{%s:%s}", edge.Name, a.where(target, depth-1))
	}
	switch a.IntN(3) {
	case 0:
		return fmt.Sprintf("{%s:{count:{%s:%d}}}", edge.Name, pick(a, []string{"eq", "gt", "lte"}), a.IntN(4))
	case 1:
		return fmt.Sprintf("{%s:{none:%s}}", edge.Name, a.where(target, depth-1))
	}
	return fmt.Sprintf("{%s:{some:%s}}", edge.Name, a.where(target, depth-1))
}
