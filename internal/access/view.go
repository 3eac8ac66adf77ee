package access

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Subject is who is calling, with everything that decides what they may do, read once per request.
type Subject struct {
	User            uuid.UUID // the user's key; uuid.Nil for a system task
	Name            string    // stable name for the log: the user's key, or the system task's name. Never an e-mail address
	Assignments     []Assignment
	Grants          []Grant     // active audit grants; one counts only when the caller acts under it
	ActingGrant     *Grant      // the grant under which the caller acts; nil: by the assignments
	Emergency       []Emergency // children whose record the caller opened in an emergency
	Purpose         string      // what the request said it is for (Purpose-Of-Use); "" when it did not
	ReadOnly        bool        // the token may not write
	SignedInByToken bool        // signed in by a personal access token
	Now             time.Time   // the database's clock; assignments outside their dates do not count
}

// Assignment is a role held within a scope for a time. An empty list means: no key of that kind.
type Assignment struct {
	ID            uuid.UUID
	Role          string
	Everywhere    bool // the role's country scope is every country
	Countries     []uuid.UUID
	Offices       []uuid.UUID
	Partners      []uuid.UUID
	Interventions []uuid.UUID
	Purposes      []string  // those of the role's that may be stated; empty: all of them
	From, Until   time.Time // a zero time is open
}

// Grant is what an audit grant lets its auditor read. Empty lists do not narrow; one without countries and
// interventions reaches nothing.
type Grant struct {
	ID            uuid.UUID
	Countries     []uuid.UUID
	Interventions []uuid.UUID
	Entities      []string
	First, Last   time.Time // days of the period under audit; a zero time is open
	From, Until   time.Time // when the grant counts
}

// Emergency is a child's record opened in an emergency.
type Emergency struct {
	Child uuid.UUID
	Until time.Time
}

func validAt(from, until, now time.Time) bool {
	return (from.IsZero() || !now.Before(from)) && (until.IsZero() || now.Before(until))
}

// Auditor is the role that a grant gives.
const Auditor = "auditor"

// ChooseCapacity says in which capacity the subject asks. Whoever names a grant acts under it and holds nothing else. Without a
// name, somebody whose only role is one grant acts under it; everybody else by their assignments, without any grant:
// rights of an audit never join with others. A grant that does not count now, and one of somebody else, are refused alike.
func (s Subject) ChooseCapacity(grant uuid.UUID) (Subject, error) {
	var counting []Grant
	for _, g := range s.Grants {
		if validAt(g.From, g.Until, s.Now) {
			counting = append(counting, g)
		}
	}
	if grant != uuid.Nil {
		i := slices.IndexFunc(counting, func(g Grant) bool { return g.ID == grant })
		if i < 0 {
			return s, fault.New(fault.Forbidden, "The header Audit-Grant names no grant of yours that counts now.")
		}
		s.ActingGrant = &counting[i]
		return s, nil
	}
	roles := slices.ContainsFunc(s.Assignments, func(a Assignment) bool { return validAt(a.From, a.Until, s.Now) })
	if !roles && len(counting) == 1 {
		s.ActingGrant = &counting[0]
	}
	return s, nil
}

// currentAssignments are the assignments that count now and in this capacity. A view knows no others: what may be given to whom, and
// where rows may be moved, is judged by them too.
func (s Subject) currentAssignments() []Assignment {
	out := make([]Assignment, 0, len(s.Assignments))
	for _, a := range s.Assignments {
		if s.ActingGrant == nil && validAt(a.From, a.Until, s.Now) && mayHoldRole(&s, a.Role) {
			out = append(out, a)
		}
	}
	return out
}

// SystemSubject is the subject of a task of the hub itself, which holds the role of that name everywhere.
func SystemSubject(name string, now time.Time) Subject {
	return Subject{Name: name, Assignments: []Assignment{{Role: name, Everywhere: true}}, Now: now}
}

