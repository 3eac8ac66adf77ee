package access

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// ApplicableLine is a line of the policies that says something about an action on an entity to somebody, in one capacity.
type ApplicableLine struct {
	Rule
	Text             string   // the line
	StatablePurposes []string // purposes that may be stated in the capacity
	OwnView          *View    // what the line by itself lets read in the capacity; of a line that denies: what it takes away
}

// Capacity is one way in which a subject holds a role: by an assignment, by an audit grant, or as everyone does.
type Capacity struct {
	Role       string
	Assignment *Assignment // nil: no assignment
	Grant      *Grant      // nil: no grant
	subject    Subject     // who holds nothing else
}

// Capacities lists the ways in which the subject acts, one by one; those whose dates do not count are left out.
func (s Subject) Capacities() []Capacity {
	alone := s
	alone.Assignments, alone.Grants = nil, nil
	var out []Capacity
	if s.User != uuid.Nil {
		c := alone
		c.ActingGrant = nil
		out = append(out, Capacity{Role: Everyone, subject: c})
	}
	if s.ActingGrant != nil {
		return append(out, Capacity{Role: Auditor, Grant: s.ActingGrant, subject: alone})
	}
	for _, a := range s.currentAssignments() {
		c := alone
		c.Assignments = []Assignment{a}
		out = append(out, Capacity{Role: a.Role, Assignment: &a, subject: c})
	}
	return out
}

// ApplicableLines lists the lines about the action on the entity that speak to the capacity, in the order of the file.
func (p *Policy) ApplicableLines(c Capacity, entity string, action model.Action) []ApplicableLine {
	var out []ApplicableLine
	for _, r := range p.rules[c.Role][entity] {
		if !slices.Contains(r.Actions, action) {
			continue
		}
		s := ApplicableLine{Rule: r, Text: p.lineText(r.Line), OwnView: p.onlyRule(r).View(c.subject).WithoutPseudonyms()}
		for _, purpose := range p.purposesByRole[c.Role] {
			if c.Assignment == nil || len(c.Assignment.Purposes) == 0 || slices.Contains(c.Assignment.Purposes, purpose) {
				s.StatablePurposes = append(s.StatablePurposes, purpose)
			}
		}
		out = append(out, s)
	}
	return out
}

// HasLineAbout reports whether a line about the action on the entity is about the role.
func (p *Policy) HasLineAbout(role, entity string, action model.Action) bool {
	return slices.ContainsFunc(p.rules[role][entity], func(r Rule) bool { return slices.Contains(r.Actions, action) })
}

// StatablePurposesOf lists the purposes that the role may state.
func (p *Policy) StatablePurposesOf(role string) []string { return p.purposesByRole[role] }

func (p *Policy) lineText(number int) string {
	for _, l := range p.policyLines {
		if l.number == number {
			return strings.Join(l.fields, ", ")
		}
	}
	return ""
}

// onlyRule is a policy of one line about one entity, as if it let its role read: the store can then be asked what the line
// reaches and clears, for whatever action.
func (p *Policy) onlyRule(r Rule) *Policy {
	r.Actions = []model.Action{model.Read}
	if r.Deny {
		r.Deny, r.Clearance, r.Condition = false, int(classification.C3), Always
	}
	only := *p
	only.rules = map[string]map[string][]Rule{r.Role: {r.Entity: {r}}}
	return &only
}

// WithoutPseudonyms is the same view for the operator's questions, never for a caller: where rows have pseudonyms, they answer to
// their own keys, and no budget is charged.
func (v *View) WithoutPseudonyms() *View {
	subject := v.subject
	subject.ActingGrant = nil
	return &View{subject: subject, entities: v.entities, version: v.version, key: v.key}
}
