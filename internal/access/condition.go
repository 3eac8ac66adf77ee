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

// The operators. Each comment states which rows satisfy the condition.
const (
	False  Op = iota // no row; the zero Cond therefore denies
	True             // every row
	And              // rows that satisfy all of Kids
	Or               // rows that satisfy any of Kids
	Not              // rows that do not satisfy Kids[0]
	KeyIn            // rows with one of Values in Column
	Via              // rows for which Edge leads to an unarchived row that satisfies Kids[0]
	WordIn           // rows with one of Words in Column

	// InPeriod selects rows with a day from Day to Last in Column. A row without a day counts by the day of its
	// creation. A zero Day or Last means no limit.
	InPeriod
	// NotEnded selects rows with no day in Column, or with Day or a later day.
	NotEnded
	// OwnConsentCovers selects rows of Referral with a live consent of their own, given for the same child, that covers
	// the purpose Text on Day.
	OwnConsentCovers
	// ConsentCovers selects rows of Child for which a live consent or another legal basis covers the purpose Text on
	// Day.
	ConsentCovers
	// ReferredToPartner selects rows of Child that a referral, live on Day and under its own live consent, hands to one
	// of the partners in Values. With Text, the consent must cover that purpose and the referral must share the field
	// Column.
	ReferredToPartner
)

// Cond is a condition on one row of an entity, in terms of the model. The store turns it into SQL, and the tests of
// this package evaluate it on plain values. It is immutable.
type Cond struct {
	Op     Op
	Kids   []Cond
	Column string      // KeyIn, WordIn, InPeriod, NotEnded: a column; ReferredToPartner: API name of a field
	Values []uuid.UUID // KeyIn, ReferredToPartner: never empty, in the order of sortKeys
	Words  []string    // WordIn: never empty
	Edge   string      // Via: API name of an edge of the entity
	Text   string      // OwnConsentCovers, ConsentCovers, ReferredToPartner: a purpose
	Day    time.Time
	Last   time.Time
}

// forField returns the condition for one field, because a referral shares its fields one by one.
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
	return c.Op == o.Op && c.Column == o.Column && c.Edge == o.Edge && c.Text == o.Text &&
		c.Day.Equal(o.Day) && c.Last.Equal(o.Last) &&
		slices.Equal(c.Values, o.Values) && slices.Equal(c.Words, o.Words) &&
		slices.EqualFunc(c.Kids, o.Kids, func(x, y Cond) bool { return x.equal(&y) })
}

// anyOf returns the condition that holds where any of the conditions holds. It drops conditions that add nothing and
// joins lists of keys of the same column.
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

// addOrMerge appends a condition to the operands of an Or, or merges it into an operand of the same shape. It may
// change the elements of kids.
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

// allOf returns the condition that holds where all of the conditions hold.
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

// negate returns the condition that holds where c does not hold.
func negate(c Cond) Cond {
	switch c.Op {
	case False:
		return Cond{Op: True}
	case True:
		return Cond{}
	}
	return Cond{Op: Not, Kids: []Cond{c}}
}

// unionKeys merges two lists in the order of sortKeys into one without repetition.
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

// sortKeys sorts the keys by their bytes, in place, and removes repetitions. Views with equal rights then compare as
// equal.
func sortKeys(keys []uuid.UUID) []uuid.UUID {
	slices.SortFunc(keys, func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) })
	return slices.Compact(keys)
}

// anyPathReaches selects the rows from which any of the paths ends in one of the keys.
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

// anyPathReachesUnarchived selects the rows from which any of the paths ends in an unarchived row with one of the keys.
func anyPathReachesUnarchived(m *model.Model, e *model.Entity, paths []string, keys []uuid.UUID) Cond {
	var all []Cond
	for _, path := range paths {
		if path != "id" { // a row that is read is not archived itself
			path += ".id"
		}
		all = append(all, pathReaches(m, e, path, keys))
	}
	return anyOf(all...)
}

// pathReaches selects the rows from which the path ends in one of the keys.
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
	if edge.Kind == model.Through && more { // the target row must exist unarchived, not only the joining row
		kid = Cond{Op: And, Kids: []Cond{kid}}
	}
	return Cond{Op: Via, Edge: edge.Name, Kids: []Cond{kid}}
}

// toChild turns a condition on a Child into a condition on rows of the entity that are about such a child. It selects
// no row of an entity that is not about a child.
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
