package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// What must not be done by whom it concerns: approved by its author, or written by the person whom it is about.

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

// requireSecondPerson wants another person than the authors for what needs a signature, and notes who it was.
func (w *rowWrite) requireSecondPerson(ctx context.Context, m *model.Machine, to string) error {
	s := approvalRuleFor(w.entity, m, w.action, to)
	if s == nil || w.isSystem() {
		return nil
	}
	c := w.newCompiler()
	own, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().sub(c.authorCondition(w.entity, "t", s)))
	if err != nil {
		return err
	}
	if own {
		return fault.New(fault.Forbidden, "Another person must approve this: you made it or changed it, or it is about you.")
	}
	if s.approverColumn != "" {
		w.setColumn(s.approverColumn, w.User())
	}
	return nil
}

// selfEditRules are the entities whose rows others write than the person whom they are about, in this column, and what that one is told.
var selfEditRules = map[string]struct {
	column string
	told   *fault.Error
}{
	"RoleAssignment":  {"user_id", fault.New(fault.Forbidden, "Nobody grants a role to themselves.")},
	"EmergencyAccess": {"user_id", fault.New(fault.Forbidden, "Another person must write what the review found: you opened the record.")},
}

// forbidSelfEdit keeps people from changing what stands about themselves.
func (w *rowWrite) forbidSelfEdit(ctx context.Context) error {
	other, held := selfEditRules[w.entity.Name]
	if !held || w.isSystem() {
		return nil
	}
	p := (&sqlFragment{}).add("SELECT 1 FROM ", quote(w.entity.Table), " WHERE id = ").arg(w.id.String()).add(" AND ", quote(other.column), " = ").arg(w.User().String())
	own, err := w.queryReturnsRow(ctx, w.newCompiler(), p)
	if err == nil && own {
		err = other.told
	}
	return err
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

// aboutCallerCondition is the condition that a way leads from a row to the caller.
func (c *compiler) aboutCallerCondition(e *model.Entity, alias, way string) *sqlFragment {
	first, rest, _ := strings.Cut(way, ".")
	edge := e.Edge(first)
	return c.leadsToCallerCondition((&sqlFragment{}).add(col(alias, edge.Column)), c.model.Target(edge), rest)
}

// selectWrittenRow is the start of a statement that finds the row which is written.
func (w *rowWrite) selectWrittenRow() *sqlFragment {
	return (&sqlFragment{}).add("SELECT 1 FROM ", tableAs(w.entity, "t"), " WHERE t.id = ").arg(w.id.String()).add(" AND ")
}

// forbidSelfSubject keeps people from naming themselves as the person whom a row is about, and from taking their own name out of it: what
// is about somebody gives them access, and is not theirs to sign. Who is responsible for a row may say so.
func (w *rowWrite) forbidSelfSubject(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, way := range subjectPaths(w.entity) {
		first, rest, _ := strings.Cut(way, ".")
		edge := w.entity.Edge(first)
		i := slices.IndexFunc(w.changes, func(ch columnChange) bool { return ch.column == edge.Column })
		if i < 0 {
			continue
		}
		c := w.newCompiler()
		p := (&sqlFragment{}).add("SELECT 1 WHERE EXISTS (").sub(w.selectWrittenRow()).sub(c.aboutCallerCondition(w.entity, "t", way)).add(")")
		if to, given := w.changes[i].value.(uuid.UUID); given {
			p.add(" OR ").sub(c.leadsToCallerCondition(c.keyArgument(to), w.hub.model.Target(edge), rest))
		}
		own, err := w.queryReturnsRow(ctx, c, p)
		if err != nil {
			return err
		}
		if own {
			return fault.New(fault.Forbidden, "Another person must write whom this is about: it is about you, or would be.")
		}
	}
	return nil
}

// forbidSelfArchive keeps people from archiving what is about themselves: what leads over it to them would be theirs to sign.
func (w *rowWrite) forbidSelfArchive(ctx context.Context) error {
	if w.isSystem() {
		return nil
	}
	for _, way := range subjectPaths(w.entity) {
		c := w.newCompiler()
		own, err := w.queryReturnsRow(ctx, c, w.selectWrittenRow().sub(c.aboutCallerCondition(w.entity, "t", way)))
		if err != nil {
			return err
		}
		if own {
			return fault.New(fault.Forbidden, "Another person must archive this: it is about you.")
		}
	}
	return nil
}

// keyArgument is a key as the database compares it with others.
func (c *compiler) keyArgument(id uuid.UUID) *sqlFragment {
	if c.isPostgres {
		return (&sqlFragment{}).add("CAST(").arg(id.String()).add(" AS uuid)")
	}
	return (&sqlFragment{}).arg(id.String())
}

// queryReturnsRow reports whether a statement has an answer.
func (w *rowWrite) queryReturnsRow(ctx context.Context, c *compiler, p *sqlFragment) (found bool, err error) {
	err = w.queryRows(ctx, c, p, func(*sql.Rows) error { found = true; return nil })
	return found, err
}
