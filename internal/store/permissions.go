package store

import (
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// permissionCondition is the condition that the caller may do something to a row as it stands: beside the right to, no state that they see
// forbids it, and it is not about themselves where others must do it. What is written may be refused all the same, for what
// it says, or for where the row lies.
func (c *compiler) permissionCondition(e *model.Entity, alias string, a model.Action) *sqlFragment {
	p := (&sqlFragment{}).add("(").sub(c.allowedRows(e, alias, a))
	user := c.view.Subject().User
	if user == uuid.Nil {
		return p.add(")")
	}
	if other, held := selfEditRules[e.Name]; held && a == model.Update {
		p.add(" AND ", col(alias, other.column), " <> ").arg(user.String())
	}
	for _, way := range subjectPaths(e) {
		if a == model.Delete {
			p.add(" AND ").sub(c.aboutCallerCondition(e, alias, way)).add(" IS NOT TRUE")
		}
	}
	for _, name := range dependantEdges[e.Name] {
		if a == model.Delete {
			p.add(" AND NOT ").sub(c.hasDependants(e, alias, name))
		}
	}
	steps := &sqlFragment{}
	for i := range e.Machines {
		m := &e.Machines[i]
		switch {
		case a == model.Update && len(m.Free) == 0:
			p.sub(c.andStateNotIn(e, alias, m, m.Fixed))
		case a == model.Delete:
			p.sub(c.andStateNotIn(e, alias, m, m.Kept))
		case a == model.Approve:
			steps.sub(c.orApprovalSteps(e, alias, m))
		}
	}
	if a == model.Approve && len(e.Machines) > 0 {
		p.add(" AND (1=0").sub(steps).add(")")
	}
	return p.add(")")
}

// andStateNotIn is the condition that the state, as the caller sees it, is none of these; empty where there are none.
func (c *compiler) andStateNotIn(e *model.Entity, alias string, m *model.Machine, states []string) *sqlFragment {
	if len(states) == 0 {
		return &sqlFragment{}
	}
	cell, _ := c.maskedCell(e, alias, e.Column(m.Field))
	return (&sqlFragment{}).add(" AND COALESCE(").sub(cell).add(", '') NOT IN (").sub(stringArgs(states)).add(")")
}

// orApprovalSteps are the moves of a machine that the right to approve opens from where the row stands, each after an OR.
func (c *compiler) orApprovalSteps(e *model.Entity, alias string, m *model.Machine) *sqlFragment {
	froms := map[*approvalRule][]string{}
	for _, move := range m.Moves {
		if s := approvalRuleFor(e, m, move.Needs, move.To); move.Needs == model.Approve && !slices.Contains(froms[s], move.From) {
			froms[s] = append(froms[s], move.From)
		}
	}
	list := approvalRules[e.Name+"."+m.Field]
	p := &sqlFragment{}
	for i := -1; i < len(list); i++ {
		var s *approvalRule
		if i >= 0 {
			s = &list[i]
		}
		if len(froms[s]) == 0 {
			continue
		}
		cell, _ := c.maskedCell(e, alias, e.Column(m.Field))
		p.add(" OR COALESCE(").sub(cell).add(", ").arg(froms[s][0]).add(") IN (").sub(stringArgs(froms[s])).add(")")
		if s != nil {
			p.add(" AND ").sub(c.authorCondition(e, alias, s)).add(" IS NOT TRUE")
		}
		for i := range e.Machines { // one state may hold another
			if o := &e.Machines[i]; o.Field != m.Field && !slices.Contains(o.Free, m.Field) {
				p.sub(c.andStateNotIn(e, alias, o, o.Fixed))
			}
		}
	}
	return p
}

// stringArgs lists words as arguments.
func stringArgs(list []string) *sqlFragment {
	p := &sqlFragment{}
	for i, w := range list {
		if i > 0 {
			p.add(", ")
		}
		p.arg(w)
	}
	return p
}
