package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

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
			e := theModel.Entity("Child")
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

// realKey returns the key of the row behind a pseudonym, which only the hub can compute.
func realKey(t *testing.T, api *apitest.API, grantID, entity, id string) uuid.UUID {
	t.Helper()
	_, key, err := plan.ParseID(theModel, id)
	if err != nil {
		t.Fatal(err)
	}
	_, g, err := plan.ParseID(theModel, grantID)
	if err != nil {
		t.Fatal(err)
	}
	return api.RealKey(g, entity, key)
}

// When policies let an auditor write, the auditor changes a row by its pseudonym in the grant. The real id finds no
// row.
func TestPseudonymsInChanges(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := apitest.NewUnderPolicies(
			t, api.Hub.DB(), apitest.PoliciesWithLines(t, "p, auditor, Child, update, grant, C2, -, allow"),
		).As("auditor@demo", "audit")
		who.Headers["Audit-Grant"] = createGrant(t, api, nil)
		child := theModel.Entity("Child")
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
