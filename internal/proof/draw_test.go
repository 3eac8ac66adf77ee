package proof_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// sizes are how many rows of an entity a world has at least, and how many more at most; 2 and 2 where none is stated.
var sizes = map[string][2]int{
	"Country": {2, 2}, "Office": {2, 3}, "User": {3, 3}, "Partner": {2, 3}, "Intervention": {2, 4}, "InterventionCountry": {2, 4},
	"InterventionPartner": {2, 4}, "Activity": {2, 4}, "Participation": {2, 4}, "Child": {2, 5}, "CaseFile": {3, 5}, "CaseService": {2, 3},
	"Consent": {2, 5}, "BestInterests": {1, 3}, "Referral": {2, 3}, "Note": {2, 4}, "RoleAssignment": {3, 4}, "Deployment": {1, 3}, "Result": {1, 3},
	"Indicator": {1, 3}, "IndicatorValue": {1, 4},
}

// drawer draws a world.
type drawer struct {
	source
	w   *world
	now time.Time
	n   int
	new map[string]int // rows that were made for the other world, by entity
}

// today is the day on which a world is drawn; what depends on the clock lies days away from it.
func today() time.Time { return time.Now().UTC().Truncate(24 * time.Hour) }

// newDrawer draws a small world. The first user, u0@demo, is live and holds roles; so may the others.
func newDrawer(s source) *drawer {
	d := &drawer{source: s, w: &world{rows: map[string][]*row{}}, now: today(), new: map[string]int{}}
	for _, e := range inventory.Model.Entities() {
		size, ok := sizes[e.Name]
		if !ok {
			size = [2]int{2, 2}
		}
		for range size[0] + d.n2(size[1]+1) {
			d.w.rows[e.Name] = append(d.w.rows[e.Name], &row{e, d.id(e), map[string]any{}})
		}
	}
	for _, e := range inventory.Model.Entities() {
		for i, r := range d.w.rows[e.Name] {
			d.fill(r, i)
		}
	}
	d.people()
	d.w.index()
	return d
}

func (d *drawer) n2(most int) int { return d.source.n(most) }

// id is a key whose order says nothing of the order in which rows are made.
func (d *drawer) id(*model.Entity) uuid.UUID {
	d.n++
	return uuid.UUID{byte(d.n * 151), byte(d.n), byte(d.n * 37), 6: 0x40, 8: 0x80, 15: byte(d.n)}
}

func (d *drawer) fill(r *row, i int) {
	for j := range r.e.Edges {
		edge := &r.e.Edges[j]
		if edge.Kind != model.ToOne {
			continue
		}
		if targets := d.w.rows[edge.Target]; edge.Required || d.n2(4) > 0 {
			r.v[edge.Column] = pick(d.source, targets).id
		}
	}
	for j := range r.e.Fields {
		f := &r.e.Fields[j]
		if f.Nullable && d.n2(4) == 0 {
			continue
		}
		r.v[f.Column] = d.value(f)
		if unique := slices.ContainsFunc(r.e.Unique, func(key []string) bool { return len(key) == 1 && key[0] == f.Column }); unique {
			r.v[f.Column] = distinctValue(f, i)
		}
	}
	d.base(r)
}

// base draws what every row has.
func (d *drawer) base(r *row) {
	r.v["created_at"], r.v["updated_at"] = d.instant(-400, 300), d.instant(-100, 90)
	r.v["version"] = int64(1 + d.n2(3))
	r.v["archived_at"], r.v["external_id"] = nil, nil
	for _, c := range []string{"created_by", "updated_by"} {
		r.v[c] = nil
		if d.n2(2) == 0 {
			r.v[c] = pick(d.source, d.w.rows["User"]).id
		}
	}
	if d.chance(7) {
		r.v["archived_at"] = d.instant(-30, 20)
	}
}

// distinctValue is a value that no other row of the entity has.
func distinctValue(f *model.Field, i int) any {
	switch {
	case f.Kind == model.Int:
		return int64(10 + i)
	case f.Name == "email":
		return fmt.Sprintf("u%d@demo", i)
	case f.MaxLen == 2:
		return string([]byte{'Z' - byte(i), 'A' + byte(i)})
	}
	return fmt.Sprintf("%c-%d", 'Z'-rune(i*7%26), i)
}

// texts of the worlds: letters of two cases and with accents, and what SQL and LIKE would take for more.
var words = []string{"Amina", "amina", "École", "école", "100%", "a_b", "O'Neil", "Zoé", "zoo", "Bo"}

