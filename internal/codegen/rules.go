package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rightshub/internal/model"
)

// The entities that rules name.
const (
	userEntity      = "User"
	volunteerEntity = "Volunteer"
	checkEntity     = "SafeguardingCheck"
)

// checker collects what is wrong with the rules of the model. A rule must name what exists, must be able to apply, and
// must not contradict another rule. Every problem says where the schema states the rule, and what to do.
type checker struct {
	model    *model.Model
	source   *schemaSource
	problems []error
}

// checkRules checks the rules of every entity, and returns all problems together.
func checkRules(m *model.Model, source *schemaSource) error {
	c := &checker{model: m, source: source}
	for _, e := range m.Entities() {
		c.checkOrderOfFields(e)
		at := place{entity: e.Name, method: "Annotations", subject: e.Name}
		c.checkScope(e, at.at("Scope"))
		for i := range e.Machines {
			c.checkMachine(e, &e.Machines[i], at.at("Machines", i))
		}
		c.checkWithin(e, at.at("Within"))
		c.checkReports(e, at.at("Reports"))
		c.checkExclusion(e, at.at("NotBy"))
		c.checkKeptWhile(e, at.at("KeptWhile"))
		c.checkHandovers(e, at.at("Handovers"))
	}
	return errors.Join(c.problems...)
}

// report adds a problem of what an entity states at a place.
func (c *checker) report(at place, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	c.problems = append(c.problems, fmt.Errorf("%s: %s: %s", c.source.position(at), at.subject, message))
}

// checkNames checks that a list of names has none twice. The function says what is wrong with one name, or "".
func (c *checker) checkNames(at place, names []string, problem func(name string) string) {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			c.report(at.at(i), "%s names %q twice; delete one", at.key(), name)
		} else if text := problem(name); text != "" {
			c.report(at.at(i), "%s names %q, %s", at.key(), name, text)
		}
	}
}

// checkOrderOfFields checks that a field that does not lie before another one names a field of the same kind.
func (c *checker) checkOrderOfFields(e *model.Entity) {
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.After == "" {
			continue
		}
		at := place{entity: e.Name, method: "Fields", subject: e.Name + "." + f.Name}
		if first := e.Column(f.After); first == nil || first.Kind != f.Kind || first == f {
			c.report(at.at(text(f.After)), "notBefore names %q, which is no other field of the kind %s; name one",
				f.After, f.Kind)
		}
	}
}

// checkScope checks that the paths of a scope exist and lead to the keys that they are compared with.
func (c *checker) checkScope(e *model.Entity, at place) {
	for _, scope := range []struct {
		key, target string
		paths       []string
	}{
		{"Country", "Country", e.Scope.Country},
		{"Office", "Office", e.Scope.Office},
		{"Partner", "Partner", e.Scope.Partner},
		{"Intervention", "Intervention", e.Scope.Intervention},
		{"Assigned", userEntity, e.Scope.Assigned},
		{"Self", userEntity, e.Scope.Self},
		{"Grant", "Intervention", e.Scope.Grant},
	} {
		c.checkNames(at.at(scope.key), scope.paths, func(path string) string {
			return c.pathProblem(e, path, scope.target, false)
		})
	}
	if path := e.Scope.Child; path != "" {
		if problem := c.pathProblem(e, path, "Child", false); problem != "" {
			c.report(at.at("Child"), "Child names %q, %s", path, problem)
		}
	}
	c.checkNames(at.at("Published"), e.Scope.Published, func(state string) string {
		if f := e.Field("state"); f == nil || !slices.Contains(f.Values, state) {
			return "which is no value of the field state; correct it"
		}
		return ""
	})
	c.checkPeriod(e, at.at("Period"))
}

// checkPeriod checks that an audit's period takes the row by a day, by its creation, or by a row that has a period.
func (c *checker) checkPeriod(e *model.Entity, at place) {
	period := e.Scope.Period
	if period == "" {
		return
	}
	if edge := e.Edge(period); edge != nil && edge.Kind != model.Through {
		if target := c.model.Target(edge); target.Column(target.Scope.Period) != nil {
			return
		}
	}
	if f := e.Column(period); f == nil || f.Kind != model.Date && period != "created_at" {
		c.report(at, "Period names %q, which is neither a day nor an edge to rows with a period; "+
			"name a field of a day, created_at, or such an edge", period)
	}
}

// checkWithin checks that the parent of a row is one row.
func (c *checker) checkWithin(e *model.Entity, at place) {
	if edge := e.Edge(e.Within); e.Within != "" && (edge == nil || edge.Kind != model.ToOne) {
		c.report(at, "Within names %q, which is no edge to one row; name such an edge", e.Within)
	}
}

// checkReports checks that the columns are ones that an update changes, and that there is a right to write the others.
func (c *checker) checkReports(e *model.Entity, at place) {
	c.checkNames(at, e.Reports, func(column string) string {
		if !canUpdate(e, column) {
			return "but no update changes such a column; correct the name, or delete it"
		}
		return ""
	})
	if len(e.Reports) > 0 && !e.Can(model.Approve) {
		c.report(at, "nobody could write the other columns; add model.Approve to Writes, or delete Reports")
	}
}

