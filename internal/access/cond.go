package access

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// or is true where any of the conditions is. It drops what adds nothing and joins lists over one column.
func or(conds ...Cond) Cond {
	var kids []Cond
	for _, c := range conds {
		switch c.Op {
		case False:
		case True:
			return Cond{Op: True}
		case Or:
			for _, k := range c.Kids {
				kids = add(kids, k)
			}
		default:
			kids = add(kids, c)
		}
	}
	switch len(kids) {
	case 0:
		return Cond{}
	case 1:
		return kids[0]
	}
	return Cond{Op: Or, Kids: kids}
}

// add appends a condition, or widens one of the same shape.
func add(kids []Cond, c Cond) []Cond {
	for i, k := range kids {
		if k.Op != c.Op {
			continue
		}
		switch {
		case c.Op == In && k.Column == c.Column:
			kids[i].Values = union(k.Values, c.Values)
			return kids
		case c.Op == Via && k.Edge == c.Edge:
			kids[i].Kids = []Cond{or(k.Kids[0], c.Kids[0])}
			return kids
		}
	}
	return append(kids, c)
}

// and is true where all of the conditions are.
func and(conds ...Cond) Cond {
	var kids []Cond
	for _, c := range conds {
		switch c.Op {
		case False:
			return Cond{}
		case True:
		case And:
			kids = append(kids, c.Kids...)
		default:
			kids = append(kids, c)
		}
	}
	switch len(kids) {
	case 0:
		return Cond{Op: True}
	case 1:
		return kids[0]
	}
	return Cond{Op: And, Kids: kids}
}

func not(c Cond) Cond {
	switch c.Op {
	case False:
		return Cond{Op: True}
	case True:
		return Cond{}
	}
	return Cond{Op: Not, Kids: []Cond{c}}
}

// union returns both lists without repetition, in order of the keys' bytes, so that equal views are equal.
func union(a, b []uuid.UUID) []uuid.UUID {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	return slices.Compact(all)
}

// reached is the condition that the key at the end of any of the paths is one of the keys.
func reached(m *model.Model, e *model.Entity, paths []string, keys []uuid.UUID) Cond {
	if len(keys) == 0 {
		return Cond{}
	}
	var out Cond
	for _, path := range paths {
		out = or(out, along(m, e, strings.Split(path, "."), keys))
	}
	return out
}

func along(m *model.Model, e *model.Entity, steps []string, keys []uuid.UUID) Cond {
	if len(steps) == 0 || steps[0] == "id" {
		return Cond{Op: In, Column: "id", Values: union(keys, nil)}
	}
	edge := e.Edge(steps[0])
	if len(steps) == 1 && edge.Kind == model.ToOne {
		return Cond{Op: In, Column: edge.Column, Values: union(keys, nil)}
	}
	return Cond{Op: Via, Edge: edge.Name, Kids: []Cond{along(m, m.Target(edge), steps[1:], keys)}}
}