// value is any value of the field, of few, so that rows share them.
func (d *drawer) value(f *model.Field) any {
	switch f.Kind {
	case model.String:
		return short(pick(d.source, words), limit(f))
	case model.Enum:
		return f.Values[d.n2(min(len(f.Values), 6))]
	case model.Int:
		return int64(d.n2(4))
	case model.Decimal:
		return int64(d.n2(4)*1050 - 1050)
	case model.Float:
		return float64(d.n2(4)) * 12.5
	case model.Bool:
		return d.n2(2) == 0
	case model.Time:
		return d.instant(-300, 600)
	case model.Date:
		return d.instant(-7000, 7300).Truncate(24 * time.Hour)
	case model.Enums:
		return d.some(f.Values[:min(len(f.Values), 4)])
	case model.Strings:
		if e := inventory.Model.Refers(f); e != nil {
			return d.keys(e)
		}
		return d.some(words[:4])
	case model.Texts:
		out := map[string]string{pick(d.source, []string{"en", "fr", "es"}): pick(d.source, words)}
		if d.n2(2) == 0 {
			out[pick(d.source, []string{"fr", "es", "sw"})] = pick(d.source, words)
		}
		return out
	}
	return nil
}

func limit(f *model.Field) int {
	if f.MaxLen == 0 {
		return 200
	}
	return f.MaxLen
}

func (d *drawer) some(of []string) []string {
	out := []string{}
	for _, s := range of {
		if d.n2(3) == 0 {
			out = append(out, s)
		}
	}
	return out
}

// keys lists the keys of some rows.
func (d *drawer) keys(e *model.Entity) []string {
	out := []string{}
	for _, r := range d.w.rows[e.Name] {
		if d.n2(2) == 0 {
			out = append(out, r.id.String())
		}
	}
	return out
}

// instant lies in so many days from the first day on, counted from today, and never within two days of now.
func (d *drawer) instant(from, days int) time.Time {
	at := from + d.n2(days+1)*7%(days+1)
	if at > -2 && at < 2 {
		at = 3
	}
	t := d.now.AddDate(0, 0, at).Add(time.Duration(d.n2(3)) * 1500 * time.Millisecond)
	return t
}

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
		a.v["role"] = pick(d.source, roles)
		if i < 2 || d.n2(2) == 0 {
			a.v["user_id"] = d.w.rows["User"][0].id
		}
		if a.v["state"] = "active"; d.chance(6) {
			a.v["state"] = pick(d.source, []string{"requested", "revoked", "expired"})
		}
		if d.n2(4) > 0 {
			a.v["deployment_id"] = nil
		}
		a.v["everywhere"] = d.chance(8)
		a.v["valid_from"], a.v["valid_until"] = d.perhaps(-30, 36), d.perhaps(-5, 60)
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
	for i, g := range d.w.rows["AuditGrant"] {
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
	for _, c := range d.w.rows["Deployment"] {
		if d.n2(2) == 0 {
			c.v["state"] = pick(d.source, []string{"matched", "in_country", "completed"})
		}
	}
	d.cases()
	for _, name := range []string{"Volunteer", "Activity", "CaseFile", "Note"} { // some are the caller's own
		for _, r := range d.w.rows[name] {
			for _, c := range []string{"user_id", "responsible_id", "owner_id", "author_id"} {
				if _, ok := r.v[c]; ok && d.n2(2) == 0 {
					r.v[c] = d.w.rows["User"][0].id
				}
			}
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
		switch d.n2(6) {
		case 0:
			r.v["state"] = pick(d.source, r.e.Field("state").Values)
		case 1:
			r.v["expires_on"] = day(-40, 38)
		case 2:
			r.v["expires_on"] = day(-4, 60)
		}
		if len(mine) > 0 && d.n2(3) > 0 {
			r.v["partner_id"] = uuid.MustParse(pick(d.source, mine))
		}
		if d.n2(4) > 0 {
			r.v["consent_id"] = pick(d.source, d.w.rows["Consent"]).id
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
	likely := append([]string{"everyone"}, roles...)
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

// purposes are what a request may state: any, and rather what the caller's roles may state.
func purposes(w *world, rules []rule) []string {
	out := []string{"", "services", "services", "case_sharing", "audit"}
	for _, a := range w.rows["RoleAssignment"] {
		if i := slices.IndexFunc(rules, func(r rule) bool { return r.role == a.v["role"] }); i >= 0 && a.key("user_id") == w.rows["User"][0].id {
			out = append(out, rules[i].purposes...)
		}
	}
	return out
}

func short(s string, most int) string {
	letters := []rune(s)
	return string(letters[:min(len(letters), most)])
}

// defaults are the values that a new row has where an input gives none.
func defaults(e *model.Entity, f *model.Field) any {
	switch f.Kind {
	case model.Strings, model.Enums:
		return []string{}
	case model.Bool:
		return false
	}
	if e.Machine(f.Column) != nil { // a new row is in the first state: a new consent counts
		return f.Values[0]
	}
	return nil
}
