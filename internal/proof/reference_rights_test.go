package proof_test

// The reference model: what the lines that a caller holds come to on one row.

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// rightsOn of a row, worked out once.
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

// isBarredVolunteer reports whether a volunteer record of the caller says that they are.
func (v *view) isBarredVolunteer() bool {
	return slices.ContainsFunc(v.world.rows["Volunteer"], func(r *row) bool { return r.foreignKey("user_id") == v.user.id && r.values["state"] == "barred" })
}

// mayState reports whether a purpose is one that the line's role and assignment may state.
func (l heldLine) mayState(purpose string) bool {
	return slices.Contains(l.policyLine.purposes, purpose) && (len(l.heldRole.purposes) == 0 || slices.Contains(l.heldRole.purposes, purpose))
}

// statesPurpose reports whether the request states such a purpose.
func (v *view) statesPurpose(l heldLine) bool { return l.mayState(v.purpose) }

// statablePurposes are the purposes that the caller may state.
func (v *view) statablePurposes() []string {
	out := []string{}
	for _, purpose := range []string{"services", "case_sharing", "referral", "tracing", "statistics", "research", "audit"} {
		for _, lines := range v.policyLines {
			if !slices.Contains(out, purpose) && slices.ContainsFunc(lines, func(l heldLine) bool { return l.mayState(purpose) }) {
				out = append(out, purpose)
			}
		}
	}
	return out
}

// meetsCondition reports whether the line's condition for C3 cells is met in a row, whatever the field.
func (v *view) meetsCondition(l heldLine, r *row) bool {
	switch l.condition {
	case "-":
		return true
	case "purpose":
		return v.statesPurpose(l)
	case "consent":
		child := v.childOf(r)
		return v.statesPurpose(l) && child != nil && slices.ContainsFunc(v.world.referrers["Consent.child_id"][child.id], v.consentCovers)
	}
	return false
}

func (v *view) seesRow(r *row) bool {
	return r != nil && !r.isArchived() && v.rightsOn(r).granted[0][0]
}

// isClear reports whether what is of these classes, and has this name, is shown as it is in a visible row.
func (v *view) isClear(r *row, name string, tag model.Tag) bool {
	got := v.rightsOn(r)
	if tag.Ident == classification.None || got.granted[0][tag.Level] {
		return true
	}
	return tag.Level == classification.C3 && !got.denied[0][3] && slices.ContainsFunc(v.policyLines[r.entity.Name], func(l heldLine) bool {
		return l.condition == "shared" && slices.Contains(l.actions, "read") && l.clearance == 3 && v.statesPurpose(l) && v.reachesRow(l, r) && v.isFieldShared(l, r, name)
	})
}

// isFieldShared reports whether a referral to the line's partner hands a field of a child on, or is itself under its own live
// consent, of the child whom it is about.
func (v *view) isFieldShared(l heldLine, r *row, field string) bool {
	if r.entity.Name != "Referral" {
		return v.isReferred(l, r, field)
	}
	c, f := v.world.byID[r.foreignKey("consent_id")], v.world.byID[r.foreignKey("case_file_id")]
	return c != nil && !f.isArchived() && c.foreignKey("child_id") == f.foreignKey("child_id") && v.consentCovers(c)
}

// showsGeneralised reports whether what tells less than a field is shown with a visible row: unless only fields of the row are shared.
func (v *view) showsGeneralised(r *row, f *model.Field, name string) bool {
	whole := func(l heldLine) bool {
		return !l.deny && l.condition != "shared" && slices.Contains(l.actions, "read") && v.reachesRow(l, r)
	}
	return v.seesAll || slices.ContainsFunc(v.policyLines[r.entity.Name], whole) || v.isClear(r, name, f.Tag)
}

// masked reports whether a field is null by rule.
func (v *view) isMasked(r *row, f *model.Field) bool {
	return !v.isClear(r, f.Name, f.Tag) || f.Traces && v.usesPseudonyms(r.entity)
}

// usesPseudonyms reports whether the entity's rows are shown under pseudonyms of the grant.
func (v *view) usesPseudonyms(e *model.Entity) bool {
	return v.grant != nil && v.grantShowsEntity(e) && slices.ContainsFunc(v.policyLines[e.Name], func(l heldLine) bool { return l.condition == "pseudonym" })
}

// visibleValue of a field as the caller sees it.
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

