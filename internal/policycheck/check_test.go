package policycheck_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"rightshub/internal/access"
	"rightshub/internal/policycheck"
)

// TestProblems makes one mistake of each kind and checks that Check reports it with its file and line.
func TestProblems(t *testing.T) {
	const roles, children, outside, tasks = "roles.csv", "cases/children.yaml", "cases/outside.yaml", "cases/tasks.yaml"
	for name, c := range map[string]struct {
		file, before, after string // the change that makes the mistake
		in, at, want        string // the problem's file, the beginning of its line, and a part of its text
	}{
		"scope of nobody": {
			file:   roles,
			before: "\n# Tasks",
			after:  "p, everyone, Child, read, country, C0, -, allow\n# Tasks",
			in:     roles,
			at:     "p, everyone, Child",
			want:   `nothing of the scope "country"`,
		},
		"scope that one of a group lacks": {
			file:   roles,
			before: "\n# Tasks",
			after:  "p, donor, reference, read, intervention, C0, -, allow\n# Tasks",
			in:     roles,
			at:     "p, donor, reference",
			want:   `Region has no scope "intervention"`,
		},
		"unknown role": {
			file:   roles,
			before: "\n# Tasks",
			after:  "p, tourist, Region, read, global, C0, -, allow\n# Tasks",
			in:     roles,
			at:     "p, tourist",
			want:   `no role "tourist"`,
		},
		"granted role without rights": {
			file:   roles,
			before: "\nend, platform_admin",
			after:  "\ngrant, platform_admin, tourist, global\nend, platform_admin",
			in:     roles,
			at:     "grant, platform_admin, tourist",
			want:   "no policy line is about the role tourist",
		},
		"grantor without rights": {
			file:   roles,
			before: "\nend, platform_admin",
			after:  "\ngrant, tourist, donor, global\nend, platform_admin",
			in:     roles,
			at:     "grant, tourist",
			want:   "no policy line is about the role tourist, which is to grant roles",
		},
		"grantor that creates no assignment": {
			file:   roles,
			before: "\nend, platform_admin",
			after:  "\ngrant, donor, donor, global\nend, platform_admin",
			in:     roles,
			at:     "grant, donor",
			want:   "donor may not create a RoleAssignment",
		},
		"creator of assignments that grants no role": {
			file:   roles,
			before: "\n# Tasks",
			after:  "p, donor, RoleAssignment, create, country, C2, -, allow\n# Tasks",
			in:     roles,
			at:     "p, donor, RoleAssignment",
			want:   "no line says of which roles",
		},
		"granted everywhere and in a country": {
			file:   roles,
			before: "\nend, platform_admin",
			after:  "\ngrant, country_coordinator, volunteer, global\nend, platform_admin",
			in:     roles,
			at:     "grant, country_coordinator, volunteer, country",
			want:   "says all of this already; delete one of the two",
		},
		"ended by a role that grants it": {
			file:   roles,
			before: "\nend, platform_admin",
			after:  "\nend, country_coordinator, volunteer, country\nend, platform_admin",
			in:     roles,
			at:     "end, country_coordinator",
			want:   "says all of this already; delete one of the two",
		},
		"granted in a country with rights in all": {
			file:   roles,
			before: "\nend, platform_admin",
			after:  "\ngrant, country_coordinator, data_protection_officer, country\nend, platform_admin",
			in:     roles,
			at:     "grant, country_coordinator, data_protection_officer",
			want:   "gives data_protection_officer rights in every country",
		},
		"ended only by those who grant it": {
			file:   roles,
			before: "\nsuspend, data_protection_officer, any, global",
			after:  "",
			in:     roles,
			at:     "grant, platform_admin, platform_admin, global",
			want:   "only the roles that grant platform_admin may end it",
		},
		"need of a role that nobody grants": {
			file:   roles,
			before: "\n# Everyone",
			after:  "needs, auditor, deployment\n# Everyone",
			in:     roles,
			at:     "needs, auditor",
			want:   "nobody grants the role auditor",
		},
		"purposes of nobody": {
			file:   roles,
			before: "\n# Everyone",
			after:  "g2, system_none, services\n# Everyone",
			in:     roles,
			at:     "g2, system_none",
			want:   "no policy line is about the role system_none",
		},
		"shadowed": {
			file:   roles,
			before: "\n# Tasks",
			after:  "p, donor, Office, read, country, C0, -, allow\n# Tasks",
			in:     roles,
			at:     "p, donor, Office, read, country",
			want:   "says all of this already",
		},
		"shadowed by an easier condition": {
			file:   roles,
			before: "\n# Tasks",
			after:  "p, case_supervisor, Consent, read, office, C3, consent, allow\n# Tasks",
			in:     roles,
			at:     "p, case_supervisor, Consent, read, office, C3, consent",
			want:   "says all of this already",
		},
		"condition below C3": {
			file:   roles,
			before: "Child, read, referred, C3, shared",
			after:  "Child, read, referred, C2, shared",
			in:     roles,
			at:     "p, partner_focal_point, Child, read",
			want:   `condition "shared" is about C3`,
		},
		"condition that is never met": {
			file:   roles,
			before: "\n# Tasks",
			after:  "p, donor, Deployment, read, intervention, C3, purpose, allow\n# Tasks",
			in:     roles,
			at:     "p, donor, Deployment",
			want:   "never met",
		},
		"entity that nobody reads": {
			file:   roles,
			before: "p, data_protection_officer, RetentionRule, read+create",
			after:  "p, data_protection_officer, RetentionRule, create",
			in:     roles,
			at:     "p, data_protection_officer, RetentionRule",
			want:   "no line lets anybody read RetentionRule",
		},
		"class that nobody reads": {
			file:   roles,
			before: "p, volunteer, Volunteer, read, self, C3",
			after:  "p, volunteer, Volunteer, read, self, C2",
			in:     roles,
			at:     "p, programme_manager, people",
			want:   "the class C3 direct of Volunteer in clear",
		},
		"pair without a story": {
			file:   outside,
			before: "    - {do: anything, of: rest, row: {country: BF}}\n",
			after:  "",
			in:     roles,
			at:     "p, public, reference",
			want:   "no story says whether public may read or write Activity",
		},
		"role without a may not": {
			file: tasks,
			before: "  may not:\n" +
				"    - {do: delete, of: User RoleAssignment}\n" +
				"    - {do: update, of: RoleAssignment}\n" +
				"    - {do: approve export aggregate, of: User RoleAssignment}\n" +
				"    - {do: anything, of: User RoleAssignment, level: C3}\n" +
				"    - {do: anything, of: cases programme people}\n" +
				"    - {do: anything, of: rest}\n",
			after: "",
			in:    roles,
			at:    "p, system_identity, User",
			want:  "no story says what system_identity may not do",
		},
		"allowed and untold": {
			file:   tasks,
			before: "Setting}",
			after:  "AccessToken}",
			in:     roles,
			at:     "p, system_seed, Setting",
			want:   "and no story says so",
		},
		"contradiction": {
			file:   children,
			before: "{do: read, of: cases, row: {emergency: Amina}, level: C3}",
			after:  "{do: read export, of: cases, row: {emergency: Amina}, level: C3}",
			in:     children,
			at:     "- {do: read export, of: cases",
			want:   "export of Child",
		},
		"story about nobody": {
			file:   tasks,
			before: "role: system_import",
			after:  "role: system_imports",
			in:     tasks,
			at:     "- story: The import",
			want:   `the role "system_imports"`,
		},
		"story of no purpose": {
			file:   children,
			before: "purpose: tracing",
			after:  "purpose: curiosity",
			in:     children,
			at:     "- story: In an emergency, a case supervisor",
			want:   `no purpose "curiosity"`,
		},
		"story of no holding": {
			file:   outside,
			before: "holds: {intervention: Justice}",
			after:  "holds: {galaxy: Justice}",
			in:     outside,
			at:     "- story: A donor",
			want:   `nobody can hold "galaxy"`,
		},
		"story of no entity": {
			file:   tasks,
			before: "of: AccessEvent AccessToken",
			after:  "of: AccessEvents",
			in:     tasks,
			at:     "- {do: anything, of: AccessEvents",
			want:   `no group "AccessEvents"`,
		},
		"story of no action": {
			file:   tasks,
			before: "do: delete, of: User RoleAssignment",
			after:  "do: remove, of: User",
			in:     tasks,
			at:     "- {do: remove",
			want:   `no action "remove"`,
		},
		"story of no scope": {
			file:   outside,
			before: "row: {referred: Other, partner: Keogo}",
			after:  "row: {galaxy: Other}",
			in:     outside,
			at:     "- {do: read, of: Child, row: {galaxy",
			want:   `no scope "galaxy"`,
		},
		"story of no class": {
			file:   outside,
			before: "level: C3} # the fields that the referral shares",
			after:  "level: C4} # the fields that the referral shares",
			in:     outside,
			at:     "- {do: read, of: Child, row: {referred: Keogo}, level: C4",
			want:   `"C4"`,
		},
		"story that says nothing": {
			file:   outside,
			before: "{do: update, of: Child, row: {referred: Keogo}}",
			after:  "{of: Child}",
			in:     outside,
			at:     "- {of: Child}",
			want:   "says nothing",
		},
		"rights beside the others": {
			file:   roles,
			before: "\n# Tasks",
			after:  "p, donor, Child, read, intervention, C0, -, allow\n# Tasks",
			in:     outside,
			at:     "- {do: anything, of: cases Note Activity",
			want:   "read of Child",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := projectFiles(t)
			replaceInFile(t, f, c.file, c.before, c.after)
			want := fmt.Sprintf("policies/%s line %d: ", c.in, lineNumber(t, f, c.in, c.at))
			found := checkProblems(t, f)
			isWanted := func(p string) bool { return strings.HasPrefix(p, want) && strings.Contains(p, c.want) }
			if !slices.ContainsFunc(found, isWanted) {
				t.Errorf("no %q ... %q in:\n%s", want, c.want, strings.Join(found, "\n"))
			}
		})
	}
}

