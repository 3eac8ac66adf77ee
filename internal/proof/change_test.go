package proof_test

import (
	"slices"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

func (o obj) get(name string) any {
	for _, c := range o {
		if c.k == name {
			return c.v
		}
	}
	return nil
}

// unsaid are what the reference model does not foretell of writes: what depends on hidden rows by the domain's own rules
// (safeguarding checks before a journey), what a mandate's end ends, who may grant which role, and what places lie in.
func unsaid(e *model.Entity, verb, to string) bool {
	return e.Name == "Deployment" && (verb == "archive" || slices.Contains([]string{"IN_COUNTRY", "COMPLETED", "CUT_SHORT", "CANCELLED"}, to)) || e.Name == "AccessToken" ||
		(verb == "create" || verb == "update") && (e.Name == "RoleAssignment" || e.Name == "AuditGrant") ||
		e.Name == "RoleAssignment" && (to == "APPROVED" || to == "ACTIVE")
}

// change is a random mutation with the entities that it may write.
func (a *author) change() (*sel, *model.Entity) {
	a.room = 600
	switch a.n(8) {
	case 1:
		if e := a.withHidden(); e != nil {
			return a.update(e, a.hiddenTarget(e))
		}
	case 2, 3:
		if steps := a.steps(); len(steps) > 0 {
			return a.transition(pick(a.source, steps))
		}
	case 4, 5, 6:
		if rows := a.changeable(); len(rows) > 0 {
			r := pick(a.source, rows)
			return a.update(r.e, append(obj{{"id", a.v.publicID(r)}, {"version", r.v["version"]}}, a.allowed(r)...))
		}
	}
	var e *model.Entity
	for e == nil || len(e.Writes) == 0 || e.Name == "EmergencyAccess" && a.n(4) > 0 {
		e = a.entity()
	}
	if rights := a.writable(); len(rights) > 0 && a.n(4) > 0 {
		e = pick(a.source, rights)
	}
	verbs := []string{}
	for _, act := range e.Writes {
		if act != model.Approve {
			verbs = append(verbs, string(act))
		}
	}
	if len(e.Machines) > 0 {
		verbs = append(verbs, "transition")
	}
	payload := []*sel{{name: e.Singular(), kids: a.payload(e)}}
	switch verb := pick(a.source, verbs); verb {
	case "create":
		in := a.input(e, true)
		payload[0].kids = slices.DeleteFunc(payload[0].kids, func(k *sel) bool { // defaults are the model's to say
			f := e.Field(strings.TrimSuffix(k.name, "Texts"))
			return f != nil && f.Default && f.Name != "version" && in.get(f.Name) == nil && !slices.Contains([]model.Kind{model.Bool, model.Strings, model.Enums}, f.Kind)
		})
		return &sel{alias: "m", name: "create" + e.Name, args: []arg{{"input", "Create" + e.Name + "Input!", in}}, kids: payload}, e
	case "update":
		return a.update(e, append(a.target(e), a.input(e, false)...))
	case "delete":
		return a.transition(step{e: e, target: a.target(e)})
	}
	m := pick(a.source, e.Machines)
	return a.transition(step{e, e.Column(m.Field), pick(a.source, m.Moves).To, a.target(e)})
}

// step is a move of a row to a state, or into the archive where there is no field.
type step struct {
	e      *model.Entity
	f      *model.Field
	to     string
	target obj
}

func (a *author) transition(s step) (*sel, *model.Entity) {
	if s.f == nil {
		return &sel{alias: "m", name: "archive" + s.e.Name, args: []arg{{"input", "ArchiveInput!", s.target}}, kids: []*sel{{name: "id"}}}, s.e
	}
	to := word(strings.ToUpper(s.to))
	if s.e.Name == "Deployment" && slices.Contains([]word{"IN_COUNTRY", "COMPLETED", "CUT_SHORT", "CANCELLED"}, to) {
		to = "PUBLISHED"
	}
	name := "ransition" + s.e.Name + strings.ToUpper(s.f.Name[:1]) + s.f.Name[1:]
	payload := []*sel{{name: s.e.Singular(), kids: a.payload(s.e)}}
	return &sel{alias: "m", name: "t" + name, args: []arg{{"input", "T" + name + "Input!", append(s.target, kv{"to", to})}}, kids: payload}, s.e
}

// steps are the moves that the caller has the right to make with rows of some entity; half of the time only those that
// another person must make, or nobody.
func (a *author) steps() []step {
	all, others := map[*model.Entity][]step{}, map[*model.Entity][]step{}
	for _, e := range inventory.Model.Entities() {
		for _, r := range a.v.visible(e) {
			add := func(f *model.Field, needs, to string, refused bool) {
				if !a.v.rights(r).may[slices.Index(acts, needs)][0] {
					return
				}
				s := step{e, f, to, obj{{"id", a.v.publicID(r)}, {"version", r.v["version"]}}}
				if all[e] = append(all[e], s); refused {
					others[e] = append(others[e], s)
				}
			}
			if e.Can(model.Delete) {
				add(nil, "delete", "", standing(r))
			}
			for _, m := range e.Machines {
				f := e.Column(m.Field)
				for _, move := range m.Moves {
					if r.v[m.Field] == move.From {
						add(f, string(move.Needs), move.To, a.v.second(r, f, string(move.Needs), move.To, map[string]any{}))
					}
				}
			}
		}
	}
	if len(others) > 0 && a.n(2) == 0 {
		all = others
	}
	return all[a.oneOf(func(e *model.Entity) bool { return all[e] != nil })]
}

func (a *author) update(e *model.Entity, in obj) (*sel, *model.Entity) {
	payload := []*sel{{name: e.Singular(), kids: a.payload(e)}}
	return &sel{alias: "m", name: "update" + e.Name, args: []arg{{"input", "Update" + e.Name + "Input!", in}}, kids: payload}, e
}

// withHidden is an entity that can be changed, and has rows that the caller does not see.
func (a *author) withHidden() *model.Entity {
	return a.oneOf(func(e *model.Entity) bool {
		return e.Can(model.Update) && len(a.v.visible(e)) < len(a.v.w.rows[e.Name])
	})
}

// oneOf is an entity of which the test holds, if there is one.
func (a *author) oneOf(test func(*model.Entity) bool) *model.Entity {
	all := slices.DeleteFunc(slices.Clone(inventory.Model.Entities()), func(e *model.Entity) bool { return !test(e) })
	if len(all) == 0 {
		return nil
	}
	return pick(a.source, all)
}

// hiddenTarget is a change of a row that the caller does not see.
func (a *author) hiddenTarget(e *model.Entity) obj {
	hidden := slices.DeleteFunc(slices.Clone(a.v.w.rows[e.Name]), a.v.sees)
	r := pick(a.source, hidden)
	return append(obj{{"id", a.v.publicID(r)}, {"version", r.v["version"]}}, a.input(e, false)...)
}

// changeable are the rows of an entity that the caller may update.
func (a *author) changeable() (rows []*row) {
	may := func(r *row) bool { return a.v.sees(r) && a.v.rights(r).may[2][0] }
	e := a.oneOf(func(e *model.Entity) bool { return e.Can(model.Update) && slices.ContainsFunc(a.v.w.rows[e.Name], may) })
	if e == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.v.w.rows[e.Name]), func(r *row) bool { return !may(r) })
}

