package proof_test

// The reference model: changes. What a token tells of is what of V(u) its bearer knows; the changes since are where that
// and V(u) now differ. The version and the time of the last write are no part of it: they move with cells that may be hidden.

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// knowledge is what somebody knows of rows, by their ids.
type knowledge map[string]string

// made stands for the id of a row that the hub has made.
const made = "made"

// shownID is the id that a change of the row has.
func (v *view) shownID(r *row) string {
	if r.id == (uuid.UUID{1}) {
		return made
	}
	return v.publicID(r)
}

// content is what a row is to the caller.
func (v *view) content(r *row) string {
	if r == nil {
		return ""
	}
	out := []any{v.masked(r)}
	for i := range r.e.Fields {
		f := &r.e.Fields[i]
		if !f.Internal && f.Name != "version" && f.Name != "updatedAt" {
			out = append(out, v.value(r, f))
		}
		if len(f.Derived) > 0 {
			out = append(out, v.derived(r, f))
		}
	}
	for i := range r.e.Edges {
		if edge := &r.e.Edges[i]; edge.Kind == model.ToOne {
			for _, t := range v.over(r, edge) {
				out = append(out, edge.Name, t.id)
			}
		}
	}
	return fmt.Sprintf("%q", out)
}

// typesOf are the types of rows that are asked for, each once and in order; none asked for: all but those under pseudonyms.
func (v *view) typesOf(root *sel) (out []*model.Entity) {
	list, _ := root.arg("types").([]any)
	for _, e := range inventory.Model.Entities() {
		if len(list) == 0 && !v.unfollowed(e) || slices.Contains(list, any(word(e.Name))) {
			out = append(out, e)
		}
	}
	return out
}

// unfollowed reports whether the entity's rows would have pseudonyms, whether or not the grant reaches any.
func (v *view) unfollowed(e *model.Entity) bool {
	return v.grant != nil && slices.ContainsFunc(v.lines[e.Name], func(l held) bool { return l.condition == "pseudonym" })
}

// knows names what a token is good for: the caller and the types.
func (v *view) knows(root *sel) (name string) {
	name = v.name()
	for _, e := range v.typesOf(root) {
		name += " " + e.Name
	}
	return name
}

// sinceWhat is what the bearer of the token knows; one that is not theirs, or not for these types, is refused.
func (v *view) sinceWhat(root *sel) knowledge {
	token, given := root.arg("token").(string)
	if !given || token == "" {
		return knowledge{}
	}
	k, ok := v.known[token+v.knows(root)]
	if !ok {
		panic(refusal("INVALID"))
	}
	return k
}

// delta is, by ids, what happened to which type of row since the token, and the rows that are there.
func (v *view) delta(root *sel) (out map[string]string, rows map[string]*row, code refusal) {
	out, rows = map[string]string{}, map[string]*row{}
	_, code = refusable(func() string {
		if first, given := root.arg("first").(int64); given && (first < 1 || first > 1000) {
			panic(refusal("INVALID"))
		}
		if slices.ContainsFunc(v.typesOf(root), v.unfollowed) {
			panic(refusal("INVALID"))
		}
		since := v.sinceWhat(root)
		for _, e := range v.typesOf(root) {
			for _, r := range v.visible(e) {
				id := v.shownID(r)
				was, known := since[id]
				if rows[id] = r; !known {
					out[id] = "CREATED " + e.Name
				} else if was != v.content(r) {
					out[id] = "CHANGED " + e.Name
				}
			}
			for id := range since {
				if of, _, _ := readID(id); of == e && rows[id] == nil {
					out[id] = "REMOVED " + e.Name
				}
			}
		}
		return ""
	})
	return out, rows, code
}
