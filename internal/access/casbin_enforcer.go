package access

import (
	"slices"
	"strings"
	"time"

	"github.com/casbin/casbin/v2"
	casbinmodel "github.com/casbin/casbin/v2/model"
	"github.com/google/uuid"

	"rightshub/internal/classification"
)

// Object is the object of a Casbin request. It describes one row, or its cells of one level, by the facts that policy
// lines compare. These are the keys of each scope and the records about the child of the row.
type Object struct {
	Entity string
	// Keys holds the keys of the row by scope word. The key of "emergency" is the child, and the keys of "referred" are
	// the partners with a live referral.
	Keys            map[string][]uuid.UUID
	Responsible     []Responsibility       // the users that are responsible for the row
	ChildPlaces     map[string][]uuid.UUID // keys of the row's child, by place scope
	Level           classification.Level
	CoveredPurposes []string // purposes that a live consent or another legal basis of the child covers
	// SharedWith lists the partners with a live referral that shares the field of the cell and has its own consent for
	// the purpose of the request.
	SharedWith  []uuid.UUID
	Day         time.Time // day of the row for the period of an audit; zero for none
	PeriodOwner *Object   // row that decides about the period of an audit; nil when the row's own day decides
	SeatOnly    bool      // the country is only the seat of the organisation
	Published   bool      // the state of the row is a published one
	OpenScopes  []string  // the scopes among "team" and "overseen" that the visibility of the row opens
}

// Responsibility is the fact that a user is responsible for a row.
type Responsibility struct {
	Scope string // "assigned" or "own"
	User  uuid.UUID
	Keys  map[string][]uuid.UUID // keys of the row that names the user, by place scope
}

