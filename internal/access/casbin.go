package access

import (
	"slices"
	"strings"

	"github.com/casbin/casbin/v2"
	casbinmodel "github.com/casbin/casbin/v2/model"
	"github.com/google/uuid"

	"rightshub/internal/classification"
)

// Object is one row, or one class of its cells, as a policy line sees it: the keys that each scope compares.
type Object struct {
	Entity string
	Keys   map[string][]uuid.UUID // by scope: country, office, ..., assigned, self, grant
	Level  classification.Level
}

// Enforcer returns Casbin's own judge over these policies. It decides one object at a time and slowly; stories and
// tests ask it, requests never do.
func (p *Policy) Enforcer() (*casbin.Enforcer, error) {
	m, err := casbinmodel.NewModelFromString(p.conf)
	if err != nil {
		return nil, err
	}
	for _, line := range p.lines {
		if err := m.AddPolicy(line[0], line[0], line[1:]); err != nil {
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
	e.AddFunction("reaches", func(args ...any) (any, error) {
		s, o := args[0].(*Subject), args[1].(*Object)
		return reaches(s, o, args[2].(string), args[3].(string)), nil
	})
	e.AddFunction("clears", func(args ...any) (any, error) {
		s, o := args[0].(*Subject), args[1].(*Object)
		level, err := classification.ParseLevel(args[2].(string))
		r := Rule{Clearance: int(level), Purpose: args[3] == "purpose", Deny: args[4] == "deny"}
		if err != nil {
			r.Clearance = row
		}
		return applies(r, int(o.Level), s.Purpose), nil
	})
	return e, e.BuildRoleLinks()
}

// reaches reports whether an assignment of the role reaches the object by the scope.
func reaches(s *Subject, o *Object, role, scope string) bool {
	if role == Everyone && s.User != uuid.Nil && holds(s, o, Assignment{}, scope) {
		return true
	}
	for _, a := range s.Assignments {
		live := (a.From.IsZero() || !s.Now.Before(a.From)) && (a.Until.IsZero() || s.Now.Before(a.Until))
		if live && a.Role == role && holds(s, o, a, scope) {
			return true
		}
	}
	return false
}

func holds(s *Subject, o *Object, a Assignment, scope string) bool {
	var mine []uuid.UUID
	switch scope {
	case "global":
		return true
	case "country":
		if mine = a.Countries; a.Everywhere {
			return true
		}
	case "office":
		mine = a.Offices
	case "partner":
		mine = a.Partners
	case "intervention", "grant":
		mine = a.Interventions
	case "assigned", "self":
		mine = []uuid.UUID{s.User}
	}
	return slices.ContainsFunc(o.Keys[scope], func(key uuid.UUID) bool { return key != uuid.Nil && slices.Contains(mine, key) })
}
