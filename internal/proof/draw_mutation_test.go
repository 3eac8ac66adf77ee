package proof_test

import (
	"slices"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

func (o inputObject) get(name string) any {
	for _, c := range o {
		if c.name == name {
			return c.value
		}
	}
	return nil
}

// isUnpredicted are what the reference model does not foretell of writes: what depends on hidden rows by the domain's own rules
// (safeguarding checks before a journey), what a mandate's end ends, who may grant which role, and what places lie in.
func isUnpredicted(e *model.Entity, verb, to string) bool {
	return e.Name == "Deployment" && (verb == "archive" || slices.Contains([]string{"IN_COUNTRY", "COMPLETED", "CUT_SHORT", "CANCELLED"}, to)) || e.Name == "AccessToken" ||
		(verb == "create" || verb == "update") && (e.Name == "RoleAssignment" || e.Name == "AuditGrant") ||
		e.Name == "RoleAssignment" && (to == "APPROVED" || to == "ACTIVE")
}

// drawMutation is a random mutation with the entities that it may write.
func (a *documentAuthor) drawMutation() (*selection, *model.Entity) {
	a.fieldBudget = 600
	switch a.intN(8) {
	case 1:
		if e := a.entityWithHiddenRows(); e != nil {
			return a.buildUpdate(e, a.hiddenRowInput(e))
		}
	case 2, 3:
		if steps := a.possibleMoves(); len(steps) > 0 {
			return a.buildTransition(pickOne(a.source, steps))
		}
	case 4, 5, 6:
		if rows := a.drawUpdatableRows(); len(rows) > 0 {
			r := pickOne(a.source, rows)
			return a.buildUpdate(r.entity, append(inputObject{{"id", a.view.publicID(r)}, {"version", r.values["version"]}}, a.drawAllowedInput(r)...))
		}
	}
	var e *model.Entity
	for e == nil || len(e.Writes) == 0 || e.Name == "EmergencyAccess" && a.intN(4) > 0 {
		e = a.drawEntity()
	}
	if rights := a.writableEntities(); len(rights) > 0 && a.intN(4) > 0 {
		e = pickOne(a.source, rights)
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
	payload := []*selection{{name: e.Singular(), kids: a.drawPayload(e)}}
	switch verb := pickOne(a.source, verbs); verb {
	case "create":
		in := a.drawInput(e, true)
		payload[0].kids = slices.DeleteFunc(payload[0].kids, func(k *selection) bool { // defaults are the model's to say
			f := e.Field(strings.TrimSuffix(k.name, "Texts"))
			return f != nil && f.Default && f.Name != "version" && in.get(f.Name) == nil && !slices.Contains([]model.Kind{model.Bool, model.Strings, model.Enums}, f.Kind)
		})
		return &selection{alias: "m", name: "create" + e.Name, args: []argument{{"input", "Create" + e.Name + "Input!", in}}, kids: payload}, e
	case "update":
		return a.buildUpdate(e, append(a.drawTarget(e), a.drawInput(e, false)...))
	case "delete":
		return a.buildTransition(stateMove{entity: e, target: a.drawTarget(e)})
	}
	m := pickOne(a.source, e.Machines)
	return a.buildTransition(stateMove{e, e.Column(m.Field), pickOne(a.source, m.Moves).To, a.drawTarget(e)})
}

// stateMove is a move of a row to a state, or into the archive where there is no field.
type stateMove struct {
	entity *model.Entity
	field  *model.Field
	to     string
	target inputObject
}

func (a *documentAuthor) buildTransition(s stateMove) (*selection, *model.Entity) {
	if s.field == nil {
		return &selection{alias: "m", name: "archive" + s.entity.Name, args: []argument{{"input", "ArchiveInput!", s.target}}, kids: []*selection{{name: "id"}}}, s.entity
	}
	to := enumValue(strings.ToUpper(s.to))
	if s.entity.Name == "Deployment" && slices.Contains([]enumValue{"IN_COUNTRY", "COMPLETED", "CUT_SHORT", "CANCELLED"}, to) {
		to = "PUBLISHED"
	}
	name := "ransition" + s.entity.Name + strings.ToUpper(s.field.Name[:1]) + s.field.Name[1:]
	payload := []*selection{{name: s.entity.Singular(), kids: a.drawPayload(s.entity)}}
	return &selection{alias: "m", name: "t" + name, args: []argument{{"input", "T" + name + "Input!", append(s.target, inputField{"to", to})}}, kids: payload}, s.entity
}

// possibleMoves are the moves that the caller has the right to make with rows of some entity; half of the time only those that
// another person must make, or nobody.
func (a *documentAuthor) possibleMoves() []stateMove {
	all, others := map[*model.Entity][]stateMove{}, map[*model.Entity][]stateMove{}
	for _, e := range inventory.Model.Entities() {
		for _, r := range a.view.visibleRows(e) {
			add := func(f *model.Field, needs, to string, refused bool) {
				if !a.view.rightsOn(r).granted[slices.Index(actionNames, needs)][0] {
					return
				}
				s := stateMove{e, f, to, inputObject{{"id", a.view.publicID(r)}, {"version", r.values["version"]}}}
				if all[e] = append(all[e], s); refused {
					others[e] = append(others[e], s)
				}
			}
			if e.Can(model.Delete) {
				add(nil, "delete", "", isUnarchivable(r))
			}
			for _, m := range e.Machines {
				f := e.Column(m.Field)
				for _, move := range m.Moves {
					if r.values[m.Field] == move.From {
						add(f, string(move.Needs), move.To, a.view.requiresSecondPerson(r, f, string(move.Needs), move.To, map[string]any{}))
					}
				}
			}
		}
	}
	if len(others) > 0 && a.intN(2) == 0 {
		all = others
	}
	return all[a.drawEntityWhere(func(e *model.Entity) bool { return all[e] != nil })]
}

func (a *documentAuthor) buildUpdate(e *model.Entity, in inputObject) (*selection, *model.Entity) {
	payload := []*selection{{name: e.Singular(), kids: a.drawPayload(e)}}
	return &selection{alias: "m", name: "update" + e.Name, args: []argument{{"input", "Update" + e.Name + "Input!", in}}, kids: payload}, e
}

// entityWithHiddenRows is an entity that can be changed, and has rows that the caller does not see.
func (a *documentAuthor) entityWithHiddenRows() *model.Entity {
	return a.drawEntityWhere(func(e *model.Entity) bool {
		return e.Can(model.Update) && len(a.view.visibleRows(e)) < len(a.view.world.rows[e.Name])
	})
}

// drawEntityWhere is an entity of which the test holds, if there is one.
func (a *documentAuthor) drawEntityWhere(test func(*model.Entity) bool) *model.Entity {
	all := slices.DeleteFunc(slices.Clone(inventory.Model.Entities()), func(e *model.Entity) bool { return !test(e) })
	if len(all) == 0 {
		return nil
	}
	return pickOne(a.source, all)
}

// hiddenRowInput is a change of a row that the caller does not see.
func (a *documentAuthor) hiddenRowInput(e *model.Entity) inputObject {
	hidden := slices.DeleteFunc(slices.Clone(a.view.world.rows[e.Name]), a.view.seesRow)
	r := pickOne(a.source, hidden)
	return append(inputObject{{"id", a.view.publicID(r)}, {"version", r.values["version"]}}, a.drawInput(e, false)...)
}

// drawUpdatableRows are the rows of an entity that the caller may update.
func (a *documentAuthor) drawUpdatableRows() (rows []*row) {
	may := func(r *row) bool { return a.view.seesRow(r) && a.view.rightsOn(r).granted[2][0] }
	e := a.drawEntityWhere(func(e *model.Entity) bool {
		return e.Can(model.Update) && slices.ContainsFunc(a.view.world.rows[e.Name], may)
	})
	if e == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.view.world.rows[e.Name]), func(r *row) bool { return !may(r) })
}

