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
	False             Op = iota // no row; the zero Cond denies
	True                        // every row
	And                         // all of Kids
	Or                          // any of Kids
	Not                         // not Kids[0]
	KeyIn                       // the column's value is one of Values
	Via                         // a row reached by Edge, archived ones left out, satisfies Kids[0]
	WordIn                      // the column's value is one of Words
	InPeriod                    // the column's day, or where it has none the day on which the row was made, is from Day to Last; a zero day is open
	NotEnded                    // the column has no day, or Day or a later one
	OwnConsentCovers            // of a Referral: on Day, its own consent, which is the child's, lives and covers the purpose Text
	ConsentCovers               // of a Child: on Day, a live consent or other legal basis covers the purpose Text
	ReferredToPartner           // of a Child: on Day, a live referral hands it to one of the partners Values, under its own live consent; with Text, for that purpose, and with the field Column
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

// forField is the condition for one field: what travels with a referral is said field by field.
func (c Cond) forField(field string) Cond {
	switch c.Op {
	case And, Or, Not, Via:
		kids := make([]Cond, len(c.Kids))
		for i, k := range c.Kids {
			kids[i] = k.forField(field)
		}
		c.Kids = kids
	case ReferredToPartner:
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

// anyOf is true where any of the conditions is. It drops what adds nothing and joins lists over one column.
func anyOf(conds ...Cond) Cond {
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
				kids = addOrMerge(kids, &c.Kids[j])
			}
		default:
			kids = addOrMerge(kids, c)
		}
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return Cond{Op: Or, Kids: kids}
}

// addOrMerge appends a condition, or widens one of the same shape.
func addOrMerge(kids []Cond, c *Cond) []Cond {
	for i := range kids {
		k := &kids[i]
		switch {
		case k.Op != c.Op:
		case c.Op == KeyIn && k.Column == c.Column:
			k.Values = unionKeys(k.Values, c.Values)
			return kids
		case c.Op == Via && k.Edge == c.Edge:
			if !k.Kids[0].equal(&c.Kids[0]) {
				k.Kids = []Cond{anyOf(k.Kids[0], c.Kids[0])}
			}
			return kids
		case k.equal(c):
			return kids
		}
	}
	return append(kids, *c)
}

// allOf is true where all of the conditions are.
func allOf(conds ...Cond) Cond {
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

func negate(c Cond) Cond {
	switch c.Op {
	case False:
		return Cond{Op: True}
	case True:
		return Cond{}
	}
	return Cond{Op: Not, Kids: []Cond{c}}
}

// unionKeys returns both lists without repetition; both are in order.
func unionKeys(a, b []uuid.UUID) []uuid.UUID {
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

// sortKeys puts the keys in order of their bytes, without repetition, so that equal views are equal.
func sortKeys(keys []uuid.UUID) []uuid.UUID {
	slices.SortFunc(keys, func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) })
	return slices.Compact(keys)
}

// anyPathReaches is the condition that the key at the end of any of the paths is one of the keys.
func anyPathReaches(m *model.Model, e *model.Entity, paths []string, keys []uuid.UUID) Cond {
	if len(keys) == 0 {
		return Cond{}
	}
	if len(paths) == 1 {
		return pathReaches(m, e, paths[0], keys)
	}
	all := make([]Cond, len(paths))
	for i, path := range paths {
		all[i] = pathReaches(m, e, path, keys)
	}
	return anyOf(all...)
}

// anyPathReachesUnarchived is where one of the paths ends in a row with one of the keys that is not archived.
func anyPathReachesUnarchived(m *model.Model, e *model.Entity, paths []string, keys []uuid.UUID) Cond {
	var all []Cond
	for _, path := range paths {
		if path != "id" { // the row itself is there
			path += ".id"
		}
		all = append(all, pathReaches(m, e, path, keys))
	}
	return anyOf(all...)
}

func pathReaches(m *model.Model, e *model.Entity, path string, keys []uuid.UUID) Cond {
	step, rest, more := strings.Cut(path, ".")
	if step == "id" || step == "" {
		return Cond{Op: KeyIn, Column: "id", Values: keys}
	}
	edge := e.Edge(step)
	if !more && edge.Kind == model.ToOne {
		return Cond{Op: KeyIn, Column: edge.Column, Values: keys}
	}
	kid := pathReaches(m, m.Target(edge), rest, keys)
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
