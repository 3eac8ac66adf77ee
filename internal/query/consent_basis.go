package query

import (
	"time"

	"rightshub/internal/access"
)

// What the view wants to be on record, as SQL.

// periodCondition is the condition that the day of a column is within the span; where it has none, that the row was made then.
func (c *Compiler) periodCondition(alias, column string, first, last time.Time) *Fragment {
	p, made, day := (&Fragment{}).Add("("), Col(alias, "created_at"), Col(alias, column)
	if column != "created_at" {
		p.Add(day, " IS NOT NULL").Sub(andDateRange(day, first, last)).Add(" OR ", day, " IS NULL AND ")
	}
	return p.Add("1=1").Sub(andDateRange(made, first, last)).Add(")")
}

// andDateRange is the rest of a condition: a day, or an instant, lies from one day to the end of another; a zero day is open.
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

// childConsentCondition is the condition that a live consent of the child of the alias, or another legal basis on record, covers the
// purpose on the day.
func (c *Compiler) childConsentCondition(child string, cond access.Cond) *Fragment {
	k := c.NewAlias()
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k), " WHERE ", Col(k, "child_id"), " = ", Col(child, "id"), " AND ").Sub(c.consentCoversPurpose(k, cond)).Add(")")
}

func (c *Compiler) consentCoversPurpose(k string, cond access.Cond) *Fragment {
	return c.consentInForce(k, cond.Day).Add(" AND ").Sub(c.listContains((&Fragment{}).Add(Col(k, "purposes")), cond.Text))
}

// consentInForce is the condition that a consent counts on the day.
func (c *Compiler) consentInForce(k string, day time.Time) *Fragment {
	return (&Fragment{}).Add(Col(k, "archived_at"), " IS NULL AND ", Col(k, "state"), " = 'active' AND ",
		"(", Col(k, "obtained_on"), " IS NULL OR ", Col(k, "obtained_on"), " <= ").Arg(day).Add(") AND ",
		"(", Col(k, "expires_on"), " IS NULL OR ", Col(k, "expires_on"), " >= ").Arg(day).Add(")")
}

// referralConsentCondition is the condition that the own consent of the referral of the alias, which is the child's own, covers the purpose on
// the day.
func (c *Compiler) referralConsentCondition(referral string, cond access.Cond) *Fragment {
	k, f := c.NewAlias(), c.NewAlias()
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k), " JOIN ", c.conditionTable("case_files", f), " ON ", Col(f, "child_id"), " = ", Col(k, "child_id"), " AND ", Col(f, "archived_at"), " IS NULL",
		" WHERE ", Col(k, "id"), " = ", Col(referral, "consent_id"), " AND ", Col(f, "id"), " = ", Col(referral, "case_file_id"), " AND ").Sub(c.consentCoversPurpose(k, cond)).Add(")")
}

// partnerReferralCondition is the condition that a live referral hands the child of the alias to one of the partners, under an own consent,
// which is the child's own and counts; for a purpose, that it covers this, and that the field travels.
func (c *Compiler) partnerReferralCondition(child string, cond access.Cond) *Fragment {
	r, f := c.NewAlias(), c.NewAlias()
	p := (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", c.conditionTable("referrals", r), " JOIN ", c.conditionTable("case_files", f), " ON ", Col(f, "id"), " = ", Col(r, "case_file_id"), " AND ", Col(f, "archived_at"), " IS NULL",
		" WHERE ", Col(f, "child_id"), " = ", Col(child, "id"), " AND ", Col(r, "archived_at"), " IS NULL AND ", Col(r, "state"), " IN ('sent','accepted','in_progress') AND ",
		"(", Col(r, "expires_on"), " IS NULL OR ", Col(r, "expires_on"), " >= ").Arg(cond.Day).Add(") AND ").Sub(c.ColumnInKeys(Col(r, "partner_id"), cond.Values))
	k := c.NewAlias()
	p.Add(" AND EXISTS (SELECT 1 FROM ", c.conditionTable("consents", k), " WHERE ", Col(k, "id"), " = ", Col(r, "consent_id"), " AND ", Col(k, "child_id"), " = ", Col(f, "child_id"), " AND ")
	if cond.Text == "" {
		return p.Sub(c.consentInForce(k, cond.Day)).Add("))")
	}
	return p.Sub(c.consentCoversPurpose(k, cond)).Add(") AND ").Sub(c.listContains((&Fragment{}).Add(Col(r, "fields_shared")), cond.Column)).Add(")")
}
