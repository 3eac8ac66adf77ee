package access

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Subject is the caller with all facts that decide about its rights. The facts are read once per request.
type Subject struct {
	User            uuid.UUID // the user's key; uuid.Nil for a system task
	Name            string    // stable name for the log, the user's key or the task's name; never an e-mail address
	Assignments     []Assignment
	Grants          []Grant     // active audit grants; a grant gives rights only while the caller acts under it
	ActingGrant     *Grant      // the grant under which the caller acts; nil when it acts by its assignments
	Emergency       []Emergency // children whose records the caller opened in an emergency
	Purpose         string      // purpose of the request (header Purpose-Of-Use); "" when none is stated
	ReadOnly        bool        // the access token may not write
	SignedInByToken bool        // signed in by a personal access token
	Now             time.Time   // the database's clock; assignments are valid only between their dates
}

// Assignment is a role that a user holds within a scope for a time. An empty list of keys gives no key of that kind.
type Assignment struct {
	ID            uuid.UUID
	Role          string
	Everywhere    bool // the role's country scope is every country
	Countries     []uuid.UUID
	Offices       []uuid.UUID
	Partners      []uuid.UUID
	Interventions []uuid.UUID
	Purposes      []string  // purposes of the role that may be stated; empty for all of them
	From, Until   time.Time // a zero time means no limit
}

// Grant is an audit grant, which lets its auditor read rows. An empty list does not narrow the rows, but a grant with
// neither countries nor interventions gives access to no row.
type Grant struct {
	ID            uuid.UUID
	Countries     []uuid.UUID
	Interventions []uuid.UUID
	Entities      []string
	First, Last   time.Time // first and last day of the period under audit; a zero time means no limit
	From, Until   time.Time // validity of the grant itself
}

// Emergency is a child's record that the caller opened in an emergency.
type Emergency struct {
	Child uuid.UUID
	Until time.Time
}

// validAt reports whether now lies in the half-open interval from from to until. A zero time means no limit.
func validAt(from, until, now time.Time) bool {
	return (from.IsZero() || !now.Before(from)) && (until.IsZero() || now.Before(until))
}

// Auditor is the role that an audit grant gives.
const Auditor = "auditor"

// ChooseCapacity decides whether the subject acts under an audit grant or by its assignments. A subject that names a
// grant acts under that grant and has no other rights. Without a named grant, a subject with exactly one valid grant
// and no valid role acts under that grant. Every other subject acts by its assignments without any grant, so that the
// rights of an audit never join with other rights. An expired grant and a grant of another user are refused with the
// same error.
func (s Subject) ChooseCapacity(grant uuid.UUID) (Subject, error) {
	var valid []Grant
	for _, g := range s.Grants {
		if validAt(g.From, g.Until, s.Now) {
			valid = append(valid, g)
		}
	}
	if grant != uuid.Nil {
		i := slices.IndexFunc(valid, func(g Grant) bool { return g.ID == grant })
		if i < 0 {
			return s, fault.New(fault.Forbidden, "The header Audit-Grant names no valid audit grant of yours.")
		}
		s.ActingGrant = &valid[i]
		return s, nil
	}
	hasRole := slices.ContainsFunc(s.Assignments, func(a Assignment) bool { return validAt(a.From, a.Until, s.Now) })
	if !hasRole && len(valid) == 1 {
		s.ActingGrant = &valid[0]
	}
	return s, nil
}

// currentAssignments returns the assignments that are valid now and in the capacity of the subject. A view is compiled
// from these only, and the checks on granting roles and on moving rows go by the same assignments.
func (s Subject) currentAssignments() []Assignment {
	out := make([]Assignment, 0, len(s.Assignments))
	for _, a := range s.Assignments {
		if s.ActingGrant == nil && validAt(a.From, a.Until, s.Now) && mayHoldRole(&s, a.Role) {
			out = append(out, a)
		}
	}
	return out
}

// SystemSubject returns the subject of a task of the hub itself. The task holds the role of the same name everywhere.
func SystemSubject(name string, now time.Time) Subject {
	return Subject{Name: name, Assignments: []Assignment{{Role: name, Everywhere: true}}, Now: now}
}

// PublicSubject returns the subject of a caller that has not signed in, which the operator may permit. It can only
// read.
func PublicSubject(now time.Time) Subject {
	return Subject{Name: Public, Assignments: []Assignment{{Role: Public, Everywhere: true}}, ReadOnly: true, Now: now}
}

// View holds the rights of one caller, compiled from the policies and the caller's valid assignments. It is immutable,
// except for the cache of Memoize. Of the policies it holds only the lines about giving and ending roles.
type View struct {
	subject  Subject
	entities map[string]*entityView
	version  string
	key      string
	purposes []string // purposes that the caller may state in any of its capacities
	roles    *roleRules
	memo     sync.Map
}

// entityView holds the rights on one entity. Each condition selects the rows on which an action is allowed with cells
// of a class.
type entityView struct {
	conds        map[model.Action][4]*Cond // by action and level; an action that is allowed on no row has no entry
	pseudonymous bool                      // rows are shown under pseudonyms
	sharesFields bool                      // some rows are visible only through the fields of a referral
	wholeRow     Cond                      // the rows that are visible by other lines; set with sharesFields
}

