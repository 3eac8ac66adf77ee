package main

import (
	"fmt"
	"slices"

	"rightshub/internal/model"
)

// moveTarget says what a state is that can be the end of a move.
const moveTarget = "state to which a move leads"

// checkMachine checks the moves of a state machine and the rules about its states.
func (c *checker) checkMachine(e *model.Entity, m *model.Machine, at place) {
	f := e.Column(m.Field)
	if f == nil || f.Kind != model.Enum || !f.Default || len(f.Values) == 0 {
		c.report(at.at("Field"), "the state machine is over %q, which is no enum field with a default; name one", m.Field)
		return
	}
	at.subject += "." + f.Name
	c.checkMoves(e, m, f, at.at("Moves"))
	c.checkNames(at.at("Fixed"), m.Fixed, mustBeOneOf(f.Values, "state"))
	c.checkNames(at.at("NotArchivedIn"), m.NotArchivedIn, mustBeOneOf(f.Values, "state"))
	if len(m.Fixed) > 0 && !e.Can(model.Update) {
		c.report(at.at("Fixed"), "nobody can update rows of %s anyway; delete Fixed, or add model.Update to Writes", e.Name)
	}
	if len(m.NotArchivedIn) > 0 && !e.Can(model.Delete) {
		c.report(at.at("NotArchivedIn"),
			"nobody can archive rows of %s anyway; delete NotArchivedIn, or add model.Delete to Writes", e.Name)
	}
	c.checkNames(at.at("Free"), m.Free, func(column string) string {
		switch {
		case len(m.Fixed) == 0:
			return "but no state is fixed; name the states in Fixed, or delete Free"
		case column == m.Field || e.Machine(column) == nil && !canUpdate(e, column):
			return "but no update ever changes such a column; correct the name, or delete it"
		}
		return ""
	})
	c.checkApprovals(e, m, at.at("Approvals"))
	c.checkSafeguarding(e, m, at.at("Safeguarding"))
	c.checkStamps(e, m, at.at("Stamps"))
	c.checkNames(at.at("WhileOpen"), m.WhileOpen, mustBeOneOf(moveTargets(m, ""), moveTarget))
	if len(m.WhileOpen) > 0 && !c.canClose(e) {
		c.report(at.at("WhileOpen"), "the row of Within has no fixed state; state Fixed there, or delete WhileOpen")
	}
}

// checkMoves checks that every state can be reached, and that no two moves contradict.
func (c *checker) checkMoves(e *model.Entity, m *model.Machine, f *model.Field, at place) {
	reached := map[string]bool{f.Values[0]: true} // the first state is the default one
	for i, move := range m.Moves {
		reached[move.To] = true
		name, word := fmt.Sprintf("the move from %s to %s", move.From, move.To), at.at(moveStep{move.From, move.To})
		for _, state := range []string{move.From, move.To} {
			if problem := mustBeOneOf(f.Values, "state")(state); problem != "" {
				c.report(word, "a move names %q, %s", state, problem)
			}
		}
		if !e.Can(move.Needs) {
			c.report(word, "%s needs the right to %s, which is not in Writes; add it, or let the move need another",
				name, move.Needs)
		}
		for _, other := range m.Moves[:i] {
			switch {
			case other.From != move.From || other.To != move.To:
			case other.Needs == move.Needs:
				c.report(word, "%s is stated twice; delete one", name)
			default:
				c.report(word, "%s needs the right to %s and also the right to %s, which contradicts; delete one",
					name, other.Needs, move.Needs)
			}
		}
	}
	for _, state := range f.Values {
		if !reached[state] {
			c.report(at, "no move leads to the state %q; add one, or delete the state", state)
		}
	}
}

// moveTargets returns the states to which the moves of a machine lead. With an action, only the moves that
// need it count.
func moveTargets(m *model.Machine, needs model.Action) (states []string) {
	for _, move := range m.Moves {
		if (needs == "" || move.Needs == needs) && !slices.Contains(states, move.To) {
			states = append(states, move.To)
		}
	}
	return states
}

