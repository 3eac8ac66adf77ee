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

// openPolicies are policies by which everybody reads every row and cell.
func openPolicies() string {
	var b strings.Builder
	for _, e := range inventory.Model.Entities() {
		for _, role := range []string{"everyone", "public"} {
			b.WriteString("p, " + role + ", " + e.Name + ", read, global, C3, -, allow\n")
		}
	}
	return b.String()
}

// underRowSecurity is what the caller, of this name, reads where the wall alone hides rows.
func (v *view) underRowSecurity(name string) *view {
	if v == nil {
		return nil
	}
	out, _ := newView(v.world, readPolicyLines(openPolicies()), name, v.purpose, uuid.Nil, v.now)
	out.grant, out.acceptLanguages = nil, v.acceptLanguages
	for _, e := range inventory.Model.Entities() {
		keys, all := v.rowSecurityKeys(e)
		for _, r := range v.world.rows[e.Name] {
			if !all && !v.rowSecurityAdmits(r, keys) {
				out.rightsCache[r] = &rowRights{}
			}
		}
	}
	return out
}

// rowSecurityAdmits reports whether a path from a row ends in one of the keys. A referral hands over a child, and what is about it.
func (v *view) rowSecurityAdmits(r *row, keys []uuid.UUID) bool {
	all := r.entity.Scope.Paths()
	if child := r.entity.Scope.Child; child != "" {
		all = append(all, strings.TrimPrefix(child+".", "id.")+"caseFiles.referrals.partner")
	}
	return slices.ContainsFunc(all, func(path string) bool { return v.pathEndsInKey(r, strings.Split(path, "."), keys) })
}

// rowSecurityKeys are the keys by which the caller's lines read rows of the entity; all where one reads them by none.
func (v *view) rowSecurityKeys(e *model.Entity) (keys []uuid.UUID, all bool) {
	if !v.allowsAny(e, "read") {
		return nil, false
	}
	for _, l := range v.policyLines[e.Name] {
		switch {
		case l.deny || !slices.Contains(l.actions, "read"):
		case l.scope == "global", l.scope == "country" && l.everywhere, l.scope == "published" && len(e.Scope.Published) > 0:
			return nil, true
		case l.scope == "grant" && v.grantShowsEntity(e):
			if keys = append(keys, parseKeys(v.grant.values["intervention_ids"])...); len(keys) == 0 {
				keys = parseKeys(v.grant.values["country_ids"])
			}
		case l.reachesByResponsibility(e):
			keys = append(keys, l.keys["self"]...)
		case l.scope != "assigned" && l.scope != "own" && l.reachesByKey(e):
			keys = append(keys, l.keys[l.scope]...)
		}
	}
	return keys, false
}

// hiddenForeignIDs are the ids of the rows that the wall hides, and that lie in a country, none of which the caller's roles or grant name.
func (v *view) hiddenForeignIDs() (out []string) {
	var own, every []uuid.UUID
	for _, h := range v.heldRoles {
		own = append(own, h.keys["country"]...)
	}
	if v.grant != nil {
		own = append(own, parseKeys(v.grant.values["country_ids"])...)
	}
	for _, c := range v.world.rows["Country"] {
		every = append(every, c.id)
	}
	for _, e := range inventory.Model.Entities() {
		keys, all := v.rowSecurityKeys(e)
		for _, r := range v.world.rows[e.Name] {
			if !all && !v.rowSecurityAdmits(r, keys) && v.scopeEndsInKey(r, "country", every) && !v.scopeEndsInKey(r, "country", own) {
				out = append(out, formatID(e, r.id))
			}
		}
	}
	return out
}
