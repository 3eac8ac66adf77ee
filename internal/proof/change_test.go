package proof_test

import (
	"slices"
	"strings"

	"rightshub/ent/inventory"
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
// (safeguarding checks before a journey), who may grant which role, and what places lie in.
func unsaid(e *model.Entity, verb, to string) bool {
	return e.Name == "Deployment" && slices.Contains([]string{"IN_COUNTRY", "COMPLETED", "CUT_SHORT", "CANCELLED"}, to) || e.Name == "AccessToken" ||
		(verb == "create" || verb == "update") && (e.Name == "RoleAssignment" || e.Name == "AuditGrant")
}

// change is a random mutation with the entities that it may write.
func (a *author) change() (*sel, *model.Entity) {
	a.room = 600
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
		in := append(a.target(e), a.input(e, false)...)
		return &sel{alias: "m", name: "update" + e.Name, args: []arg{{"input", "Update" + e.Name + "Input!", in}}, kids: payload}, e
	case "delete":
		return &sel{alias: "m", name: "archive" + e.Name, args: []arg{{"input", "ArchiveInput!", a.target(e)}}, kids: []*sel{{name: "id"}}}, e
	}
	m := pick(a.source, e.Machines)
	f := e.Column(m.Field)
	to := word(strings.ToUpper(pick(a.source, m.Moves).To))
	if e.Name == "Deployment" && slices.Contains([]word{"IN_COUNTRY", "COMPLETED", "CUT_SHORT", "CANCELLED"}, to) {
		to = "PUBLISHED"
	}
	name := "ransition" + e.Name + strings.ToUpper(f.Name[:1]) + f.Name[1:]
	return &sel{alias: "m", name: "t" + name, args: []arg{{"input", "T" + name + "Input!", append(a.target(e), kv{"to", to})}}, kids: payload}, e
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
		out = append(out, kv{edge.InputName(), id})
	}
	return out
}

// given is a value for an input; where rows must be distinct, often one that a row has.
func (a *author) given(e *model.Entity, f *model.Field, unique bool) any {
	if unique {
		return short("§"+pick(a.source, []string{"q", "w", "e", "r"}), limit(f)) // no row has it
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
