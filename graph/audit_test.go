package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// createGrant creates an active grant for the auditor of the demonstration data, with the changed fields, and returns
// its id.
func createGrant(t *testing.T, api *apitest.API, change query.Input) string {
	t.Helper()
	seed := api.SeedSession()
	in := query.Input{
		"engagement": "Second audit",
		"purpose":    "To test.",
		"state":      "active",
		"auditor":    api.RowKey("User", "email", "auditor@demo"),
		"interventionIds": []string{
			api.RowKey("Intervention", "code", "BF-CAP-2015").String(),
			api.RowKey("Intervention", "code", "BF-SGBV-2021").String(),
		},
		"validFrom":  time.Now().Add(-time.Hour),
		"validUntil": time.Now().Add(time.Hour),
	}
	for k, v := range change {
		in[k] = v
	}
	id, err := seed.Create(t.Context(), inventory.Model.Entity("AuditGrant"), in)
	if err != nil {
		t.Fatal(err)
	}
	return plan.ID(inventory.Model.Entity("AuditGrant"), id)
}

const auditedChildrenQuery = `query($after: String) {
	children(first: 100, after: $after, orderBy: [{field: CASE_CODE}]) {
		totalCount
		pageInfo { hasNextPage endCursor }
		edges {
			cursor
			node {
				id caseCode givenName sex birthDate ageBand createdAt masked
				caseFiles { nodes { id code summary child { id caseCode } } }
			}
		}
	}
}`