// checkProblems returns the problems that Check finds, as text.
func checkProblems(t *testing.T, f textFS) (out []string) {
	t.Helper()
	p, err := access.Load(f, theModel)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := policycheck.Check(p, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

// TestLaterLineIsShadowed checks that the later of two equal lines is reported. A line that another line covers only in
// part is not reported.
func TestLaterLineIsShadowed(t *testing.T) {
	f := projectFiles(t)
	line := "p, donor, Resource, read, published, C0, -, allow\n"
	f["roles.csv"] += line + "p, donor, Resource, read+export, published, C0, -, allow\n"
	first := lineNumber(t, f, "roles.csv", line[:20])
	found := slices.DeleteFunc(checkProblems(t, f), func(p string) bool { return !strings.Contains(p, "already") })
	n := strings.Count(f["roles.csv"], "\n")
	want := []string{fmt.Sprintf("line %d: line %d says", first, n), fmt.Sprintf("line %d: line %d says", n-1, first)}
	for i, w := range want {
		if len(found) != len(want) || !strings.Contains(found[i], w) {
			t.Fatalf("found %q, want %q", found, want)
		}
	}
}

// TestRoleWithoutStory checks that a role without stories is reported once, even if stories of other roles exist.
func TestRoleWithoutStory(t *testing.T) {
	f := projectFiles(t)
	delete(f, "cases/oversight.yaml")
	found := checkProblems(t, f)
	var want []string
	for _, role := range []string{"data_protection_officer", "auditor"} {
		want = append(want, fmt.Sprintf("policies/roles.csv line %d: the role %s has no story in cases/*.yaml",
			lineNumber(t, f, "roles.csv", "p, "+role), role))
	}
	if !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
}

// TestBrokenStoryNamesLine checks that the error for a malformed file of stories names the line.
func TestBrokenStoryNamesLine(t *testing.T) {
	broken := map[string]string{
		"- story: one\n  rule: donor\n":      "line 2: field rule not found",
		"- story: one\n  role: [\n":          "line",
		"- story: one\n  role: {a: b}\n":     "line 2: cannot unmarshal",
		"story: one\n":                       "line 1: cannot unmarshal",
		"- story: one\n  story: two\n":       "line 2: mapping key",
		"- story: one\n  may: nothing\n":     "line 2: cannot unmarshal",
		"- story: one\n  may:\n    - read\n": "line 3: cannot unmarshal",
	}
	for _, text := range slices.Sorted(maps.Keys(broken)) {
		f := projectFiles(t)
		f["cases/broken.yaml"] = text
		p, err := access.Load(f, theModel)
		if err != nil {
			t.Fatal(err)
		}
		want := "policies/cases/broken.yaml " + broken[text]
		if _, err := policycheck.Check(p, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %s", text, err, want)
		}
	}
}