// allowed are fields and references of a row that the caller may write, and at times those of classes beyond: what is
// given may be a hidden row's value, or a hidden row.
func (a *author) allowed(r *row) (out obj) {
	got, beyond := a.v.rights(r).may[2], a.n(4) == 0
	may := func(t model.Tag) bool { return t.Ident == classification.None || got[t.Level] || beyond }
	for _, c := range a.input(r.e, false) {
		if f := r.e.Field(c.k); f != nil && may(f.Tag) {
			out = append(out, c)
		}
	}
	var edges []*model.Edge
	for i := range r.e.Edges {
		if edge := &r.e.Edges[i]; edge.Input(false) && edge.Name != "place" && may(edge.Tag) {
			edges = append(edges, edge)
		}
	}
	if len(edges) == 0 || a.n(3) == 0 {
		return out
	}
	edge := pick(a.source, edges)
	rows := a.v.visible(inventory.Model.Target(edge))
	if len(rows) == 0 || a.n(3) == 0 {
		rows = a.v.w.rows[edge.Target]
	}
	return append(out, kv{edge.InputName(), a.v.publicID(pick(a.source, rows))})
}

// writable are the entities of which the caller may write some visible row.
func (a *author) writable() (out []*model.Entity) {
	for _, e := range inventory.Model.Entities() {
		if len(e.Writes) > 0 && (a.v.any(e, "update") || a.v.any(e, "create") || a.v.any(e, "delete") || a.v.any(e, "approve")) {
			out = append(out, e)
		}
	}
	return out
}

