package graph_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/policycheck"
	"rightshub/policies"
)

// translatorLines are all that a new role needs in roles.csv.
const translatorLines = `
grant, platform_admin, translator, global
grant, country_coordinator, translator, country
p, translator, Setting, read, global, C1, -, allow
`

// translatorStory is all that a new role needs beside its lines.
const translatorStory = `
- story: A translator reads the settings, and nothing about people
  role: translator
  holds: {country: BF}
  may:
    - {do: read, of: Setting, level: C1}
  may not:
    - {do: create update delete approve export aggregate, of: Setting}
    - {do: anything, of: rest, row: {country: BF, assigned: me, self: me}}
`

// policiesWithTranslator returns a copy of the project's policies with a role that is not in the program.
func policiesWithTranslator(t *testing.T) fs.FS {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, policies.Files); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"roles.csv": translatorLines, "cases/outside.yaml": translatorStory} {
		path := filepath.Join(dir, name)
		before, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, append(before, text...), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return os.DirFS(dir)
}

// A new role needs lines of roles.csv and a story, and no change of the program.
func TestNewRoleNeedsOnlyPolicies(t *testing.T) {
	files := policiesWithTranslator(t)
	policy, err := access.Load(files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := policycheck.Check(policy, files); err != nil || len(problems) > 0 {
		t.Errorf("policy check finds %v, %v", problems, err)
	}
	var matrix strings.Builder
	if err := policycheck.WriteMatrix(&matrix, policy); err != nil {
		t.Fatal(err)
	}
	const row = "translator country_coordinator country, platform_admin global - - -"
	if text := strings.Join(strings.Fields(matrix.String()), " "); !strings.Contains(text, row) {
		t.Errorf("the matrix does not list %q", row)
	}
	apitest.OnEachDatabase(t, func(t *testing.T, builtIn *apitest.API) {
		api := apitest.NewUnderPolicies(t, builtIn.Hub.DB(), files)
		agent, admin := api.As("agent.bf@demo", ""), api.As("admin@demo", "")
		countSettings := func() int {
			return agent.Ask(`{ settings { totalCount } }`, nil).RequireOK().Int("settings.totalCount")
		}
		if n := countSettings(); n != 0 {
			t.Fatalf("a field agent sees %d settings", n)
		}
		grant := func(api *apitest.API, country string) *apitest.Answer {
			return api.As("coordinator.bf@demo", "").Ask(`mutation($in: CreateRoleAssignmentInput!) {
				createRoleAssignment(input: $in) { roleAssignment { id } }
			}`, map[string]any{"in": map[string]any{
				"userId":     api.RowID("User", "email", "agent.bf@demo"),
				"role":       "translator",
				"countryIds": []string{api.RowID("Country", "iso2", country)},
			}})
		}
		if a := grant(builtIn, "BF"); a.Code() != "INVALID" || !strings.Contains(a.Body, "you may grant platform_admin, ") {
			t.Errorf("a role without lines: %s", a.Body)
		}
		if a := grant(api, "CD"); a.Code() != "INVALID" || !strings.Contains(a.Body, "beyond your own countries") {
			t.Errorf("the new role in another country: %s", a.Body)
		}
		row := grant(api, "BF").RequireOK().Text("createRoleAssignment.roleAssignment.id")
		move := func(who *apitest.Caller, version int, to string) *apitest.Answer {
			return moveRole(who, row, version, to)
		}
		move(admin, 1, "APPROVED").RequireOK()
		move(admin, 2, "ACTIVE").RequireOK()
		if n := countSettings(); n == 0 {
			t.Error("a translator sees no settings")
		}
		move(api.As("coordinator.bf@demo", ""), 3, "REVOKED").RequireOK()
		if n := countSettings(); n != 0 {
			t.Errorf("after the end of the role, its holder sees %d settings", n)
		}
	})
}

// moveRole changes the state of a role assignment.
func moveRole(who *apitest.Caller, id string, version int, to string) *apitest.Answer {
	who.Helper()
	return who.Ask(`mutation($id: ID!, $v: Int!, $to: RoleAssignmentState!) {
		transitionRoleAssignmentState(input: {id: $id, version: $v, to: $to}) { roleAssignment { state } }
	}`, map[string]any{"id": id, "v": version, "to": to})
}

// A caller for whose roles no line says what they grant grants nothing. A role that nobody grants any more is ended by
// the roles that end any role, and by nobody else.
func TestRolesWithoutGrantLines(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, builtIn *apitest.API) {
		const line = "p, programme_manager, RoleAssignment, read+create, country, C2, -, allow"
		api := apitest.NewUnderPolicies(t, builtIn.Hub.DB(), apitest.PoliciesWithLines(t, line))
		in := map[string]any{
			"userId":     api.RowID("User", "email", "agent.bf@demo"),
			"role":       "case_supervisor",
			"countryIds": []string{api.RowID("Country", "iso2", "BF")},
		}
		request := `mutation($in: CreateRoleAssignmentInput!) {
			createRoleAssignment(input: $in) { roleAssignment { id } }
		}`
		a := api.As("manager@demo", "").Ask(request, map[string]any{"in": in})
		if a.Code() != "INVALID" || !strings.Contains(a.Body, "you may grant no role.") {
			t.Errorf("a caller without grant lines: %s", a.Body)
		}
		coordinator := api.As("coordinator.bf@demo", "")
		row := coordinator.Ask(request, map[string]any{"in": in}).RequireOK().
			Text("createRoleAssignment.roleAssignment.id")
		dbtest.ExecAsOwner(t, api.Hub.DB(), `UPDATE role_assignments SET role = 'retired_role'
			WHERE version = 1 AND state = 'requested' AND role = 'case_supervisor'`)
		if a := moveRole(coordinator, row, 1, "REVOKED"); a.Code() != "FORBIDDEN" {
			t.Errorf("a coordinator ends a role that nobody grants: %s", a.Body)
		}
		moveRole(api.As("admin@demo", ""), row, 1, "REVOKED").RequireOK()
	})
}
