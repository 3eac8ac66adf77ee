package proof_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// This file draws the people of a world, their rights, and the consents, referrals and emergencies on which rights to
// cases depend.

// roleNames are the roles that people of the worlds hold. Some appear several times, so that they are drawn more often.
var roleNames = []string{
	"platform_admin", "programme_manager", "country_coordinator", "field_agent", "child_protection_officer",
	"case_supervisor", "volunteer", "partner_focal_point", "data_protection_officer", "auditor", "donor", "system_seed",
	"child_protection_officer", "child_protection_officer", "case_supervisor", "case_supervisor", "field_agent",
	"partner_focal_point", "partner_focal_point", "country_coordinator", "data_protection_officer",
	"data_protection_officer", "platform_admin", "data_protection_officer", "data_protection_officer",
	"country_coordinator", "programme_manager",
}

// ampleBudget is a daily budget of rows that the cases of one world never use up.
const ampleBudget = 1_000_000

// drawPeople draws what concerns users and their rights. It overwrites columns that fillRow has drawn.
func (d *worldDrawer) drawPeople() {
	for i, u := range d.world.rows["User"] {
		u.values["state"] = "active"
		if i > 0 && d.oneIn(6) {
			u.values["state"] = "suspended"
		}
		if u.values["locale"] = pickOne(d.source, []string{"en", "fr", "es", "sw"}); i == 0 {
			u.values["archived_at"] = nil
		}
	}
	for i, a := range d.world.rows["RoleAssignment"] {
		d.fillAssignment(a, i)
	}
	for i, g := range d.world.rows["AuditGrant"] {
		d.fillAuditGrant(g, i)
	}
	if t := d.world.rows["AccessToken"]; len(t) > 0 {
		d.fillAccessToken(t[0])
	}
	for _, c := range d.world.rows["Deployment"] {
		if d.drawInt(2) == 0 {
			c.values["state"] = pickOne(d.source, []string{"matched", "in_country", "completed"})
		}
	}
	d.fillCases()
	for _, name := range []string{"Volunteer", "Activity", "Child", "CaseFile", "Note"} { // some belong to the caller
		for _, r := range d.world.rows[name] {
			for _, c := range []string{"user_id", "responsible_id", "owner_id", "keeper_id", "author_id"} {
				if _, ok := r.values[c]; ok && d.drawInt(2) == 0 {
					r.values[c] = d.world.rows["User"][0].id
				}
			}
		}
	}
	// Half of the assignments that came with a deployment belong to its volunteer. Some partners are archived.
	for _, a := range d.world.rows["RoleAssignment"] {
		for _, m := range d.world.rows["Deployment"] {
			for _, v := range d.world.rows["Volunteer"] {
				if m.id == a.foreignKey("deployment_id") && v.id == m.foreignKey("volunteer_id") && d.drawInt(2) == 0 {
					v.values["user_id"] = a.values["user_id"]
				}
			}
		}
		for _, p := range d.world.rows["Partner"] {
			if slices.Contains(a.values["partner_ids"].([]string), p.id.String()) && d.drawInt(6) == 0 {
				p.values["archived_at"] = d.drawInstant(-30, 20)
			}
		}
	}
}

// personalToken is the personal access token of the first user, in worlds that have one.
const personalToken = "rhp_proof"

// fillAccessToken makes the first user's personal access token. In some worlds it is archived, revoked or expired.
func (d *worldDrawer) fillAccessToken(t *row) {
	sum := sha256.Sum256([]byte(personalToken))
	t.values["user_id"], t.values["hash"] = d.world.rows["User"][0].id, hex.EncodeToString(sum[:])
	t.values["scopes"], t.values["archived_at"] = [][]string{{"read"}, {"read", "write"}}[d.drawInt(2)], nil
	t.values["revoked_at"], t.values["expires_at"] = nil, d.drawInstant(4, 60)
	switch d.drawInt(8) {
	case 0:
		t.values["archived_at"] = d.drawInstant(-30, 20)
	case 1:
		t.values["revoked_at"] = d.drawInstant(-30, 20)
	case 2:
		t.values["expires_at"] = d.drawInstant(-30, 28)
	}
}