// View compiles the rights of the subject.
func (p *Policy) View(s Subject) *View {
	s.Assignments = s.currentAssignments()
	v := &View{subject: s, entities: map[string]*entityView{}, version: p.version, key: s.Name + "|" + p.version}
	if s.ActingGrant != nil {
		v.key += "|" + s.ActingGrant.ID.String()
	}
	v.purposes, v.roles = p.statablePurposes(s), &p.roleRules
	h := p.newCompileState(s)
	for _, e := range p.model.Entities() {
		v.entities[e.Name] = p.compileEntity(e, h)
	}
	return v
}

// mayState reports whether a holder of the role may state the purpose. The list narrowed holds the purposes of the
// assignment; an empty list does not narrow the purposes of the role.
func (p *Policy) mayState(role string, narrowed []string, purpose string) bool {
	return slices.Contains(p.purposesByRole[role], purpose) &&
		(len(narrowed) == 0 || slices.Contains(narrowed, purpose))
}

// statablePurposes lists the purposes that the subject may state. Its assignments must be the current ones.
func (p *Policy) statablePurposes(s Subject) (out []string) {
	for _, purpose := range Purposes {
		byAssignment := func(a Assignment) bool { return p.mayState(a.Role, a.Purposes, purpose) }
		if s.User != uuid.Nil && p.mayState(Everyone, nil, purpose) ||
			s.ActingGrant != nil && p.mayState(Auditor, nil, purpose) ||
			slices.ContainsFunc(s.Assignments, byAssignment) {
			out = append(out, purpose)
		}
	}
	return out
}

// AppliesToLevel reports whether the line applies to cells of the level. An allow line applies to its clearance and
// below, a deny line to its clearance and above. The argument purpose tells whether the request has a purpose that the
// role may state. Without such a purpose, a line with a condition applies only below C3.
func (r *Rule) AppliesToLevel(level classification.Level, purpose bool) bool {
	switch {
	case r.Deny:
		return int(level) >= r.Clearance
	case level >= classification.C3 && r.Condition == Pseudonym:
		return false
	case level >= classification.C3 && r.Condition != Always && !purpose:
		return false
	}
	return int(level) <= r.Clearance
}

// utcDay returns the day of a time in UTC. Consents and referrals are checked against this day.
func utcDay(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// RowsWhere returns the condition that selects the rows of an entity on which the caller may do the action. It returns
// the zero Cond, which selects no row, when the action is not allowed. Class C0 decides about the row, because every
// line that allows the action allows it with cells of class C0.
func (v *View) RowsWhere(entity string, action model.Action) Cond {
	return v.conditionFor(entity, action, 0)
}

// ClearWhere returns the condition that selects the rows in which a cell of the class is shown in clear. The row itself
// must be visible. A cell that does not identify a person is shown with its row. Any other cell is shown where one line
// grants both the row and the class. The name is the API name of the field.
func (v *View) ClearWhere(entity, name string, tag model.Tag) Cond {
	if tag.Ident == classification.None {
		return v.RowsWhere(entity, model.Read)
	}
	return v.conditionFor(entity, model.Read, int(tag.Level)).forField(name)
}

// GeneralisedWhere returns the condition that selects the rows in which a generalised value of a cell of the class is
// shown. The row itself must be visible. The value is shown with its row, unless the row is visible only through the
// fields of a referral. In that case the referral must share the generalised field under its own name.
func (v *View) GeneralisedWhere(entity, name string, tag classification.Tag) Cond {
	e := v.entities[entity]
	if e == nil {
		return Cond{}
	}
	if !e.sharesFields {
		return v.RowsWhere(entity, model.Read)
	}
	return anyOf(e.wholeRow, v.ClearWhere(entity, name, tag))
}

// WritableWhere returns the condition that selects the rows on which the caller may do the action and set a cell of the
// class.
func (v *View) WritableWhere(entity string, action model.Action, tag model.Tag) Cond {
	if tag.Ident == classification.None {
		return v.RowsWhere(entity, action)
	}
	return v.conditionFor(entity, action, int(tag.Level))
}

// conditionFor returns the condition of an action with cells of a level, and the zero Cond when it is not allowed.
func (v *View) conditionFor(entity string, action model.Action, level int) Cond {
	e := v.entities[entity]
	if e == nil || e.conds[action][level] == nil {
		return Cond{}
	}
	return *e.conds[action][level]
}

// May reports whether a row of the entity could exist on which the action is allowed.
func (v *View) May(entity string, action model.Action) bool {
	return v.RowsWhere(entity, action).Op != False
}

// PseudonymKey returns the key from which the pseudonyms of an entity's rows are derived. It differs by grant and
// entity. It is "" when rows are shown under their own ids.
func (v *View) PseudonymKey(entity string) string {
	if e := v.entities[entity]; e == nil || !e.pseudonymous || v.subject.ActingGrant == nil {
		return ""
	}
	return v.subject.ActingGrant.ID.String() + " " + entity
}

// Memoize returns the result of derive, which it stores under the name for the lifetime of the view. When calls
// overlap, derive may run more than once, and all calls return the same result.
func (v *View) Memoize(name string, derive func() any) any {
	if stored, ok := v.memo.Load(name); ok {
		return stored
	}
	stored, _ := v.memo.LoadOrStore(name, derive())
	return stored
}

// Subject returns the caller.
func (v *View) Subject() Subject { return v.subject }

// Purposes lists the values of the header Purpose-Of-Use that the caller may state in any of its capacities.
func (v *View) Purposes() []string { return v.purposes }

// Version returns the version of the policies from which the view was compiled.
func (v *View) Version() string { return v.version }

// Key identifies the caller, the version of the policies and the grant under which the caller acts. Data sealed under
// one key, such as a cursor, is invalid under another.
func (v *View) Key() string { return v.key }
