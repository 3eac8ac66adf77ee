package query

import (
	"time"

	"rightshub/internal/access"
)

// This file writes the conditions of the view about periods, consents and referrals.

// periodCondition returns the condition that the day in a column is from first to last. A row without a day counts by
// the day of its creation. A zero first or last means no limit.
func (c *Compiler) periodCondition(alias, column string, first, last time.Time) *Fragment {
	p, created, day := (&Fragment{}).Add("("), Col(alias, "created_at"), Col(alias, column)
	if column != "created_at" {
		p.Add(day, " IS NOT NULL").Sub(andDateRange(day, first, last)).Add(" OR ", day, " IS NULL AND ")
	}
	return p.Add("1=1").Sub(andDateRange(created, first, last)).Add(")")
}

// andDateRange returns the condition that a column with a day or a time lies from the start of first to the end of
// last. It begins with AND. A zero first or last means no limit.
func andDateRange(column string, first, last time.Time) *Fragment {
	p := &Fragment{}
	if !first.IsZero() {
		p.Add(" AND ", column, " >= ").Arg(first)
	}
	if !last.IsZero() {
		p.Add(" AND ", column, " < ").Arg(last.AddDate(0, 0, 1))
	}
	return p
}

// childConsentCondition returns the condition that a live consent of the child, or another legal basis on record,
// covers the purpose cond.Text on cond.Day. Child is an alias of the table of children.
func (c *Compiler) childConsentCondition(child string, cond access.Cond) *Fragment {
	k := c.NewAlias()
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k),
		" WHERE ", Col(k, "child_id"), " = ", Col(child, "id"), " AND ").Sub(c.consentCoversPurpose(k, cond)).Add(")")
}

// consentCoversPurpose returns the condition that the consent of the alias is in force on cond.Day and covers the
// purpose cond.Text.
func (c *Compiler) consentCoversPurpose(k string, cond access.Cond) *Fragment {
	return c.consentInForce(k, cond.Day).
		Add(" AND ").Sub(c.listContains((&Fragment{}).Add(Col(k, "purposes")), cond.Text))
}

// consentInForce returns the condition that the consent of the alias is active on the day, and neither archived nor
// outside its dates.
func (c *Compiler) consentInForce(k string, day time.Time) *Fragment {
	return (&Fragment{}).Add(Col(k, "archived_at"), " IS NULL AND ", Col(k, "state"), " = 'active' AND ",
		"(", Col(k, "obtained_on"), " IS NULL OR ", Col(k, "obtained_on"), " <= ").Arg(day).Add(") AND ",
		"(", Col(k, "expires_on"), " IS NULL OR ", Col(k, "expires_on"), " >= ").Arg(day).Add(")")
}

// referralConsentCondition returns the condition that the consent of the referral covers the purpose cond.Text on
// cond.Day. The consent must belong to the child of the referral's case file. Referral is an alias of the table of
// referrals.
func (c *Compiler) referralConsentCondition(referral string, cond access.Cond) *Fragment {
	k, f := c.NewAlias(), c.NewAlias()
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k),
		" JOIN ", c.conditionTable("case_files", f),
		" ON ", Col(f, "child_id"), " = ", Col(k, "child_id"), " AND ", Col(f, "archived_at"), " IS NULL",
		" WHERE ", Col(k, "id"), " = ", Col(referral, "consent_id"),
		" AND ", Col(f, "id"), " = ", Col(referral, "case_file_id"),
		" AND ").Sub(c.consentCoversPurpose(k, cond)).Add(")")
}

// partnerReferralCondition returns the condition that a referral, live on cond.Day, hands the child to one of the
// partners cond.Values. The consent of the referral must belong to the same child and be in force. With a purpose in
// cond.Text, the consent must also cover the purpose, and the referral must share the field cond.Column. Child is an
// alias of the table of children.
func (c *Compiler) partnerReferralCondition(child string, cond access.Cond) *Fragment {
	r, f := c.NewAlias(), c.NewAlias()
	p := (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", c.conditionTable("referrals", r),
		" JOIN ", c.conditionTable("case_files", f),
		" ON ", Col(f, "id"), " = ", Col(r, "case_file_id"), " AND ", Col(f, "archived_at"), " IS NULL",
		" WHERE ", Col(f, "child_id"), " = ", Col(child, "id"),
		" AND ", Col(r, "archived_at"), " IS NULL AND ",
		Col(r, "state"), " IN ('sent','accepted','in_progress') AND ",
		"(", Col(r, "expires_on"), " IS NULL OR ", Col(r, "expires_on"), " >= ").Arg(cond.Day).Add(") AND ").
		Sub(c.ColumnInKeys(Col(r, "partner_id"), cond.Values))
	k := c.NewAlias()
	p.Add(" AND EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k),
		" WHERE ", Col(k, "id"), " = ", Col(r, "consent_id"),
		" AND ", Col(k, "child_id"), " = ", Col(f, "child_id"), " AND ")
	if cond.Text == "" {
		return p.Sub(c.consentInForce(k, cond.Day)).Add("))")
	}
	return p.Sub(c.consentCoversPurpose(k, cond)).
		Add(") AND ").Sub(c.listContains((&Fragment{}).Add(Col(r, "fields_shared")), cond.Column)).Add(")")
}
