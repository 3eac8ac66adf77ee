package proof_test

// This file of the reference model says whether a consent or a referral counts.

import (
	"slices"
	"strings"
	"time"
)

// childOf is the child that a row is about, or nil. The child, and a case on the path to it, must not be archived.
func (v *view) childOf(r *row) *row {
	for _, step := range strings.Split(r.entity.Scope.Child, ".") {
		if step == "" {
			return nil
		}
		if step != "id" {
			r = v.world.byID[r.foreignKey(r.entity.Edge(step).Column)]
		}
		if r == nil || r.isArchived() && step != "id" {
			return nil
		}
	}
	return r
}

// consentCovers reports whether a consent is live today and covers the purpose of the request.
func (v *view) consentCovers(c *row) bool {
	return v.isConsentLive(c) && slices.Contains(c.values["purposes"].([]string), v.purpose)
}

// isConsentLive reports whether a consent is active today. Its first and its last day count.
func (v *view) isConsentLive(c *row) bool {
	from, isFrom := c.values["obtained_on"].(time.Time)
	until, isUntil := c.values["expires_on"].(time.Time)
	day := v.now.Truncate(24 * time.Hour)
	return !c.isArchived() && c.values["state"] == "active" &&
		(!isFrom || !from.After(day)) && (!isUntil || !until.Before(day))
}

// isReferred reports whether a live referral hands the row's child to a partner of the line. The referral's own consent
// must be live. If a field is named, the referral must also share the field, and the consent must cover the purpose.
func (v *view) isReferred(l heldLine, r *row, field string) bool {
	child := v.childOf(r)
	return child != nil && slices.ContainsFunc(v.world.rows["Referral"], func(r *row) bool {
		f := v.world.byID[r.foreignKey("case_file_id")]
		until, ends := r.values["expires_on"].(time.Time)
		live := !r.isArchived() && !f.isArchived() && f.foreignKey("child_id") == child.id &&
			slices.Contains([]string{"sent", "accepted", "in_progress"}, r.values["state"].(string)) &&
			(!ends || !until.Before(v.now.Truncate(24*time.Hour))) &&
			slices.Contains(l.keys["referred"], r.foreignKey("partner_id"))
		c := v.world.byID[r.foreignKey("consent_id")]
		if !live || c == nil || c.foreignKey("child_id") != child.id || !v.isConsentLive(c) {
			return false
		}
		return field == "" || slices.Contains(r.values["fields_shared"].([]string), field) && v.consentCovers(c)
	})
}
