package proof_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// source draws every choice from rapid, bit by bit. So a failure shrinks, and rapid's preference for small numbers does
// not make any choice rarer than another.
type source struct{ t *rapid.T }

// coin draws one bit.
var coin = rapid.Bool()

// intN is a number from 0 to below most. Powers of two aside, small numbers are slightly more frequent.
func (s source) intN(most int) int {
	out := 0
	for bits := 2 * (most - 1); bits > 0; bits >>= 1 {
		out <<= 1
		if coin.Draw(s.t, "bit") {
			out++
		}
	}
	return out % most
}

// oneIn is true once in so many times. A shrunk failure draws zeros, so there it is false.
func (s source) oneIn(most int) bool { return s.intN(most) == most-1 }

// pickOne draws one item of a list.
func pickOne[T any](s source, list []T) T { return list[s.intN(len(list))] }

// documentAuthor draws random documents that the schema allows. It prefers what the caller may not see.
type documentAuthor struct {
	source
	view            *view
	rowBudget       int // rows that the document may still ask for
	fieldBudget     int // fields that the document may still name; the hub reads 4,000 tokens
	aliasBudget     int // aliases that the document may still give; the hub allows 100
	cursorPositions []*cursorPosition
	cursors         []string     // cursors that the hub gave, in the order of cursorPositions
	changeQueries   []*selection // earlier changesSince queries with the tokens that the hub gave
	aims            []aim
	policyLines     []policyLine
	dueList         *selection // a list whose next page is to be asked for next
}

// drawEntity draws an entity, more often one of which the caller sees some rows and not all.
func (a *documentAuthor) drawEntity() *model.Entity {
	all := theModel.Entities()
	e := pickOne(a.source, all)
	hidden := 1
	if a.intN(2) == 0 {
		hidden = 0
	}
	for range 4 {
		if n := len(a.view.visibleRows(e)); n > 0 && len(a.view.world.rows[e.Name])-n >= hidden {
			break
		}
		e = pickOne(a.source, all)
	}
	return e
}

// drawRoots draws the root fields of a query.
func (a *documentAuthor) drawRoots() []*selection {
	a.rowBudget, a.fieldBudget, a.aliasBudget = 18_000, 600, 90
	var out []*selection
	for i := range 1 + a.intN(2)*a.intN(2) {
		r := a.drawRoot()
		r.alias = fmt.Sprintf("r%d", i)
		out = append(out, r)
	}
	return out
}

// drawRoot draws one root field of a query.
func (a *documentAuthor) drawRoot() *selection {
	if next := a.takeDuePage(); next != nil {
		return next
	}
	if len(a.aims) > 0 && a.oneIn(3) {
		return a.drawAimedRoot()
	}
	switch k := a.intN(16); {
	case k < 3 && len(a.cursorPositions) > 0:
		return a.drawNextPage()
	case k == 3:
		return a.drawNode()
	case k == 4:
		ids := []any{}
		for range a.intN(4) {
			ids = append(ids, a.drawID(a.drawEntity()))
		}
		return &selection{name: "nodes", args: []argument{{"ids", "[ID!]!", ids}}, kids: a.drawNodeFields(ids)}
	case k < 7:
		e := a.drawEntity()
		return &selection{name: e.Singular(), args: []argument{{"id", "ID!", a.drawID(e)}}, kids: a.drawFields(e, 2, 1)}
	case k == 7 && a.oneIn(6):
		return &selection{name: "viewer", kids: []*selection{
			{name: "purpose"}, {name: "purposes"}, {name: "languages"}, {name: "mayCreate"},
			{name: "user", kids: a.drawFields(theModel.Entity("User"), 1, 1)},
		}}
	}
	e := a.drawEntity()
	return a.drawConnection(e.Plural, e, 2, 1)
}

// drawNode draws a look-up of a row by its id.
func (a *documentAuthor) drawNode() *selection {
	id := a.drawID(a.drawEntity())
	return &selection{name: "node", args: []argument{{"id", "ID!", id}}, kids: a.drawNodeFields([]any{id})}
}

// drawNodeFields draws the fields of a node: those that all rows have, and those of the types of the ids and of one
// more type.
func (a *documentAuthor) drawNodeFields(ids []any) []*selection {
	out := []*selection{{name: "id"}, {name: "__typename"}}
	types := []*model.Entity{a.drawEntity()}
	for _, id := range ids {
		if prefix, _, _ := strings.Cut(id.(string), "_"); theModel.Prefix(prefix) != nil {
			types = append(types, theModel.Prefix(prefix))
		}
	}
	for i, e := range types {
		if slices.Index(types, e) < i {
			continue
		}
		for _, k := range a.drawFields(e, 1, max(1, len(ids))) {
			if a.aliasBudget--; k.name != "id" && a.aliasBudget > 0 {
				// the alias is needed because two types may have fields of the same name and of different types
				k.onType, k.alias = e.Name, e.Name+"_"+k.name
				out = append(out, k)
			}
		}
	}
	return out
}