// checkExclusion checks that the excluded person is a user that could otherwise update the row.
func (c *checker) checkExclusion(e *model.Entity, at place) {
	not := e.NotBy
	if not == (model.Exclusion{}) {
		return
	}
	if problem := c.pathProblem(e, not.Edge, userEntity, true); problem != "" || strings.Contains(not.Edge, ".") {
		c.report(at.at("Edge"), "NotBy names %q, which is no edge to one %s; name such an edge", not.Edge, userEntity)
	}
	if slices.Contains(e.Scope.Assigned, not.Edge) {
		c.report(at.at("Edge"), "NotBy forbids %q to update the row, and Scope.Assigned makes this person responsible "+
			"for it, which contradicts; delete one", not.Edge)
	}
	if !e.Can(model.Update) {
		c.report(at, "nobody can update rows of %s anyway; delete NotBy, or add model.Update to Writes", e.Name)
	}
	c.checkMessage(not.Message, at)
}

// checkKeptWhile checks that the edges lead to lists of rows that can be archived first.
func (c *checker) checkKeptWhile(e *model.Entity, at place) {
	c.checkNames(at, e.KeptWhile, func(name string) string {
		edge := e.Edge(name)
		switch {
		case edge == nil || edge.Kind != model.ToMany:
			return fmt.Sprintf("which is no list of rows that refer to %s; name such a list", e.Name)
		case !c.model.Target(edge).Can(model.Delete):
			return fmt.Sprintf("but nobody can archive rows of %s, so a row of %s with one could never be archived; "+
				"add model.Delete to Writes of %[1]s, or delete it", edge.Target, e.Name)
		}
		return ""
	})
	if len(e.KeptWhile) > 0 && !e.Can(model.Delete) {
		c.report(at, "nobody can archive rows of %s anyway; delete KeptWhile, or add model.Delete to Writes", e.Name)
	}
}

// checkHandovers checks that an update can change the edges, and that somebody has the right to hand the row over.
func (c *checker) checkHandovers(e *model.Entity, at place) {
	for i, h := range e.Handovers {
		edge, word := e.Edge(h.Edge), at.at(i, "Edge")
		same := func(other model.Handover) bool { return other.Edge == h.Edge }
		switch {
		case edge == nil || !edge.Input(false):
			c.report(word, "Handovers names %q, but no update changes such an edge; correct the name, or delete it",
				h.Edge)
		case slices.ContainsFunc(e.Handovers[:i], same):
			c.report(word, "Handovers names %q twice, which contradicts; delete one", h.Edge)
		case slices.Contains(e.Reports, edge.Column):
			c.report(word, "Handovers reserves %q for a caller with the right to archive the row, and Reports opens "+
				"it to every caller with the right to update, which contradicts; delete one", h.Edge)
		}
		c.checkMessage(h.Message, at.at(i))
	}
	if len(e.Handovers) > 0 && !e.Can(model.Delete) {
		c.report(at, "nobody could hand over a row of %s; add model.Delete to Writes, or delete Handovers", e.Name)
	}
}

// checkMessage checks that a person who breaks a rule gets a sentence to read.
func (c *checker) checkMessage(message string, at place) {
	if !strings.HasSuffix(message, ".") {
		c.report(at.at("Message"), "Message is %q; write a sentence with a full stop for whom the rule stops",
			message)
	}
}

// pathProblem says what is wrong with a path of edges that should lead to a row of the target, or "". The path id
// stands for the row itself. A single path leads over edges to one row only.
func (c *checker) pathProblem(e *model.Entity, path, target string, single bool) string {
	row := e
	for _, name := range strings.Split(path, ".") {
		if path == "id" && !single {
			break
		}
		edge := row.Edge(name)
		switch {
		case edge == nil:
			return fmt.Sprintf("but %s has no edge %q; write a path of edges to a %s", row.Name, name, target)
		case single && edge.Kind != model.ToOne:
			return fmt.Sprintf("but %q leads from a %s to many rows; write a path over single rows to a %s",
				name, row.Name, target)
		}
		row = c.model.Target(edge)
	}
	if row.Name != target {
		return fmt.Sprintf("which leads to a %s; write a path to a %s", row.Name, target)
	}
	return ""
}

// canUpdate reports whether an update changes a column.
func canUpdate(e *model.Entity, column string) bool {
	if f := e.Column(column); f != nil {
		return f.Input(e, false)
	}
	return slices.ContainsFunc(e.Edges, func(edge model.Edge) bool {
		return edge.Column == column && edge.Input(false)
	})
}

// mustBeOneOf returns a function that says that a name is not what it should be, unless it is one of these.
func mustBeOneOf(names []string, what string) func(name string) string {
	return func(name string) string {
		if slices.Contains(names, name) {
			return ""
		}
		if len(names) == 0 {
			return fmt.Sprintf("but there is no %s; delete it", what)
		}
		return fmt.Sprintf("which is no %s; write one of %s", what, strings.Join(names, ", "))
	}
}
