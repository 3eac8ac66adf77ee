package proof_test

// The reference model: what the hub must answer, in plain Go over slices and maps. It shares no code with the hub's
// access, store and graph; it knows the names and kinds of fields and edges from the inventory, and reads the policies
// by itself. This file is V(u):
//
//   - A row is in V(u) when it is not archived, some line that u holds grants "read" and reaches the row, and no deny
//     line of clearance "row" or C0 that u holds reaches it.
//   - A line reaches a row when it is global, or one of the keys at the ends of the paths that the entity states for
//     the line's scope is one of the keys of u's assignment. Paths run over stored rows that are not archived.
//   - A cell of a field that does not identify is clear with its row. Another is clear when one line grants both the
//     row and its class, and no deny line of its class or below reaches the row. It is null otherwise.
//   - A line with a condition clears cells of C3 only where the condition is met: "purpose": the request states a purpose
//     that the role, by a g2 line, and the assignment may state; "consent": and a live consent of the row's child covers
//     it; "shared": and a live referral to a partner of the assignment, under its own live consent, hands the field on;
//     "pseudonym": never.
//   - An edge to a row that is not in V(u) is not there, nor is one whose own class is not clear in the row that holds it;
//     one over a joining row is there when that row is in V(u) too.
//   - Whoever acts under an audit grant holds "everyone" and "auditor" for that grant alone. Rows of an entity that a
//     line of theirs puts under a pseudonym have names of the grant's own in place of ids, codes and last sort keys,
//     months in place of days, and fields that would trace them are masked.

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// rule is one line of roles.csv.
type rule struct {
	role, scope, condition string
	actions, entities      []string
	purposes               []string // that the role may state
	clearance              int      // -1: the row
	deny                   bool
}

// readRules reads roles.csv.
func readRules(text string) (out []rule) {
	groups, states := map[string][]string{}, map[string][]string{}
	for line := range strings.Lines(text) {
		cols := strings.Split(strings.TrimSpace(line), ",")
		for i := range cols {
			cols[i] = strings.TrimSpace(cols[i])
		}
		switch {
		case cols[0] == "g":
			groups[cols[2]] = append(groups[cols[2]], cols[1])
		case cols[0] == "g2":
			states[cols[1]] = append(states[cols[1]], cols[2])
		case cols[0] == "p":
			r := rule{role: cols[1], scope: cols[4], condition: cols[6], actions: strings.Split(cols[3], "+"), clearance: -1, deny: cols[7] == "deny"}
			if r.entities = groups[cols[2]]; r.entities == nil {
				r.entities = []string{cols[2]}
			}
			if cols[5] != "row" {
				r.clearance = int(cols[5][1] - '0')
			}
			out = append(out, r)
		}
	}
	for i := range out {
		out[i].purposes = states[out[i].role]
	}
	return out
}

// hold is a role that the caller holds now.
type hold struct {
	role       string
	everywhere bool
	keys       map[string][]uuid.UUID // by scope
	purposes   []string               // those of the role's that may be stated; none: all of them
}

// held is a line that the caller has by one of the roles.
type held struct {
	*rule
	*hold
}

var acts = []string{"read", "create", "update", "delete", "approve"}

// rights are, for each of acts and each level, whether it is granted on a row, and whether it is denied.
type rights struct{ may, deny [5][4]bool }

// view is V(u) of one caller, purpose and world.
type view struct {
	w       *world
	user    *row // with no key: whoever did not sign in
	purpose string
	grant   *row // the audit grant under which the caller acts
	langs   []string
	now     time.Time
	all     bool   // sees and may do everything
	reads   bool   // and nothing else, by a token that is for reading
	after   *world // that the last write has made
	held    []*hold
	lines   map[string][]held
	memo    map[*row]*rights
	rows    map[string][]*row
	hits    *coverage
	root    *sel
	in      string // position of what is read: select, node or mutation
	cursors map[string]*position
	known   map[string]knowledge // by token, caller and types
	shown   map[*row]map[*sel]bool
	seen    map[string]bool // entities of which a value of C3 that identifies was shown

	count         int         // rows shown, as an audit grant pays for them
	muted         int         // within a list that was shown before
	version       int         // of the policies
	anyAssignment int         // live assignments, of whatever role
	places        []*position // of the cursors of the answer that is being written
}