// monthStart is the first day of the month, which is what shows of a day under a pseudonym.
func monthStart(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// visibleRows rows of an entity.
func (v *view) visibleRows(e *model.Entity) []*row {
	if _, ok := v.visibleCache[e.Name]; !ok {
		v.visibleCache[e.Name] = slices.DeleteFunc(slices.Clone(v.world.rows[e.Name]), func(r *row) bool { return !v.seesRow(r) })
	}
	return v.visibleCache[e.Name]
}

// visibleTargets are the visible rows at the end of an edge that the caller may follow.
func (v *view) visibleTargets(r *row, edge *model.Edge) (out []*row) {
	for _, id := range v.targetKeys(r, edge, v.seesRow) {
		t := v.world.byID[id]
		if !v.seesRow(t) || edge.Kind == model.ToOne && !v.isClear(r, edge.Name, edge.Tag) || edge.Kind == model.ToMany && !v.isClear(t, edge.Name, edge.Tag) {
			continue
		}
		out = append(out, t)
	}
	return out
}

// allowsAny reports whether the caller may do the action to any row at all, by the lines and keys alone.
func (v *view) allowsAny(e *model.Entity, act string) bool {
	able := v.seesAll
	for _, l := range v.policyLines[e.Name] {
		if slices.Contains(l.actions, act) && (act == "read" || !v.readOnly) {
			reaches := l.scope == "global" || l.scope == "country" && l.everywhere
			some := l.reachesByKey(e) || l.scope == "grant" && v.grantShowsEntity(e) || l.scope == "published" && len(e.Scope.Published) > 0 || l.reachesByResponsibility(e)
			if l.deny && reaches && l.clearance <= 0 {
				return false
			}
			able = able || !l.deny && (reaches || some)
		}
	}
	return able
}

// reachesByKey reports whether the line can reach rows by the keys of its scope; a record that was opened in an emergency, where the
// role reaches children.
func (l heldLine) reachesByKey(e *model.Entity) bool {
	return len(l.keys[l.scope]) > 0 && len(scopePaths(e, l.scope)) > 0 && (l.scope != "emergency" || l.coversPlacesOf(inventory.Model.Entity("Child")))
}

// coversPlacesOf reports whether rows of the entity can lie where the role reaches.
func (l heldLine) coversPlacesOf(e *model.Entity) bool {
	return l.everywhere || slices.ContainsFunc(placeScopes, func(p string) bool { return len(l.keys[p]) > 0 && len(scopePaths(e, p)) > 0 })
}

// reachesByResponsibility reports whether the line can reach rows that somebody is responsible for.
func (l heldLine) reachesByResponsibility(e *model.Entity) bool {
	return (l.scope == "assigned" || l.scope == "own" || l.scope == "team") && len(l.keys["self"]) > 0 && slices.ContainsFunc(scopePaths(e, l.scope), func(path string) bool {
		steps, at := strings.Split(path, "."), e
		for _, step := range steps[:len(steps)-1] {
			at = inventory.Model.Target(at.Edge(step))
		}
		return l.coversPlacesOf(at)
	})
}

// rowFacts are all that V(u) holds of a row, for comparing two worlds: its cells, edges and rights.
func (v *view) rowFacts(r *row) map[string]any {
	out := map[string]any{"rights": *v.rightsOn(r), "masked": v.maskedFields(r)} // what is masked is told of empty cells too
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

// isInAuditPeriod reports whether the day of a row lies in the period, or a live row that it is dated by is under audit.
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

// placeScopes are the scopes whose keys say how far a role reaches.
var placeScopes = []string{"country", "office", "partner", "intervention"}

// isWithinRole reports whether a row lies where the role reaches.
func (v *view) isWithinRole(l heldLine, r *row) bool {
	return l.everywhere || slices.ContainsFunc(placeScopes, func(p string) bool { return v.scopeEndsInKey(r, p, l.keys[p]) })
}

// isResponsible reports whether a row, or one that it is reached by, names the caller, and lies where the role reaches.
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
	return slices.ContainsFunc(scopePaths(r.entity, l.scope), func(path string) bool { return named(r, strings.Split(path, ".")) })
}

// mayGrantRole reports whether the caller may give a role with the reach that an assignment has.
func (v *view) mayGrantRole(r *row) bool {
	var mine []uuid.UUID
	everywhere := false
	for _, h := range v.heldRoles {
		if h.role == "platform_admin" {
			return true
		}
		if h.role == "country_coordinator" {
			mine, everywhere = append(mine, h.keys["country"]...), everywhere || h.everywhere
		}
	}
	within := func(id uuid.UUID) bool {
		o := v.world.byID[id]
		return slices.Contains(mine, id) || o != nil && o.entity.Name != "Country" && slices.Contains(mine, o.foreignKey("country_id"))
	}
	if !slices.Contains(fieldRoles, r.values["role"].(string)) || everywhere {
		return everywhere && slices.Contains(fieldRoles, r.values["role"].(string))
	}
	for _, column := range []string{"country_ids", "office_ids", "partner_ids", "intervention_ids"} {
		if slices.ContainsFunc(parseKeys(r.values[column]), func(id uuid.UUID) bool { return !within(id) }) {
			return false
		}
	}
	return r.values["everywhere"] != true
}

// canAct reports whether the caller may do something to a row as it stands, as far as they see how it stands.
func (v *view) canAct(r *row, act string) bool {
	if !v.rightsOn(r).granted[slices.Index(actionNames, act)][0] || act == "update" && v.isSelfEdit(r) || act == "delete" && (v.isAboutCaller(r) || v.hasDependants(r)) {
		return false
	}
	open := len(r.entity.Machines) == 0
	in := func(m model.Machine, states []string) bool {
		return slices.ContainsFunc(states, func(s string) bool { return s == v.visibleValue(r, r.entity.Column(m.Field)) })
	}
	for _, m := range r.entity.Machines {
		state := v.visibleValue(r, r.entity.Column(m.Field))
		stuck := slices.ContainsFunc(r.entity.Machines, func(o model.Machine) bool { // one state may hold another
			return o.Field != m.Field && !slices.Contains(o.Free, m.Field) && in(o, o.Fixed)
		})
		if act == "update" && len(m.Free) == 0 && in(m, m.Fixed) || act == "delete" && in(m, m.Kept) {
			return false
		}
		for _, move := range m.Moves {
			_, own := v.checkOwnApproval(r, act, move.To)
			open = open || string(move.Needs) == "approve" && (state == nil || state == move.From) && !own && !stuck
		}
	}
	return open || act != "approve"
}
