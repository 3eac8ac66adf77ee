package proof_test

// The reference model says what the hub must answer, in plain Go over slices and maps. It shares no code with the hub's
// packages access, store and graph. It takes the names and kinds of fields and edges from the inventory, and reads the
// policies with a parser of its own. This file computes V(u), which is what the caller u may see.
//
//   - A row is in V(u) when it is not archived, a policy line that u holds grants "read" and reaches the row, and no
//     deny line of clearance "row" or C0 that u holds reaches it.
//   - A line reaches a row when its scope is global, or when a path that the entity states for the line's scope ends
//     in one of the keys of u's assignment. Paths run over stored rows that are not archived.
//   - A cell of a field that does not identify is clear in every visible row. A cell of another field is clear when
//     one line grants both the row and the field's class, and no deny line of this class or below reaches the row. All
//     other cells are null.
//   - A line with a condition clears cells of class C3 only where the condition is met. "purpose" needs a request with
//     a purpose that the role (by a g2 line) and the assignment may state. "consent" also needs a live consent of the
//     row's child that covers the purpose. "shared" also needs a live referral to a partner of the assignment, under
//     its own live consent, that shares the field. "pseudonym" is never met.
//   - An edge is visible when its target row is in V(u) and its own class is clear in the row that holds the
//     reference. An edge over a joining row also needs that row in V(u).
//   - A caller under an audit grant holds "everyone" and "auditor" for this grant alone. Rows of an entity that one of
//     these lines puts under a pseudonym show names of the grant's own in place of ids, codes and last sort keys, and
//     months in place of days. Fields that could trace such rows are masked.

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// policyLine is one "p" line of roles.csv.
type policyLine struct {
	role, scope, condition string
	actions, entities      []string
	purposes               []string // purposes that the role may state
	clearance              int      // class from 0 to 3; -1 stands for "row"
	deny                   bool
}

