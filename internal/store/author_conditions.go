package store

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// approvalRule is a step that another person must take than those whom it concerns.
type approvalRule struct {
	states         []string // states that it leads to; none: all others to which one needs the right to approve
	approverColumn string   // column of who took it; "": nobody notes it
	authorColumns  []string // columns of who may not, and ways to them: who made it, whoever it is about, and in edited_by whoever changed what it says, also before others did
}

// approvalRules by entity and column of the state. Transitions leave edited_by alone, so that a first approver may take the
// next step as well, but for what needs two of them.
var approvalRules = map[string][]approvalRule{
	"RoleAssignment.state":  {{[]string{"approved", "active"}, "approved_by_id", []string{"created_by", "granted_by_id", "edited_by", "user_id"}}},
	"EmergencyAccess.state": {{nil, "reviewed_by_id", []string{"created_by", "user_id"}}}, // the finding is the reviewer's own words
	"IndicatorValue.state":  {{nil, "approved_by_id", []string{"created_by", "author_id", "edited_by"}}},
	"Activity.state":        {{[]string{"verified"}, "", []string{"created_by", "responsible_id"}}},
	"Partner.state":         {{[]string{"active"}, "", []string{"created_by"}}},
	"Referral.state":        {{[]string{"accepted", "rejected", "in_progress", "done"}, "", []string{"created_by"}}},
	"Resource.state":        {{[]string{"validated", "published"}, "", []string{"created_by", "edited_by"}}},
	"CaseService.approval":  {{nil, "", []string{"created_by", "edited_by"}}},
	"CaseFile.status":       {{nil, "", []string{"owner_id"}}}, // a supervisor who works on a case hands it to another before it is closed
	"CaseFile.stage":        {{nil, "", []string{"owner_id"}}},
	"BestInterests.state":   {{nil, "", []string{"created_by", "edited_by"}}},
	"SafeguardingCheck.result": {{[]string{"clear"}, "", []string{"created_by", "edited_by", "volunteer.user"}},
		{nil, "", []string{"volunteer.user"}}}, // a warning needs no second person
	"Volunteer.state":  {{[]string{"approved"}, "", []string{"created_by", "user_id"}}, {nil, "", []string{"user_id"}}},
	"Deployment.state": {{nil, "", []string{"volunteer.user"}}},
	"AuditGrant.state": {{[]string{"approved"}, "approved_by_id", []string{"created_by", "auditor_id", "edited_by"}},
		{[]string{"active"}, "second_approved_by_id", []string{"created_by", "auditor_id", "edited_by", "approved_by_id"}}},
}

// approvalRuleFor is the signature that a move needs; nil where none.
func approvalRuleFor(e *model.Entity, m *model.Machine, needs model.Action, to string) *approvalRule {
	list := approvalRules[e.Name+"."+m.Field]
	i := slices.IndexFunc(list, func(s approvalRule) bool { return len(s.states) == 0 || slices.Contains(s.states, to) })
	if i < 0 || needs != model.Approve {
		return nil
	}
	return &list[i]
}

// authorCondition is the condition that the caller is one of those who may not sign for a row.
func (c *compiler) authorCondition(e *model.Entity, alias string, s *approvalRule) *sqlFragment {
	user := c.view.Subject().User.String()
	p := (&sqlFragment{}).add("(")
	for i, column := range s.authorColumns {
		if i > 0 {
			p.add(" OR ")
		}
		switch {
		case strings.Contains(column, "."):
			p.sub(c.aboutCallerCondition(e, alias, column))
		case column == "edited_by":
			p.sub(c.listContains((&sqlFragment{}).add(col(alias, column)), user))
		default:
			p.add(col(alias, column), " = ").arg(user)
		}
	}
	return p.add(")")
}

// leadsToCallerCondition is the condition that a key of a row leads to the caller, as far as they see the rows on the way. "": it is a person's.
func (c *compiler) leadsToCallerCondition(key *sqlFragment, e *model.Entity, way string) *sqlFragment {
	if way == "" {
		return (&sqlFragment{}).sub(key).add(" = ").arg(c.view.Subject().User.String())
	}
	first, rest, _ := strings.Cut(way, ".")
	edge, t := e.Edge(first), c.newAlias()
	return (&sqlFragment{}).add("EXISTS (SELECT 1 FROM ", tableAs(e, t), " WHERE ", col(t, "id"), " = ").sub(key).add(" AND ").sub(c.visibleRows(e, t)).
		add(" AND ").sub(c.leadsToCallerCondition((&sqlFragment{}).add(col(t, edge.Column)), c.model.Target(edge), rest)).add(")")
}

// aboutCallerCondition is the condition that a way leads from a row to the caller.
func (c *compiler) aboutCallerCondition(e *model.Entity, alias, way string) *sqlFragment {
	first, rest, _ := strings.Cut(way, ".")
	edge := e.Edge(first)
	return c.leadsToCallerCondition((&sqlFragment{}).add(col(alias, edge.Column)), c.model.Target(edge), rest)
}

// keyArgument is a key as the database compares it with others.
func (c *compiler) keyArgument(id uuid.UUID) *sqlFragment {
	if c.isPostgres {
		return (&sqlFragment{}).add("CAST(").arg(id.String()).add(" AS uuid)")
	}
	return (&sqlFragment{}).arg(id.String())
}

// selfEditRules are the entities whose rows others write than the person whom they are about, in this column, and what that one is told.
var selfEditRules = map[string]struct {
	column string
	told   *fault.Error
}{
	"RoleAssignment":  {"user_id", fault.New(fault.Forbidden, "Nobody grants a role to themselves.")},
	"EmergencyAccess": {"user_id", fault.New(fault.Forbidden, "Another person must write what the review found: you opened the record.")},
}

// subjectPaths are the ways from a row to the person whom others say that it is about: not who the hub notes, nor who is responsible.
func subjectPaths(e *model.Entity) (ways []string) {
	for _, way := range e.Scope.Self {
		first, _, _ := strings.Cut(way, ".")
		edge := e.Edge(first)
		if edge != nil && edge.Kind == model.ToOne && !edge.Managed && !slices.Contains(e.Scope.Assigned, way) {
			ways = append(ways, way)
		}
	}
	return ways
}

// dependantEdges are the edges whose rows keep a row from being archived, as far as the caller sees them: without it they are read by
// nobody, or say nothing.
var dependantEdges = map[string][]string{"Child": {"caseFiles"}, "Intervention": {"results"}, "Result": {"indicators"}, "Indicator": {"values"}}

// hasDependants is the condition that such an edge of a row leads to rows.
func (c *compiler) hasDependants(e *model.Entity, alias, name string) *sqlFragment {
	edge, t := e.Edge(name), c.newAlias()
	target := c.model.Target(edge)
	return (&sqlFragment{}).add("EXISTS (SELECT 1 FROM ", tableAs(target, t), " WHERE ", col(t, edge.Column), " = ", col(alias, "id"), " AND ").sub(c.visibleRows(target, t)).
		sub(c.followableEdge(target, t, edge)).add(")")
}
