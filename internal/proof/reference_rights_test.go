package proof_test

// This file of the reference model computes what the policy lines of a caller allow on one row.

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// rightsOn are the caller's rights on a row, computed once per view.
func (v *view) rightsOn(r *row) *rowRights {
	if got := v.rightsCache[r]; got != nil {
		return got
	}
	out := &rowRights{}
	for _, l := range v.policyLines[r.entity.Name] {
		if !v.reachesRow(l, r) {
			continue
		}
		for i, act := range actionNames {
			for level := range 4 {
				switch {
				case !slices.Contains(l.actions, act), v.readOnly && act != "read":
				case l.deny:
					out.denied[i][level] = out.denied[i][level] || level >= l.clearance
				case level <= l.clearance && (level < 3 || v.meetsCondition(l, r)):
					out.granted[i][level] = true
				}
			}
		}
	}
	for i := range actionNames {
		for level := range 4 {
			out.granted[i][level] = v.seesAll || out.granted[i][level] && !out.denied[i][level]
		}
	}
	if v.rightsCache != nil {
		v.rightsCache[r] = out
	}
	return out
}

// isBarredVolunteer reports whether a volunteer record of the caller is in the state "barred".
func (v *view) isBarredVolunteer() bool {
	return slices.ContainsFunc(v.world.rows["Volunteer"], func(r *row) bool {
		return r.foreignKey("user_id") == v.user.id && r.values["state"] == "barred"
	})
}

// mayState reports whether the line's role and assignment may both state a purpose.
func (l heldLine) mayState(purpose string) bool {
	return slices.Contains(l.policyLine.purposes, purpose) &&
		(len(l.heldRole.purposes) == 0 || slices.Contains(l.heldRole.purposes, purpose))
}

// statesPurpose reports whether the request states a purpose that the line may state.
func (v *view) statesPurpose(l heldLine) bool { return l.mayState(v.purpose) }

// statablePurposes are the purposes that the caller may state, in the order of the hub.
func (v *view) statablePurposes() []string {
	out := []string{}
	all := []string{"services", "case_sharing", "referral", "tracing", "statistics", "research", "audit"}
	for _, purpose := range all {
		for _, lines := range v.policyLines {
			may := slices.ContainsFunc(lines, func(l heldLine) bool { return l.mayState(purpose) })
			if may && !slices.Contains(out, purpose) {
				out = append(out, purpose)
			}
		}
	}
	return out
}

// meetsCondition reports whether the line's condition for C3 cells is met in a row, for any field.
func (v *view) meetsCondition(l heldLine, r *row) bool {
	switch l.condition {
	case "-":
		return true
	case "purpose":
		return v.statesPurpose(l)
	case "consent":
		child := v.childOf(r)
		return v.statesPurpose(l) && child != nil &&
			slices.ContainsFunc(v.world.referrers["Consent.child_id"][child.id], v.consentCovers)
	}
	return false
}

// seesRow reports whether a row is in V(u).
func (v *view) seesRow(r *row) bool {
	return r != nil && !r.isArchived() && v.rightsOn(r).granted[0][0]
}

// isClear reports whether a field or edge of this name and these classes shows its value in a visible row.
func (v *view) isClear(r *row, name string, tag model.Tag) bool {
	got := v.rightsOn(r)
	if tag.Ident == classification.None || got.granted[0][tag.Level] {
		return true
	}
	if tag.Level != classification.C3 || got.denied[0][3] {
		return false
	}
	return slices.ContainsFunc(v.policyLines[r.entity.Name], func(l heldLine) bool {
		return l.condition == "shared" && slices.Contains(l.actions, "read") && l.clearance == 3 &&
			v.statesPurpose(l) && v.reachesRow(l, r) && v.isFieldShared(l, r, name)
	})
}

// isFieldShared reports whether a referral to the line's partner shares a field of the row's child. If the row is
// itself a referral, it reports whether the referral has a live consent of its own, of the child that it is about.
func (v *view) isFieldShared(l heldLine, r *row, field string) bool {
	if r.entity.Name != "Referral" {
		return v.isReferred(l, r, field)
	}
	c, f := v.world.byID[r.foreignKey("consent_id")], v.world.byID[r.foreignKey("case_file_id")]
	return c != nil && !f.isArchived() && c.foreignKey("child_id") == f.foreignKey("child_id") &&
		v.consentCovers(c)
}

// showsGeneralised reports whether a generalised value of a field (its age band) is shown with a visible row. It is not
// when the caller sees the row only because a referral shares some of its fields.
func (v *view) showsGeneralised(r *row, f *model.Field, name string) bool {
	whole := func(l heldLine) bool {
		return !l.deny && l.condition != "shared" && slices.Contains(l.actions, "read") && v.reachesRow(l, r)
	}
	return v.seesAll || slices.ContainsFunc(v.policyLines[r.entity.Name], whole) || v.isClear(r, name, f.Tag)
}

