package proof_test

// The reference model: row-level security. A table shows a row where one of the paths of its scope ends in one of the keys
// by which the caller's lines read such rows, or where a line reads them by no key. It knows no denied row, unless a line denies
// all of them, no masked cell, no state and no period.

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// openly are policies by which everybody reads every row and cell.
func openly() string {
	var b strings.Builder
	for _, e := range inventory.Model.Entities() {
		for _, role := range []string{"everyone", "public"} {
			b.WriteString("p, " + role + ", " + e.Name + ", read, global, C3, -, allow\n")
		}
	}
	return b.String()
}

// behind is what the caller, of this name, reads where the wall alone hides rows.
func (v *view) behind(name string) *view {
	if v == nil {
		return nil
	}
	out, _ := newView(v.w, readRules(openly()), name, v.purpose, uuid.Nil, v.now)
	out.grant, out.langs = nil, v.langs
	for _, e := range inventory.Model.Entities() {
		keys, all := v.wallKeys(e)
		for _, r := range v.w.rows[e.Name] {
			if !all && !v.lets(r, keys) {
				out.memo[r] = &rights{}
			}
		}
	}
	return out
}

// lets reports whether a path from a row ends in one of the keys. A referral hands over a child, and what is about it.
func (v *view) lets(r *row, keys []uuid.UUID) bool {
	all := r.e.Scope.Paths()
	if child := r.e.Scope.Child; child != "" {
		all = append(all, strings.TrimPrefix(child+".", "id.")+"caseFiles.referrals.partner")
	}
	return slices.ContainsFunc(all, func(path string) bool { return v.along(r, strings.Split(path, "."), keys) })
}

// wallKeys are the keys by which the caller's lines read rows of the entity; all where one reads them by none.
func (v *view) wallKeys(e *model.Entity) (keys []uuid.UUID, all bool) {
	if !v.any(e, "read") {
		return nil, false
	}
	for _, l := range v.lines[e.Name] {
		switch {
		case l.deny || !slices.Contains(l.actions, "read"):
		case l.scope == "global", l.scope == "country" && l.everywhere, l.scope == "published" && len(e.Scope.Published) > 0:
			return nil, true
		case l.scope == "grant" && v.grants(e):
			if keys = append(keys, ids(v.grant.v["intervention_ids"])...); len(keys) == 0 {
				keys = ids(v.grant.v["country_ids"])
			}
		case l.responsible(e):
			keys = append(keys, l.keys["self"]...)
		case l.scope != "assigned" && l.scope != "own" && l.keyed(e):
			keys = append(keys, l.keys[l.scope]...)
		}
	}
	return keys, false
}

// abroad are the ids of the rows that the wall hides, and that lie in a country, none of which the caller's roles or grant name.
func (v *view) abroad() (out []string) {
	var own, every []uuid.UUID
	for _, h := range v.held {
		own = append(own, h.keys["country"]...)
	}
	if v.grant != nil {
		own = append(own, ids(v.grant.v["country_ids"])...)
	}
	for _, c := range v.w.rows["Country"] {
		every = append(every, c.id)
	}
	for _, e := range inventory.Model.Entities() {
		keys, all := v.wallKeys(e)
		for _, r := range v.w.rows[e.Name] {
			if !all && !v.lets(r, keys) && v.ending(r, "country", every) && !v.ending(r, "country", own) {
				out = append(out, idOf(e, r.id))
			}
		}
	}
	return out
}
