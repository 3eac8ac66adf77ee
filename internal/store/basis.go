package store

import (
	"time"

	"rightshub/internal/access"
)

// What the view wants to be on record, as SQL.

// within is the condition that the day of a column is within the span; where it has none, that the row was made then.
func (c *compiler) within(alias, column string, first, last time.Time) *part {
	p, made, day := (&part{}).add("("), col(alias, "created_at"), col(alias, column)
	if column != "created_at" {
		p.add(day, " IS NOT NULL").sub(spanned(day, first, last)).add(" OR ", day, " IS NULL AND ")
	}
	return p.add("1=1").sub(spanned(made, first, last)).add(")")
}

// spanned is the rest of a condition: a day, or an instant, lies from one day to the end of another; a zero day is open.
func spanned(column string, first, last time.Time) *part {
	p := &part{}
	if !first.IsZero() {
		p.add(" AND ", column, " >= ").arg(first)
	}
	if !last.IsZero() {
		p.add(" AND ", column, " < ").arg(last.AddDate(0, 0, 1))
	}
	return p
}

// covered is the condition that a live consent of the child of the alias, or another legal basis on record, covers the
// purpose on the day.
func (c *compiler) covered(child string, cond access.Cond) *part {
	k := c.alias()
	return (&part{}).add("EXISTS (SELECT 1 FROM ", c.path("consents", k), " WHERE ", col(k, "child_id"), " = ", col(child, "id"), " AND ").sub(c.liveConsent(k, cond)).add(")")
}

func (c *compiler) liveConsent(k string, cond access.Cond) *part {
	return c.live(k, cond.Day).add(" AND ").sub(c.lists((&part{}).add(col(k, "purposes")), cond.Text))
}

// live is the condition that a consent counts on the day.
func (c *compiler) live(k string, day time.Time) *part {
	return (&part{}).add(col(k, "archived_at"), " IS NULL AND ", col(k, "state"), " = 'active' AND ",
		"(", col(k, "obtained_on"), " IS NULL OR ", col(k, "obtained_on"), " <= ").arg(day).add(") AND ",
		"(", col(k, "expires_on"), " IS NULL OR ", col(k, "expires_on"), " >= ").arg(day).add(")")
}

// agreed is the condition that the own consent of the referral of the alias, which is the child's own, covers the purpose on
// the day.
func (c *compiler) agreed(referral string, cond access.Cond) *part {
	k, f := c.alias(), c.alias()
	return (&part{}).add("EXISTS (SELECT 1 FROM ", c.path("consents", k), " JOIN ", c.path("case_files", f), " ON ", col(f, "child_id"), " = ", col(k, "child_id"), " AND ", col(f, "archived_at"), " IS NULL",
		" WHERE ", col(k, "id"), " = ", col(referral, "consent_id"), " AND ", col(f, "id"), " = ", col(referral, "case_file_id"), " AND ").sub(c.liveConsent(k, cond)).add(")")
}

// referred is the condition that a live referral hands the child of the alias to one of the partners, under an own consent,
// which is the child's own and counts; for a purpose, that it covers this, and that the field travels.
func (c *compiler) referred(child string, cond access.Cond) *part {
	r, f := c.alias(), c.alias()
	p := (&part{}).add("EXISTS (SELECT 1 FROM ", c.path("referrals", r), " JOIN ", c.path("case_files", f), " ON ", col(f, "id"), " = ", col(r, "case_file_id"), " AND ", col(f, "archived_at"), " IS NULL",
		" WHERE ", col(f, "child_id"), " = ", col(child, "id"), " AND ", col(r, "archived_at"), " IS NULL AND ", col(r, "state"), " IN ('sent','accepted','in_progress') AND ",
		"(", col(r, "expires_on"), " IS NULL OR ", col(r, "expires_on"), " >= ").arg(cond.Day).add(") AND ").sub(c.among(col(r, "partner_id"), cond.Values))
	k := c.alias()
	p.add(" AND EXISTS (SELECT 1 FROM ", c.path("consents", k), " WHERE ", col(k, "id"), " = ", col(r, "consent_id"), " AND ", col(k, "child_id"), " = ", col(f, "child_id"), " AND ")
	if cond.Text == "" {
		return p.sub(c.live(k, cond.Day)).add("))")
	}
	return p.sub(c.liveConsent(k, cond)).add(") AND ").sub(c.lists((&part{}).add(col(r, "fields_shared")), cond.Column)).add(")")
}