// newView is V(u) of whoever signs in by this name, under the grant where one is named. Where nobody active does it is nil,
// and 401; where the grant is not theirs or does not count now, nil and 403.
func newView(w *world, rules []rule, name, purpose string, grant uuid.UUID, now time.Time) (*view, int) {
	v := &view{w: w, purpose: purpose, now: now, lines: map[string][]held{}, memo: map[*row]*rights{}, rows: map[string][]*row{}, cursors: map[string]*position{}, known: map[string]knowledge{}}
	if v.user = v.signedIn(name); v.user == nil {
		return nil, 401
	}
	holds := v.holds()
	grants := slices.DeleteFunc(slices.Clone(w.rows["AuditGrant"]), func(g *row) bool {
		return g.key("auditor_id") != v.user.id || g.gone() || g.v["state"] != "active" || !v.within(g.v["valid_from"], g.v["valid_until"])
	})
	if i := slices.IndexFunc(grants, func(g *row) bool { return g.id == grant }); i >= 0 {
		v.grant = grants[i]
	} else if grant != uuid.Nil {
		return nil, 403
	} else if len(holds) == 1 && len(grants) == 1 && v.anyAssignment == 0 {
		v.grant = grants[0]
	}
	if v.grant != nil {
		holds = []*hold{holds[0], {role: "auditor", keys: map[string][]uuid.UUID{"self": {v.user.id}}}}
	}
	v.held = holds
	for _, h := range holds {
		for i := range rules {
			if r := &rules[i]; r.role == h.role {
				for _, name := range r.entities {
					v.lines[name] = append(v.lines[name], held{r, h})
				}
			}
		}
	}
	return v, 200
}

// signedIn is the active account with an e-mail address, or that of the live personal access token that begins with rhp_;
// for no name it is nobody's account, which holds the role "public".
func (v *view) signedIn(name string) *row {
	if name == "" {
		return &row{inventory.Model.Entity("User"), uuid.Nil, map[string]any{"locale": "en"}}
	}
	sum := sha256.Sum256([]byte(name))
	for _, t := range v.w.rows["AccessToken"] {
		if t.v["hash"] == hex.EncodeToString(sum[:]) && !t.gone() && t.v["revoked_at"] == nil && v.within(nil, t.v["expires_at"]) {
			name, v.reads = v.w.byID[t.key("user_id")].v["email"].(string), !slices.Contains(t.v["scopes"].([]string), "write")
		}
	}
	i := slices.IndexFunc(v.w.rows["User"], func(u *row) bool { return u.v["email"] == name && !u.gone() && u.v["state"] == "active" })
	if i < 0 {
		return nil
	}
	return v.w.rows["User"][i]
}

// everything is the view of somebody who sees all rows that are not archived.
func everything(w *world) *view {
	return &view{w: w, all: true, rows: map[string][]*row{}, cursors: map[string]*position{}}
}

// within reports whether now lies from the first instant to before the second; a missing one is open.
func (v *view) within(from, until any) bool {
	f, isFrom := from.(time.Time)
	u, isUntil := until.(time.Time)
	return (!isFrom || !v.now.Before(f)) && (!isUntil || v.now.Before(u))
}

func ids(list any) (out []uuid.UUID) {
	texts, _ := list.([]string)
	for _, s := range texts {
		out = append(out, uuid.MustParse(s))
	}
	return out
}