// fillAssignment draws a role assignment. The first user gets at least the first two.
func (d *worldDrawer) fillAssignment(a *row, i int) {
	a.values["role"] = pickOne(d.source, roleNames)
	if i < 2 || d.drawInt(2) == 0 {
		a.values["user_id"] = d.world.rows["User"][0].id
	}
	if a.values["state"] = "active"; d.oneIn(6) {
		a.values["state"] = pickOne(d.source, []string{"requested", "revoked", "expired"})
	}
	if d.drawInt(3) > 0 {
		a.values["deployment_id"] = nil
	}
	a.values["everywhere"] = d.oneIn(8)
	a.values["valid_from"], a.values["valid_until"] = d.drawOptionalInstant(-30, 36), d.drawOptionalInstant(-12, 60)
	if a.values["purposes"] = []string{}; d.drawInt(3) == 0 {
		a.values["purposes"] = d.drawSubset([]string{"services", "case_sharing", "referral", "tracing"})
	}
	if i == 0 && d.drawInt(2) == 0 {
		d.makeAssignmentValid(a)
	}
	if i < 2 && d.drawInt(3) == 0 && d.world.rows["AuditGrant"][0].values["auditor_id"] != nil {
		a.values["state"] = "revoked" // so that some callers have their audit grant and no role
	}
}

// fillAuditGrant draws an audit grant.
func (d *worldDrawer) fillAuditGrant(g *row, i int) {
	if i == 0 && d.drawInt(3) > 0 {
		g.values["auditor_id"] = d.world.rows["User"][0].id
	}
	if g.values["state"] = "active"; d.oneIn(5) {
		g.values["state"] = pickOne(d.source, []string{"requested", "suspended", "closed"})
	}
	g.values["valid_from"], g.values["valid_until"] = d.drawInstant(-30, 32), d.drawInstant(-4, 60)
	g.values["daily_row_budget"], g.values["used_on"] = int64(ampleBudget), nil
	g.values["rows_used"] = int64(d.drawInt(60))
	if d.drawInt(3) > 0 {
		g.values["used_on"] = d.now.AddDate(0, 0, -d.drawInt(2))
	}
	if d.drawInt(3) == 0 {
		g.values["daily_row_budget"] = int64(5 + d.drawInt(60))
	}
	if g.values["entities"] = []string{}; d.oneIn(4) {
		g.values["entities"] = []string{"Child", "CaseFile", "Activity", "Intervention", "Partner"}[d.drawInt(3):]
	}
	switch d.drawInt(4) {
	case 0:
		g.values["country_ids"] = []string{}
	case 1, 2: // whole countries, so that several rows have pseudonyms
		if g.values["intervention_ids"] = []string{}; len(g.values["country_ids"].([]string)) == 0 {
			g.values["country_ids"] = []string{d.world.rows["Country"][0].id.String()}
		}
	}
	g.values["period_start"] = d.drawOptionalInstant(-7000, 3000)
	g.values["period_end"] = d.drawOptionalInstant(-2500, 2490)
	for _, column := range []string{"period_start", "period_end"} {
		if at, ok := g.values[column].(time.Time); ok {
			g.values[column] = at.Truncate(24 * time.Hour)
		}
	}
}

// drawOptionalInstant draws an instant one time in three, and nil otherwise.
func (d *worldDrawer) drawOptionalInstant(from, days int) any {
	if d.drawInt(3) > 0 {
		return nil
	}
	return d.drawInstant(from, days)
}

// makeAssignmentValid makes an assignment active now, with keys of each kind.
func (d *worldDrawer) makeAssignmentValid(a *row) {
	a.values["state"], a.values["archived_at"], a.values["deployment_id"] = "active", nil, nil
	a.values["valid_from"], a.values["valid_until"] = nil, nil
	for _, name := range []string{"Country", "Office", "Partner", "Intervention"} {
		if column := strings.ToLower(name) + "_ids"; len(a.values[column].([]string)) == 0 {
			a.values[column] = []string{pickOne(d.source, d.world.rows[name]).id.String()}
		}
	}
	a.values["purposes"] = []string{}
}

