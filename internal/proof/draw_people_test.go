package proof_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Who is in a world, what they may do, and what of cases their rights depend on.

// roleNames that people of the worlds hold.
var roleNames = []string{"platform_admin", "programme_manager", "country_coordinator", "field_agent", "child_protection_officer", "case_supervisor",
	"volunteer", "partner_focal_point", "data_protection_officer", "auditor", "donor", "system_seed", "child_protection_officer", "child_protection_officer", "case_supervisor", "case_supervisor",
	"field_agent", "partner_focal_point", "partner_focal_point", "country_coordinator", "data_protection_officer", "data_protection_officer", "platform_admin",
	"data_protection_officer", "data_protection_officer", "country_coordinator", "programme_manager"}

// ampleBudget is a daily budget of rows that no world uses up.
const ampleBudget = 1_000_000

// drawPeople makes the users and their rights.
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
	for _, name := range []string{"Volunteer", "Activity", "Child", "CaseFile", "Note"} { // some are the caller's own
		for _, r := range d.world.rows[name] {
			for _, c := range []string{"user_id", "responsible_id", "owner_id", "keeper_id", "author_id"} {
				if _, ok := r.values[c]; ok && d.drawInt(2) == 0 {
					r.values[c] = d.world.rows["User"][0].id
				}
			}
		}
	}
	for _, a := range d.world.rows["RoleAssignment"] { // half of what came with a mandate belongs to its volunteer; some partners are none any more
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

// personalToken is the first user's personal access token, where a world has one.
const personalToken = "rhp_proof"

// fillAccessToken makes the first user's personal access token, which does not work for one reason at times.
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

// fillAssignment gives a role, to the first user at least twice.
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
		a.values["state"] = "revoked" // so that some act under their grant alone
	}
}

// fillAuditGrant makes an audit grant.
func (d *worldDrawer) fillAuditGrant(g *row, i int) {
	if i == 0 && d.drawInt(3) > 0 {
		g.values["auditor_id"] = d.world.rows["User"][0].id
	}
	if g.values["state"] = "active"; d.oneIn(5) {
		g.values["state"] = pickOne(d.source, []string{"requested", "suspended", "closed"})
	}
	g.values["valid_from"], g.values["valid_until"] = d.drawInstant(-30, 32), d.drawInstant(-4, 60)
	g.values["daily_row_budget"], g.values["rows_used"], g.values["used_on"] = int64(ampleBudget), int64(d.drawInt(60)), nil
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
	g.values["period_start"], g.values["period_end"] = d.drawOptionalInstant(-7000, 3000), d.drawOptionalInstant(-2500, 2490)
	for _, column := range []string{"period_start", "period_end"} {
		if at, ok := g.values[column].(time.Time); ok {
			g.values[column] = at.Truncate(24 * time.Hour)
		}
	}
}

// drawOptionalInstant is an instant, once in three times.
func (d *worldDrawer) drawOptionalInstant(from, days int) any {
	if d.drawInt(3) > 0 {
		return nil
	}
	return d.drawInstant(from, days)
}

// makeAssignmentValid makes an assignment one that counts now, somewhere.
func (d *worldDrawer) makeAssignmentValid(a *row) {
	a.values["state"], a.values["archived_at"], a.values["deployment_id"], a.values["valid_from"], a.values["valid_until"] = "active", nil, nil, nil, nil
	for _, name := range []string{"Country", "Office", "Partner", "Intervention"} {
		if column := strings.ToLower(name) + "_ids"; len(a.values[column].([]string)) == 0 {
			a.values[column] = []string{pickOne(d.source, d.world.rows[name]).id.String()}
		}
	}
	a.values["purposes"] = []string{}
}