// readPolicyLines parses roles.csv, without access.Load.
func readPolicyLines(text string) (out []policyLine) {
	groups, purposes := map[string][]string{}, map[string][]string{}
	for line := range strings.Lines(text) {
		cols := strings.Split(strings.TrimSpace(line), ",")
		for i := range cols {
			cols[i] = strings.TrimSpace(cols[i])
		}
		switch {
		case cols[0] == "g":
			groups[cols[2]] = append(groups[cols[2]], cols[1])
		case cols[0] == "g2":
			purposes[cols[1]] = append(purposes[cols[1]], cols[2])
		case cols[0] == "p":
			r := policyLine{
				role: cols[1], actions: strings.Split(cols[3], "+"), scope: cols[4],
				clearance: -1, condition: cols[6], deny: cols[7] == "deny",
			}
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
		out[i].purposes = purposes[out[i].role]
	}
	return out
}

// heldRole is a role that the caller holds now, from one assignment.
type heldRole struct {
	role       string
	everywhere bool
	keys       map[string][]uuid.UUID // by scope
	purposes   []string               // purposes that the assignment limits the role to; none: no limit
}

// heldLine is a policy line that the caller holds, with the role that it comes from.
type heldLine struct {
	*policyLine
	*heldRole
}

// actionNames index the rights of a row.
var actionNames = []string{"read", "create", "update", "delete", "approve"}

// rowRights are the rights of a caller on one row, by action (as in actionNames) and class.
type rowRights struct{ granted, denied [5][4]bool }

// view is V(u) for one caller, purpose and world, together with the state of the answer that is being written.
type view struct {
	world           *world
	user            *row // the caller's account; the zero id stands for a caller that did not sign in
	purpose         string
	grant           *row // the audit grant under which the caller acts, or nil
	acceptLanguages []string
	now             time.Time
	seesAll         bool   // every row and cell is visible and every action is allowed
	readOnly        bool   // the personal access token allows reading only
	worldAfter      *world // the world as the last write leaves it
	heldRoles       []*heldRole
	policyLines     map[string][]heldLine // by entity
	rightsCache     map[*row]*rowRights
	visibleCache    map[string][]*row
	hits            *coverage
	root            *selection
	position        string // coverage position of what is being read (select, node or mutation)
	cursors         map[string]*cursorPosition
	knownByToken    map[string]knownRows // by token and tokenOwner
	shownLists      map[*row]map[*selection]bool
	disclosed       map[string]bool // entities of which an identifying value of class C3 was shown

	rowsShown       int               // rows shown, as an audit grant pays for them
	muteDepth       int               // greater than 0 inside a list that was already shown, which costs nothing
	policyVersion   int               // version of the policies, which cursors depend on
	liveAssignments int               // number of the caller's live assignments, of any role
	cursorPositions []*cursorPosition // positions of the cursors in the answer that is being written
}

// newView is V(u) of the caller that signs in by this name, under the audit grant if one is named. It is nil with
// status 401 when no active account has the name, and nil with 403 when the grant is not the caller's or not valid now.
func newView(w *world, rules []policyLine, name, purpose string, grant uuid.UUID, now time.Time) (*view, int) {
	v := &view{
		world: w, purpose: purpose, now: now,
		policyLines: map[string][]heldLine{}, rightsCache: map[*row]*rowRights{}, visibleCache: map[string][]*row{},
		cursors: map[string]*cursorPosition{}, knownByToken: map[string]knownRows{},
	}
	if v.user = v.findAccount(name); v.user == nil {
		return nil, 401
	}
	roles := v.currentRoles()
	grants := slices.DeleteFunc(slices.Clone(w.rows["AuditGrant"]), func(g *row) bool {
		return g.foreignKey("auditor_id") != v.user.id || g.isArchived() || g.values["state"] != "active" ||
			!v.isNowWithin(g.values["valid_from"], g.values["valid_until"])
	})
	if i := slices.IndexFunc(grants, func(g *row) bool { return g.id == grant }); i >= 0 {
		v.grant = grants[i]
	} else if grant != uuid.Nil {
		return nil, 403
	} else if len(roles) == 1 && len(grants) == 1 && v.liveAssignments == 0 {
		v.grant = grants[0]
	}
	if v.grant != nil {
		roles = []*heldRole{roles[0], {role: "auditor", keys: map[string][]uuid.UUID{"self": {v.user.id}}}}
	}
	v.heldRoles = roles
	for _, h := range roles {
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

// findAccount is the active account with this e-mail address, or the account of the live personal access token with
// this text. The empty name gives an account with the zero id, which holds the role "public". It is nil when there is
// none.
func (v *view) findAccount(name string) *row {
	if name == "" {
		return &row{theModel.Entity("User"), uuid.Nil, map[string]any{"locale": "en"}}
	}
	sum := sha256.Sum256([]byte(name))
	for _, t := range v.world.rows["AccessToken"] {
		if t.values["hash"] != hex.EncodeToString(sum[:]) || t.isArchived() || t.values["revoked_at"] != nil ||
			!v.isNowWithin(nil, t.values["expires_at"]) {
			continue
		}
		name = v.world.byID[t.foreignKey("user_id")].values["email"].(string)
		v.readOnly = !slices.Contains(t.values["scopes"].([]string), "write")
	}
	i := slices.IndexFunc(v.world.rows["User"], func(u *row) bool {
		return u.values["email"] == name && !u.isArchived() && u.values["state"] == "active"
	})
	if i < 0 {
		return nil
	}
	return v.world.rows["User"][i]
}

// allSeeingView is the view of a caller that sees every row that is not archived.
func allSeeingView(w *world) *view {
	return &view{world: w, seesAll: true, visibleCache: map[string][]*row{}, cursors: map[string]*cursorPosition{}}
}

// isNowWithin reports whether now lies between two instants, the first included. A missing instant leaves that end
// open.
func (v *view) isNowWithin(from, until any) bool {
	f, isFrom := from.(time.Time)
	u, isUntil := until.(time.Time)
	return (!isFrom || !v.now.Before(f)) && (!isUntil || v.now.Before(u))
}

// parseKeys reads the keys in a column that lists keys.
func parseKeys(list any) (out []uuid.UUID) {
	texts, _ := list.([]string)
	for _, s := range texts {
		out = append(out, uuid.MustParse(s))
	}
	return out
}

// currentRoles are "everyone" and the roles of the caller's live assignments. Assignments of "everyone", "auditor" and
// of the hub's own tasks ("system_...") count for nothing, because these roles are not given by assignment.
func (v *view) currentRoles() []*heldRole {
	if v.user.id == uuid.Nil {
		return []*heldRole{{role: "public", everywhere: true}}
	}
	own := []uuid.UUID{v.user.id}
	var opened []uuid.UUID
	for _, x := range v.world.rows["EmergencyAccess"] {
		if x.foreignKey("user_id") == v.user.id && !x.isArchived() && x.values["child_id"] != nil &&
			x.values["state"] != "unjustified" && v.now.Before(x.values["valid_until"].(time.Time)) {
			opened = append(opened, x.foreignKey("child_id"))
		}
	}
	out := []*heldRole{{role: "everyone", keys: map[string][]uuid.UUID{"self": own, "emergency": opened}}}
	for _, a := range v.world.rows["RoleAssignment"] {
		if a.foreignKey("user_id") != v.user.id || a.isArchived() || a.values["state"] != "active" ||
			!v.isNowWithin(a.values["valid_from"], a.values["valid_until"]) ||
			a.values["deployment_id"] != nil && !v.isOnDeployment(a.foreignKey("deployment_id")) {
			continue
		}
		v.liveAssignments++
		role := a.values["role"].(string)
		if role == "everyone" || role == "auditor" || strings.HasPrefix(role, "system_") {
			continue
		}
		purposes, _ := a.values["purposes"].([]string)
		offices := parseKeys(a.values["office_ids"])
		partners := slices.DeleteFunc(parseKeys(a.values["partner_ids"]), func(id uuid.UUID) bool {
			return v.world.byID[id] != nil && v.world.byID[id].isArchived()
		})
		out = append(out, &heldRole{
			role: role, everywhere: a.values["everywhere"] == true, purposes: purposes,
			keys: map[string][]uuid.UUID{
				"self":         own,
				"country":      parseKeys(a.values["country_ids"]),
				"office":       offices,
				"overseen":     offices,
				"partner":      partners,
				"referred":     partners,
				"addressed":    partners,
				"intervention": parseKeys(a.values["intervention_ids"]),
				"emergency":    opened,
			},
		})
	}
	return out
}

// isOnDeployment reports whether the caller is the volunteer of a running deployment, and is not withdrawn or barred.
func (v *view) isOnDeployment(deployment uuid.UUID) bool {
	running := []string{"matched", "preparing", "in_country", "remote"}
	d := v.world.byID[deployment]
	if d == nil || d.isArchived() || !slices.Contains(running, d.values["state"].(string)) {
		return false
	}
	volunteer := v.world.byID[d.foreignKey("volunteer_id")]
	return volunteer != nil && !volunteer.isArchived() && volunteer.values["state"] != "withdrawn" &&
		volunteer.foreignKey("user_id") == v.user.id && !v.isBarredVolunteer()
}

// scopePaths are the paths that the entity states for a scope word of the policies.
func scopePaths(e *model.Entity, scope string) []string {
	s := e.Scope
	child := slices.DeleteFunc([]string{s.Child}, func(path string) bool { return path == "" })
	return map[string][]string{
		"country":      s.Country,
		"office":       s.Office,
		"overseen":     s.Office,
		"partner":      s.Partner,
		"addressed":    s.Partner,
		"intervention": s.Intervention,
		"assigned":     s.Assigned,
		"team":         s.Assigned,
		"self":         s.Self,
		"own":          s.Self,
		"grant":        s.Grant,
		"emergency":    child,
		"referred":     child,
		"published":    s.Published,
	}[scope]
}

// reachesRow reports whether a line reaches a row by its scope and keys.
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
	case l.scope == "overseen" && r.values["visibility"] == "author_only",
		l.scope == "team" && r.values["visibility"] != "case_team":
		return false
	case l.scope == "assigned", l.scope == "own", l.scope == "team":
		return v.isResponsible(l, r)
	}
	return v.scopeEndsInKey(r, l.scope, l.keys[l.scope])
}

// isOpenToAddressee reports whether a row is in a state in which its addressee may see it, and has not expired.
func (v *view) isOpenToAddressee(r *row) bool {
	until, ends := r.values["expires_on"].(time.Time)
	day := v.now.Truncate(24 * time.Hour)
	return slices.ContainsFunc(r.entity.Scope.Published, func(s string) bool { return r.values["state"] == s }) &&
		(!ends || !until.Before(day))
}

// scopeEndsInKey reports whether one of the paths of a scope ends in one of the keys.
func (v *view) scopeEndsInKey(r *row, scope string, keys []uuid.UUID) bool {
	return len(keys) > 0 && slices.ContainsFunc(scopePaths(r.entity, scope), func(path string) bool {
		return v.pathEndsInKey(r, strings.Split(path, "."), keys)
	})
}

// pathEndsInKey reports whether a path of edge names from a row ends in one of the keys. The path "id" is the row
// itself.
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

// anyRow accepts every row, for targetKeys.
func anyRow(*row) bool { return true }

// targetKeys are the keys at the end of an edge, each of them once. The function live selects the joining rows that
// count.
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
