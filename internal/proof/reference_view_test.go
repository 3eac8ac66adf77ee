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
//   - An edge to a row that is not in V(u) is not there; one over a joining row is there when that row is in V(u) too.

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// rule is one line of roles.csv.
type rule struct {
	role, scope, condition string
	actions, entities      []string
	clearance              int // -1: the row
	deny                   bool
}

// readRules reads roles.csv.
func readRules(text string) (out []rule) {
	groups := map[string][]string{}
	for line := range strings.Lines(text) {
		cols := strings.Split(strings.TrimSpace(line), ",")
		for i := range cols {
			cols[i] = strings.TrimSpace(cols[i])
		}
		switch {
		case cols[0] == "g":
			groups[cols[2]] = append(groups[cols[2]], cols[1])
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
	return out
}

// hold is a role that the caller holds now.
type hold struct {
	role       string
	everywhere bool
	keys       map[string][]uuid.UUID // by scope
}

// held is a line that the caller has by one of the roles.
type held struct {
	*rule
	*hold
}

var acts = []string{"read", "create", "update", "delete", "approve"}

// rights are, for each of acts and each level, whether it is granted on a row.
type rights [5][4]bool

// view is V(u) of one caller, purpose and world.
type view struct {
	w       *world
	user    *row // nil: nobody, or somebody who sees everything
	purpose string
	langs   []string
	now     time.Time
	all     bool // sees and may do everything
	lines   map[string][]held
	memo    map[*row]*rights
	rows    map[string][]*row
	hits    *coverage
	root    *sel
	in      string // position of what is read: select, node or mutation
	cursors map[string]*position
	places  []*position // of the cursors of the answer that is being written
}

// newView is V(u) of the user with this e-mail address; nil where nobody active has it.
func newView(w *world, rules []rule, email, purpose string, now time.Time) *view {
	v := &view{w: w, purpose: purpose, now: now, lines: map[string][]held{}, memo: map[*row]*rights{}, rows: map[string][]*row{}, cursors: map[string]*position{}}
	for _, u := range w.rows["User"] {
		if u.v["email"] == email && !u.gone() && u.v["state"] == "active" {
			v.user = u
		}
	}
	if v.user == nil {
		return nil
	}
	for _, h := range v.holds() {
		for i := range rules {
			r := &rules[i]
			if r.role != h.role {
				continue
			}
			for _, name := range r.entities {
				v.lines[name] = append(v.lines[name], held{r, h})
			}
		}
	}
	return v
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

// holds are the caller's live roles, and what an audit grant makes of them.
func (v *view) holds() []*hold {
	own := []uuid.UUID{v.user.id}
	out := []*hold{{role: "everyone", keys: map[string][]uuid.UUID{"self": own, "assigned": own}}}
	for _, a := range v.w.rows["RoleAssignment"] {
		if a.key("user_id") != v.user.id || a.gone() || a.v["state"] != "active" || !v.within(a.v["valid_from"], a.v["valid_until"]) {
			continue
		}
		if id, ok := a.v["deployment_id"].(uuid.UUID); ok {
			d := v.w.byID[id]
			if d == nil || d.gone() || !slices.Contains([]string{"matched", "preparing", "in_country", "remote"}, d.v["state"].(string)) {
				continue
			}
		}
		out = append(out, &hold{role: a.v["role"].(string), everywhere: a.v["everywhere"] == true, keys: map[string][]uuid.UUID{"self": own, "assigned": own,
			"country": ids(a.v["country_ids"]), "office": ids(a.v["office_ids"]), "partner": ids(a.v["partner_ids"]),
			"intervention": ids(a.v["intervention_ids"]), "grant": ids(a.v["intervention_ids"])}})
	}
	for _, g := range v.w.rows["AuditGrant"] {
		if g.key("auditor_id") == v.user.id && !g.gone() && g.v["state"] == "active" && v.within(g.v["valid_from"], g.v["valid_until"]) {
			out = append(out, &hold{role: "auditor", keys: map[string][]uuid.UUID{"self": own, "assigned": own, "country": ids(g.v["country_ids"]),
				"intervention": ids(g.v["intervention_ids"]), "grant": ids(g.v["intervention_ids"])}})
		}
	}
	return out
}

// paths are the entity's paths of a scope word.
func paths(e *model.Entity, scope string) []string {
	s := e.Scope
	return map[string][]string{"country": s.Country, "office": s.Office, "partner": s.Partner, "intervention": s.Intervention,
		"assigned": s.Assigned, "self": s.Self, "grant": s.Grant}[scope]
}

func (v *view) reaches(l held, r *row) bool {
	if l.scope == "global" || l.scope == "country" && l.everywhere {
		return true
	}
	return len(l.keys[l.scope]) > 0 && slices.ContainsFunc(paths(r.e, l.scope), func(path string) bool {
		return v.along(r, strings.Split(path, "."), l.keys[l.scope])
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

// rights of a row, worked out once.
func (v *view) rights(r *row) *rights {
	if got := v.memo[r]; got != nil {
		return got
	}
	allow, deny := &rights{}, rights{}
	if v.all {
		for i := range allow {
			allow[i] = [4]bool{true, true, true, true}
		}
		return allow
	}
	for _, l := range v.lines[r.e.Name] {
		if !v.reaches(l, r) {
			continue
		}
		for i, act := range acts {
			for level := range 4 {
				switch {
				case !slices.Contains(l.actions, act):
				case l.deny:
					deny[i][level] = deny[i][level] || level >= l.clearance
				case level <= l.clearance && (level < 3 || v.meets(l, r)):
					allow[i][level] = true
				}
			}
		}
	}
	for i := range allow {
		for level := range 4 {
			allow[i][level] = allow[i][level] && !deny[i][level]
		}
	}
	v.memo[r] = allow
	return allow
}

// meets reports whether the line's condition for C3 cells is met.
func (v *view) meets(l held, _ *row) bool { return l.condition == "-" || v.purpose != "" }

func (v *view) sees(r *row) bool { return r != nil && !r.gone() && v.rights(r)[0][0] }

// clear reports whether the value of a field in a visible row is shown as it is.
func (v *view) clear(r *row, f *model.Field) bool {
	return f.Tag.Ident == classification.None || v.rights(r)[0][f.Tag.Level]
}

// value of a field as the caller sees it.
func (v *view) value(r *row, f *model.Field) any {
	if !v.clear(r, f) {
		return nil
	}
	return r.v[f.Column]
}

// visible rows of an entity.
func (v *view) visible(e *model.Entity) []*row {
	if _, ok := v.rows[e.Name]; !ok {
		v.rows[e.Name] = slices.DeleteFunc(slices.Clone(v.w.rows[e.Name]), func(r *row) bool { return !v.sees(r) })
	}
	return v.rows[e.Name]
}

// over are the visible rows at the end of an edge.
func (v *view) over(r *row, edge *model.Edge) (out []*row) {
	for _, id := range v.ends(r, edge, v.sees) {
		if t := v.w.byID[id]; v.sees(t) {
			out = append(out, t)
		}
	}
	return out
}

// any reports whether the caller may do the action to any row at all, by the lines and keys alone.
func (v *view) any(e *model.Entity, act string) bool {
	able := v.all
	for _, l := range v.lines[e.Name] {
		if slices.Contains(l.actions, act) {
			reaches := l.scope == "global" || l.scope == "country" && l.everywhere
			if l.deny && reaches && l.clearance <= 0 {
				return false
			}
			able = able || !l.deny && (reaches || len(l.keys[l.scope]) > 0 && len(paths(e, l.scope)) > 0)
		}
	}
	return able
}

// facts are all that V(u) holds of a row, for comparing two worlds: its cells, edges and rights.
func (v *view) facts(r *row) map[string]any {
	out := map[string]any{"rights": *v.rights(r)}
	for i := range r.e.Fields {
		if f := &r.e.Fields[i]; !f.Internal {
			out[f.Name] = v.value(r, f)
		}
		for _, d := range r.e.Fields[i].Derived {
			out[d.Name] = v.derived(r, &r.e.Fields[i])
		}
	}
	for i := range r.e.Edges {
		if edge := &r.e.Edges[i]; edge.Kind == model.ToOne && v.sees(v.w.byID[r.key(edge.Column)]) {
			out[edge.Name] = r.key(edge.Column)
		}
	}
	return out
}

// roles that the caller holds, in order.
func (v *view) roles() []string {
	names := map[string]bool{}
	for _, list := range v.lines {
		for _, l := range list {
			names[l.rule.role] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

