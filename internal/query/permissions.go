package query

import (
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// permissionCondition returns the condition that the caller may do the action to a row as it is. The caller needs the
// right to do it, no state that the caller sees may forbid it, and the row must not be about the caller where another
// person must do it. A write may still be refused for its values, or for the place of the row.
func (c *Compiler) permissionCondition(e *model.Entity, alias string, a model.Action) *Fragment {
	p := (&Fragment{}).Add("(").Sub(c.AllowedRows(e, alias, a))
	user := c.View.Subject().User
	if user == uuid.Nil {
		return p.Add(")")
	}
	if excluded := e.Edge(e.NotBy.Edge); excluded != nil && a == model.Update {
		p.Add(" AND ", Col(alias, excluded.Column), " <> ").Arg(user.String())
	}
	for _, way := range SubjectPaths(e) {
		if a == model.Delete {
			p.Add(" AND ").Sub(c.AboutCallerCondition(e, alias, way)).Add(" IS NOT TRUE")
		}
	}
	for _, name := range e.KeptWhile {
		if a == model.Delete {
			p.Add(" AND NOT ").Sub(c.HasDependants(e, alias, name))
		}
	}
	steps := &Fragment{}
	for i := range e.Machines {
		m := &e.Machines[i]
		switch {
		case a == model.Update && len(m.Free) == 0:
			p.Sub(c.andStateNotIn(e, alias, m, m.Fixed))
		case a == model.Delete:
			p.Sub(c.andStateNotIn(e, alias, m, m.NotArchivedIn))
		case a == model.Approve:
			steps.Sub(c.orApprovalSteps(e, alias, m))
		}
	}
	if a == model.Approve && len(e.Machines) > 0 {
		p.Add(" AND (1=0").Sub(steps).Add(")")
	}
	return p.Add(")")
}

// andStateNotIn is the condition that the state, as the caller sees it, is none of these; empty where there are none.
func (c *Compiler) andStateNotIn(e *model.Entity, alias string, m *model.Machine, states []string) *Fragment {
	if len(states) == 0 {
		return &Fragment{}
	}
	cell, _ := c.MaskedCell(e, alias, e.Column(m.Field))
	return (&Fragment{}).Add(" AND COALESCE(").Sub(cell).Add(", '') NOT IN (").Sub(stringArgs(states)).Add(")")
}

// orApprovalSteps returns conditions, each after an OR, for the moves that the right to approve permits from the state of
// the row.
func (c *Compiler) orApprovalSteps(e *model.Entity, alias string, m *model.Machine) *Fragment {
	froms := map[*model.Approval][]string{} // under nil the moves that need no second person
	for _, move := range m.Moves {
		approval := m.Approval(move.Needs, move.To)
		if move.Needs == model.Approve && !slices.Contains(froms[approval], move.From) {
			froms[approval] = append(froms[approval], move.From)
		}
	}
	p := &Fragment{}
	for i := -1; i < len(m.Approvals); i++ {
		var approval *model.Approval
		if i >= 0 {
			approval = &m.Approvals[i]
		}
		states := froms[approval]
		if len(states) == 0 {
			continue
		}
		cell, _ := c.MaskedCell(e, alias, e.Column(m.Field))
		p.Add(" OR COALESCE(").Sub(cell).Add(", ").Arg(states[0]).Add(") IN (").Sub(stringArgs(states)).Add(")")
		if approval != nil {
			p.Add(" AND ").Sub(c.AuthorCondition(e, alias, approval)).Add(" IS NOT TRUE")
		}
		for i := range e.Machines { // one state may hold another
			if o := &e.Machines[i]; o.Field != m.Field && !slices.Contains(o.Free, m.Field) {
				p.Sub(c.andStateNotIn(e, alias, o, o.Fixed))
			}
		}
	}
	return p
}

// stringArgs lists words as arguments.
func stringArgs(list []string) *Fragment {
	p := &Fragment{}
	for i, w := range list {
		if i > 0 {
			p.Add(", ")
		}
		p.Arg(w)
	}
	return p
}
