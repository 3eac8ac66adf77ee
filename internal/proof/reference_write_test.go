package proof_test

// This file of the reference model computes writes. A hidden row is not found. Rights are checked before the input, and
// the input before the version. The writer must also have the right on the row as it becomes. The answer shows the row
// as it became, to a caller that may then see it.

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// answerMutation is the JSON of the root field of a mutation.
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
	mayAct := func(act string) bool { return v.allowsAny(e, act) }
	if v.grant != nil && !slices.ContainsFunc(needs, mayAct) {
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
		mayMove := func(m model.Move) bool { return v.mayDo(r, string(m.Needs)) }
		if !slices.ContainsFunc(moves, mayMove) {
			panic(refusal("FORBIDDEN"))
		}
		i := slices.IndexFunc(moves, func(m model.Move) bool {
			return m.To == to && m.From == r.values[field.Column]
		})
		if i < 0 {
			panic(refusal("INVALID"))
		}
		act, changed[field.Column], tags = string(moves[i].Needs), to, append(tags, field.Tag)
	}
	if !v.mayDo(r, act) {
		panic(refusal("FORBIDDEN"))
	}
	switch verb {
	case "transition":
		sendsClosed := e.Name == "Referral" && to == "sent" && v.isClosed(v.world.byID[r.foreignKey("case_file_id")])
		if v.editsFrozenRow(r, changed) || sendsClosed {
			panic(refusal("INVALID"))
		}
		if v.requiresSecondPerson(r, field, act, to, changed) {
			panic(refusal("FORBIDDEN"))
		}
	case "update":
		if v.isSelfEdit(r) {
			panic(refusal("FORBIDDEN"))
		}
		if v.writesHidden(r, in) {
			panic(refusal("INVALID"))
		}
		tags = v.readInput(e, in, changed)
		v.keepUnseenReferences(r, in, changed)
		if v.isForbiddenHandover(r, changed) || v.editsBeyondReport(r, changed) ||
			v.movesAcrossCountries(r, changed) || v.isSelfSubject(r, changed) {
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
		archived := &row{e, r.id, maps.Clone(r.values)}
		archived.values["archived_at"] = v.now
		v.worldAfter = v.withRow(archived).world
		return writeObject(root.kids, func(*selection) string { return quoteJSON(v.publicID(r)) })
	}
	if editors, _ := r.values["edited_by"].([]string); verb == "update" {
		changed["edited_by"] = append(slices.Clone(editors), v.user.id.String())
	}
	changed["version"] = r.values["version"].(int64) + 1
	after := &row{e, r.id, maps.Clone(r.values)}
	if verb == "update" {
		v.leaveOldOffice(after, changed)
	}
	return v.answerChangedRow(after, changed, act, tags, root.kids)
}

// mayDo reports whether the caller has the right to an action on a row.
func (v *view) mayDo(r *row, act string) bool {
	return v.rightsOn(r).granted[slices.Index(actionNames, act)][0]
}

// isForbiddenHandover reports whether a caller that may not archive a row about a child would hand it to another keeper
// or office than the caller sees there. Where the caller sees no office, it may be one of the caller's own.
func (v *view) isForbiddenHandover(r *row, changed map[string]any) bool {
	if r.entity.Scope.Child == "" || v.mayDo(r, "delete") {
		return false
	}
	for _, name := range []string{"keeper", "office"} {
		edge := r.entity.Edge(name)
		if edge == nil {
			continue
		}
		to, given := changed[edge.Column]
		if !given {
			continue
		}
		from := v.visibleKey(r, edge)
		if (from != to || to == nil) && (name == "keeper" || from != nil || !slices.Contains(v.ownOffices(), to)) {
			return true
		}
	}
	return false
}

// overwrites reports whether an input names one of its fields in overwriteHidden.
func overwrites(in inputObject, name string) bool {
	names, _ := in.get("overwriteHidden").([]any)
	return slices.Contains(names, any(name))
}

// writesHidden reports whether an input has a field that is masked in the row and that it does not mean to overwrite.
func (v *view) writesHidden(r *row, in inputObject) bool {
	return slices.ContainsFunc(in, func(c inputField) bool {
		name, tag := c.name, model.Tag{Ident: classification.None}
		if f := r.entity.Field(name); f != nil {
			tag = f.Tag
		} else if edge := r.entity.Edge(strings.TrimSuffix(name, "Id")); edge != nil {
			name, tag = edge.Name, edge.Tag
		}
		return !v.isClear(r, name, tag) && !overwrites(in, c.name)
	})
}

// keepUnseenReferences leaves out each null for a reference that the caller sees as null, so that a hidden one stays.
func (v *view) keepUnseenReferences(r *row, in inputObject, changed map[string]any) {
	for i := range r.entity.Edges {
		edge := &r.entity.Edges[i]
		key, given := changed[edge.Column]
		if edge.Kind == model.ToOne && given && key == nil && !overwrites(in, edge.InputName()) &&
			len(v.visibleTargets(r, edge)) == 0 {
			delete(changed, edge.Column)
		}
	}
}

// visibleKey is the key to which a reference leads, as the caller sees it, or nil.
func (v *view) visibleKey(r *row, edge *model.Edge) any {
	if seen := v.visibleTargets(r, edge); len(seen) > 0 {
		return seen[0].id
	}
	return nil
}