// fillCases makes consents, referrals and emergencies that count, or do not for one reason.
func (d *worldDrawer) fillCases() {
	day := func(from, days int) time.Time { return d.drawInstant(from, days).Truncate(24 * time.Hour) }
	for _, c := range d.world.rows["Consent"] {
		c.values["state"], c.values["purposes"], c.values["archived_at"] = "active", []string{"services", "case_sharing", "referral"}, nil
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
			c.values["obtained_on"], c.values["expires_on"] = d.now, d.now // the first and the last day count
		case 6:
			c.values["obtained_on"], c.values["expires_on"] = nil, nil
		}
	}
	var mine []string
	for _, a := range d.world.rows["RoleAssignment"] {
		if a.foreignKey("user_id") == d.world.rows["User"][0].id {
			mine = append(mine, a.values["partner_ids"].([]string)...)
		}
	}
	for _, r := range d.world.rows["Referral"] {
		r.values["state"], r.values["expires_on"] = pickOne(d.source, []string{"sent", "accepted", "in_progress"}), any(nil)
		switch d.drawInt(4) {
		case 0:
			r.values["state"] = pickOne(d.source, []string{"draft", "rejected", "done", "revoked", "expired"})
		case 1:
			r.values["expires_on"] = day(-40, 38)
		case 2:
			r.values["expires_on"] = day(-4, 60)
		}
		if len(mine) > 0 && d.drawInt(3) > 0 {
			r.values["partner_id"] = uuid.MustParse(pickOne(d.source, mine))
		}
		if d.drawInt(4) > 0 {
			c := pickOne(d.source, d.world.rows["Consent"])
			if r.values["consent_id"] = c.id; d.drawInt(4) > 0 { // the child's own, or another's
				c.values["child_id"] = d.referredRow(r, "CaseFile", "case_file_id").values["child_id"]
			}
		}
		r.values["fields_shared"] = d.drawSubset([]string{"givenName", "birthDate", "sex", "place", "nationality", "phone"})
	}
	for _, x := range d.world.rows["EmergencyAccess"] {
		if d.drawInt(2) == 0 {
			x.values["user_id"] = d.world.rows["User"][0].id
		}
		x.values["valid_until"] = d.drawInstant(-4, 8)
	}
}

// referredRow is the row of the entity that a column of another names.
func (d *worldDrawer) referredRow(r *row, entity, column string) *row {
	rows := d.world.rows[entity]
	return rows[slices.IndexFunc(rows, func(o *row) bool { return o.id == r.foreignKey(column) })]
}

// denyLines are lines that a world may have besides roles.csv: the hub's own policies deny nothing yet.
var denyLines = []string{
	"p, ROLE, cases, read, assigned, C3, -, deny", "p, ROLE, Child, read, office, C2, -, deny", "p, ROLE, Partner, read, country, row, -, deny",
	"p, ROLE, Intervention, read, country, row, -, deny", "p, ROLE, CaseFile, read, intervention, C3, -, deny", "p, ROLE, InterventionCountry, read, country, row, -, deny",
	"p, ROLE, InterventionPartner, read, partner, row, -, deny", "p, ROLE, Activity, read+update, assigned, row, -, deny", "p, ROLE, Office, read, country, C2, -, deny",
}

// drawDenyLines adds some deny lines to the policies, rather for roles that the caller has.
func drawDenyLines(s source, policies string, w *world) string {
	if s.intN(2) == 0 {
		return policies
	}
	likely := append([]string{"everyone", "public"}, roleNames...)
	for _, a := range w.rows["RoleAssignment"] {
		if a.foreignKey("user_id") == w.rows["User"][0].id {
			likely = append(likely, a.values["role"].(string), a.values["role"].(string), a.values["role"].(string), a.values["role"].(string))
		}
	}
	for range 1 + s.intN(3) {
		policies += "\n" + strings.Replace(pickOne(s, denyLines), "ROLE", pickOne(s, likely), 1)
	}
	return policies
}

// candidatePurposes are what a request may state: any, or what the caller's roles may state.
func candidatePurposes(s source, w *world, rules []policyLine) []string {
	var own []string
	for _, a := range w.rows["RoleAssignment"] {
		if i := slices.IndexFunc(rules, func(r policyLine) bool { return r.role == a.values["role"] }); i >= 0 && a.foreignKey("user_id") == w.rows["User"][0].id {
			own = append(own, rules[i].purposes...)
		}
	}
	if len(own) == 0 || s.intN(2) == 0 {
		return []string{"", "services", "case_sharing", "referral", "audit"}
	}
	return own
}
