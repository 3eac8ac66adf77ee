package proof_test

// This file of the reference model computes what has changed since a token. A token stands for what its bearer knows of
// V(u). The changes since the token are the differences between that and V(u) now. The version and the time of the last
// write are left out, because they also move when hidden cells change.

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// knownRows are the contents of rows that a caller knows, by id.
type knownRows map[string]string

// newRowID stands for the id of a row that the hub has made, since the reference model cannot know it.
const newRowID = "made"

// changeID is the id under which a change of the row is listed.
func (v *view) changeID(r *row) string {
	if r.id == (uuid.UUID{1}) {
		return newRowID
	}
	return v.publicID(r)
}

// rowContent is everything that the caller sees of a row, as one text to compare. It is "" for no row.
func (v *view) rowContent(r *row) string {
	if r == nil {
		return ""
	}
	out := []any{v.maskedFields(r)}
	for i := range r.entity.Fields {
		f := &r.entity.Fields[i]
		if !f.Internal && f.Name != "version" && f.Name != "updatedAt" {
			out = append(out, v.visibleValue(r, f))
		}
		if len(f.Derived) > 0 {
			out = append(out, v.derivedAgeBand(r, f))
		}
	}
	for i := range r.entity.Edges {
		if edge := &r.entity.Edges[i]; edge.Kind == model.ToOne {
			for _, t := range v.visibleTargets(r, edge) {
				out = append(out, edge.Name, t.id)
			}
		}
	}
	return fmt.Sprintf("%q", out)
}

// requestedTypes are the entities that the query asks for, in the order of the model. Without types these are all
// entities except those under pseudonyms.
func (v *view) requestedTypes(root *selection) (out []*model.Entity) {
	list, _ := root.argumentValue("types").([]any)
	for _, e := range theModel.Entities() {
		if len(list) == 0 && !v.hasNoChangeFeed(e) || slices.Contains(list, any(enumValue(e.Name))) {
			out = append(out, e)
		}
	}
	return out
}

// hasNoChangeFeed reports whether rows of the entity would have pseudonyms, whether or not the grant reaches any of
// them.
func (v *view) hasNoChangeFeed(e *model.Entity) bool {
	return v.grant != nil && slices.ContainsFunc(v.policyLines[e.Name], func(l heldLine) bool {
		return l.condition == "pseudonym"
	})
}

// tokenOwner names the caller and the types that a token is valid for.
func (v *view) tokenOwner(root *selection) (name string) {
	name = v.cursorOwner()
	for _, e := range v.requestedTypes(root) {
		name += " " + e.Name
	}
	return name
}

// knownAtToken is what the bearer of the query's token knows. It refuses a token of another caller or for other types.
func (v *view) knownAtToken(root *selection) knownRows {
	token, given := root.argumentValue("token").(string)
	if !given || token == "" {
		return knownRows{}
	}
	k, ok := v.knownByToken[token+v.tokenOwner(root)]
	if !ok {
		panic(refusal("INVALID"))
	}
	return k
}

// answerChangesSince returns the changes by id (kind and type) and the rows that are visible now, or the code of a
// refusal.
func (v *view) answerChangesSince(root *selection) (out map[string]string, rows map[string]*row, code refusal) {
	out, rows = map[string]string{}, map[string]*row{}
	_, code = catchRefusal(func() string {
		if first, given := root.argumentValue("first").(int64); given && (first < 1 || first > 1000) {
			panic(refusal("INVALID"))
		}
		if slices.ContainsFunc(v.requestedTypes(root), v.hasNoChangeFeed) {
			panic(refusal("INVALID"))
		}
		out, rows = v.changesFrom(root, v.knownAtToken(root))
		return ""
	})
	return out, rows, code
}

// changesFrom returns the differences between V(u) and the known rows, and the rows that are visible now.
func (v *view) changesFrom(root *selection, since knownRows) (out map[string]string, rows map[string]*row) {
	out, rows = map[string]string{}, map[string]*row{}
	for _, e := range v.requestedTypes(root) {
		for _, r := range v.visibleRows(e) {
			id := v.changeID(r)
			was, known := since[id]
			if rows[id] = r; !known {
				out[id] = "CREATED " + e.Name
			} else if was != v.rowContent(r) {
				out[id] = "CHANGED " + e.Name
			}
		}
		for id := range since {
			if of, _, _ := parseID(id); of == e && rows[id] == nil {
				out[id] = "REMOVED " + e.Name
			}
		}
	}
	return out, rows
}