// checkApprovals checks that every approval is about moves that need the right to approve, and names persons.
func (c *checker) checkApprovals(e *model.Entity, m *model.Machine, at place) {
	for i := range m.Approvals {
		a, at := &m.Approvals[i], at.at(i)
		c.checkNames(at.at("To"), a.To,
			mustBeOneOf(moveTargets(m, model.Approve), "state to which a move leads that needs the right to approve"))
		c.checkClaims(m, i, at)
		by := e.Edge(a.By)
		if a.By != "" && (by == nil || by.Kind != model.ToOne || by.Target != userEntity || !by.Managed) {
			c.report(at.at("By"), "By names %q, which is no edge to one %s that only the hub sets; name such an edge",
				a.By, userEntity)
		}
		if len(a.Authors) == 0 {
			c.report(at, "the approval names no authors, so everybody may give it; name them in Authors, or delete it")
		}
		c.checkNames(at.at("Authors"), a.Authors, func(author string) string {
			if (author == model.Creator || author == model.Editors) && e.Column(author) != nil {
				return ""
			}
			return c.pathProblem(e, author, userEntity, true)
		})
	}
}

// checkClaims checks that no approval before this one is about the same states, and that it is about any.
func (c *checker) checkClaims(m *model.Machine, index int, at place) {
	a := &m.Approvals[index]
	for i := range m.Approvals[:index] {
		other := &m.Approvals[i]
		if len(a.To) == 0 && len(other.To) == 0 {
			c.report(at, "this approval and the one on line %s are both about every other state, which contradicts; "+
				"name the states of one in To, or delete one", c.source.line(at.sibling(i)))
			return
		}
		for j, state := range a.To {
			if slices.Contains(other.To, state) {
				c.report(at.at("To", j), "this approval and the one on line %s are both about %q, which contradicts; "+
					"delete the state in one", c.source.line(at.sibling(i).at("To")), state)
			}
		}
	}
	if len(a.To) == 0 && len(m.ApprovedStates(a)) == 0 {
		c.report(at, "the approval is about every other state, but no other move needs the right to approve; delete it")
	}
}

// checkSafeguarding checks that the rule is about states that a move leads to, a volunteer, and kinds of checks.
func (c *checker) checkSafeguarding(e *model.Entity, m *model.Machine, at place) {
	s := m.Safeguarding
	if len(s.Before) == 0 && s.Volunteer == "" && len(s.Kinds) == 0 {
		return
	}
	if len(s.Before) == 0 || len(s.Kinds) == 0 {
		c.report(at, "Safeguarding needs states in Before and kinds of checks in Kinds; name both, or delete it")
	}
	c.checkNames(at.at("Before"), s.Before, mustBeOneOf(moveTargets(m, ""), moveTarget))
	if e.Edge(s.Volunteer) == nil || c.pathProblem(e, s.Volunteer, volunteerEntity, true) != "" {
		c.report(at.at("Volunteer"), "Volunteer names %q, which is no edge to one %s; name such an edge",
			s.Volunteer, volunteerEntity)
	}
	var kinds []string
	if checks := c.model.Entity(checkEntity); checks != nil && checks.Column("kind") != nil {
		kinds = checks.Column("kind").Values
	}
	c.checkNames(at.at("Kinds"), s.Kinds, mustBeOneOf(kinds, "kind of "+checkEntity))
}

// checkStamps checks that every stamp is about states that a move leads to, and records a time that only the hub sets.
func (c *checker) checkStamps(e *model.Entity, m *model.Machine, at place) {
	for i, stamp := range m.Stamps {
		at := at.at(i)
		c.checkNames(at.at("To"), stamp.To, mustBeOneOf(moveTargets(m, ""), moveTarget))
		if len(stamp.To) == 0 {
			c.report(at, "the stamp names no states; name them in To, or delete it")
		}
		f := e.Column(stamp.Column)
		if f == nil || f.Kind != model.Time || !f.Managed {
			c.report(at.at("Column"), "Column names %q, which is no time that only the hub sets; name such a field",
				stamp.Column)
		}
	}
}

// canClose reports whether the row that a row is within has states in which no update changes it.
func (c *checker) canClose(e *model.Entity) bool {
	edge := e.Edge(e.Within)
	return edge != nil && slices.ContainsFunc(c.model.Target(edge).Machines, func(m model.Machine) bool {
		return len(m.Fixed) > 0
	})
}