// An auditor sees children under pseudonyms. Within a grant the ids, codes, filters, orders, pages and lookups agree
// with each other. In another grant the same children have other pseudonyms in another order, and a pseudonym of the
// first grant finds no row.
func TestPseudonyms(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		first := api.As("auditor@demo", "audit")
		firstGrant := first.Ask(`{auditGrants{nodes{id}}}`, nil).RequireOK().Text("auditGrants.nodes.0.id")
		secondGrant := createGrant(t, api, nil)
		first.Headers["Audit-Grant"] = firstGrant
		second := api.As("auditor@demo", "audit")
		second.Headers["Audit-Grant"] = secondGrant
		names := map[*apitest.Caller][]string{}
		for _, who := range []*apitest.Caller{first, second} {
			codes := []string{}
			for after := any(nil); ; {
				a := who.Ask(auditedChildrenQuery, map[string]any{"after": after}).RequireOK()
				if a.Int("children.totalCount") != 600 {
					t.Fatal(a.Body)
				}
				for i := range a.Len("children.edges") {
					at := fmt.Sprintf("children.edges.%d.node.", i)
					code := a.Text(at + "caseCode")
					if len(code) != 18 || !strings.HasPrefix(code, "P-") || a.Text(at+"ageBand") == "" ||
						a.At(at+"givenName") != nil || a.At(at+"sex") != nil ||
						a.At(at+"birthDate") != nil || a.At(at+"createdAt") != nil ||
						a.Text(at+"caseFiles.nodes.0.child.id") != a.Text(at+"id") ||
						a.Text(at+"caseFiles.nodes.0.child.caseCode") != code ||
						a.At(at+"caseFiles.nodes.0.summary") != nil {
						t.Fatalf("%s", a.Body)
					}
					codes = append(codes, code)
					names[who] = append(names[who], a.Text(at+"id"))
				}
				if after = a.At("children.pageInfo.endCursor"); a.At("children.pageInfo.hasNextPage") != true {
					break
				}
			}
			if len(codes) != 600 || !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != 600 {
				t.Errorf("got %d codes, want 600 distinct codes in order", len(codes))
			}
			probe := who.Ask(`query($id: ID!, $code: String!) {
				node(id: $id) { ... on Child { caseCode } }
				children(where: {caseCode: {eq: $code}, id: {in: [$id]}}) { nodes { id } }
			}`, map[string]any{"id": names[who][7], "code": codes[7]}).RequireOK()
			if probe.Text("node.caseCode") != codes[7] || probe.Text("children.nodes.0.id") != names[who][7] {
				t.Error(probe.Body)
			}
			if a := who.Ask(`{
				children(where: {caseCode: {hasPrefix: "BF-"}}) { totalCount }
				real: children(where: {caseCode: {eq: "BF-00007"}}) { totalCount }
				made: children(where: {createdAt: {isNull: false}}) { totalCount }
			}`, nil).RequireOK(); a.Int("children.totalCount")+a.Int("real.totalCount")+a.Int("made.totalCount") != 0 {
				t.Errorf("a filter finds rows by the stored codes or times: %s", a.Body)
			}
		}
		clear := api.As("supervisor.bf@demo", "").Ask(`{children(first:100){nodes{id}}}`, nil).RequireOK()
		for i := range clear.Len("children.nodes") {
			id := clear.Text(fmt.Sprintf("children.nodes.%d.id", i))
			if slices.Contains(names[first], id) || slices.Contains(names[second], id) {
				t.Fatal("the auditor sees the real id of a child")
			}
			a := first.Ask(`query($id:ID!){node(id:$id){id}}`, map[string]any{"id": id}).RequireOK()
			if a.At("node") != nil {
				t.Fatal("the real id of a child finds the row in an audit")
			}
		}
		for _, id := range names[first][:50] {
			if slices.Contains(names[second], id) {
				t.Fatal("two grants share a pseudonym")
			}
			a := second.Ask(`query($id:ID!){node(id:$id){id}}`, map[string]any{"id": id}).RequireOK()
			if a.At("node") != nil {
				t.Fatal("a pseudonym of the first grant finds a row in the second")
			}
		}
		// A cursor of one grant is refused in the other, with the error of any broken cursor.
		cursor := first.Ask(auditedChildrenQuery, nil).RequireOK().Text("children.pageInfo.endCursor")
		a := second.Ask(auditedChildrenQuery, map[string]any{"after": cursor})
		b := second.Ask(auditedChildrenQuery, map[string]any{"after": "x" + cursor[1:]})
		if a.Code() != "INVALID" || a.Body != b.Body {
			t.Errorf("%s %s", a.Body, b.Body)
		}
		// Both grants list the same children, in orders that have nothing to do with each other.
		same := 0
		for i := range names[first] {
			e := inventory.Model.Entity("Child")
			a := realKey(t, api, firstGrant, e.Name, names[first][i])
			if b := realKey(t, api, secondGrant, e.Name, names[second][i]); a == b {
				same++
			}
		}
		if same > 20 {
			t.Errorf("%d of 600 positions hold the same child in both grants", same)
		}
	})
}

// The times at which rows change do not let an auditor match the rows of two grants. Under pseudonyms no change is
// reported, and each row has version 1.
func TestChangesUnderPseudonyms(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE children SET version = 7")
		if a := auditor.Ask(`{changesSince(types:[Child],first:10){hasMore}}`, nil); a.Code() != "INVALID" {
			t.Error(a.Body)
		}
		a := auditor.Ask(`{
			changesSince(first: 1000) { changes { type } }
			children(first: 100) { nodes { version } }
		}`, nil).RequireOK()
		for i := range a.Len("changesSince.changes") {
			kind := a.Text(fmt.Sprintf("changesSince.changes.%d.type", i))
			if slices.Contains([]string{"Child", "CaseFile", "Consent"}, kind) {
				t.Fatalf("a change of a %s is reported", kind)
			}
		}
		if a.Len("changesSince.changes") == 0 || a.Len("children.nodes") == 0 {
			t.Fatal(a.Body)
		}
		for i := range a.Len("children.nodes") {
			if a.Int(fmt.Sprintf("children.nodes.%d.version", i)) != 1 {
				t.Errorf("%s", a.Body)
			}
		}
	})
}

