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

// roles that people of the worlds hold.
var roles = []string{"platform_admin", "programme_manager", "country_coordinator", "field_agent", "child_protection_officer", "case_supervisor",
	"volunteer", "partner_focal_point", "data_protection_officer", "auditor", "donor", "system_seed", "child_protection_officer", "child_protection_officer", "case_supervisor", "case_supervisor",
	"field_agent", "partner_focal_point", "partner_focal_point", "country_coordinator", "data_protection_officer", "data_protection_officer", "platform_admin",
	"data_protection_officer", "data_protection_officer", "country_coordinator", "programme_manager"}

// plenty is a daily budget of rows that no world uses up.
const plenty = 1_000_000

// people makes the users and their rights.
func (d *drawer) people() {
	for i, u := range d.w.rows["User"] {
		u.v["state"] = "active"
		if i > 0 && d.chance(6) {
			u.v["state"] = "suspended"
		}
		if u.v["locale"] = pick(d.source, []string{"en", "fr", "es", "sw"}); i == 0 {
			u.v["archived_at"] = nil
		}
	}
	for i, a := range d.w.rows["RoleAssignment"] {
		d.assignment(a, i)
	}
	for i, g := range d.w.rows["AuditGrant"] {
		d.grant(g, i)
	}
	if t := d.w.rows["AccessToken"]; len(t) > 0 {
		d.token(t[0])
	}
	for _, c := range d.w.rows["Deployment"] {
		if d.n2(2) == 0 {
			c.v["state"] = pick(d.source, []string{"matched", "in_country", "completed"})
		}
	}
	d.cases()
	for _, name := range []string{"Volunteer", "Activity", "Child", "CaseFile", "Note"} { // some are the caller's own
		for _, r := range d.w.rows[name] {
			for _, c := range []string{"user_id", "responsible_id", "owner_id", "keeper_id", "author_id"} {
				if _, ok := r.v[c]; ok && d.n2(2) == 0 {
					r.v[c] = d.w.rows["User"][0].id
				}
			}
		}
	}
	for _, a := range d.w.rows["RoleAssignment"] { // half of what came with a mandate belongs to its volunteer; some partners are none any more
		for _, m := range d.w.rows["Deployment"] {
			for _, v := range d.w.rows["Volunteer"] {
				if m.id == a.key("deployment_id") && v.id == m.key("volunteer_id") && d.n2(2) == 0 {
					v.v["user_id"] = a.v["user_id"]
				}
			}
		}
		for _, p := range d.w.rows["Partner"] {
			if slices.Contains(a.v["partner_ids"].([]string), p.id.String()) && d.n2(6) == 0 {
				p.v["archived_at"] = d.instant(-30, 20)
			}
		}
	}
}

// byToken is the first user's personal access token, where a world has one.
const byToken = "rhp_proof"

// token makes the first user's personal access token, which does not work for one reason at times.
func (d *drawer) token(t *row) {
	sum := sha256.Sum256([]byte(byToken))
	t.v["user_id"], t.v["hash"] = d.w.rows["User"][0].id, hex.EncodeToString(sum[:])
	t.v["scopes"], t.v["archived_at"] = [][]string{{"read"}, {"read", "write"}}[d.n2(2)], nil
	t.v["revoked_at"], t.v["expires_at"] = nil, d.instant(4, 60)
	switch d.n2(8) {
	case 0:
		t.v["archived_at"] = d.instant(-30, 20)
	case 1:
		t.v["revoked_at"] = d.instant(-30, 20)
	case 2:
		t.v["expires_at"] = d.instant(-30, 28)
	}
}

