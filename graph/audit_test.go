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

// createGrant makes an active grant for the auditor of the demonstration and returns its id.
func createGrant(t *testing.T, api *apitest.API, change query.Input) string {
	t.Helper()
	seed := api.SeedSession()
	in := query.Input{"engagement": "Second audit", "purpose": "To test.", "state": "active", "auditor": api.RowKey("User", "email", "auditor@demo"),
		"interventionIds": []string{api.RowKey("Intervention", "code", "BF-CAP-2015").String(), api.RowKey("Intervention", "code", "BF-SGBV-2021").String()},
		"validFrom":       time.Now().Add(-time.Hour), "validUntil": time.Now().Add(time.Hour)}
	for k, v := range change {
		in[k] = v
	}
	id, err := seed.Create(t.Context(), inventory.Model.Entity("AuditGrant"), in)
	if err != nil {
		t.Fatal(err)
	}
	return plan.ID(inventory.Model.Entity("AuditGrant"), id)
}

const auditedChildrenQuery = `query($after:String){children(first:100,after:$after,orderBy:[{field:CASE_CODE}]){totalCount pageInfo{hasNextPage endCursor} edges{cursor node{id caseCode givenName sex birthDate ageBand createdAt masked caseFiles{nodes{id code summary child{id caseCode}}}}}}}`

// An auditor knows children by pseudonyms that hold within a grant: ids, codes, filters, order, pages and lookups agree.
// In another grant, the same children have other names in another order, and a name of one grant is nobody's in the other.
func TestPseudonyms(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		first := api.As("auditor@demo", "audit")
		one := first.Ask(`{auditGrants{nodes{id}}}`, nil).RequireOK().Text("auditGrants.nodes.0.id")
		other := createGrant(t, api, nil)
		first.Headers["Audit-Grant"] = one
		second := api.As("auditor@demo", "audit")
		second.Headers["Audit-Grant"] = other
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
					if len(code) != 18 || !strings.HasPrefix(code, "P-") || a.At(at+"givenName") != nil || a.At(at+"sex") != nil || a.At(at+"birthDate") != nil || a.At(at+"createdAt") != nil ||
						a.Text(at+"ageBand") == "" || a.Text(at+"caseFiles.nodes.0.child.id") != a.Text(at+"id") || a.Text(at+"caseFiles.nodes.0.child.caseCode") != code || a.At(at+"caseFiles.nodes.0.summary") != nil {
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
				t.Errorf("%d codes, not in order or not distinct", len(codes))
			}
			probe := who.Ask(`query($id:ID!,$code:String!){node(id:$id){...on Child{caseCode}} children(where:{caseCode:{eq:$code},id:{in:[$id]}}){nodes{id}}}`, map[string]any{"id": names[who][7], "code": codes[7]}).RequireOK()
			if probe.Text("node.caseCode") != codes[7] || probe.Text("children.nodes.0.id") != names[who][7] {
				t.Error(probe.Body)
			}
			if a := who.Ask(`{children(where:{caseCode:{hasPrefix:"BF-"}}){totalCount} real:children(where:{caseCode:{eq:"BF-00007"}}){totalCount} made:children(where:{createdAt:{isNull:false}}){totalCount}}`, nil).RequireOK(); a.Int("children.totalCount")+a.Int("real.totalCount")+a.Int("made.totalCount") != 0 {
				t.Errorf("the stored codes and times can be asked for: %s", a.Body)
			}
		}
		clear := api.As("supervisor.bf@demo", "").Ask(`{children(first:100){nodes{id}}}`, nil).RequireOK()
		for i := range clear.Len("children.nodes") {
			id := clear.Text(fmt.Sprintf("children.nodes.%d.id", i))
			if slices.Contains(names[first], id) || slices.Contains(names[second], id) {
				t.Fatal("an own id is shown to the auditor")
			}
			if a := first.Ask(`query($id:ID!){node(id:$id){id}}`, map[string]any{"id": id}).RequireOK(); a.At("node") != nil {
				t.Fatal("an own id finds the row in an audit")
			}
		}
		for _, id := range names[first][:50] {
			if slices.Contains(names[second], id) {
				t.Fatal("two grants share a name")
			}
			if a := second.Ask(`query($id:ID!){node(id:$id){id}}`, map[string]any{"id": id}).RequireOK(); a.At("node") != nil {
				t.Fatal("a name of one grant works in another")
			}
		}
		// the cursors of one grant are nothing in the other, and say so as any broken one does
		cursor := first.Ask(auditedChildrenQuery, nil).RequireOK().Text("children.pageInfo.endCursor")
		a, b := second.Ask(auditedChildrenQuery, map[string]any{"after": cursor}), second.Ask(auditedChildrenQuery, map[string]any{"after": "x" + cursor[1:]})
		if a.Code() != "INVALID" || a.Body != b.Body {
			t.Errorf("%s %s", a.Body, b.Body)
		}
		// both grants list the same children, in orders that do not follow each other
		same := 0
		for i := range names[first] {
			e := inventory.Model.Entity("Child")
			if realKey(t, api, one, e.Name, names[first][i]) == realKey(t, api, other, e.Name, names[second][i]) {
				same++
			}
		}
		if same > 20 {
			t.Errorf("%d of 600 places in the order are the same in two grants", same)
		}
	})
}

