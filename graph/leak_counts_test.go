package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/query"
)

// rolesWithoutChildren are the roles that know children as numbers in tables, or not at all: there are no tables yet, so no count.
var rolesWithoutChildren = []string{"programme_manager", "platform_admin", "volunteer", "donor", "data_protection_officer", "integration", "public"}

// childCountsQuery are the ways to a count about children: of lists, at the root and beneath others, and of what has some.
const childCountsQuery = `{children{totalCount} caseFiles{totalCount} caseServices{totalCount} bestInterestsProcedures{totalCount} referrals{totalCount}
	c:countries(where:{children:{some:{}}}){totalCount} o:offices(where:{caseFiles:{count:{gte:1}}}){totalCount} i:interventions(where:{children:{count:{gte:1}}}){totalCount}
	countries(first:100){nodes{children{totalCount} caseFiles{totalCount}}} offices(first:100){nodes{caseFiles{totalCount}}}
	h:children(where:{caseFiles:{some:{risk:{eq:HIGH}}}}){totalCount} r:caseFiles(where:{risk:{eq:HIGH},child:{caseFiles:{count:{gte:1}}}}){totalCount}}`

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

// identifyingConditions are conditions on cells that identify a child together with others. Of nobody to whom they are masked do they
// find a child.
var identifyingConditions = []string{`sex:{eq:FEMALE}`, `sex:{eq:MALE}`, `sex:{eq:OTHER}`, `sex:{eq:UNKNOWN}`, `sex:{isNull:false}`, `nationality:{isNull:false}`, `nationality:{hasPrefix:"B"}`, `language:{isNull:false}`,
	`birthDate:{isNull:false}`, `birthDate:{gte:"2015-01-01"}`, `birthDateEstimated:{eq:true}`, `birthDateEstimated:{eq:false}`, `place:{code:{isNull:false}}`}

// masksEveryChild reports whether no child shows the watcher who it is.
func (p *worldPair) masksEveryChild() bool {
	return !slices.Contains([]string{"child_protection_officer", "case_supervisor"}, p.role)
}

// checkSmallCells holds that no count, large or small, is told of children whose rows are hidden, and none that a masked cell makes.
func checkSmallCells(p *worldPair) {
	a := p.askBothWorlds(childCountsQuery, nil).RequireOK()
	if none := slices.Contains(rolesWithoutChildren, p.role); (sumTotals(a.Data) == 0) != none {
		p.Errorf("counts of children: %s", a.Body)
	}
	if !p.masksEveryChild() {
		return
	}
	for _, where := range identifyingConditions {
		if a := p.askBothWorlds(fmt.Sprintf(`{children(where:{%s}){totalCount} b:children(where:{caseFiles:{some:{risk:{eq:HIGH}}},%[1]s}){totalCount} i:interventions(where:{children:{some:{%[1]s}}}){totalCount}}`, where), nil).RequireOK(); sumTotals(a.Data) != 0 {
			p.Errorf("a cell of %s: %s", where, a.Body)
		}
	}
}

// checkCountDifferences asks for a set, and for the set without what a masked cell says: nothing is between them. Nor is there
// between a moment and the next, in which a hidden child came. What joins the rows of two audits: auditsJoin.
func checkCountDifferences(p *worldPair) {
	whole := p.askBothWorlds(childCountsQuery, nil).RequireOK()
	if p.masksEveryChild() {
		n := whole.Int("children.totalCount")
		for _, where := range identifyingConditions {
			if a := p.askBothWorlds(fmt.Sprintf(`{children(where:{not:{%s}}){totalCount} u:children(where:{or:[{caseFiles:{some:{risk:{eq:HIGH}}}},{%[1]s}]}){totalCount} e:children(where:{caseFiles:{some:{risk:{eq:HIGH}}}}){totalCount}}`, where), nil).RequireOK(); a.Int("children.totalCount") != n || a.Int("u.totalCount") != a.Int("e.totalCount") {
				p.Errorf("%d children, and without %s: %s", n, where, a.Body)
			}
		}
	}
	api := p.hubs[0]
	if _, err := api.SeedSession().Create(p.Context(), inventory.Model.Entity("Child"), query.Input{"caseCode": "CNRY-new", "country": api.RowKey("Country", "iso2", "CD"), "birthDate": time.Date(2022, 2, 2, 0, 0, 0, 0, time.UTC), "sex": "female", "synthetic": true}); err != nil {
		p.Fatal(err)
	}
	if after := p.askBothWorlds(childCountsQuery, nil); after.Body != whole.Body {
		p.Errorf("a hidden child came: %s, before %s", after.Body, whole.Body)
	}
	if p.role == access.Auditor {
		checkAuditsDoNotJoin(p)
	}
}