// assignment gives a role, to the first user at least twice.
func (d *drawer) assignment(a *row, i int) {
	a.v["role"] = pick(d.source, roles)
	if i < 2 || d.n2(2) == 0 {
		a.v["user_id"] = d.w.rows["User"][0].id
	}
	if a.v["state"] = "active"; d.chance(6) {
		a.v["state"] = pick(d.source, []string{"requested", "revoked", "expired"})
	}
	if d.n2(3) > 0 {
		a.v["deployment_id"] = nil
	}
	a.v["everywhere"] = d.chance(8)
	a.v["valid_from"], a.v["valid_until"] = d.perhaps(-30, 36), d.perhaps(-12, 60)
	if a.v["purposes"] = []string{}; d.n2(3) == 0 {
		a.v["purposes"] = d.some([]string{"services", "case_sharing", "referral", "tracing"})
	}
	if i == 0 && d.n2(2) == 0 {
		d.sound(a)
	}
	if i < 2 && d.n2(3) == 0 && d.w.rows["AuditGrant"][0].v["auditor_id"] != nil {
		a.v["state"] = "revoked" // so that some act under their grant alone
	}
}

// grant makes an audit grant.
func (d *drawer) grant(g *row, i int) {
	if i == 0 && d.n2(3) > 0 {
		g.v["auditor_id"] = d.w.rows["User"][0].id
	}
	if g.v["state"] = "active"; d.chance(5) {
		g.v["state"] = pick(d.source, []string{"requested", "suspended", "closed"})
	}
	g.v["valid_from"], g.v["valid_until"] = d.instant(-30, 32), d.instant(-4, 60)
	g.v["daily_row_budget"], g.v["rows_used"], g.v["used_on"] = int64(plenty), int64(d.n2(60)), nil
	if d.n2(3) > 0 {
		g.v["used_on"] = d.now.AddDate(0, 0, -d.n2(2))
	}
	if d.n2(3) == 0 {
		g.v["daily_row_budget"] = int64(5 + d.n2(60))
	}
	if g.v["entities"] = []string{}; d.chance(4) {
		g.v["entities"] = []string{"Child", "CaseFile", "Activity", "Intervention", "Partner"}[d.n2(3):]
	}
	switch d.n2(4) {
	case 0:
		g.v["country_ids"] = []string{}
	case 1, 2: // whole countries, so that several rows have pseudonyms
		if g.v["intervention_ids"] = []string{}; len(g.v["country_ids"].([]string)) == 0 {
			g.v["country_ids"] = []string{d.w.rows["Country"][0].id.String()}
		}
	}
	g.v["period_start"], g.v["period_end"] = d.perhaps(-7000, 3000), d.perhaps(-2500, 2490)
	for _, column := range []string{"period_start", "period_end"} {
		if at, ok := g.v[column].(time.Time); ok {
			g.v[column] = at.Truncate(24 * time.Hour)
		}
	}
}

// perhaps is an instant, once in three times.
func (d *drawer) perhaps(from, days int) any {
	if d.n2(3) > 0 {
		return nil
	}
	return d.instant(from, days)
}

// sound makes an assignment one that counts now, somewhere.
func (d *drawer) sound(a *row) {
	a.v["state"], a.v["archived_at"], a.v["deployment_id"], a.v["valid_from"], a.v["valid_until"] = "active", nil, nil, nil, nil
	for _, name := range []string{"Country", "Office", "Partner", "Intervention"} {
		if column := strings.ToLower(name) + "_ids"; len(a.v[column].([]string)) == 0 {
			a.v[column] = []string{pick(d.source, d.w.rows[name]).id.String()}
		}
	}
	a.v["purposes"] = []string{}
}

