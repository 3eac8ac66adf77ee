package proof_test

// This file of the reference model says which rows row-level security shows. A table shows a row when a path of its
// scope ends in one of the keys with which the caller's lines read such rows, or when a line reads them without keys.
// Row-level security does not know deny lines (unless one denies all rows), masked cells, states or periods.

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// openPolicies are policies that let everybody read every row and cell.
func openPolicies() string {
	var b strings.Builder
	for _, e := range theModel.Entities() {
		for _, role := range []string{"everyone", "public"} {
			b.WriteString("p, " + role + ", " + e.Name + ", read, global, C3, -, allow\n")
		}
	}
	return b.String()
}

// underRowSecurity is the view of the caller with this name when only row-level security hides rows.
func (v *view) underRowSecurity(name string) *view {
	if v == nil {
		return nil
	}
	out, _ := newView(v.world, readPolicyLines(openPolicies()), name, v.purpose, uuid.Nil, v.now)
	out.grant, out.acceptLanguages = nil, v.acceptLanguages
	for _, e := range theModel.Entities() {
		keys, all := v.rowSecurityKeys(e)
		for _, r := range v.world.rows[e.Name] {
			if !all && !v.rowSecurityAdmits(r, keys) {
				out.rightsCache[r] = &rowRights{}
			}
		}
	}
	return out
}

// rowSecurityAdmits reports whether a path from a row ends in one of the keys. A referral also opens the child and what
// is about the child.
func (v *view) rowSecurityAdmits(r *row, keys []uuid.UUID) bool {
	all := r.entity.Scope.Paths()
	if child := r.entity.Scope.Child; child != "" {
		all = append(all, strings.TrimPrefix(child+".", "id.")+"caseFiles.referrals.partner")
	}
	return slices.ContainsFunc(all, func(path string) bool {
		return v.pathEndsInKey(r, strings.Split(path, "."), keys)
	})
}

// rowSecurityKeys are the keys with which the caller's lines read rows of the entity. The result all means that a line
// reads them without keys.
func (v *view) rowSecurityKeys(e *model.Entity) (keys []uuid.UUID, all bool) {
	if !v.allowsAny(e, "read") {
		return nil, false
	}
	for _, l := range v.policyLines[e.Name] {
		switch {
		case l.deny || !slices.Contains(l.actions, "read"):
		case l.scope == "global", l.scope == "country" && l.everywhere,
			l.scope == "published" && len(e.Scope.Published) > 0:
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

// hiddenForeignIDs are the ids of rows that row-level security hides and that lie only in countries that neither the
// caller's roles nor the audit grant name.
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
	for _, e := range theModel.Entities() {
		keys, all := v.rowSecurityKeys(e)
		for _, r := range v.world.rows[e.Name] {
			admits := all || v.rowSecurityAdmits(r, keys)
			if !admits && v.scopeEndsInKey(r, "country", every) && !v.scopeEndsInKey(r, "country", own) {
				out = append(out, formatID(e, r.id))
			}
		}
	}
	return out
}
