package proof_test

// The reference model: writes. What is hidden is not found; who may comes before what is given, and that before which
// version; a row must be the writer's to write as it becomes. Who may see it afterwards is worked out on the row as it is.

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// answerMutation is the answer to a mutation: the JSON of its field.
func (v *view) answerMutation(root *selection) string {
	v.root, v.position = root, "mutation"
	e, in := payloadEntity(root.name), root.argumentValue("input").(inputObject)
	verb := root.name[:strings.Index(root.name, e.Name)]
	if verb == "create" {
		return v.answerCreate(e, in, root.kids)
	}
	r, to := v.findRow(e, in.get("id").(string)), ""
	needs := map[string][]string{"update": {"update"}, "archive": {"delete"}}[verb]
	field := e.Field(strings.ToLower(strings.TrimPrefix(root.name, verb+e.Name)))
	if verb == "transition" {
		to = strings.ToLower(string(in.get("to").(enumValue)))
		if !slices.ContainsFunc(e.Machine(field.Column).Moves, func(m model.Move) bool { return m.To == to }) {
			panic(refusal("INVALID"))
		}
		for _, m := range e.Machine(field.Column).Moves {
			needs = append(needs, string(m.Needs))
		}
	}
	if v.grant != nil && !slices.ContainsFunc(needs, func(act string) bool { return v.allowsAny(e, act) }) {
		panic(refusal("FORBIDDEN"))
	}
	if r == nil {
		panic(refusal("NOT_FOUND"))
	}
	act := needs[0]
	changed := map[string]any{}
	var tags []model.Tag
	if verb == "transition" {
		moves := e.Machine(field.Column).Moves
		if !slices.ContainsFunc(moves, func(m model.Move) bool { return v.rightsOn(r).granted[slices.Index(actionNames, string(m.Needs))][0] }) {
			panic(refusal("FORBIDDEN"))
		}
		i := slices.IndexFunc(moves, func(m model.Move) bool { return m.To == to && m.From == r.values[field.Column] })
		if i < 0 {
			panic(refusal("INVALID"))
		}
		act, changed[field.Column], tags = string(moves[i].Needs), to, append(tags, field.Tag)
	}
	if !v.rightsOn(r).granted[slices.Index(actionNames, act)][0] {
		panic(refusal("FORBIDDEN"))
	}
	switch verb {
	case "transition":
		if v.editsFrozenRow(r, changed) || e.Name == "Referral" && to == "sent" && v.isClosed(v.world.byID[r.foreignKey("case_file_id")]) {
			panic(refusal("INVALID"))
		}
		if v.requiresSecondPerson(r, field, act, to, changed) {
			panic(refusal("FORBIDDEN"))
		}
	case "update":
		if v.isSelfEdit(r) {
			panic(refusal("FORBIDDEN"))
		}
		tags = v.readInput(e, in, changed)
		if v.isForbiddenHandover(r, changed) || v.editsBeyondReport(r, changed) || v.movesAcrossCountries(r, changed) || v.isSelfSubject(r, changed) {
			panic(refusal("FORBIDDEN"))
		}
		if v.editsFrozenRow(r, changed) || changesSignInEmail(r, changed) {
			panic(refusal("INVALID"))
		}
	}
	if verb == "archive" && v.isAboutCaller(r) {
		panic(refusal("FORBIDDEN"))
	}
	if verb == "archive" && isUnarchivable(r) {
		panic(refusal("INVALID"))
	}
	if verb == "archive" && v.isOutsideCountries(r) {
		panic(refusal("FORBIDDEN"))
	}
	if verb == "archive" && v.hasDependants(r) {
		panic(refusal("INVALID"))
	}
	if in.get("version") != r.values["version"] {
		panic(refusal("CONFLICT"))
	}
	if verb == "archive" {
		gone := &row{e, r.id, maps.Clone(r.values)}
		gone.values["archived_at"] = v.now
		v.worldAfter = v.withRow(gone).world
		return writeObject(root.kids, func(*selection) string { return quoteJSON(v.publicID(r)) })
	}
	if editors, _ := r.values["edited_by"].([]string); verb == "update" {
		changed["edited_by"] = append(slices.Clone(editors), v.user.id.String())
	}
	changed["version"] = r.values["version"].(int64) + 1
	return v.answerChangedRow(&row{e, r.id, maps.Clone(r.values)}, changed, act, tags, root.kids)
}