// PublicSubject is the subject of whoever asks without signing in, where the operator lets them. They read, and nothing else.
func PublicSubject(now time.Time) Subject {
	return Subject{Name: Public, Assignments: []Assignment{{Role: Public, Everywhere: true}}, ReadOnly: true, Now: now}
}

// View is V(u): what one caller may see and do, compiled from the policies and the caller's live assignments.
// It is immutable and holds no reference to either.
type View struct {
	subject  Subject
	entities map[string]*entityView
	version  string
	key      string
	purposes []string // that may be stated, in one capacity or another
	memo     sync.Map
}

// entityView holds a condition per action and class: where the action is allowed with cells of that class.
type entityView struct {
	conds        map[model.Action][4]*Cond // none of an action that is allowed nowhere
	pseudonymous bool                      // rows are shown under pseudonyms
	sharesFields bool                      // fields of some rows are shared one by one
	wholeRow     Cond                      // the other rows
}

// View compiles what the subject may see and do.
func (p *Policy) View(s Subject) *View {
	s.Assignments = s.currentAssignments()
	v := &View{subject: s, entities: map[string]*entityView{}, version: p.version, key: s.Name + "|" + p.version}
	if s.ActingGrant != nil {
		v.key += "|" + s.ActingGrant.ID.String()
	}
	v.purposes = p.statablePurposes(s)
	h := p.newCompileState(s)
	for _, e := range p.model.Entities() {
		v.entities[e.Name] = p.compileEntity(e, h)
	}
	return v
}

// mayState reports whether the purpose is one that the role, and the assignment, may state.
func (p *Policy) mayState(role string, narrowed []string, purpose string) bool {
	return slices.Contains(p.purposesByRole[role], purpose) && (len(narrowed) == 0 || slices.Contains(narrowed, purpose))
}

// statablePurposes lists the purposes that the subject, with the assignments that count, may state.
func (p *Policy) statablePurposes(s Subject) (out []string) {
	for _, purpose := range Purposes {
		if s.User != uuid.Nil && p.mayState(Everyone, nil, purpose) || s.ActingGrant != nil && p.mayState(Auditor, nil, purpose) ||
			slices.ContainsFunc(s.Assignments, func(a Assignment) bool { return p.mayState(a.Role, a.Purposes, purpose) }) {
			out = append(out, purpose)
		}
	}
	return out
}

