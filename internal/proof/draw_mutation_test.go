package proof_test

import (
	"slices"
	"strings"

	"rightshub/internal/model"
)

// get is the value of a field of the object, or nil.
func (o inputObject) get(name string) any {
	for _, c := range o {
		if c.name == name {
			return c.value
		}
	}
	return nil
}

// unpredictedDeploymentStates are the states of a deployment to which a move follows rules that the reference model
// lacks.
var unpredictedDeploymentStates = []string{"IN_COUNTRY", "COMPLETED", "CUT_SHORT", "CANCELLED"}

// isUnpredicted reports whether the reference model does not predict a write. It does not predict writes that depend on
// hidden rows by rules of the domain (safeguarding checks before a journey), what ends together with a deployment,
// which roles a caller may grant, and in which places a place lies. Only the two hubs are compared then.
func isUnpredicted(e *model.Entity, verb, to string) bool {
	switch e.Name {
	case "AccessToken":
		return true
	case "AuditGrant":
		return verb == "create" || verb == "update"
	case "Deployment":
		return verb == "archive" || slices.Contains(unpredictedDeploymentStates, to)
	case "RoleAssignment":
		return verb == "create" || verb == "update" || to == "APPROVED" || to == "ACTIVE"
	}
	return false
}

// drawMutation draws a mutation and returns it with the entity that it writes.
func (a *documentAuthor) drawMutation() (*selection, *model.Entity) {
	a.fieldBudget = 600
	switch a.intN(8) {
	case 1:
		if e := a.entityWithHiddenRows(); e != nil {
			return a.buildUpdate(e, a.hiddenRowInput(e))
		}
	case 2, 3:
		if moves := a.possibleMoves(); len(moves) > 0 {
			return a.buildTransition(pickOne(a.source, moves))
		}
	case 4, 5, 6:
		if rows := a.drawUpdatableRows(); len(rows) > 0 {
			r := pickOne(a.source, rows)
			return a.buildUpdate(r.entity, append(a.rowTarget(r), a.withoutMistakes(r, a.drawAllowedInput(r))...))
		}
	}
	var e *model.Entity
	for e == nil || len(e.Writes) == 0 || e.Name == "EmergencyAccess" && a.intN(4) > 0 {
		e = a.drawEntity()
	}
	if writable := a.writableEntities(); len(writable) > 0 && a.intN(4) > 0 {
		e = pickOne(a.source, writable)
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
		predictable := []model.Kind{model.Bool, model.Strings, model.Enums}
		payload[0].kids = slices.DeleteFunc(payload[0].kids, func(k *selection) bool {
			// the reference model does not know most default values
			f := e.Field(strings.TrimSuffix(k.name, "Texts"))
			return f != nil && f.Default && f.Name != "version" && in.get(f.Name) == nil &&
				!slices.Contains(predictable, f.Kind)
		})
		return newMutation("create"+e.Name, "Create"+e.Name+"Input!", in, payload), e
	case "update":
		return a.buildUpdate(e, append(a.drawTarget(e), a.drawInput(e, false)...))
	case "delete":
		return a.buildTransition(stateMove{entity: e, target: a.drawTarget(e)})
	}
	m := pickOne(a.source, e.Machines)
	return a.buildTransition(stateMove{e, e.Column(m.Field), pickOne(a.source, m.Moves).To, a.drawTarget(e)})
}

// newMutation is a root field with one input. The alias is the one that checkMutation expects in the answer.
func newMutation(name, inputType string, in inputObject, payload []*selection) *selection {
	return &selection{alias: "m", name: name, args: []argument{{"input", inputType, in}}, kids: payload}
}

// stateMove is a move of a row to a state. Without a field it archives the row.
type stateMove struct {
	entity *model.Entity
	field  *model.Field
	to     string
	target inputObject
}

// buildTransition writes the mutation of a move.
func (a *documentAuthor) buildTransition(s stateMove) (*selection, *model.Entity) {
	if s.field == nil {
		return newMutation("archive"+s.entity.Name, "ArchiveInput!", s.target, []*selection{{name: "id"}}), s.entity
	}
	to := enumValue(strings.ToUpper(s.to))
	if s.entity.Name == "Deployment" && slices.Contains(unpredictedDeploymentStates, string(to)) {
		to = "PUBLISHED"
	}
	name := "ransition" + s.entity.Name + strings.ToUpper(s.field.Name[:1]) + s.field.Name[1:]
	payload := []*selection{{name: s.entity.Singular(), kids: a.drawPayload(s.entity)}}
	return newMutation("t"+name, "T"+name+"Input!", append(s.target, inputField{"to", to}), payload), s.entity
}