// isForbiddenHandover reports whether somebody who may not archive what is about a child would hand it to another keeper or office.
func (v *view) isForbiddenHandover(r *row, changed map[string]any) bool {
	return r.entity.Scope.Child != "" && !v.rightsOn(r).granted[slices.Index(actionNames, "delete")][0] && slices.ContainsFunc([]string{"keeper_id", "office_id"}, func(column string) bool {
		to, given := changed[column]
		return given && to != r.values[column] && (column == "keeper_id" || r.values[column] != nil)
	})
}

// movesAcrossCountries reports whether a row would move to a country that none of the caller's roles is held in.
func (v *view) movesAcrossCountries(r *row, changed map[string]any) bool {
	var mine []uuid.UUID
	for _, h := range v.heldRoles {
		if mine = append(mine, h.keys["country"]...); h.everywhere {
			return false
		}
	}
	return slices.ContainsFunc(r.entity.Scope.Country, func(path string) bool {
		edge := r.entity.Edge(path)
		if edge == nil {
			return false
		}
		to, given := changed[edge.Column]
		key, _ := to.(uuid.UUID)
		return given && to != r.values[edge.Column] && (to != nil && !slices.Contains(mine, key) || !isInCountries(r, edge, mine))
	})
}

// isInCountries reports whether a row is in one of the countries, or in none without being work in several.
func isInCountries(r *row, edge *model.Edge, mine []uuid.UUID) bool {
	if r.values[edge.Column] != nil {
		return slices.Contains(mine, r.foreignKey(edge.Column))
	}
	return !slices.ContainsFunc(r.entity.Scope.Country, func(path string) bool { return r.entity.Edge(path) != nil && r.entity.Edge(path).Kind == model.Through })
}

// isOutsideCountries reports whether a row is in a country that is none of those that the caller holds roles in.
func (v *view) isOutsideCountries(r *row) bool {
	var mine []uuid.UUID
	for _, h := range v.heldRoles {
		if mine = append(mine, h.keys["country"]...); h.everywhere {
			return false
		}
	}
	return len(mine) > 0 && slices.ContainsFunc(r.entity.Scope.Country, func(path string) bool {
		edge := r.entity.Edge(path)
		return edge != nil && edge.Kind == model.ToOne && !isInCountries(r, edge, mine)
	})
}

// isUnarchivable reports whether a row is in a state in which it is not archived.
func isUnarchivable(r *row) bool {
	return slices.ContainsFunc(r.entity.Machines, func(m model.Machine) bool { return slices.Contains(m.Kept, r.values[m.Field].(string)) })
}

// hasDependants reports whether a row is not archived because of what it holds.
func (v *view) hasDependants(r *row) bool {
	edge := r.entity.Edge(map[string]string{"Child": "caseFiles", "Intervention": "results", "Result": "indicators", "Indicator": "values"}[r.entity.Name])
	return edge != nil && len(v.visibleTargets(r, edge)) > 0
}

// isClosed reports whether a row is in a state in which nothing is added to it.
func (v *view) isClosed(r *row) bool {
	return slices.ContainsFunc(r.entity.Machines, func(m model.Machine) bool { return slices.Contains(m.Fixed, r.values[m.Field].(string)) })
}

// createsAbroad reports whether a new row would be in a country that is none of the caller's, where they hold any.
func (v *view) createsAbroad(e *model.Entity, changed map[string]any) bool {
	var mine []uuid.UUID
	for _, h := range v.heldRoles {
		if mine = append(mine, h.keys["country"]...); h.everywhere {
			return false
		}
	}
	return len(mine) > 0 && slices.ContainsFunc(e.Scope.Country, func(path string) bool {
		edge := e.Edge(path)
		return edge != nil && changed[edge.Column] != nil && !slices.Contains(mine, changed[edge.Column].(uuid.UUID))
	})
}

