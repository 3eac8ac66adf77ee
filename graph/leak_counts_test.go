package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/query"
)

// rolesWithoutChildren are the roles that may see children only as numbers in tables, or not at all. The hub has no
// such tables yet, so these roles see no count of children.
var rolesWithoutChildren = []string{
	"programme_manager", "platform_admin", "volunteer", "donor", "data_protection_officer", "integration", "public",
}

// childCountsQuery asks for counts about children in every way. It counts lists at the root and inside rows, and rows
// that meet conditions on such lists.
const childCountsQuery = `{
	children { totalCount }
	caseFiles { totalCount }
	caseServices { totalCount }
	bestInterestsProcedures { totalCount }
	referrals { totalCount }
	c: countries(where: {children: {some: {}}}) { totalCount }
	o: offices(where: {caseFiles: {count: {gte: 1}}}) { totalCount }
	i: interventions(where: {children: {count: {gte: 1}}}) { totalCount }
	countries(first: 100) { nodes { children { totalCount } caseFiles { totalCount } } }
	offices(first: 100) { nodes { caseFiles { totalCount } } }
	h: children(where: {caseFiles: {some: {risk: {eq: HIGH}}}}) { totalCount }
	r: caseFiles(where: {risk: {eq: HIGH}, child: {caseFiles: {count: {gte: 1}}}}) { totalCount }
}`

// sumTotals adds up the counts of an answer.
func sumTotals(v any) (sum float64) {
	switch v := v.(type) {
	case map[string]any:
		for name, v := range v {
			if n, ok := v.(float64); ok && name == "totalCount" {
				sum += n
			}
			sum += sumTotals(v)
		}
	case []any:
		for _, v := range v {
			sum += sumTotals(v)
		}
	}
	return sum
}

// identifyingConditions are conditions on cells that identify a child together with other cells. A caller to whom these
// cells are masked finds no child by them.
var identifyingConditions = []string{
	`sex:{eq:FEMALE}`, `sex:{eq:MALE}`, `sex:{eq:OTHER}`, `sex:{eq:UNKNOWN}`, `sex:{isNull:false}`,
	`nationality:{isNull:false}`, `nationality:{hasPrefix:"B"}`, `language:{isNull:false}`,
	`birthDate:{isNull:false}`, `birthDate:{gte:"2015-01-01"}`,
	`birthDateEstimated:{eq:true}`, `birthDateEstimated:{eq:false}`, `place:{code:{isNull:false}}`,
}

// masksEveryChild reports whether the identifying cells of all children are masked to the watcher.
func (p *worldPair) masksEveryChild() bool {
	return !slices.Contains([]string{"child_protection_officer", "case_supervisor"}, p.role)
}

// checkSmallCells checks that no count, large or small, includes children in hidden rows or depends on masked cells.
func checkSmallCells(p *worldPair) {
	a := p.askBothWorlds(childCountsQuery, nil).RequireOK()
	if none := slices.Contains(rolesWithoutChildren, p.role); (sumTotals(a.Data) == 0) != none {
		p.Errorf("counts of children for the role %s: %s", p.role, a.Body)
	}
	if !p.masksEveryChild() {
		return
	}
	for _, where := range identifyingConditions {
		if a := p.askBothWorlds(fmt.Sprintf(`{
			children(where: {%s}) { totalCount }
			b: children(where: {caseFiles: {some: {risk: {eq: HIGH}}}, %[1]s}) { totalCount }
			i: interventions(where: {children: {some: {%[1]s}}}) { totalCount }
		}`, where), nil).RequireOK(); sumTotals(a.Data) != 0 {
			p.Errorf("%s finds rows by a masked cell: %s", where, a.Body)
		}
	}
}

// checkCountDifferences checks that a count does not change when a condition on a masked cell is added, nor when a
// hidden child is added. For an auditor, it also runs checkAuditsDoNotJoin.
func checkCountDifferences(p *worldPair) {
	whole := p.askBothWorlds(childCountsQuery, nil).RequireOK()
	if p.masksEveryChild() {
		n := whole.Int("children.totalCount")
		for _, where := range identifyingConditions {
			a := p.askBothWorlds(fmt.Sprintf(`{
				children(where: {not: {%s}}) { totalCount }
				u: children(where: {or: [{caseFiles: {some: {risk: {eq: HIGH}}}}, {%[1]s}]}) { totalCount }
				e: children(where: {caseFiles: {some: {risk: {eq: HIGH}}}}) { totalCount }
			}`, where), nil).RequireOK()
			if a.Int("children.totalCount") != n || a.Int("u.totalCount") != a.Int("e.totalCount") {
				p.Errorf("%d children, and without %s: %s", n, where, a.Body)
			}
		}
	}
	api := p.hubs[0]
	if _, err := api.SeedSession().Create(p.Context(), theModel.Entity("Child"), query.Input{
		"caseCode": "CNRY-new", "country": api.RowKey("Country", "iso2", "CD"),
		"birthDate": time.Date(2022, 2, 2, 0, 0, 0, 0, time.UTC), "sex": "female", "synthetic": true,
	}); err != nil {
		p.Fatal(err)
	}
	if after := p.askBothWorlds(childCountsQuery, nil); after.Body != whole.Body {
		p.Errorf("a hidden child changed the counts: %s, before %s", after.Body, whole.Body)
	}
	if p.role == access.Auditor {
		checkAuditsDoNotJoin(p)
	}
}