// isMasked reports whether a field of a visible row is null because of the policies.
func (v *view) isMasked(r *row, f *model.Field) bool {
	return !v.isClear(r, f.Name, f.Tag) || f.HiddenUnderPseudonym && v.usesPseudonyms(r.entity)
}

// usesPseudonyms reports whether the caller sees the entity's rows under pseudonyms of the audit grant.
func (v *view) usesPseudonyms(e *model.Entity) bool {
	return v.grant != nil && v.grantShowsEntity(e) &&
		slices.ContainsFunc(v.policyLines[e.Name], func(l heldLine) bool { return l.condition == "pseudonym" })
}

// visibleValue is the value of a field as the caller sees it, and nil where it is masked.
func (v *view) visibleValue(r *row, f *model.Field) any {
	switch {
	case f.Pseudonym && v.usesPseudonyms(r.entity):
		return v.pseudonymCode(r)
	case f.Name == "version" && v.usesPseudonyms(r.entity):
		return int64(1)
	case v.isMasked(r, f):
		return nil
	}
	if at, ok := r.values[f.Column].(time.Time); ok && v.usesPseudonyms(r.entity) {
		return monthStart(at)
	}
	return r.values[f.Column]
}

// monthStart is the first day of the month. Under a pseudonym it stands for any day of the month.
func monthStart(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// visibleRows are the rows of an entity in V(u).
func (v *view) visibleRows(e *model.Entity) []*row {
	if _, ok := v.visibleCache[e.Name]; !ok {
		v.visibleCache[e.Name] = slices.DeleteFunc(slices.Clone(v.world.rows[e.Name]), func(r *row) bool {
			return !v.seesRow(r)
		})
	}
	return v.visibleCache[e.Name]
}

// visibleTargets are the visible rows at the end of an edge that the caller may follow.
func (v *view) visibleTargets(r *row, edge *model.Edge) (out []*row) {
	for _, id := range v.targetKeys(r, edge, v.seesRow) {
		t := v.world.byID[id]
		if !v.seesRow(t) {
			continue
		}
		holder := r // the row that holds the reference, whose class counts
		if edge.Kind == model.ToMany {
			holder = t
		}
		if edge.Kind != model.Through && !v.isClear(holder, edge.Name, edge.Tag) {
			continue
		}
		out = append(out, t)
	}
	return out
}

// allowsAny reports whether the caller may do the action to any row at all. It looks at lines and keys, not at rows.
func (v *view) allowsAny(e *model.Entity, act string) bool {
	able := v.seesAll
	for _, l := range v.policyLines[e.Name] {
		if !slices.Contains(l.actions, act) || act != "read" && v.readOnly {
			continue
		}
		reachesAll := l.scope == "global" || l.scope == "country" && l.everywhere
		reachesSome := l.reachesByKey(e) || l.scope == "grant" && v.grantShowsEntity(e) ||
			l.scope == "published" && len(e.Scope.Published) > 0 || l.reachesByResponsibility(e)
		if l.deny && reachesAll && l.clearance <= 0 {
			return false
		}
		able = able || !l.deny && (reachesAll || reachesSome)
	}
	return able
}

// reachesByKey reports whether the line can reach rows by the keys of its scope. Records opened in an emergency count
// only for a role that reaches children.
func (l heldLine) reachesByKey(e *model.Entity) bool {
	return len(l.keys[l.scope]) > 0 && len(scopePaths(e, l.scope)) > 0 &&
		(l.scope != "emergency" || l.coversPlacesOf(theModel.Entity("Child")))
}

// coversPlacesOf reports whether rows of the entity can lie in one of the role's places.
func (l heldLine) coversPlacesOf(e *model.Entity) bool {
	return l.everywhere || slices.ContainsFunc(placeScopes, func(p string) bool {
		return len(l.keys[p]) > 0 && len(scopePaths(e, p)) > 0
	})
}

// reachesByResponsibility reports whether the line can reach rows that the caller is responsible for.
func (l heldLine) reachesByResponsibility(e *model.Entity) bool {
	if l.scope != "assigned" && l.scope != "own" && l.scope != "team" || len(l.keys["self"]) == 0 {
		return false
	}
	return slices.ContainsFunc(scopePaths(e, l.scope), func(path string) bool {
		steps, at := strings.Split(path, "."), e
		for _, step := range steps[:len(steps)-1] {
			at = theModel.Target(at.Edge(step))
		}
		return l.coversPlacesOf(at)
	})
}

// rowFacts are all that V(u) holds of a row (cells, edges and rights), for comparing two worlds. They include the names
// of masked fields, because the API lists those of empty cells too.
func (v *view) rowFacts(r *row) map[string]any {
	out := map[string]any{"rights": *v.rightsOn(r), "masked": v.maskedFields(r)}
	for i := range r.entity.Fields {
		if f := &r.entity.Fields[i]; !f.Internal {
			out[f.Name] = v.visibleValue(r, f)
		}
		for _, d := range r.entity.Fields[i].Derived {
			out[d.Name] = v.derivedAgeBand(r, &r.entity.Fields[i])
		}
	}
	for i := range r.entity.Edges {
		edge := &r.entity.Edges[i]
		reached := v.visibleTargets(r, edge)
		for _, t := range reached {
			out[edge.Name+t.id.String()] = true
		}
		out["clear "+edge.Name] = v.isClear(r, edge.Name, edge.Tag)
	}
	return out
}

// placeScopes are the scopes whose keys say in which places a role is held.
var placeScopes = []string{"country", "office", "partner", "intervention"}

// isWithinRole reports whether a row lies in one of the places of the role.
func (v *view) isWithinRole(l heldLine, r *row) bool {
	return l.everywhere || slices.ContainsFunc(placeScopes, func(p string) bool {
		return v.scopeEndsInKey(r, p, l.keys[p])
	})
}

// isResponsible reports whether a path of the line's scope leads to the caller over a row that lies in the role's
// places.
func (v *view) isResponsible(l heldLine, r *row) bool {
	var named func(r *row, steps []string) bool
	named = func(r *row, steps []string) bool {
		edge := r.entity.Edge(steps[0])
		if len(steps) == 1 {
			return slices.Contains(l.keys["self"], r.foreignKey(edge.Column)) && v.isWithinRole(l, r)
		}
		return slices.ContainsFunc(v.targetKeys(r, edge, nil), func(id uuid.UUID) bool {
			t := v.world.byID[id]
			return t != nil && !t.isArchived() && named(t, steps[1:])
		})
	}
	return slices.ContainsFunc(scopePaths(r.entity, l.scope), func(path string) bool {
		return named(r, strings.Split(path, "."))
	})
}

// mayEndRole reports whether the caller may end the role of an assignment, in all of its places that the caller sees.
func (v *view) mayEndRole(r *row) bool {
	var ownCountries []uuid.UUID
	everywhere := false
	for _, h := range v.heldRoles {
		if h.role == "platform_admin" {
			return true
		}
		if h.role == "country_coordinator" {
			ownCountries, everywhere = append(ownCountries, h.keys["country"]...), everywhere || h.everywhere
		}
	}
	within := func(column string, id uuid.UUID) bool {
		if column == "country_ids" {
			return slices.Contains(ownCountries, id)
		}
		o := v.world.byID[id] // a hidden place decides nothing
		if o == nil || !v.seesRow(o) {
			return true
		}
		country := v.world.byID[o.foreignKey("country_id")]
		return country != nil && v.seesRow(country) && slices.Contains(ownCountries, country.id)
	}
	isFieldRole := slices.Contains(fieldRoles, r.values["role"].(string))
	if !isFieldRole || everywhere {
		return everywhere && isFieldRole
	}
	for _, column := range []string{"country_ids", "office_ids", "partner_ids", "intervention_ids"} {
		if slices.ContainsFunc(parseKeys(r.values[column]), func(id uuid.UUID) bool { return !within(column, id) }) {
			return false
		}
	}
	return r.values["everywhere"] != true
}

// canAct reports whether the caller may do something to a row in the state that the caller sees.
func (v *view) canAct(r *row, act string) bool {
	if !v.rightsOn(r).granted[slices.Index(actionNames, act)][0] ||
		act == "update" && v.isSelfEdit(r) ||
		act == "delete" && (v.isAboutCaller(r) || v.hasDependants(r)) {
		return false
	}
	open := len(r.entity.Machines) == 0
	in := func(m model.Machine, states []string) bool {
		state := v.visibleValue(r, r.entity.Column(m.Field))
		return slices.ContainsFunc(states, func(s string) bool { return s == state })
	}
	for _, m := range r.entity.Machines {
		state := v.visibleValue(r, r.entity.Column(m.Field))
		// the state of one field may freeze that of another
		stuck := slices.ContainsFunc(r.entity.Machines, func(o model.Machine) bool {
			return o.Field != m.Field && !slices.Contains(o.Free, m.Field) && in(o, o.Fixed)
		})
		if act == "update" && len(m.Free) == 0 && in(m, m.Fixed) || act == "delete" && in(m, m.NotArchivedIn) {
			return false
		}
		for _, move := range m.Moves {
			_, own := v.checkOwnApproval(r, act, move.To)
			open = open || string(move.Needs) == "approve" && (state == nil || state == move.From) && !own && !stuck
		}
	}
	return open || act != "approve"
}