// editsBeyondReport reports whether somebody who may only report on a row would change more of it.
func (v *view) editsBeyondReport(r *row, changed map[string]any) bool {
	return len(r.entity.Reports) > 0 && !v.rightsOn(r).granted[slices.Index(actionNames, "approve")][0] &&
		slices.ContainsFunc(slices.Collect(maps.Keys(changed)), func(column string) bool { return !slices.Contains(r.entity.Reports, column) })
}

// countryHasOffice reports whether the country of a row has an office that the caller sees.
func (v *view) countryHasOffice(r *row) bool {
	return slices.ContainsFunc(v.visibleRows(inventory.Model.Entity("Office")), func(o *row) bool { return o.values["country_id"] == r.values["country_id"] })
}

// defaultOffice is where whoever makes what is about a child in a country works, if that is one place.
func (v *view) defaultOffice(country any) any {
	var here []any
	var mine []uuid.UUID
	for _, h := range v.heldRoles {
		mine = append(mine, h.keys["office"]...)
	}
	if len(mine) == 0 {
		mine = append(mine, v.user.foreignKey("office_id"))
	}
	for _, o := range v.world.rows["Office"] {
		if !o.isArchived() && o.values["country_id"] == country && slices.Contains(mine, o.id) {
			here = append(here, o.id)
		}
	}
	if len(here) != 1 {
		return nil
	}
	return here[0]
}

// editsFrozenRow reports whether a row is in a state in which somebody relies on what would change.
func (v *view) editsFrozenRow(r *row, changed map[string]any) bool {
	return slices.ContainsFunc(r.entity.Machines, func(m model.Machine) bool {
		state, _ := r.values[m.Field].(string)
		if _, moves := changed[m.Field]; moves {
			return false
		}
		return slices.Contains(m.Fixed, state) && slices.ContainsFunc(slices.Collect(maps.Keys(changed)), func(column string) bool { return !slices.Contains(m.Free, column) })
	})
}

// changesSignInEmail reports whether an account that is found by its e-mail address gets another one.
func changesSignInEmail(r *row, changed map[string]any) bool {
	email, given := changed["email"]
	return r.entity.Name == "User" && given && email != r.values["email"] && r.values["subject"] == nil
}

// answerCreate makes a row. Who may give which role is not said here.
func (v *view) answerCreate(e *model.Entity, in inputObject, kids []*selection) string {
	if !v.allowsAny(e, "create") {
		panic(refusal("FORBIDDEN"))
	}
	r := &row{e, uuid.UUID{1}, map[string]any{"created_by": v.user.id}}
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Default {
			r.values[f.Column] = defaultValue(e, f)
		}
	}
	r.values["version"] = int64(1)
	for _, name := range []string{"author", "grantedBy", "keeper", "owner"} { // unless another is named
		if edge := e.Edge(name); edge != nil {
			r.values[edge.Column] = v.user.id
		}
	}
	changed := map[string]any{}
	tags := v.readInput(e, in, changed)
	if edge := e.Edge(e.Within); edge != nil && changed["country_id"] != v.world.byID[changed[edge.Column].(uuid.UUID)].values["country_id"] {
		panic(refusal("INVALID"))
	} else if edge != nil && v.isClosed(v.world.byID[changed[edge.Column].(uuid.UUID)]) {
		panic(refusal("INVALID"))
	}
	if v.createsAbroad(e, changed) || v.isSelfSubject(r, changed) {
		panic(refusal("FORBIDDEN"))
	}
	if changed["office_id"] == nil && e.Scope.Child != "" && e.Edge("office") != nil {
		r.values["office_id"] = v.defaultOffice(changed["country_id"])
		delete(changed, "office_id")
	}
	return v.answerChangedRow(r, changed, "create", tags, kids)
}