// holds are "everyone" and the caller's live roles. Nobody is assigned "everyone", an audit, or a task of the hub's own.
func (v *view) holds() []*hold {
	if v.user.id == uuid.Nil {
		return []*hold{{role: "public", everywhere: true}}
	}
	own := []uuid.UUID{v.user.id}
	var opened []uuid.UUID
	for _, x := range v.w.rows["EmergencyAccess"] {
		if x.key("user_id") == v.user.id && !x.gone() && x.v["child_id"] != nil && x.v["state"] != "unjustified" && v.now.Before(x.v["valid_until"].(time.Time)) {
			opened = append(opened, x.key("child_id"))
		}
	}
	out := []*hold{{role: "everyone", keys: map[string][]uuid.UUID{"self": own, "emergency": opened}}}
	for _, a := range v.w.rows["RoleAssignment"] {
		if a.key("user_id") != v.user.id || a.gone() || a.v["state"] != "active" || !v.within(a.v["valid_from"], a.v["valid_until"]) {
			continue
		}
		if id, ok := a.v["deployment_id"].(uuid.UUID); ok {
			d := v.w.byID[id]
			if d == nil || d.gone() || !slices.Contains([]string{"matched", "preparing", "in_country", "remote"}, d.v["state"].(string)) {
				continue
			}
			if who := v.w.byID[d.key("volunteer_id")]; who == nil || who.gone() || who.v["state"] == "withdrawn" || who.key("user_id") != v.user.id || v.barred() {
				continue
			}
		}
		v.anyAssignment++
		role := a.v["role"].(string)
		if role == "everyone" || role == "auditor" || strings.HasPrefix(role, "system_") {
			continue
		}
		purposes, _ := a.v["purposes"].([]string)
		partners := slices.DeleteFunc(ids(a.v["partner_ids"]), func(id uuid.UUID) bool { return v.w.byID[id] != nil && v.w.byID[id].gone() })
		out = append(out, &hold{role: role, everywhere: a.v["everywhere"] == true, purposes: purposes, keys: map[string][]uuid.UUID{"self": own,
			"country": ids(a.v["country_ids"]), "office": ids(a.v["office_ids"]), "overseen": ids(a.v["office_ids"]), "partner": partners, "referred": partners, "addressed": partners,
			"intervention": ids(a.v["intervention_ids"]), "emergency": opened}})
	}
	return out
}

// paths are the entity's paths of a scope word.
func paths(e *model.Entity, scope string) []string {
	s := e.Scope
	child := slices.DeleteFunc([]string{s.Child}, func(path string) bool { return path == "" })
	return map[string][]string{"country": s.Country, "office": s.Office, "partner": s.Partner, "intervention": s.Intervention,
		"assigned": s.Assigned, "self": s.Self, "own": s.Self, "grant": s.Grant, "emergency": child, "referred": child,
		"addressed": s.Partner, "published": s.Published, "team": s.Assigned, "overseen": s.Office}[scope]
}

func (v *view) reaches(l held, r *row) bool {
	switch {
	case l.scope == "global", l.scope == "country" && l.everywhere:
		return true
	case l.scope == "grant":
		return v.granted(r)
	case l.scope == "emergency":
		child := v.child(r)
		return child != nil && slices.Contains(l.keys["emergency"], child.id) && v.lies(l, child)
	case l.scope == "published":
		return slices.ContainsFunc(r.e.Scope.Published, func(s string) bool { return r.v["state"] == s })
	case l.scope == "referred":
		return v.referred(l, r, "")
	case l.scope == "addressed" && !v.addressed(r):
		return false
	case l.scope == "overseen" && r.v["visibility"] == "author_only", l.scope == "team" && r.v["visibility"] != "case_team":
		return false
	case l.scope == "assigned", l.scope == "own", l.scope == "team":
		return v.responsible(l, r)
	}
	return v.ending(r, l.scope, l.keys[l.scope])
}

// addressed reports whether a row is out for whom it is addressed to, and its last day has not passed.
func (v *view) addressed(r *row) bool {
	until, ends := r.v["expires_on"].(time.Time)
	return slices.ContainsFunc(r.e.Scope.Published, func(s string) bool { return r.v["state"] == s }) && (!ends || !until.Before(v.now.Truncate(24*time.Hour)))
}

// ending reports whether one of the paths of a scope ends in one of the keys.
func (v *view) ending(r *row, scope string, keys []uuid.UUID) bool {
	return len(keys) > 0 && slices.ContainsFunc(paths(r.e, scope), func(path string) bool { return v.along(r, strings.Split(path, "."), keys) })
}

// granted reports whether the audit grant reaches a row, and shows rows of its type.
func (v *view) granted(r *row) bool { return v.grants(r.e) && v.audited(r) }

// audited reports whether a row is under audit, of whatever type it is.
func (v *view) audited(r *row) bool {
	g := v.grant.v
	countries, interventions := ids(g["country_ids"]), ids(g["intervention_ids"])
	living := slices.DeleteFunc(slices.Clone(interventions), func(id uuid.UUID) bool { return v.w.byID[id] == nil || v.w.byID[id].gone() })
	if !v.audits(r.e) || len(interventions) > 0 && !v.ending(r, "grant", living) {
		return false
	}
	if len(countries) > 0 && (len(interventions) == 0 || !r.e.Scope.Seat && len(r.e.Scope.Country) > 0) && !v.ending(r, "country", countries) {
		return false
	}
	return v.during(r, g["period_start"], g["period_end"])
}

