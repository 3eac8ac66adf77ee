package proof_test

// This file of the reference model says in which countries and offices a caller may write.

import (
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// ownCountries are the countries in which the caller holds roles. The result all means that a role is held everywhere.
func (v *view) ownCountries() (countries []uuid.UUID, all bool) {
	for _, h := range v.heldRoles {
		countries, all = append(countries, h.keys["country"]...), all || h.everywhere
	}
	return countries, all
}

// movesAcrossCountries reports whether a row would move to a country in which the caller holds no role, or out of one.
func (v *view) movesAcrossCountries(r *row, changed map[string]any) bool {
	own, all := v.ownCountries()
	if all {
		return false
	}
	return slices.ContainsFunc(r.entity.Scope.Country, func(path string) bool {
		edge := r.entity.Edge(path)
		if edge == nil {
			return false
		}
		to, given := changed[edge.Column]
		key, _ := to.(uuid.UUID)
		from := v.visibleKey(r, edge)
		return given && (to != from || to == nil) &&
			(to != nil && !slices.Contains(own, key) || !isOwnCountry(r.entity, from, own))
	})
}

// isOwnCountry reports whether a country of a row is one of the countries. No country counts too, unless the row stands
// for work in several countries.
func isOwnCountry(e *model.Entity, country any, countries []uuid.UUID) bool {
	if country != nil {
		return slices.Contains(countries, country.(uuid.UUID))
	}
	return !slices.ContainsFunc(e.Scope.Country, func(path string) bool {
		edge := e.Edge(path)
		return edge != nil && edge.Kind == model.Through
	})
}

// isOutsideCountries reports whether a row lies in a country in which the caller holds no role, if the caller holds
// any.
func (v *view) isOutsideCountries(r *row) bool {
	own, all := v.ownCountries()
	if all {
		return false
	}
	return len(own) > 0 && slices.ContainsFunc(r.entity.Scope.Country, func(path string) bool {
		edge := r.entity.Edge(path)
		return edge != nil && edge.Kind == model.ToOne && !isOwnCountry(r.entity, r.values[edge.Column], own)
	})
}

// createsAbroad reports whether a new row would lie in a country in which the caller holds no role, if the caller holds
// any.
func (v *view) createsAbroad(e *model.Entity, changed map[string]any) bool {
	own, all := v.ownCountries()
	if all {
		return false
	}
	return len(own) > 0 && slices.ContainsFunc(e.Scope.Country, func(path string) bool {
		edge := e.Edge(path)
		return edge != nil && changed[edge.Column] != nil && !slices.Contains(own, changed[edge.Column].(uuid.UUID))
	})
}

// countryHasOffice reports whether the caller sees an office in the country of a row.
func (v *view) countryHasOffice(r *row) bool {
	return slices.ContainsFunc(v.visibleRows(theModel.Entity("Office")), func(o *row) bool {
		return o.values["country_id"] == r.values["country_id"]
	})
}

// defaultOffice is the office of a new row about a child. It is the only office of the caller in the country, or nil if
// there is none or several. The caller's offices are those of the roles, or else the office of the account.
func (v *view) defaultOffice(country any) any {
	var here []any
	for _, o := range v.world.rows["Office"] {
		if !o.isArchived() && o.values["country_id"] == country && slices.Contains(v.ownOffices(), any(o.id)) {
			here = append(here, o.id)
		}
	}
	if len(here) != 1 {
		return nil
	}
	return here[0]
}

// ownOffices are the offices in which the caller works. They are those of the roles, or else the office of the account.
func (v *view) ownOffices() (own []any) {
	for _, h := range v.heldRoles {
		for _, key := range h.keys["office"] {
			own = append(own, key)
		}
	}
	if len(own) == 0 {
		own = append(own, v.user.values["office_id"])
	}
	return own
}

// leaveOldOffice takes a row about a child out of its office when it moves to another country and names no office
// there. It refuses that where the caller sees an office there.
func (v *view) leaveOldOffice(r *row, changed map[string]any) {
	country, office := r.entity.Edge("country"), r.entity.Edge("office")
	if r.entity.Scope.Child == "" || country == nil || office == nil || office.Managed {
		return
	}
	to, given := changed[country.Column]
	if _, named := changed[office.Column]; !given || named || to == v.visibleKey(r, country) {
		return
	}
	r.values[office.Column], r.values[country.Column] = nil, to
	if v.countryHasOffice(r) {
		panic(refusal("INVALID"))
	}
}

// checkOffice refuses a row about a child without an office, where the caller could name one, or with an office in
// another country.
func (v *view) checkOffice(r *row, changed map[string]any, act string) {
	if r.entity.Scope.Child == "" {
		return
	}
	at, office := changed["office_id"]
	if edge := r.entity.Edge("office"); edge != nil && !edge.Managed {
		unset := act == "update" && office && at == nil
		if unset || act == "create" && r.values["office_id"] == nil && v.countryHasOffice(r) {
			panic(refusal("INVALID"))
		}
	}
	_, country := changed["country_id"]
	o := v.world.byID[r.foreignKey("office_id")]
	if (office || country) && o != nil && o.values["country_id"] != r.values["country_id"] {
		panic(refusal("INVALID"))
	}
}