// Two grants are not joined by when their rows change: under pseudonyms no change is told, and each row has one version.
func TestChangesUnderPseudonyms(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE children SET version = 7")
		if a := auditor.Ask(`{changesSince(types:[Child],first:10){hasMore}}`, nil); a.Code() != "INVALID" {
			t.Error(a.Body)
		}
		a := auditor.Ask(`{changesSince(first:1000){changes{type}} children(first:100){nodes{version}}}`, nil).RequireOK()
		for i := range a.Len("changesSince.changes") {
			if kind := a.Text(fmt.Sprintf("changesSince.changes.%d.type", i)); kind == "Child" || kind == "CaseFile" || kind == "Consent" {
				t.Fatalf("a change of a %s is told", kind)
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

// Of a day in a row under a pseudonym, the month is what shows, finds and orders: days would join the rows of two grants.
func TestMonthsUnderPseudonyms(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		a := auditor.Ask(`{caseFiles(first:100,orderBy:[{field:OPENED_ON}]){nodes{openedOn}} none:caseFiles(where:{openedOn:{isNull:false},not:{openedOn:{isNull:true}}}){totalCount} all:caseFiles{totalCount}}`, nil).RequireOK()
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
		b := auditor.Ask(`query($from:Date!,$next:Date!){first:caseFiles(where:{openedOn:{eq:$from}}){totalCount} within:caseFiles(where:{openedOn:{gt:$from,lt:$next}}){totalCount}}`,
			map[string]any{"from": last, "next": last[:8] + "28"}).RequireOK()
		if b.Int("first.totalCount") == 0 || b.Int("within.totalCount") != 0 {
			t.Error(b.Body)
		}
	})
}

// An age band follows the month of birth, too: the day on which it changes would tell the birthday.
func TestAgeBandsUnderPseudonyms(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor, now := api.As("auditor@demo", "audit"), time.Now().UTC()
		month := time.Date(now.Year()-12, now.Month(), 1, 0, 0, 0, 0, time.UTC)
		for born, want := range map[time.Time]string{month: "A12_14", month.AddDate(0, 1, -1): "A12_14", month.AddDate(0, 1, 0): "A6_11"} {
			dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE children SET birth_date = '"+born.Format("2006-01-02 00:00:00+00:00")+"'")
			if a := auditor.Ask(`{children(first:1){nodes{ageBand}}}`, nil).RequireOK(); a.Text("children.nodes.0.ageBand") != want {
				t.Errorf("born on %s, want %s: %s", born.Format(time.DateOnly), want, a.Body)
			}
		}
	})
}

// A list without rows is paid for as a row: else it would answer questions without end.
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

// realKey finds the row's own key behind a name, as only the hub can.
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

