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

// rights of a row, worked out once.
func (v *view) rights(r *row) *rights {
	if got := v.memo[r]; got != nil {
		return got
	}
	out := &rights{}
	for _, l := range v.lines[r.e.Name] {
		if !v.reaches(l, r) {
			continue
		}
		for i, act := range acts {
			for level := range 4 {
				switch {
				case !slices.Contains(l.actions, act), v.reads && act != "read":
				case l.deny:
					out.deny[i][level] = out.deny[i][level] || level >= l.clearance
				case level <= l.clearance && (level < 3 || v.meets(l, r)):
					out.may[i][level] = true
				}
			}
		}
	}
	for i := range acts {
		for level := range 4 {
			out.may[i][level] = v.all || out.may[i][level] && !out.deny[i][level]
		}
	}
	if v.memo != nil {
		v.memo[r] = out
	}
	return out
}

// barred reports whether a volunteer record of the caller says that they are.
func (v *view) barred() bool {
	return slices.ContainsFunc(v.w.rows["Volunteer"], func(r *row) bool { return r.key("user_id") == v.user.id && r.v["state"] == "barred" })
}

// mayState reports whether a purpose is one that the line's role and assignment may state.
func (l held) mayState(purpose string) bool {
	return slices.Contains(l.rule.purposes, purpose) && (len(l.hold.purposes) == 0 || slices.Contains(l.hold.purposes, purpose))
}

// states reports whether the request states such a purpose.
func (v *view) states(l held) bool { return l.mayState(v.purpose) }

// stated are the purposes that the caller may state.
func (v *view) stated() []string {
	out := []string{}
	for _, purpose := range []string{"services", "case_sharing", "referral", "tracing", "statistics", "research", "audit"} {
		for _, lines := range v.lines {
			if !slices.Contains(out, purpose) && slices.ContainsFunc(lines, func(l held) bool { return l.mayState(purpose) }) {
				out = append(out, purpose)
			}
		}
	}
	return out
}

// meets reports whether the line's condition for C3 cells is met in a row, whatever the field.
func (v *view) meets(l held, r *row) bool {
	switch l.condition {
	case "-":
		return true
	case "purpose":
		return v.states(l)
	case "consent":
		child := v.child(r)
		return v.states(l) && child != nil && slices.ContainsFunc(v.w.back["Consent.child_id"][child.id], v.counts)
	}
	return false
}

func (v *view) sees(r *row) bool { return r != nil && !r.gone() && v.rights(r).may[0][0] }

// clear reports whether what is of these classes, and has this name, is shown as it is in a visible row.
func (v *view) clear(r *row, name string, tag model.Tag) bool {
	got := v.rights(r)
	if tag.Ident == classification.None || got.may[0][tag.Level] {
		return true
	}
	return tag.Level == classification.C3 && !got.deny[0][3] && slices.ContainsFunc(v.lines[r.e.Name], func(l held) bool {
		return l.condition == "shared" && slices.Contains(l.actions, "read") && l.clearance == 3 && v.states(l) && v.reaches(l, r) && v.shared(l, r, name)
	})
}

// shared reports whether a referral to the line's partner hands a field of a child on, or is itself under its own live
// consent, of the child whom it is about.
func (v *view) shared(l held, r *row, field string) bool {
	if r.e.Name != "Referral" {
		return v.referred(l, r, field)
	}
	c, f := v.w.byID[r.key("consent_id")], v.w.byID[r.key("case_file_id")]
	return c != nil && !f.gone() && c.key("child_id") == f.key("child_id") && v.counts(c)
}

// generalised reports whether what tells less than a field is shown with a visible row: unless only fields of the row are shared.
func (v *view) generalised(r *row, f *model.Field, name string) bool {
	whole := func(l held) bool {
		return !l.deny && l.condition != "shared" && slices.Contains(l.actions, "read") && v.reaches(l, r)
	}
	return v.all || slices.ContainsFunc(v.lines[r.e.Name], whole) || v.clear(r, name, f.Tag)
}

// masked reports whether a field is null by rule.
func (v *view) isMasked(r *row, f *model.Field) bool {
	return !v.clear(r, f.Name, f.Tag) || f.Traces && v.pseudonymous(r.e)
}