// In a row under a pseudonym, a day is shown, filtered and ordered by its month only. The day itself would let an
// auditor match the rows of two grants.
func TestMonthsUnderPseudonyms(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		a := auditor.Ask(`{
			caseFiles(first: 100, orderBy: [{field: OPENED_ON}]) { nodes { openedOn } }
			none: caseFiles(where: {openedOn: {isNull: false}, not: {openedOn: {isNull: true}}}) { totalCount }
			all: caseFiles { totalCount }
		}`, nil).RequireOK()
		last := ""
		for i := range a.Len("caseFiles.nodes") {
			day := a.Text(fmt.Sprintf("caseFiles.nodes.%d.openedOn", i))
			if !strings.HasSuffix(day, "-01") || day < last {
				t.Fatalf("%s after %s", day, last)
			}
			last = day
		}
		if last == "" || a.Int("none.totalCount") != a.Int("all.totalCount") {
			t.Fatal(a.Body)
		}
		b := auditor.Ask(`query($from: Date!, $next: Date!) {
			first: caseFiles(where: {openedOn: {eq: $from}}) { totalCount }
			within: caseFiles(where: {openedOn: {gt: $from, lt: $next}}) { totalCount }
		}`, map[string]any{"from": last, "next": last[:8] + "28"}).RequireOK()
		if b.Int("first.totalCount") == 0 || b.Int("within.totalCount") != 0 {
			t.Error(b.Body)
		}
	})
}

// An age band is computed from the month of birth. Otherwise the day on which it changes would reveal the birthday.
func TestAgeBandsUnderPseudonyms(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor, now := api.As("auditor@demo", "audit"), time.Now().UTC()
		month := time.Date(now.Year()-12, now.Month(), 1, 0, 0, 0, 0, time.UTC)
		for born, want := range map[time.Time]string{
			month:                   "A12_14",
			month.AddDate(0, 1, -1): "A12_14",
			month.AddDate(0, 1, 0):  "A6_11",
		} {
			day := born.Format("2006-01-02 00:00:00+00:00")
			dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE children SET birth_date = '"+day+"'")
			a := auditor.Ask(`{children(first:1){nodes{ageBand}}}`, nil).RequireOK()
			if a.Text("children.nodes.0.ageBand") != want {
				t.Errorf("born on %s, want %s: %s", born.Format(time.DateOnly), want, a.Body)
			}
		}
	})
}

// A list without rows costs one row of the day's budget. Otherwise empty lists would answer any number of questions for
// free.
func TestEmptyListsAreCharged(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"dailyRowBudget": int64(2)})
		ask := `{caseFiles(first:0,where:{openedOn:{gte:"2020-01-01"}}){pageInfo{hasNextPage}}}`
		for range 2 {
			auditor.Ask(ask, nil).RequireOK()
		}
		if a := auditor.Ask(ask, nil); a.Code() != "RATE_LIMITED" {
			t.Error(a.Body)
		}
	})
}

// realKey returns the key of the row behind a pseudonym, which only the hub can compute.
func realKey(t *testing.T, api *apitest.API, grantID, entity, id string) uuid.UUID {
	t.Helper()
	_, key, err := plan.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	_, g, err := plan.ParseID(grantID)
	if err != nil {
		t.Fatal(err)
	}
	return api.RealKey(g, entity, key)
}