// What a grant lists binds: interventions, countries, types, period, dates, state, and the day's budget of rows. Its
// rights never join with those of other roles.
func TestGrantLimits(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		doc := `{interventions{totalCount} activities{totalCount} children{totalCount} caseFiles{totalCount} users{totalCount}}`
		see := func(name string, in query.Input, want ...int) {
			t.Helper()
			auditor.Headers["Audit-Grant"] = createGrant(t, api, in)
			a := auditor.Ask(doc, nil).RequireOK()
			for i, field := range []string{"interventions", "activities", "children", "caseFiles", "users"} {
				if got := a.Int(field + ".totalCount"); got != want[i] && (want[i] >= 0 || got == 0) { // below 0: some
					t.Errorf("%s: %d %s, want %d", name, got, field, want[i])
				}
			}
		}
		sgbv := []string{api.RowKey("Intervention", "code", "BF-SGBV-2021").String()}
		see("one intervention", query.Input{"interventionIds": sgbv}, 1, 40, 360, 468, 1)
		see("a country", query.Input{"interventionIds": []string{}, "countryIds": []string{api.RowKey("Country", "iso2", "CD").String()}}, 2, 20, 500, 650, 1)
		see("an intervention elsewhere than the country", query.Input{"interventionIds": sgbv, "countryIds": []string{api.RowKey("Country", "iso2", "CD").String()}}, 0, 0, 0, 0, 1)
		see("types", query.Input{"interventionIds": sgbv, "entities": []string{"Activity"}}, 0, 40, 0, 0, 1)
		see("nothing", query.Input{"interventionIds": []string{}}, 0, 0, 0, 0, 1)
		see("no intervention", query.Input{"interventionIds": []string{uuid.NewString()}}, 0, 0, 0, 0, 1)
		today := time.Now().UTC().Truncate(24 * time.Hour)
		see("a period", query.Input{"interventionIds": sgbv, "periodStart": today, "periodEnd": today, "entities": []string{"Activity", "Intervention"}}, 1, 1, 0, 0, 1)
		of := func(first, last string) query.Input {
			day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
			return query.Input{"interventionIds": sgbv, "periodStart": day(first), "periodEnd": day(last)}
		}
		see("a period before everything", of("1990-01-01", "1990-12-31"), 1, 0, 0, 0, 1)
		child := func(n int) string {
			return fmt.Sprintf("child_id = (SELECT id FROM children WHERE intervention_id = '%s' ORDER BY case_code LIMIT 1 OFFSET %d)", sgbv[0], n)
		}
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE case_files SET opened_on = '1990-05-01 00:00:00+00:00' WHERE "+child(0), "UPDATE case_files SET opened_on = NULL, created_at = '1990-05-02 12:00:00+00:00' WHERE "+child(1))
		see("a child by its case, whose day it is", of("1990-05-01", "1990-05-01"), 1, 0, 1, -1, 1)
		see("a child by its case, which was made then and has no day", of("1990-05-02", "1990-05-02"), 1, 0, 1, -1, 1)
		see("the day before", of("1990-04-01", "1990-04-30"), 1, 0, 0, 0, 1)
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE case_files SET intervention_id = NULL WHERE "+child(0))
		see("no child by a case that is not audited", of("1990-05-01", "1990-05-01"), 1, 0, 0, 0, 1)
		for name, in := range map[string]query.Input{"over": {"validUntil": time.Now().Add(-time.Minute)}, "to come": {"validFrom": time.Now().Add(time.Minute)}, "revoked": {"state": "revoked"}, "requested": {"state": "requested"}} {
			auditor.Headers["Audit-Grant"] = createGrant(t, api, in)
			if a := auditor.Ask(doc, nil); a.Code() != "FORBIDDEN" || a.Status != 403 {
				t.Errorf("a grant that is %s: %s", name, a.Body)
			}
		}
		theirs := api.As("manager@demo", "audit")
		theirs.Headers["Audit-Grant"] = createGrant(t, api, nil)
		refused := theirs.Ask(doc, nil)
		theirs.Headers["Audit-Grant"] = plan.ID(inventory.Model.Entity("AuditGrant"), uuid.New())
		if absent := theirs.Ask(doc, nil); refused.Body != absent.Body || refused.Code() != "FORBIDDEN" {
			t.Errorf("another's grant %s, none %s", refused.Body, absent.Body)
		}
		auditor.Headers["Audit-Grant"] = "nonsense"
		if a := auditor.Ask(doc, nil); a.Code() != "INVALID" || a.Status != 400 {
			t.Error(a.Body)
		}
		// with several grants and none named, none counts; with another role, neither
		delete(auditor.Headers, "Audit-Grant")
		if a := auditor.Ask(doc, nil).RequireOK(); a.Int("interventions.totalCount") != 0 {
			t.Errorf("grants were joined: %s", a.Body)
		}
		// the budget
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"dailyRowBudget": int64(10)})
		if a := auditor.Ask(`{children(first:4){nodes{id country{id}}}}`, nil).RequireOK(); a.Len("children.nodes") != 4 {
			t.Error(a.Body)
		}
		if a := auditor.Ask(`{children(first:3){nodes{id}}}`, nil); a.Code() != "RATE_LIMITED" || a.At("children") != nil {
			t.Errorf("beyond the budget: %s", a.Body)
		}
		if a := auditor.Ask(`{children(first:2){nodes{id}}}`, nil).RequireOK(); a.Len("children.nodes") != 2 {
			t.Error(a.Body)
		}
		for _, doc := range []string{`{children(first:1){nodes{id}}}`, `{children(where:{sex:{eq:FEMALE}}){totalCount}}`,
			`{node(id:"chd_AAAAAAAAAAAAAAAAAAAAAA"){id}}`, `{changesSince(types:[AccessEvent]){hasMore}}`} {
			if a := auditor.Ask(doc, nil); a.Code() != "RATE_LIMITED" {
				t.Errorf("beyond the budget: %s", a.Body)
			}
		}
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"dailyRowBudget": int64(5)})
		if a := auditor.Ask(`{children(first:2){nodes{id caseFiles{totalCount}}} users{totalCount}}`, nil).RequireOK(); a.Len("children.nodes") != 2 {
			t.Error(a.Body)
		}
		if a := auditor.Ask(`{children{totalCount}}`, nil); a.Code() != "RATE_LIMITED" {
			t.Errorf("totals for nothing: %s", a.Body)
		}
	})
}