// checkAuditsDoNotJoin reads the same children under two grants: no name, code, cursor, time or version joins them.
func checkAuditsDoNotJoin(p *worldPair) {
	api := p.newHub()
	first, second := p.callerAt(api), p.callerAt(api)
	first.Headers["Audit-Grant"] = first.Ask(`{auditGrants{nodes{id}}}`, nil).RequireOK().Text("auditGrants.nodes.0.id")
	second.Headers["Audit-Grant"] = createGrant(p.T, api, nil)
	// numbers that would tell two children apart, were they shown
	updateAsSeed(api, "Child", api.RowKey("Child", "caseCode", "BF-00007"), query.Input{"familyName": "Autre"})
	doc := `{children(first:100,orderBy:[{field:CASE_CODE}]){edges{cursor node{id caseCode version createdAt updatedAt sex nationality language birthDate place{code} caseFiles{edges{cursor node{id code version createdAt updatedAt openedOn}}}}}}}`
	told := map[string]bool{}
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
				names, rows = append(names, a.Text(to+"cursor"), a.Text(to+"node.id"), a.Text(to+"node.code")), append(rows, to+"node.")
			}
			for _, name := range names {
				if i == 0 {
					told[name] = true
				}
				if name == "" || i == 1 && told[name] {
					p.Errorf("%q is told under both grants", name)
				}
			}
			for _, row := range rows {
				for _, cell := range []string{"createdAt", "updatedAt", "sex", "nationality", "language", "birthDate", "place"} {
					if v := a.At(row + cell); v != nil {
						p.Errorf("%s is told: %v", cell, v)
					}
				}
				if day := a.Text(row + "openedOn"); a.Int(row+"version") != 1 || day != "" && !strings.HasSuffix(day, "-01") {
					p.Errorf("version %d, opened on %s", a.Int(row+"version"), day)
				}
			}
		}
	}
}

// checkTinyBins asks for series of bins so small that one holds a child: by days and months of birth, which are masked, and by days
// on which a row was made or a case opened, of which an auditor knows months.
func checkTinyBins(p *worldPair) {
	if !p.masksEveryChild() {
		return
	}
	for year := 2008; year <= 2023; year += 3 {
		doc := ""
		for month := 1; month <= 12; month++ {
			doc += fmt.Sprintf(`b%02d:children(where:{birthDate:{gte:"%d-%02[1]d-01",lte:"%[2]d-%02[1]d-28"}}){totalCount} `, month, year)
		}
		if a := p.askBothWorlds("{"+doc+"}", nil).RequireOK(); sumTotals(a.Data) != 0 {
			p.Errorf("born in %d: %s", year, a.Body)
		}
	}
	if p.role != access.Auditor {
		return
	}
	a := p.askBothWorlds(`{made:children(where:{createdAt:{isNull:false}}){totalCount} changed:caseFiles(where:{updatedAt:{gt:"2000-01-01T00:00:00Z"}}){totalCount}}`, nil).RequireOK()
	if sumTotals(a.Data) != 0 {
		p.Errorf("rows by the time at which they were made: %s", a.Body)
	}
	all, within := p.askBothWorlds(`{caseFiles(where:{openedOn:{isNull:false}}){totalCount} caseFile:caseFiles(first:1,orderBy:[{field:OPENED_ON,direction:DESC}]){nodes{openedOn}}}`, nil).RequireOK(), 0
	month := all.Text("caseFile.nodes.0.openedOn")[:7]
	for day := 1; day <= 28; day++ {
		n := p.askBothWorlds(fmt.Sprintf(`{caseFiles(where:{openedOn:{eq:"%s-%02d"}}){totalCount}}`, month, day), nil).RequireOK().Int("caseFiles.totalCount")
		if day == 1 {
			within = n
		} else if n != 0 {
			p.Errorf("%d cases of one day: %s-%02d", n, month, day)
		}
	}
	if within < 2 || all.Int("caseFiles.totalCount") < within {
		p.Errorf("%d cases of a month: %s", within, all.Body)
	}
}
