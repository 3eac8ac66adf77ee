package query

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
	ApproverColumn string   // column of who took it; "": nobody notes it
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

// ApprovalRuleFor is the signature that a move needs; nil where none.
func ApprovalRuleFor(e *model.Entity, m *model.Machine, needs model.Action, to string) *approvalRule {
	list := approvalRules[e.Name+"."+m.Field]
	i := slices.IndexFunc(list, func(s approvalRule) bool { return len(s.states) == 0 || slices.Contains(s.states, to) })
	if i < 0 || needs != model.Approve {
		return nil
	}
	return &list[i]
}

// AuthorCondition is the condition that the caller is one of those who may not sign for a row.
func (c *Compiler) AuthorCondition(e *model.Entity, alias string, s *approvalRule) *Fragment {
	user := c.View.Subject().User.String()
	p := (&Fragment{}).Add("(")
	for i, column := range s.authorColumns {
		if i > 0 {
			p.Add(" OR ")
		}
		switch {
		case strings.Contains(column, "."):
			p.Sub(c.AboutCallerCondition(e, alias, column))
		case column == "edited_by":
			p.Sub(c.listContains((&Fragment{}).Add(Col(alias, column)), user))
		default:
			p.Add(Col(alias, column), " = ").Arg(user)
		}
	}
	return p.Add(")")
}

// LeadsToCallerCondition is the condition that a key of a row leads to the caller, as far as they see the rows on the way. "": it is a person's.
func (c *Compiler) LeadsToCallerCondition(key *Fragment, e *model.Entity, way string) *Fragment {
	if way == "" {
		return (&Fragment{}).Sub(key).Add(" = ").Arg(c.View.Subject().User.String())
	}
	first, rest, _ := strings.Cut(way, ".")
	edge, t := e.Edge(first), c.NewAlias()
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", TableAs(e, t), " WHERE ", Col(t, "id"), " = ").Sub(key).Add(" AND ").Sub(c.VisibleRows(e, t)).
		Add(" AND ").Sub(c.LeadsToCallerCondition((&Fragment{}).Add(Col(t, edge.Column)), c.Model.Target(edge), rest)).Add(")")
}

// AboutCallerCondition is the condition that a way leads from a row to the caller.
func (c *Compiler) AboutCallerCondition(e *model.Entity, alias, way string) *Fragment {
	first, rest, _ := strings.Cut(way, ".")
	edge := e.Edge(first)
	return c.LeadsToCallerCondition((&Fragment{}).Add(Col(alias, edge.Column)), c.Model.Target(edge), rest)
}

// KeyArgument is a key as the database compares it with others.
func (c *Compiler) KeyArgument(id uuid.UUID) *Fragment {
	if c.IsPostgres {
		return (&Fragment{}).Add("CAST(").Arg(id.String()).Add(" AS uuid)")
	}
	return (&Fragment{}).Arg(id.String())
}

// SelfEditRules are the entities whose rows others write than the person whom they are about, in this column, and what that one is told.
var SelfEditRules = map[string]struct {
	Column string
	Told   *fault.Error
}{
	"RoleAssignment":  {"user_id", fault.New(fault.Forbidden, "Nobody grants a role to themselves.")},
	"EmergencyAccess": {"user_id", fault.New(fault.Forbidden, "Another person must write what the review found: you opened the record.")},
}

// SubjectPaths are the ways from a row to the person whom others say that it is about: not who the hub notes, nor who is responsible.
func SubjectPaths(e *model.Entity) (ways []string) {
	for _, way := range e.Scope.Self {
		first, _, _ := strings.Cut(way, ".")
		edge := e.Edge(first)
		if edge != nil && edge.Kind == model.ToOne && !edge.Managed && !slices.Contains(e.Scope.Assigned, way) {
			ways = append(ways, way)
		}
	}
	return ways
}

// DependantEdges are the edges whose rows keep a row from being archived, as far as the caller sees them: without it they are read by
// nobody, or say nothing.
var DependantEdges = map[string][]string{"Child": {"caseFiles"}, "Intervention": {"results"}, "Result": {"indicators"}, "Indicator": {"values"}}

// HasDependants is the condition that such an edge of a row leads to rows.
func (c *Compiler) HasDependants(e *model.Entity, alias, name string) *Fragment {
	edge, t := e.Edge(name), c.NewAlias()
	target := c.Model.Target(edge)
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", TableAs(target, t), " WHERE ", Col(t, edge.Column), " = ", Col(alias, "id"), " AND ").Sub(c.VisibleRows(target, t)).
		Sub(c.followableEdge(target, t, edge)).Add(")")
}
