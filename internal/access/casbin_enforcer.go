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

// Object is one row, or one class of its cells, as a policy line sees it: the keys that each scope compares, and what is
// on record about the child whom the row is about.
type Object struct {
	Entity          string
	Keys            map[string][]uuid.UUID // by scope: country, office, ..., self, grant; emergency: the child; referred: partners with a live referral
	Responsible     []Responsibility       // who is responsible for it
	ChildPlaces     map[string][]uuid.UUID // where the child lies whom it is about: of the scopes that are places
	Level           classification.Level
	CoveredPurposes []string    // purposes that a live consent or other legal basis of the child covers
	SharedWith      []uuid.UUID // partners with whose live referral, under its own consent for the request's purpose, the cell's field travels
	Day             time.Time   // the day by which an audit's period takes the row; zero: none
	PeriodOwner     *Object     // a row by which an audit's period takes this one; nil: by its own day
	SeatOnly        bool        // the country is a seat only
	Published       bool        // its state is one that is published
	OpenScopes      []string    // which of "team" and "overseen" its visibility opens
}

// Responsibility says by a scope, assigned or own, who is responsible for a row, and where the row that says so lies.
type Responsibility struct {
	Scope string
	User  uuid.UUID
	Keys  map[string][]uuid.UUID // of the scopes that are places
}

// Enforcer returns Casbin's own judge over these policies. It decides one object at a time and slowly; stories and
// tests ask it, requests never do. Where roles are named, it knows their lines only: for callers who hold no others.
func (p *Policy) Enforcer(roles ...string) (*casbin.Enforcer, error) {
	m, err := casbinmodel.NewModelFromString(p.modelConf)
	if err != nil {
		return nil, err
	}
	for _, l := range p.policyLines {
		if l.fields[0] == "p" && len(roles) > 0 && !slices.Contains(roles, l.fields[1]) {
			continue
		}
		if err := m.AddPolicy(l.fields[0][:1], l.fields[0], l.fields[1:]); err != nil {
			return nil, err
		}
	}
	for _, e := range p.model.Entities() { // a line may name an entity itself
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
		r := Rule{Role: args[2].(string), Scope: args[3].(string), Clearance: int(level), Condition: Condition(args[5].(string)), Deny: args[6] == "deny"}
		if err != nil {
			r.Clearance = denyWholeRow
		}
		return lineSpeaks(s, o, r, args[7].(bool)), nil
	})
	return e, e.BuildRoleLinks()
}

// lineSpeaks reports whether the line says something about the object to the subject: in one capacity the scope reaches the
// row, and the line's condition holds for cells of the object's class. The role may state the request's purpose, or not.
func lineSpeaks(s *Subject, o *Object, r Rule, states bool) bool {
	var capacities []Assignment
	if r.Role == Everyone && s.User != uuid.Nil {
		capacities = append(capacities, Assignment{})
	}
	if s.ActingGrant != nil && r.Role == Auditor {
		capacities = append(capacities, Assignment{}) // reached by the scope word grant alone
	}
	for _, a := range s.Assignments {
		if s.ActingGrant == nil && a.Role == r.Role && mayHoldRole(s, a.Role) && validAt(a.From, a.Until, s.Now) {
			capacities = append(capacities, a)
		}
	}
	return slices.ContainsFunc(capacities, func(a Assignment) bool {
		stated := states && (len(a.Purposes) == 0 || slices.Contains(a.Purposes, s.Purpose))
		return includesRow(s, o, a, r.Scope) && appliesToLevel(&r, o.Level, stated) && basisHolds(s, o, a, r)
	})
}

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

func includesRow(s *Subject, o *Object, a Assignment, scope string) bool {
	var mine []uuid.UUID
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
		if mine = a.Countries; a.Everywhere {
			return true
		}
	case "office":
		mine = a.Offices
	case "addressed":
		return o.Published && haveCommonKey(o.Keys["partner"], a.Partners)
	case "partner", "referred":
		mine = a.Partners
	case "intervention":
		mine = a.Interventions
	case "grant":
		return s.ActingGrant != nil && s.ActingGrant.listsEntity(o.Entity) && underAudit(s.ActingGrant, o)
	case "emergency":
		for _, open := range s.Emergency {
			if s.Now.Before(open.Until) && inAssignmentPlaces(s, o.ChildPlaces, a) {
				mine = append(mine, open.Child)
			}
		}
	case "assigned", "own":
		return slices.ContainsFunc(o.Responsible, func(by Responsibility) bool {
			return by.Scope == scope && by.User == s.User && inAssignmentPlaces(s, by.Keys, a)
		})
	case "self":
		mine = []uuid.UUID{s.User}
	}
	return haveCommonKey(o.Keys[scope], mine)
}

// inAssignmentPlaces reports whether what has these keys of places lies in one that the assignment reaches.
func inAssignmentPlaces(s *Subject, keys map[string][]uuid.UUID, a Assignment) bool {
	return a.Everywhere || slices.ContainsFunc(placeScopes, func(place string) bool { return includesRow(s, &Object{Keys: keys}, a, place) })
}

// underAudit reports whether the object is under audit, shown or not.
func underAudit(g *Grant, o *Object) bool {
	if len(g.Countries)+len(g.Interventions) == 0 {
		return false
	}
	if len(g.Interventions) > 0 && !haveCommonKey(o.Keys["grant"], g.Interventions) {
		return false
	}
	lies, seated := o.Keys["country"]
	narrow := seated && !o.SeatOnly || len(g.Interventions) == 0
	if len(g.Countries) > 0 && narrow && !haveCommonKey(lies, g.Countries) {
		return false
	}
	if o.PeriodOwner != nil && g.hasPeriod() {
		return underAudit(g, o.PeriodOwner)
	}
	return o.Day.IsZero() || !(!g.First.IsZero() && o.Day.Before(g.First) || !g.Last.IsZero() && o.Day.After(g.Last))
}

// haveCommonKey reports whether the lists share a key.
func haveCommonKey(theirs, mine []uuid.UUID) bool {
	return slices.ContainsFunc(theirs, func(key uuid.UUID) bool { return key != uuid.Nil && slices.Contains(mine, key) })
}
