package access

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Subject is who is calling, with everything that decides what they may do, read once per request.
type Subject struct {
	User        uuid.UUID // the user's key; uuid.Nil for a system task
	Name        string    // stable name for the log: the user's key, or the system task's name. Never an e-mail address
	Assignments []Assignment
	Purpose     string    // what the request said it is for (Purpose-Of-Use); "" when it did not
	ReadOnly    bool      // the token may not write
	ByToken     bool      // signed in by a personal access token
	Now         time.Time // the database's clock; assignments outside their dates do not count
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
	From, Until   time.Time // a zero time is open
}

// System is the subject of a task of the hub itself, which holds the role of that name everywhere.
func System(name string, now time.Time) Subject {
	return Subject{Name: name, Assignments: []Assignment{{Role: name, Everywhere: true}}, Now: now}
}

// Op is the operator of a Cond.
type Op uint8

const (
	False Op = iota // no row; the zero Cond denies
	True            // every row
	And             // all of Kids
	Or              // any of Kids
	Not             // not Kids[0]
	In              // the column's value is one of Values
	Via             // a row reached by Edge, archived ones left out, satisfies Kids[0]
)

// Cond is a condition on one row of an entity, in the model's terms. The store turns it into SQL; the tests of this
// package evaluate it on plain values. It is immutable.
type Cond struct {
	Op     Op
	Kids   []Cond
	Column string      // In: a column of the entity ("id", "country_id")
	Values []uuid.UUID // In: never empty, in order
	Edge   string      // Via: API name of an edge of the entity
}

// View is V(u): what one caller may see and do, compiled from the policies and the caller's live assignments.
// It is immutable and holds no reference to either.
type View struct {
	subject  Subject
	entities map[string]*entityView
	key      string
}

// entityView holds a condition per action and class: where the action is allowed with cells of that class.
type entityView map[model.Action][4]Cond

// levels are the classes, least first.
var levels = [4]classification.Level{classification.C0, classification.C1, classification.C2, classification.C3}

// View compiles what the subject may see and do.
func (p *Policy) View(s Subject) *View {
	v := &View{subject: s, entities: map[string]*entityView{}, key: s.Name + "|" + p.version}
	held := merge(s)
	for _, e := range p.model.Entities() {
		v.entities[e.Name] = p.entity(e, s, held)
	}
	return v
}

// merge joins the live assignments of each role. A line compares one kind of key only, so joining their lists never
// multiplies rights.
func merge(s Subject) map[string]*Assignment {
	held := map[string]*Assignment{}
	if s.User != uuid.Nil {
		held[Everyone] = &Assignment{Role: Everyone}
	}
	for _, a := range s.Assignments {
		if (!a.From.IsZero() && s.Now.Before(a.From)) || (!a.Until.IsZero() && !s.Now.Before(a.Until)) {
			continue
		}
		h := held[a.Role]
		if h == nil {
			h = &Assignment{Role: a.Role}
			held[a.Role] = h
		}
		h.Everywhere = h.Everywhere || a.Everywhere
		h.Countries = union(h.Countries, a.Countries)
		h.Offices = union(h.Offices, a.Offices)
		h.Partners = union(h.Partners, a.Partners)
		h.Interventions = union(h.Interventions, a.Interventions)
	}
	return held
}

func (p *Policy) entity(e *model.Entity, s Subject, held map[string]*Assignment) *entityView {
	allow, deny := entityView{}, entityView{}
	for _, role := range slices.Sorted(maps.Keys(held)) { // in order: equal callers get equal statements
		a := held[role]
		for _, r := range p.rules[role][e.Name] {
			where := p.scope(e, r.Scope, s, a)
			if where.Op == False {
				continue
			}
			for _, action := range r.Actions {
				if s.ReadOnly && action != model.Read {
					continue
				}
				into := allow
				if r.Deny {
					into = deny
				}
				conds := into[action]
				for i, l := range levels {
					if applies(r, int(l), s.Purpose) {
						conds[i] = or(conds[i], where)
					}
				}
				into[action] = conds
			}
		}
	}
	for action, conds := range allow {
		for i := range conds {
			conds[i] = and(conds[i], not(deny[action][i]))
		}
		allow[action] = conds
	}
	return &allow
}

// applies reports whether a line speaks about cells of the level: an allow line about its clearance and below, a
// deny line about its clearance and above. Without a purpose, a line that wants one ends below C3.
func applies(r Rule, level int, purpose string) bool {
	if r.Deny {
		return level >= r.Clearance
	}
	if r.Purpose && purpose == "" && level >= int(classification.C3) {
		return false
	}
	return level <= r.Clearance
}

func (p *Policy) scope(e *model.Entity, scope string, s Subject, a *Assignment) Cond {
	if scope == "global" || scope == "country" && a.Everywhere {
		return Cond{Op: True}
	}
	keys := map[string][]uuid.UUID{"country": a.Countries, "office": a.Offices, "partner": a.Partners,
		"intervention": a.Interventions, "grant": a.Interventions}[scope]
	if (scope == "self" || scope == "assigned") && s.User != uuid.Nil {
		keys = []uuid.UUID{s.User}
	}
	return reached(p.model, e, scopes[scope](e.Scope), keys)
}

// Rows says on which rows of an entity the caller may do the action; the zero Cond where never. A row's least class
// decides: every line that allows the action allows it with cells of class C0.
func (v *View) Rows(entity string, action model.Action) Cond { return v.clear(entity, action, 0) }

// Clear says where a cell of these classes is shown as it is, given that its row is. What does not identify is
// shown with its row; the rest where one line grants both the row and the class.
func (v *View) Clear(entity string, tag model.Tag) Cond {
	if tag.Ident == classification.None {
		return v.Rows(entity, model.Read)
	}
	return v.clear(entity, model.Read, int(tag.Level))
}

// Writes says on which rows the caller may do the action and set a cell of these classes.
func (v *View) Writes(entity string, action model.Action, tag model.Tag) Cond {
	if tag.Ident == classification.None {
		return v.Rows(entity, action)
	}
	return v.clear(entity, action, int(tag.Level))
}

func (v *View) clear(entity string, action model.Action, level int) Cond {
	e := v.entities[entity]
	if e == nil {
		return Cond{}
	}
	return (*e)[action][level]
}

// May reports whether the action is allowed on any row of the entity at all.
func (v *View) May(entity string, action model.Action) bool {
	return v.Rows(entity, action).Op != False
}

// Subject is the caller.
func (v *View) Subject() Subject { return v.subject }

// Key names the caller and the policy version: what is sealed for one key is worthless for another.
func (v *View) Key() string { return v.key }