// Enforcer returns a Casbin enforcer over these policies. It decides about one object at a time and is slow, so only
// stories and tests use it, never requests. With roles, it knows only the lines of these roles, for subjects that hold
// no others.
func (p *Policy) Enforcer(roles ...string) (*casbin.Enforcer, error) {
	m, err := casbinmodel.NewModelFromString(p.modelConf)
	if err != nil {
		return nil, err
	}
	for _, l := range p.policyLines {
		known := slices.Contains([]string{"p", "g", "g2"}, l.Columns[0]) // Casbin knows no lines about giving roles
		if !known || l.Columns[0] == "p" && len(roles) > 0 && !slices.Contains(roles, l.Columns[1]) {
			continue
		}
		if err := m.AddPolicy(l.Columns[0][:1], l.Columns[0], l.Columns[1:]); err != nil {
			return nil, err
		}
	}
	for _, e := range p.model.Entities() { // a line may name an entity instead of a group
		if err := m.AddPolicy("g", "g", []string{e.Name, e.Name}); err != nil {
			return nil, err
		}
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	e.AddFunction("among", func(args ...any) (any, error) {
		return slices.Contains(strings.Split(args[1].(string), "+"), args[0].(string)), nil
	})
	e.AddFunction("speaks", func(args ...any) (any, error) {
		s, o := args[0].(*Subject), args[1].(*Object)
		level, err := classification.ParseLevel(args[4].(string))
		r := Rule{
			Role:      args[2].(string),
			Scope:     args[3].(string),
			Clearance: int(level),
			Condition: Condition(args[5].(string)),
			Deny:      args[6] == "deny",
		}
		if err != nil {
			r.Clearance = denyWholeRow
		}
		return lineSpeaks(s, o, r, args[7].(bool)), nil
	})
	return e, e.BuildRoleLinks()
}

// lineSpeaks reports whether the line applies to the object for the subject. In one and the same capacity, the scope
// must cover the row and the line's condition must hold for cells of the object's level. The argument states tells
// whether the role may state the purpose of the request.
func lineSpeaks(s *Subject, o *Object, r Rule, states bool) bool {
	var capacities []Assignment
	if r.Role == Everyone && s.User != uuid.Nil {
		capacities = append(capacities, Assignment{})
	}
	if s.ActingGrant != nil && r.Role == Auditor {
		capacities = append(capacities, Assignment{}) // only the scope word grant covers rows
	}
	for _, a := range s.Assignments {
		if s.ActingGrant == nil && a.Role == r.Role && mayHoldRole(s, a.Role) && validAt(a.From, a.Until, s.Now) {
			capacities = append(capacities, a)
		}
	}
	return slices.ContainsFunc(capacities, func(a Assignment) bool {
		stated := states && (len(a.Purposes) == 0 || slices.Contains(a.Purposes, s.Purpose))
		return includesRow(s, o, a, r.Scope) && r.AppliesToLevel(o.Level, stated) && basisHolds(s, o, a, r)
	})
}

// basisHolds reports whether the consent or the referral that the line requires is on record.
func basisHolds(s *Subject, o *Object, a Assignment, r Rule) bool {
	switch {
	case o.Level < classification.C3 || r.Deny:
		return true
	case r.Condition == Consent:
		return slices.Contains(o.CoveredPurposes, s.Purpose)
	case r.Condition == Shared:
		return haveCommonKey(o.SharedWith, a.Partners)
	}
	return true
}

// includesRow reports whether the scope covers the object in the capacity of the assignment.
func includesRow(s *Subject, o *Object, a Assignment, scope string) bool {
	var held []uuid.UUID
	switch scope {
	case "global":
		return true
	case "published":
		return o.Published
	case "team":
		return slices.Contains(o.OpenScopes, scope) && includesRow(s, o, a, "assigned")
	case "overseen":
		return slices.Contains(o.OpenScopes, scope) && includesRow(s, o, a, "office")
	case "country":
		if held = a.Countries; a.Everywhere {
			return true
		}
	case "office":
		held = a.Offices
	case "addressed":
		return o.Published && haveCommonKey(o.Keys["partner"], a.Partners)
	case "partner", "referred":
		held = a.Partners
	case "intervention":
		held = a.Interventions
	case "grant":
		return s.ActingGrant != nil && s.ActingGrant.listsEntity(o.Entity) && underAudit(s.ActingGrant, o)
	case "emergency":
		for _, open := range s.Emergency {
			if s.Now.Before(open.Until) && inAssignmentPlaces(s, o.ChildPlaces, a) {
				held = append(held, open.Child)
			}
		}
	case "assigned", "own":
		return slices.ContainsFunc(o.Responsible, func(r Responsibility) bool {
			return r.Scope == scope && r.User == s.User && inAssignmentPlaces(s, r.Keys, a)
		})
	case "self":
		held = []uuid.UUID{s.User}
	}
	return haveCommonKey(o.Keys[scope], held)
}

// inAssignmentPlaces reports whether a row with these keys lies in a place of the assignment. The keys are by place
// scope.
func inAssignmentPlaces(s *Subject, keys map[string][]uuid.UUID, a Assignment) bool {
	return a.Everywhere || slices.ContainsFunc(PlaceScopes, func(place string) bool {
		return includesRow(s, &Object{Keys: keys}, a, place)
	})
}

// underAudit reports whether the object is under audit, even of an entity that the grant does not list.
func underAudit(g *Grant, o *Object) bool {
	if len(g.Countries)+len(g.Interventions) == 0 {
		return false
	}
	if len(g.Interventions) > 0 && !haveCommonKey(o.Keys["grant"], g.Interventions) {
		return false
	}
	countries, hasCountry := o.Keys["country"]
	narrow := hasCountry && !o.SeatOnly || len(g.Interventions) == 0
	if len(g.Countries) > 0 && narrow && !haveCommonKey(countries, g.Countries) {
		return false
	}
	if o.PeriodOwner != nil && g.hasPeriod() {
		return underAudit(g, o.PeriodOwner)
	}
	return o.Day.IsZero() || !(!g.First.IsZero() && o.Day.Before(g.First) || !g.Last.IsZero() && o.Day.After(g.Last))
}

// haveCommonKey reports whether the lists share a key other than uuid.Nil.
func haveCommonKey(x, y []uuid.UUID) bool {
	return slices.ContainsFunc(x, func(key uuid.UUID) bool { return key != uuid.Nil && slices.Contains(y, key) })
}
