package proof_test

import (
	"fmt"
	"slices"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Which cells of the table there can be is worked out from the model and the policies: a cell that no role can reach is
// none.

// reach is what a person in one role, and as everyone, may do.
type reachable struct {
	rules []rule
	role  string
}

func (p reachable) lines(e *model.Entity, acts ...string) (out []rule) {
	for _, r := range p.rules {
		if !r.deny && (r.role == p.role || r.role == "everyone") && slices.Contains(r.entities, e.Name) && slices.ContainsFunc(acts, func(a string) bool { return slices.Contains(r.actions, a) }) {
			out = append(out, r)
		}
	}
	return out
}

func (p reachable) reads(e *model.Entity) bool { return len(p.lines(e, "read")) > 0 }

// state reports whether a field can be in the state for the role.
func (p reachable) state(e *model.Entity, f *model.Field, state string) bool {
	for _, r := range p.lines(e, "read") {
		masks := f.Tag.Ident != classification.None && (r.clearance < int(f.Tag.Level) || f.Tag.Level == classification.C3 && r.condition != "-") || f.Traces && r.condition == "pseudonym"
		clears := f.Tag.Ident == classification.None && !(f.Traces && r.condition == "pseudonym") || f.Tag.Ident != classification.None && r.clearance >= int(f.Tag.Level) && r.condition != "pseudonym"
		if state == "masked" && masks || state == "visible" && clears {
			return true
		}
	}
	return false
}

// clears reports whether a field is clear in every row that the role has by a scope.
func (p reachable) clears(e *model.Entity, f *model.Field, scope string) bool {
	return slices.ContainsFunc(p.lines(e, "read"), func(r rule) bool {
		return (r.scope == scope || r.scope == "global") && r.clearance >= int(f.Tag.Level) && (r.condition == "-" || f.Tag.Level < classification.C3 && r.condition != "pseudonym")
	})
}

// refers reports whether the role writes rows that refer to rows of the entity: a payload shows those too.
func (p reachable) refers(e *model.Entity) bool {
	return slices.ContainsFunc(inventory.Model.Entities(), func(from *model.Entity) bool {
		return len(p.lines(from, "create", "update", "approve")) > 0 && slices.ContainsFunc(from.Edges, func(edge model.Edge) bool {
			return edge.Kind == model.ToOne && edge.Target == e.Name && p.follows(from, &edge)
		})
	})
}

// follows reports whether the role reads both ends of an edge, and what joins them.
func (p reachable) follows(e *model.Entity, edge *model.Edge) bool {
	return p.reads(e) && p.reads(inventory.Model.Target(edge)) && (edge.Via == "" || p.reads(inventory.Model.Entity(edge.Via)))
}

// cells lists the table's cells.
func cells(rules []rule) (out []cell) {
	var people []reachable
	for _, role := range append([]string{"auditor"}, roles...) {
		people = append(people, reachable{rules, role})
	}
	can := func(test func(reachable) bool) bool { return slices.ContainsFunc(people, test) }
	for _, e := range inventory.Model.Entities() {
		for i := range e.Fields {
			if f := &e.Fields[i]; !f.Internal {
				out = append(out, fieldCells(e, f, can)...)
			}
		}
		for i := range e.Edges {
			out = append(out, edgeCells(e, &e.Edges[i], can)...)
		}
	}
	return out
}

func fieldCells(e *model.Entity, f *model.Field, can func(func(reachable) bool) bool) (out []cell) {
	for _, in := range positions {
		for _, state := range states {
			applies := state == "hidden" || can(func(p reachable) bool { return p.state(e, f, state) })
			switch in {
			case "where", "count":
				applies = applies && f.Filterable()
			case "edge condition":
				applies = applies && f.Filterable() && can(func(p reachable) bool {
					return (state == "hidden" || p.state(e, f, state)) && led(p, e, state == "hidden")
				})
			case "orderBy", "cursor":
				applies = applies && f.Orderable()
			case "mutation":
				applies = applies && mutable(e, f, state, can)
			}
			if applies {
				out = append(out, cell{e.Name, f.Name, in, state})
			}
		}
	}
	return out
}

// led reports whether an edge of a type that the role reads leads to the entity.
func led(p reachable, e *model.Entity, hidden bool) bool {
	return slices.ContainsFunc(inventory.Model.Entities(), func(from *model.Entity) bool {
		return slices.ContainsFunc(from.Edges, func(edge model.Edge) bool {
			return edge.Target == e.Name && (hidden && p.reads(from) || p.follows(from, &edge))
		})
	})
}

// mutable reports whether a change of the entity can show the field in the state, or be aimed at a hidden row with it.
func mutable(e *model.Entity, f *model.Field, state string, can func(func(reachable) bool) bool) bool {
	if f.Managed && f.Kind == model.Time {
		return false
	}
	acts := []string{}
	for _, a := range e.Writes {
		if a == model.Create || a == model.Update || a == model.Approve && len(e.Machines) > 0 {
			acts = append(acts, string(a))
		}
	}
	if state == "hidden" {
		return e.Can(model.Update) || e.Can(model.Approve) && len(e.Machines) > 0
	}
	return can(func(p reachable) bool {
		return p.state(e, f, state) && slices.ContainsFunc(p.lines(e, acts...), func(w rule) bool {
			return state == "visible" || !p.clears(e, f, w.scope) || p.refers(e)
		})
	})
}

func edgeCells(e *model.Entity, edge *model.Edge, can func(func(reachable) bool) bool) (out []cell) {
	ordered := slices.ContainsFunc(inventory.Model.OrderFields(e), func(o model.OrderField) bool {
		return o.Count != nil && o.Count.Name == edge.Name || len(o.Path) > 0 && o.Path[0].Name == edge.Name
	})
	for _, in := range []string{"select", "where", "orderBy", "edge condition", "count", "node"} {
		for _, state := range []string{"visible", "hidden"} {
			applies := can(func(p reachable) bool {
				return (state == "hidden" && p.reads(e) || p.follows(e, edge)) && (in != "edge condition" || led(p, e, false))
			})
			if applies && (in != "orderBy" || ordered) && (in != "count" || edge.Kind != model.ToOne) {
				out = append(out, cell{e.Name, edge.Name, in, state})
			}
		}
	}
	return out
}

// table prints the counts beside the cells, and lists those without a hit.
func (c *coverage) table(all []cell) (text string, missing []cell) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-42s", "visible/masked/hidden")
	for _, in := range positions {
		fmt.Fprintf(&b, " %20s", in)
	}
	applies := map[cell]bool{}
	for _, k := range all {
		if applies[k] = true; c.n[k] == 0 {
			missing = append(missing, k)
		}
	}
	last := ""
	for _, k := range all {
		if name := k.entity + "." + k.member; name != last {
			last = name
			fmt.Fprintf(&b, "\n%-42s", name)
			for _, in := range positions {
				var three []string
				for _, state := range states {
					at := cell{k.entity, k.member, in, state}
					if text := "-"; !applies[at] {
						three = append(three, text)
					} else {
						three = append(three, fmt.Sprint(c.n[at]))
					}
				}
				fmt.Fprintf(&b, " %20s", strings.Join(three, "/"))
			}
		}
	}
	return b.String(), missing
}