// cases makes consents, referrals and emergencies that count, or do not for one reason.
func (d *drawer) cases() {
	day := func(from, days int) time.Time { return d.instant(from, days).Truncate(24 * time.Hour) }
	for _, c := range d.w.rows["Consent"] {
		c.v["state"], c.v["purposes"], c.v["archived_at"] = "active", []string{"services", "case_sharing", "referral"}, nil
		c.v["obtained_on"], c.v["expires_on"] = day(-60, 50), day(4, 60)
		switch d.n2(10) {
		case 0:
			c.v["state"] = pick(d.source, c.e.Field("state").Values)
		case 1:
			c.v["purposes"] = d.some([]string{"services", "case_sharing", "referral", "tracing"})
		case 2:
			c.v["expires_on"] = day(-40, 38)
		case 3:
			c.v["obtained_on"] = day(3, 30)
		case 4:
			c.v["archived_at"] = d.instant(-30, 20)
		case 5:
			c.v["obtained_on"], c.v["expires_on"] = d.now, d.now // the first and the last day count
		case 6:
			c.v["obtained_on"], c.v["expires_on"] = nil, nil
		}
	}
	var mine []string
	for _, a := range d.w.rows["RoleAssignment"] {
		if a.key("user_id") == d.w.rows["User"][0].id {
			mine = append(mine, a.v["partner_ids"].([]string)...)
		}
	}
	for _, r := range d.w.rows["Referral"] {
		r.v["state"], r.v["expires_on"] = pick(d.source, []string{"sent", "accepted", "in_progress"}), any(nil)
		switch d.n2(4) {
		case 0:
			r.v["state"] = pick(d.source, []string{"draft", "rejected", "done", "revoked", "expired"})
		case 1:
			r.v["expires_on"] = day(-40, 38)
		case 2:
			r.v["expires_on"] = day(-4, 60)
		}
		if len(mine) > 0 && d.n2(3) > 0 {
			r.v["partner_id"] = uuid.MustParse(pick(d.source, mine))
		}
		if d.n2(4) > 0 {
			c := pick(d.source, d.w.rows["Consent"])
			if r.v["consent_id"] = c.id; d.n2(4) > 0 { // the child's own, or another's
				c.v["child_id"] = d.rowOf(r, "CaseFile", "case_file_id").v["child_id"]
			}
		}
		r.v["fields_shared"] = d.some([]string{"givenName", "birthDate", "sex", "place", "nationality", "phone"})
	}
	for _, x := range d.w.rows["EmergencyAccess"] {
		if d.n2(2) == 0 {
			x.v["user_id"] = d.w.rows["User"][0].id
		}
		x.v["valid_until"] = d.instant(-4, 8)
	}
}

// rowOf is the row of the entity that a column of another names.
func (d *drawer) rowOf(r *row, entity, column string) *row {
	rows := d.w.rows[entity]
	return rows[slices.IndexFunc(rows, func(o *row) bool { return o.id == r.key(column) })]
}

// extra are lines that a world may have besides roles.csv: the hub's own policies deny nothing yet.
var extra = []string{
	"p, ROLE, cases, read, assigned, C3, -, deny", "p, ROLE, Child, read, office, C2, -, deny", "p, ROLE, Partner, read, country, row, -, deny",
	"p, ROLE, Intervention, read, country, row, -, deny", "p, ROLE, CaseFile, read, intervention, C3, -, deny", "p, ROLE, InterventionCountry, read, country, row, -, deny",
	"p, ROLE, InterventionPartner, read, partner, row, -, deny", "p, ROLE, Activity, read+update, assigned, row, -, deny", "p, ROLE, Office, read, country, C2, -, deny",
}

// drawLines adds some deny lines to the policies, rather for roles that the caller has.
func drawLines(s source, policies string, w *world) string {
	if s.n(2) == 0 {
		return policies
	}
	likely := append([]string{"everyone", "public"}, roles...)
	for _, a := range w.rows["RoleAssignment"] {
		if a.key("user_id") == w.rows["User"][0].id {
			likely = append(likely, a.v["role"].(string), a.v["role"].(string), a.v["role"].(string), a.v["role"].(string))
		}
	}
	for range 1 + s.n(3) {
		policies += "\n" + strings.Replace(pick(s, extra), "ROLE", pick(s, likely), 1)
	}
	return policies
}

// purposes are what a request may state: any, or what the caller's roles may state.
func purposes(s source, w *world, rules []rule) []string {
	var own []string
	for _, a := range w.rows["RoleAssignment"] {
		if i := slices.IndexFunc(rules, func(r rule) bool { return r.role == a.v["role"] }); i >= 0 && a.key("user_id") == w.rows["User"][0].id {
			own = append(own, rules[i].purposes...)
		}
	}
	if len(own) == 0 || s.n(2) == 0 {
		return []string{"", "services", "case_sharing", "referral", "audit"}
	}
	return own
}