// checkAuditsDoNotJoin reads the same children under two grants, and checks that no id, code, cursor, time or version
// lets an auditor match their rows.
func checkAuditsDoNotJoin(p *worldPair) {
	api := p.newHub()
	first, second := p.callerAt(api), p.callerAt(api)
	first.Headers["Audit-Grant"] = first.Ask(`{auditGrants{nodes{id}}}`, nil).RequireOK().Text("auditGrants.nodes.0.id")
	second.Headers["Audit-Grant"] = createGrant(p.T, api, nil)
	// This child now has another version than the others, which would reveal it under both grants if it were shown.
	updateAsSeed(api, "Child", api.RowKey("Child", "caseCode", "BF-00007"), query.Input{"familyName": "Autre"})
	doc := `{
		children(first: 100, orderBy: [{field: CASE_CODE}]) {
			edges {
				cursor
				node {
					id caseCode version createdAt updatedAt sex nationality language birthDate
					place { code }
					caseFiles { edges { cursor node { id code version createdAt updatedAt openedOn } } }
				}
			}
		}
	}`
	firstNames := map[string]bool{} // ids, codes and cursors under the first grant
	for i, who := range []*apitest.Caller{first, second} {
		a := who.Ask(doc, nil).RequireOK()
		if a.Len("children.edges") != 100 {
			p.Fatal(a.Body)
		}
		for n := range 100 {
			at := fmt.Sprintf("children.edges.%d.", n)
			names := []string{a.Text(at + "cursor"), a.Text(at + "node.id"), a.Text(at + "node.caseCode")}
			rows := []string{at + "node."}
			for c := range a.Len(at + "node.caseFiles.edges") {
				to := fmt.Sprintf("%snode.caseFiles.edges.%d.", at, c)
				names = append(names, a.Text(to+"cursor"), a.Text(to+"node.id"), a.Text(to+"node.code"))
				rows = append(rows, to+"node.")
			}
			for _, name := range names {
				if i == 0 {
					firstNames[name] = true
				}
				if name == "" || i == 1 && firstNames[name] {
					p.Errorf("%q is shown under both grants", name)
				}
			}
			for _, row := range rows {
				for _, cell := range []string{
					"createdAt", "updatedAt", "sex", "nationality", "language", "birthDate", "place",
				} {
					if v := a.At(row + cell); v != nil {
						p.Errorf("%s is shown: %v", cell, v)
					}
				}
				version, day := a.Int(row+"version"), a.Text(row+"openedOn")
				if version != 1 || day != "" && !strings.HasSuffix(day, "-01") {
					p.Errorf("version %d, opened on %s", version, day)
				}
			}
		}
	}
}

// checkTinyBins counts in bins so small that one holds a single child. The bins are days and months of birth, which are
// masked, and the days on which a row was created or a case was opened, of which an auditor sees only the month.
func checkTinyBins(p *worldPair) {
	if !p.masksEveryChild() {
		return
	}
	for year := 2008; year <= 2023; year += 3 {
		doc := ""
		for month := 1; month <= 12; month++ {
			doc += fmt.Sprintf(
				`b%02d:children(where:{birthDate:{gte:"%d-%02[1]d-01",lte:"%[2]d-%02[1]d-28"}}){totalCount} `,
				month, year,
			)
		}
		if a := p.askBothWorlds("{"+doc+"}", nil).RequireOK(); sumTotals(a.Data) != 0 {
			p.Errorf("born in %d: %s", year, a.Body)
		}
	}
	if p.role != access.Auditor {
		return
	}
	a := p.askBothWorlds(`{
		made: children(where: {createdAt: {isNull: false}}) { totalCount }
		changed: caseFiles(where: {updatedAt: {gt: "2000-01-01T00:00:00Z"}}) { totalCount }
	}`, nil).RequireOK()
	if sumTotals(a.Data) != 0 {
		p.Errorf("a filter finds rows by the time of their creation or change: %s", a.Body)
	}
	all := p.askBothWorlds(`{
		caseFiles(where: {openedOn: {isNull: false}}) { totalCount }
		caseFile: caseFiles(first: 1, orderBy: [{field: OPENED_ON, direction: DESC}]) { nodes { openedOn } }
	}`, nil).RequireOK()
	ofMonth := 0
	month := all.Text("caseFile.nodes.0.openedOn")[:7]
	for day := 1; day <= 28; day++ {
		doc := fmt.Sprintf(`{caseFiles(where:{openedOn:{eq:"%s-%02d"}}){totalCount}}`, month, day)
		n := p.askBothWorlds(doc, nil).RequireOK().Int("caseFiles.totalCount")
		if day == 1 { // the first day stands for the whole month
			ofMonth = n
		} else if n != 0 {
			p.Errorf("a filter finds %d cases of one day: %s-%02d", n, month, day)
		}
	}
	if ofMonth < 2 || all.Int("caseFiles.totalCount") < ofMonth {
		p.Errorf("%d cases of a month: %s", ofMonth, all.Body)
	}
}