// fillCases makes consents, referrals and emergencies valid, or invalid for exactly one reason.
func (d *worldDrawer) fillCases() {
	day := func(from, days int) time.Time { return d.drawInstant(from, days).Truncate(24 * time.Hour) }
	for _, c := range d.world.rows["Consent"] {
		c.values["state"], c.values["archived_at"] = "active", nil
		c.values["purposes"] = []string{"services", "case_sharing", "referral"}
		c.values["obtained_on"], c.values["expires_on"] = day(-60, 50), day(4, 60)
		switch d.drawInt(10) {
		case 0:
			c.values["state"] = pickOne(d.source, c.entity.Field("state").Values)
		case 1:
			c.values["purposes"] = d.drawSubset([]string{"services", "case_sharing", "referral", "tracing"})
		case 2:
			c.values["expires_on"] = day(-40, 38)
		case 3:
			c.values["obtained_on"] = day(3, 30)
		case 4:
			c.values["archived_at"] = d.drawInstant(-30, 20)
		case 5:
			c.values["obtained_on"], c.values["expires_on"] = d.now, d.now // valid on this one day, both ends included
		case 6:
			c.values["obtained_on"], c.values["expires_on"] = nil, nil
		}
	}
	var ownPartners []string
	for _, a := range d.world.rows["RoleAssignment"] {
		if a.foreignKey("user_id") == d.world.rows["User"][0].id {
			ownPartners = append(ownPartners, a.values["partner_ids"].([]string)...)
		}
	}
	for _, r := range d.world.rows["Referral"] {
		r.values["state"] = pickOne(d.source, []string{"sent", "accepted", "in_progress"})
		r.values["expires_on"] = nil
		switch d.drawInt(4) {
		case 0:
			r.values["state"] = pickOne(d.source, []string{"draft", "rejected", "done", "revoked", "expired"})
		case 1:
			r.values["expires_on"] = day(-40, 38)
		case 2:
			r.values["expires_on"] = day(-4, 60)
		}
		if len(ownPartners) > 0 && d.drawInt(3) > 0 {
			r.values["partner_id"] = uuid.MustParse(pickOne(d.source, ownPartners))
		}
		if d.drawInt(4) > 0 {
			c := pickOne(d.source, d.world.rows["Consent"])
			if r.values["consent_id"] = c.id; d.drawInt(4) > 0 { // mostly the consent of the child of the case
				c.values["child_id"] = d.referredRow(r, "CaseFile", "case_file_id").values["child_id"]
			}
		}
		r.values["fields_shared"] = d.drawSubset([]string{
			"givenName", "birthDate", "sex", "place", "nationality", "phone",
		})
	}
	for _, x := range d.world.rows["EmergencyAccess"] {
		if d.drawInt(2) == 0 {
			x.values["user_id"] = d.world.rows["User"][0].id
		}
		x.values["valid_until"] = d.drawInstant(-4, 8)
	}
}

// referredRow is the row of an entity to which a column of another row refers.
func (d *worldDrawer) referredRow(r *row, entity, column string) *row {
	rows := d.world.rows[entity]
	return rows[slices.IndexFunc(rows, func(o *row) bool { return o.id == r.foreignKey(column) })]
}

// denyLines are deny lines that a world may have in addition to roles.csv. The hub's own policies deny nothing yet.
var denyLines = []string{
	"p, ROLE, cases, read, assigned, C3, -, deny",
	"p, ROLE, Child, read, office, C2, -, deny",
	"p, ROLE, Partner, read, country, row, -, deny",
	"p, ROLE, Intervention, read, country, row, -, deny",
	"p, ROLE, CaseFile, read, intervention, C3, -, deny",
	"p, ROLE, InterventionCountry, read, country, row, -, deny",
	"p, ROLE, InterventionPartner, read, partner, row, -, deny",
	"p, ROLE, Activity, read+update, assigned, row, -, deny",
	"p, ROLE, Office, read, country, C2, -, deny",
}

// drawDenyLines adds deny lines to the policies in half of the worlds, more often for roles that the caller has.
func drawDenyLines(s source, policies string, w *world) string {
	if s.intN(2) == 0 {
		return policies
	}
	likely := append([]string{"everyone", "public"}, roleNames...)
	for _, a := range w.rows["RoleAssignment"] {
		if a.foreignKey("user_id") == w.rows["User"][0].id {
			role := a.values["role"].(string)
			likely = append(likely, role, role, role, role)
		}
	}
	for range 1 + s.intN(3) {
		policies += "\n" + strings.Replace(pickOne(s, denyLines), "ROLE", pickOne(s, likely), 1)
	}
	return policies
}

// candidatePurposes are the purposes that a request may state. Half of the time they are those that the caller's roles
// allow.
func candidatePurposes(s source, w *world, rules []policyLine) []string {
	var own []string
	for _, a := range w.rows["RoleAssignment"] {
		i := slices.IndexFunc(rules, func(r policyLine) bool { return r.role == a.values["role"] })
		if i >= 0 && a.foreignKey("user_id") == w.rows["User"][0].id {
			own = append(own, rules[i].purposes...)
		}
	}
	if len(own) == 0 || s.intN(2) == 0 {
		return []string{"", "services", "case_sharing", "referral", "audit"}
	}
	return own
}
