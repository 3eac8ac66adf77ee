package proof_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rightshub/ent/inventory"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// source draws every choice from rapid, bit by bit, so that a failure shrinks and no choice is rarer than another.
type source struct{ t *rapid.T }

var coin = rapid.Bool()

// n is a number from 0 to below most.
func (s source) n(most int) int {
	out := 0
	for bits := 2 * (most - 1); bits > 0; bits >>= 1 {
		out <<= 1
		if coin.Draw(s.t, "bit") {
			out++
		}
	}
	return out % most
}

// chance is true once in so many times, and false in what is shrunk.
func (s source) chance(most int) bool { return s.n(most) == most-1 }

func pick[T any](s source, list []T) T { return list[s.n(len(list))] }

// author writes random documents that the schema allows, with a liking for what the caller may not see.
type author struct {
	source
	v      *view
	cost   int // rows that the document may still ask for
	room   int // fields that it may still name: a document has 4,000 tokens
	spare  int // aliases that it may still give: a document has 100
	pages  []*position
	names  []string // of the cursors of pages
	deltas []*sel   // what was asked for changes, with the tokens that were given
	aims   []aim
	rules  []rule
	due    *sel // a list whose next page is to be asked for
}

// entity is one of the model's, more often one that the caller sees rows of, and not all.
func (a *author) entity() *model.Entity {
	all := inventory.Model.Entities()
	e := pick(a.source, all)
	hidden := 1
	if a.n(2) == 0 {
		hidden = 0
	}
	for range 4 {
		if n := len(a.v.visible(e)); n > 0 && len(a.v.w.rows[e.Name])-n >= hidden {
			break
		}
		e = pick(a.source, all)
	}
	return e
}

// roots are the root fields of a query.
func (a *author) roots() []*sel {
	a.cost, a.room, a.spare = 18_000, 600, 90
	var out []*sel
	for i := range 1 + a.n(2)*a.n(2) {
		r := a.root()
		r.alias = fmt.Sprintf("r%d", i)
		out = append(out, r)
	}
	return out
}

func (a *author) root() *sel {
	if next := a.goOn(); next != nil {
		return next
	}
	if len(a.aims) > 0 && a.chance(3) {
		return a.aimed()
	}
	switch k := a.n(16); {
	case k < 3 && len(a.pages) > 0:
		return a.onward()
	case k == 3:
		return a.node()
	case k == 4:
		ids := []any{}
		for range a.n(4) {
			ids = append(ids, a.someID(a.entity()))
		}
		return &sel{name: "nodes", args: []arg{{"ids", "[ID!]!", ids}}, kids: a.nodeKids(ids)}
	case k < 7:
		e := a.entity()
		return &sel{name: e.Singular(), args: []arg{{"id", "ID!", a.someID(e)}}, kids: a.kids(e, 2, 1)}
	case k == 7 && a.chance(6):
		return &sel{name: "viewer", kids: []*sel{{name: "purpose"}, {name: "purposes"}, {name: "languages"}, {name: "mayCreate"}, {name: "user", kids: a.kids(inventory.Model.Entity("User"), 1, 1)}}}
	}
	e := a.entity()
	return a.connection(e.Plural, e, 2, 1)
}

func (a *author) node() *sel {
	id := a.someID(a.entity())
	return &sel{name: "node", args: []arg{{"id", "ID!", id}}, kids: a.nodeKids([]any{id})}
}

// nodeKids asks for what all rows have, and for the fields of the types of the ids and of another.
func (a *author) nodeKids(ids []any) []*sel {
	out := []*sel{{name: "id"}, {name: "__typename"}}
	types := []*model.Entity{a.entity()}
	for _, id := range ids {
		if prefix, _, _ := strings.Cut(id.(string), "_"); inventory.Model.Prefix(prefix) != nil {
			types = append(types, inventory.Model.Prefix(prefix))
		}
	}
	for i, e := range types {
		if slices.Index(types, e) < i {
			continue
		}
		for _, k := range a.kids(e, 1, max(1, len(ids))) {
			if a.spare--; k.name != "id" && a.spare > 0 {
				k.on, k.alias = e.Name, e.Name+"_"+k.name // fields of two types may have one name and two forms
				out = append(out, k)
			}
		}
	}
	return out
}

