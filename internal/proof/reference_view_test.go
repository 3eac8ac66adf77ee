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

// policyLine is one line of roles.csv.
type policyLine struct {
	role, scope, condition string
	actions, entities      []string
	purposes               []string // that the role may state
	clearance              int      // -1: the row
	deny                   bool
}

// readPolicyLines reads roles.csv.
func readPolicyLines(text string) (out []policyLine) {
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
			r := policyLine{role: cols[1], scope: cols[4], condition: cols[6], actions: strings.Split(cols[3], "+"), clearance: -1, deny: cols[7] == "deny"}
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

// heldRole is a role that the caller holds now.
type heldRole struct {
	role       string
	everywhere bool
	keys       map[string][]uuid.UUID // by scope
	purposes   []string               // those of the role's that may be stated; none: all of them
}

// heldLine is a line that the caller has by one of the roles.
type heldLine struct {
	*policyLine
	*heldRole
}

var actionNames = []string{"read", "create", "update", "delete", "approve"}

// rowRights are, for each of acts and each level, whether it is granted on a row, and whether it is denied.
type rowRights struct{ granted, denied [5][4]bool }

// view is V(u) of one caller, purpose and world.
type view struct {
	world           *world
	user            *row // with no key: whoever did not sign in
	purpose         string
	grant           *row // the audit grant under which the caller acts
	acceptLanguages []string
	now             time.Time
	seesAll         bool   // sees and may do everything
	readOnly        bool   // and nothing else, by a token that is for reading
	worldAfter      *world // that the last write has made
	heldRoles       []*heldRole
	policyLines     map[string][]heldLine
	rightsCache     map[*row]*rowRights
	visibleCache    map[string][]*row
	hits            *coverage
	root            *selection
	position        string // position of what is read: select, node or mutation
	cursors         map[string]*cursorPosition
	knownByToken    map[string]knownRows // by token, caller and types
	shownLists      map[*row]map[*selection]bool
	disclosed       map[string]bool // entities of which a value of C3 that identifies was shown

	rowsShown       int               // rows shown, as an audit grant pays for them
	muteDepth       int               // within a list that was shown before
	policyVersion   int               // of the policies
	liveAssignments int               // live assignments, of whatever role
	cursorPositions []*cursorPosition // of the cursors of the answer that is being written
}

// newView is V(u) of whoever signs in by this name, under the grant where one is named. Where nobody active does it is nil,
// and 401; where the grant is not theirs or does not count now, nil and 403.
func newView(w *world, rules []policyLine, name, purpose string, grant uuid.UUID, now time.Time) (*view, int) {
	v := &view{world: w, purpose: purpose, now: now, policyLines: map[string][]heldLine{}, rightsCache: map[*row]*rowRights{}, visibleCache: map[string][]*row{}, cursors: map[string]*cursorPosition{}, knownByToken: map[string]knownRows{}}
	if v.user = v.findAccount(name); v.user == nil {
		return nil, 401
	}
	holds := v.currentRoles()
	grants := slices.DeleteFunc(slices.Clone(w.rows["AuditGrant"]), func(g *row) bool {
		return g.foreignKey("auditor_id") != v.user.id || g.isArchived() || g.values["state"] != "active" || !v.isNowWithin(g.values["valid_from"], g.values["valid_until"])
	})
	if i := slices.IndexFunc(grants, func(g *row) bool { return g.id == grant }); i >= 0 {
		v.grant = grants[i]
	} else if grant != uuid.Nil {
		return nil, 403
	} else if len(holds) == 1 && len(grants) == 1 && v.liveAssignments == 0 {
		v.grant = grants[0]
	}
	if v.grant != nil {
		holds = []*heldRole{holds[0], {role: "auditor", keys: map[string][]uuid.UUID{"self": {v.user.id}}}}
	}
	v.heldRoles = holds
	for _, h := range holds {
		for i := range rules {
			if r := &rules[i]; r.role == h.role {
				for _, name := range r.entities {
					v.policyLines[name] = append(v.policyLines[name], heldLine{r, h})
				}
			}
		}
	}
	return v, 200
}

// findAccount is the active account with an e-mail address, or that of the live personal access token that begins with rhp_;
// for no name it is nobody's account, which holds the role "public".
func (v *view) findAccount(name string) *row {
	if name == "" {
		return &row{inventory.Model.Entity("User"), uuid.Nil, map[string]any{"locale": "en"}}
	}
	sum := sha256.Sum256([]byte(name))
	for _, t := range v.world.rows["AccessToken"] {
		if t.values["hash"] == hex.EncodeToString(sum[:]) && !t.isArchived() && t.values["revoked_at"] == nil && v.isNowWithin(nil, t.values["expires_at"]) {
			name, v.readOnly = v.world.byID[t.foreignKey("user_id")].values["email"].(string), !slices.Contains(t.values["scopes"].([]string), "write")
		}
	}
	i := slices.IndexFunc(v.world.rows["User"], func(u *row) bool {
		return u.values["email"] == name && !u.isArchived() && u.values["state"] == "active"
	})
	if i < 0 {
		return nil
	}
	return v.world.rows["User"][i]
}

// allSeeingView is the view of somebody who sees all rows that are not archived.
func allSeeingView(w *world) *view {
	return &view{world: w, seesAll: true, visibleCache: map[string][]*row{}, cursors: map[string]*cursorPosition{}}
}

// isNowWithin reports whether now lies from the first instant to before the second; a missing one is open.
func (v *view) isNowWithin(from, until any) bool {
	f, isFrom := from.(time.Time)
	u, isUntil := until.(time.Time)
	return (!isFrom || !v.now.Before(f)) && (!isUntil || v.now.Before(u))
}

func parseKeys(list any) (out []uuid.UUID) {
	texts, _ := list.([]string)
	for _, s := range texts {
		out = append(out, uuid.MustParse(s))
	}
	return out
}

// currentRoles are "everyone" and the caller's live roles. Nobody is assigned "everyone", an audit, or a task of the hub's own.
func (v *view) currentRoles() []*heldRole {
	if v.user.id == uuid.Nil {
		return []*heldRole{{role: "public", everywhere: true}}
	}
	own := []uuid.UUID{v.user.id}
	var opened []uuid.UUID
	for _, x := range v.world.rows["EmergencyAccess"] {
		if x.foreignKey("user_id") == v.user.id && !x.isArchived() && x.values["child_id"] != nil && x.values["state"] != "unjustified" && v.now.Before(x.values["valid_until"].(time.Time)) {
			opened = append(opened, x.foreignKey("child_id"))
		}
	}
	out := []*heldRole{{role: "everyone", keys: map[string][]uuid.UUID{"self": own, "emergency": opened}}}
	for _, a := range v.world.rows["RoleAssignment"] {
		if a.foreignKey("user_id") != v.user.id || a.isArchived() || a.values["state"] != "active" || !v.isNowWithin(a.values["valid_from"], a.values["valid_until"]) {
			continue
		}
		if id, ok := a.values["deployment_id"].(uuid.UUID); ok {
			d := v.world.byID[id]
			if d == nil || d.isArchived() || !slices.Contains([]string{"matched", "preparing", "in_country", "remote"}, d.values["state"].(string)) {
				continue
			}
			if who := v.world.byID[d.foreignKey("volunteer_id")]; who == nil || who.isArchived() || who.values["state"] == "withdrawn" || who.foreignKey("user_id") != v.user.id || v.isBarredVolunteer() {
				continue
			}
		}
		v.liveAssignments++
		role := a.values["role"].(string)
		if role == "everyone" || role == "auditor" || strings.HasPrefix(role, "system_") {
			continue
		}
		purposes, _ := a.values["purposes"].([]string)
		partners := slices.DeleteFunc(parseKeys(a.values["partner_ids"]), func(id uuid.UUID) bool { return v.world.byID[id] != nil && v.world.byID[id].isArchived() })
		out = append(out, &heldRole{role: role, everywhere: a.values["everywhere"] == true, purposes: purposes, keys: map[string][]uuid.UUID{"self": own,
			"country": parseKeys(a.values["country_ids"]), "office": parseKeys(a.values["office_ids"]), "overseen": parseKeys(a.values["office_ids"]), "partner": partners, "referred": partners, "addressed": partners,
			"intervention": parseKeys(a.values["intervention_ids"]), "emergency": opened}})
	}
	return out
}

// scopePaths are the entity's paths of a scope word.
func scopePaths(e *model.Entity, scope string) []string {
	s := e.Scope
	child := slices.DeleteFunc([]string{s.Child}, func(path string) bool { return path == "" })
	return map[string][]string{"country": s.Country, "office": s.Office, "partner": s.Partner, "intervention": s.Intervention,
		"assigned": s.Assigned, "self": s.Self, "own": s.Self, "grant": s.Grant, "emergency": child, "referred": child,
		"addressed": s.Partner, "published": s.Published, "team": s.Assigned, "overseen": s.Office}[scope]
}

func (v *view) reachesRow(l heldLine, r *row) bool {
	switch {
	case l.scope == "global", l.scope == "country" && l.everywhere:
		return true
	case l.scope == "grant":
		return v.isGranted(r)
	case l.scope == "emergency":
		child := v.childOf(r)
		return child != nil && slices.Contains(l.keys["emergency"], child.id) && v.isWithinRole(l, child)
	case l.scope == "published":
		return slices.ContainsFunc(r.entity.Scope.Published, func(s string) bool { return r.values["state"] == s })
	case l.scope == "referred":
		return v.isReferred(l, r, "")
	case l.scope == "addressed" && !v.isOpenToAddressee(r):
		return false
	case l.scope == "overseen" && r.values["visibility"] == "author_only", l.scope == "team" && r.values["visibility"] != "case_team":
		return false
	case l.scope == "assigned", l.scope == "own", l.scope == "team":
		return v.isResponsible(l, r)
	}
	return v.scopeEndsInKey(r, l.scope, l.keys[l.scope])
}

// isOpenToAddressee reports whether a row is out for whom it is addressed to, and its last day has not passed.
func (v *view) isOpenToAddressee(r *row) bool {
	until, ends := r.values["expires_on"].(time.Time)
	return slices.ContainsFunc(r.entity.Scope.Published, func(s string) bool { return r.values["state"] == s }) && (!ends || !until.Before(v.now.Truncate(24*time.Hour)))
}

// scopeEndsInKey reports whether one of the paths of a scope ends in one of the keys.
func (v *view) scopeEndsInKey(r *row, scope string, keys []uuid.UUID) bool {
	return len(keys) > 0 && slices.ContainsFunc(scopePaths(r.entity, scope), func(path string) bool { return v.pathEndsInKey(r, strings.Split(path, "."), keys) })
}

// isGranted reports whether the audit grant reaches a row, and shows rows of its type.
func (v *view) isGranted(r *row) bool { return v.grantShowsEntity(r.entity) && v.isUnderAudit(r) }

// isUnderAudit reports whether a row is under audit, of whatever type it is.
func (v *view) isUnderAudit(r *row) bool {
	g := v.grant.values
	countries, interventions := parseKeys(g["country_ids"]), parseKeys(g["intervention_ids"])
	living := slices.DeleteFunc(slices.Clone(interventions), func(id uuid.UUID) bool { return v.world.byID[id] == nil || v.world.byID[id].isArchived() })
	if !v.grantReachesEntity(r.entity) || len(interventions) > 0 && !v.scopeEndsInKey(r, "grant", living) {
		return false
	}
	if len(countries) > 0 && (len(interventions) == 0 || !r.entity.Scope.Seat && len(r.entity.Scope.Country) > 0) && !v.scopeEndsInKey(r, "country", countries) {
		return false
	}
	return v.isInAuditPeriod(r, g["period_start"], g["period_end"])
}

// grantShowsEntity reports whether the audit grant may reach rows of an entity at all, and shows them.
func (v *view) grantShowsEntity(e *model.Entity) bool {
	types := v.grant.values["entities"].([]string)
	return v.grantReachesEntity(e) && (len(types) == 0 || slices.Contains(types, e.Name))
}

// grantReachesEntity reports whether rows of an entity may be under audit at all.
func (v *view) grantReachesEntity(e *model.Entity) bool {
	g := v.grant.values
	countries, interventions := parseKeys(g["country_ids"]), parseKeys(g["intervention_ids"])
	if edge := e.Edge(e.Scope.Period); edge != nil && (g["period_start"] != nil || g["period_end"] != nil) && !v.grantReachesEntity(inventory.Model.Target(edge)) {
		return false
	}
	return len(interventions) > 0 && len(e.Scope.Grant) > 0 || len(interventions) == 0 && len(countries) > 0 && len(e.Scope.Country) > 0
}

// childOf is the live child that a row is about; the case on the way to it is live too.
func (v *view) childOf(r *row) *row {
	for _, step := range strings.Split(r.entity.Scope.Child, ".") {
		if step == "" {
			return nil
		}
		if step != "id" {
			r = v.world.byID[r.foreignKey(r.entity.Edge(step).Column)]
		}
		if r == nil || r.isArchived() && step != "id" {
			return nil
		}
	}
	return r
}

// consentCovers reports whether a consent is live today and covers the purpose.
func (v *view) consentCovers(c *row) bool {
	return v.isConsentLive(c) && slices.Contains(c.values["purposes"].([]string), v.purpose)
}

// isConsentLive reports whether a consent counts today.
func (v *view) isConsentLive(c *row) bool {
	from, isFrom := c.values["obtained_on"].(time.Time)
	until, isUntil := c.values["expires_on"].(time.Time)
	day := v.now.Truncate(24 * time.Hour)
	return !c.isArchived() && c.values["state"] == "active" && (!isFrom || !from.After(day)) && (!isUntil || !until.Before(day))
}

// isReferred reports whether a live referral hands the row's child to a partner of the line's; where a field is named, that
// it hands on the field, too. Its own consent must be live, and for a field cover the purpose.
func (v *view) isReferred(l heldLine, r *row, field string) bool {
	child := v.childOf(r)
	return child != nil && slices.ContainsFunc(v.world.rows["Referral"], func(r *row) bool {
		f := v.world.byID[r.foreignKey("case_file_id")]
		until, ends := r.values["expires_on"].(time.Time)
		live := !r.isArchived() && !f.isArchived() && f.foreignKey("child_id") == child.id && slices.Contains([]string{"sent", "accepted", "in_progress"}, r.values["state"].(string)) &&
			(!ends || !until.Before(v.now.Truncate(24*time.Hour))) && slices.Contains(l.keys["referred"], r.foreignKey("partner_id"))
		c := v.world.byID[r.foreignKey("consent_id")]
		if !live || c == nil || c.foreignKey("child_id") != child.id || !v.isConsentLive(c) {
			return false
		}
		return field == "" || slices.Contains(r.values["fields_shared"].([]string), field) && v.consentCovers(c)
	})
}

// pathEndsInKey reports whether a key at the end of the path is one of the keys.
func (v *view) pathEndsInKey(r *row, steps []string, keys []uuid.UUID) bool {
	if len(steps) == 0 || steps[0] == "id" {
		return slices.Contains(keys, r.id)
	}
	edge, last := r.entity.Edge(steps[0]), len(steps) == 1
	for _, id := range v.targetKeys(r, edge, func(r *row) bool { return !r.isArchived() }) {
		if last && edge.Kind != model.ToMany {
			if slices.Contains(keys, id) {
				return true
			}
		} else if t := v.world.byID[id]; t != nil && !t.isArchived() && v.pathEndsInKey(t, steps[1:], keys) {
			return true
		}
	}
	return false
}

// targetKeys are the keys at the end of an edge, each once; joining rows must be live.
func (v *view) targetKeys(r *row, edge *model.Edge, live func(*row) bool) (out []uuid.UUID) {
	switch edge.Kind {
	case model.ToOne:
		if id, ok := r.values[edge.Column].(uuid.UUID); ok {
			out = append(out, id)
		}
	case model.ToMany:
		for _, t := range v.world.referrers[edge.Target+"."+edge.Column][r.id] {
			out = append(out, t.id)
		}
	default:
		for _, j := range v.world.referrers[edge.Via+"."+edge.ViaSelf][r.id] {
			if id := j.foreignKey(edge.ViaTarget); live(j) && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}