// A grant is limited by its interventions, countries, types, period, dates, state and daily budget of rows. Its rights
// are never combined with those of other roles.
func TestGrantLimits(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		doc := `{
			interventions { totalCount }
			activities { totalCount }
			children { totalCount }
			caseFiles { totalCount }
			users { totalCount }
		}`
		see := func(name string, in query.Input, want ...int) {
			t.Helper()
			auditor.Headers["Audit-Grant"] = createGrant(t, api, in)
			a := auditor.Ask(doc, nil).RequireOK()
			for i, field := range []string{"interventions", "activities", "children", "caseFiles", "users"} {
				// a negative number stands for any number of rows but none
				if got := a.Int(field + ".totalCount"); got != want[i] && (want[i] >= 0 || got == 0) {
					t.Errorf("%s: %d %s, want %d", name, got, field, want[i])
				}
			}
		}
		sgbv := []string{api.RowKey("Intervention", "code", "BF-SGBV-2021").String()}
		see("one intervention", query.Input{"interventionIds": sgbv}, 1, 40, 360, 468, 1)
		see("a country", query.Input{
			"interventionIds": []string{}, "countryIds": []string{api.RowKey("Country", "iso2", "CD").String()},
		}, 2, 20, 500, 650, 1)
		see("an intervention elsewhere than the country", query.Input{
			"interventionIds": sgbv, "countryIds": []string{api.RowKey("Country", "iso2", "CD").String()},
		}, 0, 0, 0, 0, 1)
		see("types", query.Input{"interventionIds": sgbv, "entities": []string{"Activity"}}, 0, 40, 0, 0, 1)
		see("nothing", query.Input{"interventionIds": []string{}}, 0, 0, 0, 0, 1)
		see("no intervention", query.Input{"interventionIds": []string{uuid.NewString()}}, 0, 0, 0, 0, 1)
		today := time.Now().UTC().Truncate(24 * time.Hour)
		see("a period", query.Input{
			"interventionIds": sgbv, "periodStart": today, "periodEnd": today,
			"entities": []string{"Activity", "Intervention"},
		}, 1, 1, 0, 0, 1)
		of := func(first, last string) query.Input {
			day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
			return query.Input{"interventionIds": sgbv, "periodStart": day(first), "periodEnd": day(last)}
		}
		see("a period before everything", of("1990-01-01", "1990-12-31"), 1, 0, 0, 0, 1)
		child := func(n int) string {
			return fmt.Sprintf(`child_id = (
				SELECT id FROM children WHERE intervention_id = '%s' ORDER BY case_code LIMIT 1 OFFSET %d
			)`, sgbv[0], n)
		}
		dbtest.ExecAsOwner(
			t, api.Hub.DB(), "UPDATE case_files SET opened_on = '1990-05-01 00:00:00+00:00' WHERE "+child(0),
			"UPDATE case_files SET opened_on = NULL, created_at = '1990-05-02 12:00:00+00:00' WHERE "+child(1),
		)
		see("a child by a case opened on the day", of("1990-05-01", "1990-05-01"), 1, 0, 1, -1, 1)
		see("a child by a case created on the day", of("1990-05-02", "1990-05-02"), 1, 0, 1, -1, 1)
		see("the month before", of("1990-04-01", "1990-04-30"), 1, 0, 0, 0, 1)
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE case_files SET intervention_id = NULL WHERE "+child(0))
		see("no child by a case that is not audited", of("1990-05-01", "1990-05-01"), 1, 0, 0, 0, 1)
		for name, in := range map[string]query.Input{
			"expired":   {"validUntil": time.Now().Add(-time.Minute)},
			"future":    {"validFrom": time.Now().Add(time.Minute)},
			"revoked":   {"state": "revoked"},
			"requested": {"state": "requested"},
		} {
			auditor.Headers["Audit-Grant"] = createGrant(t, api, in)
			if a := auditor.Ask(doc, nil); a.Code() != "FORBIDDEN" || a.Status != 403 {
				t.Errorf("a grant that is %s: %s", name, a.Body)
			}
		}
		manager := api.As("manager@demo", "audit")
		manager.Headers["Audit-Grant"] = createGrant(t, api, nil)
		refused := manager.Ask(doc, nil)
		manager.Headers["Audit-Grant"] = plan.ID(inventory.Model.Entity("AuditGrant"), uuid.New())
		if absent := manager.Ask(doc, nil); refused.Body != absent.Body || refused.Code() != "FORBIDDEN" {
			t.Errorf("with another person's grant: %s, with an absent grant: %s", refused.Body, absent.Body)
		}
		auditor.Headers["Audit-Grant"] = "nonsense"
		if a := auditor.Ask(doc, nil); a.Code() != "INVALID" || a.Status != 400 {
			t.Error(a.Body)
		}
		// A request that names none of several grants uses none.
		delete(auditor.Headers, "Audit-Grant")
		if a := auditor.Ask(doc, nil).RequireOK(); a.Int("interventions.totalCount") != 0 {
			t.Errorf("grants were combined: %s", a.Body)
		}
		// the daily budget of rows
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"dailyRowBudget": int64(10)})
		a := auditor.Ask(`{children(first:4){nodes{id country{id}}}}`, nil).RequireOK()
		if a.Len("children.nodes") != 4 {
			t.Error(a.Body)
		}
		a = auditor.Ask(`{children(first:3){nodes{id}}}`, nil)
		if a.Code() != "RATE_LIMITED" || a.At("children") != nil {
			t.Errorf("beyond the budget: %s", a.Body)
		}
		if a := auditor.Ask(`{children(first:2){nodes{id}}}`, nil).RequireOK(); a.Len("children.nodes") != 2 {
			t.Error(a.Body)
		}
		for _, doc := range []string{
			`{children(first:1){nodes{id}}}`,
			`{children(where:{sex:{eq:FEMALE}}){totalCount}}`,
			`{node(id:"chd_AAAAAAAAAAAAAAAAAAAAAA"){id}}`,
			`{changesSince(types:[AccessEvent]){hasMore}}`,
		} {
			if a := auditor.Ask(doc, nil); a.Code() != "RATE_LIMITED" {
				t.Errorf("beyond the budget: %s", a.Body)
			}
		}
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"dailyRowBudget": int64(5)})
		if a := auditor.Ask(`{
			children(first: 2) { nodes { id caseFiles { totalCount } } }
			users { totalCount }
		}`, nil).RequireOK(); a.Len("children.nodes") != 2 {
			t.Error(a.Body)
		}
		if a := auditor.Ask(`{children{totalCount}}`, nil); a.Code() != "RATE_LIMITED" {
			t.Errorf("a count beyond the budget: %s", a.Body)
		}
	})
}

