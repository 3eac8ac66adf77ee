package access

import (
	"slices"
	"strings"
	"time"

	"rightshub/internal/model"
)

// scopeCondition selects the rows of the entity that a scope word covers for a holder of the capacities in the set.
func (p *Policy) scopeCondition(e *model.Entity, h *compileState, scope string, set capacitySet) Cond {
	switch scope {
	case "global":
		return Cond{Op: True}
	case "published":
		return publishedCondition(e)
	case "team":
		return allOf(wordCondition("visibility", e.Scope.Team), p.scopeCondition(e, h, "assigned", set))
	case "overseen":
		return allOf(wordCondition("visibility", e.Scope.Overseen), p.scopeCondition(e, h, "office", set))
	case "addressed":
		return allOf(publishedCondition(e), notEndedCondition(e, h.subject.Now), anyPathReaches(
			p.model, e, scopeWords[scope](e.Scope), h.heldKeys(scope, set)))
	case "grant":
		return p.grantCondition(e, h.subject.ActingGrant)
	case "country":
		if h.heldEverywhere(set) {
			return Cond{Op: True}
		}
	case "emergency":
		return p.emergencyCondition(e, h, set)
	case "assigned", "own":
		var all []Cond
		for _, path := range scopeWords[scope](e.Scope) {
			all = append(all, p.responsibleCondition(e, h, set, path))
		}
		return anyOf(all...)
	case "referred":
		partners := h.heldKeys(scope, set)
		if len(partners) == 0 || e.Scope.Child == "" {
			return Cond{}
		}
		return toChild(p.model, e, Cond{Op: ReferredToPartner, Values: partners, Day: utcDay(h.subject.Now)})
	}
	return anyPathReaches(p.model, e, scopeWords[scope](e.Scope), h.heldKeys(scope, set))
}

// PlaceScopes are the scopes that limit the places of an assignment.
var PlaceScopes = []string{"country", "office", "partner", "intervention"}

// responsibleCondition selects the rows for which the caller is responsible by one path. The path must end in the
// caller, and the row that names the caller must lie within the places of the role. A user that moves to another place
// therefore loses the rows for which it was responsible there.
func (p *Policy) responsibleCondition(e *model.Entity, h *compileState, set capacitySet, path string) Cond {
	step, rest, more := strings.Cut(path, ".")
	if more {
		kid := p.responsibleCondition(p.model.Target(e.Edge(step)), h, set, rest)
		if kid.Op == False {
			return kid
		}
		return Cond{Op: Via, Edge: step, Kids: []Cond{kid}}
	}
	namesCaller := anyPathReaches(p.model, e, []string{step}, h.heldKeys("self", set))
	return allOf(namesCaller, p.withinRolePlaces(e, h, set))
}

// emergencyCondition selects the rows about children whose records the caller opened in an emergency. The child must
// lie within the places of the role, so that the access ends with the role there, as it does for rows that are
// assigned.
func (p *Policy) emergencyCondition(e *model.Entity, h *compileState, set capacitySet) Cond {
	children := h.heldKeys("emergency", set)
	if len(children) == 0 || e.Scope.Child == "" {
		return Cond{}
	}
	record := Cond{Op: KeyIn, Column: "id", Values: children}
	inPlaces := allOf(record, p.withinRolePlaces(p.model.Entity("Child"), h, set))
	if inPlaces.Op == False {
		return inPlaces
	}
	return toChild(p.model, e, inPlaces)
}

// withinRolePlaces selects the rows that lie in a place of one of the capacities.
func (p *Policy) withinRolePlaces(e *model.Entity, h *compileState, set capacitySet) Cond {
	if h.heldEverywhere(set) {
		return Cond{Op: True}
	}
	all := make([]Cond, 0, len(PlaceScopes))
	for _, place := range PlaceScopes {
		all = append(all, anyPathReaches(p.model, e, scopeWords[place](e.Scope), h.heldKeys(place, set)))
	}
	return anyOf(all...)
}

// publishedCondition selects the rows in a published state. It selects no row of an entity without such a state.
func publishedCondition(e *model.Entity) Cond { return wordCondition("state", e.Scope.Published) }

// wordCondition selects the rows with one of the values in the column. Without values it selects no row.
func wordCondition(column string, values []string) Cond {
	if len(values) == 0 {
		return Cond{}
	}
	return Cond{Op: WordIn, Column: column, Words: values}
}

// notEndedCondition selects the rows that are still visible to their addressee today.
func notEndedCondition(e *model.Entity, now time.Time) Cond {
	if e.Scope.Until == "" {
		return Cond{Op: True}
	}
	return Cond{Op: NotEnded, Column: e.Scope.Until, Day: utcDay(now)}
}

// hasPeriod reports whether the grant limits the period under audit.
func (g *Grant) hasPeriod() bool { return !g.First.IsZero() || !g.Last.IsZero() }

// listsEntity reports whether the grant shows rows of the entity.
func (g *Grant) listsEntity(entity string) bool {
	return len(g.Entities) == 0 || slices.Contains(g.Entities, entity)
}

// grantCondition selects the rows that an audit grant shows. These are the rows under audit of an entity that the grant
// lists.
func (p *Policy) grantCondition(e *model.Entity, g *Grant) Cond {
	if g == nil || !g.listsEntity(e.Name) {
		return Cond{}
	}
	return p.auditCondition(e, g)
}

// auditCondition selects the rows under audit, even of entities that the grant does not list. Such a row belongs to an
// intervention and to a country that the grant lists, and to its period. An empty list does not narrow the rows. An
// archived intervention gives access to no row.
func (p *Policy) auditCondition(e *model.Entity, g *Grant) Cond {
	if len(g.Countries)+len(g.Interventions) == 0 {
		return Cond{}
	}
	where := Cond{Op: True}
	if len(g.Interventions) > 0 {
		where = anyPathReachesUnarchived(p.model, e, e.Scope.Grant, g.Interventions)
	}
	if len(g.Countries) > 0 && (!e.Scope.CountryIsSeat && len(e.Scope.Country) > 0 || len(g.Interventions) == 0) {
		where = allOf(where, anyPathReaches(p.model, e, e.Scope.Country, g.Countries))
	}
	if e.Scope.Period == "" || !g.hasPeriod() {
		return where
	}
	edge := e.Edge(e.Scope.Period)
	if edge == nil {
		return allOf(where, Cond{Op: InPeriod, Column: e.Scope.Period, Day: g.First, Last: g.Last})
	}
	owner := p.auditCondition(p.model.Target(edge), g)
	if owner.Op == False {
		return owner
	}
	return allOf(where, Cond{Op: Via, Edge: edge.Name, Kids: []Cond{owner}})
}
