package store

import (
	"time"

	"rightshub/internal/access"
)

// What the view wants to be on record, as SQL.

// periodCondition is the condition that the day of a column is within the span; where it has none, that the row was made then.
func (c *compiler) periodCondition(alias, column string, first, last time.Time) *sqlFragment {
	p, made, day := (&sqlFragment{}).add("("), col(alias, "created_at"), col(alias, column)
	if column != "created_at" {
		p.add(day, " IS NOT NULL").sub(andDateRange(day, first, last)).add(" OR ", day, " IS NULL AND ")
	}
	return p.add("1=1").sub(andDateRange(made, first, last)).add(")")
}

// andDateRange is the rest of a condition: a day, or an instant, lies from one day to the end of another; a zero day is open.
func andDateRange(column string, first, last time.Time) *sqlFragment {
	p := &sqlFragment{}
	if !first.IsZero() {
		p.add(" AND ", column, " >= ").arg(first)
	}
	if !last.IsZero() {
		p.add(" AND ", column, " < ").arg(last.AddDate(0, 0, 1))
	}
	return p
}

// childConsentCondition is the condition that a live consent of the child of the alias, or another legal basis on record, covers the
// purpose on the day.
func (c *compiler) childConsentCondition(child string, cond access.Cond) *sqlFragment {
	k := c.newAlias()
	return (&sqlFragment{}).add("EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k), " WHERE ", col(k, "child_id"), " = ", col(child, "id"), " AND ").sub(c.consentCoversPurpose(k, cond)).add(")")
}

func (c *compiler) consentCoversPurpose(k string, cond access.Cond) *sqlFragment {
	return c.consentInForce(k, cond.Day).add(" AND ").sub(c.listContains((&sqlFragment{}).add(col(k, "purposes")), cond.Text))
}

// consentInForce is the condition that a consent counts on the day.
func (c *compiler) consentInForce(k string, day time.Time) *sqlFragment {
	return (&sqlFragment{}).add(col(k, "archived_at"), " IS NULL AND ", col(k, "state"), " = 'active' AND ",
		"(", col(k, "obtained_on"), " IS NULL OR ", col(k, "obtained_on"), " <= ").arg(day).add(") AND ",
		"(", col(k, "expires_on"), " IS NULL OR ", col(k, "expires_on"), " >= ").arg(day).add(")")
}

// referralConsentCondition is the condition that the own consent of the referral of the alias, which is the child's own, covers the purpose on
// the day.
func (c *compiler) referralConsentCondition(referral string, cond access.Cond) *sqlFragment {
	k, f := c.newAlias(), c.newAlias()
	return (&sqlFragment{}).add("EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k), " JOIN ", c.conditionTable("case_files", f), " ON ", col(f, "child_id"), " = ", col(k, "child_id"), " AND ", col(f, "archived_at"), " IS NULL",
		" WHERE ", col(k, "id"), " = ", col(referral, "consent_id"), " AND ", col(f, "id"), " = ", col(referral, "case_file_id"), " AND ").sub(c.consentCoversPurpose(k, cond)).add(")")
}

// partnerReferralCondition is the condition that a live referral hands the child of the alias to one of the partners, under an own consent,
// which is the child's own and counts; for a purpose, that it covers this, and that the field travels.
func (c *compiler) partnerReferralCondition(child string, cond access.Cond) *sqlFragment {
	r, f := c.newAlias(), c.newAlias()
	p := (&sqlFragment{}).add("EXISTS (SELECT 1 FROM ", c.conditionTable("referrals", r), " JOIN ", c.conditionTable("case_files", f), " ON ", col(f, "id"), " = ", col(r, "case_file_id"), " AND ", col(f, "archived_at"), " IS NULL",
		" WHERE ", col(f, "child_id"), " = ", col(child, "id"), " AND ", col(r, "archived_at"), " IS NULL AND ", col(r, "state"), " IN ('sent','accepted','in_progress') AND ",
		"(", col(r, "expires_on"), " IS NULL OR ", col(r, "expires_on"), " >= ").arg(cond.Day).add(") AND ").sub(c.columnInKeys(col(r, "partner_id"), cond.Values))
	k := c.newAlias()
	p.add(" AND EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k), " WHERE ", col(k, "id"), " = ", col(r, "consent_id"), " AND ", col(k, "child_id"), " = ", col(f, "child_id"), " AND ")
	if cond.Text == "" {
		return p.sub(c.consentInForce(k, cond.Day)).add("))")
	}
	return p.sub(c.consentCoversPurpose(k, cond)).add(") AND ").sub(c.listContains((&sqlFragment{}).add(col(r, "fields_shared")), cond.Column)).add(")")
}