// An audit grant is created by one person and approved by two others. None of the three is the auditor. Once the grant
// is approved, its end can only be moved to an earlier time.
func TestAuditGrantsAreApproved(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		maker := api.As("privacy@demo", "")
		second := api.AsNewPerson("data_protection_officer")
		third := api.AsNewPerson("data_protection_officer")
		auditor := api.RowID("User", "email", "auditor@demo")
		self := api.RowID("User", "email", "privacy@demo")
		in := func(change map[string]any) map[string]any {
			out := map[string]any{
				"auditorId":  auditor,
				"engagement": "Third audit",
				"purpose":    "To test.",
				"countryIds": []string{api.RowID("Country", "iso2", "CD")},
				"validFrom":  time.Now().Add(-time.Hour).UTC().Format(time.RFC3339),
				"validUntil": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
			}
			for k, v := range change {
				out[k] = v
			}
			return map[string]any{"in": out}
		}
		make := `mutation($in:CreateAuditGrantInput!){createAuditGrant(input:$in){auditGrant{id version state}}}`
		for name, c := range map[string]struct {
			change map[string]any
			want   string
		}{
			"for oneself": {map[string]any{"auditorId": self}, "FORBIDDEN"},
			"for two years": {map[string]any{
				"validUntil": time.Now().AddDate(2, 0, 0).UTC().Format(time.RFC3339),
			}, "INVALID"},
			"with an end before its start": {map[string]any{"validUntil": "2020-01-01T00:00:00Z"}, "INVALID"},
			"for no place":                 {map[string]any{"countryIds": []string{}}, "INVALID"},
			"for an unknown type":          {map[string]any{"entities": []string{"Secrets"}}, "INVALID"},
			"for a backward period": {map[string]any{
				"periodStart": "2026-02-01", "periodEnd": "2026-01-01",
			}, "INVALID"},
			"without a budget": {map[string]any{"dailyRowBudget": 0}, "INVALID"},
		} {
			if a := maker.Ask(make, in(c.change)); a.Code() != c.want {
				t.Errorf("%s: %s", name, a.Body)
			}
		}
		id := maker.Ask(make, in(nil)).RequireOK().Text("createAuditGrant.auditGrant.id")
		for name, change := range map[string]map[string]any{
			"until 2099":            {"validUntil": "2099-01-01T00:00:00Z"},
			"from long ago":         {"validFrom": "2001-01-01T00:00:00Z"},
			"with a huge budget":    {"dailyRowBudget": 2_000_000_000},
			"for a backward period": {"periodStart": "2026-02-01", "periodEnd": "2026-01-01"},
		} {
			change["id"], change["version"] = id, 1
			if a := maker.Ask(`mutation($in: UpdateAuditGrantInput!) {
				updateAuditGrant(input: $in) { auditGrant { id } }
			}`, map[string]any{"in": change}); a.Code() != "INVALID" {
				t.Errorf("changed to be %s: %s", name, a.Body)
			}
		}
		move := func(who *apitest.Caller, version int, to string) string {
			return who.Ask(`mutation($id: ID!, $v: Int!, $to: AuditGrantState!) {
				transitionAuditGrantState(input: {id: $id, version: $v, to: $to}) { auditGrant { state } }
			}`, map[string]any{"id": id, "v": version, "to": to}).Code()
		}
		lengthen := `mutation($id: ID!, $v: Int!, $u: DateTime!) {
			updateAuditGrant(input: {id: $id, version: $v, validUntil: $u}) { auditGrant { version } }
		}`
		reader := api.As("auditor@demo", "audit")
		reader.Headers["Audit-Grant"] = id
		sees := func() bool { return reader.Ask(`{children{totalCount}}`, nil).Int("children.totalCount") == 500 }
		got := []string{
			move(maker, 1, "APPROVED"), move(second, 1, "APPROVED"), move(second, 2, "ACTIVE"),
			move(maker, 2, "ACTIVE"),
		}
		if !slices.Equal(got, []string{"FORBIDDEN", "", "FORBIDDEN", "FORBIDDEN"}) || sees() {
			t.Errorf("approvals: %q", got)
		}
		if got := move(third, 2, "ACTIVE"); got != "" || !sees() {
			t.Errorf("the second approval: %q", got)
		}
		if a := maker.Ask(lengthen, map[string]any{
			"id": id, "v": 3, "u": time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339),
		}); a.Code() != "INVALID" {
			t.Errorf("lengthened by one person: %s", a.Body)
		}
		maker.Ask(lengthen, map[string]any{
			"id": id, "v": 3, "u": time.Now().Add(-time.Second).UTC().Format(time.RFC3339),
		}).RequireOK()
		if sees() {
			t.Error("the grant still gives access after its end")
		}
	})
}

