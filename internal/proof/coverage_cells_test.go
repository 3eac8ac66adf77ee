package proof_test

import (
	"fmt"
	"slices"
	"strings"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// This file computes from the model and the policies which coverage cells exist. A cell that no role can hit does not
// exist.

// roleReach is what a person can do with one role and "everyone".
type roleReach struct {
	policyLines []policyLine
	role        string
}

// allowLines are the allow lines that cover one of the actions on the entity.
func (p roleReach) allowLines(e *model.Entity, acts ...string) (out []policyLine) {
	for _, r := range p.policyLines {
		isHeld := !r.deny && (r.role == p.role || r.role == "everyone") && slices.Contains(r.entities, e.Name)
		if isHeld && slices.ContainsFunc(acts, func(a string) bool { return slices.Contains(r.actions, a) }) {
			out = append(out, r)
		}
	}
	return out
}

// readsEntity reports whether the role reads rows of the entity.
func (p roleReach) readsEntity(e *model.Entity) bool { return len(p.allowLines(e, "read")) > 0 }

// hasFieldState reports whether the role can see the field in a state (visible or masked).
func (p roleReach) hasFieldState(e *model.Entity, f *model.Field, state string) bool {
	identifies := f.Tag.Ident != classification.None
	for _, r := range p.allowLines(e, "read") {
		traced := f.HiddenUnderPseudonym && r.condition == "pseudonym"
		masks := traced || identifies && (r.clearance < int(f.Tag.Level) ||
			f.Tag.Level == classification.C3 && r.condition != "-")
		clears := !identifies && !traced ||
			identifies && r.clearance >= int(f.Tag.Level) && r.condition != "pseudonym"
		if state == "masked" && masks || state == "visible" && clears {
			return true
		}
	}
	return false
}

// alwaysClears reports whether the field is clear in every row that the role has by a scope.
func (p roleReach) alwaysClears(e *model.Entity, f *model.Field, scope string) bool {
	return slices.ContainsFunc(p.allowLines(e, "read"), func(r policyLine) bool {
		return (r.scope == scope || r.scope == "global") && r.clearance >= int(f.Tag.Level) &&
			(r.condition == "-" || f.Tag.Level < classification.C3 && r.condition != "pseudonym")
	})
}

// writesReferences reports whether the role writes rows that refer to rows of the entity. The payload shows those rows
// too.
func (p roleReach) writesReferences(e *model.Entity) bool {
	return slices.ContainsFunc(theModel.Entities(), func(from *model.Entity) bool {
		if len(p.allowLines(from, "create", "update", "approve")) == 0 {
			return false
		}
		return slices.ContainsFunc(from.Edges, func(edge model.Edge) bool {
			return edge.Kind == model.ToOne && edge.Target == e.Name && p.followsEdge(from, &edge)
		})
	})
}

// followsEdge reports whether the role reads both ends of an edge, and the joining rows if it has any.
func (p roleReach) followsEdge(e *model.Entity, edge *model.Edge) bool {
	return p.readsEntity(e) && p.readsEntity(theModel.Target(edge)) &&
		(edge.Via == "" || p.readsEntity(theModel.Entity(edge.Via)))
}

// coverageCells lists the coverage cells that some role can hit.
func coverageCells(rules []policyLine) (out []coverageCell) {
	var people []roleReach
	for _, role := range append([]string{"auditor"}, roleNames...) {
		people = append(people, roleReach{rules, role})
	}
	can := func(test func(roleReach) bool) bool { return slices.ContainsFunc(people, test) }
	for _, e := range theModel.Entities() {
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

// fieldCells are the coverage cells of a field. The function can reports whether a role passes a test.
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

// isEdgeTarget reports whether an edge leads to the entity from an entity that the role reads. Unless the target is to
// be hidden, the role must be able to follow it.
func isEdgeTarget(p roleReach, e *model.Entity, hidden bool) bool {
	return slices.ContainsFunc(theModel.Entities(), func(from *model.Entity) bool {
		return slices.ContainsFunc(from.Edges, func(edge model.Edge) bool {
			return edge.Target == e.Name && (hidden && p.readsEntity(from) || p.followsEdge(from, &edge))
		})
	})
}

// isMutable reports whether a mutation can show the field in the state, or can name it for a hidden row.
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

// edgeCells are the coverage cells of an edge.
func edgeCells(e *model.Entity, edge *model.Edge, can func(func(roleReach) bool) bool) (out []coverageCell) {
	ordered := slices.ContainsFunc(theModel.OrderFields(e), func(o model.OrderField) bool {
		return o.Count != nil && o.Count.Name == edge.Name || len(o.Path) > 0 && o.Path[0].Name == edge.Name
	})
	for _, in := range []string{"select", "where", "orderBy", "edge condition", "count", "node"} {
		for _, state := range []string{"visible", "hidden"} {
			applies := can(func(p roleReach) bool {
				follows := state == "hidden" && p.readsEntity(e) || p.followsEdge(e, edge)
				return follows && (in != "edge condition" || isEdgeTarget(p, e, false))
			})
			if applies && (in != "orderBy" || ordered) && (in != "count" || edge.Kind != model.ToOne) {
				out = append(out, coverageCell{e.Name, edge.Name, in, state})
			}
		}
	}
	return out
}

// formatTable prints the hits of the coverage cells, one line per member, and lists the cells without a hit.
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
				var counts []string
				for _, state := range coverageStates {
					count := "-"
					if at := (coverageCell{k.entity, k.member, in, state}); applies[at] {
						count = fmt.Sprint(c.counts[at])
					}
					counts = append(counts, count)
				}
				fmt.Fprintf(&b, " %20s", strings.Join(counts, "/"))
			}
		}
	}
	return b.String(), missing
}