// drawID draws an id. It belongs to a visible or hidden row, to no row, to a row of another type, or is malformed.
func (a *documentAuthor) drawID(e *model.Entity) string {
	rows := a.view.world.rows[e.Name]
	switch a.intN(24) {
	case 20:
		return formatID(e, uuid.UUID{9, byte(a.intN(250)), 6: 0x40})
	case 21:
		other := a.drawEntity()
		if rows := a.view.world.rows[other.Name]; len(rows) > 0 {
			return formatID(other, pickOne(a.source, rows).id)
		}
	case 22:
		return pickOne(a.source, []string{
			"", "x", "chd_", "chd_AAAA", e.Prefix + "_" + strings.Repeat("_", 22), "zzz_AAAAAAAAAAAAAAAAAAAAAA",
		})
	}
	if len(rows) == 0 {
		return formatID(e, uuid.UUID{8})
	}
	return a.view.publicID(pickOne(a.source, rows))
}

// drawConnection draws a page of a list. The list stands in the answer up to times times, which rowBudget counts.
func (a *documentAuthor) drawConnection(name string, e *model.Entity, depth, times int) *selection {
	s := &selection{name: name}
	size := 20
	if !a.oneIn(8) || times > 20 {
		size = a.intN(8)
		s.args = append(s.args, argument{pickOne(a.source, []string{"first", "first", "last"}), "Int", int64(size)})
		size = max(size, 1)
	}
	if times == 1 && a.oneIn(60) {
		s.args = []argument{{pickOne(a.source, []string{"first", "last", "after", "before"}), "", nil}}
		s.args[0].graphqlType, s.args[0].value = "Int", pickOne(a.source, []any{int64(-1), int64(101)})
		if strings.HasPrefix(s.args[0].name, "a") || strings.HasPrefix(s.args[0].name, "b") {
			s.args[0].graphqlType = "String"
			s.args[0].value = pickOne(a.source, []any{"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
		}
	}
	a.rowBudget -= times * size
	if a.intN(4) > 0 {
		s.args = append(s.args, argument{"where", e.Name + "Where", a.drawCondition(e, 3)})
	}
	if a.intN(3) > 0 {
		s.args = append(s.args, argument{"orderBy", "[" + e.Name + "Order!]", a.drawOrder(e)})
	}
	kids := a.drawFields(e, depth, times*size)
	if a.oneIn(4) {
		s.kids = append(s.kids, &selection{name: "nodes", kids: kids})
	} else {
		s.kids = append(s.kids, &selection{name: "edges", kids: []*selection{
			{name: "cursor"}, {name: "node", kids: kids},
		}})
	}
	if a.intN(3) > 0 {
		s.kids = append(s.kids, &selection{name: "totalCount"})
	}
	if a.intN(3) > 0 {
		s.kids = append(s.kids, &selection{name: "pageInfo", kids: []*selection{
			{name: "hasNextPage"}, {name: "hasPreviousPage"}, {name: "startCursor"}, {name: "endCursor"},
		}})
	}
	if a.oneIn(12) {
		s.kids = slices.DeleteFunc(s.kids, func(k *selection) bool { return k.name != "totalCount" })
		if len(s.kids) == 0 {
			s.kids = []*selection{{name: "totalCount"}, {name: "__typename"}}
		}
	}
	return s
}

// drawOrder draws an order of one or two keys.
func (a *documentAuthor) drawOrder(e *model.Entity) []any {
	all := theModel.OrderFields(e)
	out := []any{}
	for range 1 + a.intN(2) {
		o := pickOne(a.source, all)
		for range 3 { // prefers an order that would tell something about a masked cell or a hidden row
			if a.intN(4) == 0 || a.revealsHidden(e, o) {
				break
			}
			o = pickOne(a.source, all)
		}
		key := inputObject{{"field", enumValue(o.Name)}}
		if a.intN(2) > 0 {
			key = append(key, inputField{"direction", pickOne(a.source, []any{enumValue("ASC"), enumValue("DESC")})})
		}
		out = append(out, key)
	}
	return out
}

// revealsHidden reports whether this order of the visible rows would tell something about a masked cell or a hidden
// row, if the hub used what is stored.
func (a *documentAuthor) revealsHidden(e *model.Entity, o model.OrderField) bool {
	return slices.ContainsFunc(a.view.visibleRows(e), func(r *row) bool {
		for _, step := range o.Path {
			to := a.view.visibleTargets(r, step)
			if len(to) == 0 {
				return r.values[step.Column] != nil
			}
			r = to[0]
		}
		if o.Field != nil && a.view.isMasked(r, o.Field) {
			return true
		}
		return o.Count != nil &&
			len(a.view.visibleTargets(r, o.Count)) < len(a.view.targetKeys(r, o.Count, anyRow))
	})
}

// drawFields draws some of the fields and edges of a row.
func (a *documentAuthor) drawFields(e *model.Entity, depth, times int) []*selection {
	out := []*selection{{name: "id"}}
	if a.intN(3) > 0 {
		out = append(out, &selection{name: "masked"})
	}
	if a.intN(3) == 0 {
		out = append(out, &selection{name: "access", kids: []*selection{
			{name: "canUpdate"}, {name: "canDelete"}, {name: "canApprove"},
		}})
	}
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Internal || a.intN(3) == 0 {
			continue
		}
		out = append(out, &selection{name: f.Name})
		if f.Kind == model.Texts && a.oneIn(3) {
			out = append(out, &selection{name: f.Name + "Texts", kids: []*selection{
				{name: "language"}, {name: "text"},
			}})
		}
		for _, d := range f.Derived {
			out = append(out, &selection{name: d.Name})
		}
	}
	if a.fieldBudget -= len(out); a.fieldBudget < 0 {
		depth = 0
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		target := theModel.Target(edge)
		switch {
		case depth == 0 || a.intN(3) > 0 && edge.Tag.Ident == classification.None:
		case edge.Kind == model.ToOne:
			out = append(out, &selection{name: edge.Name, kids: a.drawFields(target, depth-1, times)})
		case a.rowBudget > times*8 && a.intN(2) == 0:
			k := a.drawConnection(edge.Name, target, min(depth-1, 1), max(times, 2))
			if a.oneIn(6) && a.aliasBudget > 0 {
				a.aliasBudget--
				k.alias = "l_" + edge.Name
			}
			out = append(out, k)
		}
	}
	return out
}

// drawNextPage draws the next page of a list that was answered before, from one of its cursors.
func (a *documentAuthor) drawNextPage() *selection {
	i := a.intN(len(a.cursorPositions))
	e := a.drawEntity()
	for j, p := range a.cursorPositions { // prefers a list at the root, of a random entity, in an order of the caller's
		if p.selection == p.root && entityByName(p.selection.name) == e && p.selection.argumentValue("orderBy") != nil {
			i = j
		}
	}
	return a.continueFrom(i)
}

// continueFrom draws the page that follows a cursor. At times it changes the cursor, or the list that it is used on.
func (a *documentAuthor) continueFrom(i int) *selection {
	p := a.cursorPositions[i]
	cursor := a.cursors[i]
	if a.oneIn(12) { // the cursor of another list, half of the time of one without condition and order
		var plain []int
		for j, o := range a.cursorPositions {
			s := o.selection
			if s == o.root && s.argumentValue("where") == nil && s.argumentValue("orderBy") == nil {
				plain = append(plain, j)
			}
		}
		if cursor = pickOne(a.source, a.cursors); len(plain) > 1 && a.intN(2) == 0 {
			p, cursor = a.cursorPositions[pickOne(a.source, plain)], a.cursors[pickOne(a.source, plain)]
		}
	} else if a.oneIn(12) {
		cursor = corruptCursor(a.source, cursor)
	}
	args := slices.DeleteFunc(slices.Clone(p.selection.args), func(g argument) bool {
		return g.name != "where" && g.name != "orderBy"
	})
	if e := entityByName(p.root.name); p.selection == p.root && e != nil && a.oneIn(8) {
		// the same list with another condition or another order
		other := argument{"where", e.Name + "Where", a.drawCondition(e, 1)}
		if a.intN(2) == 0 {
			other = argument{"orderBy", "[" + e.Name + "Order!]", a.drawOrder(e)}
		}
		if args = slices.DeleteFunc(args, func(g argument) bool { return g.name == other.name }); a.intN(3) > 0 {
			args = append(args, other)
		}
	}
	end := pickOne(a.source, []string{"after", "before"})
	args = append(args, argument{end, "String", cursor})
	if a.intN(4) > 0 {
		args = append(args, argument{pickOne(a.source, []string{"first", "last"}), "Int", int64(a.intN(6))})
	}
	return p.root.withArguments(p.selection, args)
}

// corruptCursor changes one letter of a cursor.
func corruptCursor(s source, cursor string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	b := []byte(cursor)
	i := s.intN(len(b))
	b[i] = letters[(strings.IndexByte(letters, b[i])+1+s.intN(63))%64]
	return string(b)
}
