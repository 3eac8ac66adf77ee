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
type roleReach struct {
	policyLines []policyLine
	role        string
}

func (p roleReach) allowLines(e *model.Entity, acts ...string) (out []policyLine) {
	for _, r := range p.policyLines {
		if !r.deny && (r.role == p.role || r.role == "everyone") && slices.Contains(r.entities, e.Name) && slices.ContainsFunc(acts, func(a string) bool { return slices.Contains(r.actions, a) }) {
			out = append(out, r)
		}
	}
	return out
}

func (p roleReach) readsEntity(e *model.Entity) bool { return len(p.allowLines(e, "read")) > 0 }

// hasFieldState reports whether a field can be in the state for the role.
func (p roleReach) hasFieldState(e *model.Entity, f *model.Field, state string) bool {
	for _, r := range p.allowLines(e, "read") {
		masks := f.Tag.Ident != classification.None && (r.clearance < int(f.Tag.Level) || f.Tag.Level == classification.C3 && r.condition != "-") || f.Traces && r.condition == "pseudonym"
		clears := f.Tag.Ident == classification.None && !(f.Traces && r.condition == "pseudonym") || f.Tag.Ident != classification.None && r.clearance >= int(f.Tag.Level) && r.condition != "pseudonym"
		if state == "masked" && masks || state == "visible" && clears {
			return true
		}
	}
	return false
}

// alwaysClears reports whether a field is clear in every row that the role has by a scope.
func (p roleReach) alwaysClears(e *model.Entity, f *model.Field, scope string) bool {
	return slices.ContainsFunc(p.allowLines(e, "read"), func(r policyLine) bool {
		return (r.scope == scope || r.scope == "global") && r.clearance >= int(f.Tag.Level) && (r.condition == "-" || f.Tag.Level < classification.C3 && r.condition != "pseudonym")
	})
}

// writesReferences reports whether the role writes rows that refer to rows of the entity: a payload shows those too.
func (p roleReach) writesReferences(e *model.Entity) bool {
	return slices.ContainsFunc(inventory.Model.Entities(), func(from *model.Entity) bool {
		return len(p.allowLines(from, "create", "update", "approve")) > 0 && slices.ContainsFunc(from.Edges, func(edge model.Edge) bool {
			return edge.Kind == model.ToOne && edge.Target == e.Name && p.followsEdge(from, &edge)
		})
	})
}

// followsEdge reports whether the role reads both ends of an edge, and what joins them.
func (p roleReach) followsEdge(e *model.Entity, edge *model.Edge) bool {
	return p.readsEntity(e) && p.readsEntity(inventory.Model.Target(edge)) && (edge.Via == "" || p.readsEntity(inventory.Model.Entity(edge.Via)))
}

// coverageCells lists the table's cells.
func coverageCells(rules []policyLine) (out []coverageCell) {
	var people []roleReach
	for _, role := range append([]string{"auditor"}, roleNames...) {
		people = append(people, roleReach{rules, role})
	}
	can := func(test func(roleReach) bool) bool { return slices.ContainsFunc(people, test) }
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

func fieldCells(e *model.Entity, f *model.Field, can func(func(roleReach) bool) bool) (out []coverageCell) {
	for _, in := range coveragePositions {
		for _, state := range coverageStates {
			applies := state == "hidden" || can(func(p roleReach) bool { return p.hasFieldState(e, f, state) })
			switch in {
			case "where", "count":
				applies = applies && f.Filterable()
			case "edge condition":
				applies = applies && f.Filterable() && can(func(p roleReach) bool {
					return (state == "hidden" || p.hasFieldState(e, f, state)) && isEdgeTarget(p, e, state == "hidden")
				})
			case "orderBy", "cursor":
				applies = applies && f.Orderable()
			case "mutation":
				applies = applies && isMutable(e, f, state, can)
			}
			if applies {
				out = append(out, coverageCell{e.Name, f.Name, in, state})
			}
		}
	}
	return out
}

// isEdgeTarget reports whether an edge of a type that the role reads leads to the entity.
func isEdgeTarget(p roleReach, e *model.Entity, hidden bool) bool {
	return slices.ContainsFunc(inventory.Model.Entities(), func(from *model.Entity) bool {
		return slices.ContainsFunc(from.Edges, func(edge model.Edge) bool {
			return edge.Target == e.Name && (hidden && p.readsEntity(from) || p.followsEdge(from, &edge))
		})
	})
}

// isMutable reports whether a change of the entity can show the field in the state, or be aimed at a hidden row with it.
func isMutable(e *model.Entity, f *model.Field, state string, can func(func(roleReach) bool) bool) bool {
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
	return can(func(p roleReach) bool {
		return p.hasFieldState(e, f, state) && slices.ContainsFunc(p.allowLines(e, acts...), func(w policyLine) bool {
			return state == "visible" || !p.alwaysClears(e, f, w.scope) || p.writesReferences(e)
		})
	})
}

func edgeCells(e *model.Entity, edge *model.Edge, can func(func(roleReach) bool) bool) (out []coverageCell) {
	ordered := slices.ContainsFunc(inventory.Model.OrderFields(e), func(o model.OrderField) bool {
		return o.Count != nil && o.Count.Name == edge.Name || len(o.Path) > 0 && o.Path[0].Name == edge.Name
	})
	for _, in := range []string{"select", "where", "orderBy", "edge condition", "count", "node"} {
		for _, state := range []string{"visible", "hidden"} {
			applies := can(func(p roleReach) bool {
				return (state == "hidden" && p.readsEntity(e) || p.followsEdge(e, edge)) && (in != "edge condition" || isEdgeTarget(p, e, false))
			})
			if applies && (in != "orderBy" || ordered) && (in != "count" || edge.Kind != model.ToOne) {
				out = append(out, coverageCell{e.Name, edge.Name, in, state})
			}
		}
	}
	return out
}

// formatTable prints the counts beside the cells, and lists those without a hit.
func (c *coverage) formatTable(all []coverageCell) (text string, missing []coverageCell) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-42s", "visible/masked/hidden")
	for _, in := range coveragePositions {
		fmt.Fprintf(&b, " %20s", in)
	}
	applies := map[coverageCell]bool{}
	for _, k := range all {
		if applies[k] = true; c.counts[k] == 0 {
			missing = append(missing, k)
		}
	}
	last := ""
	for _, k := range all {
		if name := k.entity + "." + k.member; name != last {
			last = name
			fmt.Fprintf(&b, "\n%-42s", name)
			for _, in := range coveragePositions {
				var three []string
				for _, state := range coverageStates {
					at := coverageCell{k.entity, k.member, in, state}
					if text := "-"; !applies[at] {
						three = append(three, text)
					} else {
						three = append(three, fmt.Sprint(c.counts[at]))
					}
				}
				fmt.Fprintf(&b, " %20s", strings.Join(three, "/"))
			}
		}
	}
	return b.String(), missing
}