// readInput reads an input. A reference to a row that is hidden, and to none, are refused alike.
func (v *view) readInput(e *model.Entity, in inputObject, changed map[string]any) (tags []model.Tag) {
	for _, c := range in {
		if f := e.Field(c.name); f != nil && c.name != "version" {
			changed[f.Column] = storedValue(f, c.value)
			tags = append(tags, f.Tag)
			continue
		}
		edge := e.Edge(strings.TrimSuffix(c.name, "Id"))
		if edge == nil || edge.Kind != model.ToOne {
			continue
		}
		tags = append(tags, edge.Tag)
		if changed[edge.Column] = nil; c.value != nil {
			r := v.findRow(inventory.Model.Target(edge), c.value.(string))
			if r == nil || edge.Needs != "" && !v.rightsOn(r).granted[slices.Index(actionNames, string(edge.Needs))][0] {
				panic(refusal("INVALID"))
			}
			changed[edge.Column] = r.id
		}
	}
	return tags
}

// storedValue is a value of an input as it is kept.
func storedValue(f *model.Field, x any) any {
	list, ok := x.([]any)
	if email, is := x.(string); is && f.Name == "email" && !f.Nullable {
		return strings.ToLower(email)
	}
	if !ok {
		return parseOperand(f.Kind, x, f)
	}
	if f.Kind == model.Texts {
		texts := map[string]string{}
		for _, item := range list {
			texts[item.(inputObject).get("language").(string)] = item.(inputObject).get("text").(string)
		}
		return texts
	}
	out := []string{}
	for _, item := range list {
		if s := parseOperand(f.Kind, item, f).(string); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// answerChangedRow is the answer once the row has become what it is to be, if the writer may write it so.
func (v *view) answerChangedRow(r *row, changed map[string]any, act string, tags []model.Tag, kids []*selection) string {
	maps.Copy(r.values, changed)
	at, office := changed["office_id"]
	if edge := r.entity.Edge("office"); edge != nil && !edge.Managed && r.entity.Scope.Child != "" && (act == "create" && r.values["office_id"] == nil && v.countryHasOffice(r) || act == "update" && office && at == nil) {
		panic(refusal("INVALID"))
	}
	_, country := changed["country_id"]
	if at := v.world.byID[r.foreignKey("office_id")]; r.entity.Scope.Child != "" && (office || country) && at != nil && at.values["country_id"] != r.values["country_id"] {
		panic(refusal("INVALID"))
	}
	after := v.withRow(r)
	v.worldAfter = after.world
	got := after.rightsOn(r).granted[slices.Index(actionNames, act)]
	for _, t := range append(tags, model.Tag{Ident: classification.None}) {
		if t.Ident == classification.None && !got[0] || t.Ident != classification.None && !got[t.Level] {
			panic(refusal("FORBIDDEN"))
		}
	}
	if after.endsBeforeStart(r, changed) {
		panic(refusal("INVALID"))
	}
	for i := range r.entity.Fields {
		f := &r.entity.Fields[i]
		if x, ok := changed[f.Column]; ok && f.Distinct && slices.ContainsFunc(after.visibleRows(r.entity), func(o *row) bool { return o != r && o.values[f.Column] == x }) {
			panic(refusal("CONFLICT"))
		}
	}
	return writeObject(kids, func(k *selection) string {
		if !after.seesRow(r) {
			return "null"
		}
		return after.answerObject(r, k.kids)
	})
}

// endsBeforeStart reports whether what ends would end before it begins, by the cells that the caller sees.
func (v *view) endsBeforeStart(r *row, changed map[string]any) bool {
	return v.seesRow(r) && slices.ContainsFunc(r.entity.Fields, func(f model.Field) bool {
		if f.After == "" {
			return false
		}
		_, one := changed[f.Column]
		_, other := changed[f.After]
		end, start := v.visibleValue(r, &f), v.visibleValue(r, r.entity.Column(f.After))
		return (one || other) && end != nil && start != nil && compareValues(end, start) < 0
	})
}

// withRow is the caller's view, by the rights that the request began with, of the world with one row changed.
func (v *view) withRow(r *row) *view {
	out := *v
	out.world, out.rightsCache, out.visibleCache = &world{rows: maps.Clone(v.world.rows)}, map[*row]*rowRights{}, map[string][]*row{}
	list := slices.Clone(out.world.rows[r.entity.Name])
	if i := slices.IndexFunc(list, func(o *row) bool { return o.id == r.id }); i >= 0 {
		list[i] = r
	} else {
		list = append(list, r)
	}
	out.world.rows[r.entity.Name] = list
	out.world.buildIndex()
	return &out
}
