package graph_test

import (
	"fmt"
	"slices"

	"rightshub/internal/demo"
)

// canary is the start of values that only the second world has, and that no watcher may see.
const canary = "CNRY-"

// watcher is a person to whom two worlds must look alike. The statements work on both databases.
type watcher struct {
	email, purpose string   // without an e-mail address, the watcher does not sign in
	hideSQL        []string // changes rows and cells of the second world that the watcher may not see
	setupSQL       []string // prepares both worlds
}

// Subqueries for the keys of rows. userByEmail takes an e-mail address.
const (
	countryBF            = `(SELECT id FROM countries WHERE iso2 = 'BF')`
	auditedInterventions = `(SELECT id FROM interventions WHERE code IN ('BF-CAP-2015','BF-SGBV-2021'))`
	userByEmail          = `(SELECT id FROM users WHERE email = '%s')`
)

// changeIdentity changes the cells that identify a child, except the birth date. Everyone who sees the row sees the age
// band, which depends on the birth date.
const changeIdentity = `UPDATE children SET given_name = 'CNRY-given', family_name = 'CNRY-family',
 other_names = 'CNRY-other', address = 'CNRY-address', phone = 'CNRY-phone', id_number = 'CNRY-number',
 guardian = 'CNRY-guardian', sex = 'other', nationality = 'ZZ', language = 'zz',
 birth_date_estimated = NOT birth_date_estimated, place_id = NULL`

// hideRows returns statements that change the hidden rows of a table and archive about half of them. The condition
// selects the hidden rows.
func hideRows(table, set, condition string) []string {
	return []string{
		fmt.Sprintf(`UPDATE %s SET %s WHERE %s`, table, set, condition),
		fmt.Sprintf(
			`UPDATE %s SET archived_at = '2020-01-01 00:00:00+00:00' WHERE %s AND CAST(id AS text) < '8'`,
			table, condition,
		),
	}
}

func concatLists(lists ...[]string) (out []string) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// hideChildren changes all children, cases and notes, for watchers who see none of them.
var hideChildren = concatLists(
	[]string{changeIdentity},
	hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "1=1"),
	hideRows("case_files", "code = 'CNRY-case', risk = 'high'", "1=1"),
	hideRows("notes", "body = 'CNRY-note'", "1=1"),
)

// columnIsUser returns the condition that a column refers to the user with an e-mail address.
func columnIsUser(column, email string) string {
	return column + " IN " + fmt.Sprintf(userByEmail, email)
}

// outsideOuagaOffice is the condition that a row is not of the office in Ouagadougou.
const outsideOuagaOffice = `(office_id IS NULL OR office_id NOT IN (SELECT id FROM offices WHERE code = 'OFF-BF-OUA'))`

// makeIntegration turns an account into that of another system, since the demonstration data has none.
const makeIntegration = `UPDATE role_assignments SET role = 'integration'
 WHERE user_id IN (SELECT id FROM users WHERE email = 'coordinator.bf@demo')`

// Conditions on rows that one of the watchers does not see.
var (
	// notedCases are the cases about which the officer wrote a note. The note is masked while the child has no valid
	// consent.
	notedCases = "(SELECT case_file_id FROM notes WHERE " + columnIsUser("author_id", "protection.bf@demo") + ")"

	// unkeptChildren are the children without the officer as keeper, and without a case that the officer owns or noted.
	unkeptChildren = "(keeper_id IS NULL OR NOT " + columnIsUser("keeper_id", "protection.bf@demo") +
		") AND id NOT IN (SELECT child_id FROM case_files WHERE " + columnIsUser("owner_id", "protection.bf@demo") +
		" OR id IN " + notedCases + ")"

	// unseenNotes are the notes that the officer did not write, outside the case team of the officer's cases.
	unseenNotes = "(author_id IS NULL OR NOT " + columnIsUser("author_id", "protection.bf@demo") +
		") AND (visibility <> 'case_team' OR case_file_id NOT IN (SELECT id FROM case_files WHERE " +
		columnIsUser("owner_id", "protection.bf@demo") + "))"

	// unsharedInterventions are interventions outside Burkina Faso that are not shared with it.
	unsharedInterventions = "country_id NOT IN " + countryBF +
		" AND id NOT IN (SELECT intervention_id FROM intervention_countries WHERE country_id IN " + countryBF +
		") AND code LIKE 'C%'"

	unauditedRow = "(intervention_id IS NULL OR intervention_id NOT IN " + auditedInterventions + ")"
)

