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

// write is the answer to a mutation: the JSON of its field.
func (v *view) write(root *sel) string {
	v.root, v.in = root, "mutation"
	e, in := payloadEntity(root.name), root.arg("input").(obj)
	verb := root.name[:strings.Index(root.name, e.Name)]
	if verb == "create" {
		return v.create(e, in, root.kids)
	}
	r, to := v.find(e, in.get("id").(string)), ""
	needs := map[string][]string{"update": {"update"}, "archive": {"delete"}}[verb]
	field := e.Field(strings.ToLower(strings.TrimPrefix(root.name, verb+e.Name)))
	if verb == "transition" {
		to = strings.ToLower(string(in.get("to").(word)))
		if !slices.ContainsFunc(e.Machine(field.Column).Moves, func(m model.Move) bool { return m.To == to }) {
			panic(refusal("INVALID"))
		}
		for _, m := range e.Machine(field.Column).Moves {
			needs = append(needs, string(m.Needs))
		}
	}
	if v.grant != nil && !slices.ContainsFunc(needs, func(act string) bool { return v.any(e, act) }) {
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
		if !slices.ContainsFunc(moves, func(m model.Move) bool { return v.rights(r).may[slices.Index(acts, string(m.Needs))][0] }) {
			panic(refusal("FORBIDDEN"))
		}
		i := slices.IndexFunc(moves, func(m model.Move) bool { return m.To == to && m.From == r.v[field.Column] })
		if i < 0 {
			panic(refusal("INVALID"))
		}
		act, changed[field.Column], tags = string(moves[i].Needs), to, append(tags, field.Tag)
	}
	if !v.rights(r).may[slices.Index(acts, act)][0] {
		panic(refusal("FORBIDDEN"))
	}
	switch verb {
	case "transition":
		if v.fixed(r, changed) || e.Name == "Referral" && to == "sent" && v.ended(v.w.byID[r.key("case_file_id")]) {
			panic(refusal("INVALID"))
		}
		if v.second(r, field, act, to, changed) {
			panic(refusal("FORBIDDEN"))
		}
	case "update":
		if v.owns(r) {
			panic(refusal("FORBIDDEN"))
		}
		tags = v.take(e, in, changed)
		if v.hands(r, changed) || v.reportsMore(r, changed) || v.strays(r, changed) || v.themselves(r, changed) {
			panic(refusal("FORBIDDEN"))
		}
		if v.fixed(r, changed) || takeover(r, changed) {
			panic(refusal("INVALID"))
		}
	}
	if verb == "archive" && v.isAbout(r) {
		panic(refusal("FORBIDDEN"))
	}
	if verb == "archive" && standing(r) {
		panic(refusal("INVALID"))
	}
	if verb == "archive" && v.leaves(r) {
		panic(refusal("FORBIDDEN"))
	}
	if verb == "archive" && v.filled(r) {
		panic(refusal("INVALID"))
	}
	if in.get("version") != r.v["version"] {
		panic(refusal("CONFLICT"))
	}
	if verb == "archive" {
		gone := &row{e, r.id, maps.Clone(r.v)}
		gone.v["archived_at"] = v.now
		v.after = v.with(gone).w
		return pairs(root.kids, func(*sel) string { return quote(v.publicID(r)) })
	}
	if editors, _ := r.v["edited_by"].([]string); verb == "update" {
		changed["edited_by"] = append(slices.Clone(editors), v.user.id.String())
	}
	changed["version"] = r.v["version"].(int64) + 1
	return v.become(&row{e, r.id, maps.Clone(r.v)}, changed, act, tags, root.kids)
}

// hands reports whether somebody who may not archive what is about a child would hand it to another keeper or office.
func (v *view) hands(r *row, changed map[string]any) bool {
	return r.e.Scope.Child != "" && !v.rights(r).may[slices.Index(acts, "delete")][0] && slices.ContainsFunc([]string{"keeper_id", "office_id"}, func(column string) bool {
		to, given := changed[column]
		return given && to != r.v[column] && (column == "keeper_id" || r.v[column] != nil)
	})
}

// strays reports whether a row would move to a country that none of the caller's roles is held in.
func (v *view) strays(r *row, changed map[string]any) bool {
	var mine []uuid.UUID
	for _, h := range v.held {
		if mine = append(mine, h.keys["country"]...); h.everywhere {
			return false
		}
	}
	return slices.ContainsFunc(r.e.Scope.Country, func(path string) bool {
		edge := r.e.Edge(path)
		if edge == nil {
			return false
		}
		to, given := changed[edge.Column]
		key, _ := to.(uuid.UUID)
		return given && to != r.v[edge.Column] && (to != nil && !slices.Contains(mine, key) || !theirs(r, edge, mine))
	})
}

// theirs reports whether a row is in one of the countries, or in none without being work in several.
func theirs(r *row, edge *model.Edge, mine []uuid.UUID) bool {
	if r.v[edge.Column] != nil {
		return slices.Contains(mine, r.key(edge.Column))
	}
	return !slices.ContainsFunc(r.e.Scope.Country, func(path string) bool { return r.e.Edge(path) != nil && r.e.Edge(path).Kind == model.Through })
}

