package access

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// ApplicableLine is a policy line that applies to an action on an entity in one capacity of a subject.
type ApplicableLine struct {
	Rule
	Text             string   // columns of the line, joined by commas
	StatablePurposes []string // purposes that the subject may state in the capacity
	OwnView          *View    // what this line alone lets the capacity read; for a deny line, what it takes away
}

// Capacity is one way in which a subject holds a role. It holds the role everyone by being signed in, and any other
// role by an assignment or by an audit grant.
type Capacity struct {
	Role       string
	Assignment *Assignment // nil unless held by an assignment
	Grant      *Grant      // nil unless held by an audit grant
	subject    Subject     // the subject with this capacity only
}

// Capacities lists the capacities of the subject that are valid now.
func (s Subject) Capacities() []Capacity {
	bare := s
	bare.Assignments, bare.Grants = nil, nil
	var out []Capacity
	if s.User != uuid.Nil {
		c := bare
		c.ActingGrant = nil
		out = append(out, Capacity{Role: Everyone, subject: c})
	}
	if s.ActingGrant != nil {
		return append(out, Capacity{Role: Auditor, Grant: s.ActingGrant, subject: bare})
	}
	for _, a := range s.currentAssignments() {
		c := bare
		c.Assignments = []Assignment{a}
		out = append(out, Capacity{Role: a.Role, Assignment: &a, subject: c})
	}
	return out
}

// ApplicableLines lists the lines about the action on the entity that apply to the role of the capacity, in the order
// of the file.
func (p *Policy) ApplicableLines(c Capacity, entity string, action model.Action) []ApplicableLine {
	var out []ApplicableLine
	for _, r := range p.rules[c.Role][entity] {
		if !slices.Contains(r.Actions, action) {
			continue
		}
		line := ApplicableLine{Rule: r, Text: p.lineText(r.Line)}
		line.OwnView = p.onlyRule(r).View(c.subject).WithoutPseudonyms()
		for _, purpose := range p.purposesByRole[c.Role] {
			if c.Assignment == nil || len(c.Assignment.Purposes) == 0 ||
				slices.Contains(c.Assignment.Purposes, purpose) {
				line.StatablePurposes = append(line.StatablePurposes, purpose)
			}
		}
		out = append(out, line)
	}
	return out
}

// HasLineAbout reports whether a line of the role is about the action on the entity.
func (p *Policy) HasLineAbout(role, entity string, action model.Action) bool {
	return slices.ContainsFunc(p.rules[role][entity], func(r Rule) bool { return slices.Contains(r.Actions, action) })
}

// StatablePurposesOf lists the purposes that holders of the role may state.
func (p *Policy) StatablePurposesOf(role string) []string { return p.purposesByRole[role] }

// lineText returns the columns of a line of roles.csv, joined by commas.
func (p *Policy) lineText(number int) string {
	for _, l := range p.policyLines {
		if l.Number == number {
			return strings.Join(l.Columns, ", ")
		}
	}
	return ""
}

// onlyRule returns a policy with this line alone, for one entity, changed so that it allows reading. A view of that
// policy lets the store find the rows and cells that the line covers, even if the line is about another action.
func (p *Policy) onlyRule(r Rule) *Policy {
	r.Actions = []model.Action{model.Read}
	if r.Deny {
		r.Deny, r.Clearance, r.Condition = false, int(classification.C3), Always
	}
	only := *p
	only.rules = map[string]map[string][]Rule{r.Role: {r.Entity: {r}}}
	return &only
}

// WithoutPseudonyms returns the same rights without pseudonyms, for the operator's questions. Rows are found by their
// own keys, and reading them uses nothing of the budget of an audit grant. Never serve a caller with this view.
func (v *View) WithoutPseudonyms() *View {
	subject := v.subject
	subject.ActingGrant = nil
	return &View{subject: subject, entities: v.entities, version: v.version, key: v.key, roles: v.roles}
}