// drawAllowedInput are fields and references of a row that the caller may write, and at times those of classes beyond: what is
// given may be a hidden row's value, or a hidden row.
func (a *documentAuthor) drawAllowedInput(r *row) (out inputObject) {
	got, beyond := a.view.rightsOn(r).granted[2], a.intN(4) == 0
	may := func(t model.Tag) bool { return t.Ident == classification.None || got[t.Level] || beyond }
	for _, c := range a.drawInput(r.entity, false) {
		if f := r.entity.Field(c.name); f != nil && may(f.Tag) {
			out = append(out, c)
		}
	}
	var edges []*model.Edge
	for i := range r.entity.Edges {
		if edge := &r.entity.Edges[i]; edge.Input(false) && edge.Name != "place" && may(edge.Tag) {
			edges = append(edges, edge)
		}
	}
	if len(edges) == 0 || a.intN(3) == 0 {
		return out
	}
	edge := pickOne(a.source, edges)
	rows := a.view.visibleRows(inventory.Model.Target(edge))
	if len(rows) == 0 || a.intN(3) == 0 {
		rows = a.view.world.rows[edge.Target]
	}
	return append(out, inputField{edge.InputName(), a.view.publicID(pickOne(a.source, rows))})
}

// writableEntities are the entities of which the caller may write some visible row.
func (a *documentAuthor) writableEntities() (out []*model.Entity) {
	for _, e := range inventory.Model.Entities() {
		if len(e.Writes) > 0 && (a.view.allowsAny(e, "update") || a.view.allowsAny(e, "create") || a.view.allowsAny(e, "delete") || a.view.allowsAny(e, "approve")) {
			out = append(out, e)
		}
	}
	return out
}