// pseudonymous reports whether the entity's rows are shown under pseudonyms of the grant.
func (v *view) pseudonymous(e *model.Entity) bool {
	return v.grant != nil && v.grants(e) && slices.ContainsFunc(v.lines[e.Name], func(l held) bool { return l.condition == "pseudonym" })
}

// value of a field as the caller sees it.
func (v *view) value(r *row, f *model.Field) any {
	switch {
	case f.Pseudonym && v.pseudonymous(r.e):
		return v.alias(r)
	case f.Name == "version" && v.pseudonymous(r.e):
		return int64(1)
	case v.isMasked(r, f):
		return nil
	}
	if at, ok := r.v[f.Column].(time.Time); ok && v.pseudonymous(r.e) {
		return month(at)
	}
	return r.v[f.Column]
}

// month is the first day of the month, which is what shows of a day under a pseudonym.
func month(at time.Time) time.Time { return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC) }

// visible rows of an entity.
func (v *view) visible(e *model.Entity) []*row {
	if _, ok := v.rows[e.Name]; !ok {
		v.rows[e.Name] = slices.DeleteFunc(slices.Clone(v.w.rows[e.Name]), func(r *row) bool { return !v.sees(r) })
	}
	return v.rows[e.Name]
}

// over are the visible rows at the end of an edge that the caller may follow.
func (v *view) over(r *row, edge *model.Edge) (out []*row) {
	for _, id := range v.ends(r, edge, v.sees) {
		t := v.w.byID[id]
		if !v.sees(t) || edge.Kind == model.ToOne && !v.clear(r, edge.Name, edge.Tag) || edge.Kind == model.ToMany && !v.clear(t, edge.Name, edge.Tag) {
			continue
		}
		out = append(out, t)
	}
	return out
}

// any reports whether the caller may do the action to any row at all, by the lines and keys alone.
func (v *view) any(e *model.Entity, act string) bool {
	able := v.all
	for _, l := range v.lines[e.Name] {
		if slices.Contains(l.actions, act) && (act == "read" || !v.reads) {
			reaches := l.scope == "global" || l.scope == "country" && l.everywhere
			some := l.keyed(e) || l.scope == "grant" && v.grants(e) || l.scope == "published" && len(e.Scope.Published) > 0 || l.responsible(e)
			if l.deny && reaches && l.clearance <= 0 {
				return false
			}
			able = able || !l.deny && (reaches || some)
		}
	}
	return able
}

// keyed reports whether the line can reach rows by the keys of its scope; a record that was opened in an emergency, where the
// role reaches children.
func (l held) keyed(e *model.Entity) bool {
	return len(l.keys[l.scope]) > 0 && len(paths(e, l.scope)) > 0 && (l.scope != "emergency" || l.somewhere(inventory.Model.Entity("Child")))
}

// somewhere reports whether rows of the entity can lie where the role reaches.
func (l held) somewhere(e *model.Entity) bool {
	return l.everywhere || slices.ContainsFunc(places, func(p string) bool { return len(l.keys[p]) > 0 && len(paths(e, p)) > 0 })
}

// responsible reports whether the line can reach rows that somebody is responsible for.
func (l held) responsible(e *model.Entity) bool {
	return (l.scope == "assigned" || l.scope == "own" || l.scope == "team") && len(l.keys["self"]) > 0 && slices.ContainsFunc(paths(e, l.scope), func(path string) bool {
		steps, at := strings.Split(path, "."), e
		for _, step := range steps[:len(steps)-1] {
			at = inventory.Model.Target(at.Edge(step))
		}
		return l.somewhere(at)
	})
}

// facts are all that V(u) holds of a row, for comparing two worlds: its cells, edges and rights.
func (v *view) facts(r *row) map[string]any {
	out := map[string]any{"rights": *v.rights(r), "masked": v.masked(r)} // what is masked is told of empty cells too
	for i := range r.e.Fields {
		if f := &r.e.Fields[i]; !f.Internal {
			out[f.Name] = v.value(r, f)
		}
		for _, d := range r.e.Fields[i].Derived {
			out[d.Name] = v.derived(r, &r.e.Fields[i])
		}
	}
	for i := range r.e.Edges {
		edge := &r.e.Edges[i]
		reached := v.over(r, edge)
		for _, t := range reached {
			out[edge.Name+t.id.String()] = true
		}
		out["clear "+edge.Name] = v.clear(r, edge.Name, edge.Tag)
	}
	return out
}