// target is which row, and the version that is believed.
func (a *author) target(e *model.Entity) obj {
	id, version := a.someID(e), int64(1+a.n(3))
	if rows := a.v.visible(e); len(rows) > 0 && a.n(4) > 0 {
		id = a.v.publicID(pick(a.source, rows))
	}
	for _, r := range a.v.w.rows[e.Name] {
		if a.v.publicID(r) == id && a.n(8) > 0 {
			version = r.v["version"].(int64)
		}
	}
	return obj{{"id", id}, {"version", version}}
}

// payload is what both worlds must answer alike: not the ids and times that a write makes.
func (a *author) payload(e *model.Entity) []*sel {
	out := a.kids(e, 0, 1)
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne && a.n(2) == 0 {
			out = append(out, &sel{name: edge.Name, kids: a.kids(inventory.Model.Target(edge), 0, 1)})
		}
	}
	return timeless(append(out, &sel{name: "__typename"}), e)
}

func timeless(kids []*sel, e *model.Entity) []*sel {
	return slices.DeleteFunc(kids, func(k *sel) bool {
		if edge := e.Edge(k.name); edge != nil {
			k.kids = timeless(append(k.kids, &sel{name: "__typename"}), inventory.Model.Target(edge))
		}
		f := e.Field(k.name)
		return k.name == "id" || k.name == "firstLevelPlace" || f != nil && f.Managed && f.Kind == model.Time
	})
}

// input gives fields and references, some to rows that are hidden or not there.
func (a *author) input(e *model.Entity, creating bool) (out obj) {
	for i := range e.Fields {
		f := &e.Fields[i]
		unique := slices.ContainsFunc(e.Unique, func(key []string) bool { return slices.Contains(key, f.Column) })
		needed := creating && !f.Nullable && !f.Default
		if !f.Input(e, creating) || unique && !creating || !needed && !f.Distinct && a.n(4) > 0 {
			continue
		}
		if x := a.given(e, f, unique); x != nil {
			out = append(out, kv{f.Name, x})
		} else if f.Nullable {
			out = append(out, kv{f.Name, nil})
		} else if needed {
			out = append(out, kv{f.Name, []any{}})
		}
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		if !edge.Input(creating) || edge.Name == "place" || !(creating && edge.Required) && a.n(3) > 0 {
			continue
		}
		target := inventory.Model.Target(edge)
		var id any = idOf(target, [16]byte{5, byte(a.n(3))})
		if rows := a.v.w.rows[edge.Target]; len(rows) > 0 && !a.chance(12) {
			id = a.v.publicID(pick(a.source, rows))
		}
		if rows := a.v.visible(target); len(rows) > 0 && a.n(8) > 0 {
			id = a.v.publicID(pick(a.source, rows))
		}
		if !edge.Required && a.chance(6) {
			id = nil
		}
		if within := out.get(e.Within + "Id"); within != nil && edge.Name == "country" && a.n(4) > 0 { // that of the row that it belongs to
			for _, r := range a.v.w.rows[e.Edge(e.Within).Target] {
				if a.v.publicID(r) == within {
					id = idOf(target, r.key("country_id"))
				}
			}
		}
		out = append(out, kv{edge.InputName(), id})
	}
	return out
}

// given is a value for an input; where rows must be distinct, often one that a row has.
func (a *author) given(e *model.Entity, f *model.Field, unique bool) any {
	if unique {
		fresh := "§" + pick(a.source, []string{"q", "w", "e", "r"}) // no row has it
		if f.Format == model.Email {
			fresh += "@demo"
		}
		return short(fresh, limit(f))
	}
	rows := a.v.w.rows[e.Name]
	if len(rows) == 0 {
		return nil
	}
	value := pick(a.source, rows).v[f.Column]
	switch x := value.(type) {
	case []string:
		items := []any{}
		for _, s := range x {
			items = append(items, written(a.source, f, []string{s}))
		}
		return items
	case map[string]string:
		items := []any{}
		for _, tag := range []string{"en", "fr", "es", "sw"} {
			if s, ok := x[tag]; ok {
				items = append(items, obj{{"language", tag}, {"text", s}})
			}
		}
		return items
	}
	return written(a.source, f, value)
}