// possibleMoves are the moves of rows of one entity that the caller has the right to make. Half of the time they are
// moves that the hub refuses, because a second person must make them or because the row's state forbids them.
func (a *documentAuthor) possibleMoves() []stateMove {
	all, refusedMoves := map[*model.Entity][]stateMove{}, map[*model.Entity][]stateMove{}
	for _, e := range theModel.Entities() {
		for _, r := range a.view.visibleRows(e) {
			add := func(f *model.Field, needs, to string, refused bool) {
				if !a.view.rightsOn(r).granted[slices.Index(actionNames, needs)][0] {
					return
				}
				s := stateMove{e, f, to, a.rowTarget(r)}
				if all[e] = append(all[e], s); refused {
					refusedMoves[e] = append(refusedMoves[e], s)
				}
			}
			if e.Can(model.Delete) {
				add(nil, "delete", "", isUnarchivable(r))
			}
			for _, m := range e.Machines {
				f := e.Column(m.Field)
				for _, move := range m.Moves {
					if needs := string(move.Needs); r.values[m.Field] == move.From {
						add(f, needs, move.To, a.view.requiresSecondPerson(r, f, needs, move.To, map[string]any{}))
					}
				}
			}
		}
	}
	if len(refusedMoves) > 0 && a.intN(2) == 0 {
		all = refusedMoves
	}
	return all[a.drawEntityWhere(func(e *model.Entity) bool { return all[e] != nil })]
}

// buildUpdate writes an update.
func (a *documentAuthor) buildUpdate(e *model.Entity, in inputObject) (*selection, *model.Entity) {
	payload := []*selection{{name: e.Singular(), kids: a.drawPayload(e)}}
	return newMutation("update"+e.Name, "Update"+e.Name+"Input!", in, payload), e
}

// entityWithHiddenRows draws an entity that can be updated and has rows that the caller does not see, or nil.
func (a *documentAuthor) entityWithHiddenRows() *model.Entity {
	return a.drawEntityWhere(func(e *model.Entity) bool {
		return e.Can(model.Update) && len(a.view.visibleRows(e)) < len(a.view.world.rows[e.Name])
	})
}

// drawEntityWhere draws an entity that passes the test, or nil.
func (a *documentAuthor) drawEntityWhere(test func(*model.Entity) bool) *model.Entity {
	all := slices.DeleteFunc(slices.Clone(theModel.Entities()), func(e *model.Entity) bool { return !test(e) })
	if len(all) == 0 {
		return nil
	}
	return pickOne(a.source, all)
}

// hiddenRowInput draws an update of a row that the caller does not see.
func (a *documentAuthor) hiddenRowInput(e *model.Entity) inputObject {
	hidden := slices.DeleteFunc(slices.Clone(a.view.world.rows[e.Name]), a.view.seesRow)
	r := pickOne(a.source, hidden)
	return append(a.rowTarget(r), a.drawInput(e, false)...)
}

// writableEntities are the entities of which the caller may write some row.
func (a *documentAuthor) writableEntities() (out []*model.Entity) {
	for _, e := range theModel.Entities() {
		mayWrite := func(act string) bool { return a.view.allowsAny(e, act) }
		if len(e.Writes) > 0 && slices.ContainsFunc([]string{"update", "create", "delete", "approve"}, mayWrite) {
			out = append(out, e)
		}
	}
	return out
}

// rowTarget names a row and its current version, as inputs do.
func (a *documentAuthor) rowTarget(r *row) inputObject {
	return inputObject{{"id", a.view.publicID(r)}, {"version", r.values["version"]}}
}

// drawTarget draws the id of a row and the version that the caller believes it has.
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

// drawPayload draws a payload that both worlds must answer alike. It leaves out the ids and times that a write makes.
func (a *documentAuthor) drawPayload(e *model.Entity) []*selection {
	out := a.drawFields(e, 0, 1)
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne && a.intN(2) == 0 {
			out = append(out, &selection{name: edge.Name, kids: a.drawFields(theModel.Target(edge), 0, 1)})
		}
	}
	return withoutVolatileFields(append(out, &selection{name: "__typename"}), e)
}

// withoutVolatileFields removes the fields whose values differ between two hubs after the same write.
func withoutVolatileFields(kids []*selection, e *model.Entity) []*selection {
	return slices.DeleteFunc(kids, func(k *selection) bool {
		if edge := e.Edge(k.name); edge != nil {
			k.kids = withoutVolatileFields(append(k.kids, &selection{name: "__typename"}), theModel.Target(edge))
		}
		f := e.Field(k.name)
		return k.name == "id" || k.name == "firstLevelPlace" || f != nil && f.Managed && f.Kind == model.Time
	})
}

// drawInput draws fields and references. Some references lead to rows that are hidden or do not exist.
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
		target := theModel.Target(edge)
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
		if within := out.get(e.Within + "Id"); within != nil && edge.Name == "country" && a.intN(4) > 0 {
			// mostly the country of the row that the new row belongs to
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

// drawInputValue draws a value for an input. Where the rows that a caller sees must differ, it is often the value of a
// row.
func (a *documentAuthor) drawInputValue(e *model.Entity, f *model.Field, unique bool) any {
	if unique {
		fresh := "§" + pickOne(a.source, []string{"q", "w", "e", "r"}) // no row of the world has this value
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