// someID is the id of a row of the entity, visible or hidden, of no row, of another type, or no id at all.
func (a *author) someID(e *model.Entity) string {
	rows := a.v.w.rows[e.Name]
	switch a.n(24) {
	case 20:
		return idOf(e, uuid.UUID{9, byte(a.n(250)), 6: 0x40})
	case 21:
		other := a.entity()
		if rows := a.v.w.rows[other.Name]; len(rows) > 0 {
			return idOf(other, pick(a.source, rows).id)
		}
	case 22:
		return pick(a.source, []string{"", "x", "chd_", "chd_AAAA", e.Prefix + "_" + strings.Repeat("_", 22), "zzz_AAAAAAAAAAAAAAAAAAAAAA"})
	}
	if len(rows) == 0 {
		return idOf(e, uuid.UUID{8})
	}
	return a.v.publicID(pick(a.source, rows))
}

// connection asks for a page of a list.
func (a *author) connection(name string, e *model.Entity, depth, times int) *sel {
	s := &sel{name: name}
	size := 20
	if !a.chance(8) || times > 20 {
		size = a.n(8)
		s.args = append(s.args, arg{pick(a.source, []string{"first", "first", "last"}), "Int", int64(size)})
		size = max(size, 1)
	}
	if times == 1 && a.chance(60) {
		s.args = []arg{{pick(a.source, []string{"first", "last", "after", "before"}), "", nil}}
		if s.args[0].typ, s.args[0].val = "Int", pick(a.source, []any{int64(-1), int64(101)}); strings.HasPrefix(s.args[0].name, "a") || strings.HasPrefix(s.args[0].name, "b") {
			s.args[0].typ, s.args[0].val = "String", pick(a.source, []any{"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
		}
	}
	a.cost -= times * size
	if a.n(4) > 0 {
		s.args = append(s.args, arg{"where", e.Name + "Where", a.where(e, 3)})
	}
	if a.n(3) > 0 {
		s.args = append(s.args, arg{"orderBy", "[" + e.Name + "Order!]", a.orderBy(e)})
	}
	kids := a.kids(e, depth, times*size)
	if a.chance(4) {
		s.kids = append(s.kids, &sel{name: "nodes", kids: kids})
	} else {
		s.kids = append(s.kids, &sel{name: "edges", kids: []*sel{{name: "cursor"}, {name: "node", kids: kids}}})
	}
	if a.n(3) > 0 {
		s.kids = append(s.kids, &sel{name: "totalCount"})
	}
	if a.n(3) > 0 {
		s.kids = append(s.kids, &sel{name: "pageInfo", kids: []*sel{{name: "hasNextPage"}, {name: "hasPreviousPage"}, {name: "startCursor"}, {name: "endCursor"}}})
	}
	if a.chance(12) {
		s.kids = slices.DeleteFunc(s.kids, func(k *sel) bool { return k.name != "totalCount" })
		if len(s.kids) == 0 {
			s.kids = []*sel{{name: "totalCount"}, {name: "__typename"}}
		}
	}
	return s
}

func (a *author) orderBy(e *model.Entity) []any {
	all := inventory.Model.OrderFields(e)
	out := []any{}
	for range 1 + a.n(2) {
		o := pick(a.source, all)
		for range 3 { // rather one that tells of what is masked or hidden
			if a.n(4) == 0 || a.tells(e, o) {
				break
			}
			o = pick(a.source, all)
		}
		key := obj{{"field", word(o.Name)}}
		if a.n(2) > 0 {
			key = append(key, kv{"direction", pick(a.source, []any{word("ASC"), word("DESC")})})
		}
		out = append(out, key)
	}
	return out
}

// tells reports whether an order of visible rows, but for the hub's care, says something of a masked cell or a hidden row.
func (a *author) tells(e *model.Entity, o model.OrderField) bool {
	return slices.ContainsFunc(a.v.visible(e), func(r *row) bool {
		for _, step := range o.Path {
			to := a.v.over(r, step)
			if len(to) == 0 {
				return r.v[step.Column] != nil
			}
			r = to[0]
		}
		return o.Field != nil && a.v.isMasked(r, o.Field) || o.Count != nil && len(a.v.over(r, o.Count)) < len(a.v.ends(r, o.Count, func(*row) bool { return true }))
	})
}

// kids are some of the fields and edges of a row.
func (a *author) kids(e *model.Entity, depth, times int) []*sel {
	out := []*sel{{name: "id"}}
	if a.n(3) > 0 {
		out = append(out, &sel{name: "masked"})
	}
	if a.n(3) == 0 {
		out = append(out, &sel{name: "access", kids: []*sel{{name: "canUpdate"}, {name: "canDelete"}, {name: "canApprove"}}})
	}
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Internal || a.n(3) == 0 {
			continue
		}
		out = append(out, &sel{name: f.Name})
		if f.Kind == model.Texts && a.chance(3) {
			out = append(out, &sel{name: f.Name + "Texts", kids: []*sel{{name: "language"}, {name: "text"}}})
		}
		for _, d := range f.Derived {
			out = append(out, &sel{name: d.Name})
		}
	}
	if a.room -= len(out); a.room < 0 {
		depth = 0
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		target := inventory.Model.Target(edge)
		switch {
		case depth == 0 || a.n(3) > 0 && edge.Tag.Ident == classification.None:
		case edge.Kind == model.ToOne:
			out = append(out, &sel{name: edge.Name, kids: a.kids(target, depth-1, times)})
		case a.cost > times*8 && a.n(2) == 0:
			k := a.connection(edge.Name, target, min(depth-1, 1), max(times, 2))
			if a.chance(6) && a.spare > 0 {
				a.spare--
				k.alias = "l_" + edge.Name
			}
			out = append(out, k)
		}
	}
	return out
}

// onward is a list that was answered before, from one of its cursors; at times from another list's.
func (a *author) onward() *sel {
	i := a.n(len(a.pages))
	e := a.entity()
	for j, p := range a.pages { // rather one of any entity alike, in an order of the caller's
		if p.of == p.root && entityOf(p.of.name) == e && p.of.arg("orderBy") != nil {
			i = j
		}
	}
	return a.from(i)
}

// from goes on from a cursor.
func (a *author) from(i int) *sel {
	p := a.pages[i]
	cursor := a.names[i]
	if a.chance(12) { // that of another list; rather of one that is asked for in the same words
		var plain []int
		for j, o := range a.pages {
			if o.of == o.root && o.of.arg("where") == nil && o.of.arg("orderBy") == nil {
				plain = append(plain, j)
			}
		}
		if cursor = pick(a.source, a.names); len(plain) > 1 && a.n(2) == 0 {
			p, cursor = a.pages[pick(a.source, plain)], a.names[pick(a.source, plain)]
		}
	} else if a.chance(12) {
		cursor = spoil(a.source, cursor)
	}
	args := slices.DeleteFunc(slices.Clone(p.of.args), func(g arg) bool { return g.name != "where" && g.name != "orderBy" })
	if e := entityOf(p.root.name); p.of == p.root && e != nil && a.chance(8) { // the same list, but for its condition or its order
		other := arg{"where", e.Name + "Where", a.where(e, 1)}
		if a.n(2) == 0 {
			other = arg{"orderBy", "[" + e.Name + "Order!]", a.orderBy(e)}
		}
		if args = slices.DeleteFunc(args, func(g arg) bool { return g.name == other.name }); a.n(3) > 0 {
			args = append(args, other)
		}
	}
	end := pick(a.source, []string{"after", "before"})
	args = append(args, arg{end, "String", cursor})
	if a.n(4) > 0 {
		args = append(args, arg{pick(a.source, []string{"first", "last"}), "Int", int64(a.n(6))})
	}
	return p.root.with(p.of, args)
}

// spoil changes one letter of a cursor.
func spoil(s source, cursor string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	b := []byte(cursor)
	i := s.n(len(b))
	b[i] = letters[(strings.IndexByte(letters, b[i])+1+s.n(63))%64]
	return string(b)
}
