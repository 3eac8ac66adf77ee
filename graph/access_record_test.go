package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// readAccessRecord returns a summary of each entry in the record of access, as the data protection officer reads it.
// A summary holds the entity, the decision, the purpose and the numbers of rows, clear cells and subjects, followed by
// the capacity in which the caller acted.
func readAccessRecord(api *apitest.API) (lines []string) {
	a := api.As("privacy@demo", "").Ask(`{
		accessEvents(first: 100) {
			nodes {
				sequence actor capacity purpose operationHash entity decision policyVersion subjects
				rows clearCells masked
			}
		}
	}`, nil).RequireOK()
	for _, n := range a.At("accessEvents.nodes").([]any) {
		e := n.(map[string]any)
		text, err := json.Marshal([]any{
			e["entity"], e["decision"], e["purpose"], e["rows"], e["clearCells"], len(e["subjects"].([]any)),
		})
		if err != nil {
			api.Fatal(err)
		}
		if e["actor"] == "" || e["operationHash"] == "" || e["policyVersion"] == "" || len(e["masked"].([]any)) > 0 {
			text = append(text, " is incomplete"...)
		}
		lines = append(lines, string(text)+" "+e["capacity"].(string))
	}
	return lines
}

// A read that shows values which identify a child, or that finds children by such values, is in the record of access
// before the answer is sent. A read that shows no such value is not recorded.
func TestReadsAreRecorded(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer := api.As("protection.bf@demo", "services")
		for _, c := range []struct{ document, line string }{
			{`{children(first:2){nodes{id caseCode ageBand}}}`, ""}, // these fields identify no child
			{
				`{children(first:2){nodes{givenName familyName}}}`,
				`["Child","shown","services",1,2,1] child_protection_officer`,
			},
			{
				`{caseFiles(first:1){nodes{code child{givenName}}}}`,
				`["Child","shown","services",1,1,1] child_protection_officer`,
			},
			{
				`{children(where:{sex:{eq:FEMALE}}){totalCount}}`,
				`["Child","sought","services",0,0,0] child_protection_officer`,
			},
			{
				`{children(first:1,orderBy:[{field:BIRTH_DATE}]){nodes{id}}}`,
				`["Child","sought","services",1,0,1] child_protection_officer`,
			},
			{
				`{caseFiles(first:1,where:{child:{sex:{eq:FEMALE}}}){nodes{id}}}`,
				`["CaseFile","sought","services",1,0,1] child_protection_officer`,
			},
			{
				`{places(first:1,where:{children:{some:{}}}){nodes{id}}}`,
				`["Place","sought","services",0,0,0] child_protection_officer`,
			},
			{
				`{places(first:1,orderBy:[{field:CHILDREN_COUNT}]){nodes{id}}}`,
				`["Place","sought","services",1,0,1] child_protection_officer`,
			},
			{
				`{places(first:1){nodes{children(first:1){nodes{caseCode}}}}}`,
				`["Child","sought","services",0,0,0] child_protection_officer`,
			},
			{
				`{places(first:1){nodes{children{totalCount}}}}`,
				`["Child","sought","services",0,0,0] child_protection_officer`,
			},
		} {
			before := len(readAccessRecord(api))
			officer.Ask(c.document, nil).RequireOK()
			got := strings.Join(readAccessRecord(api)[before:], "; ")
			if !strings.HasPrefix(got, c.line) || (c.line == "") != (got == "") {
				t.Errorf("%s is recorded as %q, want %q", c.document, got, c.line)
			}
		}
		before := len(readAccessRecord(api))
		for _, who := range []*apitest.Caller{
			api.As("protection.bf@demo", ""), api.As("coordinator.bf@demo", ""), api.As("volunteer@demo", ""),
		} {
			who.Ask(`{
				children(first: 5, where: {sex: {eq: FEMALE}}) { totalCount nodes { givenName birthDate } }
			}`, nil).RequireOK()
		}
		if got := readAccessRecord(api)[before:]; len(got) > 0 {
			t.Errorf("reads that show no identifying value are recorded: %q", got)
		}
	})
}

// A read that cannot be recorded fails and shows nothing.
func TestUnrecordedIsRefused(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer := api.As("protection.bf@demo", "services")
		dbtest.ExecAsOwner(t, api.Hub.DB(), "ALTER TABLE access_events RENAME TO taken_away")
		a := officer.Ask(`{children(first:2){nodes{givenName}}}`, nil)
		if a.Code() != "INTERNAL" || strings.Contains(a.Body, "givenName\":\"") {
			t.Errorf("shown without a record: %s", a.Body)
		}
		officer.Ask(`{children(first:2){nodes{ageBand}}}`, nil).RequireOK()
	})
}