// leaves reports whether a row is in a country that is none of those that the caller holds roles in.
func (v *view) leaves(r *row) bool {
	var mine []uuid.UUID
	for _, h := range v.held {
		if mine = append(mine, h.keys["country"]...); h.everywhere {
			return false
		}
	}
	return len(mine) > 0 && slices.ContainsFunc(r.e.Scope.Country, func(path string) bool {
		edge := r.e.Edge(path)
		return edge != nil && edge.Kind == model.ToOne && !theirs(r, edge, mine)
	})
}

// standing reports whether a row is in a state in which it is not archived.
func standing(r *row) bool {
	return slices.ContainsFunc(r.e.Machines, func(m model.Machine) bool { return slices.Contains(m.Kept, r.v[m.Field].(string)) })
}

// filled reports whether a row is not archived because of what it holds.
func (v *view) filled(r *row) bool {
	edge := r.e.Edge(map[string]string{"Child": "caseFiles", "Intervention": "results", "Result": "indicators", "Indicator": "values"}[r.e.Name])
	return edge != nil && len(v.over(r, edge)) > 0
}

// ended reports whether a row is in a state in which nothing is added to it.
func (v *view) ended(r *row) bool {
	return slices.ContainsFunc(r.e.Machines, func(m model.Machine) bool { return slices.Contains(m.Fixed, r.v[m.Field].(string)) })
}

// foreign reports whether a new row would be in a country that is none of the caller's, where they hold any.
func (v *view) foreign(e *model.Entity, changed map[string]any) bool {
	var mine []uuid.UUID
	for _, h := range v.held {
		if mine = append(mine, h.keys["country"]...); h.everywhere {
			return false
		}
	}
	return len(mine) > 0 && slices.ContainsFunc(e.Scope.Country, func(path string) bool {
		edge := e.Edge(path)
		return edge != nil && changed[edge.Column] != nil && !slices.Contains(mine, changed[edge.Column].(uuid.UUID))
	})
}

// reportsMore reports whether somebody who may only report on a row would change more of it.
func (v *view) reportsMore(r *row, changed map[string]any) bool {
	return len(r.e.Reports) > 0 && !v.rights(r).may[slices.Index(acts, "approve")][0] &&
		slices.ContainsFunc(slices.Collect(maps.Keys(changed)), func(column string) bool { return !slices.Contains(r.e.Reports, column) })
}

// staffed reports whether the country of a row has an office that the caller sees.
func (v *view) staffed(r *row) bool {
	return slices.ContainsFunc(v.visible(inventory.Model.Entity("Office")), func(o *row) bool { return o.v["country_id"] == r.v["country_id"] })
}

// office is where whoever makes what is about a child in a country works, if that is one place.
func (v *view) office(country any) any {
	var here []any
	var mine []uuid.UUID
	for _, h := range v.held {
		mine = append(mine, h.keys["office"]...)
	}
	if len(mine) == 0 {
		mine = append(mine, v.user.key("office_id"))
	}
	for _, o := range v.w.rows["Office"] {
		if !o.gone() && o.v["country_id"] == country && slices.Contains(mine, o.id) {
			here = append(here, o.id)
		}
	}
	if len(here) != 1 {
		return nil
	}
	return here[0]
}

// fixed reports whether a row is in a state in which somebody relies on what would change.
func (v *view) fixed(r *row, changed map[string]any) bool {
	return slices.ContainsFunc(r.e.Machines, func(m model.Machine) bool {
		state, _ := r.v[m.Field].(string)
		if _, moves := changed[m.Field]; moves {
			return false
		}
		return slices.Contains(m.Fixed, state) && slices.ContainsFunc(slices.Collect(maps.Keys(changed)), func(column string) bool { return !slices.Contains(m.Free, column) })
	})
}

// takeover reports whether an account that is found by its e-mail address gets another one.
func takeover(r *row, changed map[string]any) bool {
	email, given := changed["email"]
	return r.e.Name == "User" && given && email != r.v["email"] && r.v["subject"] == nil
}

// create makes a row. Who may give which role is not said here.
func (v *view) create(e *model.Entity, in obj, kids []*sel) string {
	if !v.any(e, "create") {
		panic(refusal("FORBIDDEN"))
	}
	r := &row{e, uuid.UUID{1}, map[string]any{"created_by": v.user.id}}
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Default {
			r.v[f.Column] = defaults(e, f)
		}
	}
	r.v["version"] = int64(1)
	for _, name := range []string{"author", "grantedBy", "keeper", "owner"} { // unless another is named
		if edge := e.Edge(name); edge != nil {
			r.v[edge.Column] = v.user.id
		}
	}
	changed := map[string]any{}
	tags := v.take(e, in, changed)
	if edge := e.Edge(e.Within); edge != nil && changed["country_id"] != v.w.byID[changed[edge.Column].(uuid.UUID)].v["country_id"] {
		panic(refusal("INVALID"))
	} else if edge != nil && v.ended(v.w.byID[changed[edge.Column].(uuid.UUID)]) {
		panic(refusal("INVALID"))
	}
	if v.foreign(e, changed) || v.themselves(r, changed) {
		panic(refusal("FORBIDDEN"))
	}
	if changed["office_id"] == nil && e.Scope.Child != "" && e.Edge("office") != nil {
		r.v["office_id"] = v.office(changed["country_id"])
		delete(changed, "office_id")
	}
	return v.become(r, changed, "create", tags, kids)
}