// isUnarchivable reports whether the state of a row forbids archiving it.
func isUnarchivable(r *row) bool {
	return slices.ContainsFunc(r.entity.Machines, func(m model.Machine) bool {
		return slices.Contains(m.NotArchivedIn, r.values[m.Field].(string))
	})
}

// hasDependants reports whether visible rows that depend on a row forbid archiving it.
func (v *view) hasDependants(r *row) bool {
	dependants := map[string]string{
		"Child": "caseFiles", "Intervention": "results", "Result": "indicators", "Indicator": "values",
	}
	edge := r.entity.Edge(dependants[r.entity.Name])
	return edge != nil && len(v.visibleTargets(r, edge)) > 0
}

// isClosed reports whether the state of a row forbids adding to it.
func (v *view) isClosed(r *row) bool {
	return slices.ContainsFunc(r.entity.Machines, func(m model.Machine) bool {
		return slices.Contains(m.Fixed, r.values[m.Field].(string))
	})
}

// editsBeyondReport reports whether a caller that may only report on a row would change more of it.
func (v *view) editsBeyondReport(r *row, changed map[string]any) bool {
	return len(r.entity.Reports) > 0 && !v.mayDo(r, "approve") && changesBeyond(changed, r.entity.Reports)
}

// changesBeyond reports whether a column other than the allowed ones changes.
func changesBeyond(changed map[string]any, allowed []string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(changed)), func(column string) bool {
		return !slices.Contains(allowed, column)
	})
}

// editsFrozenRow reports whether the state of a row freezes one of the columns that would change.
func (v *view) editsFrozenRow(r *row, changed map[string]any) bool {
	return slices.ContainsFunc(r.entity.Machines, func(m model.Machine) bool {
		state, _ := r.values[m.Field].(string)
		if _, moves := changed[m.Field]; moves {
			return false
		}
		return slices.Contains(m.Fixed, state) && changesBeyond(changed, m.Free)
	})
}

// changesSignInEmail reports whether an account without a subject gets another e-mail address. It is found by the
// address.
func changesSignInEmail(r *row, changed map[string]any) bool {
	email, given := changed["email"]
	return r.entity.Name == "User" && given && email != r.values["email"] && r.values["subject"] == nil
}

// answerCreate is the JSON of a create mutation. The rules for granting roles are not part of the reference model.
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
	for _, name := range []string{"author", "grantedBy", "keeper", "owner"} {
		// the caller, unless the input names another user
		if edge := e.Edge(name); edge != nil {
			r.values[edge.Column] = v.user.id
		}
	}
	changed := map[string]any{}
	tags := v.readInput(e, in, changed)
	if edge := e.Edge(e.Within); edge != nil {
		parent := v.world.byID[changed[edge.Column].(uuid.UUID)]
		if changed["country_id"] != parent.values["country_id"] || v.isClosed(parent) {
			panic(refusal("INVALID"))
		}
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

// readInput reads an input into the changed columns and returns the classes of what it names. It refuses a reference to
// a hidden row in the same way as a reference to no row.
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
			r := v.findRow(theModel.Target(edge), c.value.(string))
			if r == nil || edge.Needs != "" && !v.mayDo(r, string(edge.Needs)) {
				panic(refusal("INVALID"))
			}
			changed[edge.Column] = r.id
		}
	}
	return tags
}

// storedValue is a value of an input in the form in which it is stored.
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

// answerChangedRow is the JSON of the payload after a write, if the caller may write the row as it becomes.
func (v *view) answerChangedRow(
	r *row, changed map[string]any, act string, tags []model.Tag, kids []*selection,
) string {
	maps.Copy(r.values, changed)
	v.checkOffice(r, changed, act)
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
		if x, ok := changed[f.Column]; ok && f.Distinct && after.hasOtherRow(r, f.Column, x) {
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

// hasOtherRow reports whether the caller sees another row of the same entity with this value in a column.
func (v *view) hasOtherRow(r *row, column string, value any) bool {
	return slices.ContainsFunc(v.visibleRows(r.entity), func(o *row) bool {
		return o != r && o.values[column] == value
	})
}

// endsBeforeStart reports whether an end that is written, or whose start is written, lies before the start. It looks at
// the cells that the caller sees.
func (v *view) endsBeforeStart(r *row, changed map[string]any) bool {
	return v.seesRow(r) && slices.ContainsFunc(r.entity.Fields, func(f model.Field) bool {
		if f.After == "" {
			return false
		}
		_, endChanges := changed[f.Column]
		_, startChanges := changed[f.After]
		end, start := v.visibleValue(r, &f), v.visibleValue(r, r.entity.Column(f.After))
		return (endChanges || startChanges) && end != nil && start != nil && compareValues(end, start) < 0
	})
}

// withRow is the caller's view of the world with one row changed. The roles are those from the beginning of the
// request.
func (v *view) withRow(r *row) *view {
	out := *v
	out.world = &world{rows: maps.Clone(v.world.rows)}
	out.rightsCache, out.visibleCache = map[*row]*rowRights{}, map[string][]*row{}
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