// drawTarget is which row, and the version that is believed.
func (a *documentAuthor) drawTarget(e *model.Entity) inputObject {
	id, version := a.drawID(e), int64(1+a.intN(3))
	if rows := a.view.visibleRows(e); len(rows) > 0 && a.intN(4) > 0 {
		id = a.view.publicID(pickOne(a.source, rows))
	}
	for _, r := range a.view.world.rows[e.Name] {
		if a.view.publicID(r) == id && a.intN(8) > 0 {
			version = r.values["version"].(int64)
		}
	}
	return inputObject{{"id", id}, {"version", version}}
}

// drawPayload is what both worlds must answer alike: not the ids and times that a write makes.
func (a *documentAuthor) drawPayload(e *model.Entity) []*selection {
	out := a.drawFields(e, 0, 1)
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne && a.intN(2) == 0 {
			out = append(out, &selection{name: edge.Name, kids: a.drawFields(inventory.Model.Target(edge), 0, 1)})
		}
	}
	return withoutVolatileFields(append(out, &selection{name: "__typename"}), e)
}

func withoutVolatileFields(kids []*selection, e *model.Entity) []*selection {
	return slices.DeleteFunc(kids, func(k *selection) bool {
		if edge := e.Edge(k.name); edge != nil {
			k.kids = withoutVolatileFields(append(k.kids, &selection{name: "__typename"}), inventory.Model.Target(edge))
		}
		f := e.Field(k.name)
		return k.name == "id" || k.name == "firstLevelPlace" || f != nil && f.Managed && f.Kind == model.Time
	})
}

// drawInput gives fields and references, some to rows that are hidden or not there.
func (a *documentAuthor) drawInput(e *model.Entity, creating bool) (out inputObject) {
	for i := range e.Fields {
		f := &e.Fields[i]
		unique := slices.ContainsFunc(e.Unique, func(key []string) bool { return slices.Contains(key, f.Column) })
		needed := creating && !f.Nullable && !f.Default
		if !f.Input(e, creating) || unique && !creating || !needed && !f.Distinct && a.intN(4) > 0 {
			continue
		}
		if x := a.drawInputValue(e, f, unique); x != nil {
			out = append(out, inputField{f.Name, x})
		} else if f.Nullable {
			out = append(out, inputField{f.Name, nil})
		} else if needed {
			out = append(out, inputField{f.Name, []any{}})
		}
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		if !edge.Input(creating) || edge.Name == "place" || !(creating && edge.Required) && a.intN(3) > 0 {
			continue
		}
		target := inventory.Model.Target(edge)
		var id any = formatID(target, [16]byte{5, byte(a.intN(3))})
		if rows := a.view.world.rows[edge.Target]; len(rows) > 0 && !a.oneIn(12) {
			id = a.view.publicID(pickOne(a.source, rows))
		}
		if rows := a.view.visibleRows(target); len(rows) > 0 && a.intN(8) > 0 {
			id = a.view.publicID(pickOne(a.source, rows))
		}
		if !edge.Required && a.oneIn(6) {
			id = nil
		}
		if within := out.get(e.Within + "Id"); within != nil && edge.Name == "country" && a.intN(4) > 0 { // that of the row that it belongs to
			for _, r := range a.view.world.rows[e.Edge(e.Within).Target] {
				if a.view.publicID(r) == within {
					id = formatID(target, r.foreignKey("country_id"))
				}
			}
		}
		out = append(out, inputField{edge.InputName(), id})
	}
	return out
}

// drawInputValue is a value for an input; where rows must be distinct, often one that a row has.
func (a *documentAuthor) drawInputValue(e *model.Entity, f *model.Field, unique bool) any {
	if unique {
		fresh := "§" + pickOne(a.source, []string{"q", "w", "e", "r"}) // no row has it
		if f.Format == model.Email {
			fresh += "@demo"
		}
		return truncateText(fresh, maxLength(f))
	}
	rows := a.view.world.rows[e.Name]
	if len(rows) == 0 {
		return nil
	}
	value := pickOne(a.source, rows).values[f.Column]
	switch x := value.(type) {
	case []string:
		items := []any{}
		for _, s := range x {
			items = append(items, apiValueOf(a.source, f, []string{s}))
		}
		return items
	case map[string]string:
		items := []any{}
		for _, tag := range []string{"en", "fr", "es", "sw"} {
			if s, ok := x[tag]; ok {
				items = append(items, inputObject{{"language", tag}, {"text", s}})
			}
		}
		return items
	}
	return apiValueOf(a.source, f, value)
}