// take reads an input. A reference to a row that is hidden, and to none, are refused alike.
func (v *view) take(e *model.Entity, in obj, changed map[string]any) (tags []model.Tag) {
	for _, c := range in {
		if f := e.Field(c.k); f != nil && c.k != "version" {
			changed[f.Column] = stored(f, c.v)
			tags = append(tags, f.Tag)
			continue
		}
		edge := e.Edge(strings.TrimSuffix(c.k, "Id"))
		if edge == nil || edge.Kind != model.ToOne {
			continue
		}
		tags = append(tags, edge.Tag)
		if changed[edge.Column] = nil; c.v != nil {
			r := v.find(inventory.Model.Target(edge), c.v.(string))
			if r == nil || edge.Needs != "" && !v.rights(r).may[slices.Index(acts, string(edge.Needs))][0] {
				panic(refusal("INVALID"))
			}
			changed[edge.Column] = r.id
		}
	}
	return tags
}

// stored is a value of an input as it is kept.
func stored(f *model.Field, x any) any {
	list, ok := x.([]any)
	if email, is := x.(string); is && f.Name == "email" && !f.Nullable {
		return strings.ToLower(email)
	}
	if !ok {
		return operand(f.Kind, x, f)
	}
	if f.Kind == model.Texts {
		texts := map[string]string{}
		for _, item := range list {
			texts[item.(obj).get("language").(string)] = item.(obj).get("text").(string)
		}
		return texts
	}
	out := []string{}
	for _, item := range list {
		if s := operand(f.Kind, item, f).(string); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// become is the answer once the row has become what it is to be, if the writer may write it so.
func (v *view) become(r *row, changed map[string]any, act string, tags []model.Tag, kids []*sel) string {
	maps.Copy(r.v, changed)
	at, office := changed["office_id"]
	if edge := r.e.Edge("office"); edge != nil && !edge.Managed && r.e.Scope.Child != "" && (act == "create" && r.v["office_id"] == nil && v.staffed(r) || act == "update" && office && at == nil) {
		panic(refusal("INVALID"))
	}
	_, country := changed["country_id"]
	if at := v.w.byID[r.key("office_id")]; r.e.Scope.Child != "" && (office || country) && at != nil && at.v["country_id"] != r.v["country_id"] {
		panic(refusal("INVALID"))
	}
	after := v.with(r)
	v.after = after.w
	got := after.rights(r).may[slices.Index(acts, act)]
	for _, t := range append(tags, model.Tag{Ident: classification.None}) {
		if t.Ident == classification.None && !got[0] || t.Ident != classification.None && !got[t.Level] {
			panic(refusal("FORBIDDEN"))
		}
	}
	if after.turned(r, changed) {
		panic(refusal("INVALID"))
	}
	for i := range r.e.Fields {
		f := &r.e.Fields[i]
		if x, ok := changed[f.Column]; ok && f.Distinct && slices.ContainsFunc(after.visible(r.e), func(o *row) bool { return o != r && o.v[f.Column] == x }) {
			panic(refusal("CONFLICT"))
		}
	}
	return pairs(kids, func(k *sel) string {
		if !after.sees(r) {
			return "null"
		}
		return after.object(r, k.kids)
	})
}

// turned reports whether what ends would end before it begins, by the cells that the caller sees.
func (v *view) turned(r *row, changed map[string]any) bool {
	return v.sees(r) && slices.ContainsFunc(r.e.Fields, func(f model.Field) bool {
		if f.After == "" {
			return false
		}
		_, one := changed[f.Column]
		_, other := changed[f.After]
		end, start := v.value(r, &f), v.value(r, r.e.Column(f.After))
		return (one || other) && end != nil && start != nil && order(end, start) < 0
	})
}

// with is the caller's view, by the rights that the request began with, of the world with one row changed.
func (v *view) with(r *row) *view {
	out := *v
	out.w, out.memo, out.rows = &world{rows: maps.Clone(v.w.rows)}, map[*row]*rights{}, map[string][]*row{}
	list := slices.Clone(out.w.rows[r.e.Name])
	if i := slices.IndexFunc(list, func(o *row) bool { return o.id == r.id }); i >= 0 {
		list[i] = r
	} else {
		list = append(list, r)
	}
	out.w.rows[r.e.Name] = list
	out.w.index()
	return &out
}