// during reports whether the day of a row lies in the period, or a live row that it is dated by is under audit.
func (v *view) during(r *row, start, end any) bool {
	first, isFirst := start.(time.Time)
	last, isLast := end.(time.Time)
	if r.e.Scope.Period == "" || !isFirst && !isLast {
		return true
	}
	if edge := r.e.Edge(r.e.Scope.Period); edge != nil {
		return slices.ContainsFunc(v.ends(r, edge, nil), func(id uuid.UUID) bool { t := v.w.byID[id]; return t != nil && !t.gone() && v.audited(t) })
	}
	day, ok := r.v[r.e.Scope.Period].(time.Time)
	if !ok {
		day = r.v["created_at"].(time.Time)
	}
	day = day.Truncate(24 * time.Hour)
	return (!isFirst || !day.Before(first)) && (!isLast || !day.After(last))
}

// places are the scopes whose keys say how far a role reaches.
var places = []string{"country", "office", "partner", "intervention"}

// lies reports whether a row lies where the role reaches.
func (v *view) lies(l held, r *row) bool {
	return l.everywhere || slices.ContainsFunc(places, func(p string) bool { return v.ending(r, p, l.keys[p]) })
}

// responsible reports whether a row, or one that it is reached by, names the caller, and lies where the role reaches.
func (v *view) responsible(l held, r *row) bool {
	var named func(r *row, steps []string) bool
	named = func(r *row, steps []string) bool {
		edge := r.e.Edge(steps[0])
		if len(steps) == 1 {
			return slices.Contains(l.keys["self"], r.key(edge.Column)) && v.lies(l, r)
		}
		return slices.ContainsFunc(v.ends(r, edge, nil), func(id uuid.UUID) bool { t := v.w.byID[id]; return t != nil && !t.gone() && named(t, steps[1:]) })
	}
	return slices.ContainsFunc(paths(r.e, l.scope), func(path string) bool { return named(r, strings.Split(path, ".")) })
}

// gives reports whether the caller may give a role with the reach that an assignment has.
func (v *view) gives(r *row) bool {
	var mine []uuid.UUID
	everywhere := false
	for _, h := range v.held {
		if h.role == "platform_admin" {
			return true
		}
		if h.role == "country_coordinator" {
			mine, everywhere = append(mine, h.keys["country"]...), everywhere || h.everywhere
		}
	}
	within := func(id uuid.UUID) bool {
		o := v.w.byID[id]
		return slices.Contains(mine, id) || o != nil && o.e.Name != "Country" && slices.Contains(mine, o.key("country_id"))
	}
	if !slices.Contains(fieldRoles, r.v["role"].(string)) || everywhere {
		return everywhere && slices.Contains(fieldRoles, r.v["role"].(string))
	}
	for _, column := range []string{"country_ids", "office_ids", "partner_ids", "intervention_ids"} {
		if slices.ContainsFunc(ids(r.v[column]), func(id uuid.UUID) bool { return !within(id) }) {
			return false
		}
	}
	return r.v["everywhere"] != true
}

// can reports whether the caller may do something to a row as it stands, as far as they see how it stands.
func (v *view) can(r *row, act string) bool {
	if !v.rights(r).may[slices.Index(acts, act)][0] || act == "update" && v.owns(r) || act == "delete" && (v.isAbout(r) || v.filled(r)) {
		return false
	}
	open := len(r.e.Machines) == 0
	in := func(m model.Machine, states []string) bool {
		return slices.ContainsFunc(states, func(s string) bool { return s == v.value(r, r.e.Column(m.Field)) })
	}
	for _, m := range r.e.Machines {
		state := v.value(r, r.e.Column(m.Field))
		stuck := slices.ContainsFunc(r.e.Machines, func(o model.Machine) bool { // one state may hold another
			return o.Field != m.Field && !slices.Contains(o.Free, m.Field) && in(o, o.Fixed)
		})
		if act == "update" && len(m.Free) == 0 && in(m, m.Fixed) || act == "delete" && in(m, m.Kept) {
			return false
		}
		for _, move := range m.Moves {
			_, own := v.author(r, act, move.To)
			open = open || string(move.Needs) == "approve" && (state == nil || state == move.From) && !own && !stuck
		}
	}
	return open || act != "approve"
}
