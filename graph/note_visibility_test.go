package graph_test

import (
	"slices"
	"testing"

	"rightshub/internal/apitest"
)

// The visibility of a note says which people see it besides its author. These are nobody, all who work on the case, or
// the supervisor.
func TestNoteVisibility(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer, other := api.As("protection.bf@demo", "services"), api.As("agent.bf@demo", "services")
		supervisor := api.As("supervisor.bf@demo", "services")
		caseFile := officer.Ask(`query($owner: ID!) {
			caseFiles(first: 1, where: {owner: {id: {eq: $owner}}, status: {eq: OPEN}}) {
				nodes { id version country { id } }
			}
		}`, map[string]any{"owner": api.RowID("User", "email", "protection.bf@demo")}).RequireOK()
		id, country := caseFile.Text("caseFiles.nodes.0.id"), caseFile.Text("caseFiles.nodes.0.country.id")
		made := map[string]string{}
		for _, visibility := range []string{"AUTHOR_ONLY", "CASE_TEAM", "SUPERVISOR"} {
			made[visibility] = officer.Ask(`mutation($case: ID!, $country: ID!, $visibility: NoteVisibility!) {
				createNote(
					input: {caseFileId: $case, countryId: $country, body: "Synthetic.", visibility: $visibility}
				) {
					note { id }
				}
			}`, map[string]any{"case": id, "country": country, "visibility": visibility}).RequireOK().
				Text("createNote.note.id")
		}
		requireVisible := func(who *apitest.Caller, want ...string) {
			t.Helper()
			got := map[string]bool{}
			for visibility, note := range made {
				a := who.Ask(`query($id: ID!) {
					node(id: $id) { id }
					notes(where: {id: {eq: $id}}) { totalCount }
				}`, map[string]any{"id": note}).RequireOK()
				if got[visibility] = a.At("node") != nil; got[visibility] != (a.Int("notes.totalCount") == 1) {
					t.Error(a.Body)
				}
			}
			for visibility := range made {
				if got[visibility] != slices.Contains(want, visibility) {
					t.Errorf("%s: the note with visibility %s is visible: %v", who.Email, visibility, got[visibility])
				}
			}
		}
		requireVisible(officer, "AUTHOR_ONLY", "CASE_TEAM", "SUPERVISOR")
		requireVisible(supervisor, "CASE_TEAM", "SUPERVISOR")
		requireVisible(other)
		supervisor.Ask(`mutation($id: ID!, $v: Int!, $u: ID!) {
			updateCaseFile(input: {id: $id, version: $v, ownerId: $u}) { caseFile { id } }
		}`, map[string]any{
			"id": id,
			"v":  caseFile.Int("caseFiles.nodes.0.version"),
			"u":  api.RowID("User", "email", "agent.bf@demo"),
		}).RequireOK()
		requireVisible(other, "CASE_TEAM") // the agent is now responsible for the case
		requireVisible(officer, "AUTHOR_ONLY", "CASE_TEAM", "SUPERVISOR")
		for _, who := range []*apitest.Caller{other, supervisor} {
			if a := who.Ask(`mutation($id: ID!) {
				updateNote(input: {id: $id, version: 1, body: "Other."}) { note { id } }
			}`, map[string]any{"id": made["CASE_TEAM"]}); a.Code() != "FORBIDDEN" {
				t.Errorf("%s changes the note of another person: %s", who.Email, a.Body)
			}
		}
	})
}
