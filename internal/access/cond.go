package access

import (
	"bytes"
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
	Is                 // the column's value is one of Words
	Within             // the column's day, or where it has none the day on which the row was made, is from Day to Last; a zero day is open
	Lasting            // the column has no day, or Day or a later one
	Agreed             // of a Referral: on Day, its own consent, which is the child's, lives and covers the purpose Text
	Covered            // of a Child: on Day, a live consent or other legal basis covers the purpose Text
	Referred           // of a Child: on Day, a live referral hands it to one of the partners Values, under its own live consent; with Text, for that purpose, and with the field Column
)

// Cond is a condition on one row of an entity, in the model's terms. The store turns it into SQL; the tests of this
// package evaluate it on plain values. It is immutable.
type Cond struct {
	Op     Op
	Kids   []Cond
	Column string      // In, Is, Within, Lasting: a column of the entity ("id", "country_id"); Referred: a field of the API
	Values []uuid.UUID // In, Referred: never empty, in order
	Words  []string    // Is: never empty
	Edge   string      // Via: API name of an edge of the entity
	Text   string      // Agreed, Covered, Referred: a purpose
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

// equal reports whether the conditions are the same.
func (c *Cond) equal(o *Cond) bool {
	return c.Op == o.Op && c.Column == o.Column && c.Edge == o.Edge && c.Text == o.Text && c.Day.Equal(o.Day) && c.Last.Equal(o.Last) &&
		slices.Equal(c.Values, o.Values) && slices.Equal(c.Words, o.Words) && slices.EqualFunc(c.Kids, o.Kids, func(x, y Cond) bool { return x.equal(&y) })
}

// or is true where any of the conditions is. It drops what adds nothing and joins lists over one column.
func or(conds ...Cond) Cond {
	n, last := 0, Cond{}
	for i := range conds {
		switch c := &conds[i]; c.Op {
		case False:
		case True:
			return Cond{Op: True}
		default:
			n, last = n+1, *c
		}
	}
	if n < 2 {
		return last
	}
	kids := make([]Cond, 0, n)
	for i := range conds {
		switch c := &conds[i]; c.Op {
		case False:
		case Or:
			for j := range c.Kids {
				kids = add(kids, &c.Kids[j])
			}
		default:
			kids = add(kids, c)
		}
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return Cond{Op: Or, Kids: kids}
}

// add appends a condition, or widens one of the same shape.
func add(kids []Cond, c *Cond) []Cond {
	for i := range kids {
		k := &kids[i]
		switch {
		case k.Op != c.Op:
		case c.Op == In && k.Column == c.Column:
			k.Values = union(k.Values, c.Values)
			return kids
		case c.Op == Via && k.Edge == c.Edge:
			if !k.Kids[0].equal(&c.Kids[0]) {
				k.Kids = []Cond{or(k.Kids[0], c.Kids[0])}
			}
			return kids
		case k.equal(c):
			return kids
		}
	}
	return append(kids, *c)
}

// and is true where all of the conditions are.
func and(conds ...Cond) Cond {
	kids := make([]Cond, 0, len(conds))
	for i := range conds {
		switch c := &conds[i]; c.Op {
		case False:
			return Cond{}
		case True:
		case And:
			kids = append(kids, c.Kids...)
		default:
			kids = append(kids, *c)
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

// union returns both lists without repetition; both are in order.
func union(a, b []uuid.UUID) []uuid.UUID {
	if slices.Equal(a, b) {
		return a
	}
	out := make([]uuid.UUID, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		order := bytes.Compare(a[0][:], b[0][:])
		if order <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out = append(out, b[0])
		}
		if order >= 0 {
			b = b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// ordered puts the keys in order of their bytes, without repetition, so that equal views are equal.
func ordered(keys []uuid.UUID) []uuid.UUID {
	slices.SortFunc(keys, func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) })
	return slices.Compact(keys)
}

// reached is the condition that the key at the end of any of the paths is one of the keys.
func reached(m *model.Model, e *model.Entity, paths []string, keys []uuid.UUID) Cond {
	if len(keys) == 0 {
		return Cond{}
	}
	if len(paths) == 1 {
		return along(m, e, paths[0], keys)
	}
	all := make([]Cond, len(paths))
	for i, path := range paths {
		all[i] = along(m, e, path, keys)
	}
	return or(all...)
}

// alive is where one of the paths ends in a row with one of the keys that is not archived.
func alive(m *model.Model, e *model.Entity, paths []string, keys []uuid.UUID) Cond {
	var all []Cond
	for _, path := range paths {
		if path != "id" { // the row itself is there
			path += ".id"
		}
		all = append(all, along(m, e, path, keys))
	}
	return or(all...)
}

func along(m *model.Model, e *model.Entity, path string, keys []uuid.UUID) Cond {
	step, rest, more := strings.Cut(path, ".")
	if step == "id" || step == "" {
		return Cond{Op: In, Column: "id", Values: keys}
	}
	edge := e.Edge(step)
	if !more && edge.Kind == model.ToOne {
		return Cond{Op: In, Column: edge.Column, Values: keys}
	}
	kid := along(m, m.Target(edge), rest, keys)
	if edge.Kind == model.Through && more { // the row itself must be there, beside the one that joins it
		kid = Cond{Op: And, Kids: []Cond{kid}}
	}
	return Cond{Op: Via, Edge: edge.Name, Kids: []Cond{kid}}
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
