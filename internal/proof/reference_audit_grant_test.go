package proof_test

// This file of the reference model says what an audit grant reaches.

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// isGranted reports whether the audit grant reaches a row and shows rows of its entity.
func (v *view) isGranted(r *row) bool { return v.grantShowsEntity(r.entity) && v.isUnderAudit(r) }

// isUnderAudit reports whether the audit grant reaches a row, whether or not it shows rows of its entity.
func (v *view) isUnderAudit(r *row) bool {
	g := v.grant.values
	countries, interventions := parseKeys(g["country_ids"]), parseKeys(g["intervention_ids"])
	living := slices.DeleteFunc(slices.Clone(interventions), func(id uuid.UUID) bool {
		return v.world.byID[id] == nil || v.world.byID[id].isArchived()
	})
	if !v.grantReachesEntity(r.entity) || len(interventions) > 0 && !v.scopeEndsInKey(r, "grant", living) {
		return false
	}
	limitsCountry := len(interventions) == 0 || !r.entity.Scope.CountryIsSeat && len(r.entity.Scope.Country) > 0
	if len(countries) > 0 && limitsCountry && !v.scopeEndsInKey(r, "country", countries) {
		return false
	}
	return v.isInAuditPeriod(r, g["period_start"], g["period_end"])
}

// grantShowsEntity reports whether the audit grant can reach rows of an entity, and shows rows of this entity.
func (v *view) grantShowsEntity(e *model.Entity) bool {
	types := v.grant.values["entities"].([]string)
	return v.grantReachesEntity(e) && (len(types) == 0 || slices.Contains(types, e.Name))
}

// grantReachesEntity reports whether the audit grant can reach rows of an entity. An entity that is dated by another
// entity needs a grant that reaches the other one too, if the grant has a period.
func (v *view) grantReachesEntity(e *model.Entity) bool {
	g := v.grant.values
	countries, interventions := parseKeys(g["country_ids"]), parseKeys(g["intervention_ids"])
	edge := e.Edge(e.Scope.Period)
	if edge != nil && (g["period_start"] != nil || g["period_end"] != nil) &&
		!v.grantReachesEntity(theModel.Target(edge)) {
		return false
	}
	if len(interventions) > 0 {
		return len(e.Scope.Grant) > 0
	}
	return len(countries) > 0 && len(e.Scope.Country) > 0
}

// isInAuditPeriod reports whether a row lies in the period of the audit grant. It does by its own date, or because a
// live row that it is dated by is under audit.
func (v *view) isInAuditPeriod(r *row, start, end any) bool {
	first, isFirst := start.(time.Time)
	last, isLast := end.(time.Time)
	if r.entity.Scope.Period == "" || !isFirst && !isLast {
		return true
	}
	if edge := r.entity.Edge(r.entity.Scope.Period); edge != nil {
		return slices.ContainsFunc(v.targetKeys(r, edge, nil), func(id uuid.UUID) bool {
			t := v.world.byID[id]
			return t != nil && !t.isArchived() && v.isUnderAudit(t)
		})
	}
	day, ok := r.values[r.entity.Scope.Period].(time.Time)
	if !ok {
		day = r.values["created_at"].(time.Time)
	}
	day = day.Truncate(24 * time.Hour)
	return (!isFirst || !day.Before(first)) && (!isLast || !day.After(last))
}
