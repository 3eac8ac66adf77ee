package graph_test

import (
	"fmt"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// Nobody grants a role to themselves, a role with more rights than their own, or a role outside their countries. A
// second person approves each role.
func TestGranting(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who, admin := api.As("coordinator.bf@demo", ""), api.As("admin@demo", "")
		a := admin.Ask(`{
			users(where: {}, first: 20) { nodes { id email } }
			offices { nodes { id code } }
			countries(where: {iso2: {in: ["BF", "CD"]}}) { nodes { id } }
		}`, nil).RequireOK()
		id := func(path, field, value string) string {
			for i := range a.Len(path) {
				if a.Text(fmt.Sprintf("%s.%d.%s", path, i, field)) == value {
					return a.Text(fmt.Sprintf("%s.%d.id", path, i))
				}
			}
			t.Fatalf("%s has no node with the %s %s", path, field, value)
			return ""
		}
		for _, person := range []*apitest.Caller{who, admin} {
			own := person.Ask(`{viewer{user{roleAssignments{nodes{id version}}}}}`, nil).RequireOK()
			longer := person.Ask(`mutation($id: ID!) {
				updateRoleAssignment(input: {id: $id, version: 1, validUntil: "2090-01-01T00:00:00Z"}) {
					roleAssignment { id }
				}
			}`, map[string]any{"id": own.Text("viewer.user.roleAssignments.nodes.0.id")})
			if longer.Code() != "FORBIDDEN" {
				t.Errorf("%s extends their own role: %s", person.Email, longer.Body)
			}
		}
		grant := `mutation($in: CreateRoleAssignmentInput!) {
			createRoleAssignment(input: $in) { roleAssignment { id version state grantedBy { id } } }
		}`
		agent, self := id("users.nodes", "email", "agent.bf@demo"), id("users.nodes", "email", "coordinator.bf@demo")
		office, otherOffice := id("offices.nodes", "code", "OFF-BF-OUA"), id("offices.nodes", "code", "OFF-CD-KIN")
		bf, cd := a.Text("countries.nodes.0.id"), a.Text("countries.nodes.1.id")
		for name, c := range map[string]struct {
			in   map[string]any
			want string
		}{
			"to oneself": {
				map[string]any{"userId": self, "role": "field_agent", "officeIds": []string{office}}, "FORBIDDEN",
			},
			"more than one's own": {map[string]any{"userId": agent, "role": "platform_admin"}, "INVALID"},
			"another office": {
				map[string]any{"userId": agent, "role": "field_agent", "officeIds": []string{otherOffice}}, "INVALID",
			},
			"another country": {map[string]any{
				"userId": agent, "role": "case_supervisor", "countryIds": []string{bf, cd},
			}, "INVALID"},
			"everywhere": {
				map[string]any{"userId": agent, "role": "field_agent", "everywhere": true}, "INVALID",
			},
			"a hidden person": {map[string]any{
				"userId": id("users.nodes", "email", "coordinator.cd@demo"), "role": "field_agent",
			}, "INVALID"},
			"as it should be": {map[string]any{
				"userId": agent, "role": "case_supervisor", "officeIds": []string{office}, "countryIds": []string{bf},
			}, ""},
		} {
			got := who.Ask(grant, map[string]any{"in": c.in})
			if got.Code() != c.want {
				t.Errorf("%s: %s, want %q", name, got.Body, c.want)
			}
			if c.want != "" {
				continue
			}
			move := `mutation($id: ID!, $v: Int!, $to: RoleAssignmentState!) {
				transitionRoleAssignmentState(input: {id: $id, version: $v, to: $to}) {
					roleAssignment { state approvedBy { id } }
				}
			}`
			row := got.Text("createRoleAssignment.roleAssignment.id")
			if b := who.Ask(move, map[string]any{"id": row, "v": 1, "to": "APPROVED"}); b.Code() != "FORBIDDEN" {
				t.Errorf("approved by the person who requested it: %s", b.Body)
			}
			supervisor := api.As("agent.bf@demo", "services")
			countChildren := func() int {
				return supervisor.Ask(`{children{totalCount}}`, nil).RequireOK().Int("children.totalCount")
			}
			before := countChildren()
			admin.Ask(move, map[string]any{"id": row, "v": 1, "to": "APPROVED"}).RequireOK()
			admin.Ask(move, map[string]any{"id": row, "v": 2, "to": "ACTIVE"}).RequireOK()
			if after := countChildren(); before != 120 || after != 600 {
				t.Errorf("the next request after the grant sees %d children, before %d", after, before)
			}
			admin.Ask(move, map[string]any{"id": row, "v": 3, "to": "REVOKED"}).RequireOK()
			if after := countChildren(); after != 120 {
				t.Errorf("the next request after the revocation sees %d children", after)
			}
		}
	})
}

// Only a person who could request a role may approve or activate it. A request by a person with more rights does not
// extend the approver's rights.
func TestApprovingRoles(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		coordinator, admin := api.As("coordinator.bf@demo", ""), api.As("admin@demo", "")
		id := api.RowID
		bf := id("Country", "iso2", "BF")
		cd := id("Country", "iso2", "CD")
		here := id("Office", "code", "OFF-BF-OUA")
		away := id("Office", "code", "OFF-CD-KIN")
		move := func(who *apitest.Caller, id string, version int, to string) string {
			return who.Ask(`mutation($id: ID!, $v: Int!, $to: RoleAssignmentState!) {
				transitionRoleAssignmentState(input: {id: $id, version: $v, to: $to}) { roleAssignment { state } }
			}`, map[string]any{"id": id, "v": version, "to": to}).Code()
		}
		for name, c := range map[string]struct {
			in   map[string]any
			want string
		}{
			"more than one's own": {map[string]any{"role": "platform_admin", "everywhere": true}, "FORBIDDEN"},
			"everywhere":          {map[string]any{"role": "field_agent", "everywhere": true}, "FORBIDDEN"},
			"another country":     {map[string]any{"role": "field_agent", "countryIds": []string{bf, cd}}, "FORBIDDEN"},
			"another office": {
				map[string]any{"role": "field_agent", "officeIds": []string{here, away}}, "FORBIDDEN",
			},
			"as it should be": {map[string]any{
				"role": "case_supervisor", "countryIds": []string{bf}, "officeIds": []string{here},
				"purposes": []string{"services"},
			}, ""},
		} {
			c.in["userId"] = id("User", "email", "agent.bf@demo")
			row := admin.Ask(`mutation($in: CreateRoleAssignmentInput!) {
				createRoleAssignment(input: $in) { roleAssignment { id } }
			}`, map[string]any{"in": c.in}).RequireOK().Text("createRoleAssignment.roleAssignment.id")
			version := 1
			for _, to := range []string{"APPROVED", "ACTIVE"} {
				if got := move(coordinator, row, version, to); got != c.want {
					t.Errorf("%s, %s: %q, want %q", name, to, got, c.want)
				}
				if c.want != "" && to == "APPROVED" { // as if another administrator had approved it
					dbtest.ExecAsOwner(t, api.Hub.DB(), fmt.Sprintf(
						`UPDATE role_assignments SET state = 'approved'
						 WHERE version = 1 AND state = 'requested' AND role = '%s'`, c.in["role"],
					))
					continue
				}
				version++
			}
		}
	})
}