// An audit grant is made by one person and approved by two others, none of them the auditor; once approved it may only
// end earlier.
func TestAuditGrantsAreApproved(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		maker, second, third := api.As("privacy@demo", ""), api.AsNewPerson("data_protection_officer"), api.AsNewPerson("data_protection_officer")
		auditor := api.RowID("User", "email", "auditor@demo")
		self := api.RowID("User", "email", "privacy@demo")
		in := func(change map[string]any) map[string]any {
			out := map[string]any{"auditorId": auditor, "engagement": "Third audit", "purpose": "To test.", "countryIds": []string{api.RowID("Country", "iso2", "CD")},
				"validFrom": time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "validUntil": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}
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
			"for oneself":           {map[string]any{"auditorId": self}, "FORBIDDEN"},
			"for two years":         {map[string]any{"validUntil": time.Now().AddDate(2, 0, 0).UTC().Format(time.RFC3339)}, "INVALID"},
			"over before it is":     {map[string]any{"validUntil": "2020-01-01T00:00:00Z"}, "INVALID"},
			"for no place":          {map[string]any{"countryIds": []string{}}, "INVALID"},
			"for an unknown type":   {map[string]any{"entities": []string{"Secrets"}}, "INVALID"},
			"for a backward period": {map[string]any{"periodStart": "2026-02-01", "periodEnd": "2026-01-01"}, "INVALID"},
			"for any number":        {map[string]any{"dailyRowBudget": 0}, "INVALID"},
		} {
			if a := maker.Ask(make, in(c.change)); a.Code() != c.want {
				t.Errorf("%s: %s", name, a.Body)
			}
		}
		id := maker.Ask(make, in(nil)).RequireOK().Text("createAuditGrant.auditGrant.id")
		for name, change := range map[string]map[string]any{
			"until 2099":            {"validUntil": "2099-01-01T00:00:00Z"},
			"from long ago":         {"validFrom": "2001-01-01T00:00:00Z"},
			"for any number":        {"dailyRowBudget": 2_000_000_000},
			"for a backward period": {"periodStart": "2026-02-01", "periodEnd": "2026-01-01"},
		} {
			change["id"], change["version"] = id, 1
			if a := maker.Ask(`mutation($in:UpdateAuditGrantInput!){updateAuditGrant(input:$in){auditGrant{id}}}`, map[string]any{"in": change}); a.Code() != "INVALID" {
				t.Errorf("changed to be %s: %s", name, a.Body)
			}
		}
		move := func(who *apitest.Caller, version int, to string) string {
			return who.Ask(`mutation($id:ID!,$v:Int!,$to:AuditGrantState!){transitionAuditGrantState(input:{id:$id,version:$v,to:$to}){auditGrant{state}}}`, map[string]any{"id": id, "v": version, "to": to}).Code()
		}
		lengthen := `mutation($id:ID!,$v:Int!,$u:DateTime!){updateAuditGrant(input:{id:$id,version:$v,validUntil:$u}){auditGrant{version}}}`
		reader := api.As("auditor@demo", "audit")
		reader.Headers["Audit-Grant"] = id
		sees := func() bool { return reader.Ask(`{children{totalCount}}`, nil).Int("children.totalCount") == 500 }
		if got := []string{move(maker, 1, "APPROVED"), move(second, 1, "APPROVED"), move(second, 2, "ACTIVE"), move(maker, 2, "ACTIVE")}; !slices.Equal(got, []string{"FORBIDDEN", "", "FORBIDDEN", "FORBIDDEN"}) || sees() {
			t.Errorf("approvals: %q", got)
		}
		if got := move(third, 2, "ACTIVE"); got != "" || !sees() {
			t.Errorf("the second approval: %q", got)
		}
		if a := maker.Ask(lengthen, map[string]any{"id": id, "v": 3, "u": time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)}); a.Code() != "INVALID" {
			t.Errorf("lengthened by one person: %s", a.Body)
		}
		maker.Ask(lengthen, map[string]any{"id": id, "v": 3, "u": time.Now().Add(-time.Second).UTC().Format(time.RFC3339)}).RequireOK()
		if sees() {
			t.Error("the grant counts after its end")
		}
	})
}

