package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/store"
)

// canary marks what nobody of the catalogue may see, in the second world.
const canary = "CNRY-"

// watcher is somebody before whom two worlds must look alike, and how the second differs from the first: only in rows
// and cells that this person may not see. Each is SQL that both databases take.
type watcher struct {
	email, purpose string
	hidden         []string
}

const (
	inBF     = `(SELECT id FROM countries WHERE iso2 = 'BF')`
	audits   = `(SELECT id FROM interventions WHERE code IN ('BF-CAP-2015','BF-SGBV-2021'))`
	somebody = `(SELECT id FROM users WHERE email = '%s')`
)

// identity changes what identifies a child, but the birth date, of which everyone who sees the row sees the age band.
const identity = `UPDATE children SET given_name = 'CNRY-given', family_name = 'CNRY-family', other_names = 'CNRY-other', address = 'CNRY-address', phone = 'CNRY-phone',
 id_number = 'CNRY-number', guardian = 'CNRY-guardian', sex = 'other', nationality = 'ZZ', language = 'zz', birth_date_estimated = NOT birth_date_estimated, place_id = NULL`

// away changes, and partly archives, the rows of a table that a condition hides.
func away(table, set, hidden string) []string {
	return []string{
		fmt.Sprintf(`UPDATE %s SET %s WHERE %s`, table, set, hidden),
		fmt.Sprintf(`UPDATE %s SET archived_at = '2020-01-01 00:00:00+00:00' WHERE %s AND CAST(id AS text) < '8'`, table, hidden),
	}
}

func join(lists ...[]string) (out []string) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// watchers are a coordinator, who sees a country's case list without identity; a field agent without a purpose, who sees
// the rows of own cases; a volunteer and a donor, who see no child at all; and an auditor.
var watchers = []watcher{
	{"coordinator.bf@demo", "services", join([]string{identity, `UPDATE case_files SET summary = 'CNRY-summary', concerns = '["fgm"]'`, `UPDATE referrals SET reason = 'CNRY-reason'`},
		away("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "country_id NOT IN "+inBF), away("case_files", "code = 'CNRY-case', risk = 'high', status = 'closed'", "country_id NOT IN "+inBF),
		away("consents", "state = 'withdrawn', recipients = '[\"CNRY-recipient\"]'", "1=1"), away("notes", "body = 'CNRY-note'", "1=1"), away("best_interests_procedures", "decision = 'CNRY-decision'", "1=1"),
		away("interventions", "code = 'CNRY-intervention'", "country_id NOT IN "+inBF+" AND id NOT IN (SELECT intervention_id FROM intervention_countries WHERE country_id IN "+inBF+") AND code LIKE 'C%'"),
		[]string{`UPDATE users SET display_name = 'CNRY-user' WHERE country_id IS NULL`}, away("volunteers", "given_name = 'CNRY-volunteer'", "id NOT IN (SELECT volunteer_id FROM deployments WHERE country_id IN "+inBF+" AND volunteer_id IS NOT NULL)"))},
	{"agent.bf@demo", "", join([]string{identity, `UPDATE case_files SET summary = 'CNRY-summary', concerns = '["fgm"]'`, `UPDATE notes SET body = 'CNRY-note'`, `UPDATE referrals SET reason = 'CNRY-reason'`},
		away("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "id NOT IN (SELECT child_id FROM case_files WHERE owner_id IN "+fmt.Sprintf(somebody, "agent.bf@demo")+")"),
		away("case_files", "code = 'CNRY-case', risk = 'high'", "(owner_id IS NULL OR owner_id NOT IN "+fmt.Sprintf(somebody, "agent.bf@demo")+")"),
		away("volunteers", "given_name = 'CNRY-volunteer', code = 'CNRY'", "1=1"), away("funding_lines", "amount = 1", "1=0"))},
	{"volunteer@demo", "services", join([]string{identity}, away("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "1=1"), away("case_files", "code = 'CNRY-case', risk = 'high'", "1=1"),
		away("consents", "state = 'withdrawn'", "1=1"), away("notes", "body = 'CNRY-note'", "1=1"), away("partners", "acronym = 'CNRY-partner'", "1=1"), away("activities", "kind = 'research'", "1=1"),
		away("volunteers", "given_name = 'CNRY-volunteer'", "user_id IS NULL"))},
	{"donor@demo", "", join([]string{identity}, away("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "1=1"), away("case_files", "code = 'CNRY-case', risk = 'high'", "1=1"),
		away("partners", "acronym = 'CNRY-partner'", "1=1"), away("activities", "kind = 'research'", "1=1"), away("deployments", "months = 7", "1=1"), away("interventions", "code = 'CNRY-intervention'", "id NOT IN "+audits))},
	{"auditor@demo", "audit", join([]string{identity, `UPDATE children SET case_code = 'CNRY-code', created_at = '2021-01-01 00:00:00+00:00'`, `UPDATE case_files SET code = 'CNRY-case', summary = 'CNRY-summary', concerns = '["fgm"]'`},
		away("children", "birth_date = '2020-05-05'", "(intervention_id IS NULL OR intervention_id NOT IN "+audits+")"), away("case_files", "risk = 'high'", "(intervention_id IS NULL OR intervention_id NOT IN "+audits+")"),
		away("notes", "body = 'CNRY-note'", "1=1"), away("interventions", "code = 'CNRY-intervention'", "id NOT IN "+audits))},
}

// pair is one person before two worlds.
type pair struct {
	*testing.T
	watcher
	apis [2]*apitest.API
	a, b *apitest.Caller
}

// worlds runs the test before each watcher, on both databases.
func worlds(t *testing.T, test func(*pair)) {
	for name, open := range map[string]func(*testing.T) *store.DB{
		"sqlite":   func(t *testing.T) *store.DB { return apitest.Demo.SQLite(t) },
		"postgres": func(t *testing.T) *store.DB { return apitest.Demo.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, w := range watchers {
				t.Run(w.email, func(t *testing.T) {
					p := &pair{T: t, watcher: w}
					for i := range p.apis {
						p.apis[i] = apitest.New(t, open(t))
					}
					dbtest.Exec(t, p.apis[1].Hub.DB(), w.hidden...)
					for _, api := range p.apis { // an audit that reads a whole list many times
						dbtest.Exec(t, api.Hub.DB(), "UPDATE audit_grants SET daily_row_budget = 1000000")
					}
					p.a, p.b = p.apis[0].As(w.email, w.purpose), p.apis[1].As(w.email, w.purpose)
					test(p)
				})
			}
		})
	}
}

// same sends a document to both worlds: the exchange must be the same bytes, and hold no canary.
func (p *pair) same(document string, variables map[string]any) *apitest.Answer {
	p.Helper()
	a, b := p.a.Ask(document, variables), p.b.Ask(document, variables)
	if a.Body != b.Body || a.Status != b.Status || strings.Contains(b.Body, canary) {
		p.Errorf("%s\n one world: %.700s\n the other: %.700s", document, a.Body, b.Body)
	}
	return a
}

// unseen lists ids of rows that this person does not see, in both worlds alike.
func (p *pair) unseen() []string {
	manager := p.apis[0].As("coordinator.cd@demo", "services")
	a := manager.Ask(`{children(first:3,orderBy:[{field:CASE_CODE}]){nodes{id caseFiles{nodes{id}}}}}`, nil).Fine()
	return []string{a.Text("children.nodes.0.id"), a.Text("children.nodes.1.id"), a.Text("children.nodes.0.caseFiles.nodes.0.id")}
}