// grants reports whether the audit grant may reach rows of an entity at all, and shows them.
func (v *view) grants(e *model.Entity) bool {
	types := v.grant.v["entities"].([]string)
	return v.audits(e) && (len(types) == 0 || slices.Contains(types, e.Name))
}

// audits reports whether rows of an entity may be under audit at all.
func (v *view) audits(e *model.Entity) bool {
	g := v.grant.v
	countries, interventions := ids(g["country_ids"]), ids(g["intervention_ids"])
	if edge := e.Edge(e.Scope.Period); edge != nil && (g["period_start"] != nil || g["period_end"] != nil) && !v.audits(inventory.Model.Target(edge)) {
		return false
	}
	return len(interventions) > 0 && len(e.Scope.Grant) > 0 || len(interventions) == 0 && len(countries) > 0 && len(e.Scope.Country) > 0
}

// child is the live child that a row is about; the case on the way to it is live too.
func (v *view) child(r *row) *row {
	for _, step := range strings.Split(r.e.Scope.Child, ".") {
		if step == "" {
			return nil
		}
		if step != "id" {
			r = v.w.byID[r.key(r.e.Edge(step).Column)]
		}
		if r == nil || r.gone() && step != "id" {
			return nil
		}
	}
	return r
}

// counts reports whether a consent is live today and covers the purpose.
func (v *view) counts(c *row) bool {
	return v.live(c) && slices.Contains(c.v["purposes"].([]string), v.purpose)
}

// live reports whether a consent counts today.
func (v *view) live(c *row) bool {
	from, isFrom := c.v["obtained_on"].(time.Time)
	until, isUntil := c.v["expires_on"].(time.Time)
	day := v.now.Truncate(24 * time.Hour)
	return !c.gone() && c.v["state"] == "active" && (!isFrom || !from.After(day)) && (!isUntil || !until.Before(day))
}

// referred reports whether a live referral hands the row's child to a partner of the line's; where a field is named, that
// it hands on the field, too. Its own consent must be live, and for a field cover the purpose.
func (v *view) referred(l held, r *row, field string) bool {
	child := v.child(r)
	return child != nil && slices.ContainsFunc(v.w.rows["Referral"], func(r *row) bool {
		f := v.w.byID[r.key("case_file_id")]
		until, ends := r.v["expires_on"].(time.Time)
		live := !r.gone() && !f.gone() && f.key("child_id") == child.id && slices.Contains([]string{"sent", "accepted", "in_progress"}, r.v["state"].(string)) &&
			(!ends || !until.Before(v.now.Truncate(24*time.Hour))) && slices.Contains(l.keys["referred"], r.key("partner_id"))
		c := v.w.byID[r.key("consent_id")]
		if !live || c == nil || c.key("child_id") != child.id || !v.live(c) {
			return false
		}
		return field == "" || slices.Contains(r.v["fields_shared"].([]string), field) && v.counts(c)
	})
}

// along reports whether a key at the end of the path is one of the keys.
func (v *view) along(r *row, steps []string, keys []uuid.UUID) bool {
	if len(steps) == 0 || steps[0] == "id" {
		return slices.Contains(keys, r.id)
	}
	edge, last := r.e.Edge(steps[0]), len(steps) == 1
	for _, id := range v.ends(r, edge, func(r *row) bool { return !r.gone() }) {
		if last && edge.Kind != model.ToMany {
			if slices.Contains(keys, id) {
				return true
			}
		} else if t := v.w.byID[id]; t != nil && !t.gone() && v.along(t, steps[1:], keys) {
			return true
		}
	}
	return false
}

// ends are the keys at the end of an edge, each once; joining rows must be live.
func (v *view) ends(r *row, edge *model.Edge, live func(*row) bool) (out []uuid.UUID) {
	switch edge.Kind {
	case model.ToOne:
		if id, ok := r.v[edge.Column].(uuid.UUID); ok {
			out = append(out, id)
		}
	case model.ToMany:
		for _, t := range v.w.back[edge.Target+"."+edge.Column][r.id] {
			out = append(out, t.id)
		}
	default:
		for _, j := range v.w.back[edge.Via+"."+edge.ViaSelf][r.id] {
			if id := j.key(edge.ViaTarget); live(j) && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}