// Where policies let an auditor write, a row under a pseudonym is changed by its name in the grant, and by no other.
func TestPseudonymsInChanges(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := apitest.NewUnderPolicies(t, api.Hub.DB(), apitest.PoliciesWithLines(t, "p, auditor, Child, update, grant, C2, -, allow")).As("auditor@demo", "audit")
		who.Headers["Audit-Grant"] = createGrant(t, api, nil)
		child := inventory.Model.Entity("Child")
		change := `mutation($id:ID!){updateChild(input:{id:$id,version:1,nationality:"BF"}){child{id}}}`
		name := who.Ask(`{children(first:1){nodes{id}}}`, nil).RequireOK().Text("children.nodes.0.id")
		byName := who.Ask(change, map[string]any{"id": name})
		if byName.Code() == "NOT_FOUND" {
			t.Errorf("by its name in the grant: %s", byName.Body)
		}
		own := who.Ask(change, map[string]any{"id": plan.ID(child, api.RowKey("Child", "caseCode", "BF-00001"))})
		if none := who.Ask(change, map[string]any{"id": plan.ID(child, uuid.New())}); own.Code() != "NOT_FOUND" || own.Body != none.Body {
			t.Errorf("by the database's id: %s, by none: %s", own.Body, none.Body)
		}
	})
}