// appliesToLevel reports whether a line speaks about cells of the level: an allow line about its clearance and below, a
// deny line about its clearance and above. Without a purpose, a line that wants one ends below C3.
func appliesToLevel(r *Rule, level classification.Level, purpose bool) bool {
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

// utcDay is the day on which consents and referrals are judged, UTC.
func utcDay(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// scopeCondition is where a scope word reaches rows of the entity for whoever holds the capacities.
func (p *Policy) scopeCondition(e *model.Entity, h *compileState, scope string, by capacitySet) Cond {
	switch scope {
	case "global":
		return Cond{Op: True}
	case "published":
		return publishedCondition(e)
	case "team":
		return allOf(wordCondition("visibility", e.Scope.Team), p.scopeCondition(e, h, "assigned", by))
	case "overseen":
		return allOf(wordCondition("visibility", e.Scope.Overseen), p.scopeCondition(e, h, "office", by))
	case "addressed":
		return allOf(publishedCondition(e), notEndedCondition(e, h.subject.Now), anyPathReaches(p.model, e, scopeWords[scope](e.Scope), h.heldKeys(scope, by)))
	case "grant":
		return p.grantCondition(e, h.subject.ActingGrant)
	case "country":
		if h.heldEverywhere(by) {
			return Cond{Op: True}
		}
	case "emergency":
		return p.emergencyCondition(e, h, by)
	case "assigned", "own":
		var all []Cond
		for _, path := range scopeWords[scope](e.Scope) {
			all = append(all, p.responsibleCondition(e, h, by, path))
		}
		return anyOf(all...)
	case "referred":
		partners := h.heldKeys(scope, by)
		if len(partners) == 0 || e.Scope.Child == "" {
			return Cond{}
		}
		return toChild(p.model, e, Cond{Op: ReferredToPartner, Values: partners, Day: utcDay(h.subject.Now)})
	}
	return anyPathReaches(p.model, e, scopeWords[scope](e.Scope), h.heldKeys(scope, by))
}

// placeScopes are the scopes whose keys say how far a role reaches.
var placeScopes = []string{"country", "office", "partner", "intervention"}

// responsibleCondition is where a path ends in the caller, and the row that says so lies where the role reaches: who moves on leaves
// behind what they were responsible for there.
func (p *Policy) responsibleCondition(e *model.Entity, h *compileState, by capacitySet, path string) Cond {
	step, rest, far := strings.Cut(path, ".")
	if far {
		kid := p.responsibleCondition(p.model.Target(e.Edge(step)), h, by, rest)
		if kid.Op == False {
			return kid
		}
		return Cond{Op: Via, Edge: step, Kids: []Cond{kid}}
	}
	said := anyPathReaches(p.model, e, []string{step}, h.heldKeys("self", by))
	return allOf(said, p.withinRolePlaces(e, h, by))
}

// emergencyCondition is where the record of the child whom a row is about was opened in an emergency, and the child lies where the role
// reaches: an emergency ends with the role there, like what is assigned.
func (p *Policy) emergencyCondition(e *model.Entity, h *compileState, by capacitySet) Cond {
	children := h.heldKeys("emergency", by)
	if len(children) == 0 || e.Scope.Child == "" {
		return Cond{}
	}
	record := Cond{Op: KeyIn, Column: "id", Values: children}
	there := allOf(record, p.withinRolePlaces(p.model.Entity("Child"), h, by))
	if there.Op == False {
		return there
	}
	return toChild(p.model, e, there)
}

// withinRolePlaces is where a row lies in one of the places that the role reaches.
func (p *Policy) withinRolePlaces(e *model.Entity, h *compileState, by capacitySet) Cond {
	if h.heldEverywhere(by) {
		return Cond{Op: True}
	}
	all := make([]Cond, 0, len(placeScopes))
	for _, place := range placeScopes {
		all = append(all, anyPathReaches(p.model, e, scopeWords[place](e.Scope), h.heldKeys(place, by)))
	}
	return anyOf(all...)
}

// publishedCondition is where the state of a row says that it is out; nowhere where no state does.
func publishedCondition(e *model.Entity) Cond { return wordCondition("state", e.Scope.Published) }

// wordCondition is where a column has one of the values; nowhere where there are none.
func wordCondition(column string, values []string) Cond {
	if len(values) == 0 {
		return Cond{}
	}
	return Cond{Op: WordIn, Column: column, Words: values}
}

// notEndedCondition is where the last day on which a row is out has not passed.
func notEndedCondition(e *model.Entity, now time.Time) Cond {
	if e.Scope.Until == "" {
		return Cond{Op: True}
	}
	return Cond{Op: NotEnded, Column: e.Scope.Until, Day: utcDay(now)}
}

// hasPeriod reports whether the grant has a period.
func (g *Grant) hasPeriod() bool { return !g.First.IsZero() || !g.Last.IsZero() }

// listsEntity reports whether rows of the type are among those that the grant shows.
func (g *Grant) listsEntity(entity string) bool {
	return len(g.Entities) == 0 || slices.Contains(g.Entities, entity)
}

// grantCondition is where an audit grant reaches rows that it shows: of a type that it lists, and under audit.
func (p *Policy) grantCondition(e *model.Entity, g *Grant) Cond {
	if g == nil || !g.listsEntity(e.Name) {
		return Cond{}
	}
	return p.auditCondition(e, g)
}

// auditCondition is where rows are under audit, shown or not: they belong to an intervention and lie in a country that the grant
// lists, and in its period. What a list does not narrow, the others must. An intervention that is archived counts for nothing.
func (p *Policy) auditCondition(e *model.Entity, g *Grant) Cond {
	if len(g.Countries)+len(g.Interventions) == 0 {
		return Cond{}
	}
	where := Cond{Op: True}
	if len(g.Interventions) > 0 {
		where = anyPathReachesUnarchived(p.model, e, e.Scope.Grant, g.Interventions)
	}
	if len(g.Countries) > 0 && (!e.Scope.Seat && len(e.Scope.Country) > 0 || len(g.Interventions) == 0) {
		where = allOf(where, anyPathReaches(p.model, e, e.Scope.Country, g.Countries))
	}
	if e.Scope.Period == "" || !g.hasPeriod() {
		return where
	}
	edge := e.Edge(e.Scope.Period)
	if edge == nil {
		return allOf(where, Cond{Op: InPeriod, Column: e.Scope.Period, Day: g.First, Last: g.Last})
	}
	of := p.auditCondition(p.model.Target(edge), g)
	if of.Op == False {
		return of
	}
	return allOf(where, Cond{Op: Via, Edge: edge.Name, Kids: []Cond{of}})
}

// RowsWhere says on which rows of an entity the caller may do the action; the zero Cond where never. A row's least class
// decides: every line that allows the action allows it with cells of class C0.
func (v *View) RowsWhere(entity string, action model.Action) Cond {
	return v.conditionFor(entity, action, 0)
}

// ClearWhere says where a cell of these classes is shown as it is, given that its row is. What does not identify is shown
// with its row; the rest where one line grants both the row and the class. The name is the field's in the API.
func (v *View) ClearWhere(entity, name string, tag model.Tag) Cond {
	if tag.Ident == classification.None {
		return v.RowsWhere(entity, model.Read)
	}
	return v.conditionFor(entity, model.Read, int(tag.Level)).forField(name)
}

// GeneralisedWhere says where what tells less than a cell of these classes is shown, given that its row is: with the row, but where
// of the row only fields are shared with the caller, where it is shared, by its own name.
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

// WritableWhere says on which rows the caller may do the action and set a cell of these classes.
func (v *View) WritableWhere(entity string, action model.Action, tag model.Tag) Cond {
	if tag.Ident == classification.None {
		return v.RowsWhere(entity, action)
	}
	return v.conditionFor(entity, action, int(tag.Level))
}

func (v *View) conditionFor(entity string, action model.Action, level int) Cond {
	e := v.entities[entity]
	if e == nil || e.conds[action][level] == nil {
		return Cond{}
	}
	return *e.conds[action][level]
}

// May reports whether the action is allowed on any row of the entity at all.
func (v *View) May(entity string, action model.Action) bool {
	return v.RowsWhere(entity, action).Op != False
}

// PseudonymKey names what the pseudonyms of an entity's rows are keyed to; "" where rows are shown as they are.
func (v *View) PseudonymKey(entity string) string {
	if e := v.entities[entity]; e == nil || !e.pseudonymous || v.subject.ActingGrant == nil {
		return ""
	}
	return v.subject.ActingGrant.ID.String() + " " + entity
}

// Memoize returns what derive made of the view when it was first asked for this name: it lives as long as the view.
func (v *View) Memoize(name string, derive func() any) any {
	if kept, ok := v.memo.Load(name); ok {
		return kept
	}
	kept, _ := v.memo.LoadOrStore(name, derive())
	return kept
}

// Subject is the caller.
func (v *View) Subject() Subject { return v.subject }

// Purposes are those that the caller may state, as Purpose-Of-Use, in one capacity or another.
func (v *View) Purposes() []string { return v.purposes }

// Version names the text of the policies that the view was compiled from.
func (v *View) Version() string { return v.version }

// Key names the caller, the policy version and the grant acted under: what is sealed for one key is worthless for another.
func (v *View) Key() string { return v.key }
