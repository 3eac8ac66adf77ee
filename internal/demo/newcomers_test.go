package demo_test

import (
	"fmt"
	"testing"

	"rightshub/internal/apitest"
)

// What is asked for, submitted or not yet reviewed waits for somebody who may decide, and what must not be is refused.
func TestNewcomersDecide(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for _, c := range []struct{ email, purpose, list, where, move, to, want string }{
			{"coordinator.bf@demo", "", "indicatorValues", "state:{eq:SUBMITTED}", "IndicatorValueState", "APPROVED", ""},
			{"coordinator.cd@demo", "", "indicatorValues", "state:{eq:SUBMITTED},country:{iso2:{eq:\"CD\"}}", "IndicatorValueState", "APPROVED", "FORBIDDEN"}, // their own
			{"manager@demo", "", "indicatorValues", "state:{eq:SUBMITTED},country:{iso2:{eq:\"CD\"}}", "IndicatorValueState", "RETURNED", ""},
			{"agent.bf@demo", "", "indicatorValues", "state:{eq:DRAFT}", "IndicatorValueState", "SUBMITTED", ""},
			{"coordinator.bf@demo", "", "roleAssignments", "state:{eq:REQUESTED},role:{eq:\"field_agent\"}", "RoleAssignmentState", "APPROVED", ""},
			{"coordinator.bf@demo", "", "roleAssignments", "state:{eq:REQUESTED},role:{eq:\"case_supervisor\"}", "RoleAssignmentState", "APPROVED", "FORBIDDEN"}, // they asked for it
			{"admin@demo", "", "roleAssignments", "state:{eq:REQUESTED},role:{eq:\"case_supervisor\"}", "RoleAssignmentState", "APPROVED", ""},
			{"admin@demo", "", "users", "state:{eq:INVITED},country:{iso2:{eq:\"CD\"}}", "UserState", "ACTIVE", ""},
			{"privacy@demo", "", "auditGrants", "state:{eq:REQUESTED}", "AuditGrantState", "APPROVED", ""},
			{"privacy@demo", "", "auditGrants", "state:{eq:APPROVED},version:{eq:1}", "AuditGrantState", "ACTIVE", ""},
			{"privacy@demo", "", "subjectRequests", "state:{eq:VERIFIED}", "SubjectRequestState", "GRANTED", ""},
			{"coordinator.bf@demo", "", "emergencyAccesses", "state:{eq:OPENED}", "EmergencyAccessState", "JUSTIFIED", ""},
			{"coordinator.cd@demo", "", "deployments", "state:{eq:PREPARING}", "DeploymentState", "IN_COUNTRY", "INVALID"}, // not all checks are clear
			{"coordinator.bf@demo", "", "commitments", "country:{iso2:{eq:\"BF\"}},progress:{eq:PARTIAL}", "CommitmentProgress", "IMPLEMENTED", ""},
			{"supervisor.bf@demo", "services", "consents", "state:{eq:WITHDRAWN}", "ConsentState", "EXPIRED", "INVALID"}, // it stays so
		} {
			who := api.As(c.email, c.purpose)
			a := who.Ask(fmt.Sprintf(`{%s(first:1,where:{%s}){nodes{id version}}}`, c.list, c.where), nil).RequireOK()
			b := who.Ask(fmt.Sprintf(`mutation($id:ID!,$v:Int!){transition%s(input:{id:$id,version:$v,to:%s}){clientMutationId:__typename}}`, c.move, c.to),
				map[string]any{"id": a.Text(c.list + ".nodes.0.id"), "v": a.Int(c.list + ".nodes.0.version")})
			if b.Code() != c.want || a.Len(c.list+".nodes") != 1 {
				t.Errorf("%s moves %s to %s: %s %s, want %q", c.email, c.list, c.to, a.Body, b.Body, c.want)
			}
		}
	})
}

// The new rows lie where the people of the demonstration work.
func TestNewcomersFind(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for _, c := range []struct {
			email, purpose, list, where string
			want                        int
		}{
			{"coordinator.bf@demo", "", "children", "firstLevelPlace:{level:{eq:1}}", 280},
			{"protection.bf@demo", "services", "children", "firstLevelPlace:{level:{eq:1}}", 60},
			{"supervisor.bf@demo", "services", "children", "place:{level:{eq:2}}", 60},
			{"coordinator.cd@demo", "", "activities", "place:{level:{eq:2}}", 5},
			{"coordinator.bf@demo", "", "partnerContacts", "", 2},
			{"partner@demo", "", "partnerContacts", "", 1},
			{"privacy@demo", "", "retentionRules", "", 5},
			{"privacy@demo", "", "disposals", "", 3},
			{"privacy@demo", "", "emergencyAccesses", "state:{eq:OPENED}", 3},
			{"coordinator.bf@demo", "", "fundingLines", "", 14},
			{"coordinator.cd@demo", "", "commitmentEvidences", "", 1},
		} {
			if a := api.As(c.email, c.purpose).Ask(fmt.Sprintf(`{%s(where:{%s}){totalCount}}`, c.list, c.where), nil).RequireOK(); a.Int(c.list+".totalCount") != c.want {
				t.Errorf("%s finds %s of %s: %s, want %d", c.email, c.list, c.where, a.Body, c.want)
			}
		}
	})
}
