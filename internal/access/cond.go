package access

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// Op is the operator of a Cond.
type Op uint8

const (
	False    Op = iota // no row; the zero Cond denies
	True               // every row
	And                // all of Kids
	Or                 // any of Kids
	Not                // not Kids[0]
	In                 // the column's value is one of Values
	Via                // a row reached by Edge, archived ones left out, satisfies Kids[0]
	Within             // the column has no day, or one from Day to Last; a zero day is open
	Covered            // of a Child: on Day, a live consent or other legal basis covers the purpose Text
	Referred           // of a Child: on Day, a live referral hands it to one of the partners Values; with Text, for that purpose, under its own live consent, and with the field Column
)

// Cond is a condition on one row of an entity, in the model's terms. The store turns it into SQL; the tests of this
// package evaluate it on plain values. It is immutable.
type Cond struct {
	Op     Op
	Kids   []Cond
	Column string      // In, Within: a column of the entity ("id", "country_id"); Referred: a field of the API
	Values []uuid.UUID // In, Referred: never empty, in order
	Edge   string      // Via: API name of an edge of the entity
	Text   string      // Covered, Referred: a purpose
	Day    time.Time
	Last   time.Time
}

// of is the condition for one field: what travels with a referral is said field by field.
func (c Cond) of(field string) Cond {
	switch c.Op {
	case And, Or, Not, Via:
		kids := make([]Cond, len(c.Kids))
		for i, k := range c.Kids {
			kids[i] = k.of(field)
		}
		c.Kids = kids
	case Referred:
		if c.Text != "" {
			c.Column = field
		}
	}
	return c
}

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
		case reflect.DeepEqual(k, c):
			return kids
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

// toChild puts a condition on a Child at the end of the entity's path to the child it is about; what is about none
// satisfies nothing.
func toChild(m *model.Model, e *model.Entity, c Cond) Cond {
	switch e.Scope.Child {
	case "":
		return Cond{}
	case "id":
		return c
	}
	steps := strings.Split(e.Scope.Child, ".")
	for i := len(steps) - 1; i >= 0; i-- {
		c = Cond{Op: Via, Edge: steps[i], Kids: []Cond{c}}
	}
	return c
}