// watchers hold each role once. A coordinator sees a country's case list without identities. A field agent without a
// purpose sees the rows of their own cases. A volunteer and a donor see no child. An auditor follows. The officer and
// the supervisor see children in clear. The manager and the administrators run the hub and see no child. A partner's
// focal point sees what was referred. The last two are another system and a caller who does not sign in.
var watchers = []watcher{
	{email: "coordinator.bf@demo", purpose: "services", hideSQL: concatLists(
		[]string{
			changeIdentity,
			`UPDATE case_files SET summary = 'CNRY-summary', concerns = '["fgm"]'`,
			`UPDATE referrals SET reason = 'CNRY-reason'`,
		},
		hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "country_id NOT IN "+countryBF),
		hideRows("case_files", "code = 'CNRY-case', risk = 'high', status = 'closed'", "country_id NOT IN "+countryBF),
		hideRows("consents", "state = 'withdrawn', recipients = '[\"CNRY-recipient\"]'", "1=1"),
		hideRows("notes", "body = 'CNRY-note'", "1=1"),
		hideRows("best_interests_procedures", "decision = 'CNRY-decision'", "1=1"),
		hideRows("interventions", "code = 'CNRY-intervention'", unsharedInterventions),
		[]string{`UPDATE users SET display_name = 'CNRY-user' WHERE country_id IS NULL`},
		hideRows(
			"volunteers", "given_name = 'CNRY-volunteer'",
			"id NOT IN (SELECT volunteer_id FROM deployments WHERE country_id IN "+countryBF+
				" AND volunteer_id IS NOT NULL)",
		),
	)},
	{email: "agent.bf@demo", hideSQL: concatLists(
		[]string{
			changeIdentity,
			`UPDATE case_files SET summary = 'CNRY-summary', concerns = '["fgm"]'`,
			`UPDATE notes SET body = 'CNRY-note'`,
			`UPDATE referrals SET reason = 'CNRY-reason'`,
		},
		hideRows(
			"children", "case_code = 'CNRY-code', birth_date = '2020-05-05'",
			"id NOT IN (SELECT child_id FROM case_files WHERE "+columnIsUser("owner_id", "agent.bf@demo")+")",
		),
		hideRows(
			"case_files", "code = 'CNRY-case', risk = 'high'",
			"(owner_id IS NULL OR NOT "+columnIsUser("owner_id", "agent.bf@demo")+")",
		),
		hideRows("volunteers", "given_name = 'CNRY-volunteer', code = 'CNRY'", "1=1"),
		hideRows("funding_lines", "amount = 1", "1=0"),
	)},
	{email: "volunteer@demo", purpose: "services", hideSQL: concatLists(
		[]string{changeIdentity},
		hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "1=1"),
		hideRows("case_files", "code = 'CNRY-case', risk = 'high'", "1=1"),
		hideRows("consents", "state = 'withdrawn'", "1=1"),
		hideRows("notes", "body = 'CNRY-note'", "1=1"),
		hideRows("partners", "acronym = 'CNRY-partner'", "1=1"),
		hideRows("activities", "kind = 'research'", "1=1"),
		hideRows("volunteers", "given_name = 'CNRY-volunteer'", "user_id IS NULL"),
	)},
	{email: "donor@demo", hideSQL: concatLists(
		[]string{changeIdentity},
		hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "1=1"),
		hideRows("case_files", "code = 'CNRY-case', risk = 'high'", "1=1"),
		hideRows("partners", "acronym = 'CNRY-partner'", "1=1"),
		hideRows("activities", "kind = 'research'", "1=1"),
		hideRows("deployments", "months = 7", "1=1"),
		hideRows("interventions", "code = 'CNRY-intervention'", "id NOT IN "+auditedInterventions),
	)},
	{email: "auditor@demo", purpose: "audit", hideSQL: concatLists(
		[]string{
			changeIdentity,
			`UPDATE children SET case_code = 'CNRY-code', created_at = '2021-01-01 00:00:00+00:00'`,
			`UPDATE case_files SET code = 'CNRY-case', summary = 'CNRY-summary', concerns = '["fgm"]'`,
		},
		hideRows("children", "birth_date = '2020-05-05'", unauditedRow),
		hideRows("case_files", "risk = 'high'", unauditedRow),
		hideRows("notes", "body = 'CNRY-note'", "1=1"),
		hideRows("interventions", "code = 'CNRY-intervention'", "id NOT IN "+auditedInterventions),
	)},
	{email: "protection.bf@demo", purpose: "services", hideSQL: concatLists(
		[]string{changeIdentity + " WHERE " + unkeptChildren},
		hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", unkeptChildren),
		hideRows(
			"case_files", "code = 'CNRY-case', risk = 'high', summary = 'CNRY-summary'",
			"(owner_id IS NULL OR NOT "+columnIsUser("owner_id", "protection.bf@demo")+") AND id NOT IN "+notedCases,
		),
		hideRows("notes", "body = 'CNRY-note'", unseenNotes),
		hideRows("volunteers", "code = 'CNRY'", "1=1"),
		[]string{`UPDATE users SET display_name = 'CNRY-user' WHERE office_id IS NULL`},
	)},
	{email: "supervisor.bf@demo", purpose: "services", hideSQL: concatLists(
		[]string{changeIdentity + " WHERE " + outsideOuagaOffice},
		hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", outsideOuagaOffice),
		hideRows("case_files", "code = 'CNRY-case', risk = 'high', summary = 'CNRY-summary'", outsideOuagaOffice),
		hideRows(
			"notes", "body = 'CNRY-note'",
			"(visibility = 'author_only' OR case_file_id IN (SELECT id FROM case_files WHERE "+outsideOuagaOffice+"))",
		),
		hideRows("volunteers", "code = 'CNRY'", "1=1"),
		[]string{`UPDATE users SET display_name = 'CNRY-user' WHERE office_id IS NULL`},
	)},
	{email: "manager@demo", purpose: "services", hideSQL: concatLists(
		hideChildren,
		hideRows("consents", "state = 'withdrawn'", "1=1"),
		hideRows("emergency_accesses", "reason = 'CNRY-reason'", "1=1"),
		[]string{`UPDATE volunteers SET medical_notes = 'CNRY-medical'`},
	)},
	{email: "admin@demo", purpose: "services", hideSQL: concatLists(
		hideChildren,
		hideRows("consents", "state = 'withdrawn'", "1=1"),
		hideRows("volunteers", "code = 'CNRY'", "1=1"),
		hideRows("partner_contacts", "name = 'CNRY-contact'", "1=1"),
	)},
	{email: "partner@demo", purpose: "referral", hideSQL: concatLists(
		[]string{
			`UPDATE case_files SET code = 'CNRY-case', risk = 'high', summary = 'CNRY-summary'`,
			`UPDATE children SET given_name = 'CNRY-given', phone = 'CNRY-phone', id_number = 'CNRY-number',
			 guardian = 'CNRY-guardian'`,
		},
		hideRows(
			"children", "case_code = 'CNRY-code', birth_date = '2020-05-05'",
			"id NOT IN (SELECT child_id FROM case_files WHERE id IN (SELECT case_file_id FROM referrals))",
		),
		hideRows("notes", "body = 'CNRY-note'", "1=1"),
		hideRows("partners", "acronym = 'CNRY-partner'", "code <> 'MJ-BF'"),
		hideRows("volunteers", "code = 'CNRY'", "1=1"),
		[]string{`UPDATE users SET display_name = 'CNRY-user' WHERE email <> 'partner@demo'`},
	)},
	{email: "privacy@demo", purpose: "services", hideSQL: concatLists(
		hideChildren,
		hideRows("interventions", "code = 'CNRY-intervention'", "1=1"),
		hideRows("activities", "kind = 'research'", "1=1"),
		hideRows("volunteers", "code = 'CNRY'", "1=1"),
	)},
	{email: "coordinator.bf@demo", purpose: "services", setupSQL: []string{makeIntegration}, hideSQL: concatLists(
		hideChildren,
		hideRows("consents", "state = 'withdrawn'", "1=1"),
		hideRows("volunteers", "code = 'CNRY'", "1=1"),
		[]string{`UPDATE users SET display_name = 'CNRY-user' WHERE email <> 'coordinator.bf@demo'`},
	)},
	{hideSQL: concatLists(
		hideChildren,
		hideRows("partners", "acronym = 'CNRY-partner'", "1=1"),
		hideRows("activities", "kind = 'research'", "1=1"),
		hideRows("deployments", "months = 7", "1=1"),
		hideRows("volunteers", "code = 'CNRY'", "1=1"),
		[]string{`UPDATE users SET display_name = 'CNRY-user'`},
	)},
}

// roleName returns the role of the watcher.
func (w watcher) roleName() string {
	i := slices.IndexFunc(demo.People, func(p demo.Person) bool { return p.Email == w.email })
	switch {
	case w.setupSQL != nil:
		return "integration"
	case i < 0:
		return "public"
	}
	return demo.People[i].Role
}
