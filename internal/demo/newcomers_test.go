package demo_test

import (
	"fmt"
	"testing"

	"rightshub/internal/apitest"
)

// TestNewcomersDecide checks that the demonstration has rows which wait for a decision, that the people who may
// decide can, and that the rules refuse what they must.
func TestNewcomersDecide(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for _, c := range []struct{ email, purpose, list, where, machine, to, want string }{
			{"coordinator.bf@demo", "", "indicatorValues", `state:{eq:SUBMITTED}`,
				"IndicatorValueState", "APPROVED", ""},
			{"coordinator.cd@demo", "", "indicatorValues", `state:{eq:SUBMITTED},country:{iso2:{eq:"CD"}}`,
				"IndicatorValueState", "APPROVED", "FORBIDDEN"}, // they are the author
			{"manager@demo", "", "indicatorValues", `state:{eq:SUBMITTED},country:{iso2:{eq:"CD"}}`,
				"IndicatorValueState", "RETURNED", ""},
			{"agent.bf@demo", "", "indicatorValues", `state:{eq:DRAFT}`,
				"IndicatorValueState", "SUBMITTED", ""},
			{"coordinator.bf@demo", "", "roleAssignments", `state:{eq:REQUESTED},role:{eq:"field_agent"}`,
				"RoleAssignmentState", "APPROVED", ""},
			{"coordinator.bf@demo", "", "roleAssignments", `state:{eq:REQUESTED},role:{eq:"case_supervisor"}`,
				"RoleAssignmentState", "APPROVED", "FORBIDDEN"}, // they requested it
			{"admin@demo", "", "roleAssignments", `state:{eq:REQUESTED},role:{eq:"case_supervisor"}`,
				"RoleAssignmentState", "APPROVED", ""},
			{"admin@demo", "", "users", `state:{eq:INVITED},country:{iso2:{eq:"CD"}}`, "UserState", "ACTIVE", ""},
			{"privacy@demo", "", "auditGrants", `state:{eq:REQUESTED}`, "AuditGrantState", "APPROVED", ""},
			{"privacy@demo", "", "auditGrants", `state:{eq:APPROVED},version:{eq:1}`, "AuditGrantState", "ACTIVE", ""},
			{"privacy@demo", "", "subjectRequests", `state:{eq:VERIFIED}`, "SubjectRequestState", "GRANTED", ""},
			{"coordinator.bf@demo", "", "emergencyAccesses", `state:{eq:OPENED}`,
				"EmergencyAccessState", "JUSTIFIED", ""},
			{"coordinator.cd@demo", "", "deployments", `state:{eq:PREPARING}`,
				"DeploymentState", "IN_COUNTRY", "INVALID"}, // not all checks are clear
			{"coordinator.bf@demo", "", "commitments", `country:{iso2:{eq:"BF"}},progress:{eq:PARTIAL}`,
				"CommitmentProgress", "IMPLEMENTED", ""},
			{"supervisor.bf@demo", "services", "consents", `state:{eq:WITHDRAWN}`,
				"ConsentState", "EXPIRED", "INVALID"}, // withdrawn is a last state
		} {
			caller := api.As(c.email, c.purpose)
			query := fmt.Sprintf(`{ %s(first: 1, where: {%s}) { nodes { id version } } }`, c.list, c.where)
			found := caller.Ask(query, nil).RequireOK()
			mutation := fmt.Sprintf(`mutation ($id: ID!, $v: Int!) {
				transition%s(input: {id: $id, version: $v, to: %s}) { clientMutationId: __typename }
			}`, c.machine, c.to)
			moved := caller.Ask(mutation, map[string]any{
				"id": found.Text(c.list + ".nodes.0.id"),
				"v":  found.Int(c.list + ".nodes.0.version"),
			})
			if moved.Code() != c.want || found.Len(c.list+".nodes") != 1 {
				t.Errorf("%s moves %s to %s: %s %s, want %q", c.email, c.list, c.to, found.Body, moved.Body, c.want)
			}
		}
	})
}

// TestNewcomersFind checks that the people of the demonstration find rows in the countries and offices of their roles.
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
			query := fmt.Sprintf(`{ %s(where: {%s}) { totalCount } }`, c.list, c.where)
			a := api.As(c.email, c.purpose).Ask(query, nil).RequireOK()
			if a.Int(c.list+".totalCount") != c.want {
				t.Errorf("%s finds %s of %s: %s, want %d", c.email, c.list, c.where, a.Body, c.want)
			}
		}
	})
}