// When policies let an auditor write, the auditor changes a row by its pseudonym in the grant. The real id finds no
// row.
func TestPseudonymsInChanges(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := apitest.NewUnderPolicies(
			t, api.Hub.DB(), apitest.PoliciesWithLines(t, "p, auditor, Child, update, grant, C2, -, allow"),
		).As("auditor@demo", "audit")
		who.Headers["Audit-Grant"] = createGrant(t, api, nil)
		child := inventory.Model.Entity("Child")
		change := `mutation($id:ID!){updateChild(input:{id:$id,version:1,nationality:"BF"}){child{id}}}`
		name := who.Ask(`{children(first:1){nodes{id}}}`, nil).RequireOK().Text("children.nodes.0.id")
		byName := who.Ask(change, map[string]any{"id": name})
		if byName.Code() == "NOT_FOUND" {
			t.Errorf("by its pseudonym in the grant: %s", byName.Body)
		}
		byKey := who.Ask(change, map[string]any{"id": plan.ID(child, api.RowKey("Child", "caseCode", "BF-00001"))})
		absent := who.Ask(change, map[string]any{"id": plan.ID(child, uuid.New())})
		if byKey.Code() != "NOT_FOUND" || byKey.Body != absent.Body {
			t.Errorf("by the real id: %s, by an absent id: %s", byKey.Body, absent.Body)
		}
	})
}
